//! What a stream does at its limits: a reader that stops, with and without an index; input that is packed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::corpus::{BRIDGE, Corpus};
#[cfg(target_os = "linux")]
use crate::stream::resident;
use crate::stream::{Running, planted, record, stream};

/// While nobody reads the answers nothing more is taken in, with an index and without.
///
/// `SAMEWIRE_WAITING=1000 SAMEWIRE_PAUSE=60 cargo test --release a_reader_that_stops` has as many megabytes wait, for so many seconds.
#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_stops_stops_the_intake_and_memory_stays() {
    const MOST: u64 = 64 << 20;
    let setting =
        |name: &str, usual: u64| std::env::var(name).map_or(usual, |value| value.parse().unwrap());
    let waiting = setting("SAMEWIRE_WAITING", 50) << 20;
    let pause = Duration::from_secs(setting("SAMEWIRE_PAUSE", 3));
    let folder = Corpus::empty();
    let known = format!("--quiet --index {}", folder.at("known").display());
    // Among the first answers all of memory that a run needs at once is taken.
    let head = planted(300, 60);
    let body = planted(900, 400);
    for args in ["--quiet", &known] {
        let mut running = Running::start(args);
        let mut stdin = running.stdin.take().unwrap();
        let mut out = BufReader::new(running.stdout.take().unwrap());
        stdin.write_all(head.as_bytes()).unwrap();
        let mut line = String::new();
        for _ in head.lines() {
            line.clear();
            out.read_line(&mut line).unwrap();
        }
        let before = resident(running.child.id());
        let (report, taken) = mpsc::channel();
        let stories = body.clone();
        let writer = thread::spawn(move || {
            let mut sent = 0;
            for round in 0_u64.. {
                // Stories of another id and another first word are other stories.
                for line in stories.lines() {
                    let line = line.replacen("\"id\":\"", &format!("\"id\":\"{round}-"), 1);
                    let line =
                        line.replacen("\"text\":\"", &format!("\"text\":\"w{round} "), 1) + "\n";
                    if sent >= waiting || stdin.write_all(line.as_bytes()).is_err() {
                        return;
                    }
                    sent += line.len() as u64;
                    let _ = report.send(sent);
                }
            }
        });
        let until = Instant::now() + pause;
        let mut most = 0;
        while Instant::now() < until {
            most = most.max(resident(running.child.id()));
            thread::sleep(Duration::from_millis(50));
        }
        let sent = taken.try_iter().last().unwrap_or(0);
        let grown = most.saturating_sub(before);
        println!(
            "{args}: {:.1} MB resident, {:.1} MB more while {:.1} of {:.1} MB waited, of which {:.1} were taken in",
            before as f64 / 1e6,
            grown as f64 / 1e6,
            (waiting - sent) as f64 / 1e6,
            waiting as f64 / 1e6,
            sent as f64 / 1e6
        );
        assert!(grown <= MOST, "{args}: {grown} bytes more");
        assert!(sent < waiting, "{args}: all was taken in, nothing waited");
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        drop(out);
        writer.join().unwrap();
    }
}

#[test]
fn what_is_packed_is_told_with_the_way_to_unpack_it() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(record("a", BRIDGE).as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(record("a", BRIDGE).as_bytes(), 1).unwrap();
    for (bytes, part) in [(gzip, "zcat FILE"), (zstd, "zstdcat FILE")] {
        let (code, out, err) = stream("", &bytes);
        assert_eq!((code, out.len()), (2, 0), "{err}");
        assert!(err.contains(part), "{err}");
        // Also where the first bytes come one by one.
        let mut running = Running::start("");
        for byte in &bytes[..4] {
            let stdin = running.stdin.as_mut().unwrap();
            // What has seen enough takes no more.
            let _ = stdin.write_all(&[*byte]).and_then(|()| stdin.flush());
            thread::sleep(Duration::from_millis(50));
        }
        let (code, err) = running.end();
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(part), "{err}");
    }
}
