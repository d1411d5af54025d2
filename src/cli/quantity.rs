/*!
Values as people write them: `64M`, `72h`, `source:ap,reuters`. Each function is a value parser for clap: its error
says what would have been right.
*/

use std::num::NonZeroUsize;

use encoding_rs::Encoding;
use samewire::{Keep, Threshold};

type Parsed<T> = Result<T, String>;

/// A number of bytes: `65536`, `64K`, `64M`, `1G`; also `64MB` and `64MiB`. K, M and G are powers of 1024.
pub fn bytes(text: &str) -> Parsed<usize> {
    const WRONG: &str = "give a number of bytes above 0, such as 65536, 64K, 64M or 1G";
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: usize = text[..digits].parse().map_err(|_| WRONG)?;
    let shift = match text[digits..].trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(WRONG.into()),
    };
    number
        .checked_mul(1 << shift)
        .filter(|&n| n > 0)
        .ok_or_else(|| WRONG.into())
}

/// Threads are started all at once, each with a stack of its own: more than this would choke the machine, not speed it up.
const MOST_THREADS: usize = 1_024;

/// A number of threads.
pub fn threads(text: &str) -> Parsed<NonZeroUsize> {
    text.parse()
        .ok()
        .filter(|n: &NonZeroUsize| n.get() <= MOST_THREADS)
        .ok_or_else(|| format!("give a number from 1 to {MOST_THREADS}"))
}

/// A span of time in seconds: `90m`, `72h`, `3d`, `1w`, `1d12h`.
pub fn window(text: &str) -> Parsed<u64> {
    const WRONG: &str = "give a span with its unit: 45s, 90m, 72h, 3d, 1w or 1d12h";
    let mut seconds: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(WRONG)?;
        let number: u64 = rest[..digits].parse().map_err(|_| WRONG)?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return Err(WRONG.into()),
        };
        seconds = number
            .checked_mul(unit)
            .and_then(|n| seconds.checked_add(n))
            .ok_or(WRONG)?;
        rest = &rest[digits + 1..];
    }
    if text.is_empty() {
        Err(WRONG.into())
    } else {
        Ok(seconds)
    }
}

/// A threshold that the library accepts.
pub fn threshold(text: &str) -> Parsed<f64> {
    let value: f64 = text.parse().map_err(|_| "give a number such as 0.5")?;
    Threshold::new(value)
        .map(|_| value)
        .map_err(|_| "a similarity lies above 0 and is at most 1; try 0.5".into())
}

/// Which member stands for a group.
pub fn keep(text: &str) -> Parsed<Keep> {
    match text {
        "earliest" => Ok(Keep::Earliest),
        "latest" => Ok(Keep::Latest),
        "longest" => Ok(Keep::Longest),
        _ => {
            let sources: Vec<String> = text
                .strip_prefix("source:")
                .unwrap_or_default()
                .split(',')
                .map(|s| s.trim().to_owned())
                .filter(|s| !s.is_empty())
                .collect();
            if sources.is_empty() {
                Err("give earliest, latest, longest or source:NAME[,NAME...]".into())
            } else {
                Ok(Keep::Sources(sources))
            }
        }
    }
}

/// An encoding by one of the names that the web uses for it.
pub fn encoding(text: &str) -> Parsed<&'static Encoding> {
    Encoding::for_label(text.as_bytes())
        .ok_or_else(|| "not a known encoding; try utf-8, windows-1252, iso-8859-2, gb18030, shift_jis or utf-16le".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units_of_1024() {
        assert_eq!(bytes("65536"), Ok(65_536));
        assert_eq!(bytes("64M"), Ok(64 << 20));
        assert_eq!(bytes("64 MiB"), Ok(64 << 20));
        assert_eq!(bytes("1g"), Ok(1 << 30));
        for wrong in [
            "",
            "0",
            "M",
            "-1",
            "64X",
            "1.5G",
            "99999999999999999999",
            "18446744073709551615K",
        ] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn threads_are_few() {
        assert_eq!(threads("2").map(NonZeroUsize::get), Ok(2));
        for wrong in ["0", "1025", "-1", "two", ""] {
            assert!(threads(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn windows_have_a_unit() {
        assert_eq!(window("45s"), Ok(45));
        assert_eq!(window("72h"), Ok(259_200));
        assert_eq!(window("1w"), Ok(604_800));
        assert_eq!(window("1d12h"), Ok(129_600));
        for wrong in [
            "",
            "72",
            "h",
            "3 d",
            "3é",
            "-3d",
            "99999999999999999999w",
            "99999999999999999w",
        ] {
            assert!(window(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sources_are_listed() {
        assert_eq!(keep("latest"), Ok(Keep::Latest));
        assert_eq!(
            keep("source:ap, reuters,"),
            Ok(Keep::Sources(vec!["ap".into(), "reuters".into()]))
        );
        for wrong in ["source:", "first", "", "ap,reuters"] {
            assert!(keep(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn thresholds_and_encodings_are_checked() {
        assert_eq!(threshold("1"), Ok(1.0));
        for wrong in ["0", "1.1", "NaN", "x", "-0.5"] {
            assert!(threshold(wrong).is_err(), "{wrong}");
        }
        assert!(encoding("latin1").is_ok());
        assert!(encoding("latin99").is_err());
    }
}
