//! One run of one measurement: the server started, the clients brought in, time to settle, and what was counted.
//!
//! The same steps and the same yardsticks for every server; only how a client is let in differs.

use std::rc::Rc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::clock;
use crate::counting::{Common, Counting};
use crate::crowd::{Client, Crowd, Idle};
use crate::figures::{Figures, percentile};
use crate::janus::{Feed, Janus};
use crate::person::{Fault, Lines, Person, SOUNDS_PER_SECOND, Sends, broken};
use crate::process::{Cpu, cpu_of, resident_bytes};
use crate::sfu::{Counts, Ours, Plan};
use crate::udp::Reading;

/// Clients that connect at the same time: a set-up time is not that of a queue.
const CONNECTING_MAX: usize = 4;
/// A client that is not connected after this is given up, and with it the run.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// Janus lets a publisher be received a moment after its transport is up.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(1);
/// Lines that our plane takes from one client besides its own two.
const SLOTS_MAX: usize = 45;
/// Device pixels at which every receiver says that it shows every picture.
const SHOWN: (u16, u16) = (1_280, 720);

/// Who sends to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// One publisher in each room, all others receive.
    OneToMany,
    /// Everybody sends sound and pictures, and receives everybody's pictures and a few sounds.
    Meeting,
    /// Everybody sends sound and receives a few sounds.
    Audio,
}

/// How a measurement is set.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Who sends to whom.
    #[arg(long, value_enum, default_value = "one-to-many")]
    pub scene: Scene,
    /// Receivers in each room of one-to-many; participants in each room otherwise.
    #[arg(long, default_value_t = 200)]
    pub people: usize,
    /// Rooms with as many people each.
    #[arg(long, default_value_t = 1)]
    pub rooms: usize,
    /// Packets of pictures, 1,100 bytes each, that a publisher sends in a second (68 are 600 kb/s); 50 sounds besides.
    #[arg(long, default_value_t = 68)]
    pub rate: u32,
    /// Receivers of one-to-many, spread over the room, that open and measure what they receive; the others count.
    #[arg(long, default_value_t = 5)]
    pub checking: usize,
    /// Sounds that each participant of a meeting or an audio room receives.
    #[arg(long, default_value_t = 3)]
    pub sounds: usize,
    /// Seconds before the counting, for estimates to settle.
    #[arg(long, default_value_t = 8)]
    pub warm: u64,
    /// Seconds of counting.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Runs, each with a fresh server.
    #[arg(long, default_value_t = 3)]
    pub runs: usize,
    /// Lets the kernel hand a batch to a client as one (GRO), so that the load's core can take more.
    #[arg(long)]
    pub merged: bool,
    /// Lets the load sleep while nothing comes; on loopback the server is then charged for waking it.
    #[arg(long)]
    pub sleeping: bool,
    /// The server's core.
    #[arg(long, default_value_t = 0)]
    pub sfu_core: usize,
    /// The load's core.
    #[arg(long, default_value_t = 1)]
    pub load_core: usize,
    /// How our plane runs.
    #[command(flatten)]
    pub plan: Plan,
}

impl Settings {
    fn reading(&self) -> Reading {
        if self.merged { Reading::Merged } else { Reading::Single }
    }

    fn idle(&self) -> Idle {
        if self.sleeping { Idle::Sleeps } else { Idle::Looks }
    }

    /// Packets of pictures that each publisher sends in a second.
    pub fn picture_rate(&self) -> u32 {
        if self.scene == Scene::Audio { 0 } else { self.rate }
    }

    /// Packets a second that all receivers together ought to get.
    pub fn wished(&self) -> f64 {
        let others = self.people.saturating_sub(1);
        let sounds = (self.sounds.min(others) as u64 * SOUNDS_PER_SECOND) as f64;
        let each = match self.scene {
            Scene::OneToMany => f64::from(self.rate) + SOUNDS_PER_SECOND as f64,
            Scene::Meeting => others as f64 * f64::from(self.rate) + sounds,
            Scene::Audio => sounds,
        };
        each * (self.people * self.rooms) as f64
    }
}

/// A server that is measured.
pub enum Server {
    /// Our plane.
    Ours(Box<Ours>),
    /// Janus.
    Janus(Box<Janus>),
}

