/*!
JSON that is not one object a line → the same with a record a line.

Takes a file that holds one object, several in a row, or an array of objects, spread over lines as a pretty-printer
does. Line ends between the tokens of JSON are white space and may be replaced by spaces (inside a string they must be
escaped), so every record becomes one line without a byte being moved; its line number is that of its first byte.
*/

use serde_json::value::RawValue;

use super::Locator;

/// Records of the JSON in `bytes`, which are changed to hold each on one line.
///
/// # Errors
/// When `bytes` is not JSON of that shape: why, with line and column.
pub(super) fn records(bytes: &mut [u8]) -> Result<Vec<Locator>, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let values: Vec<&RawValue> = if text.trim_ascii_start().starts_with('[') {
        serde_json::from_str(text).map_err(|e| e.to_string())?
    } else {
        serde_json::Deserializer::from_str(text)
            .into_iter::<&RawValue>()
            .collect::<Result<_, _>>()
            .map_err(|e| e.to_string())?
    };
    let base = bytes.as_ptr().addr();
    let mut line = 1;
    let mut counted = 0;
    let mut locators = Vec::with_capacity(values.len());
    for value in values {
        let value = value.get();
        // Raw values borrow from `text`, so the difference is their place in it.
        let start = value.as_ptr().addr() - base;
        line += newlines(&bytes[counted..start]);
        counted = start;
        locators.push(Locator {
            start: start as u32,
            len: value.len() as u32,
            line,
        });
    }
    for locator in &locators {
        let start = locator.start as usize;
        for byte in &mut bytes[start..start + locator.len as usize] {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    Ok(locators)
}

/// Line feeds in `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
