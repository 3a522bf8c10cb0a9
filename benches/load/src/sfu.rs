//! Our plane as a process of its own, driven by lines of JSON on its standard input, answered on its standard output.
//!
//! `load` starts it and pins it to the server's core; both sides of the talk are in this file. Knows nothing of load.

use std::collections::HashMap;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Write};
use std::pin::pin;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use clap::Args;
use media::{Event, Kind, MediaConfig, MediaHandle, PeerId, RoomId, Sending, SlotInfo, View, start};
use serde::{Deserialize, Serialize};

use crate::alloc::heap;
use crate::person::{Fault, broken};
use crate::process;

/// More peers than any measurement has.
const PEERS_MAX: usize = 20_000;

/// What the load asks of the plane.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Answer an offer.
    Connect {
        /// Whose routes stay among themselves.
        room: u64,
        /// SDP.
        offer: String,
    },
    /// Open ways from each of these to each of those; nobody hears himself.
    Open {
        /// Publishers.
        from: Vec<u64>,
        /// Receivers.
        to: Vec<u64>,
    },
    /// End a peer's connection.
    Remove {
        /// The peer.
        peer: u64,
    },
    /// Every picture is shown at this size.
    View {
        /// The receiver.
        to: u64,
        /// Device pixels.
        width: u16,
        /// Device pixels.
        height: u16,
    },
    /// Count.
    Count,
}

/// What the plane answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Say {
    /// It listens.
    Ready,
    /// The answer to an offer.
    Connected {
        /// The peer's name from now on.
        peer: u64,
        /// SDP.
        answer: String,
    },
    /// It is done.
    Done,
    /// It can't be done.
    Failed(String),
    /// The counters.
    Counted(Counts),
}

/// Counters of the plane and of its process.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Peers whose transport is up.
    pub peers_up: u64,
    /// Peers that were lost.
    pub downs: u64,
    /// RTP packets sent.
    pub rtp_sent: u64,
    /// Datagrams that the kernel did not take.
    pub send_errors: u64,
    /// Packets from peers that were not authentic or had no place.
    pub refused: u64,
    /// Packets that peers asked for again.
    pub nacks: u64,
    /// Bytes on the heap.
    pub heap_bytes: u64,
    /// Allocations from the start to this question.
    pub allocations: u64,
    /// Allocations from the start to this answer, which takes some itself.
    pub allocations_with_answer: u64,
    /// The middle peer's estimate of its path, in bits a second, of those that receive.
    pub estimate_bps: u64,
    /// The least estimate.
    pub estimate_least_bps: u64,
    /// Packets that pacers could not hold.
    pub pacer_dropped: u64,
    /// Packets of padding.
    pub padding: u64,
}

/// Waits for a future without a runtime.
fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// The plane's side.
struct House {
    media: MediaHandle,
    slots: HashMap<u64, Vec<SlotInfo>>,
    downs: Arc<AtomicU64>,
}

/// How the plane runs.
#[derive(Args, Clone, Copy, Debug)]
pub struct Plan {
    /// Media threads of our plane, all on the server's core.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Our plane sends datagrams one by one, without UDP_SEGMENT.
    #[arg(long)]
    pub plain: bool,
}

/// Runs the plane until standard input ends.
///
/// # Errors
/// The plane does not start, or the other side is gone.
pub fn serve(core: usize, plan: Plan) -> Result<(), Fault> {
    process::pin(core);
    let downs = Arc::new(AtomicU64::new(0));
    let lost = downs.clone();
    let config = MediaConfig {
        bind: "127.0.0.1:0".parse()?,
        advertise: Vec::new(),
        advertise_tcp: Vec::new(),
        relay: None,
        silence_max: Duration::from_secs(15),
        peers_max: PEERS_MAX,
        threads: plan.threads,
        sending: if plan.plain { Sending::Plain } else { Sending::Segmented },
    };
    let media = start(config, move |event| {
        lost.fetch_add(u64::from(matches!(event, Event::Down { .. })), Ordering::Relaxed);
    })?;
    let mut house = House { media, slots: HashMap::new(), downs };
    let mut out = io::stdout().lock();
    say(&mut out, &Say::Ready)?;
    for line in io::stdin().lock().lines() {
        let answer = house.answer(serde_json::from_str(&line?)?);
        say(&mut out, &answer.unwrap_or_else(|fault| Say::Failed(fault.to_string())))?;
    }
    house.media.stop();
    Ok(())
}

fn say(out: &mut impl Write, what: &Say) -> Result<(), Fault> {
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    Ok(out.flush()?)
}

