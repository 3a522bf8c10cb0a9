//! What may be said when: one session as both ends see it.
//!
//! Pure: it is fed each message in the order of the socket and answers whether that message has its place there.
//! It knows no right and no person; the server asks its policy besides.

use crate::client_message::ClientMessage as Client;
use crate::code::ErrorCode;
use crate::server_message::ServerMessage as Server;
use crate::value::{Page, Role};
use crate::{VERSION, limits};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing was said.
    Fresh,
    /// `hello` was said on a page of this sort; the answer is awaited.
    Greeted(Sort),
    /// A citizen waits in the lobby.
    InLobby,
    /// A citizen or the officer is inside.
    Inside(Role),
    /// The desk stands at the lobby's door.
    AtTheDoor,
    /// A seat of the hotline.
    Seated,
    /// Nothing more may be said.
    Over,
}

/// The sort of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The page of a meeting.
    Meeting,
    /// The board or a chamber.
    Hotline,
}

/// A message from the server that has no place in the session: a fault of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server said {said} in {state:?}")]
pub struct ServerFault {
    /// The message's `type`.
    pub said: &'static str,
    /// Where the session stood.
    pub state: State,
}

/// One session. Starts [`State::Fresh`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    state: State,
}

impl Default for Session {
    fn default() -> Session {
        Session { state: State::Fresh }
    }
}

impl Session {
    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The client says this now.
    ///
    /// # Errors
    /// `hello_expected` before `hello`, `version_unsupported`, `out_of_turn` else. The session does not move then.
    pub fn client_says(&mut self, message: &Client) -> Result<(), ErrorCode> {
        if self.state == State::Fresh {
            self.state = State::Greeted(greeting(message)?);
            return Ok(());
        }
        if may_client_say(self.state, message) { Ok(()) } else { Err(ErrorCode::OutOfTurn) }
    }

    /// The server says this now.
    ///
    /// # Errors
    /// [`ServerFault`] when the message has no place here. The session does not move then.
    pub fn server_says(&mut self, message: &Server) -> Result<(), ServerFault> {
        match after_server(self.state, message) {
            Some(next) => {
                self.state = next;
                Ok(())
            }
            None => Err(ServerFault { said: message.kind(), state: self.state }),
        }
    }
}

/// The first message must be a `hello` of our version.
fn greeting(message: &Client) -> Result<Sort, ErrorCode> {
    let Client::Hello { version, page, .. } = message else {
        return Err(ErrorCode::HelloExpected);
    };
    if *version != VERSION {
        return Err(ErrorCode::VersionUnsupported);
    }
    Ok(match page {
        Page::Meeting { .. } => Sort::Meeting,
        Page::Board {} | Page::Chamber {} | Page::Phone {} | Page::Hall {} => Sort::Hotline,
    })
}

/// The table of what a client may say after its `hello`.
fn may_client_say(state: State, message: &Client) -> bool {
    match message {
        Client::Hello { .. } => false,
        Client::Ping { .. } => state != State::Over,
        // A page may send its offer, or its new ICE name, in the same breath as its hello.
        Client::Connect { .. }
        | Client::RestartIce { .. }
        | Client::SetTracks { .. }
        | Client::SetViews { .. }
        | Client::Quality(_) => {
            matches!(state, State::Greeted(_) | State::InLobby | State::Inside(_) | State::Seated)
        }
        Client::Admit { .. } | Client::Deny { .. } => {
            matches!(state, State::AtTheDoor | State::Inside(Role::Officer))
        }
        Client::Write { .. } => matches!(state, State::AtTheDoor | State::Inside(_)),
        Client::RaiseHand { .. } | Client::ShareScreen { .. } | Client::ComeBack {} => {
            matches!(state, State::Inside(_))
        }
        Client::LowerHand { .. }
        | Client::Silence { .. }
        | Client::AllowScreen { .. }
        | Client::LockDoor { .. } => matches!(state, State::AtTheDoor | State::Inside(Role::Officer)),
        Client::EndMeeting {} | Client::CallBack { .. } | Client::Record { .. } | Client::SealMeeting {} => {
            state == State::Inside(Role::Officer)
        }
        Client::Seal { .. } => matches!(state, State::Inside(_) | State::Seated),
        Client::RecordConsent { .. } => matches!(state, State::Inside(_)),
        Client::Leave {} => matches!(state, State::InLobby | State::Inside(_) | State::AtTheDoor),
        Client::SetPresence { .. } => matches!(state, State::Seated | State::Greeted(Sort::Hotline)),
        Client::CanSeal {}
        | Client::Ring { .. }
        | Client::RingSealed { .. }
        | Client::SealCall { .. }
        | Client::AcceptRing { .. }
        | Client::Frosted { .. }
        | Client::DeclineRing { .. }
        | Client::CancelRing { .. }
        | Client::AddToCall { .. }
        | Client::HandOver { .. }
        | Client::ResumeCall { .. }
        | Client::TakeCall { .. }
        | Client::HangUp { .. }
        | Client::OpenReview { .. }
        | Client::JoinReview { .. }
        | Client::ReviewStep { .. } => state == State::Seated,
    }
}

