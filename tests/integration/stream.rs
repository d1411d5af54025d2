//! The contract of `samewire stream`, on real processes with real pipes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::corpus::{BEES, BRIDGE, Corpus, STORM, shared_data};
use crate::synthetic::{Plan, jsonl};

/// Longer than anything here takes on the slowest machine.
pub const LONG: Duration = Duration::from_secs(30);

/// Runs to the end of the input.
pub fn stream(args: &str, input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut running = Running::start(args);
    let (mut stdin, mut stdout) = (
        running.stdin.take().unwrap(),
        running.stdout.take().unwrap(),
    );
    let input = input.to_vec();
    let writer = thread::spawn(move || {
        // A program that has had enough closes the pipe.
        let _ = stdin.write_all(&input);
    });
    let mut out = Vec::new();
    stdout.read_to_end(&mut out).unwrap();
    writer.join().unwrap();
    let (code, err) = running.end();
    (code, out, err)
}

pub fn lines(bytes: &[u8]) -> Vec<Value> {
    bytes
        .split(|&b| b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect()
}

pub fn record(id: &str, text: &str) -> String {
    serde_json::json!({"id": id, "text": text}).to_string() + "\n"
}

/// Takes the member out again.
fn cut(line: &[u8]) -> Vec<u8> {
    let at = memchr::memmem::rfind(line, b",\"samewire\":{").unwrap();
    let end = memchr::memrchr(b'}', line).unwrap();
    [&line[..at], &line[end..]].concat()
}

/// A process that is fed bit by bit.
pub struct Running {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    pub stdout: Option<ChildStdout>,
}

impl Running {
    pub fn start(args: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_samewire"))
            .arg("stream")
            .args(args.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            child,
        }
    }

    /// The lines that come, from a thread of its own.
    pub fn answers(&mut self) -> mpsc::Receiver<String> {
        let (sender, answers) = mpsc::channel();
        let out = BufReader::new(self.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        answers
    }

    pub fn send(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Waits for the end; the exit code and what was said.
    pub fn end(mut self) -> (i32, String) {
        drop(self.stdin.take());
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (self.child.wait().unwrap().code().unwrap_or(-1), err)
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

pub fn planted(families: usize, words: usize) -> String {
    let stories = Plan {
        seed: 11,
        families,
        words,
        edits: 6,
        captions: true,
    }
    .make()
    .stories;
    jsonl(&stories)
}

#[test]
fn cutting_the_member_out_restores_every_byte() {
    let odd = [
        format!("  {{ \"id\" : 7 ,\t\"text\":\"{BRIDGE}\" }} \r\n"),
        format!("{{\"id\":\"x\",\"id\":\"y\",\"text\":\"{STORM}\",\"n\":1e400,\"m\":123456789012345678901234567890.10}}\n"),
        format!("{{\"text\":\"{BEES}\",\"é\":\"\\u00e9\\ud83d\\ude00 \\/ }}{{\",\"z\":{{\"a\":[1,{{}}]}}}}\t\n"),
        format!("\u{feff}{{\"text\":\"{BRIDGE}\",\"samewire\":{{\"v\":0}}}}\n"),
        format!("{{\"text\":\"half a character \\ud83d here\",\"a\":\"{STORM}\"}}\n"),
        format!("{{\"id\":\"last\",\"text\":\"{BRIDGE}\"}}"),
    ]
    .concat();
    let (code, out, err) = stream("", odd.as_bytes());
    assert_eq!((code, err.as_str()), (0, ""));
    let back: Vec<u8> = out.split_inclusive(|&b| b == b'\n').flat_map(cut).collect();
    assert_eq!(String::from_utf8(back).unwrap(), odd);
    // A blank line is no story, and stays where it is.
    let (_, out, _) = stream("", format!("\n{}\r\n", record("a", BEES)).as_bytes());
    assert!(out.starts_with(b"\n{") && out.ends_with(b"}\n\r\n"));
}

#[test]
fn accepted_documents_of_the_test_suite_come_back() {
    let Some(folder) = shared_data("hostile/JSONTestSuite") else {
        return;
    };
    let mut input = Vec::new();
    let mut folders = vec![folder];
    while let Some(path) = folders.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("y_") {
                let document = std::fs::read(&path).unwrap();
                if !document.contains(&b'\n') {
                    input.extend_from_slice(b"{\"text\":\"a b\",\"x\":");
                    input.extend_from_slice(&document);
                    input.extend_from_slice(b"}\n");
                }
            }
        }
    }
    assert!(input.len() > 1_000);
    let (code, out, err) = stream("", &input);
    assert_eq!(code, 0, "{err}");
    let back: Vec<u8> = out.split_inclusive(|&b| b == b'\n').flat_map(cut).collect();
    assert!(back == input);
}

#[test]
fn verdicts_say_what_batch_says() {
    let folder = Corpus::empty();
    let input = planted(150, 60);
    folder.write("in.jsonl", input.as_bytes());
    let expected = folder.run("group in.jsonl").lines();
    let (code, out, _) = stream("", input.as_bytes());
    assert_eq!(code, 0);
    let mut groups: std::collections::BTreeMap<String, Vec<String>> =
        std::collections::BTreeMap::default();
    for line in lines(&out) {
        let (id, verdict) = (line["id"].as_str().unwrap(), &line["samewire"]);
        assert_eq!(verdict["v"], 1);
        let mut note = |id: String, v: &Value| {
            for gone in v["merged"].as_array().into_iter().flatten() {
                let members = groups.remove(gone.as_str().unwrap()).unwrap();
                groups
                    .entry(v["group"].as_str().unwrap().into())
                    .or_default()
                    .extend(members);
            }
            groups
                .entry(v["group"].as_str().unwrap().into())
                .or_default()
                .push(id);
        };
        note(id.into(), verdict);
        for caption in verdict["captions"].as_array().into_iter().flatten() {
            note(format!("{id}#caption-{}", caption["caption"]), caption);
        }
    }
    groups.retain(|_, members| members.len() > 1);
    assert_eq!(groups.len(), expected.len());
    for group in expected {
        let mut told: Vec<&str> = group["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["id"].as_str().unwrap())
            .collect();
        let mut found = groups[group["group"].as_str().unwrap()].clone();
        told.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, told);
    }
}

#[test]
fn threads_change_no_byte() {
    let input = planted(400, 80);
    for options in ["", "--window 100h", "--emit events"] {
        let one = stream(&format!("{options} --threads 1"), input.as_bytes());
        assert_eq!(one.0, 0);
        assert!(one.1.len() > 1_000);
        for threads in [2, 5] {
            assert!(stream(&format!("{options} --threads {threads}"), input.as_bytes()) == one);
        }
    }
}

#[test]
fn unique_and_repeats_part_the_input() {
    let correction = format!("CORRECTED-{BRIDGE}");
    let input = [
        record("a", BRIDGE),
        record("b", STORM),
        record("c", BRIDGE),
        record("d", &correction),
    ]
    .concat();
    let (_, unique, _) = stream("--emit unique", input.as_bytes());
    let ids = |out: &[u8]| -> Vec<String> {
        lines(out)
            .iter()
            .map(|l| l["id"].as_str().unwrap().into())
            .collect()
    };
    assert_eq!(ids(&unique), ["a", "b", "d"]);
    assert!(
        unique.starts_with(record("a", BRIDGE).as_bytes()),
        "lines as they came"
    );
    let (_, repeats, _) = stream("--emit repeats", input.as_bytes());
    assert_eq!(ids(&repeats), ["c"]);
    assert_eq!(lines(&repeats)[0]["samewire"]["of"], "a");
    let (code, events, _) = stream("--emit events --exit-code", input.as_bytes());
    assert_eq!(code, 1);
    let events = lines(&events);
    assert_eq!(events[0]["event"], "repeat");
    assert_eq!(
        (&events[0]["id"], &events[0]["line"]),
        (&"c".into(), &3.into())
    );
}

#[test]
fn a_bad_line_ends_nothing() {
    let bad = "{\"id\":\"x\",\"text\":\n";
    let input = [&record("a", BRIDGE), bad, &record("b", BRIDGE)].concat();
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let (code, out, err) = stream(&format!("--reject {}", kept.display()), input.as_bytes());
    assert_eq!((code, lines(&out).len()), (3, 2));
    assert!(err.contains("-:2:") && err.contains("rejected: 1"), "{err}");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), bad);

    let (code, out, _) = stream("--on-error inline --field seen", input.as_bytes());
    let out = lines(&out);
    assert_eq!((code, out.len()), (3, 3));
    assert_eq!(out[1]["seen"]["line"], 2);
    assert!(out[1]["seen"]["error"].as_str().unwrap().contains("JSON"));
    assert_eq!(out[2]["seen"]["of"], "a");

    let (code, out, err) = stream("--on-error fail", input.as_bytes());
    assert_eq!((code, lines(&out).len()), (3, 1));
    assert!(err.contains("-:2:"), "{err}");
}

#[test]
fn fail_does_not_wait_for_more() {
    let mut running = Running::start("--on-error fail");
    running.send("nonsense\n");
    let stdin = running.stdin.take();
    let started = Instant::now();
    let (code, _) = running.end();
    assert_eq!(code, 3);
    assert!(started.elapsed() < LONG);
    drop(stdin);
}

#[test]
fn a_line_over_the_limit_is_passed_over() {
    let huge = record("huge", &"word ".repeat(200_000));
    let input = [&record("a", BRIDGE), &huge, &record("b", BRIDGE)[..]].concat();
    let (code, out, err) = stream("--max-record 64K --on-error inline", input.as_bytes());
    let out = lines(&out);
    assert_eq!((code, out.len()), (3, 3), "{err}");
    assert!(
        out[1]["samewire"]["error"]
            .as_str()
            .unwrap()
            .contains("65536")
    );
    assert_eq!(out[2]["samewire"]["relation"], "exact");
}

#[test]
fn each_line_is_answered_before_the_next_is_sent() {
    let mut running = Running::start("");
    let answers = running.answers();
    for i in 0..20 {
        running.send(&record(
            &format!("s-{i}"),
            if i % 2 == 0 { BRIDGE } else { STORM },
        ));
        let answer: Value = serde_json::from_str(&answers.recv_timeout(LONG).unwrap()).unwrap();
        assert_eq!(answer["id"], format!("s-{i}"));
        assert_eq!(
            answer["samewire"]["relation"],
            if i < 2 { "new" } else { "exact" }
        );
    }
    // Half a line is no line.
    running.send("{\"id\":");
    assert!(answers.recv_timeout(Duration::from_millis(50)).is_err());
    running.send(&format!("\"h\",\"text\":\"{BEES}\"}}\n"));
    assert!(answers.recv_timeout(LONG).unwrap().contains("\"h\""));
    assert_eq!(running.end(), (0, String::new()));
}

#[test]
fn a_story_that_comes_again_repeats_itself() {
    // One without a text is told to be the same record, though it is like no other.
    let input = [
        record("a", BRIDGE),
        record("b", BRIDGE),
        record("c", STORM),
        record("d", ""),
        record("e", ""),
    ]
    .concat();
    let (_, once, _) = stream("", input.as_bytes());
    let (_, twice, _) = stream("", (input.clone() + &input).as_bytes());
    assert!(twice.starts_with(&once));
    for line in &lines(&once)[3..] {
        assert_eq!(line["samewire"]["relation"], "new");
    }
    let groups: Vec<Value> = lines(&once)
        .iter()
        .map(|l| l["samewire"]["group"].clone())
        .collect();
    for (i, line) in lines(&twice)[5..].iter().enumerate() {
        let verdict = &line["samewire"];
        assert_eq!(
            (&verdict["relation"], &verdict["of"]),
            (&"exact".into(), &line["id"])
        );
        assert_eq!(verdict["group"], groups[i]);
    }
    let (_, unique, _) = stream("--emit unique", (input.clone() + &input).as_bytes());
    assert_eq!(
        String::from_utf8(unique).unwrap(),
        [
            record("a", BRIDGE),
            record("c", STORM),
            record("d", ""),
            record("e", "")
        ]
        .concat()
    );
}

#[test]
fn what_lies_outside_the_window_is_new() {
    let at = |id: &str, time: &str| {
        serde_json::json!({"id": id, "text": BRIDGE, "date": time}).to_string() + "\n"
    };
    let input = [
        at("a", "2031-03-03T08:00:00Z"),
        at("b", "2031-03-03T09:00:00Z"),
        at("odd", "2099-01-01T00:00:00Z"),
        at("c", "2031-03-03T09:30:00Z"),
        at("d", "2031-03-05T09:30:00Z"),
    ]
    .concat();
    let (code, out, err) = stream("--window 2h --verbose", input.as_bytes());
    let told: Vec<String> = lines(&out)
        .iter()
        .map(|l| l["samewire"]["relation"].as_str().unwrap().into())
        .collect();
    assert_eq!(
        (code, &told[..]),
        (
            0,
            &["new", "exact", "new", "exact", "new"].map(String::from)[..]
        )
    );
    assert!(
        err.contains("odd time: 1") || err.contains("odd time: 2"),
        "{err}"
    );
}

#[test]
fn plain_text_is_answered_before_a_tab() {
    let input = format!("{BRIDGE}\n{STORM}\n{BRIDGE}\n");
    let (code, out, _) = stream("--lines", input.as_bytes());
    let out = String::from_utf8(out).unwrap();
    let parted: Vec<(&str, &str)> = out.lines().map(|l| l.split_once('\t').unwrap()).collect();
    assert_eq!((code, parted.len()), (0, 3));
    let verdict: Value = serde_json::from_str(parted[2].0).unwrap();
    assert_eq!((&verdict["of"], parted[2].1), (&"-:1".into(), BRIDGE));
    let (_, out, _) = stream(
        "-0 --emit unique",
        format!("{BRIDGE}\n{STORM}\0{BEES}\0{BRIDGE}\n{STORM}\0").as_bytes(),
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!("{BRIDGE}\n{STORM}\0{BEES}\0")
    );
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let mut running = Running::start("");
    let mut stdin = running.stdin.take().unwrap();
    let input = planted(3_000, 40);
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()).is_err());
    let mut first = String::new();
    let mut out = BufReader::new(running.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    drop(out);
    assert!(first.starts_with('{'));
    assert_eq!(running.end(), (0, String::new()));
    writer.join().unwrap();
}

