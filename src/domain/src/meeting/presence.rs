//! Who was present when, by what was heard from each and not by who was signed in; a lost network is told apart from leaving.
//!
//! Pure: it is told when somebody came in and went out, and at each look when the transport was heard last. The stretches that
//! come out of it are the evidence of attendance.

use super::lobby::Departure;
use jiff::{SignedDuration, Timestamp};

/// Silence of a transport from which on its owner counts as cut off: a transport that lives is heard several times a second.
pub const SILENT_MAX: SignedDuration = SignedDuration::from_secs(2);
/// How much younger the last packet of a silent transport may look than it is; well below [`SILENT_MAX`].
const UNSURE: SignedDuration = SignedDuration::from_millis(1_500);
/// Stretches of one participant; whoever comes and goes more often has the later ones joined.
pub const STRETCHES_MAX: usize = 200;

/// What a stretch says of its participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Was inside and heard.
    Present,
    /// Was inside, and the network between him and us was gone.
    NetworkLoss,
    /// Was inside, and the server was not there.
    HouseFault,
}

impl Evidence {
    /// The word that stands in rows.
    pub fn code(self) -> &'static str {
        match self {
            Evidence::Present => "present",
            Evidence::NetworkLoss => "network",
            Evidence::HouseFault => "house",
        }
    }

    /// Reads the word of a row.
    pub fn from_code(code: &str) -> Option<Evidence> {
        let all = [Evidence::Present, Evidence::NetworkLoss, Evidence::HouseFault];
        all.into_iter().find(|evidence| evidence.code() == code)
    }
}

/// Half-open interval `[from, to)` of one evidence. Invariant: `from < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
    /// What of.
    pub evidence: Evidence,
}

/// Where a participant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not inside, and not missed.
    Away,
    /// Inside and heard.
    Present { from: Timestamp, heard: Timestamp },
    /// Inside by all that is known, and silent since.
    CutOff { since: Timestamp, why: Evidence },
}

/// One participant of one meeting. Invariant: stretches ascend and are disjoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    stretches: Vec<Stretch>,
    state: State,
}

impl Default for Presence {
    fn default() -> Presence {
        Presence { stretches: Vec::new(), state: State::Away }
    }
}

impl Presence {
    /// Somebody who was inside when the server ended, and was written down last then.
    pub fn left_behind(since: Timestamp) -> Presence {
        let state = State::CutOff { since, why: Evidence::HouseFault };
        Presence { stretches: Vec::new(), state }
    }

    /// Is inside from now on; whoever was cut off until now has lost that time to what cut him off.
    pub fn come_in(&mut self, now: Timestamp) {
        match self.state {
            State::Present { .. } => {}
            State::CutOff { since, why } => {
                self.keep(since, now, why);
                self.state = State::Present { from: now, heard: now };
            }
            State::Away => self.state = State::Present { from: now, heard: now },
        }
    }

    /// A look at the transport.
    ///
    /// * `heard`: when something authentic came from it last.
    pub fn look(&mut self, heard: Timestamp, now: Timestamp) {
        match &mut self.state {
            State::Away => {}
            State::Present { from, heard: before } => {
                *before = (*before).max(heard.min(now));
                let (from, heard) = (*from, *before);
                if now.duration_since(heard) > SILENT_MAX {
                    self.keep(from, heard, Evidence::Present);
                    self.state = State::CutOff { since: heard, why: Evidence::NetworkLoss };
                }
            }
            State::CutOff { since, why } => {
                let (since, why) = (*since, *why);
                // When something was heard is worked out from its age, which is some milliseconds off. Who has lost the
                // network was silent for longer than that, and is not back because the same packet looks younger.
                let unsure = if why == Evidence::NetworkLoss { UNSURE } else { SignedDuration::ZERO };
                if heard.duration_since(since) > unsure {
                    let back = heard.min(now);
                    self.keep(since, back, why);
                    self.state = State::Present { from: back, heard: back };
                }
            }
        }
    }

