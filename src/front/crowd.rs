//! Who is at the door and who is inside: those who have shown nothing yet never keep out those who do.
//!
//! Newcomers are bounded for the house and for each neighbour; whoever comes when it is full takes the place of the one
//! who has waited longest, because an honest caller shows itself within a round trip. Guests are bounded too, and no
//! neighbour alone can fill the house.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::limits;

/// How many may be where.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections of the house that have shown nothing yet.
    pub newcomers: usize,
    /// The same of one neighbour.
    pub newcomers_of_one: usize,
    /// Connections of the house that speak HTTP.
    pub guests: usize,
    /// The same of one neighbour.
    pub guests_of_one: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            newcomers: limits::NEWCOMERS_MAX,
            newcomers_of_one: limits::NEWCOMERS_OF_ONE_MAX,
            guests: limits::GUESTS_MAX,
            guests_of_one: limits::GUESTS_OF_ONE_MAX,
        }
    }
}

/// Everybody at the door and inside. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Crowd {
    bounds: Bounds,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug, Default)]
struct Counted {
    next: u64,
    /// In the order in which they came.
    newcomers: BTreeMap<u64, Newest>,
    guests: usize,
    neighbours: HashMap<IpAddr, Share>,
}

#[derive(Debug)]
struct Newest {
    neighbour: Option<IpAddr>,
    /// Dropped with its owner, which is how that one hears that it must go.
    _place: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Share {
    newcomers: BTreeSet<u64>,
    guests: usize,
}

/// A place at the door.
#[derive(Debug)]
pub struct Newcomer {
    crowd: Crowd,
    number: u64,
}

/// A place inside.
#[derive(Debug)]
pub struct Seat {
    crowd: Crowd,
    neighbour: IpAddr,
}

impl Crowd {
    /// Nobody yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Crowd {
        Crowd { bounds, counted: Arc::default() }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody comes; who it is is not known yet when a proxy of ours brings him.
    ///
    /// * returns: the place, and what ends when somebody newer has taken it.
    pub fn arrive(&self, from: Option<IpAddr>) -> (Newcomer, oneshot::Receiver<()>) {
        let neighbour = from.map(neighbour);
        let (place, sent_away) = oneshot::channel();
        let mut counted = self.counted();
        let own = neighbour.and_then(|who| counted.neighbours.get(&who));
        let oldest_own = own.filter(|share| share.newcomers.len() >= self.bounds.newcomers_of_one);
        let oldest = match oldest_own {
            Some(share) => share.newcomers.first().copied(),
            None if counted.newcomers.len() >= self.bounds.newcomers => {
                counted.newcomers.keys().next().copied()
            }
            None => None,
        };
        if let Some(oldest) = oldest {
            counted.forget(oldest);
        }
        let number = counted.next;
        counted.next += 1;
        counted.newcomers.insert(number, Newest { neighbour, _place: place });
        if let Some(who) = neighbour {
            counted.neighbours.entry(who).or_default().newcomers.insert(number);
        }
        (Newcomer { crowd: self.clone(), number }, sent_away)
    }

    /// Sends away whoever has shown nothing yet: the house closes.
    pub fn send_newcomers_away(&self) {
        let mut counted = self.counted();
        let all: Vec<u64> = counted.newcomers.keys().copied().collect();
        for number in all {
            counted.forget(number);
        }
    }

    /// Somebody has shown that HTTP is spoken, and sits down if there is a seat.
    pub fn seat(&self, from: IpAddr) -> Option<Seat> {
        let neighbour = neighbour(from);
        let mut counted = self.counted();
        let own = counted.neighbours.get(&neighbour).map_or(0, |share| share.guests);
        if counted.guests >= self.bounds.guests || own >= self.bounds.guests_of_one {
            return None;
        }
        counted.guests += 1;
        counted.neighbours.entry(neighbour).or_default().guests += 1;
        Some(Seat { crowd: self.clone(), neighbour })
    }
}

impl Counted {
    fn forget(&mut self, number: u64) {
        let Some(gone) = self.newcomers.remove(&number) else { return };
        if let Some(who) = gone.neighbour {
            self.neighbours.entry(who).or_default().newcomers.remove(&number);
            self.tidy(who);
        }
    }

