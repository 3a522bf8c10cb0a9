//! Cases of the demo's grievance redressal officer: some of today, so that a hearing can be shown at any hour.

use domain::diary::{Channel, Slot};
use domain::hearing::CaseNumber;
use domain::office::ist;
use domain::text::{Mobile, PersonName, Subject};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::post_id;
use crate::app::hearing::{Entry, Pending};

/// Who hears them.
pub const HEARS: &str = "pgro-patna";
/// Minutes of one hearing.
const MINUTES: i64 = 15;
/// A case of the table.
type Row = (&'static str, &'static str, i64, &'static str, Channel, &'static str);
/// Complainant, number, days since filing, authority, channel and subject of each.
const CASES: &[Row] = &[
    (
        "मीना देवी (डेमो)",
        "504110126090200017",
        21,
        "dm-patna",
        Channel::InPerson,
        "दाखिल-खारिज का आवेदन दो माह से लंबित",
    ),
    (
        "राजेश पासवान (डेमो)",
        "504110126090900043",
        12,
        "sec-enr",
        Channel::Video,
        "बिजली का बिल हर माह गलत आ रहा है",
    ),
    (
        "शबनम खातून (डेमो)",
        "504110126091100008",
        58,
        "sec-fcp",
        Channel::Telephone,
        "राशन दुकान से पूरा अनाज नहीं मिलता",
    ),
];

/// The cases, at quarter hours from the last one on, all of them today.
///
/// # Panics
/// Never: the table is part of the program, and a test reads it.
#[must_use]
pub fn cases(now: Timestamp) -> Vec<Pending> {
    let today = now.to_zoned(ist()).date();
    let quarter = MINUTES * 60;
    let midnight = today.tomorrow().and_then(|day| day.to_zoned(ist())).map_or(now, |at| at.timestamp());
    let count = i64::try_from(CASES.len()).unwrap_or(1);
    let first = (now.as_second() / quarter * quarter).min(midnight.as_second() - count * quarter);
    let starts = (0i64..).map(|n| Timestamp::from_second(first + n * quarter).expect("today is in reach"));
    starts.zip(CASES).map(|(start, row)| case(row, (start, today))).collect()
}

fn case(
    (name, number, ago, authority, channel, subject): &Row,
    (start, today): (Timestamp, Date),
) -> Pending {
    Pending {
        post: post_id(HEARS),
        slot: Slot::starting(start, MINUTES).expect("a quarter of an hour is a slot"),
        channel: *channel,
        name: PersonName::parse(name).expect("the demo's names are names"),
        mobile: Mobile::parse("0000050411").expect("the demo's number is a number"),
        subject: Subject::parse(subject).expect("the demo's subjects are subjects"),
        entry: Entry {
            number: CaseNumber::parse(number).expect("the demo's numbers are numbers"),
            filed: today.saturating_sub(ago.days()),
            authority: post_id(authority),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn the_demo_has_hearings_of_today_at_any_hour() {
        for hour in ["00:00:00", "05:29:59", "11:07:00", "18:30:00", "23:40:00", "23:59:59"] {
            let now: Timestamp = format!("2026-11-24T{hour}+05:30").parse().unwrap();
            let today = now.to_zoned(ist()).date();
            let cases = cases(now);
            assert_eq!(cases.len(), 3);
            assert!(cases.iter().all(|one| one.slot.start().to_zoned(ist()).date() == today), "{hour}");
            assert!(cases.windows(2).all(|two| two[0].slot.end() == two[1].slot.start()), "{hour}");
        }
    }
}
