//! Where output may go and where not; what is said where something is missing or of the wrong kind.

use std::fs;

use crate::corpus::{BEES, BRIDGE, Corpus, STORM};
use crate::stream::record;

/// That command is refused, for it would write where stories are read.
fn refused_inside(corpus: &Corpus, args: &str) {
    let ran = corpus.run(args);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
    assert!(
        ran.err.contains("choose a place outside"),
        "{args}: {}",
        ran.err
    );
}

#[test]
fn nothing_is_written_among_the_stories() {
    let corpus = Corpus::new(false);
    corpus.write("labels.tsv", b"a\tb\tsame\na-1\ta-2\t1\n");
    let before = corpus.names("in");
    for args in [
        "group in -o in/groups.jsonl",
        "group in --links in/links.jsonl",
        "group in --reject in/rejected",
        "group . --links links.jsonl",
        "dedup in -o in/clean.jsonl",
        "dedup in -o in/clean/",
        "dedup in -o in/a/b/",
        "dedup in -o in/new/../../clean/",
        "dedup in --force -o in",
        "passages in -o in/passages.jsonl",
        "report in -o in/page.html",
        "report .",
        "tune in --plot in/plot.svg",
        "eval labels.tsv in --plot in/plot.svg",
    ] {
        refused_inside(&corpus, args);
    }
    assert_eq!(corpus.names("in"), before);
    // Beside the folder, and where nothing is kept.
    for args in [
        "group in -o groups.jsonl",
        "group in -o /dev/null",
        "dedup in -o in/../clean/",
        "dedup in -o far/clean/",
        "group in/a.jsonl -o in/g.jsonl",
    ] {
        assert_eq!(corpus.run(args).code, 0, "{args}");
    }
    for folder in ["clean", "far/clean"] {
        assert!(corpus.names(folder).contains(&"a.jsonl".to_owned()));
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_where_a_link_among_the_stories_leads() {
    let corpus = Corpus::new(false);
    fs::create_dir(corpus.at("far")).unwrap();
    std::os::unix::fs::symlink("../far", corpus.at("in/link")).unwrap();
    for args in [
        "dedup in -o in/link/",
        "dedup in -o in/link/clean/",
        "group in -o in/link/groups.jsonl",
    ] {
        refused_inside(&corpus, args);
    }
    assert!(corpus.names("far").is_empty());
}

/// Runs `samewire` with a file of the folder on standard input.
#[cfg(unix)]
fn run_from(corpus: &Corpus, args: &str, file: &str) -> (i32, String) {
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(corpus.at(""))
        .args(args.split_whitespace())
        .stdin(fs::File::open(corpus.at(file)).unwrap())
        .output()
        .unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    (ended.status.code().unwrap(), err)
}

#[cfg(unix)]
#[test]
fn a_file_on_standard_input_is_not_written_over() {
    let corpus = Corpus::new(true);
    let own = corpus.read("in/a.jsonl");
    corpus.feed("stream --index known --quiet", own.as_bytes());
    corpus.run("group in -o groups.jsonl --links links.jsonl");
    for (name, text) in [
        ("own.jsonl", own.as_str()),
        ("one.jsonl", &format!("{}not json\n", record("o", BEES))),
        ("labels.tsv", "a-1\ta-2\t1\n"),
        ("list", "in/a.jsonl\n"),
        ("out/a.jsonl", "in/a.jsonl\n"),
        // Also a file of decisions.
        ("answers", ""),
    ] {
        corpus.write(name, text.as_bytes());
    }
    fs::hard_link(corpus.at("own.jsonl"), corpus.at("hard")).unwrap();
    for (args, file) in [
        ("group - -q -o own.jsonl", "own.jsonl"),
        ("group - -q -o hard", "own.jsonl"),
        ("group in - --json --links own.jsonl", "own.jsonl"),
        ("group - --json --reject own.jsonl", "own.jsonl"),
        ("group --files-from - -o list", "list"),
        ("dedup - -o own.jsonl --force", "own.jsonl"),
        ("dedup --files-from - -o out --force", "out/a.jsonl"),
        ("passages - -o own.jsonl", "own.jsonl"),
        ("tune - --plot own.jsonl", "own.jsonl"),
        ("eval labels.tsv - --plot own.jsonl", "own.jsonl"),
        ("eval - in --plot labels.tsv", "labels.tsv"),
        ("report - -o groups.jsonl", "groups.jsonl"),
        (
            "report groups.jsonl --links - -o links.jsonl",
            "links.jsonl",
        ),
        ("compare - in/t.txt --reject one.jsonl", "one.jsonl"),
        ("compare a-1 a-2 --in - --reject own.jsonl", "own.jsonl"),
        (
            "compare --pairs - --in in --reject labels.tsv",
            "labels.tsv",
        ),
        ("query - --index known --reject own.jsonl", "own.jsonl"),
        ("stream --reject own.jsonl", "own.jsonl"),
        ("review groups.jsonl --decisions answers", "answers"),
        ("review groups.jsonl --reject answers", "answers"),
    ] {
        let before = corpus.read(file);
        let (code, err) = run_from(&corpus, args, file);
        assert_eq!(code, 2, "{args}: {err}");
        let told = ["would be overwritten", "cannot be read and written to"];
        assert!(told.iter().any(|t| err.contains(t)), "{args}: {err}");
        assert_eq!(corpus.read(file), before, "{args}");
    }
    // What stands there and is not read is no input.
    let (code, err) = run_from(&corpus, "group in/t.txt -o own.jsonl", "own.jsonl");
    assert_eq!(code, 0, "{err}");
}

#[test]
fn a_directory_spares_what_is_read_beside_the_stories() {
    let corpus = Corpus::new(false);
    corpus.write("out/a.jsonl", b"in/a.jsonl\n");
    let ran = corpus.run("dedup --files-from out/a.jsonl -o out --force");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("would be overwritten"), "{}", ran.err);
    assert_eq!(corpus.read("out/a.jsonl"), "in/a.jsonl\n");
}

#[test]
fn nothing_is_written_into_an_index() {
    let corpus = Corpus::new(false);
    let known = record("k", STORM);
    corpus.feed("stream --index known --quiet", known.as_bytes());
    let database = fs::read(corpus.at("known/index.sqlite")).unwrap();
    let mut refused = vec![
        "group in -o known/lock",
        "group in -o ./known/../known/index.sqlite-shm",
        "group in --links known/lookup.new",
        "group in --reject known/rejected",
        "index export known -o known/groups.jsonl",
        "stream --index known --reject known/lock",
        "stream --index fresh/known --reject fresh/known/index.sqlite",
        "dedup in --force -o known",
        "dedup in -o known/sub/",
        "dedup in -o known/a/b/",
        "dedup in -o ./known/../known/sub/",
        "dedup in -o known/new/../../clean/",
        "dedup in -o known/old",
        "dedup in -o known/old/sub/",
        "group in -o known/old/groups.jsonl",
        "report in -o known/page.html",
    ];
    fs::create_dir(corpus.at("known/old")).unwrap();
    let before = corpus.names("known");
    fs::create_dir_all(corpus.at("fresh/known")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("known/index.sqlite", corpus.at("x.jsonl")).unwrap();
        symlink("x.jsonl", corpus.at("y.jsonl")).unwrap();
        symlink("known/none", corpus.at("z.jsonl")).unwrap();
        symlink("known", corpus.at("alias")).unwrap();
        refused.extend([
            "group in -o x.jsonl",
            "stream --reject y.jsonl",
            "group in --links z.jsonl",
            "group in -o alias/lock",
            "dedup in -o alias/sub/",
        ]);
    }
    for args in refused {
        let ran = corpus.feed(args, known.as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        assert!(ran.err.contains("lies in an index"), "{args}: {}", ran.err);
    }
    assert_eq!(corpus.names("known"), before);
    assert!(corpus.names("known/old").is_empty());
    assert_eq!(fs::read(corpus.at("known/index.sqlite")).unwrap(), database);
    assert_eq!(corpus.run("index check fresh/known").code, 0);
    // An empty file of that name makes no index.
    corpus.write("other/index.sqlite", b"");
    assert_eq!(corpus.run("group in -o other/groups.jsonl").code, 0);
    // Nor does another program's database claim all that lies below it.
    corpus.write("other/index.sqlite", b"not ours");
    fs::create_dir(corpus.at("other/sub")).unwrap();
    assert_eq!(corpus.run("group in -o other/sub/groups.jsonl").code, 0);
    assert_eq!(corpus.run("dedup in -o other/sub/clean/").code, 0);
}

#[test]
fn two_outputs_to_one_file_are_refused_under_whatever_names() {
    let corpus = Corpus::new(false);
    corpus.write("there", b"kept");
    let mut refused = vec![
        "group in -o o.jsonl --links ./o.jsonl",
        "group in -o there --links in/../there",
        "group in --json --links o.jsonl --reject in/../o.jsonl",
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("o.jsonl", corpus.at("soft")).unwrap();
        symlink("there", corpus.at("to-there")).unwrap();
        fs::hard_link(corpus.at("there"), corpus.at("hard")).unwrap();
        refused.extend([
            "group in -o soft --links o.jsonl",
            "group in -o there --links to-there",
            "group in -o there --links hard",
        ]);
    }
    for args in refused {
        let ran = corpus.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        assert!(ran.err.contains("two outputs"), "{args}: {}", ran.err);
    }
    assert_eq!(corpus.read("there"), "kept");
    let ran = corpus.run("group in -o o.jsonl --links l.jsonl");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn standard_output_that_is_the_file_of_another_output_is_seen() {
    let corpus = Corpus::new(false);
    let file = fs::File::create(corpus.at("o.jsonl")).unwrap();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(corpus.at(""))
        .args(["group", "in", "--links", "o.jsonl"])
        .stdout(file)
        .output()
        .unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{err}");
    assert!(err.contains("two outputs"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_nothing_yet_is_written_through() {
    let corpus = Corpus::new(false);
    fs::create_dir(corpus.at("far")).unwrap();
    std::os::unix::fs::symlink("far/new.jsonl", corpus.at("link")).unwrap();
    assert_eq!(corpus.run("group in -o link").code, 0);
    assert!(corpus.at("link").is_symlink());
    assert!(corpus.read("far/new.jsonl").starts_with("{\"group\""));
}

#[test]
fn a_page_replaces_a_page_and_no_other_file() {
    let corpus = Corpus::new(false);
    corpus.write("notes.txt", b"not to be lost");
    let ran = corpus.run("report in -o notes.txt");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is no page of samewire"), "{}", ran.err);
    assert_eq!(corpus.read("notes.txt"), "not to be lost");
    assert_eq!(corpus.run("report in").code, 0);
    let ran = corpus.run("report in");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_page_that_cannot_be_as_small_is_refused_with_the_size_that_it_needs() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("report in --max-size 1K -o page.html");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(!corpus.at("page.html").exists());
    let least = ran.err.split("give --max-size ").nth(1).unwrap();
    let least: u64 = least.split('K').next().unwrap().parse().unwrap();
    let ran = corpus.run(&format!("report in --max-size {least}K -o page.html"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(fs::metadata(corpus.at("page.html")).unwrap().len() <= least << 10);
}

#[test]
fn output_of_a_stream_or_an_index_is_told_with_what_to_give() {
    let corpus = Corpus::empty();
    let input = [record("a", BRIDGE), record("b", BRIDGE)].concat();
    corpus.write("in.jsonl", input.as_bytes());
    let out = corpus
        .feed("stream --index known --quiet", input.as_bytes())
        .out;
    corpus.write("out.jsonl", out.as_bytes());
    let events = corpus.feed("stream --emit events", input.as_bytes()).out;
    corpus.write("events.jsonl", events.as_bytes());
    corpus.run("index export known -o groups.jsonl");
    for (args, part) in [
        (
            "report groups.jsonl",
            "samewire index export known --stories",
        ),
        (
            "review groups.jsonl",
            "samewire index export known --stories",
        ),
        ("report events.jsonl", "--emit annotate"),
        ("review out.jsonl", "make groups first"),
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains(part), "{args}: {}", ran.err);
    }
    // What is advised works.
    for args in [
        "index export known --stories -o stories.jsonl",
        "group stories.jsonl --links links.jsonl -o groups2.jsonl",
        "report groups2.jsonl --links links.jsonl",
        "report out.jsonl -o out.html",
        "review groups2.jsonl --links links.jsonl",
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
    }
}

#[test]
fn an_index_is_made_with_no_option_that_it_would_not_follow() {
    let corpus = Corpus::empty();
    let ran = corpus.run("index init known --decisions d.tsv");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--decisions"), "{}", ran.err);
    // Which member stands for a group is kept: an export follows it.
    assert_eq!(corpus.run("index init known --keep longest").code, 0);
    let longer = format!("{BRIDGE} loudly in the streets");
    let input = [record("short", BRIDGE), record("long", &longer)].concat();
    corpus.feed("stream --index known --quiet", input.as_bytes());
    let groups = corpus.run("index export known").lines();
    assert_eq!(groups[0]["representative"], "long");
}

#[test]
fn too_little_to_measure_is_told() {
    let corpus = Corpus::empty();
    for (input, part) in [
        (String::new(), "none was read"),
        (record("a", BEES), "only one of a kind was read"),
    ] {
        let ran = corpus.feed("tune -", input.as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        assert!(
            ran.err.contains("nothing to measure") && ran.err.contains(part),
            "{}",
            ran.err
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn file_names_that_are_no_text_stay_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let corpus = Corpus::empty();
    corpus.write("in/plain.txt", BRIDGE.as_bytes());
    for name in [&b"caf\xe9.txt"[..], b"caf\xe8.txt"] {
        fs::write(corpus.at("in").join(OsStr::from_bytes(name)), BRIDGE).unwrap();
    }
    let ran = corpus.run("group in --json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let group = &ran.lines()[0];
    let members = group["members"].as_array().unwrap().iter();
    let ids: Vec<&str> = members.map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["in/caf\\xe8.txt", "in/caf\\xe9.txt", "in/plain.txt"]);
}
