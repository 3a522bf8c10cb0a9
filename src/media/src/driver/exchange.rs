//! The exchange between the media threads: whose datagram is it, and the way to its owner without a lock.
//!
//! All threads' sockets share one port, and the kernel spreads clients over them by a hash of their addresses. What
//! arrives at the wrong socket is handed over in parcels: a connectivity check by the mark in our ufrag, all else by
//! the address from which it came. Who is reached at an address, its thread announces in notes; where two announced
//! the same address, the newer validation holds everywhere.
//!
//! Nothing here blocks or waits for another thread: what finds no room is dropped and counted.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use super::bell::Bell;
use super::stream::Stream;
use crate::core::ice::Mark;
use crate::core::now::Now;
use crate::core::outbox::Path;
use crate::core::plane::Claim;
use crate::core::relay::Allocation;

/// Parcels that may wait for one thread: with their bytes as much as we ask the kernel to keep for a socket, 4 MiB.
const PARCELS_WAITING_MAX: usize = 128;
/// A parcel with so many bytes is closed; the datagram that fills it may stand over by its length.
const PARCEL_BYTES: usize = 32 * 1024;
/// Parcels opened before what they caused is sent: bounds the delay of the first packet under load.
const PARCELS_PER_TURN: usize = 32;
/// Empty parcels that are kept for use again: one for each thread to which one may be open.
const PARCELS_EMPTY_MAX: usize = 64;
/// Connections that may wait for one thread: they come once each.
const GUESTS_WAITING_MAX: usize = 1_024;
/// Notes that may wait for one thread before their sender keeps them: a few hundred clients that join at once.
const NOTES_WAITING_MAX: usize = 1_024;
/// Notes that a sender keeps for one thread that does not read them; more are lost.
const NOTES_KEPT_MAX: usize = 16_384;
/// Addresses that one thread knows: many times what the peers of one machine can have.
const ADDRESSES_KNOWN_MAX: usize = 1 << 18;

/// When an address was validated, and on which thread. The greater one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stamp {
    us: u64,
    by: usize,
}

/// What a thread tells the others of an address.
#[derive(Clone, Copy, Debug)]
enum Note {
    Taken(SocketAddr, Stamp),
    Left(SocketAddr, usize),
}

/// Datagrams on their way from one thread to another, back to back.
#[derive(Debug, Default)]
struct Parcel {
    from: usize,
    bytes: Vec<u8>,
    /// Path and end of each datagram.
    items: Vec<(Path, usize)>,
}

/// What others may put down for one thread.
pub(super) struct Letterbox {
    parcels: ArrayQueue<Parcel>,
    notes: ArrayQueue<Note>,
    /// Its own parcels, empty, on their way back.
    empties: ArrayQueue<Parcel>,
    /// Connections and clients of the relay whose peers live here.
    guests: ArrayQueue<Box<Guest>>,
    bell: Arc<Bell>,
}

/// What moves to another thread: a connection, an allocation of the relay, or both, and what arrived last.
pub(super) struct Guest {
    pub(super) stream: Option<Box<Stream>>,
    pub(super) allocation: Option<Allocation>,
    /// A datagram of a client of the relay by UDP.
    pub(super) datagram: Option<(Path, Vec<u8>)>,
}

impl Letterbox {
    /// Empty, with the bell of the thread that owns it.
    pub(super) fn new(bell: Arc<Bell>) -> Letterbox {
        Letterbox {
            parcels: ArrayQueue::new(PARCELS_WAITING_MAX),
            notes: ArrayQueue::new(NOTES_WAITING_MAX),
            empties: ArrayQueue::new(PARCELS_EMPTY_MAX),
            guests: ArrayQueue::new(GUESTS_WAITING_MAX),
            bell,
        }
    }
}

/// One thread's end of the exchange.
pub(super) struct Exchange {
    me: usize,
    boxes: Arc<[Letterbox]>,
    /// The parcel that is being filled for each thread.
    open: Vec<Parcel>,
    /// Notes for each thread that its letterbox had no room for.
    kept: Vec<VecDeque<Note>>,
    owners: HashMap<SocketAddr, Stamp>,
    /// Datagrams handed to their owners.
    pub(super) handed_over: u64,
    /// Datagrams and notes that found no room.
    pub(super) lost: u64,
}

