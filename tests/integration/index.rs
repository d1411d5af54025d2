//! `samewire stream --index`, `index`, `query` and `group --against`, on real processes.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::corpus::{BEES, BRIDGE, Corpus, STORM};
use crate::stream::{LONG, Running, planted, record};

/// A folder with an index `known` of three stories.
fn three() -> Corpus {
    let folder = Corpus::empty();
    let input = [
        record("a", BRIDGE),
        record("b", STORM),
        record("c", &format!("{BRIDGE} loudly")),
    ]
    .concat();
    let ran = folder.feed("stream --index known --seed 1", input.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.err, "samewire: made a new index in known\n");
    folder
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|l| l["id"].as_str().unwrap()).collect()
}

#[test]
fn tomorrows_run_knows_yesterdays_stories() {
    let folder = three();
    let ran = folder.feed(
        "stream --index known --seed 1",
        record("d", STORM).as_bytes(),
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let verdict = &ran.lines()[0]["samewire"];
    assert_eq!(
        (&verdict["relation"], &verdict["of"]),
        (&"exact".into(), &"b".into())
    );
    // The seed need not be told again.
    let again = folder.feed("stream --index known", record("d", STORM).as_bytes());
    assert_eq!(again.code, 0);
    let verdict = &again.lines()[0]["samewire"];
    assert_eq!(
        (&verdict["relation"], &verdict["of"]),
        (&"exact".into(), &"d".into())
    );
}

#[test]
fn runs_over_parts_are_one_run_over_all() {
    let folder = Corpus::empty();
    let input = planted(150, 60);
    let whole = folder.feed("stream --index whole --seed 0", input.as_bytes());
    let lines: Vec<&str> = input.split_inclusive('\n').collect();
    let mut parts = String::new();
    for some in lines.chunks(lines.len() / 3) {
        let ran = folder.feed("stream --index parts --seed 0", some.concat().as_bytes());
        assert_eq!(ran.code, 0, "{}", ran.err);
        parts += &ran.out;
    }
    assert!(parts == whole.out);
    let without = folder.feed("stream --seed 0", input.as_bytes());
    assert!(without.out == whole.out, "an index changes no answer");
    // What it exports is what the batch says, though of equal words another copy may speak.
    folder.write("in.jsonl", input.as_bytes());
    let groups = |lines: Vec<Value>| -> BTreeSet<(String, BTreeSet<String>)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let members = |line: &Value| {
            let members = line["members"].as_array().unwrap().iter();
            members.map(|m| text(&m["id"])).collect()
        };
        let group = |line: &Value| (text(&line["group"]), members(line));
        lines.iter().map(group).collect()
    };
    let batch = folder.run("group in.jsonl --seed 0 --links links.jsonl");
    let expected = groups(batch.lines());
    assert!(expected.len() > 50);
    assert_eq!(groups(folder.run("index export parts").lines()), expected);
    let links = folder.run("index export parts --links").lines();
    assert_eq!(links.len(), folder.read("links.jsonl").lines().count());
    assert!(links.iter().all(|l| l["why"]["rule"].is_string()));
}

#[test]
fn stories_are_exported_in_a_form_that_is_read_again() {
    let folder = three();
    let ran = folder.run("index export known --stories");
    assert_eq!(ids(&ran.lines()), ["a", "b", "c"]);
    assert_eq!(ran.lines()[2]["samewire"]["relation"], "near");
    let again = folder.feed("stream --seed 1 --field again", ran.out.as_bytes());
    for line in again.lines() {
        assert_eq!(line["again"], line["samewire"]);
    }
    folder.run("index export known --stories -o out.jsonl");
    assert_eq!(folder.read("out.jsonl"), ran.out);
}

#[test]
fn a_query_stores_nothing() {
    let folder = three();
    let before = folder.run("index export known --stories").out;
    let input = [
        record("x", STORM),
        record("y", STORM),
        record("z", BEES),
        record("a", BRIDGE),
    ]
    .concat();
    let ran = folder.feed("query --index known - --exit-code", input.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let lines = ran.lines();
    assert_eq!(ids(&lines), ["x", "y", "z", "a"]);
    let told: Vec<&Value> = lines.iter().map(|l| &l["relation"]).collect();
    assert_eq!(
        told,
        ["exact", "exact", "new", "exact"],
        "not compared with one another"
    );
    assert_eq!(
        (&lines[1]["of"], &lines[3]["of"]),
        (&"b".into(), &"a".into())
    );
    assert_eq!(folder.run("index export known --stories").out, before);
    folder.write("bad.jsonl", b"nonsense\n");
    let ran = folder.run("query --index known bad.jsonl");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("bad.jsonl:1:"), "{}", ran.err);
}

