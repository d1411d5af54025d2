/*!
What the first bytes of a file and its name say of its shape.
*/

use serde::de::IgnoredAny;

use super::inflate::Compression;

/// The name without the ending that compression added.
pub(super) fn stem(name: &str) -> &str {
    match Compression::promised_by(name) {
        Some(_) => name.rsplit_once('.').map_or(name, |(stem, _)| stem),
        None => name,
    }
}

/// Length of the byte-order mark that `bytes` begins with.
pub(super) fn byte_order_mark(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    }
}

/// Length of the byte-order mark and the white space that `bytes` begins with.
pub(super) fn blank(bytes: &[u8]) -> usize {
    let mark = byte_order_mark(bytes);
    mark + bytes[mark..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .count()
}

/// The first two bytes that are not blank.
pub(super) fn first_bytes(bytes: &[u8]) -> (Option<u8>, Option<u8>) {
    let start = blank(bytes);
    let first = bytes.get(start).copied();
    let rest = bytes.get(start + 1..).unwrap_or_default();
    (first, rest.get(blank(rest)).copied())
}

pub(super) fn first_line_is_object(bytes: &[u8]) -> bool {
    let rest = &bytes[blank(bytes)..];
    is_object(&rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())])
}

/// Whether most of the first lines that are not blank are JSON objects: a torn first line makes no text of a feed.
pub(super) fn mostly_objects(bytes: &[u8]) -> bool {
    const ENOUGH: usize = 8;
    let whole = memchr::memrchr(b'\n', bytes).unwrap_or(0);
    let lines = bytes[..whole].split(|&b| b == b'\n');
    let (mut objects, mut others) = (0, 0);
    for line in lines
        .filter(|line| !line.trim_ascii().is_empty())
        .take(ENOUGH)
    {
        if is_object(line) {
            objects += 1;
        } else {
            others += 1;
        }
    }
    objects > others
}

pub(super) fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}
