//! What the server may say. Each variant is one message of `PROTOCOL.md` and has one fixture.
//!
//! A message about a state carries the whole state, so that only the newest matters.

use crate::code::ErrorCode;
use crate::value::{
    CallReason, CallState, FaintLine, First, IcePassword, Id, Limits, Line, MeetingInfo, Member, Minutes,
    OfficerState, Participant, Peer, Recording, ResumeToken, Review, Role, RollLine, Sdp, SealNote, Seat,
    SlotInfo, Title, Ufrag, Waiting,
};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Server → client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ServerMessage {
    /// Answers `hello`.
    Welcome {
        /// The client's own name in `participants` and `slot`; a seat's is its post.
        participant: Id,
        /// As what the client takes part.
        role: Role,
        /// What the client is called.
        title: Title,
        /// On the page of a meeting.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        meeting: Option<MeetingInfo>,
        /// The bounds to keep.
        limits: Limits,
        /// The server still holds the transport of an earlier socket of this place: no new `connect` is needed
        /// if the page still has it too.
        connected: bool,
        /// With this the page comes back to its place, also without its cookie, and while the database is away.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        resume: Option<ResumeToken>,
    },
    /// Answers `connect`.
    Answer {
        /// The answer. It is never renegotiated.
        sdp: Sdp,
        /// The receiving sections.
        slots: Vec<SlotInfo>,
    },
    /// Answers `restart_ice`: the server's new name and password. All else of the answer stays.
    IceRestarted {
        /// The name.
        ufrag: Ufrag,
        /// The password.
        password: IcePassword,
    },
    /// You are in the lobby. What is not known is not said; the last known stays while the database is away.
    Waiting {
        /// 1 is next: in the queue of the post, of all who come, call or wait by video; before that is known, in this lobby.
        position: u32,
        /// Your number in that queue today, as it stands on the slip and on the wall.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        number: Option<u32>,
        /// In so many minutes it is your turn, four times in five.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        minutes: Option<Minutes>,
        /// Your number has been called: the officer comes to you.
        #[serde(skip_serializing_if = "is_false", default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        called: bool,
        /// Where the officer is, if he is not here.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        officer: Option<OfficerState>,
        /// When the officer begins or goes on, if he has said that he is late; Unix milliseconds.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        begins_at_ms: Option<i64>,
        /// What the post says to those who wait for it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        message: Option<Title>,
    },
    /// Who is in the lobby, longest wait first (officer and desk).
    Lobby {
        /// Everybody there.
        waiting: Vec<Waiting>,
        /// Who is called next in the queue of the post, wherever he waits.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        first: Option<First>,
    },
    /// You are inside.
    Admitted {
        /// A newer token than that of `welcome`: the place is one inside from now on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        resume: Option<ResumeToken>,
    },
    /// You were sent away. The server closes.
    Denied {},
    /// Who is inside, yourself too.
    Participants {
        /// Everybody there.
        participants: Vec<Participant>,
    },
    /// A receiving section now carries this participant's media, or nothing.
    Slot {
        /// The section.
        mid: String,
        /// Whose media; `null` when the section is empty.
        participant: Option<Id>,
        /// It is that participant's screen and not the camera.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        screen: bool,
    },
    /// Which layers of the client's own camera anybody receives: the others may rest.
    Layers {
        /// The sending section.
        mid: String,
        /// By `rid`, lowest first; one empty name for a camera without layers. Empty: nobody looks.
        rids: Vec<String>,
    },
    /// Who is loudest among those that the client hears.
    Loudest {
        /// Who; `null` when all are silent.
        participant: Option<Id>,
    },
    /// Lines that were written, in their order: new ones, or after a welcome all that are known.
    Lines {
        /// At least one.
        lines: Vec<Line>,
    },
    /// You were silenced: switch the microphone off. Said again until the page has done so.
    Silenced {},
    /// How the meeting is conducted.
    Conduct {
        /// Nobody new comes to the door.
        locked: bool,
        /// Who shows a screen.
        sharing: Option<Id>,
        /// You may show yours.
        may_share: bool,
    },
    /// Whether the meeting is recorded, and how you answered.
    Recording(Recording),
    /// The meeting is confidential, for good. Said to everybody on its page, in the lobby too, and after each `welcome`.
    Sealed {
        /// A newer token that knows it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        resume: Option<ResumeToken>,
    },
    /// Somebody inside says something about keys.
    Seal {
        /// Who, by the server's word.
        participant: Id,
        /// What.
        note: SealNote,
    },
    /// Whose line is too weak even for a voice (officer): the telephone is the way on.
    Faint {
        /// Everybody of whom this holds.
        lines: Vec<FaintLine>,
    },
    /// The officer will call you by telephone; your place is kept.
    CalledBack {},
    /// The officer ended the meeting. The server closes.
    MeetingEnded {},
    /// Every tile of the board.
    Seats {
        /// By number.
        seats: Vec<Seat>,
    },
    /// One tile that changed.
    Seat(Seat),
    /// You are being rung; the caller's media is already on its way to you, yours stays here.
    Incoming {
        /// Which call.
        call: Id,
        /// Who rings.
        caller: Peer,
        /// Who else is rung or inside.
        others: Vec<Peer>,
        /// How long it will still ring.
        ring_timeout_ms: u32,
        /// It is heard in the middle of another call or a meeting: who takes it leaves that for a while.
        breaks_in: bool,
        /// At this device it is answered by itself after so long, for the occupant lets this caller in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        opens_in_ms: Option<u32>,
        /// It is a review: whoever comes in is seen, and heard when the chair gives the floor.
        #[serde(skip_serializing_if = "is_false", default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        review: bool,
        /// It is sealed: the caller is not seen before the accept.
        #[serde(skip_serializing_if = "is_false", default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        sealed: bool,
    },
    /// Where a call of yours stands.
    Call {
        /// Which.
        call: Id,
        /// Where it stands.
        state: CallState,
        /// Why, when it was declined or ended.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        reason: Option<CallReason>,
        /// The seat is in it at this device; at another one it can be taken over.
        here: bool,
        /// Sound and pictures go encrypted from page to page, for good.
        #[serde(skip_serializing_if = "is_false", default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        sealed: bool,
        /// The others.
        members: Vec<Member>,
    },
    /// Another seat of a call of yours, as it stands now.
    Member {
        /// Which call.
        call: Id,
        /// Who, and where it stands.
        member: Member,
    },
    /// Somebody of precedence rings the officer's seat in the middle of this meeting, or does no more.
    CallWaiting {
        /// Who.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        caller: Option<Peer>,
    },
    /// This seat said «in two minutes» to another, and they are over.
    RingBack {
        /// To whom.
        peer: Peer,
    },
    /// What this seat is asked, or has asked, is another than it was: read it again.
    Questions {},
    /// What this seat has missed, or a word that it left, is another than it was: read it again.
    Missed {},
    /// How the review stands in which the seat is.
    Review(Review),
    /// A direction as the chair types it.
    ReviewLine {
        /// In which review.
        call: Id,
        /// As it stands.
        text: String,
    },
    /// Who of those who are expected is present (chair).
    Roll {
        /// In which review.
        call: Id,
        /// Everybody who is expected or came.
        lines: Vec<RollLine>,
    },
    /// A review to which this seat was asked goes on without it: it may come, or that is over.
    Expected {
        /// Which.
        call: Id,
        /// Who conducts it.
        chair: Peer,
        /// It may come.
        on: bool,
    },
    /// Something did not work.
    Error {
        /// Which; stable.
        code: ErrorCode,
        /// The `type` of the message that it answers.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        about: Option<String>,
    },
    /// Answers `ping`.
    Pong {
        /// The same number.
        n: u32,
    },
}

