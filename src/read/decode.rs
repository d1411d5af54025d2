/*!
Encodings → UTF-8.

| bytes | taken as |
|---|---|
| byte-order mark | what it says; the mark is dropped |
| valid UTF-8 | UTF-8 |
| an encoding was declared | that |
| a text, nearly all UTF-8 | UTF-8, with U+FFFD for what is broken |
| a text, otherwise | the guess of `chardetng`, which is what Firefox uses |
*/

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// So much of a file decides whether it is binary.
pub(super) const BINARY_HEAD: usize = 8 << 10;

/// Takes an encoding that is not a superset of ASCII (UTF-16, ISO-2022-JP) to UTF-8, piece by piece.
///
/// What is malformed comes out as the byte FF, which is never valid: the line that holds it is then rejected
/// like any other that is not UTF-8, and only that line.
pub(super) struct Transcoder {
    decoder: Decoder,
    done: bool,
}

impl Transcoder {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: encoding.new_decoder_with_bom_removal(),
            done: false,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Decodes `raw` to the end of `out`; `last` when nothing follows.
    pub(super) fn push(&mut self, mut raw: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.done {
            return;
        }
        let mut piece = String::with_capacity(raw.len().clamp(64, 1 << 16) * 3);
        loop {
            piece.clear();
            let (result, used) = self
                .decoder
                .decode_to_string_without_replacement(raw, &mut piece, last);
            raw = &raw[used..];
            out.extend_from_slice(piece.as_bytes());
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => out.push(0xff),
            }
        }
        self.done = last;
    }
}

/// The encoding that must be decoded before lines can be found, if it is such a one.
pub(super) fn transcoded(
    head: &[u8],
    declared: Option<&'static Encoding>,
) -> Option<&'static Encoding> {
    match Encoding::for_bom(head) {
        Some((encoding, _)) => (encoding != UTF_8).then_some(encoding),
        None => declared.filter(|encoding| {
            let wide = *encoding == UTF_16LE || *encoding == UTF_16BE;
            // A declaration holds for a whole run, and files in UTF-8 may be among the others.
            let plausible = !wide || has_nul(head) || std::str::from_utf8(head).is_err();
            !encoding.is_ascii_compatible() && plausible
        }),
    }
}

/// Whether a NUL stands in the part of the file that decides.
pub(super) fn has_nul(head: &[u8]) -> bool {
    memchr::memchr(0, &head[..head.len().min(BINARY_HEAD)]).is_some()
}

/// What a binary file is, if it is one. `head` is the file's beginning, at least [`BINARY_HEAD`] of it if it is that long.
pub(super) fn binary(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"%PDF-", "a PDF file"),
        (b"PK\x03\x04", "a zip archive or an office document"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"BZh", "a bzip2 file"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"\x7fELF", "a program"),
    ];
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    match known {
        // A text may begin with "BZh" or "PAR1"; the files of that name hold NUL or bytes that are not text.
        Some((magic, what)) if !magic.is_ascii() || has_nul(head) || magic.len() == 5 => Some(what),
        Some((b"BZh", what)) if std::str::from_utf8(head).is_err() => Some(what),
        _ => has_nul(head).then_some("a binary file"),
    }
}

/// The text of a file of one story. `None` says that `bytes` is valid UTF-8 as it stands.
pub(super) fn text(bytes: &[u8], declared: Option<&'static Encoding>) -> Option<String> {
    if let Some(encoding) = transcoded(bytes, declared) {
        return Some(encoding.decode_with_bom_removal(bytes).0.into_owned());
    }
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let encoding = declared.filter(|e| *e != UTF_8).unwrap_or_else(|| {
        if nearly_utf8(bytes) {
            UTF_8
        } else {
            guess(bytes)
        }
    });
    Some(encoding.decode_with_bom_removal(bytes).0.into_owned())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether `bytes`, which are not valid UTF-8, are UTF-8 with some damage rather than a legacy encoding.
///
/// Counts what has the shape of a UTF-8 sequence (a lead byte and as many continuation bytes as it announces; overlong
/// forms, surrogates and code points out of range have that shape too) against bytes ≥ 80 that stand alone; a longer
/// sequence is more evidence. In legacy text a high byte rarely has the company that UTF-8 prescribes.
fn nearly_utf8(bytes: &[u8]) -> bool {
    let (mut shaped, mut alone) = (0u64, 0u64);
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| !b.is_ascii()) {
        rest = &rest[at..];
        let announced = match rest[0] {
            0xc0..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf7 => 3,
            0xf8..=0xfb => 4,
            0xfc..=0xfd => 5,
            _ => 0,
        };
        let follow = rest[1..]
            .iter()
            .take(announced)
            .take_while(|b| matches!(b, 0x80..=0xbf))
            .count();
        if announced > 0 && follow == announced {
            shaped += announced as u64;
        } else {
            alone += 1;
        }
        rest = &rest[1 + follow..];
    }
    shaped >= alone
}
