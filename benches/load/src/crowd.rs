//! The crowd: all clients of a measurement on one thread, with one epoll, one set of buffers and one look at the clock
//! per turn.
//!
//! Publishers come first in every turn, so that their streams stay even; a client that breaks ends the measurement.

use std::time::{Duration, Instant};

use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::clock;
use crate::counting::Counting;
use crate::person::{Fault, Person};
use crate::tally::Tally;
use crate::udp::{Depth, Reader};

/// Events of one wait.
const EVENTS: usize = 64;
/// Batches read from one client before the others have their turn.
const BATCHES_PER_CLIENT: usize = 4;
/// Longest wait, and the time between two looks at all deadlines.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What the load does while nothing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It looks again at once. On loopback the sender wakes a receiver that sleeps, and is charged for it.
    Looks,
    /// It sleeps until something comes.
    Sleeps,
}

/// One client.
pub enum Client {
    /// It opens what it receives.
    Person(Box<Person>),
    /// It counts what it receives.
    Counting(Box<Counting>),
    /// It left; what it had received.
    Gone(Tally),
}

impl Client {
    /// What it received.
    pub fn tally(&self) -> &Tally {
        match self {
            Client::Person(person) => &person.tally,
            Client::Counting(counting) => &counting.tally,
            Client::Gone(tally) => tally,
        }
    }

    /// What it received, to begin anew.
    pub fn tally_mut(&mut self) -> &mut Tally {
        match self {
            Client::Person(person) => &mut person.tally,
            Client::Counting(counting) => &mut counting.tally,
            Client::Gone(tally) => tally,
        }
    }

    /// Whether its transport is up, or it need not be any more.
    pub fn is_connected(&self) -> bool {
        match self {
            Client::Person(person) => person.is_connected,
            Client::Counting(counting) => counting.is_connected(),
            Client::Gone(_) => true,
        }
    }

    /// From the first thought of connecting to the first media packet.
    pub fn set_up(&self) -> Option<Duration> {
        let born = match self {
            Client::Person(person) => person.born,
            Client::Counting(counting) => counting.born,
            Client::Gone(_) => return None,
        };
        Some(self.tally().first_at?.saturating_duration_since(born))
    }

    /// The full client, if it is one.
    pub fn person(&mut self) -> Option<&mut Person> {
        match self {
            Client::Person(person) => Some(person),
            Client::Counting(_) | Client::Gone(_) => None,
        }
    }

    /// When it wants to be looked at, if ever.
    fn deadline(&self) -> Option<Instant> {
        match self {
            Client::Person(person) => Some(person.deadline),
            Client::Counting(counting) => Some(counting.deadline),
            Client::Gone(_) => None,
        }
    }

    fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        match self {
            Client::Person(person) => person.tick(now),
            Client::Counting(counting) => counting.tick(now),
            Client::Gone(_) => Ok(()),
        }
    }

    /// Reads what came, and no more than a few batches of it.
    fn read(&mut self, reader: &mut Reader) -> Result<(), Fault> {
        for _ in 0..BATCHES_PER_CLIENT {
            let batch = match self {
                Client::Person(person) => reader.read(&person.line, Depth::Whole),
                Client::Counting(counting) => reader.read(&counting.line, counting.depth()),
                Client::Gone(_) => return Ok(()),
            };
            let now = clock::instant();
            for datagram in batch.datagrams() {
                match self {
                    Client::Person(person) => person.take(now, &datagram)?,
                    Client::Counting(counting) => counting.take(now, &datagram)?,
                    Client::Gone(_) => {}
                }
            }
            if !batch.is_full() {
                break;
            }
        }
        Ok(())
    }
}

/// All clients.
pub struct Crowd {
    /// In the order in which they came.
    pub clients: Vec<Client>,
    /// The deadlines of the clients, side by side because they are all looked at each millisecond.
    deadlines: Vec<Option<Instant>>,
    /// Places of clients that left.
    free: Vec<usize>,
    /// Places of those that send.
    publishers: Vec<usize>,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    reader: Reader,
    next_look: Instant,
    idle: Idle,
}

impl Crowd {
    /// Nobody yet.
    ///
    /// # Errors
    /// The system refuses an epoll.
    pub fn new(idle: Idle) -> Result<Crowd, Fault> {
        Ok(Crowd {
            clients: Vec::new(),
            deadlines: Vec::new(),
            free: Vec::new(),
            publishers: Vec::new(),
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(EVENTS),
            reader: Reader::new(),
            next_look: clock::instant(),
            idle,
        })
    }

