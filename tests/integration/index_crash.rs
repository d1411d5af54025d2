//! What is killed, or finds the disk full, loses nothing that was answered: fed again, it answers as if nothing had been.
//!
//! `SAMEWIRE_KILLS=1000 cargo test index_crash` kills more often than a test has time for.

#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::corpus::Corpus;
use crate::stream::{Running, planted};
use crate::synthetic::Dice;

/// Feeds it all, and kills it after a while, unless that is none. What was written, and whether it came to the end.
fn feed(known: &str, input: &str, kill_after: Option<Duration>) -> (Vec<u8>, bool) {
    let mut running = Running::start(&format!("--index {known} --seed 5 --quiet"));
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = running.stdout.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let reader = thread::spawn(move || {
        let mut out = Vec::new();
        stdout.read_to_end(&mut out).unwrap();
        out
    });
    let mut killed = false;
    if let Some(time) = kill_after {
        thread::sleep(time);
        killed = running.child.try_wait().unwrap().is_none();
        running.child.kill().unwrap();
    }
    let out = reader.join().unwrap();
    writer.join().unwrap();
    let (code, err) = running.end();
    assert!(killed || code == 0, "{code}: {err}");
    (out, !killed)
}

#[test]
fn killed_at_any_moment_and_fed_again() {
    let kills = std::env::var("SAMEWIRE_KILLS").map_or(20, |n| n.parse().unwrap());
    let folder = Corpus::empty();
    let input = planted(900, 40);
    let known = |name: &str| folder.at(name).display().to_string();
    let (expected, _) = feed(&known("whole"), &input, None);
    assert_eq!(
        expected.split_inclusive(|&b| b == b'\n').count(),
        input.lines().count()
    );
    let mut dice = Dice::new(std::process::id().into());
    let (mut killed, mut rounds, mut longest) = (0, 0, 0);
    while killed < kills {
        let name = format!("round-{rounds}");
        rounds += 1;
        loop {
            // On a slow machine it takes longer until there is an answer.
            let slow = if longest == 0 { killed * 50_000 } else { 0 };
            let time = Duration::from_micros(1_000 + dice.below(150_000 + slow) as u64);
            let (out, whole) = feed(&known(&name), &input, Some(time));
            assert!(
                expected.starts_with(&out),
                "round {rounds}, after {killed} kills"
            );
            killed += usize::from(!whole);
            longest = longest.max(if whole { 0 } else { out.len() });
            if whole || out.len() == expected.len() {
                assert!(out == expected, "round {rounds}");
                if !whole {
                    // The kill came when all was written, and perhaps not yet stored.
                    feed(&known(&name), &input, None);
                }
                break;
            }
            if killed >= kills {
                let (out, _) = feed(&known(&name), &input, None);
                assert!(out == expected, "round {rounds}");
                break;
            }
        }
        let checked = folder.run(&format!("index check {name}"));
        assert_eq!(checked.code, 0, "{}", checked.err);
        let (whole, own) = ("index export whole", format!("index export {name}"));
        let paths = |text: String| text.replace(&name, "whole");
        assert!(paths(folder.run(&own).out) == folder.run(whole).out);
        std::fs::remove_dir_all(folder.at(&name)).unwrap();
    }
    println!(
        "{killed} kills in {rounds} rounds, after up to {longest} of {} bytes",
        expected.len()
    );
    assert!(longest > 0, "no kill came while it answered");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = Corpus::empty();
    let input = planted(900, 60);
    let known = folder.at("known").display().to_string();
    let (expected, _) = feed(&folder.at("whole").display().to_string(), &input, None);
    // No file may grow beyond so many blocks of 512 or 1,024 bytes; asked to go on, the system refuses as on a full disk.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 300; exec {} stream --index {known} --seed 5 --quiet",
        env!("CARGO_BIN_EXE_samewire")
    );
    let mut child = Command::new("sh")
        .args(["-c", &limited])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let fed = input.clone();
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(fed.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(
        err.contains("index.sqlite") && err.contains("safe"),
        "{err}"
    );
    assert!(expected.starts_with(&output.stdout) && !output.stdout.is_empty());
    // With room again all is answered as it was.
    let (out, _) = feed(&known, &input, None);
    assert!(out == expected);
    assert_eq!(folder.run("index check known").code, 0);
}

