/*!
Times as agencies write them → seconds since 1970.

| written | examples |
|---|---|
| ISO 8601, RFC 3339 | `2024-03-26T12:15:00Z`, `2024-03-26 08:15 EDT`, `20240326T121500+0000`, `2024-03-26` |
| digits | seconds or milliseconds since 1970; eight digits that are a date (`20240326`) are one |
| RFC 2822 | `Fri, 20 Oct 2006 18:15:00 -0400` |
| prose | `Fri Oct 20, 2006 6:15pm EDT`, `March 26, 2024 at 12:15 p.m.`, `26 March 2024` |

A time without a zone is UTC, a date without a time its first second. A zone of unknown name makes the whole time
unknown: hours off is worse than none. The calendar is `jiff`'s.
*/

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;

/// Seconds since 1970-01-01T00:00Z; none when the form is unknown or the time is out of range.
///
/// ```
/// use samewire::read::time::parse;
/// assert_eq!(parse("2006-10-20T22:15:00Z"), Some(1_161_382_500));
/// assert_eq!(parse("Fri Oct 20, 2006 6:15pm EDT"), Some(1_161_382_500));
/// assert_eq!(parse("yesterday"), None);
/// ```
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    // No form is longer, and the work stays bounded.
    if text.is_empty() || text.len() > 80 {
        return None;
    }
    let digits = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && !text.contains("..")
        && text.bytes().skip(1).all(|b| b != b'-');
    if digits {
        return digits_only(text);
    }
    iso(text).or_else(|| words(text))
}

/// Beyond so many seconds (the year 5138) a number counts milliseconds.
const SECONDS: i64 = 100_000_000_000;

fn digits_only(text: &str) -> Option<i64> {
    if text.len() == 8
        && let Some(date) = iso(text)
    {
        return Some(date);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let seconds = if number.abs() < SECONDS {
        number
    } else {
        number.div_euclid(1000)
    };
    (seconds.abs() < SECONDS).then_some(seconds)
}

fn iso(text: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+')) {
        return None;
    }
    if let Ok(pieces) = PARSER.parse_pieces(text) {
        let time = pieces.time().unwrap_or(Time::midnight());
        let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
        return seconds(DateTime::from_parts(pieces.date(), time), offset);
    }
    // "2024-03-26 08:15:00 EDT"
    let (rest, name) = text.rsplit_once(' ')?;
    let offset = zone(name)?;
    let pieces = PARSER.parse_pieces(rest.trim_end()).ok()?;
    let time = pieces.time()?;
    pieces.offset().is_none().then_some(())?;
    seconds(DateTime::from_parts(pieces.date(), time), offset)
}

fn seconds(civil: DateTime, offset: Offset) -> Option<i64> {
    Some(offset.to_timestamp(civil).ok()?.as_second())
}

/// Reads word by word, so that the order of day and month, commas and weekdays need no list of forms.
fn words(text: &str) -> Option<i64> {
    let (mut month, mut day, mut year) = (None, None, None);
    let mut clock: Option<(i8, i8, i8)> = None;
    let mut offset = None;
    let mut text = Cow::Borrowed(text);
    if text.as_bytes().windows(3).any(|sign| sign == b".m.") {
        text = Cow::Owned(text.replace("a.m.", "am").replace("p.m.", "pm"));
    }
    let parts = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | '(' | ')');
    for word in text.split(parts).filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches('.');
        if let Some(number) = month_number(word) {
            set(&mut month, number)?;
        } else if let Some(half) = half_of_day(word) {
            clock = Some(twelve_hours(clock?, half)?);
        } else if word.contains(':') || half_of_day(tail(word)).is_some() {
            set(&mut clock, clock_time(word)?)?;
        } else if word.bytes().all(|b| b.is_ascii_digit()) {
            let number: i16 = word.parse().ok()?;
            match (word.len(), day) {
                (4, _) => set(&mut year, number)?,
                (1 | 2, None) => day = Some(i8::try_from(number).ok()?),
                // RFC 2822, 4.3: two digits of a year.
                (2, Some(_)) => set(&mut year, number + if number < 50 { 2000 } else { 1900 })?,
                _ => return None,
            }
        } else if is_weekday(word) || word.eq_ignore_ascii_case("at") {
        } else if let Some(found) = numeric_offset(word).or_else(|| zone(word)) {
            // "-0400 (EDT)" says it twice.
            offset.get_or_insert(found);
        } else {
            return None;
        }
    }
    let date = Date::new(year?, month?, day?).ok()?;
    let (hour, minute, second) = clock.unwrap_or_default();
    // A leap second is the last of its minute, as in `jiff`.
    let time = Time::new(hour, minute, second.min(59), 0).ok()?;
    seconds(
        DateTime::from_parts(date, time),
        offset.unwrap_or(Offset::UTC),
    )
}

