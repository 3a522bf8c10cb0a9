//! Who was present when, for the record: the looks at each transport, told to `domain::meeting::presence`, and what came of it
//! written down as it grows.
//!
//! Part of the floor, so pure: told the time and the figures.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::id::MeetingId;
use domain::meeting::{Departure, Guest, Presence, Stretch};
use jiff::Timestamp;
use media::{PeerId, PeerReport};

use super::floor::{Floor, Spot, span};
use super::turn::{MeetingEntry, Output, Parting, SocketId};
use crate::limits::{LIVE_TICK, PRESENCE_ROWS_PER_SECOND, PRESENCE_WRITE_MAX, PRESENCE_WRITE_MIN};

/// Stretches of one participant that are to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attended {
    /// Where.
    pub meeting: MeetingId,
    /// Who.
    pub guest: Guest,
    /// Those that are new, or longer than they were written.
    pub stretches: Vec<Stretch>,
}

/// What is kept of everybody in one meeting.
#[derive(Debug, Default)]
pub(super) struct Presences {
    of: BTreeMap<Guest, Presence>,
    /// The end of what was written of each.
    written: BTreeMap<Guest, Timestamp>,
    written_at: Option<Timestamp>,
}

impl Presences {
    /// Takes up whom a stopped server left inside.
    pub(super) fn recall(entry: &MeetingEntry) -> Presences {
        let left = |(guest, seen): &(Guest, Timestamp)| (guest.clone(), Presence::left_behind(*seen));
        let of: BTreeMap<Guest, Presence> = entry.left_inside.iter().map(left).collect();
        let written = entry.left_inside.iter().cloned().collect();
        Presences { of, written, written_at: None }
    }

    /// The presence of somebody.
    pub(super) fn of(&mut self, guest: Guest) -> &mut Presence {
        self.of.entry(guest).or_default()
    }

    /// What is not written down yet.
    fn unwritten(&mut self, now: Timestamp) -> Vec<(Guest, Vec<Stretch>)> {
        self.written_at = Some(now);
        let mut all = Vec::new();
        for (guest, presence) in &self.of {
            let since = self.written.get(guest).copied();
            let fresh = |stretch: &Stretch| since.is_none_or(|since| stretch.to > since);
            let stretches: Vec<Stretch> = presence.so_far(now).into_iter().filter(fresh).collect();
            if let Some(last) = stretches.last() {
                self.written.insert(guest.clone(), last.to);
                all.push((guest.clone(), stretches));
            }
        }
        all
    }
}

/// How often what lasts is written down while so many are inside.
fn interval_of(inside: usize) -> Duration {
    let seconds = inside.div_ceil(PRESENCE_ROWS_PER_SECOND);
    Duration::from_secs(seconds as u64).clamp(PRESENCE_WRITE_MIN, PRESENCE_WRITE_MAX)
}

impl Floor {
    /// A second has passed: who is inside was heard, or was not.
    pub(super) fn look_at_presence(&mut self, reports: &BTreeMap<PeerId, PeerReport>, now: Timestamp) {
        let mut due = Vec::new();
        let inside: usize = self.meetings.values().map(|live| live.gathering.inside().len()).sum();
        let interval = span(interval_of(inside));
        for (id, live) in &mut self.meetings {
            for who in live.gathering.inside() {
                let spot = Spot::Meeting(id.clone(), who);
                let report = self.transports.peer(&spot).and_then(|peer| reports.get(&peer));
                let Some(guest) = live.gathering.place(who).map(|place| place.guest.clone()) else {
                    continue;
                };
                let silent_for = report.filter(|report| report.is_up).and_then(|report| report.silent_for);
                // Who has no transport is inside and not heard.
                let heard = silent_for.map_or(Timestamp::MIN, |silent: Duration| now - span(silent));
                live.presences.of(guest).look(heard, now);
            }
            let last = live.presences.written_at.get_or_insert(now);
            if now.duration_since(*last) + span(LIVE_TICK) >= interval {
                due.push(id.clone());
            }
        }
        for meeting in due {
            self.write_presence(&meeting, now);
        }
    }

    /// A page that is shut is left at that moment, however long its transport still lives.
    pub(super) fn note_parting(&mut self, socket: SocketId, parting: Parting, now: Timestamp) {
        let Some(Spot::Meeting(meeting, who)) = self.sockets.get(&socket).map(|socket| socket.spot.clone())
        else {
            return;
        };
        let Some(live) = self.meetings.get_mut(&meeting) else { return };
        let Some(guest) = live.guest(who).filter(|_| parting == Parting::Shut) else { return };
        if let Some(member) = live.members.get_mut(&who) {
            member.is_shut = true;
        }
        live.presences.of(guest).go_out(Departure::Left, now);
    }

    /// Writes down what is known of everybody's presence in a meeting.
    pub(super) fn write_presence(&mut self, meeting: &MeetingId, now: Timestamp) {
        let Some(live) = self.meetings.get_mut(meeting) else { return };
        for (guest, stretches) in live.presences.unwritten(now) {
            self.put(Output::Attend(Attended { meeting: meeting.clone(), guest, stretches }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_are_inside_the_less_often_it_is_written_so_that_the_rows_stay_bounded() {
        let seconds = [0, 2, 100, 101, 300, 5_000].map(|inside| interval_of(inside).as_secs());
        assert_eq!(seconds, [1, 1, 1, 2, 3, 5]);
    }
}
