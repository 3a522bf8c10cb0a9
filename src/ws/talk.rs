//! One socket from its first frame to its last.
//!
//! Reads frames, keeps the pace, hands messages on, sends what the outbox holds, pings. Every wait has a bound.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use jiff::{SignedDuration, Timestamp};
use signaling::code::CLOSE_SHUT;
use signaling::session::{Allowance, Pace, State};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits as bounds, read_client, write};

use crate::app::Desk;
use crate::app::live::turn::{Parting, SocketId};
use crate::app::live::{Live, Next, Outbox, Shown};
use crate::auth::Actor;
use crate::limits;

/// Who opened the socket.
pub(super) struct Bearer {
    /// Nothing while the database could not say.
    pub(super) actor: Option<Actor>,
    /// The session's token, to ask again.
    pub(super) cookie: Option<String>,
    /// What it said with the opening.
    pub(super) first: Vec<String>,
}

/// Talks until one side ends it.
pub(super) async fn talk(mut socket: WebSocket, desk: Desk, live: Live, bearer: Bearer) {
    let (id, outbox) = live.socket();
    let now = desk.now();
    let allowance = Allowance::full(milliseconds(now));
    let mut talk = Talk {
        desk,
        live,
        bearer,
        id,
        outbox,
        allowance,
        heard_at: now,
        is_opening: true,
        is_shut: false,
        welcomed: None,
        asking: None,
    };
    talk.until_the_end(&mut socket).await;
    let parting = if talk.is_shut { Parting::Shut } else { Parting::Lost };
    talk.live.gone(id, parting).await;
}

struct Talk {
    desk: Desk,
    live: Live,
    bearer: Bearer,
    id: SocketId,
    outbox: Outbox,
    allowance: Allowance,
    heard_at: Timestamp,
    /// What is heard was said with the opening.
    is_opening: bool,
    /// The page said goodbye.
    is_shut: bool,
    /// Whom it was let in as.
    welcomed: Option<Actor>,
    /// Asks whether that still holds, beside the frames: a database that is away must hold up no talk.
    asking: Option<tokio::task::JoinHandle<()>>,
}

/// After a frame.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    /// The other side is gone.
    End,
}

impl Talk {
    async fn until_the_end(&mut self, socket: &mut WebSocket) {
        let mut ping = tokio::time::interval(bounds::PING_INTERVAL);
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let hello_late = tokio::time::sleep(bounds::HELLO_WITHIN);
        tokio::pin!(hello_late);
        let mut hello_is_due = true;
        let outbox = self.outbox.clone();
        for words in std::mem::take(&mut self.bearer.first) {
            if self.hear(Message::text(words)).await == Then::End {
                return;
            }
        }
        self.is_opening = false;
        loop {
            tokio::select! {
                next = outbox.next() => match next {
                    Next::Message(message) => {
                        if send(socket, Message::text(write(&*message))).await == Then::End {
                            return;
                        }
                    }
                    Next::Close(code) => return farewell(socket, code).await,
                },
                frame = socket.recv() => {
                    self.heard_at = self.desk.now();
                    let then = match frame {
                        Some(Ok(frame)) => self.hear(frame).await,
                        // Not a frame at all, or one far above the bound.
                        Some(Err(_)) => return farewell(socket, Some(ErrorCode::Malformed)).await,
                        None => Then::End,
                    };
                    if then == Then::End {
                        return;
                    }
                }
                () = &mut hello_late, if hello_is_due => {
                    hello_is_due = false;
                    if self.outbox.state() == State::Fresh {
                        self.outbox.close(Some(ErrorCode::HelloExpected));
                    }
                }
                _ = ping.tick() => {
                    let now = self.desk.now();
                    if is_silent(self.heard_at, now) {
                        self.outbox.close(Some(ErrorCode::Silent));
                    } else if is_quiet(self.heard_at, now) && send(socket, Message::Ping(Vec::new().into())).await == Then::End {
                        return;
                    }
                    self.ask_again_who_it_is();
                }
            }
        }
    }

    /// A sign-out, or the end of a charge, ends the session's sockets and their transports.
    fn ask_again_who_it_is(&mut self) {
        let Some(then) = self.welcomed.clone() else { return };
        let Some(session) = then.session().cloned() else { return };
        if self.asking.as_ref().is_some_and(|asking| !asking.is_finished()) {
            return;
        }
        let live = self.live.clone();
        self.asking = Some(tokio::spawn(async move {
            // While the database is away nobody is thrown out.
            let Some(now) = live.session_now(&session).await else { return };
            if !still_holds(&then, &now) {
                live.signed_out(session).await;
            }
        }));
    }