/// Nothing may be said twice.
fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    // Agencies shorten to three letters, and September to four. These three tell months apart.
    let begins = first_three(word)?;
    let at = MONTHS
        .iter()
        .position(|month| month.as_bytes()[..3] == begins)?;
    let whole = word.len() == 3 || word.eq_ignore_ascii_case(MONTHS[at]);
    (whole || word.eq_ignore_ascii_case("sept")).then_some(())?;
    i8::try_from(at + 1).ok()
}

/// The first three bytes in small letters.
fn first_three(word: &str) -> Option<[u8; 3]> {
    let begins: &[u8; 3] = word.as_bytes().first_chunk()?;
    Some(begins.map(|b| b.to_ascii_lowercase()))
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let Some(begins) = first_three(word) else {
        return false;
    };
    let day = DAYS.iter().find(|day| day.as_bytes()[..3] == begins);
    let start = day.and_then(|day| day.get(..word.len()));
    start.is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

fn half_of_day(word: &str) -> Option<Half> {
    if word.eq_ignore_ascii_case("am") {
        Some(Half::Am)
    } else if word.eq_ignore_ascii_case("pm") {
        Some(Half::Pm)
    } else {
        None
    }
}

/// What follows the digits and colons of a word.
fn tail(word: &str) -> &str {
    word.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')
}

/// `18:15`, `18:15:00`, `6:15pm`, `6pm`.
fn clock_time(word: &str) -> Option<(i8, i8, i8)> {
    let half = tail(word);
    let mut parts = word[..word.len() - half.len()].split(':');
    let mut number = |default: Option<i8>| match parts.next() {
        Some(part) if part.len() <= 2 => part.parse().ok(),
        Some(_) => None,
        None => default,
    };
    let time = (number(None)?, number(Some(0))?, number(Some(0))?);
    parts.next().is_none().then_some(())?;
    match half_of_day(half) {
        Some(half) => twelve_hours(time, half),
        None if half.is_empty() => Some(time),
        None => None,
    }
}

fn twelve_hours((hour, minute, second): (i8, i8, i8), half: Half) -> Option<(i8, i8, i8)> {
    (1..=12).contains(&hour).then_some(())?;
    let hour = hour % 12 + if half == Half::Pm { 12 } else { 0 };
    Some((hour, minute, second))
}

/// `+0100`, `-04:00`.
fn numeric_offset(word: &str) -> Option<Offset> {
    let (sign, rest) = match word.as_bytes().first()? {
        b'+' => (1, &word[1..]),
        b'-' => (-1, &word[1..]),
        _ => return None,
    };
    let digits = rest.replacen(':', "", 1);
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Zones by the names that agencies use. `ET` and its like, which leave open whether it is summer, count as winter
/// time: an hour off at most.
fn zone(name: &str) -> Option<Offset> {
    const ZONES: [(&str, i8); 33] = [
        ("Z", 0),
        ("UT", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("WET", 0),
        ("BST", 1),
        ("CET", 1),
        ("WEST", 1),
        ("CEST", 2),
        ("EET", 2),
        ("EEST", 3),
        ("MSK", 3),
        ("HKT", 8),
        ("SGT", 8),
        ("JST", 9),
        ("KST", 9),
        ("AEST", 10),
        ("AEDT", 11),
        ("AST", -4),
        ("ADT", -3),
        ("EDT", -4),
        ("EST", -5),
        ("ET", -5),
        ("CDT", -5),
        ("CST", -6),
        ("CT", -6),
        ("MDT", -6),
        ("MST", -7),
        ("PDT", -7),
        ("PST", -8),
        ("PT", -8),
        ("AKST", -9),
        ("HST", -10),
    ];
    // As numbers: a name is held against all of them.
    const NAMES: [u32; 33] = {
        let mut names = [0; 33];
        let mut at = 0;
        while at < names.len() {
            names[at] = number_of(ZONES[at].0.as_bytes());
            at += 1;
        }
        names
    };
    if name.len() > 4 {
        return None;
    }
    let number = number_of(name.as_bytes());
    let at = NAMES.iter().position(|&zone| zone == number)?;
    Offset::from_hours(ZONES[at].1).ok()
}

/// Up to four bytes, letters as capitals.
const fn number_of(name: &[u8]) -> u32 {
    let mut number = 0;
    let mut at = 0;
    while at < name.len() {
        number = number << 8 | name[at].to_ascii_uppercase() as u32;
        at += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_moment_in_all_its_forms() {
        for text in [
            "2006-10-20T22:15:00Z",
            "2006-10-20T22:15:00.000Z",
            "2006-10-20T22:15Z",
            "2006-10-20T18:15:00-04:00",
            "2006-10-20T18:15:00-0400",
            "2006-10-20T22:15:00",
            "2006-10-20 22:15:00",
            "2006-10-20 22:15",
            "2006-10-20 22:15:00+00:00",
            "2006-10-20 22:15:00 UTC",
            "2006-10-20 18:15 EDT",
            "20061020T221500Z",
            "20061020T181500-0400",
            "Fri Oct 20, 2006 6:15pm EDT",
            "Fri, 20 Oct 2006 18:15:00 -0400",
            "Fri, 20 Oct 2006 18:15:00 EDT",
            "20 Oct 06 18:15 EDT",
            "Fri, 20 Oct 2006 22:15:00 GMT",
            "Fri, 20 Oct 2006 18:15:00 -0400 (EDT)",
            "October 20, 2006 at 6:15 p.m. EDT",
            "Oct. 20, 2006, 10:15 PM",
            "20 October 2006 22:15",
            "Fri Oct 20 22:15:00 2006",
            "Friday, October 20, 2006 11:15 p.m. BST",
            "1161382500",
            "1161382500.25",
            "1161382500000",
            " 2006-10-20T22:15:00Z ",
        ] {
            assert_eq!(parse(text), Some(1_161_382_500), "{text}");
        }
    }

    #[test]
    fn a_date_is_its_first_second() {
        for text in [
            "2024-03-26",
            "20240326",
            "March 26, 2024",
            "26 March 2024",
            "Mar 26 2024",
            "Tue, 26 Mar 2024",
        ] {
            assert_eq!(parse(text), Some(1_711_411_200), "{text}");
        }
        assert_eq!(parse("Sept. 1, 2024"), parse("2024-09-01"));
        assert_eq!(parse("March 26, 2024 12am"), parse("2024-03-26"));
        assert_eq!(parse("March 26, 2024 12pm"), parse("2024-03-26T12:00"));
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("-1"), Some(-1));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            " ",
            "yesterday",
            "2024-02-30",
            "2024-13-01",
            "February 30, 2024",
            "March 2024",
            "26 March",
            "March 26, 2024 25:00",
            "March 26, 2024 13pm",
            "March 26, 2024 6:15 XYZ",
            "99999999999999999999",
            "9999999999999999",
            "1.2.3",
            "1-2",
            "-",
            ".",
            "12:00",
            "pm",
            "03/26/2024",
            "March March 26 2024",
            "2024-03-26T12:00:00 PST8PDT",
            "99999-01-01",
            "٣",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"1".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn nothing_that_looks_like_a_time_panics(text in "[-+0-9:.,TZ a-zA-Z]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn seconds_and_their_iso_form_agree(seconds in -60_000_000_000i64..90_000_000_000) {
            let iso = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            prop_assert_eq!(parse(&iso), Some(seconds));
            prop_assert_eq!(parse(&seconds.to_string()), Some(seconds).filter(|s| s.to_string().len() != 8).or(parse(&seconds.to_string())));
        }
    }
}
