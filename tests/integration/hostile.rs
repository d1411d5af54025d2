//! Hostile files: no panic, an end, the right exit code. The files are no part of the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::corpus::shared_data;

/// After so long a run counts as one that never ends. Far more than any file takes.
const NEVER: Duration = Duration::from_secs(120);

/// Exit code and stderr of `samewire group PATH --json`; none if it does not end.
fn group(path: &Path) -> Option<(Option<i32>, String)> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .args(["group", "--json", "--quiet", "--threads", "1", "--"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = child.stderr.take().unwrap();
    let told = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = std::io::Read::read_to_end(&mut err, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some((status.code(), told.join().unwrap()));
        }
        if started.elapsed() > NEVER {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// What is wrong with the way a run ended.
fn fault(ended: Option<&(Option<i32>, String)>) -> Option<String> {
    match ended {
        None => Some("does not end".to_owned()),
        Some((Some(0 | 2 | 3), err)) if err.contains("panicked") => Some(err.clone()),
        Some((Some(0 | 2 | 3), err)) if err.contains(['\u{1b}', '\u{7f}']) => {
            Some(format!("raw control characters: {err:?}"))
        }
        Some((Some(0 | 2 | 3), _)) => None,
        Some((code, err)) => Some(format!("exit code {code:?}: {err}")),
    }
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Runs every file, as many at once as there are processors.
fn group_each(files: &[PathBuf]) -> Vec<Option<(Option<i32>, String)>> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let mut ended: Vec<(usize, _)> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(path) = files.get(i) else { return own };
                        own.push((i, group(path)));
                    }
                })
            })
            .collect();
        running
            .into_iter()
            .flat_map(|r| r.join().unwrap())
            .collect()
    });
    ended.sort_by_key(|(i, _)| *i);
    ended.into_iter().map(|(_, e)| e).collect()
}

#[test]
fn every_hostile_file_ends_well() {
    let Some(folder) = shared_data("hostile") else {
        return;
    };
    let table = fs::read_to_string(folder.join("generated/gz_expected_python_gzip.tsv")).unwrap();
    // What another decompressor says of the damaged files.
    let damaged: BTreeMap<&str, &str> = table
        .lines()
        .skip(1)
        .filter_map(|row| {
            let mut columns = row.split('\t');
            Some((columns.next()?, columns.next()?))
        })
        .filter(|(_, result)| result.starts_with("error"))
        .collect();
    assert!(damaged.len() > 100, "{} damaged files", damaged.len());
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let mut faults = Vec::new();
    for (path, ended) in files.iter().zip(group_each(&files)) {
        let name = path.file_name().unwrap().to_string_lossy();
        if let Some(fault) = fault(ended.as_ref()) {
            faults.push(format!("{}: {fault}", path.display()));
        } else if damaged.contains_key(name.as_ref())
            && ended.is_some_and(|(code, _)| code == Some(0))
        {
            faults.push(format!("{name}: damaged, and yet a success"));
        }
    }
    println!("{} hostile files, one by one", files.len());
    assert!(
        files.len() > 300 && faults.is_empty(),
        "{}",
        faults.join("\n")
    );
    let whole = group(&folder);
    assert_eq!(fault(whole.as_ref()), None);
    assert_eq!(whole.unwrap().0, Some(3), "the folder holds damaged files");
}

/// Space left where temporary files go, in bytes, as `df` says.
fn space(folder: &Path) -> Option<u64> {
    let out = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let blocks: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(blocks * 1024)
}

#[cfg(unix)]
#[test]
fn a_tree_of_hostile_names_and_types_ends_well() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(script) = shared_data("hostile/generated/make_hostile_tree.sh") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    let made = Command::new("sh").arg(script).arg(&tree).output();
    if !made.is_ok_and(|m| m.status.success()) {
        println!("skipped: the tree cannot be made here");
        return;
    }
    if space(folder.path()).is_none_or(|free| free < 2 << 30) {
        println!("skipped: the sparse file of 1 GB, for want of space");
        fs::remove_file(tree.join("sparse.jsonl")).unwrap();
    }
    let ended = group(&tree);
    // Whatever happens, the folder must be removable afterwards.
    for closed in ["noperm", "noread.txt"] {
        let _ = fs::set_permissions(tree.join(closed), fs::Permissions::from_mode(0o700));
    }
    assert_eq!(fault(ended.as_ref()), None);
    // The FIFO is rejected unopened, so something is always rejected.
    assert_eq!(ended.unwrap().0, Some(3));
}
