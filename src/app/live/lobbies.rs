//! The lobbies of a post's meetings, told by its queue: which number, how many before, in how many minutes, where the
//! officer is.
//!
//! Pure: what the boards read comes in as an input, and what it was last stays as long as nothing newer comes. No row is
//! read here, and nobody is admitted or moved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::id::{MeetingId, PostId};
use domain::meeting::Guest;
use signaling::ServerMessage;
use signaling::value::{First, Minutes, OfficerState, Way as ToldWay};

use super::floor::{Floor, title, wire};
use super::meetings::LiveMeeting;
use super::turn::Output;
use crate::app::queue::{Board, Way};

/// What the floor knows of the queues of the posts whose lobbies are attended.
#[derive(Debug, Default)]
pub(super) struct Lobbies {
    boards: BTreeMap<PostId, Arc<Board>>,
    watched: BTreeSet<PostId>,
    /// Posts of which something is new, so that all their lobbies are told.
    stirred: BTreeSet<PostId>,
}

impl Lobbies {
    /// The queue of a post as it is now.
    pub(super) fn know(&mut self, post: PostId, board: Arc<Board>) {
        // One that comes after the last guest has gone is not kept for ever.
        if self.watched.contains(&post) {
            self.stirred.insert(post.clone());
            self.boards.insert(post, board);
        }
    }

    /// Whatever these posts do now, their lobbies may show it.
    pub(super) fn stir(&mut self, posts: &[PostId]) {
        self.stirred.extend(posts.iter().filter(|post| self.watched.contains(*post)).cloned());
    }
}

/// What one lobby is told of its post.
#[derive(Debug, Clone)]
pub(super) struct Outlook {
    board: Option<Arc<Board>>,
    /// The officer is in this meeting.
    is_here: bool,
    /// The officer is in another meeting, or in a call.
    is_elsewhere: bool,
}

impl Floor {
    /// Before anybody is told: which posts' queues matter now, and which other lobbies a change concerns.
    pub(super) fn look_at_lobbies(&mut self) {
        if self.changed.is_empty() && self.lobbies.stirred.is_empty() {
            return;
        }
        let attended = |live: &LiveMeeting| live.is_attended().then(|| live.post.clone());
        let watched: BTreeSet<PostId> = self.meetings.values().filter_map(attended).collect();
        if watched != self.lobbies.watched {
            self.lobbies.boards.retain(|post, _| watched.contains(post));
            self.lobbies.watched.clone_from(&watched);
            self.put(Output::Watch(watched));
        }
        let mut posts = std::mem::take(&mut self.lobbies.stirred);
        let post_of = |id: &MeetingId| self.meetings.get(id).map(|live| live.post.clone());
        posts.extend(self.changed.iter().filter_map(post_of));
        let theirs = self.meetings.iter().filter(|(_, live)| posts.contains(&live.post));
        let theirs: Vec<MeetingId> = theirs.map(|(id, _)| id.clone()).collect();
        self.changed.extend(theirs);
    }

    /// What the lobby of this meeting is told of its post.
    pub(super) fn outlook(&self, meeting: &MeetingId) -> Option<Outlook> {
        let own = self.meetings.get(meeting)?;
        let post = &own.post;
        let officer = Guest::Officer(post.clone());
        let sits = |live: &LiveMeeting| {
            live.gathering.inside().into_iter().any(|who| live.guest(who).as_ref() == Some(&officer))
        };
        let mut others = self.meetings.iter().filter(|(id, live)| *id != meeting && live.post == *post);
        let is_elsewhere = self.is_in_call(post) || others.any(|(_, live)| sits(live));
        let board = self.lobbies.boards.get(post).cloned();
        Some(Outlook { board, is_here: sits(own), is_elsewhere })
    }
}

impl Outlook {
    /// The number of this meeting's citizen.
    pub(super) fn number(&self, live: &LiveMeeting) -> Option<u32> {
        let number = self.board.as_ref()?.number_of(&live.appointment)?;
        Some(number.0)
    }

    /// What a citizen in the lobby is told.
    ///
    /// * `in_lobby`: his place in this lobby, from 1 on.
    pub(super) fn waiting(&self, live: &LiveMeeting, in_lobby: u32) -> ServerMessage {
        let board = self.board.as_deref();
        let number = board.and_then(|board| board.number_of(&live.appointment));
        let found = board.zip(number);
        let before = found.and_then(|(board, number)| board.before.get(&number));
        let called = found.is_some_and(|(board, number)| board.called == Some(number));
        let range = found.and_then(|(board, number)| board.ranges.get(&number));
        let is_with_another =
            found.is_some_and(|(board, number)| board.inside.is_some_and(|inside| inside != number));
        let officer = match found {
            _ if self.is_elsewhere || is_with_another => Some(OfficerState::Busy),
            Some((board, _)) if !board.has_begun && !self.is_here => Some(OfficerState::NotBegun),
            _ => None,
        };
        let begins = found.and_then(|(board, _)| board.late.until);
        ServerMessage::Waiting {
            position: before.map_or(in_lobby, |before| u32::try_from(before + 1).unwrap_or(u32::MAX)),
            number: number.map(|number| number.0),
            minutes: range.map(|(from, to)| Minutes { from: *from, to: *to }),
            called,
            officer,
            begins_at_ms: begins.map(jiff::Timestamp::as_millisecond),
            message: board.and_then(|board| board.message.as_ref()).map(title),
        }
    }

    /// Who is called next, for the officer and the desk.
    pub(super) fn first(&self) -> Option<First> {
        let first = self.board.as_ref()?.first.as_ref()?;
        let way = match first.way {
            Way::Office => ToldWay::Office,
            Way::Video => ToldWay::Video,
            Way::Telephone => ToldWay::Telephone,
        };
        let meeting = first.meeting.as_ref().map(|id| wire(id.as_str()));
        Some(First { number: first.number.0, way, meeting })
    }
}