/// Which server to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// Our plane.
    Ours,
    /// Janus 1.1.2 of Debian.
    Janus,
}

impl Which {
    /// Its name in a table.
    pub fn name(self) -> &'static str {
        match self {
            Which::Ours => "ours",
            Which::Janus => "Janus",
        }
    }

    fn start(self, settings: &Settings) -> Result<Server, Fault> {
        Ok(match self {
            Which::Ours => Server::Ours(Box::new(Ours::start(settings.sfu_core, settings.plan)?)),
            Which::Janus => Server::Janus(Box::new(Janus::start(settings.sfu_core, settings.people + 1)?)),
        })
    }
}

impl Server {
    /// Its process.
    pub fn pid(&self) -> u32 {
        match self {
            Server::Ours(ours) => ours.pid(),
            Server::Janus(janus) => janus.pid(),
        }
    }

    /// The counters that only our plane has.
    ///
    /// # Errors
    /// The plane is gone.
    pub fn count(&mut self) -> Result<Option<Counts>, Fault> {
        match self {
            Server::Ours(ours) => ours.count().map(Some),
            Server::Janus(_) => Ok(None),
        }
    }
}

/// One run on its way.
pub struct Run<'a> {
    /// What the next scene is made by.
    pub settings: &'a Settings,
    /// What is measured.
    pub server: Server,
    /// Who measures it.
    pub crowd: Crowd,
    common: Rc<Common>,
    /// Places of the clients that receive.
    receivers: Vec<usize>,
}

/// What is read before and after the counting.
struct Glance {
    cpu: Cpu,
    load: Cpu,
    counts: Option<Counts>,
    published: u64,
    seconds: f64,
}

/// Runs a measurement once, with a fresh server.
///
/// # Errors
/// The server does not start, or a client fails.
pub fn run(which: Which, settings: &Settings) -> Result<Figures, Fault> {
    let mut run = Run::new(which, settings)?;
    let empty = (resident_bytes(run.server.pid())?, run.server.count()?);
    for room in 1..=settings.rooms as u64 {
        if let Server::Janus(janus) = &mut run.server {
            janus.room(room)?;
        }
        match settings.scene {
            Scene::OneToMany => drop(run.one_to_many(room)?),
            Scene::Meeting | Scene::Audio => run.gather(room)?,
        }
    }
    run.settle()?;
    run.crowd.work(Duration::from_secs(settings.warm))?;
    let mut figures = run.count()?;
    run.memory(empty, &mut figures)?;
    Ok(figures)
}

