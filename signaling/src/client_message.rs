//! What a client may say. Each variant is one message of `PROTOCOL.md` and has one fixture.
//!
//! Unknown types and unknown fields are refused, so that a mistake shows at once.

use crate::value::{
    DeclineReason, Id, LineKind, OwnPresence, Page, PageQuality, Posts, RecordReason, ResumeToken,
    ReviewStep, Sdp, SealNote, Ufrag, Views, Written,
};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Client → server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// First on each socket: the protocol's version and the page.
    Hello {
        /// [`crate::VERSION`].
        version: u32,
        /// The page that speaks.
        page: Page,
        /// The newest token of this place, if the page has one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        resume: Option<ResumeToken>,
    },
    /// The offer of a new `RTCPeerConnection`; it takes the place of the one before.
    Connect {
        /// The offer.
        sdp: Sdp,
    },
    /// Begins ICE anew on the connection that is: the client calls itself by another name from now on.
    RestartIce {
        /// The name in the client's newest description.
        ufrag: Ufrag,
    },
    /// Lets somebody in from the lobby.
    Admit {
        /// Who.
        participant: Id,
    },
    /// Sends somebody away from the lobby or the meeting, for good.
    Deny {
        /// Who.
        participant: Id,
    },
    /// Goes on by telephone with somebody whose line is too weak; their place is kept.
    CallBack {
        /// Whom.
        participant: Id,
    },
    /// Ends the meeting for everybody.
    EndMeeting {},
    /// Writes a line for everybody inside.
    Write {
        /// Of the talk, or of the captions.
        kind: LineKind,
        /// What.
        text: Written,
    },
    /// Asks to speak, or asks no more.
    RaiseHand {
        /// Asks.
        up: bool,
    },
    /// Takes somebody's hand down.
    LowerHand {
        /// Whose.
        participant: Id,
    },
    /// Silences somebody; only that person's own button gives the voice back.
    Silence {
        /// Whom.
        participant: Id,
    },
    /// Lets somebody show a screen, or no more.
    AllowScreen {
        /// Whom.
        participant: Id,
        /// May.
        allowed: bool,
    },
    /// Shows the own screen from now on, or no more.
    ShareScreen {
        /// Shows.
        on: bool,
    },
    /// Lets nobody new come to the door, or lets them again.
    LockDoor {
        /// Nobody new.
        locked: bool,
    },
    /// Makes the meeting confidential, for good: sound and pictures are encrypted from page to page from now on.
    SealMeeting {},
    /// Says something about keys to one who is inside as well, in a confidential meeting or a sealed call.
    Seal {
        /// To whom; in a call, the other post.
        participant: Id,
        /// What; the server does not read it.
        note: SealNote,
    },
    /// Leaves on purpose; the place is kept for the return window.
    Leave {},
    /// Says which of the own tracks are on.
    SetTracks {
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
    },
    /// Says how large the receiving video sections are shown from now on; one that is not named keeps its size.
    SetViews {
        /// Each at most once.
        views: Views,
    },
    /// Says how the last seconds looked and sounded where only the page can know it.
    Quality(PageQuality),
    /// Switches the recording of the meeting on, with a reason, or off.
    Record {
        /// On from now on.
        on: bool,
        /// Why, in the officer's words; needed to switch it on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        reason: Option<RecordReason>,
    },
    /// Answers whether one's own sound and picture may be recorded; a later answer takes the place of the one before.
    RecordConsent {
        /// They may.
        agrees: bool,
    },
    /// Says whether the person is in the chamber.
    SetPresence {
        /// Which.
        presence: OwnPresence,
    },
    /// Rings a post's seat. The caller is seen and heard there from now on.
    Ring {
        /// Whom; everybody who takes it is in one call.
        posts: Posts,
    },
    /// Says that this page can seal what it sends: its browser has encoded transforms.
    CanSeal {},
    /// Rings one post for a sealed call: nothing of either is seen or heard before both are inside, and then only encrypted
    /// from page to page.
    RingSealed {
        /// Whom.
        post: Id,
    },
    /// Makes a call of two sealed, for both and for good.
    SealCall {
        /// Which.
        call: Id,
    },
    /// Rings others into the call in which the seat is.
    AddToCall {
        /// Which.
        call: Id,
        /// Whom.
        posts: Posts,
    },
    /// Rings another who takes the call instead; until then everything stays as it is.
    HandOver {
        /// Which.
        call: Id,
        /// To whom.
        post: Id,
    },
    /// Takes the call. From here on, and only from here on, the callee is seen and heard.
    AcceptRing {
        /// Which.
        call: Id,
    },
    /// A frosted picture is on the line, of a seat that will answer this ring by itself.
    Frosted {
        /// Which.
        call: Id,
    },
    /// Does not take the call.
    DeclineRing {
        /// Which.
        call: Id,
        /// Why.
        reason: DeclineReason,
    },
    /// Somebody inside stops ringing a seat.
    CancelRing {
        /// In which call.
        call: Id,
        /// Whom.
        post: Id,
    },
    /// Whoever had taken a call of the hotline in the middle of a meeting is back in it.
    ComeBack {},
    /// Comes back into the call that was left for another.
    ResumeCall {
        /// Which.
        call: Id,
    },
    /// Takes the call over from another device of the seat.
    TakeCall {
        /// Which.
        call: Id,
    },
    /// Either side ends an accepted call.
    HangUp {
        /// Which.
        call: Id,
    },
    /// Rings others into a review, which the seat conducts.
    OpenReview {
        /// Whom.
        posts: Posts,
    },
    /// Comes into a review to which the seat was asked, now or again. From here on it is seen.
    JoinReview {
        /// The call of it.
        call: Id,
    },
    /// Does something in a review.
    ReviewStep {
        /// The call of it.
        call: Id,
        /// What.
        step: ReviewStep,
    },
    /// Asks for a `pong` with the same number.
    Ping {
        /// Any number.
        n: u32,
    },
}

