//! A member put into a line of JSON without touching a byte of it.

/// Where a member can be put into the object that a line is, as its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The byte before which it goes.
    pub at: usize,
    /// Whether the object has members before it.
    pub follows: bool,
}

/// Finds the place; none in a line that ends in no brace, which is to stay as it is.
pub fn place(line: &[u8]) -> Option<Place> {
    let at = memchr::memrchr(b'}', line)?;
    let follows = !line[..at].trim_ascii_end().ends_with(b"{");
    Some(Place { at, follows })
}

impl Place {
    /// Appends the member; cutting it out again gives the line back. `name` is the JSON string, quotes included, `value` appends the value.
    pub fn put<E>(
        self,
        name: &[u8],
        value: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        if self.follows {
            out.push(b',');
        }
        out.extend_from_slice(name);
        out.push(b':');
        value(out)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn splice(line: &[u8]) -> Vec<u8> {
        let place = place(line).unwrap();
        let mut out = line[..place.at].to_vec();
        let value = |out: &mut Vec<u8>| out.write_all(b"{\"v\":1}");
        place.put(b"\"samewire\"", value, &mut out).unwrap();
        out.extend_from_slice(&line[place.at..]);
        out
    }

    #[test]
    fn the_member_comes_last_and_the_rest_stays() {
        for (line, expected) in [
            (r#"{"a":1}"#, r#"{"a":1,"samewire":{"v":1}}"#),
            ("{}", r#"{"samewire":{"v":1}}"#),
            (" { } \r", " { \"samewire\":{\"v\":1}} \r"),
            (
                "{\"a\":\"}\"} \t\r",
                "{\"a\":\"}\",\"samewire\":{\"v\":1}} \t\r",
            ),
            (r#"{"a":{}}"#, r#"{"a":{},"samewire":{"v":1}}"#),
            (
                r#"{"a":[{"b":"{"}] }"#,
                r#"{"a":[{"b":"{"}] ,"samewire":{"v":1}}"#,
            ),
        ] {
            assert_eq!(
                String::from_utf8(splice(line.as_bytes())).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn every_accepted_document_of_the_test_suite_comes_back() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders =
            ["../shared/data/hostile", "../../shared/data/hostile"].map(|up| root.join(up));
        let Some(folder) = folders.iter().find(|f| f.exists()) else {
            return;
        };
        let mut files = vec![folder.clone()];
        let mut seen = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let line = std::fs::read(&path).unwrap_or_default();
            let object = line.trim_ascii_start().starts_with(b"{");
            if !name.starts_with("y_") || !name.contains("object") || !object {
                continue;
            }
            seen += 1;
            let (member, mut out) = (b"\"samewire\":{\"v\":1}", splice(&line));
            serde_json::from_slice::<serde::de::IgnoredAny>(&out).unwrap();
            let at = memchr::memmem::rfind(&out, member).unwrap();
            let from = at - usize::from(out[at - 1] == b',');
            out.drain(from..at + member.len());
            assert_eq!(out, line, "{name}");
        }
        println!("{seen} documents");
    }
}
