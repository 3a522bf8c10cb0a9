//! Which room lives on which thread, and how many peers each has.
//!
//! The handle asks when a connection begins and the thread tells when one ends: never on the way of a packet.

use std::collections::HashMap;

use crate::terms::RoomId;

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
    /// Peers of each thread.
    loads: Vec<usize>,
    peers_max: usize,
}

impl Rooms {
    /// No rooms yet.
    ///
    /// * `threads`: at least one.
    /// * `peers_max`: of all threads together.
    pub(crate) fn new(threads: usize, peers_max: usize) -> Rooms {
        Rooms { homes: HashMap::new(), loads: vec![0; threads.max(1)], peers_max }
    }

    /// Counts a peer in and returns its room's thread: for a new room the one with the fewest peers. `None`: full.
    pub(crate) fn enter(&mut self, room: RoomId) -> Option<usize> {
        if self.loads.iter().sum::<usize>() >= self.peers_max {
            return None;
        }
        let idlest = self.loads.iter().enumerate().min_by_key(|load| load.1).map_or(0, |load| load.0);
        let home = self.homes.entry(room).or_insert(Home { thread: idlest, peers: 0 });
        home.peers += 1;
        self.loads[home.thread] += 1;
        Some(home.thread)
    }

    /// Counts a peer out; an empty room is forgotten.
    pub(crate) fn leave(&mut self, room: RoomId) {
        let Some(home) = self.homes.get_mut(&room) else { return };
        home.peers -= 1;
        self.loads[home.thread] -= 1;
        if home.peers == 0 {
            self.homes.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_room_goes_to_the_thread_with_the_fewest_peers_and_stays_there() {
        let mut rooms = Rooms::new(3, 100);
        assert_eq!(
            (1..=3).map(|room| rooms.enter(RoomId(room))).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!(rooms.enter(RoomId(2)), Some(1));
        assert_eq!(rooms.enter(RoomId(1)), Some(0));
        assert_eq!(rooms.enter(RoomId(9)), Some(2));
        assert_eq!(rooms.enter(RoomId(1)), Some(0), "its thread has as many as any other");
    }

    #[test]
    fn an_empty_room_is_forgotten_and_may_come_back_elsewhere() {
        let mut rooms = Rooms::new(2, 100);
        assert_eq!(rooms.enter(RoomId(1)), Some(0));
        assert_eq!(rooms.enter(RoomId(2)), Some(1));
        rooms.leave(RoomId(2));
        rooms.leave(RoomId(2));
        assert_eq!(rooms.enter(RoomId(3)), Some(1));
        rooms.leave(RoomId(1));
        assert_eq!(rooms.enter(RoomId(2)), Some(0));
        assert_eq!(rooms.homes.len(), 2);
    }

    #[test]
    fn the_bound_on_peers_holds_over_all_threads() {
        let mut rooms = Rooms::new(2, 3);
        assert!((0..3).all(|room| rooms.enter(RoomId(room)).is_some()));
        assert_eq!(rooms.enter(RoomId(0)), None);
        rooms.leave(RoomId(2));
        assert!(rooms.enter(RoomId(0)).is_some());
    }
}