    /// Goes: on purpose, or cut off without a word.
    pub fn go_out(&mut self, why: Departure, now: Timestamp) {
        match (self.state, why) {
            (State::Away, _) | (State::CutOff { .. }, Departure::Lost) => {}
            (State::Present { from, .. }, Departure::Left) => {
                self.keep(from, now, Evidence::Present);
                self.state = State::Away;
            }
            (State::Present { from, heard }, Departure::Lost) => {
                self.keep(from, heard, Evidence::Present);
                self.state = State::CutOff { since: heard, why: Evidence::NetworkLoss };
            }
            (State::CutOff { since, why }, Departure::Left) => {
                // Said so over another way than that of the media.
                self.keep(since, now, why);
                self.state = State::Away;
            }
        }
    }

    /// The meeting is over, or the place is given up: whoever was cut off did not come back.
    pub fn end(&mut self, now: Timestamp) {
        match self.state {
            State::Away => {}
            State::Present { from, .. } => self.keep(from, now, Evidence::Present),
            State::CutOff { since, why } => self.keep(since, now, why),
        }
        self.state = State::Away;
    }

    /// All stretches, the one that lasts up to `now` included.
    pub fn stretches(&self, now: Timestamp) -> Vec<Stretch> {
        let mut all = self.clone();
        all.end(now);
        all.stretches
    }

    /// What is known for sure so far: whoever is present, up to the last moment at which he was heard. It only grows.
    pub fn so_far(&self, now: Timestamp) -> Vec<Stretch> {
        let mut known = self.clone();
        match self.state {
            State::Present { heard, .. } => known.end(heard),
            State::CutOff { .. } | State::Away => known.end(now),
        }
        known.stretches
    }

    /// How long somebody had this evidence until `now`.
    pub fn total(&self, evidence: Evidence, now: Timestamp) -> SignedDuration {
        let of = self.stretches(now).into_iter().filter(|stretch| stretch.evidence == evidence);
        of.map(|stretch| stretch.to.duration_since(stretch.from))
            .fold(SignedDuration::ZERO, SignedDuration::saturating_add)
    }