    async fn hear(&mut self, frame: Message) -> Then {
        let text = match frame {
            Message::Text(text) => text,
            Message::Binary(_) => return self.give_up(ErrorCode::NotText),
            Message::Ping(_) | Message::Pong(_) => return Then::GoOn,
            Message::Close(frame) => {
                // The page says so when it is shut or loaded anew, or its browser does (RFC 6455 §7.4.1).
                let is_shut = |frame: CloseFrame| [CLOSE_SHUT, close_code::AWAY].contains(&frame.code);
                self.is_shut = frame.is_some_and(is_shut);
                return Then::End;
            }
        };
        let pace = self.allowance.take(milliseconds(self.heard_at));
        if pace == Pace::Hopeless {
            return self.give_up(ErrorCode::TooFast);
        }
        match read_client(text.as_str()) {
            Ok(message) if pace == Pace::TooFast && !message.ends() => {
                self.complain(ErrorCode::TooFast, Some(message.kind()))
            }
            Ok(message) => self.pass_on(message).await,
            Err(code) => self.give_up(code),
        }
    }

    async fn pass_on(&mut self, message: ClientMessage) -> Then {
        let about = message.kind();
        match self.outbox.client_says(&message) {
            Ok(()) => {}
            Err(code) if code.close().is_some() => return self.give_up(code),
            Err(code) => return self.complain(code, Some(about)),
        }
        let passed = match message {
            ClientMessage::Hello { page, resume, .. } => {
                let Bearer { actor, cookie, .. } = &self.bearer;
                let shown = Shown {
                    actor: actor.as_ref(),
                    cookie: cookie.as_deref(),
                    resume: resume.as_ref(),
                    may_have_more: self.is_opening,
                };
                let entered = self.live.enter((self.id, self.outbox.clone()), shown, &page).await;
                entered.map(|actor| self.welcomed = Some(actor))
            }
            other => self.live.say(self.id, other).await,
        };
        // A refused hello ends the socket; after it only a stopped server fails here.
        passed.map_or_else(|code| self.give_up(code), |()| Then::GoOn)
    }

    fn complain(&self, code: ErrorCode, about: Option<&str>) -> Then {
        let error = ServerMessage::Error { code, about: about.map(str::to_owned) };
        match self.outbox.push(error) {
            Ok(()) => Then::GoOn,
            Err(_) => self.give_up(ErrorCode::TooSlow),
        }
    }

    /// Closes once what is already in the outbox has been sent.
    fn give_up(&self, code: ErrorCode) -> Then {
        self.outbox.close(Some(code));
        Then::GoOn
    }
}

async fn farewell(socket: &mut WebSocket, code: Option<ErrorCode>) {
    if let Some(code) = code {
        let error = ServerMessage::Error { code, about: None };
        if send(socket, Message::text(write(&error))).await == Then::End {
            return;
        }
    }
    let close = code.map_or(1000, ErrorCode::closes_before_welcome);
    let frame = CloseFrame { code: close, reason: String::new().into() };
    if send(socket, Message::Close(Some(frame))).await == Then::GoOn {
        // The other side's close, or nothing: its frames no longer matter.
        let _ = tokio::time::timeout(limits::SOCKET_SEND_TIMEOUT, async {
            while let Some(Ok(_)) = socket.recv().await {}
        })
        .await;
    }
}

/// Sends one frame, or gives the socket up after a while.
async fn send(socket: &mut WebSocket, frame: Message) -> Then {
    match tokio::time::timeout(limits::SOCKET_SEND_TIMEOUT, socket.send(frame)).await {
        Ok(Ok(())) => Then::GoOn,
        Ok(Err(_)) | Err(_) => Then::End,
    }
}

/// The same session, for staff still the holder of the post, and at a terminal still the same one.
fn still_holds(then: &Actor, now: &Actor) -> bool {
    let holds = |actor: &Actor| actor.staff().is_none_or(|staff| staff.is_holder);
    let is_same = then.session() == now.session() && then.person() == now.person();
    is_same && (holds(now) || !holds(then))
}

fn milliseconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(0)
}

fn is_silent(heard_at: Timestamp, now: Timestamp) -> bool {
    lasts(heard_at, now, bounds::SILENCE_MAX)
}

/// Whoever has just said something need not be asked: our pages do so by themselves, and a warm seat costs nothing then.
fn is_quiet(heard_at: Timestamp, now: Timestamp) -> bool {
    lasts(heard_at, now, bounds::PING_AFTER)
}

fn lasts(since: Timestamp, now: Timestamp, at_least: Duration) -> bool {
    now.duration_since(since) >= SignedDuration::try_from(at_least).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ended_no_longer_holds() {
        let citizen = |id: &str| Actor::Citizen {
            session: domain::id::SessionId::parse(id).expect("an id"),
            appointments: Vec::new(),
            invites: Vec::new(),
        };
        assert!(still_holds(&citizen("s1"), &citizen("s1")));
        assert!(!still_holds(&citizen("s1"), &Actor::Anyone));
        assert!(!still_holds(&citizen("s1"), &citizen("s2")));
    }

    #[test]
    fn a_page_that_has_said_something_is_not_asked_whether_it_is_there() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        assert!(!is_quiet(at(0), at(19)));
        assert!(is_quiet(at(0), at(20)));
    }

    #[test]
    fn a_socket_is_silent_when_a_ping_goes_unanswered() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        assert!(!is_silent(at(0), at(29)));
        assert!(is_silent(at(0), at(30)));
        assert!(!is_silent(at(30), at(0)), "a clock that steps back silences nobody");
    }
}
