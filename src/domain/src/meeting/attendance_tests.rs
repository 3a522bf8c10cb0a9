//! Rules of corrected attendance, in examples and as properties.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use crate::id::{AppointmentId, PostId};
use proptest::prelude::*;

const START_S: i64 = 1_795_585_500;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START_S + second).unwrap()
}

fn citizen() -> Guest {
    Guest::Citizen(AppointmentId::parse("a1").unwrap())
}

fn officer() -> Guest {
    Guest::Officer(PostId::parse("sec-hlt").unwrap())
}

fn says(says: Says, from: i64, to: i64) -> Ruling {
    Ruling::States(Statement { guest: citizen(), says, from: at(from), to: at(to) })
}

fn measured() -> Vec<Stretch> {
    let stretch = |(from, to, evidence)| Stretch { from: at(from), to: at(to), evidence };
    let all = [(0, 600, Evidence::Present), (600, 630, Evidence::NetworkLoss), (630, 900, Evidence::Present)];
    all.into_iter().map(stretch).collect()
}

fn near() -> [(Timestamp, Timestamp); 1] {
    [(at(0), at(900))]
}

fn seconds(pieces: &[Piece], rule: impl Fn(Source) -> bool) -> i64 {
    total(pieces, rule).as_secs()
}

#[test]
fn who_was_there_by_telephone_is_present_and_who_lent_his_device_is_not() {
    let mut all = Corrections::default();
    all.correct(says(Says::Absent, 0, 300), &near(), at(2_000)).unwrap();
    all.correct(says(Says::Present, 600, 1_200), &near(), at(2_000)).unwrap();
    let pieces = all.effective(&citizen(), &measured());
    let parts: Vec<_> = pieces.iter().map(|piece| (piece.source, piece.from, piece.to)).collect();
    assert_eq!(
        parts,
        [
            (Source::Manual(1, Says::Absent), at(0), at(300)),
            (Source::Measured(Evidence::Present), at(300), at(600)),
            (Source::Manual(2, Says::Present), at(600), at(1_200)),
        ]
    );
    assert_eq!(seconds(&pieces, Source::is_present), 900);
    assert_eq!(all.effective(&officer(), &measured()).len(), 3, "and nothing of anybody else is touched");
}

#[test]
fn what_was_taken_back_no_longer_counts_and_cannot_be_taken_back_again() {
    let mut all = Corrections::default();
    let number = all.correct(says(Says::Absent, 0, 300), &near(), at(900)).unwrap();
    let over = all.correct(says(Says::Present, 200, 400), &near(), at(900));
    assert_eq!(over, Err(CorrectError::Overlaps { number }));
    assert_eq!(all.correct(Ruling::TakesBack(number), &near(), at(950)), Ok(2));
    assert_eq!(all.taken_back_by(number), Some(2));
    for wrong in [number, 2, 7] {
        let again = all.correct(Ruling::TakesBack(wrong), &near(), at(960));
        assert_eq!(again, Err(CorrectError::NothingToTakeBack));
    }
    assert_eq!(all.correct(says(Says::Present, 200, 400), &near(), at(960)), Ok(3));
}

#[test]
fn a_correction_lies_behind_now_and_near_the_meeting() {
    let mut all = Corrections::default();
    let hours = |hours: i64| hours * 3_600;
    let cases = [
        (says(Says::Present, 300, 300), CorrectError::Empty),
        (says(Says::Present, 300, 200), CorrectError::Empty),
        (says(Says::Present, 300, hours(9) + 1), CorrectError::Ahead),
        (says(Says::Present, 300, 901 + hours(4)), CorrectError::Far),
        (says(Says::Present, -1 - hours(4), 300), CorrectError::Far),
    ];
    for (ruling, why) in cases {
        assert_eq!(all.correct(ruling.clone(), &near(), at(hours(9))), Err(why), "{ruling:?}");
    }
    assert_eq!(all.last_number(), 0);
    assert!(all.correct(says(Says::Present, -hours(4), 900 + hours(4)), &near(), at(hours(9))).is_ok());
}

