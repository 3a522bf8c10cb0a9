//! The live part of the house: one actor that owns every live meeting, seat and call.
//!
//! Sockets and the media plane send it what happened over bounded mailboxes; it takes one turn at a time on the
//! [`floor`], then says, commands and writes down what came of it. It never waits: not for a reader, not for the
//! media thread, not for the database. Only `routes.rs` opens media.

mod arrival;
mod behind;
mod called_away;
mod calls;
mod conduct;
mod faint;
mod figures;
pub mod floor;
pub mod lapsed;
mod ledger;
mod lobbies;
mod meetings;
mod outbox;
pub mod outside;
mod presence;
pub mod quality;
mod recorders;
mod recording;
mod reviews;
mod routes;
mod sealing;
mod seats;
#[cfg(test)]
mod tests;
mod transports;
pub mod turn;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::recording::Facts;
use domain::id::{InviteId, MeetingId, OutsideId, PassId, PostId, RecordingId, SessionId};
use domain::meeting::{DoorHours, Guest};
use media::{MediaHandle, Overloaded, PeerId, RoomId};
use signaling::value::Sdp;
use signaling::{ClientMessage, ErrorCode, ServerMessage};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::queue::Boards;
use super::resume::ResumeKey;
use super::{Desk, enter};
use crate::audit::By;
use crate::clock::Clock;
use crate::limits;
use crate::store::StoreError;
use floor::{Bounds, Floor};
use lapsed::Lapsed;
use outside::{Ask, IfMatch, OutsideError, Reply, Request};
use recorders::{Recorders, Tell};
use turn::{Entry, Input, Output, Parting, Restarter, SocketId, Ticket};

pub use arrival::Shown;
pub use outbox::{Next, Outbox};

/// What the actor is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// For who may enter, the ledger, the time and fresh ids.
    pub desk: Desk,
    /// The media plane.
    pub media: MediaHandle,
    /// The queues, as the lobbies show them; they must know what happens in a meeting.
    pub boards: Boards,
    /// What tokens open no more.
    pub lapsed: Lapsed,
}

/// The end of the media plane's events: hand each event to [`Events::tell`].
#[derive(Debug, Clone)]
pub struct Events(mpsc::Sender<media::Event>);

impl Events {
    /// Hands an event over; never blocks. A full mailbox drops it and says so loudly.
    pub fn tell(&self, event: media::Event) {
        if self.0.try_send(event).is_err() {
            metrics::counter!("sachivalaya_live_events_lost_total").increment(1);
            tracing::error!("an event of the media plane was lost: the live mailbox is full");
        }
    }
}

/// What waits to be taken up by [`Live::start`].
#[derive(Debug)]
pub struct EventsIn(mpsc::Receiver<media::Event>);

/// The mailbox of the media plane's events, made before the plane is.
#[must_use]
pub fn events() -> (Events, EventsIn) {
    let (give, take) = mpsc::channel(limits::LIVE_EVENTS_MAX);
    (Events(give), EventsIn(take))
}

/// What the actor is sent.
enum Command {
    Enter(SocketId, Outbox, Box<Entry>),
    Turn(Box<Input>),
    Ask(oneshot::Sender<Result<Reply, OutsideError>>, Box<Request>),
    Flush(oneshot::Sender<()>),
    EndRecorders(oneshot::Sender<()>),
}

/// The handle of the live part. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    mailbox: mpsc::Sender<Command>,
    sockets: Arc<AtomicU64>,
    parts: Arc<Parts>,
    resume: ResumeKey,
    lately: Arc<arrival::Lately>,
}