    fn tidy(&mut self, who: IpAddr) {
        if self.neighbours.get(&who).is_some_and(|share| share.guests == 0 && share.newcomers.is_empty()) {
            self.neighbours.remove(&who);
        }
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.crowd.counted().forget(self.number);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counted = self.crowd.counted();
        counted.guests -= 1;
        counted.neighbours.entry(self.neighbour).or_default().guests -= 1;
        counted.tidy(self.neighbour);
    }
}

/// One subscriber: an IPv4 address, or the /64 that one subscriber has in IPv6.
fn neighbour(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn crowd() -> Crowd {
        Crowd::new(Bounds { newcomers: 4, newcomers_of_one: 2, guests: 3, guests_of_one: 2 })
    }

    fn is_sent_away(place: &mut (Newcomer, oneshot::Receiver<()>)) -> bool {
        place.1.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    #[test]
    fn a_neighbour_with_many_empty_sockets_crowds_out_only_its_own_oldest() {
        let crowd = crowd();
        let mut other = crowd.arrive(Some(from("10.0.0.2")));
        let mut own: Vec<_> = (0..5).map(|_| crowd.arrive(Some(from("10.0.0.1")))).collect();
        let gone: Vec<bool> = own.iter_mut().map(is_sent_away).collect();
        assert_eq!(gone, [true, true, true, false, false]);
        assert!(!is_sent_away(&mut other));
    }

    #[test]
    fn in_a_full_house_the_newest_is_let_in_and_the_oldest_goes() {
        let crowd = crowd();
        let mut all: Vec<_> = (1..=6).map(|n| crowd.arrive(Some(from(&format!("10.0.0.{n}"))))).collect();
        let gone: Vec<bool> = all.iter_mut().map(is_sent_away).collect();
        assert_eq!(gone, [true, true, false, false, false, false]);
        drop(all);
        assert!(crowd.counted().neighbours.is_empty() && crowd.counted().newcomers.is_empty());
    }

    #[test]
    fn a_house_that_closes_sends_away_whoever_has_shown_nothing_and_nobody_else() {
        let crowd = crowd();
        let seat = crowd.seat(from("10.0.0.1"));
        let mut all: Vec<_> = (1..=3).map(|n| crowd.arrive(Some(from(&format!("10.0.0.{n}"))))).collect();
        crowd.send_newcomers_away();
        assert!(all.iter_mut().all(is_sent_away));
        drop(all);
        let left = {
            let counted = crowd.counted();
            (counted.guests, counted.neighbours.len())
        };
        assert_eq!(left, (1, 1));
        drop(seat);
    }

    #[test]
    fn one_subscriber_of_ipv6_counts_once_whatever_address_it_takes() {
        let crowd = crowd();
        let mut all: Vec<_> =
            ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(|a| crowd.arrive(Some(from(a)))).into();
        assert!(is_sent_away(&mut all[0]) && !is_sent_away(&mut all[2]));
        assert_eq!(neighbour(from("::ffff:10.0.0.1")), from("10.0.0.1"));
    }

    #[test]
    fn no_neighbour_fills_the_house_and_a_seat_that_is_left_is_free() {
        let crowd = crowd();
        let first = crowd.seat(from("10.0.0.1"));
        let second = crowd.seat(from("10.0.0.1"));
        assert!(first.is_some() && second.is_some() && crowd.seat(from("10.0.0.1")).is_none());
        let third = crowd.seat(from("10.0.0.2"));
        assert!(third.is_some() && crowd.seat(from("10.0.0.3")).is_none());
        drop(first);
        assert!(crowd.seat(from("10.0.0.3")).is_some());
    }
}