#[test]
fn a_meeting_has_a_bounded_number_of_corrections() {
    let mut all = Corrections::default();
    for second in 0..CORRECTIONS_MAX as i64 {
        all.correct(says(Says::Absent, second, second + 1), &near(), at(900)).unwrap();
    }
    assert_eq!(all.correct(Ruling::TakesBack(1), &near(), at(900)), Err(CorrectError::Full));
}

fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    let evidence =
        prop_oneof![Just(Evidence::Present), Just(Evidence::NetworkLoss), Just(Evidence::HouseFault)];
    proptest::collection::vec((0..30i64, 1..60i64, evidence), 0..12).prop_map(|parts| {
        let mut end = 0;
        let lay = |(gap, length, evidence): (i64, i64, Evidence)| {
            let from = end + gap;
            end = from + length;
            Stretch { from: at(from), to: at(end), evidence }
        };
        parts.into_iter().map(lay).collect()
    })
}

#[derive(Debug, Clone)]
enum Try {
    Says(Says, i64, i64),
    TakesBack(u32),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let said = prop_oneof![Just(Says::Present), Just(Says::Absent)];
    let one = prop_oneof![
        3 => (said, 0..800i64, 1..120i64).prop_map(|(says, from, length)| Try::Says(says, from, from + length)),
        1 => (0..14u32).prop_map(Try::TakesBack),
    ];
    proptest::collection::vec(one, 0..14)
}

/// What holds in a second, found the slow way.
fn model(all: &Corrections, measured: &[Stretch], second: i64) -> Option<Source> {
    let holds = |from: Timestamp, to: Timestamp| from <= at(second) && at(second) < to;
    let said = all.standing().find(|(_, said)| holds(said.from, said.to));
    let found = measured.iter().find(|one| holds(one.from, one.to));
    said.map(|(number, said)| Source::Manual(number, said.says))
        .or_else(|| found.map(|one| Source::Measured(one.evidence)))
}

proptest! {
    #[test]
    fn what_was_measured_stays_wherever_nothing_else_is_said_and_comes_back_whole_when_all_is_taken_back(
        measured in stretches(), tries in tries(),
    ) {
        let kept = measured.clone();
        let mut all = Corrections::default();
        for one in tries {
            let before = all.clone();
            let ruling = match one {
                Try::Says(what, from, to) => says(what, from, to),
                Try::TakesBack(number) => Ruling::TakesBack(number),
            };
            let shares = match &ruling {
                Ruling::States(said) => before.standing().any(|(_, o)| said.from < o.to && o.from < said.to),
                Ruling::TakesBack(_) => false,
            };
            match all.correct(ruling, &near(), at(2_000)) {
                Ok(number) => {
                    prop_assert!(!shares);
                    prop_assert_eq!(number, before.last_number() + 1);
                }
                Err(error) => {
                    prop_assert_eq!(&all, &before, "a refused one leaves nothing");
                    let is_told = matches!(error, CorrectError::Overlaps { .. });
                    prop_assert!(is_told || !shares);
                }
            }
            let pieces = all.effective(&citizen(), &measured);
            prop_assert!(pieces.windows(2).all(|pair| pair[0].to <= pair[1].from));
            for second in 0..1_000 {
                let found = pieces.iter().find(|one| one.from <= at(second) && at(second) < one.to);
                prop_assert_eq!(found.map(|one| one.source), model(&all, &measured, second));
            }
        }
        let standing: Vec<u32> = all.standing().map(|(number, _)| number).collect();
        for number in standing {
            all.correct(Ruling::TakesBack(number), &near(), at(2_000)).unwrap();
        }
        let whole: Vec<_> = all.effective(&citizen(), &measured).iter().map(|p| (p.from, p.to, p.source)).collect();
        let wanted: Vec<_> = kept.iter().map(|s| (s.from, s.to, Source::Measured(s.evidence))).collect();
        prop_assert_eq!(whole, wanted);
        prop_assert_eq!(measured, kept);
    }
}
