//! The morning check of terminals: what a terminal found out about itself, what is wrong with it, and who needs it first.
//!
//! Pure, told the time. Nothing of a picture or a sound is in a report: only whether there was one.

use core::cmp::Reverse;

use crate::hotline::{Device, precedence};
use crate::id::PostId;
use crate::office::{RoleKey, coded};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A terminal that was not heard for so long is off: its word is written down every five minutes, and it speaks each minute.
pub const OFF_AFTER: SignedDuration = SignedDuration::from_mins(8);
/// A terminal that was asked has so long to answer: it speaks each minute, and a check takes ten seconds.
pub const ANSWER_MAX: SignedDuration = SignedDuration::from_mins(5);
/// A clock that is further off than this is wrong: what a terminal and its server write of one moment would differ.
pub const CLOCK_OFF_MAX: SignedDuration = SignedDuration::from_secs(30);
/// Beyond this way there and back two people begin to speak at the same time (ITU-T G.114 §4: 400 ms one way).
pub const ROUND_TRIP_MAX: SignedDuration = SignedDuration::from_millis(800);
/// Loudness in dBFS at and below which a microphone is dead: an empty room is louder by twenty.
pub const DEAD_SILENCE_DB: i8 = -80;

coded! {
    /// What came of opening a camera or a microphone.
    Opening {
        /// It was opened, and something came of it.
        Good = "good",
        /// The browser does not allow it.
        Denied = "denied",
        /// There is none.
        Missing = "missing",
        /// Another program has it, or it does not answer.
        Busy = "busy",
        /// It was opened, and no picture came.
        Empty = "empty",
        /// Anything else.
        Failed = "failed",
    }
}

coded! {
    /// Why a terminal is red. Each has one action, whose words are in the locales.
    Cause {
        /// Nothing is heard of it.
        Off = "off",
        /// It is there, and has not checked itself though it was asked.
        Unchecked = "unchecked",
        /// Its page is there, and the way for pictures and sound is not.
        Line = "line",
        /// The browser does not allow the camera.
        CameraDenied = "camera_denied",
        /// There is no camera.
        CameraMissing = "camera_missing",
        /// The camera does not answer.
        CameraBusy = "camera_busy",
        /// The camera gives no picture.
        CameraEmpty = "camera_empty",
        /// The browser does not allow the microphone.
        MicrophoneDenied = "microphone_denied",
        /// There is no microphone.
        MicrophoneMissing = "microphone_missing",
        /// The microphone does not answer.
        MicrophoneBusy = "microphone_busy",
        /// The microphone is dead silent.
        MicrophoneSilent = "microphone_silent",
        /// There is no loudspeaker.
        Speaker = "speaker",
        /// The browser lets the page make no sound: nobody would hear a ring.
        Mute = "mute",
        /// Its clock is wrong.
        Clock = "clock",
        /// Its page is older than its server.
        Page = "page",
        /// The way to the server is slow.
        Slow = "slow",
    }
}

/// What a terminal found out about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When the server heard it.
    pub at: Timestamp,
    /// The camera.
    pub camera: Opening,
    /// The microphone.
    pub microphone: Opening,
    /// The loudest of what the microphone gave, in dBFS; nothing where the page could not measure it.
    pub loudest_db: Option<i8>,
    /// There is a loudspeaker.
    pub has_speaker: bool,
    /// The page may make sound.
    pub may_sound: bool,
    /// The way for pictures and sound is up.
    pub is_line_up: bool,
    /// Its page is of the server's own version.
    pub is_page_current: bool,
    /// How far its clock is ahead of the server's; less than zero when it is behind.
    pub clock_ahead: SignedDuration,
    /// To the server and back.
    pub round_trip: SignedDuration,
}

impl Report {
    /// What is wrong with the terminal, what hinders a talk most first; nothing when all is well.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let found = [
            (!self.is_line_up).then_some(Cause::Line),
            camera(self.camera),
            microphone(self.microphone, self.loudest_db),
            (!self.has_speaker).then_some(Cause::Speaker),
            (!self.may_sound).then_some(Cause::Mute),
            (self.clock_ahead.abs() > CLOCK_OFF_MAX).then_some(Cause::Clock),
            (!self.is_page_current).then_some(Cause::Page),
            (self.round_trip > ROUND_TRIP_MAX).then_some(Cause::Slow),
        ];
        found.into_iter().flatten().collect()
    }

    /// Since when the terminal is red by its reports: since `before` when the report before this one was red already.
    #[must_use]
    pub fn red_since(&self, before: Option<Timestamp>) -> Option<Timestamp> {
        if self.causes().is_empty() { None } else { Some(before.unwrap_or(self.at)) }
    }
}

fn camera(opening: Opening) -> Option<Cause> {
    match opening {
        Opening::Good => None,
        Opening::Denied => Some(Cause::CameraDenied),
        Opening::Missing => Some(Cause::CameraMissing),
        Opening::Empty => Some(Cause::CameraEmpty),
        Opening::Busy | Opening::Failed => Some(Cause::CameraBusy),
    }
}

