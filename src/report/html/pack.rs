/*!
Values → text that a page can hold: JSON, compressed, in base64.

Base64 has no character that means anything to HTML, so whatever a story says, it cannot end the element that carries it.
The browser takes it apart again with `DecompressionStream`. The same value gives the same text.
*/

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A value as base64 of raw DEFLATE of JSON.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn pack(value: &impl Serialize) -> io::Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    let json = serde_json::to_vec(value)?;
    encoder.write_all(&json)?;
    Ok(STANDARD.encode(encoder.finish()?))
}

/// What a Content-Security-Policy calls a script or a style with that text.
pub fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_holds_no_markup() {
        let hostile = "</script><script>alert(1)</script>\u{2028}<!--";
        let packed = pack(&hostile).unwrap();
        assert!(
            packed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        );
        let bytes = STANDARD.decode(packed).unwrap();
        let mut json = String::new();
        flate2::read::DeflateDecoder::new(&bytes[..])
            .read_to_string(&mut json)
            .unwrap();
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        // The empty text, as in the specification of SHA-2.
        assert_eq!(
            source_hash(""),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        );
    }
}
