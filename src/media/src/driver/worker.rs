//! One media thread: its loop, and the commands that it obeys.
//!
//! It sleeps until a datagram, a command, a parcel or the next deadline; an idle peer costs it a few wake-ups a minute.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

use super::callers::is_for_relay;
use super::clock::Clock;
use super::exchange::Exchange;
use super::rooms::Rooms;
use super::ways::Ways;
use crate::core::limits::AWAKE_INTERVAL_US;
use crate::core::now::Now;
use crate::core::outbox::Path;
use crate::core::plane::{Fate, Plane};
use crate::core::relay::Relay;
use crate::handle::Command;
use crate::terms::{
    ConnectError, Connected, Down, Event, OfferError, PeerId, Rank, RoomId, Tap, Totals, Wanted,
};

/// Batches read before what they caused is sent: bounds the delay of the first packet under load.
const BATCHES_PER_TURN: usize = 4;
/// Packets from unknown addresses that are shown to the other threads in one turn.
const STRAYS_PER_TURN: usize = 8;
/// Messages of clients of the relay by UDP in one turn; more are dropped, as on a full line.
const RELAYED_PER_TURN: usize = 256;
/// Longest sleep, so that a clock that stood still (a suspended machine) is noticed.
const SLEEP_US_MAX: u64 = 60_000_000;
/// Longest sleep while another thread has no room for what is its.
const RETRY_US: u64 = 1_000;

/// The media thread.
pub(super) struct Worker {
    pub(super) ways: Ways,
    pub(super) plane: Plane,
    pub(super) exchange: Exchange,
    pub(super) commands: Receiver<Command>,
    pub(super) rooms: Arc<Mutex<Rooms>>,
    /// The room of each peer of this thread.
    pub(super) homes: HashMap<PeerId, RoomId>,
    /// Where the copies of recorded peers go.
    pub(super) taps: HashMap<PeerId, Tap>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) clock: Clock,
    /// Counts connections, for their numbers.
    pub(super) last_stream: u32,
    /// The message that is being looked at.
    pub(super) message: Vec<u8>,
    /// What came for the relay in this turn.
    pub(super) for_relay: Vec<(Path, Vec<u8>)>,
    /// Since when it is counted how long this thread slept, and how long it did.
    pub(super) awake_since_us: u64,
    pub(super) slept_us: u64,
    /// When the relay is next looked through.
    pub(super) expire_us: u64,
}

impl Worker {
    /// Works until somebody says stop. A fault of ours that is not caught at one peer ends this thread with its rooms,
    /// and no other: its peers are told as down, and no new room comes here.
    pub(super) fn run(mut self, events: &impl Fn(Event)) {
        if catch_unwind(AssertUnwindSafe(|| self.work(events))).is_ok() {
            return;
        }
        tracing::error!("a media thread has ended by a fault; its rooms are closed");
        register(&self.rooms).bury(self.exchange.me());
        for (peer, _) in self.homes.drain() {
            let _ = catch_unwind(AssertUnwindSafe(|| events(Event::Down { peer, why: Down::Failed })));
        }
    }

    fn work(&mut self, events: &impl Fn(Event)) {
        loop {
            self.rest();
            let is_over = self.stop.load(Ordering::Acquire);
            let now = self.clock.now();
            while let Ok(command) = self.commands.try_recv() {
                self.obey(now, command);
            }
            if is_over {
                self.plane.remove_all(now);
            }
            self.read(now);
            self.plane.tick(now);
            // The others know of a client's address before its check is answered.
            self.exchange.announce(now, &mut self.plane.claims);
            let (ways, clock) = (&mut self.ways, &mut self.clock);
            self.plane.finish(now, &mut |outbox| {
                ways.send(now, outbox);
                clock.now()
            });
            self.ways.send(now, &mut self.plane.outbox);
            if self.plane.shake(now) {
                self.exchange.announce(now, &mut self.plane.claims);
                self.ways.send(now, &mut self.plane.outbox);
            }
            self.tell(now, events);
            if is_over {
                return;
            }
        }
    }