/// The state after a server's message, or nothing when it has no place.
fn after_server(state: State, message: &Server) -> Option<State> {
    let stays = |may: bool| may.then_some(state);
    match message {
        Server::Error { .. } => Some(state),
        Server::Pong { .. } => stays(!matches!(state, State::Fresh | State::Over)),
        Server::Welcome { role, .. } => welcomed(state, *role),
        Server::Answer { .. }
        | Server::IceRestarted { .. }
        | Server::Slot { .. }
        | Server::Layers { .. }
        | Server::Loudest { .. } => stays(matches!(state, State::InLobby | State::Inside(_) | State::Seated)),
        Server::Waiting { .. } => stays(state == State::InLobby),
        Server::Lobby { .. } => stays(matches!(state, State::AtTheDoor | State::Inside(Role::Officer))),
        Server::Admitted { .. } => match state {
            State::InLobby | State::Inside(Role::Citizen) => Some(State::Inside(Role::Citizen)),
            _ => None,
        },
        Server::Denied {} => {
            let told = [State::InLobby, State::Inside(Role::Citizen), State::Greeted(Sort::Meeting)];
            told.contains(&state).then_some(State::Over)
        }
        Server::Lines { .. } | Server::Conduct { .. } => {
            stays(matches!(state, State::Inside(_) | State::AtTheDoor))
        }
        Server::Sealed { .. } => stays(matches!(state, State::InLobby | State::AtTheDoor | State::Inside(_))),
        Server::Seal { .. } => stays(matches!(state, State::Inside(_) | State::Seated)),
        Server::Silenced {} => stays(matches!(state, State::Inside(_))),
        Server::Recording(_) => stays(matches!(state, State::Inside(_))),
        Server::Participants { .. } => stays(matches!(state, State::Inside(_) | State::AtTheDoor)),
        Server::Faint { .. } | Server::CallWaiting { .. } => stays(state == State::Inside(Role::Officer)),
        Server::CalledBack {} => stays(matches!(state, State::InLobby | State::Inside(Role::Citizen))),
        Server::MeetingEnded {} => {
            let told = [State::InLobby, State::AtTheDoor, State::Greeted(Sort::Meeting)];
            (told.contains(&state) || matches!(state, State::Inside(_))).then_some(State::Over)
        }
        Server::Seats { .. }
        | Server::Seat(_)
        | Server::Incoming { .. }
        | Server::Call { .. }
        | Server::Member { .. }
        | Server::Questions {}
        | Server::Missed {}
        | Server::RingBack { .. }
        | Server::Review(_)
        | Server::ReviewLine { .. }
        | Server::Roll { .. }
        | Server::Expected { .. } => stays(state == State::Seated),
    }
}

fn welcomed(state: State, role: Role) -> Option<State> {
    match (state, role) {
        (State::Greeted(Sort::Meeting), Role::Citizen | Role::Guest) => Some(State::InLobby),
        (State::Greeted(Sort::Meeting), Role::Officer) => Some(State::Inside(Role::Officer)),
        (State::Greeted(Sort::Meeting), Role::Desk) => Some(State::AtTheDoor),
        (State::Greeted(Sort::Hotline), Role::Seat) => Some(State::Seated),
        _ => None,
    }
}

/// How many messages a session may still say: a token bucket, told the time.
#[derive(Debug, Clone)]
pub struct Allowance {
    tokens_milli: u64,
    at_ms: u64,
    refused: u32,
}

/// What the allowance says about one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Within the bounds.
    Fine,
    /// Over the bounds: drop it and say `too_fast`.
    TooFast,
    /// Over the bounds for too long: close.
    Hopeless,
}

impl Allowance {
    /// A full bucket.
    ///
    /// * `now_ms`: milliseconds of any clock that only goes forward.
    pub fn full(now_ms: u64) -> Allowance {
        Allowance { tokens_milli: u64::from(limits::MESSAGE_BURST) * 1000, at_ms: now_ms, refused: 0 }
    }

    /// One more message arrives.
    pub fn take(&mut self, now_ms: u64) -> Pace {
        let gained = now_ms.saturating_sub(self.at_ms).saturating_mul(u64::from(limits::MESSAGES_PER_SECOND));
        self.at_ms = self.at_ms.max(now_ms);
        self.tokens_milli =
            (self.tokens_milli.saturating_add(gained)).min(u64::from(limits::MESSAGE_BURST) * 1000);
        if self.tokens_milli >= 1000 {
            self.tokens_milli -= 1000;
            self.refused = 0;
            return Pace::Fine;
        }
        self.refused += 1;
        if self.refused > limits::TOO_FAST_MAX { Pace::Hopeless } else { Pace::TooFast }
    }
}