/// Resident memory of a process in bytes, where the system tells.
#[cfg(target_os = "linux")]
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    let kilobytes: String = line.chars().filter(char::is_ascii_digit).collect();
    kilobytes.parse::<u64>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_taken_in_while_nobody_reads() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let mut running = Running::start("");
    let mut stdin = running.stdin.take().unwrap();
    // Blank but for an id: nothing that the index would rightly hold.
    let line = format!(
        "{{\"id\":\"same\",\"text\":\"{BEES}\",\"pad\":\"{}\"}}\n",
        "x".repeat(8_000)
    );
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let before = resident(running.child.id());
    let writer = thread::spawn(move || {
        for _ in 0..200_000_000 / line.len() {
            if stdin.write_all(line.as_bytes()).is_err() {
                return;
            }
            counted.fetch_add(line.len(), Ordering::Relaxed);
        }
    });
    // Until it takes no more.
    let mut last = usize::MAX;
    while last != sent.load(Ordering::Relaxed) {
        last = sent.load(Ordering::Relaxed);
        thread::sleep(Duration::from_millis(500));
    }
    let grown = resident(running.child.id()).saturating_sub(before);
    println!("{last} bytes taken in, {grown} bytes of memory more");
    assert!(last > 1 << 20 && last < 40 << 20, "{last} bytes taken in");
    assert!(grown < 64 << 20, "{grown} bytes of memory");
    // It goes on when someone reads.
    let mut out = running.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut read = 0;
    while read < last {
        read += out.read(&mut buffer).unwrap();
    }
    drop(out);
    assert_eq!(running.end().0, 0);
    writer.join().unwrap();
}