fn microphone(opening: Opening, loudest_db: Option<i8>) -> Option<Cause> {
    match opening {
        Opening::Good => {
            loudest_db.is_some_and(|loudest| loudest <= DEAD_SILENCE_DB).then_some(Cause::MicrophoneSilent)
        }
        Opening::Denied => Some(Cause::MicrophoneDenied),
        Opening::Missing => Some(Cause::MicrophoneMissing),
        Opening::Empty => Some(Cause::MicrophoneSilent),
        Opening::Busy | Opening::Failed => Some(Cause::MicrophoneBusy),
    }
}

/// What the server knows of a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Somebody holds its post: else it is not let in, and nobody misses it.
    pub is_held: bool,
    /// It is in a call: it checks itself afterwards.
    pub is_in_call: bool,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was heard last.
    pub seen_at: Timestamp,
    /// Since when reports of this day are wanted; nothing on a day on which none are.
    pub wanted_since: Option<Timestamp>,
    /// Its newest report of this day, and since when its reports are red.
    pub report: Option<(&'a Report, Option<Timestamp>)>,
}

/// How a terminal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody asks today, or nobody holds the post: there is nothing to say.
    Resting,
    /// It was asked and has not answered yet.
    Checking,
    /// All is well.
    Green,
    /// Something is wrong.
    Red {
        /// What: at least one.
        causes: Vec<Cause>,
        /// Since when.
        since: Timestamp,
    },
}

/// Is a report wanted of a terminal whose newest one is of `last`?
#[must_use]
pub fn is_wanted(since: Option<Timestamp>, last: Option<Timestamp>) -> bool {
    since.is_some_and(|since| last.is_none_or(|last| last < since))
}

/// How a terminal stands now.
#[must_use]
pub fn verdict(known: &Known<'_>, now: Timestamp) -> Verdict {
    let Some(since) = known.wanted_since.filter(|_| known.is_held) else { return Verdict::Resting };
    if now.duration_since(known.seen_at) > OFF_AFTER {
        return Verdict::Red { causes: vec![Cause::Off], since: known.seen_at };
    }
    if is_wanted(Some(since), known.report.map(|(report, _)| report.at)) {
        let since = since.max(known.enrolled_at);
        let has_time = now.duration_since(since) <= ANSWER_MAX;
        if has_time || known.is_in_call {
            return Verdict::Checking;
        }
        return Verdict::Red { causes: vec![Cause::Unchecked], since };
    }
    let Some((report, red_since)) = known.report else { return Verdict::Checking };
    let causes = report.causes();
    if causes.is_empty() {
        return Verdict::Green;
    }
    Verdict::Red { causes, since: red_since.unwrap_or(report.at) }
}

/// Whose terminal it is, as far as it says who needs it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The next appointment of its post today.
    pub first: Option<Timestamp>,
    /// The part that its post plays.
    pub role: RoleKey,
    /// The post.
    pub post: PostId,
    /// Where it stands.
    pub device: Device,
}

