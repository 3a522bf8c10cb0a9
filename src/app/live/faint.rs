//! Lines too weak even for a voice: seen here, told to the officer, who may go on by telephone. The place is kept.
//!
//! Part of the floor, so pure: told the time and the figures.

use std::collections::BTreeMap;

use domain::id::MeetingId;
use domain::meeting::{Departure, ParticipantId, Role as Part, Visit};
use jiff::{SignedDuration, Timestamp};
use media::{PeerId, PeerReport};
use signaling::value::{FaintLine, Id};
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, Spot, title, wire};
use super::meetings::{At, LiveMeeting};
use super::turn::Act;

/// A line that carries less has no room for a voice beside its headers: Opus at its floor, sent once.
const FAINT_BPS: u64 = 24_000;
/// From here on it has room again; between the two it stays as it was called.
const CLEAR_BPS: u64 = 32_000;
/// A line is called faint when it has been so for so long: a moment's jam passes by itself.
const FAINT_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// And when nothing has come for so long from somebody who has not gone.
const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Why nothing comes from somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// Microphone and camera are off.
    Chosen,
    /// Not because they want it so.
    Suffered,
}

/// One citizen's line.
#[derive(Debug)]
struct Line {
    packets: u64,
    heard_at: Timestamp,
    narrow_since: Option<Timestamp>,
    is_faint: bool,
}

/// The lines of those who are inside, or were and have not left. Bounded by the places of the meetings.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<Spot, Line>);

impl Line {
    fn new(now: Timestamp) -> Line {
        Line { packets: 0, heard_at: now, narrow_since: None, is_faint: false }
    }

    /// A second has passed.
    ///
    /// * `report`: what the media plane counted; nothing without a transport.
    /// * `silence`: what it would mean if nothing has come.
    fn look(&mut self, report: Option<&PeerReport>, silence: Silence, now: Timestamp) {
        let Some(report) = report else {
            self.packets = 0;
            return self.judge(now);
        };
        if report.rtp_received != self.packets || silence == Silence::Chosen {
            self.heard_at = now;
        }
        self.packets = report.rtp_received;
        let bps = report.estimate_bps;
        // What is not known yet is not narrow, and neither is what nobody wants anything of.
        let is_known = bps > 0 && report.wanted_bps > 0;
        if is_known && bps < FAINT_BPS {
            self.narrow_since = self.narrow_since.or(Some(now));
        } else if !is_known || bps >= CLEAR_BPS {
            self.narrow_since = None;
        }
        self.judge(now);
    }

    fn judge(&mut self, now: Timestamp) {
        let is_narrow = self.narrow_since.is_some_and(|since| now.duration_since(since) >= FAINT_AFTER);
        let is_silent = now.duration_since(self.heard_at) >= SILENT_AFTER;
        self.is_faint = is_narrow || is_silent;
    }
}

impl Floor {
    /// A second has passed on the media plane: whose line is too weak now?
    pub(super) fn look_for_faint(&mut self, reports: &BTreeMap<PeerId, PeerReport>, now: Timestamp) {
        let there: Vec<(Spot, Silence)> =
            self.meetings.iter().flat_map(|(id, live)| citizens(id, live)).collect();
        self.faint.0.retain(|spot, _| there.iter().any(|(other, _)| other == spot));
        for (spot, silence) in &there {
            let report = self.transports.peer(spot).and_then(|peer| reports.get(&peer)).filter(|r| r.is_up);
            let line = self.faint.0.entry(spot.clone()).or_insert_with(|| Line::new(now));
            line.look(report, *silence, now);
        }
        for (id, live) in &mut self.meetings {
            let faint: Vec<FaintLine> = live
                .members
                .iter()
                .filter(|(who, _)| {
                    self.faint.0.get(&Spot::Meeting(id.clone(), **who)).is_some_and(|line| line.is_faint)
                })
                .map(|(who, member)| FaintLine {
                    participant: wire(&who.to_string()),
                    title: title(&member.name),
                })
                .collect();
            if live.faint != faint {
                live.faint = faint;
                self.changed.insert(id.clone());
            }
        }
    }

    /// The officer goes on by telephone with somebody; they are told now, and again when they come back.
    pub(super) fn call_back(
        &mut self,
        (socket, meeting, _): At,
        whom: &Id,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let whom = ParticipantId::parse(whom.as_str()).ok_or(ErrorCode::UnknownParticipant)?;
        let live = self.meetings.get_mut(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let guest = live.guest(whom).filter(|guest| guest.role() == Part::Citizen);
        let guest = guest.ok_or(ErrorCode::UnknownParticipant)?;
        let member = live.members.get_mut(&whom).ok_or(ErrorCode::UnknownParticipant)?;
        if std::mem::replace(&mut member.is_called_back, true) {
            return Ok(());
        }
        if let Some(called) = member.socket {
            self.say(called, ServerMessage::CalledBack {});
        }
        let by = self.by(socket);
        self.record(by, Act::CalledBack { meeting, guest }, now);
        Ok(())
    }
}

/// The citizens inside a meeting, and those whom it has lost; what it means when nothing comes from them.
fn citizens(id: &MeetingId, live: &LiveMeeting) -> Vec<(Spot, Silence)> {
    let is_there = |visit: Visit| {
        visit.is_inside() || matches!(visit, Visit::AwayFromInside { why: Departure::Lost, .. })
    };
    let places = live.gathering.places().filter(|place| place.guest.role() == Part::Citizen);
    let there = places.filter(|place| is_there(place.visit));
    there
        .filter_map(|place| {
            let member = live.members.get(&place.id)?;
            let is_chosen = place.visit.is_inside() && !member.microphone && !member.camera;
            let silence = if is_chosen { Silence::Chosen } else { Silence::Suffered };
            Some((Spot::Meeting(id.clone(), place.id), silence))
        })
        .collect()
}