impl ClientMessage {
    /// The message's `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            ClientMessage::Hello { .. } => "hello",
            ClientMessage::Connect { .. } => "connect",
            ClientMessage::RestartIce { .. } => "restart_ice",
            ClientMessage::Admit { .. } => "admit",
            ClientMessage::Deny { .. } => "deny",
            ClientMessage::CallBack { .. } => "call_back",
            ClientMessage::EndMeeting {} => "end_meeting",
            ClientMessage::Write { .. } => "write",
            ClientMessage::RaiseHand { .. } => "raise_hand",
            ClientMessage::LowerHand { .. } => "lower_hand",
            ClientMessage::Silence { .. } => "silence",
            ClientMessage::AllowScreen { .. } => "allow_screen",
            ClientMessage::ShareScreen { .. } => "share_screen",
            ClientMessage::LockDoor { .. } => "lock_door",
            ClientMessage::SealMeeting {} => "seal_meeting",
            ClientMessage::Seal { .. } => "seal",
            ClientMessage::Leave {} => "leave",
            ClientMessage::SetTracks { .. } => "set_tracks",
            ClientMessage::SetViews { .. } => "set_views",
            ClientMessage::Quality(_) => "quality",
            ClientMessage::Record { .. } => "record",
            ClientMessage::RecordConsent { .. } => "record_consent",
            ClientMessage::SetPresence { .. } => "set_presence",
            ClientMessage::Ring { .. } => "ring",
            ClientMessage::CanSeal {} => "can_seal",
            ClientMessage::RingSealed { .. } => "ring_sealed",
            ClientMessage::SealCall { .. } => "seal_call",
            ClientMessage::AddToCall { .. } => "add_to_call",
            ClientMessage::HandOver { .. } => "hand_over",
            ClientMessage::ComeBack {} => "come_back",
            ClientMessage::ResumeCall { .. } => "resume_call",
            ClientMessage::TakeCall { .. } => "take_call",
            ClientMessage::AcceptRing { .. } => "accept_ring",
            ClientMessage::Frosted { .. } => "frosted",
            ClientMessage::DeclineRing { .. } => "decline_ring",
            ClientMessage::CancelRing { .. } => "cancel_ring",
            ClientMessage::HangUp { .. } => "hang_up",
            ClientMessage::OpenReview { .. } => "open_review",
            ClientMessage::JoinReview { .. } => "join_review",
            ClientMessage::ReviewStep { .. } => "review_step",
            ClientMessage::Ping { .. } => "ping",
        }
    }

    /// Does it end something or say no? Such a message is taken however many came before it: nobody stays seen and heard
    /// because he was too fast.
    pub fn ends(&self) -> bool {
        matches!(
            self,
            ClientMessage::Leave {}
                | ClientMessage::EndMeeting {}
                | ClientMessage::HangUp { .. }
                | ClientMessage::CancelRing { .. }
                | ClientMessage::DeclineRing { .. }
                | ClientMessage::Record { on: false, .. }
        )
    }
}
