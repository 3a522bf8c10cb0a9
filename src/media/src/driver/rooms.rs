//! Which room lives on which thread, and how many peers each has.
//!
//! The handle asks when a connection begins and the thread tells when one ends: never on the way of a packet.

use std::collections::HashMap;

use crate::terms::{ConnectError, RoomId};

/// One place in so many is kept for the hotline.
const SEATS_PART: usize = 8;

/// A room with peers.
#[derive(Clone, Copy, Debug)]
struct Home {
    thread: usize,
    peers: usize,
}

/// The register of rooms. Invariant: a room is in it exactly as long as it has peers, and stays on its thread so long.
#[derive(Debug)]
pub(crate) struct Rooms {
    homes: HashMap<RoomId, Home>,
    /// Peers of each thread; `None` for a thread that has ended by a fault.
    loads: Vec<Option<usize>>,
    peers_max: usize,
}

impl Rooms {
    /// No rooms yet.
    ///
    /// * `threads`: at least one.
    /// * `peers_max`: of all threads together.
    pub(crate) fn new(threads: usize, peers_max: usize) -> Rooms {
        Rooms { homes: HashMap::new(), loads: vec![Some(0); threads.max(1)], peers_max }
    }

    /// Counts a peer in and returns its room's thread: for a new room the one with the fewest peers. An eighth of all places
    /// is kept for the hotline: however many meetings there are, a seat finds room.
    ///
    /// # Errors
    /// `Full`, or `Stopped` when no thread is left.
    pub(crate) fn enter(&mut self, room: RoomId) -> Result<usize, ConnectError> {
        let seats = self.homes.get(&RoomId::PREFERRED).map_or(0, |home| home.peers);
        let all = self.loads.iter().flatten().sum::<usize>();
        let reserved = self.peers_max / SEATS_PART;
        let is_full = match room {
            RoomId::PREFERRED => all >= self.peers_max,
            _ => all.saturating_sub(seats.min(reserved)) >= self.peers_max - reserved,
        };
        if is_full {
            return Err(ConnectError::Full);
        }
        let loads =
            self.loads.iter().enumerate().filter_map(|(thread, load)| load.map(|load| (load, thread)));
        let (_, idlest) = loads.min().ok_or(ConnectError::Stopped)?;
        let home = self.homes.entry(room).or_insert(Home { thread: idlest, peers: 0 });
        home.peers += 1;
        if let Some(load) = &mut self.loads[home.thread] {
            *load += 1;
        }
        Ok(home.thread)
    }

    /// Counts a peer of a thread out; an empty room is forgotten.
    pub(crate) fn leave(&mut self, room: RoomId, thread: usize) {
        let Some(home) = self.homes.get_mut(&room).filter(|home| home.thread == thread) else { return };
        home.peers -= 1;
        if home.peers == 0 {
            self.homes.remove(&room);
        }
        if let Some(load) = &mut self.loads[thread] {
            *load -= 1;
        }
    }

    /// A thread has ended by a fault: its rooms are forgotten, so that they can begin anew elsewhere.
    pub(crate) fn bury(&mut self, thread: usize) {
        self.homes.retain(|_, home| home.thread != thread);
        self.loads[thread] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_room_goes_to_the_thread_with_the_fewest_peers_and_stays_there() {
        let mut rooms = Rooms::new(3, 100);
        assert_eq!((1..=3).map(|room| rooms.enter(RoomId(room))).collect::<Vec<_>>(), [Ok(0), Ok(1), Ok(2)]);
        assert_eq!(rooms.enter(RoomId(2)), Ok(1));
        assert_eq!(rooms.enter(RoomId(1)), Ok(0));
        assert_eq!(rooms.enter(RoomId(9)), Ok(2));
        assert_eq!(rooms.enter(RoomId(1)), Ok(0), "its thread has as many as any other");
    }

    #[test]
    fn an_empty_room_is_forgotten_and_may_come_back_elsewhere() {
        let mut rooms = Rooms::new(2, 100);
        assert_eq!(rooms.enter(RoomId(1)), Ok(0));
        assert_eq!(rooms.enter(RoomId(2)), Ok(1));
        rooms.leave(RoomId(2), 1);
        rooms.leave(RoomId(2), 1);
        assert_eq!(rooms.enter(RoomId(3)), Ok(1));
        rooms.leave(RoomId(1), 0);
        assert_eq!(rooms.enter(RoomId(2)), Ok(0));
        assert_eq!(rooms.homes.len(), 2);
    }

    #[test]
    fn the_bound_on_peers_holds_over_all_threads() {
        let mut rooms = Rooms::new(2, 3);
        assert!((0..3).all(|room| rooms.enter(RoomId(room)).is_ok()));
        assert_eq!(rooms.enter(RoomId(0)), Err(ConnectError::Full));
        rooms.leave(RoomId(2), 0);
        assert!(rooms.enter(RoomId(0)).is_ok());
    }

    #[test]
    fn meetings_never_take_the_places_of_the_hotline_and_the_hotline_may_take_theirs() {
        let mut rooms = Rooms::new(2, 32);
        let meetings = (1..=100).filter(|room| rooms.enter(RoomId(*room)).is_ok()).count();
        assert_eq!(meetings, 28, "an eighth is kept");
        assert!((0..4).all(|_| rooms.enter(RoomId::PREFERRED).is_ok()), "a seat finds room all the same");
        assert_eq!(rooms.enter(RoomId::PREFERRED), Err(ConnectError::Full));
        let mut rooms = Rooms::new(2, 32);
        assert!((0..10).all(|_| rooms.enter(RoomId::PREFERRED).is_ok()), "more seats than are kept for them");
        let meetings = (1..=100).filter(|room| rooms.enter(RoomId(*room)).is_ok()).count();
        assert_eq!(meetings, 22, "nothing is kept twice");
    }

    #[test]
    fn the_rooms_of_a_dead_thread_begin_anew_elsewhere() {
        let mut rooms = Rooms::new(2, 100);
        assert_eq!((rooms.enter(RoomId(1)), rooms.enter(RoomId(2))), (Ok(0), Ok(1)));
        rooms.bury(0);
        assert_eq!((rooms.enter(RoomId(1)), rooms.enter(RoomId(3))), (Ok(1), Ok(1)));
        rooms.leave(RoomId(1), 0);
        assert_eq!(rooms.homes.len(), 3, "a late goodbye from the dead thread counts for nothing");
        rooms.bury(1);
        assert_eq!(rooms.enter(RoomId(1)), Err(ConnectError::Stopped));
    }
}
