//! What goes into one turn of the floor and what comes out of it: values only.
//!
//! Nothing here decides anything.

use super::floor::Spot;
use super::lapsed::Lapse;
use super::outside::{Ask, End, OutsideError, Reply, Request};
use super::presence::Attended;
use super::quality::{Measured, Stay};
use crate::app::queue::Board;
use crate::audit::By;
use crate::auth::Actor;
use crate::auth::pass::Right;
use domain::direction::{Direction, Step as DirectionStep};
use domain::hotline::{AutoAnswer, Change, Device};
use domain::id::{AppointmentId, CallId, MeetingId, OutsideId, PersonId, PostId, RecordingId, SessionId};
use domain::meeting::{Deed, Departure, Guest, Line as TalkLine, Returning};
use domain::office::RoleKey;
use domain::quality::Judgement;
use domain::text::{Bilingual, PersonName};
use jiff::Timestamp;
use media::{Allowed, ConnectError, Connected, IceName, PeerId, Rank, View};
use recording::{End as RecordingEnd, Facts, Note, Report};
use signaling::{ClientMessage, ErrorCode, ServerMessage};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One WebSocket. Never used again after it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// A permitted way in, as `enter.rs` found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// Where to.
    pub place: EntryPlace,
}

/// Where an entry leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryPlace {
    /// Into a meeting.
    Meeting(Box<MeetingEntry>),
    /// To the seat of a post, at one of its devices.
    Seat(PostId, Device),
}

/// A permitted way into a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingEntry {
    /// Which.
    pub meeting: MeetingId,
    /// The appointment that it is for.
    pub appointment: AppointmentId,
    /// The post that is visited.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// The appointed start and end.
    pub times: (Timestamp, Timestamp),
    /// As whom.
    pub guest: Guest,
    /// What others see: a post's title or a citizen's name.
    pub name: Bilingual,
    /// Who sits in the hall that comes; empty for anybody else.
    pub people: Vec<PersonName>,
    /// The officer ended it before.
    pub ended: bool,
    /// The officer made it confidential before.
    pub sealed: bool,
    /// Places that the rows still know, if the server has been started again since.
    pub past: Vec<Returning>,
    /// What the rows know to have been written, oldest first.
    pub lines: Vec<TalkLine>,
    /// Who was inside when the server ended, and until when that was written down.
    pub left_inside: Vec<(Guest, Timestamp)>,
    /// How many guests are expected, whoever is booked included.
    pub expected: usize,
    /// The guest's own place as its token says it, for where neither memory nor rows know it.
    pub claim: Option<Returning>,
}

/// One seat as the office knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatCard {
    /// The post.
    pub post: PostId,
    /// The tile's number.
    pub number: u16,
    /// The post's title.
    pub title: Bilingual,
    /// The part that the post plays.
    pub part: RoleKey,
    /// Who holds it now, in whatever charge; nobody when it is vacant.
    pub holders: Vec<PersonId>,
    /// Whom each of them lets in today without an act of that moment.
    pub answers: Vec<AutoAnswer>,
}

/// Names one asked-for transport, so that a late answer is known as late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Who asked to begin ICE anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restarter {
    /// A client from outside, with its request.
    Outside(Ask, OutsideId),
    /// A page at its place.
    Page(SocketId, Spot),
}

/// How a socket went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The page said goodbye: it was shut, or loaded anew.
    Shut,
    /// Without a word.
    Lost,
}

/// What the floor is told.
#[derive(Debug)]
pub enum Input {
    /// A socket said a permitted hello.
    Enter(SocketId, Entry),
    /// A socket said something else.
    Said(SocketId, ClientMessage),
    /// A socket is gone.
    Gone(SocketId, Parting),
    /// The media plane answered an offer.
    Answered(Ticket, Result<Connected, ConnectError>),
    /// A client from outside asks for something.
    Outside(Ask, Request),
    /// Nobody waited for the reply that let a client from outside in.
    Forsaken(OutsideId),
    /// The media plane began ICE anew: for whom, the client's name, and ours if it did.
    IceRestarted(Restarter, String, Option<IceName>),
    /// What became of a recording.
    Recorder(RecordingId, Report),
    /// Something happened on the media plane.
    Media(media::Event),
    /// The media plane counted.
    Measured(Measured),
    /// The office's seats, whole, as they are now.
    Seats(Vec<SeatCard>),
    /// The queue of a post whose lobbies are attended, as it is now.
    Queue(PostId, Arc<Board>),
    /// An invitation to a meeting was taken back, by whom.
    Uninvited(MeetingId, Guest, By),
    /// A post asks these seats something, until then.
    Asked(PostId, Vec<PostId>, Timestamp),
    /// A question over the hotline moved: whose seats are concerned.
    Questions(Vec<PostId>),
    /// What these posts have missed, or a word between them, has changed.
    Missed(Vec<PostId>),
    /// A session was signed out.
    SignedOut(SessionId),
    /// Time passed.
    Tick,
    /// The server stops.
    Stop,
}