#[cfg(unix)]
#[test]
fn a_request_to_stop_lets_it_answer_what_it_has() {
    for signal in ["-TERM", "-INT"] {
        let mut running = Running::start("");
        let answers = running.answers();
        for i in 0..50 {
            running.send(&record(&format!("s-{i}"), BRIDGE));
        }
        answers.recv_timeout(LONG).unwrap();
        running.signal(signal);
        let asked = Instant::now();
        let stdin = running.stdin.take();
        let code = running.child.wait().unwrap().code();
        assert_eq!(code, Some(0), "{signal}");
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
        let told: Vec<String> = answers.iter().collect();
        for line in &told {
            serde_json::from_str::<Value>(line).unwrap();
        }
        drop(stdin);
    }
}

#[cfg(unix)]
#[test]
fn it_stops_although_nobody_reads() {
    let mut running = Running::start("");
    let mut stdin = running.stdin.take().unwrap();
    let line = record("a", &format!("{BRIDGE} {}", "more words ".repeat(500)));
    let writer = thread::spawn(move || while stdin.write_all(line.as_bytes()).is_ok() {});
    thread::sleep(Duration::from_millis(700));
    running.signal("-TERM");
    let asked = Instant::now();
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    writer.join().unwrap();
}

#[test]
fn wrong_usage_is_refused() {
    for (args, message) in [
        ("--emit all", "annotate"),
        ("--on-error stop", "inline"),
        ("in.jsonl", "unexpected"),
        ("--window 3", "72h"),
        ("--reject .", "is a directory"),
    ] {
        let (code, out, err) = stream(args, b"");
        assert_eq!((code, out.len()), (2, 0), "{args}");
        assert!(err.contains(message), "{args}: {err}");
    }
    assert_eq!(stream("", b""), (0, Vec::new(), String::new()));
}