impl Need {
    /// The place in the list: by the next appointment, then by rank; those of no appointment last.
    #[must_use]
    pub fn place(&self) -> (Timestamp, Reverse<u8>, &PostId, Device) {
        let first = self.first.unwrap_or(Timestamp::MAX);
        (first, Reverse(precedence(self.role)), &self.post, self.device)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn at(hour: &str) -> Timestamp {
        format!("2026-11-24T{hour}:00+05:30").parse().unwrap()
    }

    fn well() -> Report {
        Report {
            at: at("09:31"),
            camera: Opening::Good,
            microphone: Opening::Good,
            loudest_db: Some(-54),
            has_speaker: true,
            may_sound: true,
            is_line_up: true,
            is_page_current: true,
            clock_ahead: SignedDuration::from_secs(-30),
            round_trip: SignedDuration::from_millis(800),
        }
    }

    fn known(report: Option<&Report>) -> Known<'_> {
        Known {
            is_held: true,
            is_in_call: false,
            enrolled_at: at("08:00"),
            seen_at: at("09:30"),
            wanted_since: Some(at("09:30")),
            report: report.map(|report| (report, report.red_since(None))),
        }
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_cause_and_what_is_well_has_none() {
        assert_eq!(well().causes(), []);
        let off = |seconds| Report { clock_ahead: SignedDuration::from_secs(seconds), ..well() };
        let opened = |camera, microphone| Report { camera, microphone, ..well() };
        let cases = [
            (Report { is_line_up: false, ..well() }, Cause::Line),
            (opened(Opening::Denied, Opening::Good), Cause::CameraDenied),
            (opened(Opening::Missing, Opening::Good), Cause::CameraMissing),
            (opened(Opening::Busy, Opening::Good), Cause::CameraBusy),
            (opened(Opening::Failed, Opening::Good), Cause::CameraBusy),
            (opened(Opening::Empty, Opening::Good), Cause::CameraEmpty),
            (opened(Opening::Good, Opening::Denied), Cause::MicrophoneDenied),
            (opened(Opening::Good, Opening::Missing), Cause::MicrophoneMissing),
            (opened(Opening::Good, Opening::Busy), Cause::MicrophoneBusy),
            (opened(Opening::Good, Opening::Failed), Cause::MicrophoneBusy),
            (opened(Opening::Good, Opening::Empty), Cause::MicrophoneSilent),
            (Report { loudest_db: Some(DEAD_SILENCE_DB), ..well() }, Cause::MicrophoneSilent),
            (Report { has_speaker: false, ..well() }, Cause::Speaker),
            (Report { may_sound: false, ..well() }, Cause::Mute),
            (off(31), Cause::Clock),
            (off(-31), Cause::Clock),
            (Report { is_page_current: false, ..well() }, Cause::Page),
            (Report { round_trip: SignedDuration::from_millis(801), ..well() }, Cause::Slow),
        ];
        for (report, cause) in &cases {
            assert_eq!(report.causes(), [*cause]);
        }
        let named: Vec<Cause> = cases.iter().map(|(_, cause)| *cause).collect();
        let by_reports = Cause::ALL.iter().filter(|cause| !matches!(cause, Cause::Off | Cause::Unchecked));
        assert!(by_reports.copied().all(|cause| named.contains(&cause)), "no cause is without its case");
        assert_eq!(Report { loudest_db: None, ..well() }.causes(), [], "what was not measured is not silent");
        let two = Report { has_speaker: false, ..off(90) };
        assert_eq!(two.causes(), [Cause::Speaker, Cause::Clock], "each is named");
    }

    #[test]
    fn a_red_lasts_from_the_first_of_its_reports_and_ends_with_a_green_one() {
        let first = Report { has_speaker: false, ..well() };
        let since = first.red_since(None);
        assert_eq!(since, Some(at("09:31")));
        let later = Report { at: at("11:00"), camera: Opening::Missing, ..well() };
        assert_eq!(later.red_since(since), Some(at("09:31")), "another cause is the same red");
        assert_eq!(Report { at: at("11:05"), ..well() }.red_since(since), None);
    }

    #[test]
    fn a_terminal_is_red_when_it_is_off_or_does_not_answer_and_never_before_it_was_asked() {
        let red = |cause, since: &str| Verdict::Red { causes: vec![cause], since: at(since) };
        let unasked = Known { wanted_since: None, ..known(None) };
        assert_eq!(verdict(&unasked, at("09:29")), Verdict::Resting);
        let vacant = Known { is_held: false, ..known(None) };
        assert_eq!(verdict(&vacant, at("12:00")), Verdict::Resting, "nobody misses it");
        assert_eq!(verdict(&known(None), at("09:35")), Verdict::Checking);
        assert_eq!(verdict(&known(None), at("09:36")), red(Cause::Unchecked, "09:30"));
        assert_eq!(verdict(&known(None), at("09:39")), red(Cause::Off, "09:30"));
        let in_call = Known { is_in_call: true, ..known(None) };
        assert_eq!(verdict(&in_call, at("09:37")), Verdict::Checking, "it checks itself afterwards");
        let new = Known { enrolled_at: at("11:00"), seen_at: at("11:01"), ..known(None) };
        assert_eq!(verdict(&new, at("11:04")), Verdict::Checking, "it came later");
    }

    #[test]
    fn the_newest_report_counts_until_another_is_wanted() {
        let (good, bad) = (well(), Report { camera: Opening::Missing, ..well() });
        assert_eq!(verdict(&known(Some(&good)), at("09:33")), Verdict::Green);
        let expected = Verdict::Red { causes: vec![Cause::CameraMissing], since: at("09:31") };
        assert_eq!(verdict(&known(Some(&bad)), at("09:33")), expected);
        let off = verdict(&known(Some(&good)), at("09:40"));
        assert_eq!(
            off,
            Verdict::Red { causes: vec![Cause::Off], since: at("09:30") },
            "it was well, and is off"
        );
        let again = Known { wanted_since: Some(at("09:32")), ..known(Some(&good)) };
        assert_eq!(verdict(&again, at("09:33")), Verdict::Checking);
        assert!(!is_wanted(None, None) && is_wanted(Some(at("09:30")), None));
        assert!(is_wanted(Some(at("09:32")), Some(at("09:31"))));
        assert!(!is_wanted(Some(at("09:30")), Some(at("09:31"))), "once");
    }

    #[test]
    fn who_meets_somebody_first_needs_the_terminal_first_and_then_rank_decides() {
        let need = |first: Option<&str>, role, post: &str| Need {
            first: first.map(at),
            role,
            post: PostId::parse(post).unwrap(),
            device: Device::Chamber,
        };
        let head = RoleKey::DepartmentHead;
        let mut all = [
            need(None, head, "sec-agr"),
            need(None, RoleKey::ChiefSecretary, "cs"),
            need(Some("12:00"), RoleKey::DevelopmentCommissioner, "dc"),
            need(Some("10:30"), head, "sec-hlt"),
            need(Some("12:00"), head, "sec-edu"),
        ];
        all.sort_by(|a, b| a.place().cmp(&b.place()));
        let posts: Vec<&str> = all.iter().map(|need| need.post.as_str()).collect();
        assert_eq!(posts, ["sec-hlt", "dc", "sec-edu", "cs", "sec-agr"]);
    }
}