impl<'a> Run<'a> {
    /// Starts the server; nobody is there yet.
    ///
    /// # Errors
    /// The server does not start.
    pub fn new(which: Which, settings: &'a Settings) -> Result<Run<'a>, Fault> {
        let (server, common) = (which.start(settings)?, Rc::new(Common::make()?));
        Ok(Run { settings, server, crowd: Crowd::new(settings.idle())?, common, receivers: Vec::new() })
    }

    /// Lets clients connect until only `left` of them are not connected.
    fn connect(&mut self, left: usize) -> Result<(), Fault> {
        let done = self.crowd.work_until(CONNECT_WITHIN, |clients| {
            clients.iter().rev().take(64).filter(|client| !client.is_connected()).count() <= left
        })?;
        if done { Ok(()) } else { Err("a client did not connect".into()) }
    }

    /// Waits until the publishers are connected and can be received.
    fn announce(&mut self) -> Result<(), Fault> {
        self.connect(0)?;
        match self.server {
            Server::Ours(_) => Ok(()),
            Server::Janus(_) => self.crowd.work(ANNOUNCED_WITHIN),
        }
    }

    /// Waits until every receiver has its first packet.
    ///
    /// # Errors
    /// One did not get it.
    pub fn settle(&mut self) -> Result<(), Fault> {
        let receivers = self.receivers.clone();
        let is_served = |clients: &[crate::crowd::Client], place: &usize| clients[*place].set_up().is_some();
        let done = self
            .crowd
            .work_until(CONNECT_WITHIN, |clients| receivers.iter().all(|place| is_served(clients, place)))?;
        let late = receivers.iter().filter(|place| !is_served(&self.crowd.clients, place)).count();
        if done { Ok(()) } else { Err(broken(&format!("{late} receivers got nothing"))) }
    }

    /// A room in which one sends; what it is for those that come later.
    ///
    /// # Errors
    /// A client was refused or did not connect.
    pub fn one_to_many(&mut self, room: u64) -> Result<Feed, Fault> {
        let mut publisher = Person::new(self.settings.reading())?;
        let lines =
            Lines { sends: Sends::Media { rate: self.settings.picture_rate() }, sounds: 0, pictures: 0 };
        let feed = self.publish(room, &mut publisher, lines)?;
        self.add_publisher(publisher)?;
        self.announce()?;
        let people = self.settings.people;
        // The clients that measure are spread over the room: the first to come may be the first to be served.
        let step = (people / self.settings.checking.max(1)).max(1);
        for number in 0..people {
            let measures = self.settings.checking > 0 && number % step == step / 2;
            let client = if measures { self.checking(room, &feed)? } else { self.counting(room, &feed)?.0 };
            let place = self.crowd.add(client)?;
            self.receivers.push(place);
            self.connect(CONNECTING_MAX - 1)?;
        }
        self.connect(0)?;
        Ok(feed)
    }

    /// Brings a client in that sends; what it is for the others.
    fn publish(&mut self, room: u64, person: &mut Person, lines: Lines) -> Result<Feed, Fault> {
        let offer = person.offer(lines)?;
        let (sound, picture) = person.sending_mids().ok_or("a publisher that sends nothing")?;
        let (id, answer) = match &mut self.server {
            Server::Ours(ours) => ours.connect(room, offer)?,
            Server::Janus(janus) => janus.publish(room, &offer)?,
        };
        person.accept(&answer)?;
        Ok(Feed { id, sound, picture })
    }

    fn add_publisher(&mut self, person: Person) -> Result<usize, Fault> {
        let place = self.crowd.add(Client::Person(Box::new(person)))?;
        // A prime number of milliseconds apart, so that publishers do not send in step.
        self.crowd.let_send(place, Duration::from_millis(place as u64 * 7 % 33));
        Ok(place)
    }

    /// A receiver of one publisher that opens what it gets.
    fn checking(&mut self, room: u64, feed: &Feed) -> Result<Client, Fault> {
        let mut person = Person::new(self.settings.reading())?;
        match &mut self.server {
            Server::Ours(ours) => {
                let pictures = usize::from(feed.picture.is_some());
                let offer = person.offer(Lines { sends: Sends::Nothing, sounds: 1, pictures })?;
                let (peer, answer) = ours.connect(room, offer)?;
                person.accept(&answer)?;
                ours.open(&[feed.id], &[peer])?;
                ours.view(peer, SHOWN)?;
            }
            Server::Janus(janus) => {
                let (handle, offer) = janus.subscribe(room, &lines_of(feed))?;
                janus.begin(handle, &person.answer(&offer)?)?;
            }
        }
        Ok(Client::Person(Box::new(person)))
    }

    /// A receiver of one publisher that counts what it gets, and its name with the server.
    ///
    /// # Errors
    /// The server refuses.
    pub fn counting(&mut self, room: u64, feed: &Feed) -> Result<(Client, u64), Fault> {
        let number = self.crowd.clients.len();
        let mut counting = Counting::new(self.common.clone(), number, self.settings.reading())?;
        let name = match &mut self.server {
            Server::Ours(ours) => {
                let (peer, answer) = ours.connect(room, counting.offer())?;
                counting.accept(&answer)?;
                ours.open(&[feed.id], &[peer])?;
                ours.view(peer, SHOWN)?;
                peer
            }
            Server::Janus(janus) => {
                let (handle, offer) = janus.subscribe(room, &lines_of(feed))?;
                let answer = counting.answer(&offer)?;
                janus.begin(handle, &answer)?;
                handle
            }
        };
        Ok((Client::Counting(Box::new(counting)), name))
    }

    /// A room in which everybody sends.
    ///
    /// # Errors
    /// A client was refused or did not connect.
    pub fn gather(&mut self, room: u64) -> Result<(), Fault> {
        let others = self.settings.people.saturating_sub(1);
        let sounds = self.settings.sounds.min(others);
        let pictures = if self.settings.scene == Scene::Audio { 0 } else { others };
        let is_ours = matches!(self.server, Server::Ours(_));
        if is_ours && sounds + pictures > SLOTS_MAX {
            return Err(broken(&format!("a client has at most {SLOTS_MAX} receiving lines")));
        }
        let sends = Sends::Media { rate: self.settings.picture_rate() };
        let mut feeds = Vec::new();
        for _ in 0..self.settings.people {
            let mut person = Person::new(self.settings.reading())?;
            let lines = if is_ours { (sounds, pictures) } else { (0, 0) };
            let lines = Lines { sends, sounds: lines.0, pictures: lines.1 };
            feeds.push(self.publish(room, &mut person, lines)?);
            let place = self.add_publisher(person)?;
            if is_ours {
                self.receivers.push(place);
            }
            self.connect(CONNECTING_MAX - 1)?;
        }
        self.announce()?;
        match &mut self.server {
            Server::Ours(ours) => {
                let all: Vec<u64> = feeds.iter().map(|feed| feed.id).collect();
                all.iter().try_for_each(|peer| ours.view(*peer, SHOWN))?;
                ours.open(&all, &all)
            }
            Server::Janus(_) => self.subscribe_all(room, &feeds, sounds),
        }
    }

    /// With Janus a participant receives over a second connection.
    fn subscribe_all(&mut self, room: u64, feeds: &[Feed], sounds: usize) -> Result<(), Fault> {
        for me in feeds {
            let others = feeds.iter().filter(|feed| feed.id != me.id);
            let mut lines: Vec<(u64, String)> =
                others.clone().take(sounds).map(|feed| (feed.id, feed.sound.clone())).collect();
            lines.extend(others.filter_map(|feed| Some((feed.id, feed.picture.clone()?))));
            let Server::Janus(janus) = &mut self.server else { return Ok(()) };
            let mut person = Person::new(self.settings.reading())?;
            let (handle, offer) = janus.subscribe(room, &lines)?;
            janus.begin(handle, &person.answer(&offer)?)?;
            let place = self.crowd.add(Client::Person(Box::new(person)))?;
            self.receivers.push(place);
            self.connect(CONNECTING_MAX - 1)?;
        }
        self.connect(0)
    }

    fn glance(&mut self) -> Result<Glance, Fault> {
        let (cpu, load) = (cpu_of(self.server.pid())?, cpu_of(std::process::id())?);
        let published =
            self.crowd.clients.iter_mut().filter_map(|client| Some(client.person()?.published())).sum();
        Ok(Glance { cpu, load, counts: None, published, seconds: 0.0 })
    }

    /// The counting itself.
    fn count(&mut self) -> Result<Figures, Fault> {
        let mut set_ups: Vec<u64> =
            self.receivers.iter().filter_map(|place| self.set_up_us(*place)).collect();
        // What the questions themselves cost stays outside.
        let counts = self.server.count()?;
        let mut before = self.glance()?;
        before.counts = counts;
        self.crowd.clients.iter_mut().for_each(|client| client.tally_mut().begin());
        let start = clock::instant();
        self.crowd.work(Duration::from_secs(self.settings.seconds))?;
        let mut after = self.glance()?;
        after.seconds = clock::instant().saturating_duration_since(start).as_secs_f64();
        after.counts = self.server.count()?;
        let mut delays = Vec::new();
        let (mut got, mut sent) = (0, 0);
        let mut each: Vec<u64> = Vec::new();
        for place in &self.receivers {
            let tally = self.crowd.clients[*place].tally_mut();
            let counted = tally.got_and_sent();
            (got, sent) = (got + counted.0, sent + counted.1);
            each.push(counted.1);
            delays.append(&mut tally.delays_ns);
        }
        let mut figures = Figures::default();
        self.rates((got as f64, sent as f64), (&before, &after), &mut figures);
        for (name, share) in [
            ("delay p50, ms", 0.5),
            ("delay p95, ms", 0.95),
            ("delay p99, ms", 0.99),
            ("delay most, ms", 1.0),
        ] {
            figures.put(name, percentile(&mut delays, share) / 1e6);
        }
        figures.put("packets/s to the least receiver", percentile(&mut each, 0.0) / after.seconds);
        figures.put("packets whose delay was read", delays.len() as f64);
        figures.put("set-up to first packet p50, ms", percentile(&mut set_ups, 0.5) / 1e3);
        figures.put("set-up to first packet p95, ms", percentile(&mut set_ups, 0.95) / 1e3);
        Ok(figures)
    }

    fn set_up_us(&self, place: usize) -> Option<u64> {
        // In a meeting the way is opened when all are there: only one-to-many has a set-up of one client.
        let set_up =
            self.crowd.clients[place].set_up().filter(|_| self.settings.scene == Scene::OneToMany)?;
        Some(set_up.as_micros() as u64)
    }

    /// Packets and processor time.
    fn rates(&self, (got, sent): (f64, f64), (before, after): (&Glance, &Glance), figures: &mut Figures) {
        let wished = self.settings.wished() * after.seconds;
        let (user, kernel) = after.cpu.since(before.cpu);
        let (load_user, load_kernel) = after.load.since(before.load);
        let wall = after.seconds * 1e9;
        figures.put("published packets/s", (after.published - before.published) as f64 / after.seconds);
        figures.put("forwarded packets/s", sent / after.seconds);
        figures.put("of the wished, %", 100.0 * sent / wished);
        figures.put("lost on the way, %", 100.0 * (sent - got) / sent.max(1.0));
        figures.put("CPU a packet, µs", (user + kernel) / sent.max(1.0) / 1e3);
        figures.put("– in user code, µs", user / sent.max(1.0) / 1e3);
        figures.put("– in the kernel, µs", kernel / sent.max(1.0) / 1e3);
        figures.put("server's core, %", 100.0 * (user + kernel) / wall);
        figures.put("packets/s of a whole core", sent / ((user + kernel) / 1e9).max(1e-9));
        figures.put("load's core, %", 100.0 * (load_user + load_kernel) / wall);
        if let (Some(before), Some(after)) = (before.counts, after.counts) {
            own_counts(&before, &after, sent, figures);
        }
    }

    /// What each person costs in memory, over that of the empty server; with Janus one in a meeting has two connections.
    fn memory(&mut self, empty: (u64, Option<Counts>), figures: &mut Figures) -> Result<(), Fault> {
        let resident = resident_bytes(self.server.pid())?.saturating_sub(empty.0) as f64;
        let publishers = if self.settings.scene == Scene::OneToMany { self.settings.rooms } else { 0 };
        let peers = (self.settings.people * self.settings.rooms + publishers) as f64;
        figures.put("resident memory a person, KB", resident / peers / 1e3);
        if let (Some(before), Some(after)) = (empty.1, self.server.count()?) {
            let heap = after.heap_bytes.saturating_sub(before.heap_bytes) as f64;
            figures.put("heap a person, KB", heap / peers / 1e3);
        }
        Ok(())
    }
}

/// What only our plane tells.
fn own_counts(before: &Counts, after: &Counts, sent: f64, figures: &mut Figures) {
    let allocations = after.allocations.saturating_sub(before.allocations_with_answer) as f64;
    let since = |of: fn(&Counts) -> u64| of(after).saturating_sub(of(before)) as f64;
    figures.put("allocations a packet", allocations / sent.max(1.0));
    figures.put("estimate of the middle receiver, kb/s", after.estimate_bps as f64 / 1e3);
    figures.put("estimate of the least receiver, kb/s", after.estimate_least_bps as f64 / 1e3);
    figures.put("packets of padding", since(|counts| counts.padding));
    figures.put("packets that pacers dropped", since(|counts| counts.pacer_dropped));
    figures.put("RTP sent by its own count", since(|counts| counts.rtp_sent));
    figures.put("datagrams refused by the kernel", since(|counts| counts.send_errors));
    figures.put("packets asked for again", since(|counts| counts.nacks));
    figures.put("packets refused by the plane", after.refused as f64);
    figures.put("peers lost", after.downs as f64);
}

/// Both lines of a publisher.
fn lines_of(feed: &Feed) -> Vec<(u64, String)> {
    let pictures = feed.picture.iter().map(|mid| (feed.id, mid.clone()));
    std::iter::once((feed.id, feed.sound.clone())).chain(pictures).collect()
}
