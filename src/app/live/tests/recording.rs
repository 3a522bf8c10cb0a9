//! Scenes of recordings: who is asked, whose packets are copied, who is told what, and how each ends.
//!
//! Time is moved by hand; no disk is touched.

use super::*;
use ::recording::{End, Note, Report};
use signaling::value::{RecordAnswer, RecordEnd, Recording};

const REASON: &str = "सुनवाई का अभिलेख";

impl World {
    fn records(&mut self, socket: SocketId) {
        let reason = Some(REASON.to_owned().try_into().unwrap());
        self.says(socket, ClientMessage::Record { on: true, reason });
    }

    fn consents(&mut self, socket: SocketId, agrees: bool) {
        self.says(socket, ClientMessage::RecordConsent { agrees });
    }

    /// The last word on the recording to a socket; none was said when nothing was ever recorded.
    fn recording(&self, socket: SocketId) -> Option<Recording> {
        let state = |m: &ServerMessage| match m {
            ServerMessage::Recording(state) => Some(state.clone()),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(state)
    }

    fn answer(&self, socket: SocketId) -> Option<RecordAnswer> {
        self.recording(socket)?.you
    }

    fn comes_in(&mut self, officer: SocketId, appointment: &str) -> (SocketId, PeerId) {
        let citizen = self.citizen_comes(appointment);
        let peer = self.connects(citizen);
        let participant = self.name(citizen);
        self.says(officer, ClientMessage::Admit { participant });
        (citizen, peer)
    }

    fn recorder_reports(&mut self, report: Report) {
        let id = self.recordings.last().expect("a recording was begun").clone();
        self.step(Input::Recorder(id, report));
    }

    fn words(&self) -> Vec<&'static str> {
        let word = |act: &Act| match act {
            Act::RecordingBegan { .. } => Some("begin"),
            Act::AnsweredRecording { agrees: true, .. } => Some("consent"),
            Act::AnsweredRecording { .. } => Some("refuse"),
            Act::RecordingEnded { .. } => Some("end"),
            _ => None,
        };
        self.acts.iter().filter_map(word).collect()
    }
}

/// An officer and a citizen inside, with live transports.
fn two() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    let officer = world.officer_comes();
    let peer = world.connects(officer);
    let citizen = world.comes_in(officer, "a1");
    (world, (officer, peer), citizen)
}

#[test]
fn nothing_is_recorded_before_the_officer_switches_it_on_and_only_the_officer_can() {
    let (mut world, officer, citizen) = two();
    assert!(world.tapped.is_empty() && world.recordings.is_empty());
    world.records(citizen.0);
    assert_eq!(world.last_error(citizen.0), Some(ErrorCode::NotAllowed));
    assert!(world.tapped.is_empty() && world.recording(officer.0).is_none());
}

#[test]
fn everybody_inside_is_asked_with_the_reason_and_only_who_agreed_is_recorded() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    let asked = world.recording(citizen.0).unwrap();
    assert!(asked.on && asked.you == Some(RecordAnswer::Asked));
    assert_eq!(asked.reason.map(String::from).as_deref(), Some(REASON));
    assert_eq!(world.tapped, [officer.1].into(), "who switched it on has agreed by that; nobody else has");
    assert_eq!(world.recording(officer.0).unwrap().unanswered, [world.name(citizen.0)]);
    world.consents(citizen.0, true);
    assert_eq!(world.tapped, [officer.1, citizen.1].into());
    assert_eq!(world.answer(citizen.0), Some(RecordAnswer::Agreed));
    assert!(world.recording(officer.0).unwrap().unanswered.is_empty());
    assert_eq!(world.words(), ["consent", "consent"]);
}

#[test]
fn who_says_no_is_left_out_which_the_officer_sees_and_nobody_else() {
    let (mut world, officer, citizen) = two();
    let other = world.comes_in(officer.0, "a2");
    world.records(officer.0);
    world.consents(citizen.0, false);
    world.consents(other.0, true);
    assert_eq!(world.tapped, [officer.1, other.1].into());
    assert_eq!(world.recording(officer.0).unwrap().refused, [world.name(citizen.0)]);
    assert!(world.recording(other.0).unwrap().refused.is_empty());
    assert!(world.is_open(citizen.1, officer.1), "the talk goes on with him all the same");
    world.consents(citizen.0, true);
    assert!(world.tapped.contains(&citizen.1), "he may think otherwise");
    world.consents(citizen.0, false);
    assert!(!world.tapped.contains(&citizen.1), "and again");
}

#[test]
fn a_latecomer_is_asked_before_anything_of_him_is_recorded() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    world.consents(citizen.0, true);
    let late = world.comes_in(officer.0, "a2");
    assert_eq!(world.answer(late.0), Some(RecordAnswer::Asked));
    assert!(!world.tapped.contains(&late.1));
    world.consents(late.0, true);
    assert!(world.tapped.contains(&late.1));
}