/// More stories than are made ready at a time, and more than are unpacked at a time.
#[test]
fn an_index_answers_many_in_their_order_for_any_number_of_threads() {
    let folder = Corpus::empty();
    let feed = planted(1_000, 40);
    let known: Vec<&str> = feed.split_inclusive('\n').step_by(2).collect();
    folder.feed(
        "stream --index known --seed 1 -q",
        known.concat().as_bytes(),
    );
    folder.write("all.jsonl", feed.as_bytes());
    let asked: Vec<Value> = feed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(asked.len() > 2_048, "{}", asked.len());
    let run = |args: &str, threads: usize| {
        let ran = folder.run(&format!("{args} --threads {threads}"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        ran
    };
    let query = run("query --index known all.jsonl", 1);
    let against = run("group all.jsonl --against known", 1);
    assert_eq!(ids(&query.lines()), ids(&asked));
    // What the index knows is a repeat of itself.
    let exact = query
        .lines()
        .iter()
        .filter(|l| l["relation"] == "exact")
        .count();
    assert!(exact >= known.len(), "{exact}");
    assert!(!against.lines().is_empty());
    for threads in 2..=3 {
        assert_eq!(run("query --index known all.jsonl", threads).out, query.out);
        let grouped = run("group all.jsonl --against known", threads);
        assert_eq!(grouped.out, against.out);
    }
}

#[test]
fn an_archive_is_compared_with_and_not_changed() {
    let folder = three();
    let before = folder.run("index export known --stories").out;
    let input = [
        record("x", STORM),
        record("y", BEES),
        record("z", BEES),
        record("w", "nothing like it"),
    ]
    .concat();
    folder.write("today.jsonl", input.as_bytes());
    let ran = folder.run("group today.jsonl --against known");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines = ran.lines();
    let members = |line: &Value| -> Vec<(String, String, Value)> {
        line["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| {
                let text = |name: &str| m[name].as_str().unwrap().to_owned();
                (text("id"), text("path"), m["line"].clone())
            })
            .collect()
    };
    assert_eq!(
        lines.len(),
        2,
        "a and c, which repeat each other, are not of today: {}",
        ran.out
    );
    assert_eq!(
        members(&lines[0]),
        [
            ("b".into(), "known".into(), Value::Null),
            ("x".into(), "today.jsonl".into(), 1.into())
        ]
    );
    assert_eq!(lines[1]["representative"], "y");
    let all = folder
        .run("group today.jsonl --against known --all")
        .lines();
    assert_eq!(all.len(), 3);
    assert_eq!(all[2]["representative"], "w");
    assert_eq!(folder.run("index export known --stories").out, before);
    // A group of the index is shown whole, its exact copies too.
    folder.feed("stream --index known", record("copy", STORM).as_bytes());
    let lines = folder.run("group today.jsonl --against known").lines();
    assert_eq!(lines[0]["size"], 3);
}

#[test]
fn the_last_run_can_be_taken_back() {
    let folder = three();
    let before = folder.run("index export known").out;
    folder.feed("stream --index known", record("d", STORM).as_bytes());
    // A run that adds nothing is none.
    folder.feed("stream --index known", record("d", STORM).as_bytes());
    let log = folder.run("index log known --json").lines();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (&log[0]["stories"], &log[1]["stories"]),
        (&3.into(), &1.into())
    );
    assert_eq!(folder.run("index log known").out.lines().count(), 2);
    let ran = folder.run("index undo known");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "samewire: took session 2 back: 1 story\n")
    );
    assert_eq!(folder.run("index export known").out, before);
    assert_eq!(folder.run("index undo known").code, 0);
    let ran = folder.run("index undo known");
    assert!(ran.err.contains("nothing to take back"), "{}", ran.err);
    let stats = folder.run("index stats known --json").lines();
    assert_eq!(stats[0]["stories"], 0);
    let ran = folder.feed("stream --index known", record("e", STORM).as_bytes());
    assert_eq!(ran.lines()[0]["samewire"]["relation"], "new");
}

