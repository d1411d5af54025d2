//! `samewire review`: questions, answers, the file of decisions, and what `group`, `dedup` and `eval` make of it.

use std::fs;

use serde_json::Value;

use crate::corpus::{BEES, BRIDGE, Corpus, STORM, repository, samewire_in};

/// a-1, t.txt, a-2, z-1 tell one story and a-3, z-3 another; with groups and links of all.
fn reviewed() -> Corpus {
    let corpus = Corpus::new(false);
    let ran = corpus.run("group in --links links.jsonl -o groups.jsonl");
    assert_eq!(ran.code, 0, "{}", ran.err);
    corpus
}

fn decisions(corpus: &Corpus) -> Vec<String> {
    let text = corpus.read("decisions.tsv");
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("# decisions of `samewire review`")
    );
    assert_eq!(lines.next(), Some("a\tb\tsame"));
    lines.map(str::to_owned).collect()
}

/// Ids of the members of each group, sorted.
fn groups(out: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = out
        .lines()
        .map(|line| {
            let group: Value = serde_json::from_str(line).unwrap();
            let members = group["members"].as_array().unwrap().iter();
            let mut ids: Vec<String> = members
                .map(|m| m["id"].as_str().unwrap().to_owned())
                .collect();
            ids.sort();
            ids
        })
        .collect();
    groups.sort();
    groups
}

#[test]
fn answers_are_saved_resumed_and_taken_back() {
    let corpus = reviewed();
    // The weakest tie, of a-2, is asked first.
    let ran = corpus.feed("review groups.jsonl", b"n\ny\nu\ns\n?\nq\n");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("━━ 1 of 4: near 0.9"), "{}", ran.out);
    assert!(ran.out.contains("joined in g-"), "{}", ran.out);
    assert!(
        ran.out.contains("one and the same? [y n s f u q ?] no"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("s  skip: no decision"), "{}", ran.out);
    assert!(
        ran.out
            .contains("0 yes, 1 no, 3 left; decisions are in decisions.tsv"),
        "{}",
        ran.out
    );
    assert_eq!(decisions(&corpus), ["a-1\ta-2\t0"]);
    // What is decided is not asked again; the input may end at any time.
    let ran = corpus.feed("review groups.jsonl", b"Yes\ny\ny");
    assert!(!ran.out.contains("━━ 1 of 4"), "{}", ran.out);
    assert!(ran.out.contains("3 yes, 0 no, 0 left"), "{}", ran.out);
    assert_eq!(decisions(&corpus).len(), 4);
    let ran = corpus.feed("review groups.jsonl --exit-code", b"");
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("0 yes, 0 no, 0 left"), "{}", ran.out);
}

#[test]
fn decisions_are_constraints_and_labels() {
    let corpus = reviewed();
    corpus.write("decisions.tsv", b"a\tb\tsame\na-1\ta-2\t0\nz-2\ta-3\t1\n");
    let ran = corpus.run("group in --decisions decisions.tsv --links l.jsonl --json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        groups(&ran.out),
        [vec!["a-1", "in/t.txt", "z-1"], vec!["a-3", "z-2", "z-3"]]
    );
    let member = ran
        .lines()
        .iter()
        .flat_map(|g| g["members"].as_array().unwrap().clone())
        .find(|m| m["id"] == "z-2")
        .unwrap();
    assert_eq!(
        (&member["relation"], &member["decided"]),
        (&"decided".into(), &"same".into())
    );
    let link = |a: &str, b: &str| -> Value {
        let text = corpus.read("l.jsonl");
        let lines = text
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap());
        lines
            .into_iter()
            .find(|l| l["a"] == a && l["b"] == b)
            .unwrap()
    };
    assert_eq!(link("a-1", "a-2")["decided"], "different");
    assert_eq!(link("a-1", "a-2")["relation"], "near");
    let joined = link("a-3", "z-2");
    assert_eq!(
        (&joined["decided"], &joined["why"]["rule"]),
        (&"same".into(), &"nothing".into())
    );
    // dedup groups the same way.
    let kept = corpus
        .run("dedup in -o - --decisions decisions.tsv --quiet")
        .out;
    assert!(kept.contains("a-2") && !kept.contains("z-2"), "{kept}");
    // As labels they say where the rules are overruled; with them as constraints nothing is wrong.
    let told: Value =
        serde_json::from_str(&corpus.run("eval decisions.tsv in --json").out).unwrap();
    assert_eq!(
        (&told["misses_in_all"], &told["false_joins_in_all"]),
        (&1.into(), &1.into())
    );
    let told = corpus.run("eval decisions.tsv in --judge grouped --decisions decisions.tsv --json");
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told["units"][0]["grouped"]["f1"]["value"], 1.0);
}