/// What the floor wants done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Say this to a socket.
    Say(SocketId, ServerMessage),
    /// Close a socket: with an error, or normally.
    Close(SocketId, Option<ErrorCode>),
    /// Ask the media plane for a transport; the offer's answer comes back as `Answered`.
    Connect(Ticket, media::RoomId, signaling::value::Sdp),
    /// Open a way.
    Open(PeerId, PeerId),
    /// Shut a way.
    Shut(PeerId, PeerId),
    /// What of a transport may go to anybody.
    Allow(PeerId, Allowed),
    /// Whether the pictures that a transport receives are spared when there is too much to do.
    Rank(PeerId, Rank),
    /// How large a transport's receiving sections are shown.
    View(PeerId, Vec<View>),
    /// Give a transport up.
    Remove(PeerId),
    /// Begin ICE anew for a client that calls itself so; comes back as `IceRestarted`.
    RestartIce(Restarter, PeerId, String),
    /// Begin a recording; what becomes of it comes back as `Recorder`.
    BeginRecording(RecordingId, Box<Facts>),
    /// Say this to the recorder.
    TellRecorder(RecordingId, Note),
    /// Copy what a transport sends for a recording.
    Tap(PeerId, RecordingId),
    /// Copy nothing of a transport any more.
    Untap(PeerId),
    /// A recorder needs a keyframe of this track.
    WantKeyframe(PeerId, usize),
    /// Reply to a client from outside.
    Reply(Ask, Result<Reply, OutsideError>),
    /// Write it down.
    Record(Line),
    /// Write down who was present when.
    Attend(Attended),
    /// Write down how good a stay was.
    Keep(Stay),
    /// These calls of the hotline go on.
    CallsGoOn(Vec<CallId>),
    /// Count these seconds.
    Judged(Vec<Judgement>),
    /// Tell the queues of these posts and of no others: their lobbies are attended.
    Watch(BTreeSet<PostId>),
    /// No token opens this any more; until then there may be some that say otherwise.
    Lapse(Lapse, Timestamp),
}

/// One act that must stand in the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Who did it; the house when time or a fault did.
    pub by: By,
    /// What.
    pub act: Act,
}

/// A direction as it was given, with the first step of its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directed {
    /// The direction.
    pub rules: Direction,
    /// The step.
    pub step: DirectionStep,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A step of a review, and opening one.
    Reviewed {
        /// Which.
        call: CallId,
        /// By which seat.
        post: PostId,
        /// What, as the audit chain names it.
        word: &'static str,
        /// Whom it names.
        names: Option<PostId>,
    },
    /// A direction was given in a review.
    Directed(Box<Directed>),
    /// Let in from the lobby.
    Admitted {
        /// Where.
        meeting: MeetingId,
        /// Who.
        guest: Guest,
    },
    /// Waits in the lobby from now on.
    Waits {
        /// Where.
        meeting: MeetingId,
        /// Who.
        guest: Guest,
    },
    /// Sent away.
    Denied {
        /// Where.
        meeting: MeetingId,
        /// Who.
        guest: Guest,
    },
    /// The officer goes on by telephone with them.
    CalledBack {
        /// Where.
        meeting: MeetingId,
        /// With whom.
        guest: Guest,
    },
    /// Is inside from now on.
    CameIn {
        /// Where.
        meeting: MeetingId,
        /// Who.
        guest: Guest,
    },
    /// Is no longer inside.
    WentOut {
        /// Where.
        meeting: MeetingId,
        /// Who.
        guest: Guest,
        /// Why.
        why: Departure,
    },
    /// Something changed in the conduct of a meeting.
    Conducted {
        /// Where.
        meeting: MeetingId,
        /// Whom it concerns.
        guest: Guest,
        /// What.
        deed: Deed,
    },
    /// Something was written.
    Wrote {
        /// Where.
        meeting: MeetingId,
        /// What, by whom and when.
        line: Box<TalkLine>,
    },
    /// Over for everybody.
    Ended {
        /// Which.
        meeting: MeetingId,
    },
    /// A recording has begun.
    RecordingBegan {
        /// Where.
        meeting: MeetingId,
        /// Which.
        recording: RecordingId,
        /// The hash of its first line.
        head: String,
    },
    /// A participant said whether he may be recorded.
    AnsweredRecording {
        /// Where.
        meeting: MeetingId,
        /// Which.
        recording: RecordingId,
        /// Who.
        guest: Guest,
        /// How.
        agrees: bool,
    },
    /// A recording is over.
    RecordingEnded {
        /// Where.
        meeting: MeetingId,
        /// Which.
        recording: RecordingId,
        /// The hash of its last line; empty when there is none.
        head: String,
        /// Why.
        why: RecordingEnd,
    },
    /// A client from outside was let in with its pass.
    CameFromOutside {
        /// Where.
        meeting: MeetingId,
        /// Its connection.
        client: OutsideId,
        /// What for.
        may: Right,
    },
    /// A client from outside began ICE anew.
    RestartedFromOutside {
        /// Where.
        meeting: MeetingId,
        /// Its connection.
        client: OutsideId,
    },
    /// A client from outside is gone.
    WentFromOutside {
        /// Where.
        meeting: MeetingId,
        /// Its connection.
        client: OutsideId,
        /// Why.
        why: End,
    },
    /// Something came of what was said of calls between seats.
    Call(Box<Change>),
    /// A seat said something of calls that it may not.
    CallRefused {
        /// Which.
        post: PostId,
        /// The `type` of what it said.
        about: &'static str,
        /// Why it was refused.
        code: ErrorCode,
    },
}
