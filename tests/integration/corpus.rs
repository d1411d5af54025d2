//! A folder with a few stories in every form, to run commands in.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

pub const BRIDGE: &str = "The bridge at Orle reopened on Monday after two years of repairs that cost the city more \
    than nine million crowns, officials said while crowds cheered";
pub const STORM: &str = "A storm moved over the northern coast on Tuesday and left thousands of homes without power \
    as crews worked through the night to clear roads";
pub const BEES: &str = "Bees were seen in the park again this week after the long winter";

/// What a command left.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The lines of stdout as JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    }
}

/// A folder of its own for each test.
pub struct Corpus(tempfile::TempDir);

impl Corpus {
    /// An empty one.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Four tellings of one story, two of another, one of a third; with `broken`, a line that is no JSON too.
    pub fn new(broken: bool) -> Self {
        let corpus = Self::empty();
        let mut lines = format!(
            "{{\"id\":\"a-1\",  \"text\":\"{BRIDGE}\",\"source\":\"ap\"}}\r\n\
             {{\"id\":\"a-2\",\"text\":\"{BRIDGE} loudly\",\"source\":\"reuters\"}}\r\n\
             {{\"id\":\"a-3\",\"text\":\"{STORM}\"}}\r\n"
        );
        if broken {
            lines.push_str("not json\r\n");
        }
        corpus.write("in/a.jsonl", lines.as_bytes());
        corpus.write("in/t.txt", BRIDGE.as_bytes());
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let lines = format!(
            "{{\"id\":\"z-1\",\"text\":\"{BRIDGE}\"}}\n{{\"id\":\"z-2\",\"text\":\"{BEES}\"}}\n{{\"id\":\"z-3\",\"text\":\"{STORM}\"}}\n"
        );
        packed.write_all(lines.as_bytes()).unwrap();
        corpus.write("in/z.jsonl.gz", &packed.finish().unwrap());
        corpus
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.at(name)).unwrap()).unwrap()
    }

    /// Names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.at(folder))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs `samewire` in the folder, the arguments parted by blanks.
    pub fn run(&self, args: &str) -> Ran {
        self.feed(args, b"")
    }

    /// As `run`, with something on standard input.
    pub fn feed(&self, args: &str, input: &[u8]) -> Ran {
        let args: Vec<&str> = args.split_whitespace().collect();
        samewire_in(self.0.path(), &args, input)
    }
}

/// Runs `samewire` in a folder, with something on standard input.
pub fn samewire_in(folder: &Path, args: &[&str], input: &[u8]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(folder)
        .args(args)
        .write_stdin(input)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The repository's own folder.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A place in the data that is no part of the repository; says so and gives none where it is missing.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let found = ["../shared/data", "../../shared/data"]
        .iter()
        .map(|folder| repository().join(folder).join(name))
        .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: there is no ../shared/data/{name}");
    }
    found
}