/// Bells and letterboxes for so many threads.
pub(super) fn letterboxes(threads: usize) -> io::Result<Arc<[Letterbox]>> {
    (0..threads).map(|_| Ok(Letterbox::new(Arc::new(Bell::new()?)))).collect()
}

impl Exchange {
    /// The end of thread `me`.
    pub(super) fn new(me: usize, boxes: Arc<[Letterbox]>) -> Exchange {
        Exchange {
            me,
            open: boxes.iter().map(|_| Parcel { from: me, ..Parcel::default() }).collect(),
            kept: boxes.iter().map(|_| VecDeque::new()).collect(),
            boxes,
            owners: HashMap::new(),
            handed_over: 0,
            lost: 0,
        }
    }

    /// A client of the relay that came here lives on another thread from now on.
    pub(super) fn see_off(&mut self, now: Now, client: SocketAddr, owner: usize) {
        if self.owners.contains_key(&client) || self.owners.len() < ADDRESSES_KNOWN_MAX {
            self.owners.insert(client, Stamp { us: now.us, by: owner });
        }
    }

    /// Hands something to every other thread: nobody knows whose it is.
    pub(super) fn ask_around(&mut self, path: Path, datagram: &[u8]) {
        let me = self.me;
        for owner in (0..self.boxes.len()).filter(|owner| *owner != me) {
            self.hand_over(owner, path, datagram);
        }
    }

    /// Sends a connection, or a client of the relay, to the thread on which its peer lives.
    ///
    /// # Errors
    /// Gives it back when too many wait there.
    pub(super) fn send_home(&self, owner: usize, guest: Guest) -> Result<(), Box<Guest>> {
        let Some(letterbox) = self.boxes.get(owner) else { return Err(Box::new(guest)) };
        letterbox.guests.push(Box::new(guest))?;
        letterbox.bell.ring_if_asleep();
        Ok(())
    }

    /// The next connection or client of the relay that was sent here.
    pub(super) fn take_in(&self) -> Option<Guest> {
        self.boxes[self.me].guests.pop().map(|guest| *guest)
    }

    /// Whether this is the place of another thread.
    pub(super) fn is_other(&self, owner: usize) -> bool {
        owner != self.me && owner < self.boxes.len()
    }

    /// The place of this thread among all.
    pub(super) fn me(&self) -> usize {
        self.me
    }

    /// The bell of this thread.
    pub(super) fn bell(&self) -> Arc<Bell> {
        self.boxes[self.me].bell.clone()
    }

    /// The other thread to which a datagram belongs; `None` when it is ours or nobody's.
    ///
    /// * `give_up`: see [`Exchange::learn`].
    pub(super) fn owner(
        &mut self,
        remote: SocketAddr,
        datagram: &[u8],
        give_up: impl FnMut(SocketAddr),
    ) -> Option<usize> {
        if self.boxes.len() < 2 {
            return None;
        }
        let marked = match datagram.first()? {
            1 => Mark::of_response(datagram),
            0..=3 => Mark::of_request(datagram),
            _ => None,
        };
        let owner = match datagram.first()? {
            _ if marked.is_some() => marked?.index(),
            // STUN without a mark and ChannelData are the relay's, whose client may have moved to another thread.
            0..=3 | 0x40..=0x4f => self.owners.get(&remote)?.by,
            20..=63 | 128..=191 => {
                // A client's first datagram after its check may overtake the note about it, but not this look.
                if !self.owners.contains_key(&remote) {
                    self.learn(give_up);
                }
                self.owners.get(&remote)?.by
            }
            _ => return None,
        };
        (owner != self.me && owner < self.boxes.len()).then_some(owner)
    }