#[test]
fn a_request_to_stop_leaves_all_that_was_answered() {
    let folder = Corpus::empty();
    let input = planted(900, 40);
    let known = folder.at("known").display().to_string();
    let mut running = Running::start(&format!("--index {known} --seed 5 --quiet"));
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = running.stdout.take().unwrap();
    let fed = input.clone();
    let writer = thread::spawn(move || {
        let _ = stdin.write_all(fed.as_bytes());
        // It must not end for want of input.
        stdin
    });
    let mut out = vec![0; 1];
    stdout.read_exact(&mut out).unwrap();
    running.signal("-TERM");
    stdout.read_to_end(&mut out).unwrap();
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    drop(writer.join().unwrap());
    let answered = out.split_inclusive(|&b| b == b'\n').count();
    let stats = &folder.run("index stats known --json").lines()[0];
    assert_eq!(stats["stories"], answered);
    assert_eq!(folder.run("index check known").code, 0);
}

/// As root in a file system of its own, gone with the processes that see it.
#[test]
fn a_small_disk_that_fills_up_is_told_and_loses_nothing() {
    let folder = Corpus::empty();
    let input = planted(5_000, 60);
    folder.write("in.jsonl", input.as_bytes());
    let (expected, _) = feed(&folder.at("whole").display().to_string(), &input, None);
    std::fs::create_dir(folder.at("disk")).unwrap();
    let script = "mount -t tmpfs -o size=3m tmpfs disk || exit 99
        \"$0\" stream --index disk/known --seed 5 --quiet < in.jsonl > first.out 2> first.err
        echo $? > first.code
        mount -o remount,size=64m disk || exit 99
        \"$0\" index check disk/known > check.out 2>&1
        echo $? > check.code
        \"$0\" index stats disk/known --json > stats.json
        \"$0\" stream --index disk/known --seed 5 --quiet < in.jsonl > second.out";
    let ran = Command::new("unshare")
        .args([
            "--mount",
            "sh",
            "-c",
            script,
            env!("CARGO_BIN_EXE_samewire"),
        ])
        .current_dir(folder.at(""))
        .output();
    if !ran.as_ref().is_ok_and(|r| r.status.success()) {
        println!("skipped: a small file system cannot be mounted here: {ran:?}");
        return;
    }
    let err = folder.read("first.err");
    assert_eq!(folder.read("first.code"), "2\n", "{err}");
    for part in ["disk/known/index.sqlite", "full", "free some space", "safe"] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let first = folder.read("first.out");
    assert!(expected.starts_with(first.as_bytes()) && !first.is_empty());
    // What is in the index was answered, and with room again all is answered as it was.
    assert_eq!(
        folder.read("check.code"),
        "0\n",
        "{}",
        folder.read("check.out")
    );
    let stats: serde_json::Value = serde_json::from_str(&folder.read("stats.json")).unwrap();
    assert!(stats["stories"].as_u64().unwrap() <= first.lines().count() as u64);
    assert!(stats["stories"].as_u64().unwrap() > 0);
    assert!(folder.read("second.out").as_bytes() == expected);
}

/// Every place that output goes to is named where the disk is full.
#[cfg(target_os = "linux")]
#[test]
fn output_on_a_full_disk_names_its_file() {
    let folder = Corpus::new(false);
    folder.write("pairs.tsv", b"a\tb\tsame\na-1\ta-2\t1\n");
    let known = "stream --index known --seed 1 --quiet";
    let story = crate::stream::record("x", crate::corpus::BRIDGE);
    folder.feed(known, story.as_bytes());
    for args in [
        "group in -o /dev/full",
        "group in --json --links /dev/full",
        "dedup in -o /dev/full",
        "passages in -o /dev/full",
        "report in -o /dev/full",
        "index export known --all -o /dev/full",
        "eval pairs.tsv in --plot /dev/full",
        "tune in --plot /dev/full",
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        for part in ["/dev/full: writing", "free some space"] {
            assert!(ran.err.contains(part), "{args}: {}", ran.err);
        }
        assert_eq!(
            ran.err.matches("/dev/full").count(),
            1,
            "{args}: {}",
            ran.err
        );
    }
    for args in [
        "group in --json",
        "dedup in --dry-run",
        "dedup in -o -",
        "passages in --json",
        "compare a-1 a-2 --in in",
        "index export known --all",
        "index log known",
        "index stats known",
        "query --index known in",
        "eval pairs.tsv in",
        "tune in",
        "schema",
        "man",
        "completions bash",
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_samewire"))
            .args(args.split(' '))
            .current_dir(folder.at(""))
            .stdout(
                std::fs::File::options()
                    .write(true)
                    .open("/dev/full")
                    .unwrap(),
            )
            .output()
            .unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{args}: {err}");
        assert!(err.contains("standard output: writing"), "{args}: {err}");
    }
}
