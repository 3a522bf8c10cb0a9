//! The town: one plane, the clients, their lines, and the time. It carries datagrams and keeps the judge informed; what
//! the clients want is the scenario's affair.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use media::core::dtls::Identity;
use media::core::now::Now;
use media::core::outbox::Path;
use media::core::plane::{Plane, Settings};
use media::{Down, Event, Kind, PeerId, View};

use super::client::{Client, Manner};
use super::dice::Dice;
use super::heap;
use super::judge::Judge;
use super::link::{Link, Weather};
use crate::world::{Way, instant, server};

/// After this long without anything authentic a peer is gone.
pub const SILENCE_US: u64 = 8_000_000;
/// What one peer may hold on the plane's heap: two packet memories and the records of nine slots, and half as much.
const PEER_BYTES_MAX: isize = 3 << 20;
/// What a plane may hold when all peers are gone, for each that was: room in its lists.
const EMPTY_BYTES_MAX: isize = 8 << 10;
/// What one peer may cause to be sent in one turn.
const OUTBOX_BYTES_MAX: usize = 1 << 20;
/// What a DTLS datagram counts on the line: its real length follows from keys that no seed knows.
const DTLS_BYTES: u64 = 500;
/// How long a client goes on after its end, because it does not know of it.
const AFTERLIFE_US: u64 = 300_000;
/// Datagrams of clients that the town remembers for those who want to misuse them.
const REMEMBERED: usize = 64;

/// What a resident does to the server besides being a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    Honest,
    /// Never acknowledges anything: none of its control packets leaves.
    Deaf,
    /// Sends nothing any more and does not say goodbye.
    Vanished,
}

/// One who lives in the town.
pub struct Resident {
    pub client: Client,
    /// The mids of its slots for pictures.
    pub slots: Vec<String>,
    pub up: Link,
    pub down: Link,
    pub conduct: Conduct,
    /// Whether the plane still has it.
    pub is_here: bool,
    /// Why the plane gave it up.
    pub end: Option<Down>,
    /// When it stops, a while after its end.
    asleep_us: u64,
    pub connected_us: Option<u64>,
}

struct Flight {
    way: Way,
    client: SocketAddr,
    sent_us: u64,
    bytes: Vec<u8>,
}

pub struct Town {
    pub plane: Plane,
    pub judge: Judge,
    pub residents: Vec<Resident>,
    /// The time since the beginning.
    pub us: u64,
    /// Turns are at least this far apart.
    pub quantum_us: u64,
    /// The last datagrams that clients sent.
    pub remembered: Vec<Vec<u8>>,
    pub turns: u64,
    most_sent: usize,
    /// Bytes that came from where nobody lives, less those that left for there.
    forged: HashMap<SocketAddr, usize>,
    begin: Now,
    dice: Dice,
    wire: BTreeMap<(u64, u64), Flight>,
    flights: u64,
    addresses: HashMap<SocketAddr, usize>,
    places: HashMap<PeerId, usize>,
}