impl Live {
    /// Starts the actor, its ledger and its tick. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(parts: Parts, events: EventsIn) -> Live {
        let (give, take) = mpsc::channel(limits::LIVE_MAILBOX_MAX);
        let (ledger, lines) = mpsc::channel(limits::LEDGER_LINES_MAX);
        tokio::spawn(ledger::keep((parts.desk.clone(), parts.boards.clone()), lines));
        let (watching, watched) = watch::channel(BTreeSet::new());
        let resume = ResumeKey::of(&parts.desk.settings.link_key);
        let live = Live {
            mailbox: give,
            sockets: Arc::default(),
            parts: Arc::new(parts),
            resume: resume.clone(),
            lately: Arc::default(),
        };
        let settings = &live.parts.desk.settings;
        let hours = DoorHours { before: settings.door_opens_before, after: settings.door_closes_after };
        let folder = settings.recordings.clone();
        let bounds = Bounds {
            hours,
            meetings_max: limits::MEETINGS_MAX,
            places_max: limits::PLACES_MAX,
            recordings_max: folder.as_ref().map_or(0, |_| limits::RECORDINGS_MAX),
        };
        let actor = Keeper {
            floor: Floor::new(bounds, live.parts.desk.random, resume),
            clock: live.parts.desk.clock.clone(),
            media: live.parts.media.clone(),
            lapsed: live.parts.lapsed.clone(),
            outboxes: BTreeMap::new(),
            asks: BTreeMap::new(),
            asked: 0,
            undone: VecDeque::new(),
            unwritten: VecDeque::new(),
            ledger,
            watching,
            recorders: Recorders::new(folder),
            answers: live.mailbox.downgrade(),
        };
        tokio::spawn(actor.run(take, events.0));
        tokio::spawn(follow_queues(live.mailbox.downgrade(), live.parts.boards.clone(), watched));
        tokio::spawn(keep_time(live.mailbox.downgrade()));
        tokio::spawn(look_at_seats(live.mailbox.downgrade(), Arc::clone(&live.parts)));
        tokio::spawn(measure(live.mailbox.downgrade(), live.parts.media.clone()));
        live
    }

    /// A fresh socket with its outbox. Nothing is known of it before [`Live::enter`].
    #[must_use]
    pub fn socket(&self) -> (SocketId, Outbox) {
        (SocketId(self.sockets.fetch_add(1, Ordering::Relaxed)), Outbox::default())
    }

    /// A welcomed socket said something. Waits while the mailbox is full, and so holds that socket back.
    ///
    /// # Errors
    /// `going_away` when the actor has ended.
    pub async fn say(&self, socket: SocketId, message: ClientMessage) -> Result<(), ErrorCode> {
        self.turn(Input::Said(socket, message)).await
    }

    /// A socket is gone.
    pub async fn gone(&self, socket: SocketId, parting: Parting) {
        let _ = self.turn(Input::Gone(socket, parting)).await;
    }

    /// A client from outside tells candidates, or begins ICE anew by another `ufrag` than before.
    ///
    /// # Errors
    /// [`OutsideError`].
    pub async fn patch(
        &self,
        (client, pass): (OutsideId, PassId),
        tag: IfMatch,
        ufrag: Option<String>,
    ) -> Result<Reply, OutsideError> {
        self.ask(Request::Patch { client, pass, tag, ufrag }).await
    }

    /// A client from outside ends its connection.
    ///
    /// # Errors
    /// [`OutsideError`].
    pub async fn leave_outside(&self, client: OutsideId, pass: PassId) -> Result<Reply, OutsideError> {
        self.ask(Request::Leave { client, pass }).await
    }

    async fn ask(&self, request: Request) -> Result<Reply, OutsideError> {
        let (reply, replied) = oneshot::channel();
        let asked = self.mailbox.send(Command::Ask(reply, Box::new(request))).await;
        asked.map_err(|_| OutsideError::Busy)?;
        replied.await.unwrap_or(Err(OutsideError::Busy))
    }

    /// An invitation was taken back: whoever waits by it goes.
    pub async fn uninvited(&self, meeting: MeetingId, invite: InviteId, by: By) {
        let _ = self.turn(Input::Uninvited(meeting, Guest::Invited(invite), by)).await;
    }

    /// A post has asked these seats something: they are told, and may answer by a ring.
    pub async fn asked(&self, asker: PostId, seats: Vec<PostId>, until: jiff::Timestamp) {
        let _ = self.turn(Input::Asked(asker, seats, until)).await;
    }

    /// A question over the hotline moved: the seats that it concerns are told to read again.
    pub async fn questions_moved(&self, posts: Vec<PostId>) {
        let _ = self.turn(Input::Questions(posts)).await;
    }

    /// A word was left or heard, or missed rings were seen: the seats of these posts are told to read again.
    pub async fn missed_moved(&self, posts: Vec<PostId>) {
        let _ = self.turn(Input::Missed(posts)).await;
    }

    /// A session was signed out: its sockets close.
    pub async fn signed_out(&self, session: SessionId) {
        let _ = self.turn(Input::SignedOut(session)).await;
    }

    /// Reads the office's seats again.
    ///
    /// # Errors
    /// [`StoreError`] from the database; the seats stay as they were.
    pub async fn refresh_seats(&self) -> Result<(), StoreError> {
        let cards = enter::seats(&self.parts.desk.store, self.parts.desk.now()).await?;
        let _ = self.turn(Input::Seats(cards)).await;
        Ok(())
    }

    /// Lets the time that has passed take its effect now, without waiting for the next tick.
    pub async fn tick(&self) {
        let _ = self.turn(Input::Tick).await;
    }

    /// Waits until everything said so far has been heard, and every line of it is written.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.mailbox.send(Command::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
    }

    /// Closes every socket with `going_away` and waits for the ledger, with a bound: a database that is away must not keep
    /// the server from ending.
    pub async fn stop(&self) {
        let _ = self.turn(Input::Stop).await;
        let (done, ended) = oneshot::channel();
        if self.mailbox.send(Command::EndRecorders(done)).await.is_ok() {
            let _ = tokio::time::timeout(limits::LEDGER_FAREWELL, ended).await;
        }
        if tokio::time::timeout(limits::LEDGER_FAREWELL, self.flush()).await.is_err() {
            tracing::error!("the server ends while the database is away: what the ledger still held is lost");
        }
    }

    async fn turn(&self, input: Input) -> Result<(), ErrorCode> {
        self.mailbox.send(Command::Turn(Box::new(input))).await.map_err(|_| ErrorCode::GoingAway)
    }
}