fn is_false(value: &bool) -> bool {
    !value
}

impl ServerMessage {
    /// The message's `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            ServerMessage::Welcome { .. } => "welcome",
            ServerMessage::Answer { .. } => "answer",
            ServerMessage::IceRestarted { .. } => "ice_restarted",
            ServerMessage::Waiting { .. } => "waiting",
            ServerMessage::Lobby { .. } => "lobby",
            ServerMessage::Admitted { .. } => "admitted",
            ServerMessage::Denied {} => "denied",
            ServerMessage::Participants { .. } => "participants",
            ServerMessage::Slot { .. } => "slot",
            ServerMessage::Layers { .. } => "layers",
            ServerMessage::Loudest { .. } => "loudest",
            ServerMessage::Lines { .. } => "lines",
            ServerMessage::Silenced {} => "silenced",
            ServerMessage::Conduct { .. } => "conduct",
            ServerMessage::Recording(_) => "recording",
            ServerMessage::Sealed { .. } => "sealed",
            ServerMessage::Seal { .. } => "seal",
            ServerMessage::Faint { .. } => "faint",
            ServerMessage::CalledBack {} => "called_back",
            ServerMessage::MeetingEnded {} => "meeting_ended",
            ServerMessage::Seats { .. } => "seats",
            ServerMessage::Seat(_) => "seat",
            ServerMessage::Incoming { .. } => "incoming",
            ServerMessage::Call { .. } => "call",
            ServerMessage::Member { .. } => "member",
            ServerMessage::CallWaiting { .. } => "call_waiting",
            ServerMessage::RingBack { .. } => "ring_back",
            ServerMessage::Questions {} => "questions",
            ServerMessage::Missed {} => "missed",
            ServerMessage::Review(_) => "review",
            ServerMessage::ReviewLine { .. } => "review_line",
            ServerMessage::Roll { .. } => "roll",
            ServerMessage::Expected { .. } => "expected",
            ServerMessage::Error { .. } => "error",
            ServerMessage::Pong { .. } => "pong",
        }
    }
}