impl Town {
    pub fn new(mut dice: Dice) -> Town {
        heap::begin();
        fastrand::seed(dice.next());
        let mut chance = dice.split();
        let random = move |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = chance.next() as u8);
        let settings = Settings {
            candidates_tcp: Vec::new(),
            candidates: vec![server()],
            silence_max: std::time::Duration::from_micros(SILENCE_US),
            peers_max: 256,
            mark: media::core::ice::Mark::default(),
        };
        let identity = Identity::make().unwrap();
        Town {
            plane: heap::inside(|| Plane::new(identity, settings, Box::new(random))),
            judge: Judge::default(),
            residents: Vec::new(),
            us: 0,
            quantum_us: dice.pick(&[250, 1_000, 2_000]),
            remembered: Vec::new(),
            forged: HashMap::new(),
            turns: 0,
            most_sent: 0,
            begin: Now { at: instant(), us: 1_795_000_000_000_000 },
            dice,
            wire: BTreeMap::new(),
            flights: 0,
            addresses: HashMap::new(),
            places: HashMap::new(),
        }
    }

    pub fn now(&self) -> Now {
        self.begin.after(std::time::Duration::from_micros(self.us))
    }

    /// Connects a client; returns its place.
    pub fn join(&mut self, manner: Manner, (up, down): (Weather, Weather)) -> usize {
        let place = self.residents.len();
        let address: SocketAddr =
            format!("198.51.{}.{}:4000", 100 + place / 250, place % 250 + 1).parse().unwrap();
        let now = self.now();
        let (mut client, offer, pending) = Client::new(now.at, address, manner, self.dice.split());
        let connected = heap::inside(|| self.plane.connect(now, &offer)).unwrap();
        client.peer = connected.peer;
        client.due = (self.us + self.dice.below(20_000), self.us + self.dice.below(60_000));
        client.accept(pending, &connected.answer);
        self.judge.learn(connected.peer, &connected.answer);
        self.addresses.insert(address, place);
        self.places.insert(connected.peer, place);
        let slots = connected.slots.into_iter().filter(|slot| slot.kind == Kind::Video);
        self.residents.push(Resident {
            client,
            slots: slots.map(|slot| slot.mid).collect(),
            up: Link::new(up, self.dice.split()),
            down: Link::new(down, self.dice.split()),
            conduct: Conduct::Honest,
            is_here: true,
            end: None,
            asleep_us: u64::MAX,
            connected_us: None,
        });
        place
    }

    pub fn peer(&self, place: usize) -> PeerId {
        self.residents[place].client.peer
    }

    pub fn open(&mut self, from: usize, to: usize) {
        let (now, from, to) = (self.now(), self.peer(from), self.peer(to));
        heap::inside(|| self.plane.open(now, from, to));
        self.judge.open(self.us, from, to);
    }

    pub fn shut(&mut self, from: usize, to: usize) {
        self.us += 1; // what was sent before is before
        let (now, from, to) = (self.now(), self.peer(from), self.peer(to));
        heap::inside(|| self.plane.shut(now, from, to));
        self.judge.shut(self.us, from, to);
    }

    pub fn view(&mut self, to: usize, views: &[View]) {
        let (now, to) = (self.now(), self.peer(to));
        heap::inside(|| self.plane.view(now, to, views));
    }

    pub fn remove(&mut self, place: usize) {
        self.us += 1; // what was sent before is before
        let (now, peer) = (self.now(), self.peer(place));
        heap::inside(|| self.plane.remove(now, peer));
        self.judge.gone(self.us, peer);
        self.residents[place].is_here = false;
        self.residents[place].asleep_us = self.us + AFTERLIFE_US;
    }

    /// The client's NAT gives it another port.
    pub fn rebind(&mut self, place: usize) {
        let client = &mut self.residents[place].client;
        let port = 4_001 + (client.outside.port() + 1) % 30_000;
        client.outside.set_port(port);
        self.addresses.insert(client.outside, place);
    }

    /// Gives the plane a datagram that no client sent.
    pub fn forge(&mut self, remote: SocketAddr, bytes: &[u8]) {
        let now = self.now();
        *self.forged.entry(remote).or_default() += bytes.len();
        let path = Path::udp(remote, Some(server().ip()));
        heap::inside(|| self.plane.receive(now, path, bytes));
    }

    /// Moves time to the next thing that happens, and lets it happen; never beyond `end_us`.
    pub fn step(&mut self, end_us: u64) {
        let next = self.next_us().max(self.us + self.quantum_us);
        self.us = next.min(end_us).max(self.us + 1);
        self.turn();
    }

    fn next_us(&self) -> u64 {
        let now = self.now();
        let mut next = self.wire.keys().next().map_or(u64::MAX, |key| key.0);
        next = next.min(self.plane.deadline().map_or(u64::MAX, |at| at.saturating_sub(self.begin.us)));
        for resident in self.residents.iter().filter(|resident| resident.is_awake(self.us)) {
            let client = &resident.client;
            next = next.min(self.us + (now.us_of(client.deadline) - now.us));
            for (kind, due) in [(Kind::Audio, client.due.0), (Kind::Video, client.due.1)] {
                if client.is_connected && client.sends(kind) {
                    next = next.min(due);
                }
            }
        }
        next
    }

    fn turn(&mut self) {
        let now = self.now();
        self.turns += 1;
        for place in 0..self.residents.len() {
            let resident = &mut self.residents[place];
            if resident.is_awake(self.us) && resident.client.perform(now.at, self.us) {
                self.drain(place, self.us);
            }
        }
        while let Some(entry) = self.wire.first_entry() {
            if entry.key().0 > self.us {
                break;
            }
            let flight = entry.remove();
            self.land(flight);
        }
        heap::inside(|| {
            self.plane.tick(now);
            self.plane.finish(now, &mut |_| now);
        });
        self.post();
        while heap::inside(|| self.plane.shake(now)) {
            self.post();
        }
        self.post();
        self.hear();
    }

    fn land(&mut self, flight: Flight) {
        let now = self.now();
        match flight.way {
            Way::ToServer => {
                let path = Path::udp(flight.client, Some(server().ip()));
                heap::inside(|| self.plane.receive(now, path, &flight.bytes));
            }
            Way::ToClient => {
                let Some(&place) = self.addresses.get(&flight.client) else { return };
                let resident = &mut self.residents[place];
                if resident.is_awake(self.us) && resident.client.outside == flight.client {
                    resident.client.take(now.at, &flight.bytes);
                    self.drain(place, flight.sent_us);
                }
            }
        }
    }

    /// Sends what a client wants to send, and shows the judge what it received.
    fn drain(&mut self, place: usize, sent_us: u64) {
        let (mut out, mut got) = (Vec::new(), Vec::new());
        let resident = &mut self.residents[place];
        resident.client.drain(&mut out, &mut got);
        if resident.client.is_connected && resident.connected_us.is_none() {
            resident.connected_us = Some(self.us);
        }
        let (peer, outside, conduct) = (resident.client.peer, resident.client.outside, resident.conduct);
        got.iter().for_each(|got| self.judge.opened((sent_us, self.us), peer, got));
        for bytes in out {
            let is_control = matches!(bytes[..], [128..=191, 192..=223, ..]);
            if conduct != Conduct::Deaf || !is_control {
                self.remember(&bytes);
                self.carry(Way::ToServer, outside, place, bytes);
            }
        }
    }

    fn remember(&mut self, bytes: &[u8]) {
        if self.remembered.len() < REMEMBERED {
            self.remembered.push(bytes.to_vec());
        } else {
            let at = self.dice.below(REMEMBERED as u64) as usize;
            self.remembered[at] = bytes.to_vec();
        }
    }

    fn carry(&mut self, way: Way, client: SocketAddr, place: usize, bytes: Vec<u8>) {
        let resident = &mut self.residents[place];
        let link = if way == Way::ToServer { &mut resident.up } else { &mut resident.down };
        let length = if matches!(bytes[..], [20..=63, ..]) { DTLS_BYTES } else { bytes.len() as u64 };
        for arrives in link.carry(self.us, length) {
            self.flights += 1;
            let flight = Flight { way, client, sent_us: self.us, bytes: bytes.clone() };
            self.wire.insert((arrives.max(self.us + 1), self.flights), flight);
        }
    }

    /// Empties the outbox onto the lines.
    fn post(&mut self) {
        let sent: Vec<(SocketAddr, Vec<u8>)> =
            self.plane.outbox.iter().map(|(path, bytes)| (path.remote.address, bytes.to_vec())).collect();
        self.plane.outbox.clear();
        let bytes: usize = sent.iter().map(|(_, bytes)| bytes.len()).sum();
        self.most_sent = self.most_sent.max(bytes);
        if bytes > OUTBOX_BYTES_MAX * self.residents.len() {
            self.judge.fault(self.us, &format!("{bytes} bytes leave in one turn"));
        }
        for (address, bytes) in sent {
            let Some(&place) = self.addresses.get(&address) else {
                // Who has copied authentic packets is asked who he is, and gets no more bytes than he sent.
                let came = self.forged.entry(address).or_default();
                let is_check = matches!(bytes[..], [0, 1, _, _, 0x21, 0x12, 0xa4, 0x42, ..]);
                if is_check && bytes.len() <= *came {
                    *came -= bytes.len();
                    continue;
                }
                self.judge.fault(self.us, &format!("{} bytes leave for a stranger, {address}", bytes.len()));
                continue;
            };
            self.judge.sealed(self.us, self.residents[place].client.peer, &bytes);
            self.carry(Way::ToClient, address, place, bytes);
        }
        let most = PEER_BYTES_MAX * (1 + self.residents.len() as isize);
        if heap::held() > most {
            self.judge.fault(self.us, &format!("the plane holds {} bytes", heap::held()));
        }
    }

    /// When all are gone nothing of them is left.
    pub fn is_empty(&mut self) {
        let totals = self.plane.totals();
        if (totals.peers, totals.routes) != (0, 0) || self.plane.deadline().is_some() {
            self.judge.fault(self.us, &format!("all are gone, and there is {totals:?}"));
        }
        // The lists have room for the largest turn of all, and some for each peer.
        let most = 2 * self.most_sent as isize + EMPTY_BYTES_MAX * (16 + self.residents.len() as isize);
        if heap::held() > most {
            self.judge.fault(self.us, &format!("all are gone, and the plane holds {} bytes", heap::held()));
        }
    }

    fn hear(&mut self) {
        let mut events = Vec::new();
        events.append(&mut self.plane.events);
        for event in events {
            if let Event::Down { peer, why } = event {
                let resident = &mut self.residents[self.places[&peer]];
                (resident.is_here, resident.end) = (false, Some(why));
                resident.asleep_us = self.us + AFTERLIFE_US;
                self.judge.gone(self.us, peer);
            }
        }
    }
}

impl Resident {
    fn is_awake(&self, us: u64) -> bool {
        self.conduct != Conduct::Vanished && us < self.asleep_us
    }

    /// Whether the scenario may count on it.
    pub fn is_present(&self) -> bool {
        self.is_here && self.conduct == Conduct::Honest
    }
}
