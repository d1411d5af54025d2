/*!
The same value written otherwise: "Feb." and "February", "two" and "2", "mln" and "million", "5 p.m." and "5pm", "Calif." and "California".

House styles differ in these, facts do not. Only what has one meaning wherever it stands opposite its other form is told.
*/

use std::ops::Range;

use super::prepared::Prepared;

/// Longest word that has another form.
const LONGEST: usize = 14;

/// Other forms of words, in small letters: of style, of spelling, of figures.
#[rustfmt::skip]
fn full_form(word: &[u8]) -> Option<&'static str> {
    Some(match word {
        b"jan" => "january", b"feb" => "february", b"mar" => "march", b"apr" => "april", b"jun" => "june", b"jul" => "july",
        b"aug" => "august", b"sep" | b"sept" => "september", b"oct" => "october", b"nov" => "november", b"dec" => "december",
        b"mon" => "monday", b"tue" | b"tues" => "tuesday", b"wed" => "wednesday", b"thu" | b"thur" | b"thurs" => "thursday",
        b"fri" => "friday", b"sat" => "saturday", b"sun" => "sunday",
        b"one" => "1", b"two" => "2", b"three" => "3", b"four" => "4", b"five" => "5", b"six" => "6", b"seven" => "7",
        b"eight" => "8", b"nine" => "9", b"ten" => "10", b"eleven" => "11", b"twelve" => "12", b"thirteen" => "13",
        b"fourteen" => "14", b"fifteen" => "15", b"sixteen" => "16", b"seventeen" => "17", b"eighteen" => "18",
        b"nineteen" => "19", b"twenty" => "20", b"thirty" => "30", b"forty" => "40", b"fifty" => "50", b"sixty" => "60",
        b"seventy" => "70", b"eighty" => "80", b"ninety" => "90",
        b"first" => "1st", b"second" => "2nd", b"third" => "3rd", b"fourth" => "4th", b"fifth" => "5th", b"sixth" => "6th",
        b"seventh" => "7th", b"eighth" => "8th", b"ninth" => "9th", b"tenth" => "10th",
        b"mln" => "million", b"bln" | b"bn" => "billion", b"trln" | b"tn" => "trillion", b"pct" => "percent",
        b"centre" => "center",
        // As in the stylebook of the Associated Press.
        b"ala" => "alabama", b"ariz" => "arizona", b"ark" => "arkansas", b"calif" => "california", b"colo" => "colorado",
        b"conn" => "connecticut", b"del" => "delaware", b"fla" => "florida", b"ill" => "illinois", b"ind" => "indiana",
        b"kan" => "kansas", b"mass" => "massachusetts", b"mich" => "michigan", b"minn" => "minnesota",
        b"miss" => "mississippi", b"mont" => "montana", b"neb" => "nebraska", b"nev" => "nevada", b"okla" => "oklahoma",
        b"ore" => "oregon", b"tenn" => "tennessee", b"tex" => "texas", b"wash" => "washington",
        b"wis" => "wisconsin", b"wyo" => "wyoming",
        b"ga" => "georgia", b"ky" => "kentucky", b"la" => "louisiana", b"md" => "maryland", b"mo" => "missouri",
        b"pa" | b"penn" => "pennsylvania", b"va" => "virginia", b"vt" => "vermont",
        _ => return None,
    })
}

/// The form that all forms of a word have in common, if it has others.
fn known(word: &str) -> Option<&'static str> {
    let mut small = [0; LONGEST];
    let small = small.get_mut(..word.len()).filter(|_| word.is_ascii())?;
    small.copy_from_slice(word.as_bytes());
    small.make_ascii_lowercase();
    full_form(small)
}

/// Appends a word in the form that all its forms have in common.
fn push(word: &str, out: &mut String) {
    match known(word) {
        Some(full) => out.push_str(full),
        None => out.extend(word.chars().flat_map(char::to_lowercase)),
    }
}

