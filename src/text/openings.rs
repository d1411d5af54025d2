/*!
Lists of beginnings and words that patterns and rules know, asked by their first byte.
*/

/// Beginnings that are looked for, found by their first byte: one look spares most comparisons.
#[derive(Debug)]
pub struct Openings<const N: usize> {
    all: [&'static str; N],
    /// For each byte the first opening that begins with it, and for each opening the next that begins as it does: places, from 1.
    first: [u8; 256],
    next: [u8; N],
    heads: [Head; N],
}

/// The first four bytes of an opening, as many as it has, and which bits they are: they settle nearly every comparison.
#[derive(Clone, Copy, Debug)]
struct Head {
    bytes: u32,
    bits: u32,
}

impl Head {
    const fn of(opening: &[u8]) -> Self {
        let mut head = Self { bytes: 0, bits: 0 };
        let mut i = 0;
        while i < 4 && i < opening.len() {
            head.bytes |= (opening[i] as u32) << (8 * i);
            head.bits |= 0xff << (8 * i);
            i += 1;
        }
        head
    }
}

/// The first four bytes of a text; one that is shorter has zeros after it.
#[inline]
fn head_of(text: &[u8]) -> [u8; 4] {
    text.first_chunk().copied().unwrap_or_else(|| {
        let mut head = [0; 4];
        head[..text.len()].copy_from_slice(text);
        head
    })
}

impl<const N: usize> Openings<N> {
    pub const fn new(all: [&'static str; N]) -> Self {
        let (mut first, mut next) = ([0; 256], [0; N]);
        let mut heads = [Head { bytes: 0, bits: 0 }; N];
        let mut i = N;
        while i > 0 {
            i -= 1;
            let byte = all[i].as_bytes()[0] as usize;
            next[i] = first[byte];
            first[byte] = i as u8 + 1;
            heads[i] = Head::of(all[i].as_bytes());
        }
        Self {
            all,
            first,
            next,
            heads,
        }
    }

    /// The first opening of those that begin with `byte`, in their order, that fits.
    #[inline]
    pub fn find(&self, byte: u8, fits: impl Fn(&str) -> bool) -> Option<&'static str> {
        self.find_place(byte, |i| fits(self.all[i]))
    }

    #[inline(always)]
    fn find_place(&self, byte: u8, fits: impl Fn(usize) -> bool) -> Option<&'static str> {
        let mut place = self.first[byte as usize];
        while let Some(i) = usize::from(place).checked_sub(1) {
            if fits(i) {
                return Some(self.all[i]);
            }
            place = self.next[i];
        }
        None
    }

    /// As [`find`](Self::find), of those that begin with these bytes as far as they have so many; `fits` tells of the whole.
    #[inline(always)]
    fn find_head(&self, head: [u8; 4], fits: impl Fn(&str) -> bool) -> Option<&'static str> {
        let bytes = u32::from_le_bytes(head);
        self.find_place(head[0], |i| {
            let of = self.heads[i];
            bytes & of.bits == of.bytes && fits(self.all[i])
        })
    }

    /// Whether that is one of them.
    pub fn has(&self, whole: &str) -> bool {
        let first = whole.bytes().next();
        first.is_some_and(|first| self.find(first, |opening| opening == whole).is_some())
    }

    /// The first that `text` starts with.
    #[inline]
    pub fn of(&self, text: &str) -> Option<&'static str> {
        self.find_head(head_of(text.as_bytes()), |opening| {
            text.starts_with(opening)
        })
    }

    /// Whether `text` starts with one.
    #[inline]
    pub fn begin(&self, text: &str) -> bool {
        self.of(text).is_some()
    }

    /// Whether `text` starts with one, ASCII case aside; they are given in small letters.
    #[inline]
    pub fn begin_ignoring_case(&self, text: &str) -> bool {
        let head = head_of(text.as_bytes()).map(|b| b.to_ascii_lowercase());
        self.find_head(head, |opening| starts_with_ignoring_case(text, opening))
            .is_some()
    }

    /// Where the first of them stands in a short text. They begin with ASCII, so where one begins is a character boundary.
    pub fn place(&self, text: &str) -> Option<usize> {
        text.bytes().enumerate().find_map(|(at, b)| {
            (self.first[b as usize] != 0 && self.begin(&text[at..])).then_some(at)
        })
    }
}

/// Whether `text` starts with `prefix`, ASCII case aside.
fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.len() >= prefix.len()
        && text.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: Openings<6> = Openings::new(["by ", "b", "bylines", "© ", "copyright ", "cop"]);

    #[test]
    fn the_first_that_fits_is_told_whatever_its_length() {
        for (text, opening) in [
            ("by", Some("b")),
            ("by ", Some("by ")),
            ("by Ana", Some("by ")),
            ("bylines", Some("b")),
            ("copy", Some("cop")),
            ("copyright 2031", Some("copyright ")),
            ("© 2031", Some("© ")),
            ("©", None),
            ("co", None),
            ("", None),
            ("x", None),
            ("By ", None),
        ] {
            assert_eq!(LIST.of(text), opening, "{text}");
            assert_eq!(LIST.begin(text), opening.is_some(), "{text}");
        }
        for text in ["BY ANA", "Copyright", "B", "COP"] {
            assert!(LIST.begin_ignoring_case(text), "{text}");
        }
        for text in ["", "CO", "x", "© "] {
            assert_eq!(LIST.begin_ignoring_case(text), text == "© ", "{text}");
        }
    }

    #[test]
    fn a_place_is_where_one_begins() {
        assert_eq!(LIST.place("Ana, copyright 2031"), Some(5));
        assert_eq!(LIST.place("Ana, co"), None);
    }

    proptest::proptest! {
        #[test]
        fn an_opening_is_found_where_the_text_starts_with_it(text in "(by|b|co|copyright|©|by lines)?[ b-y©]{0,12}") {
            let plain = LIST.all.iter().copied().find(|opening| text.starts_with(opening));
            proptest::prop_assert_eq!(LIST.of(&text), plain);
        }
    }
}