impl House {
    fn answer(&mut self, ask: Ask) -> Result<Say, Fault> {
        match ask {
            Ask::Connect { room, offer } => {
                let connected = wait(self.media.connect(RoomId(room), offer))?;
                self.slots.insert(connected.peer.0, connected.slots);
                Ok(Say::Connected { peer: connected.peer.0, answer: connected.answer })
            }
            Ask::Open { from, to } => {
                for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to))) {
                    if from != to {
                        self.patiently(|media| media.open(PeerId(from), PeerId(to)).is_ok());
                    }
                }
                Ok(Say::Done)
            }
            Ask::Remove { peer } => {
                self.slots.remove(&peer);
                self.patiently(|media| media.remove(PeerId(peer)).is_ok());
                Ok(Say::Done)
            }
            Ask::View { to, width, height } => {
                let slots = self.slots.get(&to).ok_or("no such peer")?;
                let pictures = slots.iter().filter(|slot| slot.kind == Kind::Video);
                let views: Vec<View> =
                    pictures.map(|slot| View { mid: slot.mid.clone(), width, height }).collect();
                self.patiently(|media| media.view(PeerId(to), views.clone()).is_ok());
                Ok(Say::Done)
            }
            Ask::Count => {
                let (heap_bytes, allocations) = heap();
                let totals = wait(self.media.totals()).ok_or("the plane does not answer")?;
                let reports: Vec<_> =
                    wait(self.media.reports()).into_iter().map(|(_, report)| report).collect();
                let receivers = reports.iter().filter(|report| report.wanted_bps > 0);
                let mut estimates: Vec<u64> = receivers.map(|report| report.estimate_bps).collect();
                estimates.sort_unstable();
                Ok(Say::Counted(Counts {
                    peers_up: totals.peers_up as u64,
                    downs: self.downs.load(Ordering::Relaxed),
                    rtp_sent: totals.rtp_sent,
                    send_errors: totals.send_errors,
                    refused: reports.iter().map(|report| report.refused).sum(),
                    nacks: reports.iter().map(|report| report.nacks_received).sum(),
                    heap_bytes,
                    allocations,
                    estimate_bps: estimates.get(estimates.len() / 2).copied().unwrap_or(0),
                    estimate_least_bps: estimates.first().copied().unwrap_or(0),
                    pacer_dropped: reports.iter().map(|report| report.pacer_dropped).sum(),
                    padding: reports.iter().map(|report| report.padding_sent).sum(),
                    allocations_with_answer: heap().1,
                }))
            }
        }
    }

    /// Repeats a command while the mailbox is full.
    fn patiently(&self, command: impl Fn(&MediaHandle) -> bool) {
        while !command(&self.media) {
            std::thread::yield_now();
        }
    }
}

/// The load's side: the process of the plane.
pub struct Ours {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Ours {
    /// Starts this program once more, as the plane.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(core: usize, plan: Plan) -> Result<Ours, Fault> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["sfu", "--core", &core.to_string(), "--threads", &plan.threads.to_string()])
            .args(plan.plain.then_some("--plain"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (to, from) = (child.stdin.take().ok_or("no pipe")?, child.stdout.take().ok_or("no pipe")?);
        let mut ours = Ours { child, to, from: BufReader::new(from) };
        match ours.hear()? {
            Say::Ready => Ok(ours),
            other => Err(broken(&format!("the plane began with {other:?}"))),
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn hear(&mut self) -> Result<Say, Fault> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    fn ask(&mut self, ask: &Ask) -> Result<Say, Fault> {
        writeln!(self.to, "{}", serde_json::to_string(ask)?)?;
        self.to.flush()?;
        match self.hear()? {
            Say::Failed(why) => Err(why.into()),
            answer => Ok(answer),
        }
    }

    /// Has an offer answered; returns the peer and the answer.
    ///
    /// # Errors
    /// The plane refuses.
    pub fn connect(&mut self, room: u64, offer: String) -> Result<(u64, String), Fault> {
        match self.ask(&Ask::Connect { room, offer })? {
            Say::Connected { peer, answer } => Ok((peer, answer)),
            other => Err(broken(&format!("the plane answered {other:?}"))),
        }
    }

    /// Opens ways.
    ///
    /// # Errors
    /// The plane is gone.
    pub fn open(&mut self, from: &[u64], to: &[u64]) -> Result<(), Fault> {
        self.ask(&Ask::Open { from: from.to_vec(), to: to.to_vec() }).map(drop)
    }

    /// Ends a peer's connection.
    ///
    /// # Errors
    /// The plane is gone.
    pub fn remove(&mut self, peer: u64) -> Result<(), Fault> {
        self.ask(&Ask::Remove { peer }).map(drop)
    }

    /// Says how large a receiver shows its pictures.
    ///
    /// # Errors
    /// The plane is gone.
    pub fn view(&mut self, to: u64, size: (u16, u16)) -> Result<(), Fault> {
        self.ask(&Ask::View { to, width: size.0, height: size.1 }).map(drop)
    }

    /// Reads the counters.
    ///
    /// # Errors
    /// The plane is gone.
    pub fn count(&mut self) -> Result<Counts, Fault> {
        match self.ask(&Ask::Count)? {
            Say::Counted(counts) => Ok(counts),
            other => Err(broken(&format!("the plane answered {other:?}"))),
        }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        // A plane that is measured keeps nothing: it need not be asked to leave.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