/// Ticks.
async fn keep_time(mailbox: mpsc::WeakSender<Command>) {
    let mut tick = tokio::time::interval(limits::LIVE_TICK);
    loop {
        tick.tick().await;
        let Some(mailbox) = mailbox.upgrade() else { return };
        drop(mailbox.send(Command::Turn(Box::new(Input::Tick))).await);
    }
}

/// Tells the floor the queues of those posts whose lobbies are attended, each as it changes.
async fn follow_queues(
    mailbox: mpsc::WeakSender<Command>,
    boards: Boards,
    mut watched: watch::Receiver<BTreeSet<PostId>>,
) {
    let mut followed: BTreeMap<PostId, AbortHandle> = BTreeMap::new();
    while watched.changed().await.is_ok() {
        let wanted = watched.borrow_and_update().clone();
        followed.retain(|post, task| {
            let is_wanted = wanted.contains(post);
            if !is_wanted {
                task.abort();
            }
            is_wanted
        });
        for post in wanted {
            let (boards, mailbox) = (boards.clone(), mailbox.clone());
            let follow = |post: PostId| tokio::spawn(follow_queue(mailbox, boards, post)).abort_handle();
            followed.entry(post.clone()).or_insert_with(|| follow(post));
        }
    }
    followed.values().for_each(AbortHandle::abort);
}

async fn follow_queue(mailbox: mpsc::WeakSender<Command>, boards: Boards, post: PostId) {
    let mut follower = boards.follow(&post);
    while let Some(board) = follower.next().await {
        let Some(mailbox) = mailbox.upgrade() else { return };
        let told = Input::Queue(post.clone(), board);
        if mailbox.send(Command::Turn(Box::new(told))).await.is_err() {
            return;
        }
    }
}

/// Reads the seats again now and then: a transfer at midnight shows within a minute. Beside the ticks, which must not
/// wait for a database that is away.
async fn look_at_seats(mailbox: mpsc::WeakSender<Command>, parts: Arc<Parts>) {
    let mut look = tokio::time::interval(limits::SEATS_LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match enter::seats(&parts.desk.store, parts.desk.now()).await {
            Ok(cards) => {
                let Some(mailbox) = mailbox.upgrade() else { return };
                drop(mailbox.send(Command::Turn(Box::new(Input::Seats(cards)))).await);
            }
            Err(error) => tracing::error!(%error, "the seats could not be read"),
        }
        if mailbox.strong_count() == 0 {
            return;
        }
    }
}