#[test]
fn stats_tell_what_is_in_it() {
    let folder = three();
    let ran = folder.run("index stats known");
    for part in [
        "stories",
        "opened in",
        "bytes a story",
        "--threshold",
        "--seed",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let stats = &folder.run("index stats known --json").lines()[0];
    assert_eq!(
        (&stats["stories"], &stats["links"], &stats["groups"]),
        (&3.into(), &1.into(), &2.into())
    );
    assert_eq!(stats["settings"]["seed"], "1");
}

#[test]
fn an_empty_index_has_no_bytes_a_story() {
    let folder = Corpus::empty();
    folder.run("index init known");
    let ran = folder.run("index stats known");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains(" in memory\n") && !ran.out.contains("a story"),
        "{}",
        ran.out
    );
    let stats = &folder.run("index stats known --json").lines()[0];
    assert!(stats["lookup_bytes_a_story"].is_null(), "{stats}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_cause_is_told_once() {
    let folder = Corpus::empty();
    let ran = folder.run("index init /proc/known");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(ran.err.matches("os error").count(), 1, "{}", ran.err);
}

#[test]
fn what_is_no_index_is_told() {
    let folder = three();
    folder.write("full/file", b"x");
    for (args, code, part) in [
        ("query --index nowhere in", 10, "samewire index init"),
        ("query --index full in", 10, "is no index"),
        ("index stats nowhere", 10, "there is no index"),
        ("group full --against nowhere", 10, "there is no index"),
        ("stream --index full", 10, "is no index"),
        ("index init full", 10, "not an empty directory"),
        ("index init known", 10, "is an index already"),
        (
            "stream --index known --threshold 0.7",
            12,
            "--threshold 0.8, not 0.7",
        ),
        ("stream --index known --seed 2", 12, "--seed 1, not 2"),
        (
            "stream --index known --window 2h",
            12,
            "--window none, not 7200s",
        ),
        (
            "group full --against known --match near",
            12,
            "--match all, not near",
        ),
        ("index init other --threshold 7", 2, "--threshold"),
        ("query in", 2, "--index"),
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, code, "{args}: {}", ran.err);
        assert!(ran.err.contains(part), "{args}: {}", ran.err);
        assert!(ran.out.is_empty(), "{args}");
    }
    assert!(!folder.at("nowhere").exists() && !folder.at("other").exists());
    // An index takes what it was made with.
    let ran = folder.run("index init narrow --match near --window 2h --threshold 0.6");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = folder.feed(
        "stream --index narrow --match near --window 2h --threshold 0.6",
        record("a", BEES).as_bytes(),
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn an_index_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = three();
    let mode = |name: &str| fs::metadata(folder.at(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("known"), 0o700);
    folder.run("index compact known");
    for name in folder.names("known") {
        assert_eq!(mode(&format!("known/{name}")), 0o600, "{name}");
    }
}

#[test]
fn there_is_one_writer_and_readers_do_not_mind() {
    let folder = three();
    let known = folder.at("known");
    let mut running = Running::start(&format!("--index {} --seed 1", known.display()));
    let answers = running.answers();
    running.send(&record("d", BEES));
    assert!(answers.recv_timeout(LONG).unwrap().contains("\"new\""));
    for args in [
        "stream --index known --seed 1",
        "index compact known",
        "index undo known",
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 11, "{args}: {}", ran.err);
        assert!(ran.err.contains("in use"), "{}", ran.err);
    }
    // What pauses is committed, and then everybody can see it.
    let mut told = String::new();
    for _ in 0..200 {
        told = folder
            .feed("query --index known -", record("e", BEES).as_bytes())
            .out;
        if told.contains("exact") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(told.contains("\"of\":\"d\""), "{told}");
    assert_eq!(folder.run("index check known").code, 0);
    // The lock dies with its process, however that ends.
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let ran = folder.feed(
        "stream --index known --seed 1",
        record("f", BEES).as_bytes(),
    );
    assert_eq!(ran.lines()[0]["samewire"]["of"], "d");
}

/// Puts other bytes in the middle of a file.
fn damage(folder: &Corpus, name: &str, from: usize, count: usize) {
    let path = folder.at(name);
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() >= from + count, "{} bytes", bytes.len());
    for byte in &mut bytes[from..from + count] {
        *byte = !*byte;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_look_up_file_is_made_anew() {
    let folder = Corpus::empty();
    let input = planted(300, 40);
    let first = folder.feed("stream --index known --seed 1 --quiet", input.as_bytes());
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(folder.at("known/lookup.bin").exists());
    let second = folder.feed("stream --index known --seed 1", input.as_bytes());
    assert!(second.out != first.out, "who comes again repeats itself");
    for from in [0, 8, 100, 5_000] {
        damage(&folder, "known/lookup.bin", from, 1);
        let ran = folder.run("index check known");
        assert_eq!(ran.code, 13, "{}", ran.err);
        assert!(ran.err.contains("index compact"), "{}", ran.err);
        let ran = folder.feed("stream --index known --seed 1", input.as_bytes());
        assert!(ran.code == 0 && ran.out == second.out);
        assert!(ran.err.contains("made anew"), "{}", ran.err);
        assert_eq!(folder.run("index compact known").code, 0);
        assert_eq!(folder.run("index check known").code, 0);
    }
    fs::remove_file(folder.at("known/lookup.bin")).unwrap();
    let ran = folder.feed("stream --index known --seed 1", input.as_bytes());
    assert!(ran.code == 0 && ran.out == second.out);
}

#[test]
fn a_damaged_database_is_told() {
    let folder = Corpus::empty();
    let input = planted(200, 60);
    folder.feed("stream --index known --seed 1", input.as_bytes());
    folder.run("index compact known");
    let whole = fs::read(folder.at("known/index.sqlite")).unwrap();
    let mut seen = 0;
    for page in 1..whole.len() / 8_192 {
        damage(&folder, "known/index.sqlite", page * 8_192, 64);
        let ran = folder.run("index check known");
        assert!(
            matches!(ran.code, 0 | 13),
            "page {page}: {} {}",
            ran.code,
            ran.err
        );
        seen += usize::from(ran.code == 13);
        fs::write(folder.at("known/index.sqlite"), &whole).unwrap();
    }
    // A page that is free may hold anything.
    assert!(
        seen + 3 >= whole.len() / 8_192,
        "{seen} of {}",
        whole.len() / 8_192
    );
    damage(&folder, "known/index.sqlite", 0, 64);
    for args in [
        "index check known",
        "index stats known",
        "stream --index known",
        "query --index known -",
    ] {
        let ran = folder.feed(args, record("a", BEES).as_bytes());
        assert_eq!(ran.code, 13, "{args}: {}", ran.err);
        assert!(
            ran.err.contains("damaged") && ran.err.contains("anew"),
            "{args}: {}",
            ran.err
        );
    }
    // Half a database.
    fs::write(folder.at("known/index.sqlite"), &whole[..whole.len() / 2]).unwrap();
    let _ = fs::remove_file(folder.at("known/lookup.bin"));
    for args in ["index check known", "stream --index known --seed 1"] {
        let ran = folder.feed(args, input.as_bytes());
        assert_eq!(ran.code, 13, "{args}: {}", ran.err);
    }
}

#[test]
fn another_version_is_told() {
    let folder = three();
    let path = folder.at("known/index.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    // The user version of a SQLite file.
    assert_eq!(bytes[60..64], 2_u32.to_be_bytes());
    bytes[60..64].copy_from_slice(&9_u32.to_be_bytes());
    fs::write(path, bytes).unwrap();
    let ran = folder.run("index stats known");
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(ran.err.contains("format version 9, not 2"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = three();
    let known = folder.at("known");
    let set = |mode| fs::set_permissions(&known, fs::Permissions::from_mode(mode)).unwrap();
    set(0o500);
    if fs::write(known.join("probe"), b"x").is_ok() {
        println!("skipped: whoever runs this can write to any directory");
        set(0o700);
        return;
    }
    let ran = folder.feed("query --index known -", record("x", STORM).as_bytes());
    let refused = folder.feed(
        "stream --index known --seed 1",
        record("x", STORM).as_bytes(),
    );
    let inside = folder.feed("stream --index known/inside", record("x", STORM).as_bytes());
    set(0o700);
    assert_eq!(ran.lines()[0]["relation"], "exact", "{}", ran.err);
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (2, ""),
        "{}",
        refused.err
    );
    assert_eq!(
        (inside.code, inside.out.as_str()),
        (2, ""),
        "{}",
        inside.err
    );
    assert!(inside.err.contains("can be written"), "{}", inside.err);
}

/// Runs `samewire` as a user who is not root and not the owner of the folder; none where that cannot be.
#[cfg(unix)]
fn as_nobody(folder: &Corpus, args: &str, input: &[u8]) -> Option<crate::corpus::Ran> {
    let drop = "--reuid=65534 --regid=65534 --clear-groups";
    let nobody = |what: &str| {
        let mut command = assert_cmd::Command::new("setpriv");
        command
            .current_dir(folder.at(""))
            .args(drop.split_whitespace())
            .arg(env!("CARGO_BIN_EXE_samewire"))
            .args(what.split_whitespace());
        command
    };
    if nobody("--version").ok().is_err() {
        println!("skipped: this user cannot become another, or that one cannot run samewire");
        return None;
    }
    let output = nobody(args).write_stdin(input).output().unwrap();
    Some(crate::corpus::Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    })
}

#[cfg(unix)]
fn set_mode(folder: &Corpus, name: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder.at(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn another_user_is_told_that_an_index_is_private() {
    let folder = three();
    set_mode(&folder, "", 0o755);
    let story = record("x", STORM);
    // The directory is its owner's alone, then only what is in it.
    for mode in [0o700, 0o755] {
        set_mode(&folder, "known", mode);
        for args in [
            "query --index known -",
            "index stats known",
            "index check known",
            "stream --index known --seed 1",
            "group - --against known",
        ] {
            let Some(ran) = as_nobody(&folder, args, story.as_bytes()) else {
                return;
            };
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
            for part in ["known", "Permission denied", "owner"] {
                assert!(ran.err.contains(part), "{mode:o} {args}: {}", ran.err);
            }
            let told = ran.err.matches("Permission denied").count();
            assert_eq!(told, 1, "{mode:o} {args}: {}", ran.err);
        }
    }
}

#[cfg(unix)]
#[test]
fn another_user_reads_what_is_shared_with_him() {
    let folder = three();
    set_mode(&folder, "", 0o755);
    set_mode(&folder, "known", 0o755);
    for name in folder.names("known") {
        set_mode(&folder, &format!("known/{name}"), 0o644);
    }
    let before = folder.names("known");
    let story = record("x", STORM);
    let Some(ran) = as_nobody(&folder, "query --index known -", story.as_bytes()) else {
        return;
    };
    assert_eq!(ran.lines()[0]["of"], "b", "{}", ran.err);
    let ran = as_nobody(&folder, "index stats known --json", b"").unwrap();
    assert_eq!(ran.lines()[0]["stories"], 3, "{}", ran.err);
    assert_eq!(folder.names("known"), before);
    let ran = as_nobody(&folder, "stream --index known --seed 1", story.as_bytes()).unwrap();
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("known/lock"), "{}", ran.err);
    // What a killed run left beside the database belongs to the index.
    let mut running = Running::start(&format!(
        "--index {} --seed 1",
        folder.at("known").display()
    ));
    let answers = running.answers();
    running.send(&record("d", BEES));
    assert!(answers.recv_timeout(LONG).unwrap().contains("\"new\""));
    for _ in 0..200 {
        let ran = folder.feed("query --index known -", record("y", BEES).as_bytes());
        if ran.lines()[0]["of"] == "d" {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let ran = as_nobody(
        &folder,
        "query --index known -",
        record("y", BEES).as_bytes(),
    )
    .unwrap();
    let told = ran.code == 2 && ran.err.contains("index.sqlite-wal");
    let seen = ran.code == 0 && ran.lines()[0]["of"] == "d";
    assert!(told || seen, "{} {} {}", ran.code, ran.out, ran.err);
}

#[test]
fn readers_leave_nothing_beside_the_index() {
    let folder = three();
    let before = folder.names("known");
    let bytes = fs::read(folder.at("known/index.sqlite")).unwrap();
    for args in [
        "query --index known -",
        "group - --against known",
        "index stats known",
        "index check known",
        "index export known",
        "index log known",
    ] {
        let ran = folder.feed(args, record("x", STORM).as_bytes());
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
        assert_eq!(folder.names("known"), before, "{args}");
    }
    assert!(fs::read(folder.at("known/index.sqlite")).unwrap() == bytes);
}
