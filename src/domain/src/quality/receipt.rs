//! What a citizen is told of the quality of his meeting: good, or for about how many minutes not, and most likely why.

use super::record::Stretch;
use super::score::{Cause, Grade};

/// The receipt of one participant's stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Nothing worth telling.
    Good,
    /// It was poor or bad for about so long.
    Spoilt {
        /// Whole minutes, at least one.
        minutes: u32,
        /// What spoilt most of them.
        cause: Cause,
    },
}

/// The receipt of all stretches; `None` when nothing was measured.
///
/// Less than ten bad seconds are not told: a click in the line is no failure. A second whose cause is not known counts as
/// the others', so that nobody is blamed without reason.
#[must_use]
pub fn receipt(stretches: &[Stretch]) -> Option<Receipt> {
    if stretches.is_empty() {
        return None;
    }
    let mut seconds = [0u64; Cause::ALL.len()];
    for stretch in stretches {
        if !matches!(stretch.score.grade(), Grade::Poor | Grade::Bad) {
            continue;
        }
        let cause = stretch.cause.unwrap_or(Cause::Others);
        let place = Cause::ALL.iter().position(|one| *one == cause).unwrap_or(0);
        let length = stretch.ends.duration_since(stretch.starts).as_secs();
        seconds[place] += u64::try_from(length).unwrap_or(0);
    }
    let whole: u64 = seconds.iter().sum();
    let (place, _) =
        seconds.iter().enumerate().max_by_key(|(place, length)| (**length, Cause::ALL.len() - place))?;
    if whole < 10 {
        return Some(Receipt::Good);
    }
    let minutes = u32::try_from(whole.div_ceil(60)).unwrap_or(u32::MAX);
    Some(Receipt::Spoilt { minutes, cause: Cause::ALL[place] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::quality::Score;

    fn stretch(seconds: i64, hundredths: u16, cause: Option<Cause>) -> Stretch {
        let starts = Timestamp::UNIX_EPOCH;
        Stretch {
            starts,
            ends: starts + SignedDuration::from_secs(seconds),
            score: Score::from_hundredths(hundredths),
            cause,
            lost_permille: 0,
            round_trip_ms: None,
            up_bps: 0,
            down_bps: 0,
        }
    }

    #[test]
    fn a_receipt_names_the_cause_of_most_of_the_bad_time() {
        let good = stretch(600, 440, None);
        assert_eq!(receipt(&[]), None);
        assert_eq!(receipt(&[good]), Some(Receipt::Good));
        let click = stretch(9, 150, Some(Cause::Network));
        assert_eq!(receipt(&[good, click]), Some(Receipt::Good), "a click is no failure");
        let weak = stretch(100, 150, Some(Cause::Network));
        let other = stretch(15, 150, Some(Cause::Server));
        let told = Receipt::Spoilt { minutes: 2, cause: Cause::Network };
        assert_eq!(receipt(&[good, weak, other]), Some(told));
        let unknown = stretch(60, 150, None);
        assert_eq!(receipt(&[unknown]), Some(Receipt::Spoilt { minutes: 1, cause: Cause::Others }));
    }
}
