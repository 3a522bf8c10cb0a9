//! A socket's outbox: bounded, and holding only the newest word on each state.
//!
//! The floor pushes and never waits; the socket's task takes. A reader who cannot keep up even so is closed.

use signaling::{ErrorCode, ServerMessage, Session};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Messages that may wait for one socket. A whole hello of a board is 3 messages, a storm of presence is folded.
pub const OUTBOX_MESSAGES_MAX: usize = 256;

/// What the socket's task does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Message(Box<ServerMessage>),
    /// Say the error, if one, and close.
    Close(Option<ErrorCode>),
}

/// The reader is too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSlow;

#[derive(Debug, Default)]
struct Inside {
    queue: VecDeque<ServerMessage>,
    close: Option<Option<ErrorCode>>,
    session: Session,
}

/// Cheap to clone: one end for the floor, one for the socket's task.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    inside: Arc<Mutex<Inside>>,
    wake: Arc<Notify>,
}

impl Outbox {
    /// Puts a message in; an older one about the same state gives way.
    ///
    /// # Errors
    /// [`TooSlow`] when the outbox is full. Nothing was put in.
    pub fn push(&self, message: ServerMessage) -> Result<(), TooSlow> {
        let mut inside = self.lock();
        if inside.close.is_some() {
            return Ok(());
        }
        if let Err(fault) = inside.session.server_says(&message) {
            tracing::error!(said = fault.said, state = ?fault.state, "the floor broke the protocol; dropped");
            return Ok(());
        }
        inside.queue.retain(|older| !is_outdated_by(older, &message));
        if inside.queue.len() >= OUTBOX_MESSAGES_MAX {
            return Err(TooSlow);
        }
        inside.queue.push_back(message);
        drop(inside);
        self.wake.notify_one();
        Ok(())
    }

    /// Closes after what is already in; the first word on it stands.
    pub fn close(&self, code: Option<ErrorCode>) {
        let mut inside = self.lock();
        if inside.close.is_none() {
            inside.close = Some(code);
        }
        drop(inside);
        self.wake.notify_one();
    }

    /// Waits for the next thing to do. Only one task may call this.
    pub async fn next(&self) -> Next {
        loop {
            let notified = self.wake.notified();
            if let Some(next) = self.take() {
                return next;
            }
            notified.await;
        }
    }

    /// The next thing to do, if there is one.
    pub fn take(&self) -> Option<Next> {
        let mut inside = self.lock();
        match inside.queue.pop_front() {
            Some(message) => Some(Next::Message(Box::new(message))),
            None => inside.close.map(Next::Close),
        }
    }

    /// The client says this now: does it have a place in the session?
    ///
    /// # Errors
    /// As [`Session::client_says`].
    pub fn client_says(&self, message: &signaling::ClientMessage) -> Result<(), ErrorCode> {
        self.lock().session.client_says(message)
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> signaling::session::State {
        self.lock().session.state()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        // Nothing panics while the lock is held; were it so, the queue would still be whole.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does the newer message say everything that the older one would have said?
fn is_outdated_by(older: &ServerMessage, newer: &ServerMessage) -> bool {
    use ServerMessage::{
        Call, CallWaiting, Conduct, Faint, Layers, Lobby, Loudest, Member, Participants, Pong, Recording,
        Seat, Seats, Slot, Waiting,
    };
    match (older, newer) {
        (Waiting { .. }, Waiting { .. })
        | (Lobby { .. }, Lobby { .. })
        | (Participants { .. }, Participants { .. })
        | (Conduct { .. }, Conduct { .. })
        | (Recording(_), Recording(_))
        | (Faint { .. }, Faint { .. })
        | (CallWaiting { .. }, CallWaiting { .. })
        | (Pong { .. }, Pong { .. })
        | (Loudest { .. }, Loudest { .. })
        | (Seats { .. } | Seat(_), Seats { .. }) => true,
        (Seat(a), Seat(b)) => a.post == b.post,
        (Slot { mid: a, .. }, Slot { mid: b, .. }) | (Layers { mid: a, .. }, Layers { mid: b, .. }) => a == b,
        (Call { call: a, .. } | Member { call: a, .. }, Call { call: b, .. }) => a == b,
        (Member { call: a, member: one }, Member { call: b, member: other }) => {
            a == b && one.post == other.post
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signaling::ClientMessage;
    use signaling::value::{Id, Limits, Page, Presence, Role, Seat, SeatGroup, Title};

    fn board() -> Outbox {
        let outbox = Outbox::default();
        let page = Page::Board {};
        outbox.client_says(&ClientMessage::Hello { version: 1, page, resume: None }).expect("a hello");
        outbox.push(welcome()).expect("room");
        outbox
    }

    fn title() -> Title {
        Title { hi: "सचिव".into(), en: "Secretary".into() }
    }

    fn welcome() -> ServerMessage {
        let limits = Limits {
            frame_bytes_max: 1,
            messages_per_second: 1,
            message_burst: 1,
            ring_timeout_ms: 1,
            call_return_window_ms: 1,
            meeting_return_window_ms: 1,
        };
        let participant = Id::parse("cs").expect("an id");
        ServerMessage::Welcome {
            participant,
            role: Role::Seat,
            title: title(),
            meeting: None,
            limits,
            connected: false,
            resume: None,
        }
    }

    fn seat(n: usize, presence: Presence) -> ServerMessage {
        let post = Id::parse(&format!("post-{n}")).expect("an id");
        ServerMessage::Seat(Seat { post, number: 1, title: title(), group: SeatGroup::Department, presence })
    }

    #[test]
    fn a_slow_reader_is_told_only_the_newest_of_each_seat() {
        let outbox = board();
        for _ in 0..10_000 {
            outbox.push(seat(1, Presence::Available)).expect("folded");
            outbox.push(seat(2, Presence::Available)).expect("folded");
            outbox.push(seat(1, Presence::Away)).expect("folded");
        }
        let told: Vec<Next> = std::iter::from_fn(|| outbox.take()).collect();
        let wanted = [welcome(), seat(2, Presence::Available), seat(1, Presence::Away)];
        assert_eq!(told, wanted.map(|m| Next::Message(Box::new(m))));
    }

    #[test]
    fn a_reader_who_takes_nothing_is_too_slow_and_nothing_grows() {
        let outbox = board();
        let refused = (0..1_000).filter(|n| outbox.push(seat(*n, Presence::Away)).is_err()).count();
        assert_eq!(refused, 1_000 - (OUTBOX_MESSAGES_MAX - 1));
    }

    #[test]
    fn what_was_said_before_the_close_is_still_sent() {
        let outbox = board();
        outbox.close(Some(ErrorCode::Replaced));
        outbox.close(None);
        outbox.push(seat(1, Presence::Away)).expect("dropped silently after the close");
        assert_eq!(outbox.take(), Some(Next::Message(Box::new(welcome()))));
        assert_eq!(outbox.take(), Some(Next::Close(Some(ErrorCode::Replaced))));
    }
}