    /// Sleeps, and says now and then for how much of the time it did not.
    fn rest(&mut self) {
        let before = self.clock.now();
        self.sleep();
        let now = self.clock.now();
        self.slept_us += now.us - before.us;
        let passed_us = now.us - self.awake_since_us;
        if passed_us >= AWAKE_INTERVAL_US {
            let slept_us = std::mem::take(&mut self.slept_us);
            self.awake_since_us = now.us;
            self.plane.awake(now, 100 - (slept_us * 100 / passed_us).min(100));
        }
    }

    /// Waits for a datagram, a command, a parcel or the next deadline.
    fn sleep(&mut self) {
        let bell = self.exchange.bell();
        bell.doze();
        let now = self.clock.now();
        let mut us = self.plane.deadline().map_or(SLEEP_US_MAX, |at| at.saturating_sub(now.us));
        if self.exchange.has_backlog() {
            us = us.min(RETRY_US);
        }
        if let Some(at) = self.ways.streams.deadline() {
            us = us.min(at.saturating_sub(now.us));
        }
        if self.exchange.has_post() {
            us = 0;
        }
        let us = us.min(SLEEP_US_MAX);
        let timeout = Timespec { tv_sec: (us / 1_000_000) as i64, tv_nsec: (us % 1_000_000 * 1_000) as i64 };
        let streams = self.ways.streams.fd();
        let wires = PollFd::new(self.ways.wire.socket(), PollFlags::IN);
        let mut waits = [wires, PollFd::new(&*bell, PollFlags::IN), PollFd::new(&streams, PollFlags::IN)];
        // Where there are no connections nobody asks after them. An interrupted sleep is a short sleep.
        let count = if self.ways.streams.is_empty() { 2 } else { 3 };
        let _ = poll(&mut waits[..count], Some(&timeout));
        bell.rise();
        if !waits[1].revents().is_empty() {
            bell.hush();
        }
    }

    /// Takes what others handed over and what came to our socket, and hands over what is not ours.
    fn read(&mut self, now: Now) {
        let (plane, exchange) = (&mut self.plane, &mut self.exchange);
        exchange.learn(|address| plane.give_up(address));
        let mut for_relay = std::mem::take(&mut self.for_relay);
        let mut take = |plane: &mut Plane, path: Path, datagram: &[u8]| {
            if !is_for_relay(datagram) {
                return plane.receive(now, path, datagram);
            }
            if for_relay.len() < RELAYED_PER_TURN {
                for_relay.push((path, datagram.to_vec()));
            }
            Fate::Taken
        };
        exchange.collect(|path, datagram| {
            take(plane, path, datagram);
        });
        let mut stray = 0;
        for _ in 0..BATCHES_PER_TURN {
            let has_more = self.ways.wire.receive(|path, datagram| {
                match exchange.owner(path.remote.address, datagram, |address| plane.give_up(address)) {
                    Some(owner) => exchange.hand_over(owner, path, datagram),
                    None if take(plane, path, datagram) == Fate::Dropped && may_be_media(datagram) => {
                        // Somebody's who has moved: which thread's, only their keys tell.
                        stray += 1;
                        if stray <= STRAYS_PER_TURN {
                            exchange.ask_around(path, datagram);
                        }
                    }
                    None => {}
                }
            });
            if !has_more {
                break;
            }
        }
        exchange.retry();
        for (path, datagram) in for_relay.drain(..) {
            self.hear_relay(now, path, &datagram);
        }
        self.for_relay = for_relay;
        self.take_in(now);
        self.serve_streams(now);
        self.ways.flush();
    }

    /// Tells what happened. The register of rooms learns of a peer's end before anybody else.
    fn tell(&mut self, now: Now, events: &impl Fn(Event)) {
        self.hand_copies(now);
        for event in self.plane.events.drain(..) {
            if let Event::Down { peer, .. } = event
                && let Some(room) = self.homes.remove(&peer)
            {
                register(&self.rooms).leave(room, self.exchange.me());
                self.taps.remove(&peer);
            }
            events(event);
        }
    }