#[test]
fn nobody_is_asked_or_recorded_in_the_lobby() {
    let (mut world, officer, _) = two();
    world.records(officer.0);
    let waiting = world.citizen_comes("a3");
    world.connects(waiting);
    assert!(world.recording(waiting).is_none());
    world.consents(waiting, true);
    assert_eq!(world.last_error(waiting), Some(ErrorCode::OutOfTurn));
    assert_eq!(world.tapped, [officer.1].into());
}

#[test]
fn whoever_comes_with_another_connection_is_recorded_on_that_one_if_he_agreed() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    world.consents(citizen.0, true);
    let again = world.connects(citizen.0);
    assert_eq!(world.tapped, [officer.1, again].into());
}

#[test]
fn switched_off_it_ends_for_everybody_and_the_page_is_told_why() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    world.consents(citizen.0, true);
    world.says(officer.0, ClientMessage::Record { on: false, reason: None });
    assert!(world.tapped.is_empty());
    assert_eq!(world.notes.last(), Some(&Note::End(End::SwitchedOff)));
    let told = world.recording(citizen.0).unwrap();
    assert!(!told.on && told.ended == Some(RecordEnd::SwitchedOff));
    world.consents(citizen.0, true);
    assert_eq!(
        world.last_error(citizen.0),
        Some(ErrorCode::OutOfTurn),
        "there is nothing to answer any more"
    );
}

#[test]
fn it_ends_when_the_officer_goes_out_and_when_the_meeting_ends() {
    for ends_all in [false, true] {
        let (mut world, officer, citizen) = two();
        world.records(officer.0);
        world.consents(citizen.0, true);
        let message = if ends_all { ClientMessage::EndMeeting {} } else { ClientMessage::Leave {} };
        world.says(officer.0, message);
        assert!(world.tapped.is_empty());
        let why = if ends_all { End::MeetingEnded } else { End::OfficerLeft };
        assert_eq!(world.notes.last(), Some(&Note::End(why)));
    }
}

#[test]
fn begin_and_end_are_written_down_with_the_hashes_of_the_chain() {
    let (mut world, officer, _) = two();
    world.records(officer.0);
    world.recorder_reports(Report::Begun { head: "aa".to_owned() });
    world.says(officer.0, ClientMessage::Record { on: false, reason: None });
    world.recorder_reports(Report::Ended { head: "bb".to_owned(), why: End::SwitchedOff });
    assert_eq!(world.words(), ["consent", "begin", "end"]);
    let heads = world.acts.iter().filter_map(|act| match act {
        Act::RecordingBegan { head, .. } | Act::RecordingEnded { head, .. } => Some(head.as_str()),
        _ => None,
    });
    assert_eq!(heads.collect::<Vec<_>>(), ["aa", "bb"]);
}

#[test]
fn a_disk_that_does_not_take_it_ends_the_recording_and_not_the_talk() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    world.consents(citizen.0, true);
    world.recorder_reports(Report::Ended { head: "bb".to_owned(), why: End::DiskFull });
    assert!(world.tapped.is_empty());
    for socket in [officer.0, citizen.0] {
        let told = world.recording(socket).unwrap();
        assert!(!told.on && told.ended == Some(RecordEnd::DiskFull));
    }
    assert!(world.is_open(citizen.1, officer.1) && world.is_open(officer.1, citizen.1));
    world.records(officer.0);
    assert!(world.recording(officer.0).unwrap().on, "another can be begun");
}

#[test]
fn where_none_are_offered_none_can_be_switched_on() {
    let (mut world, officer, citizen) = two();
    world.floor.bounds.recordings_max = 0;
    world.records(officer.0);
    assert_eq!(world.last_error(officer.0), Some(ErrorCode::CannotRecord));
    assert!(world.recording(citizen.0).is_none() && world.recordings.is_empty());
}

#[test]
fn one_without_a_reason_is_not_begun() {
    let (mut world, officer, _) = two();
    world.says(officer.0, ClientMessage::Record { on: true, reason: None });
    assert_eq!(world.last_error(officer.0), Some(ErrorCode::CannotRecord));
    assert!(world.recordings.is_empty());
}

#[test]
fn a_keyframe_is_asked_of_those_alone_who_are_recorded() {
    let (mut world, officer, citizen) = two();
    world.records(officer.0);
    let id = world.recordings[0].clone();
    let needs = |peer: PeerId| Report::KeyframeNeeded { source: peer.0, track: 1 };
    let outputs = world.step(Input::Recorder(id.clone(), needs(officer.1)));
    assert!(outputs.contains(&Output::WantKeyframe(officer.1, 1)));
    let outputs = world.step(Input::Recorder(id, needs(citizen.1)));
    assert!(!outputs.iter().any(|output| matches!(output, Output::WantKeyframe(..))));
}