/// Asks the media plane once a second what it counted, for the quality of each participant and for the monitor.
async fn measure(mailbox: mpsc::WeakSender<Command>, media: MediaHandle) {
    let mut tick = tokio::time::interval(limits::MEASURE_INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut worked = Vec::new();
    loop {
        tick.tick().await;
        let Some(totals) = media.totals().await else { return };
        figures::tell(&totals);
        let busy = quality::busiest(&worked, &totals.cpu_by_thread, limits::MEASURE_INTERVAL);
        worked = totals.cpu_by_thread;
        let peers = media.reports().await;
        figures::tell_paths(&peers);
        let measured = quality::Measured { peers, busy };
        let Some(mailbox) = mailbox.upgrade() else { return };
        drop(mailbox.send(Command::Turn(Box::new(Input::Measured(measured)))).await);
    }
}

/// The task that owns the floor.
struct Keeper {
    floor: Floor,
    clock: Clock,
    media: MediaHandle,
    lapsed: Lapsed,
    outboxes: BTreeMap<SocketId, Outbox>,
    /// Who waits for a reply, each at most as long as the media plane takes for one command.
    asks: BTreeMap<Ask, oneshot::Sender<Result<Reply, OutsideError>>>,
    asked: u64,
    /// Commands that the media thread had no room for; their order is kept.
    undone: VecDeque<Output>,
    /// Lines that the ledger had no room for; their order is kept.
    unwritten: VecDeque<ledger::Entry>,
    ledger: mpsc::Sender<ledger::Entry>,
    /// Whose queues the lobbies show.
    watching: watch::Sender<BTreeSet<PostId>>,
    recorders: Recorders,
    answers: mpsc::WeakSender<Command>,
}

impl Keeper {
    async fn run(mut self, mut mailbox: mpsc::Receiver<Command>, mut events: mpsc::Receiver<media::Event>) {
        loop {
            let command = tokio::select! {
                biased;
                Some(event) = events.recv() => Command::Turn(Box::new(Input::Media(event))),
                command = mailbox.recv() => match command {
                    Some(command) => command,
                    None => return,
                },
            };
            self.do_again();
            match command {
                Command::Enter(socket, outbox, entry) => {
                    self.outboxes.insert(socket, outbox);
                    self.take_turn(Input::Enter(socket, *entry));
                }
                Command::Turn(input) => self.take_turn(*input),
                Command::Ask(reply, request) => {
                    self.asked += 1;
                    self.asks.insert(Ask(self.asked), reply);
                    self.take_turn(Input::Outside(Ask(self.asked), *request));
                }
                Command::Flush(done) => self.write(ledger::Entry::Flush(done)),
                Command::EndRecorders(done) => self.end_recorders(done),
            }
        }
    }

    fn take_turn(&mut self, input: Input) {
        if self.is_behind()
            && let Some((socket, about)) = behind::must_wait(&input)
        {
            let code = ErrorCode::Overloaded;
            let output = match input {
                Input::Enter(..) => Output::Close(socket, Some(code)),
                _ => Output::Say(socket, ServerMessage::Error { code, about: Some(about.to_owned()) }),
            };
            return self.carry_out(vec![output]);
        }
        if let Input::Outside(ask, Request::Arrive(_)) = &input
            && self.is_behind()
        {
            return self.carry_out(vec![Output::Reply(*ask, Err(OutsideError::Busy))]);
        }
        if let Input::Recorder(id, ::recording::Report::Ended { .. }) = &input {
            self.recorders.ended(id);
        }
        if let Input::Gone(socket, _) = &input {
            self.outboxes.remove(socket);
        }
        let outputs = self.floor.step(input, self.clock.now());
        self.carry_out(outputs);
        let (sockets, meetings, calls) = self.floor.counts();
        for (of, count) in [("socket", sockets), ("meeting", meetings), ("call", calls)] {
            metrics::gauge!("sachivalaya_live", "of" => of).set(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    /// The ledger has more to write than it may hold.
    fn is_behind(&self) -> bool {
        self.unwritten.len() >= limits::LEDGER_LINES_MAX
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        let mut too_slow = Vec::new();
        let mut forsaken = Vec::new();
        for output in outputs {
            match output {
                Output::Say(socket, message) => {
                    let full = self.outboxes.get(&socket).is_some_and(|o| o.push(message).is_err());
                    if full && !too_slow.contains(&socket) {
                        too_slow.push(socket);
                    }
                }
                Output::Close(socket, code) => {
                    if let Some(outbox) = self.outboxes.remove(&socket) {
                        outbox.close(code);
                    }
                }
                Output::Connect(ticket, room, sdp) => self.connect(ticket, room, sdp),
                Output::Attend(attended) => self.write(ledger::Entry::Attended(Box::new(attended))),
                Output::Keep(stay) => self.write(ledger::Entry::Stay(Box::new(stay))),
                Output::CallsGoOn(ids) => self.write(ledger::Entry::CallsGoOn(ids)),
                Output::Judged(judged) => quality::count(&judged),
                Output::Watch(posts) => drop(self.watching.send_replace(posts)),
                Output::Lapse(lapse, until) => self.lapsed.add(&lapse, until),
                refused if self.is_behind() && behind::is_spared(&refused) => {
                    metrics::counter!("sachivalaya_refusals_unwritten_total").increment(1);
                }
                Output::Record(line) => self.write(ledger::Entry::Line(Box::new(line))),
                Output::BeginRecording(id, facts) => self.begin_recording(id, *facts),
                Output::TellRecorder(id, note) => self.recorders.note(&id, note),
                Output::RestartIce(asker, peer, ufrag) => self.restart_ice(asker, peer, ufrag),
                Output::Reply(ask, reply) => forsaken.extend(self.reply(ask, reply)),
                Output::View(peer, views) => {
                    // The newest sizes stand for the older ones, so that what waits stays bounded by the peers.
                    self.undone.retain(|command| !matches!(command, Output::View(of, _) if *of == peer));
                    self.command_in_order(Output::View(peer, views));
                }
                command @ (Output::Open(..)
                | Output::Shut(..)
                | Output::Allow(..)
                | Output::Rank(..)
                | Output::Remove(..)
                | Output::Tap(..)
                | Output::Untap(..)
                | Output::WantKeyframe(..)) => {
                    self.command_in_order(command);
                }
            }
        }
        for socket in too_slow {
            if let Some(outbox) = self.outboxes.remove(&socket) {
                outbox.close(Some(ErrorCode::TooSlow));
            }
            let outputs = self.floor.step(Input::Gone(socket, Parting::Lost), self.clock.now());
            self.carry_out(outputs);
        }
        for client in forsaken {
            let outputs = self.floor.step(Input::Forsaken(client), self.clock.now());
            self.carry_out(outputs);
        }
    }

    /// Hands a reply over.
    ///
    /// * returns: the client that was let in while nobody waits for that any more.
    fn reply(&mut self, ask: Ask, reply: Result<Reply, OutsideError>) -> Option<OutsideId> {
        match self.asks.remove(&ask)?.send(reply) {
            Err(Ok(Reply::Arrived { client, .. })) => Some(client),
            _ => None,
        }
    }

    /// Asks the media plane in a task of its own; what came of it comes back as a turn.
    fn restart_ice(&self, asker: Restarter, peer: PeerId, ufrag: String) {
        let (media, answers) = (self.media.clone(), self.answers.clone());
        tokio::spawn(async move {
            let name = media.restart_ice(peer, ufrag.clone()).await;
            if let Some(mailbox) = answers.upgrade() {
                let restarted = Input::IceRestarted(asker, ufrag, name);
                let _ = mailbox.send(Command::Turn(Box::new(restarted))).await;
            }
        });
    }

    fn command_in_order(&mut self, command: Output) {
        if !self.undone.is_empty() || self.command(&command).is_err() {
            self.undone.push_back(command);
        }
    }

    fn command(&self, command: &Output) -> Result<(), Overloaded> {
        match command {
            Output::Open(from, to) => self.media.open(*from, *to),
            Output::Shut(from, to) => self.media.shut(*from, *to),
            Output::Allow(peer, allowed) => self.media.allow(*peer, *allowed),
            Output::Rank(peer, rank) => self.media.rank(*peer, *rank),
            Output::Remove(peer) => self.media.remove(*peer),
            Output::View(to, views) => self.media.view(*to, views.clone()),
            Output::Tap(peer, id) => match self.recorders.tap(id) {
                Some(tap) => self.media.record(*peer, tap),
                None => Ok(()),
            },
            Output::Untap(peer) => self.media.stop_recording(*peer),
            Output::WantKeyframe(peer, track) => self.media.recorder_lost(*peer, *track),
            Output::BeginRecording(..)
            | Output::TellRecorder(..)
            | Output::Say(..)
            | Output::Close(..)
            | Output::Connect(..)
            | Output::RestartIce(..)
            | Output::Reply(..)
            | Output::Record(_)
            | Output::Attend(_)
            | Output::Keep(_)
            | Output::CallsGoOn(_)
            | Output::Judged(_)
            | Output::Watch(_)
            | Output::Lapse(..) => Ok(()),
        }
    }

    /// Begins a recording on a thread of its own; what becomes of it comes back as turns.
    fn begin_recording(&mut self, id: RecordingId, facts: Facts) {
        let tell = |id: RecordingId, answers: mpsc::WeakSender<Command>| -> Tell {
            Box::new(move |report| {
                if let Some(mailbox) = answers.upgrade() {
                    let said = Input::Recorder(id.clone(), report);
                    let _ = mailbox.blocking_send(Command::Turn(Box::new(said)));
                }
            })
        };
        let told = tell(id.clone(), self.answers.clone());
        if !self.recorders.begin(id.clone(), facts, (self.clock.clone(), told)) {
            let answers = self.answers.clone();
            tokio::spawn(async move {
                if let Some(mailbox) = answers.upgrade() {
                    let said = Input::Recorder(id, recorders::not_begun());
                    let _ = mailbox.send(Command::Turn(Box::new(said))).await;
                }
            });
        }
    }

    /// Says when all recorders have ended, which were told to before.
    fn end_recorders(&mut self, done: oneshot::Sender<()>) {
        let all = self.recorders.take();
        tokio::task::spawn_blocking(move || {
            all.into_iter().for_each(::recording::Recorder::join);
            let _ = done.send(());
        });
    }

    /// Tries again what media thread and ledger had no room for.
    fn do_again(&mut self) {
        while let Some(command) = self.undone.front() {
            if self.command(command).is_err() {
                break;
            }
            self.undone.pop_front();
        }
        while let Some(entry) = self.unwritten.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(entry)) = self.ledger.try_send(entry) {
                self.unwritten.push_front(entry);
                break;
            }
        }
    }

    fn write(&mut self, entry: ledger::Entry) {
        if !self.unwritten.is_empty() {
            self.unwritten.push_back(entry);
        } else if let Err(mpsc::error::TrySendError::Full(entry)) = self.ledger.try_send(entry) {
            self.unwritten.push_back(entry);
        }
    }

    /// Asks the media plane in a task of its own; the answer comes back as a turn.
    fn connect(&self, ticket: Ticket, room: RoomId, sdp: Sdp) {
        let (media, answers) = (self.media.clone(), self.answers.clone());
        tokio::spawn(async move {
            let answer = media.connect(room, sdp.into_string()).await;
            if let Err(error) = &answer {
                tracing::info!(code = error.code(), "an offer was refused");
            }
            if let Some(mailbox) = answers.upgrade() {
                let _ = mailbox.send(Command::Turn(Box::new(Input::Answered(ticket, answer)))).await;
            }
        });
    }
}

const _: () =
    assert!(Duration::from_secs(1).as_millis() >= limits::LIVE_TICK.as_millis(), "a ring's second is seen");