    /// Puts a datagram into the parcel for its owner. It leaves with [`Exchange::flush`], or when the parcel is full.
    pub(super) fn hand_over(&mut self, owner: usize, path: Path, datagram: &[u8]) {
        if self.open[owner].bytes.len() >= PARCEL_BYTES && !self.dispatch(owner) {
            self.lost += 1;
            return;
        }
        let parcel = &mut self.open[owner];
        parcel.bytes.extend_from_slice(datagram);
        parcel.items.push((path, parcel.bytes.len()));
        self.handed_over += 1;
    }

    /// Sends every parcel that has something in it. What finds no room stays and is tried again.
    pub(super) fn flush(&mut self) {
        for owner in 0..self.open.len() {
            if !self.open[owner].items.is_empty() {
                self.dispatch(owner);
            }
        }
    }

    fn dispatch(&mut self, owner: usize) -> bool {
        let empty = self.boxes[self.me].empties.pop();
        let empty = empty.unwrap_or_else(|| Parcel { from: self.me, ..Parcel::default() });
        let full = std::mem::replace(&mut self.open[owner], empty);
        let pushed = self.boxes[owner].parcels.push(full);
        self.boxes[owner].bell.ring_if_asleep();
        match pushed {
            Ok(()) => true,
            Err(full) => {
                let empty = std::mem::replace(&mut self.open[owner], full);
                self.give_back(empty);
                false
            }
        }
    }

    /// An empty parcel goes back to the thread that filled it; one too many is freed.
    fn give_back(&self, parcel: Parcel) {
        let _ = self.boxes[parcel.from].empties.push(parcel);
    }

    /// Takes what other threads handed over.
    pub(super) fn collect(&mut self, mut take: impl FnMut(Path, &[u8])) {
        for _ in 0..PARCELS_PER_TURN {
            let Some(mut parcel) = self.boxes[self.me].parcels.pop() else { return };
            let mut start = 0;
            for (path, end) in parcel.items.drain(..) {
                take(path, &parcel.bytes[start..end]);
                start = end;
            }
            parcel.bytes.clear();
            self.give_back(parcel);
        }
    }

    /// Remembers and announces what changed in our plane since the last time.
    pub(super) fn announce(&mut self, now: Now, claims: &mut Vec<Claim>) {
        if self.boxes.len() < 2 {
            claims.clear();
            return;
        }
        for claim in claims.drain(..) {
            let note = match claim {
                Claim::Taken(address) => {
                    // Later than all that we have heard, even if another thread's turn began after ours.
                    let heard = self.owners.get(&address).map_or(0, |stamp| stamp.us + 1);
                    let stamp = Stamp { us: now.us.max(heard), by: self.me };
                    self.owners.insert(address, stamp);
                    Note::Taken(address, stamp)
                }
                Claim::Left(address) => {
                    self.forget(address, self.me);
                    Note::Left(address, self.me)
                }
            };
            for to in (0..self.boxes.len()).filter(|to| *to != self.me) {
                if self.kept[to].len() < NOTES_KEPT_MAX {
                    self.kept[to].push_back(note);
                } else {
                    self.lost += 1;
                }
            }
        }
        self.post();
    }

    /// Puts the kept notes down, in order, as far as there is room. Notes wake nobody before they pile up: a thread
    /// reads them when it has a datagram to ask about.
    fn post(&mut self) {
        for (letterbox, kept) in self.boxes.iter().zip(&mut self.kept) {
            if kept.is_empty() {
                continue;
            }
            while let Some(note) = kept.front() {
                if letterbox.notes.push(*note).is_err() {
                    break;
                }
                kept.pop_front();
            }
            if letterbox.notes.len() > NOTES_WAITING_MAX / 2 {
                letterbox.bell.ring_if_asleep();
            }
        }
    }