/// The first byte of that form, where it is ASCII.
fn initial(word: &str) -> Option<u8> {
    let first = known(word).unwrap_or(word).bytes().next()?;
    first.is_ascii().then(|| first.to_ascii_lowercase())
}

/// Whether the forms of two words begin with different letters: settles it for nearly all.
fn differ_at_once(x: &str, y: &str) -> bool {
    matches!((initial(x), initial(y)), (Some(x), Some(y)) if x != y)
}

/// Whether two words are forms of one.
pub fn same_word(x: &str, y: &str) -> bool {
    if differ_at_once(x, y) {
        return false;
    }
    let forms = [x, y].map(|word| {
        let mut form = String::new();
        push(word, &mut form);
        form
    });
    forms[0] == forms[1]
}

/// Whether words of one text and words of another say the same in other forms.
pub fn same(a: (&Prepared<'_>, Range<usize>), b: (&Prepared<'_>, Range<usize>)) -> bool {
    if a.1.is_empty() || b.1.is_empty() {
        return a.1.is_empty() && b.1.is_empty();
    }
    let [i, j] = [a.1.start, b.1.start];
    if differ_at_once(a.0.surface(i), b.0.surface(j)) {
        return false;
    }
    let forms = [a, b].map(|(side, words)| written(side, words));
    forms[0] == forms[1]
}

/// The words in their common forms, one after the other: "per cent" as "percent", "U.S." as "US". Figures are kept apart from figures, but for
/// thousands, which some set off by a comma.
fn written(side: &Prepared<'_>, words: Range<usize>) -> String {
    let mut out = String::new();
    let first = words.start;
    for word in words {
        let surface = side.surface(word);
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if word > first && out.ends_with(|c: char| c.is_ascii_digit()) {
            let between = side.between(word);
            let thousands = between == "," && surface.len() == 3 && digits(surface);
            if !thousands && (digits(surface) || is_figure(surface)) {
                out.push(if between.contains('.') { '.' } else { ' ' });
            }
        }
        push(surface, &mut out);
    }
    out
}

/// Whether its common form begins with a digit.
fn is_figure(word: &str) -> bool {
    let mut form = String::new();
    push(word, &mut form);
    form.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::story::Story;
    use crate::verify::prepared::Making;

    fn are_same(x: &str, y: &str) -> bool {
        let settings = Settings::default();
        let mut making = Making::new(&settings);
        let (a, b) = (
            making.prepare(Story::new("a", x), 0),
            making.prepare(Story::new("b", y), 0),
        );
        let all = |side: &Prepared<'_>| 0..side.words().len();
        same((&a, all(&a)), (&b, all(&b)))
    }

    #[test]
    fn styles_of_houses_say_the_same() {
        for (x, y) in [
            ("Feb. 3", "February 3"),
            ("on Tues.", "on Tuesday"),
            ("two million", "2 mln"),
            ("4.5 pct", "4.5 per cent"),
            ("5 p.m.", "5pm"),
            ("1,250 tonnes", "1250 tonnes"),
            ("the U.S. side", "the US side"),
            ("Fresno, Calif.", "Fresno, California"),
            ("the second half", "the 2nd half"),
        ] {
            assert!(are_same(x, y), "{x} {y}");
            assert!(are_same(y, x), "{y} {x}");
        }
    }

    #[test]
    fn other_values_are_others() {
        for (x, y) in [
            ("1.5 percent", "15 percent"),
            ("10 12", "1012"),
            ("twenty one", "201"),
            ("1,25 tonnes", "125 tonnes"),
            ("Feb. 3", "February 4"),
            ("two million", "2 bln"),
            ("Georgia", "Germany"),
            ("mar", "may"),
        ] {
            assert!(!are_same(x, y), "{x} {y}");
        }
        assert!(!same_word("Nov", "December"));
        assert!(same_word("Nov", "november"));
        assert!(same_word("7", "seven"));
        assert!(!same_word("7", "Seventh"));
    }
}
