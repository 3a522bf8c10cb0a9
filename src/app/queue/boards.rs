//! The boards: what every wall and phone that watches a queue is told, as it happens.
//!
//! One task a watched post reads its queue when somebody rang, makes the event once, and lays it where all listeners
//! look: nothing is copied a listener, and whoever is slow finds the newest. Without listeners there is no task.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use domain::id::PostId;
use tokio::sync::{Notify, watch};

use super::show::{Board, board};
use crate::app::Desk;
use crate::limits;
use crate::store::StoreError;

/// What lies where all listeners look.
#[derive(Debug, Clone, Default)]
struct Frame {
    /// The event, ready for the wire; empty before the first.
    event: Bytes,
    /// The same as values, for the lobbies of this post's meetings.
    board: Option<Arc<Board>>,
    /// Rises with every event.
    version: u64,
}

/// One watched post.
#[derive(Debug)]
struct Watched {
    frame: watch::Sender<Frame>,
    bell: Notify,
}

/// A board that was read, and when.
type Kept = (jiff::Timestamp, Arc<Board>);

/// The boards of the house. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Boards(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    desk: Desk,
    watched: Mutex<BTreeMap<PostId, Arc<Watched>>>,
    kept: Mutex<BTreeMap<PostId, Kept>>,
    listeners: Arc<AtomicUsize>,
}

/// Why nobody can listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// As many listen as may.
    #[error("as many listen as may")]
    Full,
    /// There is no such post.
    #[error("there is no such post")]
    UnknownPost,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A comment of server-sent events: keeps the line open, means nothing.
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// A place among the listeners, given back when the listener goes.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One wall or phone that listens.
#[derive(Debug)]
pub struct Listener {
    frame: watch::Receiver<Frame>,
    seen: u64,
    _place: Place,
}

impl Listener {
    /// What to send next: the newest event, or a heartbeat when there has been none for a while. `None` at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.frame.changed().await.ok()?;
            let frame = self.frame.borrow_and_update();
            if frame.version == 0 {
                continue; // nothing has been read yet
            }
            if frame.version == self.seen {
                return Some(HEARTBEAT);
            }
            self.seen = frame.version;
            return Some(frame.event.clone());
        }
    }
}

/// The lobbies of a post, which show its queue to those who wait by video.
#[derive(Debug)]
pub struct Follower {
    frame: watch::Receiver<Frame>,
    seen: u64,
}

impl Follower {
    /// The newest board that was not shown yet. `None` at the end.
    pub async fn next(&mut self) -> Option<Arc<Board>> {
        loop {
            self.frame.changed().await.ok()?;
            let frame = self.frame.borrow_and_update();
            if frame.version != self.seen
                && let Some(board) = &frame.board
            {
                self.seen = frame.version;
                return Some(Arc::clone(board));
            }
        }
    }
}