#[test]
fn decisions_that_cannot_be_followed_are_errors_and_unknown_ones_are_told() {
    let corpus = reviewed();
    for (text, said) in [
        (
            "a-1\ta-2\t1\na-2\tz-1\t1\nz-1\ta-1\t0\n",
            "d.tsv:3: z-1 and a-1 are decided to be different",
        ),
        ("a-1\ta-2\tmaybe\n", "d.tsv:1: same is \"maybe\""),
        ("a-1\tg\n", "decisions are pairs"),
        // One story under two names.
        (
            "a-1\ta-2\t1\nin/a.jsonl:1\ta-2\t0\n",
            "d.tsv:2: in/a.jsonl:1 and a-2 are decided to be different, and line 1 says",
        ),
    ] {
        corpus.write("d.tsv", text.as_bytes());
        let ran = corpus.run("group in --decisions d.tsv --json");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}");
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(corpus.run("group in --decisions gone.tsv").code, 2);
    corpus.write("d.tsv", b"# one\ngone\ta-1\t1\nin/z.jsonl.gz:2\ta-3\t1\n");
    let ran = corpus.run("group in --decisions d.tsv --json");
    assert_eq!(ran.code, 0);
    assert!(
        ran.err
            .contains("d.tsv:2: gone: nothing that is compared has this id"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("decisions without effect: 1 of 2"),
        "{}",
        ran.err
    );
    assert!(groups(&ran.out).contains(&vec!["a-3".into(), "z-2".into(), "z-3".into()]));
}

#[test]
fn a_contradicting_answer_is_refused_and_asked_again() {
    let corpus = reviewed();
    corpus.write("decisions.tsv", b"a\tb\tsame\na-2\tz-3\t1\nz-3\ta-1\t1\n");
    let ran = corpus.feed("review groups.jsonl", b"n\ns\nq\n");
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.contains("not saved: decisions.tsv:4: a-1 and a-2"),
        "{}",
        ran.out
    );
    assert_eq!(corpus.read("decisions.tsv").lines().count(), 3);
}

