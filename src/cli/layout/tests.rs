//! Directories written and compared byte for byte.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::cli::engine::sample;
use crate::cli::keeping::decide;

type Record = (usize, Option<u64>, Vec<u8>);

/// A folder with `in/`, a run over it and an `out/` to write to.
struct Fixture {
    folder: tempfile::TempDir,
    run: Run,
}

impl Fixture {
    /// With these files, in their order, and records in them; `pairs` of stories repeat each other.
    fn new(
        files: &[(&str, &[u8])],
        records: &[(usize, Option<u64>, &[u8])],
        pairs: &[(u32, u32)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        sample::write(&folder.path().join("in"), files);
        let paths = files
            .iter()
            .map(|(name, _)| folder.path().join("in").join(name))
            .collect();
        let records: Vec<Record> = records
            .iter()
            .map(|(f, l, r)| (*f, *l, r.to_vec()))
            .collect();
        let run = sample::in_files(paths, records, pairs);
        Self { folder, run }
    }

    fn write(&self, paths: &[&str], out: &str, force: bool) -> Result<Vec<String>> {
        let mut argv = vec!["samewire".into(), "dedup".into(), "-o".into(), "out".into()];
        argv.extend(
            paths
                .iter()
                .map(|p| self.folder.path().join(p).into_os_string()),
        );
        let Ok(crate::cli::args::Command::Dedup(args)) = crate::cli::args::parse(argv) else {
            panic!("not a dedup command");
        };
        let plan = Plan::new(args.input, args.matching, &args.general).unwrap();
        let verdicts = decide(&self.run.outcome, self.run.corpus.len(), |_| false);
        let inputs = Inputs::new(&self.run.corpus.files());
        write(
            &self.run,
            &plan,
            &self.folder.path().join(out),
            &verdicts,
            &inputs,
            force,
        )
    }

    /// What is in `out/`: names and bytes.
    fn out(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let root = self.folder.path().join("out");
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path
                        .strip_prefix(&root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned();
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
        found
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn files(expected: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    expected
        .iter()
        .map(|(n, b)| ((*n).to_owned(), b.to_vec()))
        .collect()
}

#[test]
fn everything_but_the_repeats_stays_byte_for_byte() {
    let fixture = Fixture::new(
        &[
            (
                "a.jsonl",
                b"\xef\xbb\xbf{\"id\":1}\r\n\r\nnot json\n{\"id\" : 2}\r\n{\"id\":3}",
            ),
            ("sub/keep.txt", b"kept \xff bytes\r\n"),
            ("sub/drop.txt", b"dropped"),
            ("unread.bin", b"\0\x01"),
        ],
        &[
            (0, Some(1), b"{\"id\":1}"),
            (0, Some(4), b"{\"id\" : 2}"),
            (0, Some(5), b"{\"id\":3}"),
            (1, None, b"kept"),
            (2, None, b"dropped"),
        ],
        &[(1, 0), (3, 4)],
    );
    assert!(fixture.write(&["in"], "out", false).unwrap().is_empty());
    let expected: &[(&str, &[u8])] = &[
        (
            "a.jsonl",
            b"\xef\xbb\xbf\r\nnot json\n{\"id\" : 2}\r\n{\"id\":3}",
        ),
        ("sub/keep.txt", b"kept \xff bytes\r\n"),
        ("unread.bin", b"\0\x01"),
    ];
    assert_eq!(fixture.out(), files(expected));
}

#[test]
fn compressed_files_become_plain_and_damaged_ones_stay() {
    let sound = gzip(b"{\"id\":1}\n{\"id\":2}\n");
    let damaged = &gzip(b"{\"id\":3}\n{\"id\":4}\n")[..20];
    let fixture = Fixture::new(
        &[("a.jsonl.gz", &sound), ("b.jsonl.gz", damaged)],
        &[
            (0, Some(1), b"{\"id\":1}"),
            (0, Some(2), b"{\"id\":2}"),
            (1, Some(1), b"{\"id\":3}"),
        ],
        &[(0, 1)],
    );
    let notices = fixture.write(&["in"], "out", false).unwrap();
    assert!(notices[0].contains("damaged"), "{notices:?}");
    assert_eq!(
        fixture.out(),
        files(&[("a.jsonl", b"{\"id\":1}\n"), ("b.jsonl.gz", damaged)])
    );
}

#[test]
fn lines_in_utf_16_are_cut_whole() {
    let utf_16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    // U+0A0A holds two bytes that look like line ends.
    let file = utf_16("\u{feff}{\"id\":\"\u{a0a}\"}\n{\"id\":2}\n{\"id\":3}\n");
    let fixture = Fixture::new(
        &[("a.jsonl", &file)],
        &[
            (0, Some(1), "{\"id\":\"\u{a0a}\"}".as_bytes()),
            (0, Some(2), b"{\"id\":2}"),
            (0, Some(3), b"{\"id\":3}"),
        ],
        &[(0, 1)],
    );
    fixture.write(&["in"], "out", false).unwrap();
    assert_eq!(
        fixture.out(),
        files(&[(
            "a.jsonl",
            &utf_16("\u{feff}{\"id\":\"\u{a0a}\"}\n{\"id\":3}\n")
        )])
    );
}

#[test]
fn an_array_stays_an_array() {
    let fixture = Fixture::new(
        &[
            ("a.json", b"[{\"id\":1}, {\"id\":\n2},\n {}, {\"id\":3}]"),
            ("b.json", b"{\n\"id\":4\n}\n"),
        ],
        &[
            (0, Some(1), b"{\"id\":1}"),
            (0, Some(1), b"{\"id\": 2}"),
            (0, Some(3), b"{\"id\":3}"),
            (1, Some(1), b"{ \"id\":4 }"),
        ],
        &[(0, 1), (2, 3)],
    );
    fixture.write(&["in"], "out", false).unwrap();
    // The object that was no story stays too; a file that held one repeat is gone.
    assert_eq!(
        fixture.out(),
        files(&[("a.json", b"[{\"id\":1}, {}, {\"id\":3}]")])
    );
}

#[test]
fn values_are_left_out_with_the_commas_that_part_them() {
    let dropping = |file: &str, pairs: &[(u32, u32)]| {
        let records = [1, 2, 3].map(|i| {
            let line = 1 + file
                .split(&format!("{{\"id\":{i}}}"))
                .next()
                .unwrap()
                .matches('\n')
                .count();
            (0, Some(line as u64), format!("{{\"id\":{i}}}"))
        });
        let records = records.each_ref().map(|(f, l, r)| (*f, *l, r.as_bytes()));
        let fixture = Fixture::new(&[("a", file.as_bytes())], &records, pairs);
        fixture.write(&["in"], "out", false).unwrap();
        let mut out = fixture.out();
        String::from_utf8(out.remove("a").unwrap()).unwrap()
    };
    // The last of an array stands on a line of its own, as a record of JSON lines does.
    let array = "[\n {\"id\":1},\n {\"id\":2},\n{\"id\":3}\n]\n";
    let without = |drops: &[(u32, u32)]| dropping(array, drops);
    assert_eq!(without(&[(0, 2)]), "[\n {\"id\":1},\n {\"id\":2}\n]\n");
    assert_eq!(without(&[(0, 1)]), "[\n {\"id\":1},\n {\"id\":3}\n]\n");
    assert_eq!(without(&[(0, 1), (0, 2)]), "[\n {\"id\":1}\n]\n");
    // What is broken stays.
    let broken = "[{\"id\":1},\n{\"id\":\n,{\"id\":2}, 5 {\"id\":3}";
    assert_eq!(
        dropping(broken, &[(0, 2)]),
        "[{\"id\":1},\n{\"id\":\n,{\"id\":2}, 5 "
    );
    let spread = "{\"id\":1}{\"id\":2}\n\n{\"id\":3}\n";
    assert_eq!(dropping(spread, &[(0, 1)]), "{\"id\":1}\n{\"id\":3}\n");
    // Lines that begin as an array does lose their line and nothing else.
    let lines = "[1]\n{\"id\":1}\r\n{\"id\":2}\r\n\r\n{\"id\":3}\r\n";
    assert_eq!(
        dropping(lines, &[(0, 1)]),
        "[1]\n{\"id\":1}\r\n\r\n{\"id\":3}\r\n"
    );
}

#[test]
fn an_object_within_a_record_is_not_taken_for_one_that_is_dropped() {
    let (holder, held) = ("{\"x\":{\"id\":2}}", "{\"id\":2}");
    let fixture = Fixture::new(
        &[("a", format!("[{holder}, {held}]").as_bytes())],
        &[
            (0, Some(1), holder.as_bytes()),
            (0, Some(1), held.as_bytes()),
        ],
        &[(0, 1)],
    );
    fixture.write(&["in"], "out", false).unwrap();
    let kept = format!("[{holder}]");
    assert_eq!(fixture.out(), files(&[("a", kept.as_bytes())]));
}

#[test]
fn an_array_in_utf_16_keeps_its_encoding() {
    let utf_16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    // Half a pair in a record that was rejected, and half a unit at the end.
    let mut file = utf_16("\u{feff}[{\"id\":\"😀\"},\n{\"id\":\"");
    file.extend([0xd8, 0x00]);
    let (head, tail) = (file.clone(), utf_16("\"}]"));
    file.extend(utf_16("\"}, {\"id\":2}]"));
    file.push(0);
    let fixture = Fixture::new(
        &[("a.json", &file)],
        &[
            (0, Some(1), "{\"id\":\"😀\"}".as_bytes()),
            (0, Some(2), b"{\"id\":2}"),
        ],
        &[(0, 1)],
    );
    fixture.write(&["in"], "out", false).unwrap();
    let kept = [&head[..], &tail, &[0]].concat();
    assert_eq!(fixture.out(), files(&[("a.json", &kept)]));
}

#[test]
fn a_file_that_changed_stops_everything() {
    let fixture = Fixture::new(
        &[("a.jsonl", b"{\"id\":1}\n{\"id\":9}\n")],
        &[(0, Some(1), b"{\"id\":1}"), (0, Some(2), b"{\"id\":2}")],
        &[(0, 1)],
    );
    let error = fixture.write(&["in"], "out", false).unwrap_err();
    assert!(
        format!("{error:#}").contains("not what it was"),
        "{error:#}"
    );
    assert!(fixture.out().is_empty());
}

#[test]
fn inputs_and_existing_files_are_spared() {
    let fixture = Fixture::new(
        &[("a.jsonl", b"{\"id\":1}\n{\"id\":2}\n")],
        &[(0, Some(1), b"{\"id\":1}"), (0, Some(2), b"{\"id\":2}")],
        &[(0, 1)],
    );
    for inside in ["in", "."] {
        let error = fixture.write(&["in"], inside, true).unwrap_err();
        assert!(error.to_string().contains("holds the input"), "{error:#}");
    }
    fixture.write(&["in"], "out", false).unwrap();
    assert!(fixture.write(&["in"], "out", false).is_err());
    fixture.write(&["in"], "out", true).unwrap();

    let at = |name: &str| fixture.folder.path().join(name);
    fs::remove_file(at("out/a.jsonl")).unwrap();
    fs::hard_link(at("in/a.jsonl"), at("out/a.jsonl")).unwrap();
    let error = fixture.write(&["in"], "out", true).unwrap_err();
    assert!(error.to_string().contains("one of the inputs"), "{error:#}");
    assert_eq!(
        fs::read(at("in/a.jsonl")).unwrap(),
        b"{\"id\":1}\n{\"id\":2}\n"
    );
}

#[test]
fn several_paths_get_a_directory_each() {
    let fixture = Fixture::new(
        &[("x/a.txt", b"1"), ("y/a.txt", b"2"), ("z.txt", b"3")],
        &[(0, None, b"1"), (1, None, b"2"), (2, None, b"3")],
        &[],
    );
    fixture
        .write(&["in/x", "in/y", "in/z.txt"], "out", false)
        .unwrap();
    assert_eq!(
        fixture.out(),
        files(&[("x/a.txt", b"1"), ("y/a.txt", b"2"), ("z.txt", b"3")])
    );
}

#[test]
fn two_files_for_one_place_are_refused() {
    let packed = gzip(b"1");
    let fixture = Fixture::new(
        &[("a.txt", b"1"), ("a.txt.gz", &packed)],
        &[(0, None, b"1"), (1, None, b"1")],
        &[],
    );
    let error = fixture.write(&["in"], "out", false).unwrap_err();
    assert!(error.to_string().contains("would both become"), "{error:#}");
}

#[test]
fn places_never_leave_the_target() {
    let place = |file: &str, paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        place(Path::new(file), &paths, false)
            .map(|p| p.to_str().unwrap().to_owned())
            .ok()
    };
    assert_eq!(place("wire/a/b.txt", &["wire"]).as_deref(), Some("a/b.txt"));
    assert_eq!(place("./wire/b.txt", &["./wire"]).as_deref(), Some("b.txt"));
    assert_eq!(place("../b.txt", &["../b.txt"]).as_deref(), Some("b.txt"));
    assert_eq!(place("../w/b.txt", &[".."]).as_deref(), Some("w/b.txt"));
    assert_eq!(place("/b.txt", &["other"]), None);
}
