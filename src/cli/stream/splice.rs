//! A member put into a line of JSON without touching a byte of it.

/// Appends `line` to `out` with `"name":value` as the last member of the object that the line is; cutting it out again
/// gives the line back. `name` is the JSON string, quotes included. A line that ends in no brace is appended as it is.
pub fn splice(line: &[u8], name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    let Some(brace) = memchr::memrchr(b'}', line) else {
        out.extend_from_slice(line);
        return;
    };
    let (head, tail) = line.split_at(brace);
    let empty = head.trim_ascii_end().ends_with(b"{");
    out.reserve(line.len() + name.len() + value.len() + 2);
    out.extend_from_slice(head);
    if !empty {
        out.push(b',');
    }
    out.extend_from_slice(name);
    out.push(b':');
    out.extend_from_slice(value);
    out.extend_from_slice(tail);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced(line: &str) -> String {
        let mut out = Vec::new();
        splice(line.as_bytes(), b"\"samewire\"", b"{\"v\":1}", &mut out);
        String::from_utf8(out).unwrap()
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
            assert_eq!(spliced(line), expected);
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
            let (member, mut out) = (b"\"samewire\":{\"v\":1}", Vec::new());
            splice(&line, b"\"samewire\"", b"{\"v\":1}", &mut out);
            serde_json::from_slice::<serde::de::IgnoredAny>(&out).unwrap();
            let at = memchr::memmem::rfind(&out, member).unwrap();
            let from = at - usize::from(out[at - 1] == b',');
            out.drain(from..at + member.len());
            assert_eq!(out, line, "{name}");
        }
        println!("{seen} documents");
    }
}