    /// Takes a client in; returns its place.
    ///
    /// # Errors
    /// The system refuses to wait for its socket.
    pub fn add(&mut self, client: Client) -> Result<usize, Fault> {
        let place = self.free.pop().unwrap_or(self.clients.len());
        let data = epoll::EventData::new_u64(place as u64);
        match &client {
            Client::Person(person) => epoll::add(&self.epoll, person.line.fd(), data, epoll::EventFlags::IN)?,
            Client::Counting(counting) => {
                epoll::add(&self.epoll, counting.line.fd(), data, epoll::EventFlags::IN)?
            }
            Client::Gone(_) => {}
        }
        let deadline = client.deadline();
        if place < self.clients.len() {
            (self.clients[place], self.deadlines[place]) = (client, deadline);
        } else {
            self.clients.push(client);
            self.deadlines.push(deadline);
        }
        Ok(place)
    }

    /// Lets a client leave without a word: its socket closes, and with it the wait for it.
    pub fn remove(&mut self, place: usize) {
        let tally = std::mem::take(self.clients[place].tally_mut());
        self.clients[place] = Client::Gone(tally);
        self.deadlines[place] = None;
        self.publishers.retain(|publisher| *publisher != place);
        self.free.push(place);
    }

    /// Gives the client at this place another address, in the middle of whatever it does.
    ///
    /// # Errors
    /// It is not a full client, or the system has no more sockets.
    pub fn rebind(&mut self, place: usize) -> Result<(), Fault> {
        let person = self.clients[place].person().ok_or("only a full client can move")?;
        person.line.rebind()?;
        let data = epoll::EventData::new_u64(place as u64);
        Ok(epoll::add(&self.epoll, person.line.fd(), data, epoll::EventFlags::IN)?)
    }

    /// Lets the client at this place send, `after` its first turn.
    pub fn let_send(&mut self, place: usize, after: Duration) {
        if let Some(person) = self.clients[place].person() {
            person.start_at(clock::instant() + after);
            self.publishers.push(place);
        }
    }

    /// Works for a time.
    ///
    /// # Errors
    /// A client broke.
    pub fn work(&mut self, time: Duration) -> Result<(), Fault> {
        let end = clock::instant() + time;
        while clock::instant() < end {
            self.turn(end)?;
        }
        Ok(())
    }

    /// Works until the rule holds; returns whether it did within the time.
    ///
    /// # Errors
    /// A client broke.
    pub fn work_until(
        &mut self,
        time: Duration,
        mut rule: impl FnMut(&[Client]) -> bool,
    ) -> Result<bool, Fault> {
        let end = clock::instant() + time;
        while !rule(&self.clients) {
            if clock::instant() >= end {
                return Ok(false);
            }
            self.turn(end)?;
        }
        Ok(true)
    }

    /// Waits for datagrams and deadlines, and does what is due.
    fn turn(&mut self, end: Instant) -> Result<(), Fault> {
        let next = self.perform()?.map_or(end, |next| next.min(end));
        let now = clock::instant();
        let wait = match self.idle {
            Idle::Looks => Duration::ZERO,
            Idle::Sleeps => next.saturating_duration_since(now).min(LOOK_EVERY),
        };
        self.events.clear();
        let timeout = clock::timespec(wait);
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for index in 0..self.events.len() {
            let place = self.events[index].data.u64() as usize;
            self.clients[place].read(&mut self.reader)?;
            self.deadlines[place] = self.clients[place].deadline();
            if index % 16 == 15 {
                self.perform()?;
            }
        }
        self.look()
    }

    /// Lets the publishers send that are due; returns when the next one is.
    fn perform(&mut self) -> Result<Option<Instant>, Fault> {
        let mut next: Option<Instant> = None;
        let now = clock::instant();
        for place in &self.publishers {
            let Client::Person(person) = &mut self.clients[*place] else { continue };
            if person.next_media().is_some_and(|at| at <= now) {
                person.perform(now)?;
                self.deadlines[*place] = Some(person.deadline);
            }
            next = [next, person.next_media()].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// Looks at the deadlines of all clients, each millisecond.
    fn look(&mut self) -> Result<(), Fault> {
        let now = clock::instant();
        if now < self.next_look {
            return Ok(());
        }
        self.next_look = now + LOOK_EVERY;
        for place in 0..self.clients.len() {
            if self.deadlines[place].is_some_and(|at| at <= now) {
                self.clients[place].tick(now)?;
                self.deadlines[place] = self.clients[place].deadline();
            }
        }
        Ok(())
    }
}