    /// Reads the other threads' notes.
    ///
    /// * `give_up` is told each address of ours that another thread validated after us.
    pub(super) fn learn(&mut self, mut give_up: impl FnMut(SocketAddr)) {
        for _ in 0..NOTES_WAITING_MAX {
            let Some(note) = self.boxes[self.me].notes.pop() else { return };
            match note {
                Note::Left(address, by) => self.forget(address, by),
                Note::Taken(address, stamp) => {
                    let known = self.owners.get(&address).copied();
                    if known.is_some_and(|known| known > stamp) {
                        continue;
                    }
                    if known.is_none() && self.owners.len() >= ADDRESSES_KNOWN_MAX {
                        self.lost += 1;
                        continue;
                    }
                    if known.is_some_and(|known| known.by == self.me) {
                        give_up(address);
                    }
                    self.owners.insert(address, stamp);
                }
            }
        }
    }

    fn forget(&mut self, address: SocketAddr, by: usize) {
        if self.owners.get(&address).is_some_and(|stamp| stamp.by == by) {
            self.owners.remove(&address);
        }
    }

    /// Whether others wait for us to read what they put down.
    pub(super) fn has_post(&self) -> bool {
        let mine = &self.boxes[self.me];
        !mine.parcels.is_empty() || !mine.guests.is_empty() || mine.notes.len() > NOTES_WAITING_MAX / 2
    }

    /// Whether something of ours found no room yet and must be tried again.
    pub(super) fn has_backlog(&self) -> bool {
        self.open.iter().any(|parcel| !parcel.items.is_empty())
            || self.kept.iter().any(|kept| !kept.is_empty())
    }

