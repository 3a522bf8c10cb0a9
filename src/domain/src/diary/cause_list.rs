//! The cause list: which day's list is out, and how a name is shown on it.
//!
//! The list of a day is out from 18:00 of the evening before. It names nobody: who is on it knows his own letters.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::office::ist;

/// From this hour on the list of the next day is out, wall time.
pub const OUT_FROM_HOUR: i8 = 18;
/// Words of a name that are shown as a letter each.
const NAME_WORDS_MAX: usize = 4;
/// What stands for the rest of a word.
const HIDDEN: &str = "***";

/// The day whose list is out at `now`.
#[must_use]
pub fn day_at(now: Timestamp) -> Date {
    let local = now.to_zoned(ist());
    let today = local.date();
    if local.hour() < OUT_FROM_HOUR { today } else { today.saturating_add(1.day()) }
}

/// A name as the list shows it: the first letter of each word, «र*** क***».
///
/// * returns: [`HIDDEN`](self) alone when the name has no letter.
#[must_use]
pub fn masked(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    let words: Vec<String> = letters.take(NAME_WORDS_MAX).map(|first| format!("{first}{HIDDEN}")).collect();
    if words.is_empty() { HIDDEN.to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn the_list_of_tomorrow_is_out_from_six_in_the_evening() {
        for (now, day) in [
            ("2026-11-24T00:00:00+05:30", "2026-11-24"),
            ("2026-11-24T05:29:59+05:30", "2026-11-24"),
            ("2026-11-24T17:59:59+05:30", "2026-11-24"),
            ("2026-11-24T18:00:00+05:30", "2026-11-25"),
            ("2026-11-24T23:59:59+05:30", "2026-11-25"),
            ("2026-12-31T18:00:00+05:30", "2027-01-01"),
        ] {
            assert_eq!(day_at(now.parse().unwrap()), day.parse::<Date>().unwrap(), "{now}");
        }
    }

    #[test]
    fn a_name_is_shown_by_its_first_letters() {
        for (name, shown) in [
            ("रमेश कुमार", "र*** क***"),
            ("  ओम  प्रकाश ", "ओ*** प***"),
            ("Ram Kumar", "R*** K***"),
            ("(डेमो)", "ड***"),
            ("अ", "अ***"),
            ("9876", "***"),
            ("", "***"),
            ("a b c d e f", "a*** b*** c*** d***"),
        ] {
            assert_eq!(masked(name), shown, "{name}");
        }
    }
}