    fn keep(&mut self, from: Timestamp, to: Timestamp, evidence: Evidence) {
        if from >= to {
            return;
        }
        let is_full = self.stretches.len() >= STRETCHES_MAX;
        match self.stretches.last_mut() {
            Some(last) if is_full || (last.evidence == evidence && last.to == from) => last.to = to,
            _ => self.stretches.push(Stretch { from, to, evidence }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    const START_MS: i64 = 1_795_585_500_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(START_MS + ms).unwrap()
    }

    fn seconds(presence: &Presence, evidence: Evidence, ms: i64) -> i64 {
        presence.total(evidence, at(ms)).as_secs()
    }

    #[test]
    fn a_packet_that_looks_a_little_younger_brings_nobody_back() {
        let mut presence = Presence::default();
        presence.come_in(at(0));
        for second in 1..=12 {
            // The last packet came at 3,000 ms; its age is measured a little short or long.
            let heard = if second <= 3 { second * 1_000 } else { 3_000 + 40 * (second % 3) };
            presence.look(at(heard), at(second * 1_000));
        }
        presence.look(at(12_500), at(13_000));
        let lost = presence.total(Evidence::NetworkLoss, at(13_000)).as_millis();
        assert!((9_400..=9_500).contains(&lost), "{lost}");
        assert_eq!(presence.stretches(at(13_000)).len(), 3, "here, cut off, and here again");
    }

    #[test]
    fn who_goes_on_purpose_is_absent_and_who_is_cut_off_has_lost_the_network() {
        let mut presence = Presence::default();
        presence.come_in(at(0));
        presence.go_out(Departure::Left, at(60_000));
        presence.come_in(at(100_000));
        presence.look(at(129_900), at(130_000));
        presence.look(at(129_900), at(133_000));
        presence.go_out(Departure::Lost, at(140_000));
        presence.come_in(at(160_000));
        presence.end(at(200_000));
        let all = presence.stretches(at(200_000));
        let parts: Vec<_> = all.iter().map(|s| (s.evidence, s.from, s.to)).collect();
        assert_eq!(
            parts,
            [
                (Evidence::Present, at(0), at(60_000)),
                (Evidence::Present, at(100_000), at(129_900)),
                (Evidence::NetworkLoss, at(129_900), at(160_000)),
                (Evidence::Present, at(160_000), at(200_000)),
            ]
        );
    }

    #[test]
    fn a_line_that_comes_back_by_itself_leaves_a_gap_and_no_departure() {
        let mut presence = Presence::default();
        presence.come_in(at(0));
        for second in 1..=10 {
            presence.look(at(second * 1_000 - 100), at(second * 1_000));
        }
        for second in 11..=15 {
            presence.look(at(9_900), at(second * 1_000));
        }
        presence.look(at(15_600), at(16_000));
        presence.end(at(20_000));
        assert_eq!(presence.total(Evidence::NetworkLoss, at(20_000)), SignedDuration::from_millis(5_700));
        assert_eq!(presence.total(Evidence::Present, at(20_000)), SignedDuration::from_millis(14_300));
    }

    #[test]
    fn a_moment_of_silence_is_no_loss() {
        let mut presence = Presence::default();
        presence.come_in(at(0));
        presence.look(at(1_000), at(3_000));
        presence.look(at(3_500), at(4_000));
        presence.end(at(5_000));
        assert_eq!(seconds(&presence, Evidence::Present, 5_000), 5);
        assert_eq!(seconds(&presence, Evidence::NetworkLoss, 5_000), 0);
    }

    #[test]
    fn what_the_server_missed_is_nobodys_absence() {
        let mut presence = Presence::left_behind(at(0));
        presence.come_in(at(8_000));
        presence.end(at(10_000));
        assert_eq!(seconds(&presence, Evidence::HouseFault, 10_000), 8);
        assert_eq!(seconds(&presence, Evidence::Present, 10_000), 2);
    }

    /// What happens to somebody, and after how many milliseconds.
    #[derive(Debug, Clone, Copy)]
    enum Event {
        ComesIn,
        IsHeard,
        IsSilent,
        Leaves,
        IsLost,
    }

    fn events() -> impl Strategy<Value = Vec<(Event, i64)>> {
        let event = prop_oneof![
            Just(Event::ComesIn),
            Just(Event::IsHeard),
            Just(Event::IsSilent),
            Just(Event::Leaves),
            Just(Event::IsLost),
        ];
        proptest::collection::vec((event, 1..4_000i64), 0..300)
    }

    proptest! {
        #[test]
        fn whatever_happens_the_stretches_ascend_share_no_moment_and_never_leave_the_meeting(events in events()) {
            let (mut presence, mut now_ms, mut heard_ms) = (Presence::default(), 0, 0);
            for (event, passed_ms) in events {
                now_ms += passed_ms;
                match event {
                    Event::ComesIn => {
                        heard_ms = now_ms;
                        presence.come_in(at(now_ms));
                    }
                    Event::IsHeard => {
                        heard_ms = now_ms;
                        presence.look(at(now_ms), at(now_ms));
                    }
                    Event::IsSilent => presence.look(at(heard_ms), at(now_ms)),
                    Event::Leaves => presence.go_out(Departure::Left, at(now_ms)),
                    Event::IsLost => presence.go_out(Departure::Lost, at(now_ms)),
                }
            }
            let all = presence.stretches(at(now_ms));
            prop_assert!(all.len() <= STRETCHES_MAX);
            prop_assert!(all.iter().all(|s| s.from < s.to && s.from >= at(0) && s.to <= at(now_ms)));
            prop_assert!(all.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
    }
}