    /// Tries again what found no room.
    pub(super) fn retry(&mut self) {
        self.flush();
        self.post();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
    use std::time::Duration;

    use super::*;

    fn threads(count: usize) -> Vec<Exchange> {
        let boxes = letterboxes(count).unwrap();
        (0..count).map(|me| Exchange::new(me, boxes.clone())).collect()
    }

    fn path(port: u16) -> Path {
        Path::udp(SocketAddr::from(([192, 0, 2, 7], port)), None)
    }

    /// Media as far as the exchange can tell.
    const MEDIA: [u8; 12] = [0x80; 12];

    fn owner(thread: &mut Exchange, port: u16) -> Option<usize> {
        thread.owner(path(port).remote.address, &MEDIA, |_| {})
    }

    fn take(thread: &mut Exchange, now: Now, port: u16) {
        thread.announce(now, &mut vec![Claim::Taken(path(port).remote.address)]);
    }

    #[test]
    fn handing_over_to_a_thread_that_does_not_read_never_blocks_and_counts_what_is_lost() {
        let mut threads = threads(2);
        let total = 20_000u32;
        for number in 0..total {
            threads[0].hand_over(1, path(1), &number.to_be_bytes().repeat(8));
            threads[0].flush();
        }
        let (handed_over, lost) = (threads[0].handed_over, threads[0].lost);
        assert_eq!(handed_over + lost, u64::from(total));
        assert!(handed_over > PARCELS_WAITING_MAX as u64 && lost > 0, "{handed_over} {lost}");
        assert!(threads[0].has_backlog() && threads[1].has_post());
        let mut got = Vec::new();
        while threads[1].has_post() {
            threads[1].collect(|from, datagram| {
                assert_eq!((from, datagram.len()), (path(1), 32));
                got.push(u32::from_be_bytes(*datagram.first_chunk().unwrap()));
            });
            threads[0].retry();
        }
        assert_eq!(got, (0..handed_over as u32).collect::<Vec<_>>(), "all that was taken, in its order");
        assert!(!threads[0].has_backlog());
    }

    #[test]
    fn parcels_go_back_and_are_used_again() {
        let mut threads = threads(2);
        for _ in 0..1_000 {
            threads[0].hand_over(1, path(1), &MEDIA);
            threads[0].flush();
            threads[1].collect(|_, _| {});
        }
        assert!(threads[0].boxes[0].empties.len() <= 2);
        assert_eq!(threads[0].lost, 0);
    }

    #[test]
    fn a_check_goes_to_the_thread_that_its_ufrag_names_and_to_nobody_if_there_is_none() {
        let mut threads = threads(3);
        let check = |ufrag: &[u8; 4]| {
            let mut bytes = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
            bytes.extend([9; 12]);
            bytes.extend([0, 0x24, 0, 3, 1, 2, 3, 0]); // another attribute, with padding
            bytes.extend([0, 6, 0, 4]);
            bytes.extend(ufrag);
            bytes
        };
        let remote = path(1).remote.address;
        for (ufrag, expected) in [(b"Cxy:", Some(2)), (b"Axy:", Some(0)), (b"Bxy:", None), (b"/xy:", None)] {
            assert_eq!(threads[1].owner(remote, &check(ufrag), |_| {}), expected);
        }
        for cut in 0..check(b"Cxy:").len() - 4 {
            assert_eq!(threads[1].owner(remote, &check(b"Cxy:")[..cut], |_| {}), None, "cut at {cut}");
        }
    }

    #[test]
    fn media_goes_to_the_thread_that_announced_its_address_until_it_takes_it_back() {
        let (mut threads, now) = (threads(3), Now::for_test());
        assert_eq!(owner(&mut threads[2], 1), None, "nobody knows it");
        take(&mut threads[1], now, 1);
        assert_eq!(owner(&mut threads[0], 1), Some(1));
        assert_eq!(owner(&mut threads[1], 1), None, "it is its own");
        threads[1].announce(now, &mut vec![Claim::Left(path(1).remote.address)]);
        threads[0].learn(|_| {});
        assert_eq!(owner(&mut threads[0], 1), None);
    }

    #[test]
    fn of_two_validations_of_an_address_the_newer_holds_on_every_thread_in_whatever_order_they_hear_of_it() {
        for newer_first in [true, false] {
            let (mut threads, now) = (threads(3), Now::for_test());
            let later = now.after(Duration::from_micros(5));
            if newer_first {
                take(&mut threads[1], later, 1);
                // Thread 0 validated before, but its note comes after; it has not read the other's yet.
                take(&mut threads[0], now, 1);
            } else {
                take(&mut threads[0], now, 1);
                take(&mut threads[1], later, 1);
            }
            let mut given_up = Vec::new();
            for (me, thread) in threads.iter_mut().enumerate() {
                thread.learn(|address| given_up.push((me, address)));
            }
            assert_eq!(given_up, [(0, path(1).remote.address)]);
            assert_eq!(threads.iter_mut().map(|t| owner(t, 1)).collect::<Vec<_>>(), [Some(1), None, Some(1)]);
            // The old owner's end takes nothing from the new one; its next check takes the address back.
            threads[0].announce(later, &mut vec![Claim::Left(path(1).remote.address)]);
            threads[2].learn(|_| {});
            assert_eq!(owner(&mut threads[2], 1), Some(1));
            take(&mut threads[0], later, 1);
            threads[1].learn(|address| given_up.push((1, address)));
            threads[2].learn(|_| {});
            assert_eq!(given_up.len(), 2);
            assert_eq!(threads.iter_mut().map(|t| owner(t, 1)).collect::<Vec<_>>(), [None, Some(0), Some(0)]);
        }
    }

    #[test]
    fn two_validations_in_the_same_microsecond_end_with_one_owner() {
        let (mut threads, now) = (threads(2), Now::for_test());
        take(&mut threads[0], now, 1);
        take(&mut threads[1], now, 1);
        let mut given_up = Vec::new();
        for (me, thread) in threads.iter_mut().enumerate() {
            thread.learn(|_| given_up.push(me));
        }
        assert_eq!(given_up, [0]);
        assert_eq!((owner(&mut threads[0], 1), owner(&mut threads[1], 1)), (Some(1), None));
    }

    #[test]
    fn notes_that_find_no_room_are_kept_and_come_later() {
        let (mut threads, now) = (threads(2), Now::for_test());
        let ports = 1..=5_000;
        for port in ports.clone() {
            take(&mut threads[0], now, port);
        }
        assert!(threads[0].has_backlog() && threads[1].has_post());
        while threads[0].has_backlog() {
            threads[1].learn(|_| {});
            threads[0].retry();
        }
        assert!(ports.clone().all(|port| owner(&mut threads[1], port) == Some(0)));
        assert_eq!(threads[0].lost, 0);
    }
}