    /// Hands recorders what was copied for them. One that has no room gets no more: nobody waits for it.
    fn hand_copies(&mut self, now: Now) {
        for copied in std::mem::take(&mut self.plane.copies) {
            let peer = copied.peer;
            let wanted = self.taps.get_mut(&peer).map_or(Wanted::NoMore, |tap| (tap.0)(copied));
            if wanted == Wanted::NoMore {
                self.taps.remove(&peer);
                self.plane.stop_recording(now, peer);
            }
        }
    }

    /// Does one command. A reply that nobody waits for any more is dropped.
    fn obey(&mut self, now: Now, command: Command) {
        match command {
            Command::Connect { room, offer, reply } => {
                let connected = self.connect(now, room, &offer);
                let peer = connected.as_ref().ok().map(|connected| connected.peer);
                if let (Err(_), Some(peer)) = (reply.send(connected), peer) {
                    self.plane.remove(now, peer); // the asker went away
                }
            }
            Command::Open { from, to } if self.is_one_room(from, to) => self.plane.open(now, from, to),
            Command::Open { .. } => {}
            Command::Shut { from, to } => self.plane.shut(now, from, to),
            Command::Remove { peer } => self.plane.remove(now, peer),
            Command::Allow { peer, allowed } => self.plane.allow(now, peer, allowed),
            Command::Rank { peer, rank } => self.plane.rank(now, peer, rank),
            Command::View { to, views } => self.plane.view(now, to, &views),
            Command::Adopt { caller } => self.adopt(now, *caller),
            Command::RestartIce { peer, name, reply } => {
                let _ = reply.send(self.plane.restart_ice(now, peer, name));
            }
            Command::Reports { reply } => {
                let _ = reply.send(self.plane.reports(now));
            }
            Command::Report { peer, reply } => {
                let _ = reply.send(self.plane.report(peer));
            }
            Command::Record { peer, tap } if self.homes.contains_key(&peer) => {
                self.taps.insert(peer, tap);
                self.plane.record(now, peer);
            }
            Command::Record { .. } => {}
            Command::StopRecording { peer } => {
                self.taps.remove(&peer);
                self.plane.stop_recording(now, peer);
            }
            Command::RecorderLost { peer, track } => self.plane.recorder_lost(now, peer, track),
            Command::Totals { reply } => {
                let _ = reply.send(self.totals());
            }
        }
    }

    fn connect(&mut self, now: Now, room: RoomId, offer: &str) -> Result<Connected, ConnectError> {
        let plane = &mut self.plane;
        let connected = catch_unwind(AssertUnwindSafe(|| plane.connect(now, offer)))
            .unwrap_or(Err(ConnectError::Offer(OfferError::Malformed)));
        match &connected {
            Ok(connected) => {
                self.homes.insert(connected.peer, room);
                if room == RoomId::PREFERRED {
                    plane.rank(now, connected.peer, Rank::Preferred);
                }
            }
            Err(_) => register(&self.rooms).leave(room, self.exchange.me()),
        }
        connected
    }

    /// Whether two peers are in one room. A route out of a room is refused even where both rooms live on this thread,
    /// so that it does not depend on the number of threads what can be opened.
    fn is_one_room(&self, from: PeerId, to: PeerId) -> bool {
        self.homes.get(&from).is_some_and(|room| self.homes.get(&to) == Some(room))
    }

    fn totals(&self) -> Totals {
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        let cpu = Duration::new(cpu.tv_sec.unsigned_abs(), cpu.tv_nsec.unsigned_abs() as u32);
        Totals {
            datagrams_sent: self.ways.wire.sent,
            send_errors: self.ways.wire.refused,
            streams: self.ways.streams.len(),
            stream_dropped: self.ways.streams.dropped(),
            allocations: self.ways.relay.as_ref().map_or(0, Relay::len),
            handed_over: self.exchange.handed_over,
            hand_over_lost: self.exchange.lost,
            cpu,
            cpu_by_thread: vec![cpu],
            ..self.plane.totals()
        }
    }
}

/// Whether a datagram may be RTP or RTCP (RFC 7983).
fn may_be_media(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, ..]) && datagram.len() >= 12
}

/// The register of rooms, which nobody holds for longer than a look.
fn register(rooms: &Mutex<Rooms>) -> MutexGuard<'_, Rooms> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner)
}