#[test]
fn versions_of_one_id_are_written_by_their_places() {
    let corpus = Corpus::empty();
    let lines = format!(
        "{{\"id\":\"v\",\"text\":\"{BRIDGE}\"}}\n{{\"id\":\"v\",\"text\":\"{BRIDGE} loudly\"}}\n"
    );
    corpus.write("in/v.jsonl", lines.as_bytes());
    corpus.run("group in -o groups.jsonl");
    let ran = corpus.feed("review groups.jsonl", b"n\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(decisions(&corpus), ["in/v.jsonl:1\tin/v.jsonl:2\t0"]);
    let ran = corpus.run("group in --decisions decisions.tsv --json");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn links_that_were_kept_apart_are_asked_too() {
    let corpus = Corpus::empty();
    let story = |id: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n");
    let passage = "the council would publish every invoice of the works by the end of the year";
    let lines = [
        story(
            "p",
            &format!("{BRIDGE}. {BEES}. Officials said that {passage}."),
        ),
        story(
            "q",
            &format!("{STORM}. In Orle {passage}, and more is to come from there."),
        ),
        story(
            "r",
            &format!("{STORM}. In Orle {passage}, and more is to come from here."),
        ),
    ];
    corpus.write("in/a.jsonl", lines.concat().as_bytes());
    let ran = corpus.run("group in --links links.jsonl -o groups.jsonl");
    assert_eq!(ran.code, 0);
    let ran = corpus.feed("review groups.jsonl --links links.jsonl", b"");
    assert!(
        ran.out.contains("1 of 3: overlap 0.13, kept apart"),
        "{}",
        ran.out
    );
    let ran = corpus.feed("review groups.jsonl --links links.jsonl", b"n\nq\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        decisions(&corpus)[0].starts_with("p\t"),
        "{:?}",
        decisions(&corpus)
    );
}

#[test]
fn mistakes_are_told_and_hostile_text_steers_nothing() {
    let corpus = reviewed();
    for (args, said) in [
        ("review gone.jsonl", "gone.jsonl: reading"),
        ("review - ", "write the groups to a file"),
        (
            "review in/a.jsonl",
            "in/a.jsonl:1: not a line of `samewire group --json`",
        ),
        ("review none.jsonl", "nothing to ask"),
        (
            "review groups.jsonl --decisions groups.jsonl",
            "cannot be read and written to",
        ),
        (
            "review moved.jsonl",
            "tell where the stories are: --in PATH",
        ),
    ] {
        corpus.write("none.jsonl", b"");
        let moved = corpus.read("groups.jsonl").replace("in/", "gone/");
        corpus.write("moved.jsonl", moved.as_bytes());
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains(said), "{args}: {}", ran.err);
    }
    // Where files were moved ids find the stories; a file that is one story has no other name.
    let ran = corpus.feed("review moved.jsonl --in in", b"y\n");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("not asked: 1 of 4"), "{}", ran.err);
    assert_eq!(decisions(&corpus).len(), 1);

    let corpus = Corpus::empty();
    let hostile = format!(
        "{{\"id\":\"x\\u001b[2J\",\"text\":\"{BRIDGE} \\u001b]0;owned\\u0007 loudly\"}}\n{{\"id\":\"y\\tz\",\"text\":\"{BRIDGE}\"}}\n"
    );
    corpus.write("in/h.jsonl", hostile.as_bytes());
    corpus.run("group in -o groups.jsonl");
    let ran = corpus.feed("review groups.jsonl", b"y\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.chars().all(|c| c == '\n' || !c.is_control()),
        "{}",
        ran.out.escape_debug()
    );
    // An id with a tab cannot stand in a table, nor one that steers a terminal; their places can.
    let text = fs::read_to_string(corpus.at("decisions.tsv")).unwrap();
    assert!(
        text.ends_with("in/h.jsonl:1\tin/h.jsonl:2\t1\n"),
        "{text:?}"
    );
    let ran = corpus.run("group in --decisions decisions.tsv --json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn nothing_is_held_against_itself() {
    // The sample corpus has versions that share an id, which a link cannot tell apart.
    let folder = Corpus::empty();
    let at = |name: &str| folder.at(name).display().to_string();
    let (groups, links, decisions) = (at("groups.jsonl"), at("links.jsonl"), at("decisions.tsv"));
    let run = |args: &[&str], input: &str| samewire_in(repository(), args, input.as_bytes());
    run(
        &["group", "sample_corpus", "--links", &links, "-o", &groups],
        "",
    );
    let args = [
        "review",
        &groups,
        "--links",
        &links,
        "--decisions",
        &decisions,
    ];
    let ran = run(&args, &"n\n".repeat(400));
    assert!(
        ran.err
            .contains("links name an id that several versions have"),
        "{}",
        ran.err
    );
    let decided = folder.read("decisions.tsv");
    let pairs: Vec<Vec<&str>> = decided
        .lines()
        .map(|l| l.split('\t').collect())
        .filter(|l: &Vec<&str>| l.len() > 2)
        .collect();
    assert!(pairs.len() > 100, "{} pairs", pairs.len());
    assert!(pairs.iter().all(|p| p[0] != p[1]));
}

/// On a terminal of its own, by `script`: ended by a key or from elsewhere, it leaves the terminal as it was and all that was answered.
#[cfg(target_os = "linux")]
#[test]
fn the_terminal_is_left_as_it_was() {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    let corpus = Corpus::new(false);
    corpus.run("group in -o groups.jsonl --links links.jsonl");
    let wait_for = |name: &str| {
        for _ in 0..500 {
            match fs::read_to_string(corpus.at(name)) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
        panic!("{name} does not come");
    };
    for (round, end) in ["\u{4}", "\u{3}", "-TERM", "-HUP"].into_iter().enumerate() {
        let [pid, before, after, decisions] =
            ["pid", "before", "after", "decisions.tsv"].map(|name| format!("{round}-{name}"));
        let shell = format!(
            "stty -a > {before}; sh -c 'echo $$ > {pid}; exec \"$0\" review groups.jsonl --links links.jsonl --decisions {decisions}' {}; \
             stty -a > {after}",
            env!("CARGO_BIN_EXE_samewire")
        );
        let started = Command::new("script")
            .args(["-qc", &shell, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .current_dir(corpus.at(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            println!("skipped: there is no `script` to make a terminal");
            return;
        };
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        // What is shown must not fill the pipe.
        let shown = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stdout.read_to_end(&mut bytes);
            bytes
        });
        wait_for(&before);
        stdin.write_all(b"y").unwrap();
        stdin.flush().unwrap();
        for _ in 0..500 {
            let text = fs::read_to_string(corpus.at(&decisions)).unwrap_or_default();
            if text.ends_with("\t1\n") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // The next question is being asked.
        std::thread::sleep(std::time::Duration::from_millis(300));
        if end.starts_with('-') {
            let pid = wait_for(&pid);
            assert!(
                Command::new("kill")
                    .args([end, pid.trim()])
                    .status()
                    .unwrap()
                    .success()
            );
        } else {
            stdin.write_all(end.as_bytes()).unwrap();
            stdin.flush().unwrap();
        }
        let (before, after) = (wait_for(&before), wait_for(&after));
        drop(stdin);
        child.wait().unwrap();
        shown.join().unwrap();
        assert_eq!(before, after, "{end:?}");
        let text = fs::read_to_string(corpus.at(&decisions)).unwrap();
        assert!(text.ends_with("\t1\n"), "{end:?}: {text}");
    }
}
