//! The number of an appointment that people say: `ES26-004217`.
//!
//! Six digits while a year has few of them. Whoever finds his number taken draws a longer one before long, so that a year
//! with a million appointments has numbers left.

use std::ops::RangeInclusive;

use domain::office::ist;
use jiff::Timestamp;

use crate::clock::Random;

/// Draws of a number that nobody has, each in two with a digit more.
pub(super) const DRAWS_MAX: u32 = 8;

/// Digits that a number may have, the two of the year among them.
pub(super) const DIGITS: RangeInclusive<usize> = 8..=11;

/// Draws the number of an appointment that is made now.
///
/// * `draws`: how many were taken already.
pub(super) fn draw(random: Random, now: Timestamp, draws: u32) -> String {
    let year = now.to_zoned(ist()).year().rem_euclid(100);
    let more: String = (0..draws / 2).map(|_| char::from(b'0' + (random.six_digits() % 10) as u8)).collect();
    format!("ES{year:02}-{:06}{more}", random.six_digits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_numbers_taken_draws_longer_ones() {
        let now = Timestamp::from_second(1_795_000_000).unwrap_or_default();
        let drawn: Vec<String> = (0..DRAWS_MAX).map(|draws| draw(Random, now, draws)).collect();
        let digits: Vec<usize> =
            drawn.iter().map(|text| text.bytes().filter(u8::is_ascii_digit).count()).collect();
        assert_eq!(digits, [8, 8, 9, 9, 10, 10, 11, 11]);
        assert!(drawn.iter().all(|text| text.starts_with("ES26-")), "{drawn:?}");
    }
}