impl Boards {
    /// The boards of a house; nobody listens yet.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self(Arc::new(Inner {
            desk,
            watched: Mutex::default(),
            kept: Mutex::default(),
            listeners: Arc::default(),
        }))
    }

    /// A queue has changed: whoever watches it is told.
    pub fn ring(&self, post: &PostId) {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(post);
        if let Some(watched) = self.watched().get(post) {
            watched.bell.notify_one();
        }
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, BTreeMap<PostId, Arc<Watched>>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The board of a post, at most a second old unless its queue has changed; `None` when there is no such post.
    ///
    /// # Errors
    /// [`StoreError`] from the database.
    pub async fn board(&self, post: &PostId) -> Result<Option<Arc<Board>>, StoreError> {
        let now = self.0.desk.now();
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).get(post).cloned();
        if let Some((at, kept)) = kept
            && now.duration_since(at).unsigned_abs() < limits::BOARD_RANGES_EVERY
        {
            return Ok(Some(kept));
        }
        let Some(read) = board(&self.0.desk, post, None).await? else { return Ok(None) };
        let read = Arc::new(read);
        let mut all = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::BOARDS_KEPT_MAX {
            all.retain(|_, (at, _)| now.duration_since(*at).unsigned_abs() < limits::BOARD_RANGES_EVERY);
        }
        all.insert(post.clone(), (now, Arc::clone(&read)));
        Ok(Some(read))
    }

    /// Listens to the queue of a post.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn listen(&self, post: &PostId) -> Result<Listener, ListenError> {
        let place = Place(Arc::clone(&self.0.listeners));
        if self.0.listeners.fetch_add(1, Ordering::Relaxed) >= limits::BOARD_LISTENERS_MAX {
            return Err(ListenError::Full);
        }
        if !self.watched().contains_key(post) && self.board(post).await?.is_none() {
            return Err(ListenError::UnknownPost);
        }
        Ok(Listener { frame: self.subscribe(post), seen: 0, _place: place })
    }

    /// Follows the queue of a post that is known to be there. While the database is away nothing new is told.
    #[must_use]
    pub fn follow(&self, post: &PostId) -> Follower {
        Follower { frame: self.subscribe(post), seen: 0 }
    }

    fn subscribe(&self, post: &PostId) -> watch::Receiver<Frame> {
        let mut all = self.watched();
        let watched = match all.get(post) {
            Some(watched) => Arc::clone(watched),
            None => {
                let (frame, _) = watch::channel(Frame::default());
                let watched = Arc::new(Watched { frame, bell: Notify::new() });
                all.insert(post.clone(), Arc::clone(&watched));
                tokio::spawn(keep(self.clone(), post.clone(), Arc::clone(&watched)));
                watched
            }
        };
        let mut frame = watched.frame.subscribe();
        frame.mark_changed();
        frame
    }

    /// How many listen now.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.0.listeners.load(Ordering::Relaxed)
    }

    /// Takes a post off the watched ones when nobody listens any more. In one step, so that nobody who comes at this
    /// moment is left without a task.
    fn forget_unheard(&self, post: &PostId, watched: &Watched) -> bool {
        let mut all = self.watched();
        let is_unheard = watched.frame.receiver_count() == 0;
        if is_unheard {
            all.remove(post);
        }
        is_unheard
    }
}

/// Keeps one post's board as long as somebody listens.
async fn keep(boards: Boards, post: PostId, watched: Arc<Watched>) {
    let desk = &boards.0.desk;
    let mut last: Option<Arc<Board>> = None;
    let mut worked_out: Option<jiff::Timestamp> = None;
    loop {
        let now = desk.now();
        let is_fresh =
            worked_out.is_some_and(|at| now.duration_since(at).unsigned_abs() < limits::BOARD_RANGES_EVERY);
        let known = last.as_ref().filter(|_| is_fresh).map(|board| board.ranges.clone());
        match board(desk, &post, known).await {
            Ok(Some(read)) => {
                if !is_fresh {
                    worked_out = Some(now);
                }
                let read = Arc::new(read);
                let is_new = last.as_ref().is_none_or(|last| !last.says_the_same(&read));
                if is_new {
                    let event = Bytes::from(event_of(&read));
                    watched.frame.send_modify(|frame| {
                        frame.version += 1;
                        frame.event = event;
                        frame.board = Some(Arc::clone(&read));
                    });
                }
                last = Some(read);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(cause = %error, "a board could not be read"),
        }
        tokio::time::sleep(limits::BOARD_PAUSE).await;
        // Ranges that were shown again are worked out anew as soon as they may be.
        let patience = if is_fresh { limits::BOARD_RANGES_EVERY } else { limits::BOARD_HEARTBEAT };
        let rang = tokio::time::timeout(patience, watched.bell.notified()).await;
        if boards.forget_unheard(&post, &watched) {
            return;
        }
        if rang.is_err() && !is_fresh {
            watched.frame.send_modify(|_| {});
        }
    }
}

/// The event as it goes over the wire, in every language: numbers only.
fn event_of(board: &Board) -> String {
    let next: Vec<serde_json::Value> = board
        .next
        .iter()
        .map(|one| match one.minutes {
            Some((from, to)) => serde_json::json!({ "number": one.number.0, "from": from, "to": to }),
            None => serde_json::json!({ "number": one.number.0 }),
        })
        .collect();
    let content = serde_json::json!({
        "at_ms": board.at.as_millisecond(),
        "inside": board.inside.map(|number| number.0),
        "called": board.called.map(|number| number.0),
        "next": next,
        "waiting": board.waiting,
        "expected": board.expected,
        "late_until_ms": board.late.until.map(jiff::Timestamp::as_millisecond),
    });
    format!("event: board\ndata: {content}\n\n")
}
