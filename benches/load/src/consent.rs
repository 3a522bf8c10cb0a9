//! Ten thousand calls in which everybody says what he may not: does a chamber whose client really sends ever reach anybody
//! before its own seat has agreed?
//!
//! Seats come in pairs. The first of a pair rings the second, whose voice goes up to the server all the time. While it
//! rings, caller and a stranger accept in its name, accept old calls again, take the call over, and hand it on; the chamber
//! itself says what is no accept. Then the call is declined, given up, missed by hanging up, or one in five times accepted,
//! to see that the counting counts. What a caller receives outside an accepted call is counted.
//!
//! Some chambers let their caller in by themselves (auto-answer). They say that they have frosted a picture and send a voice
//! all the same: until the countdown is over nothing of it may arrive, and what is declined, given up or withdrawn by leaving
//! the chamber in the middle of it is never heard.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use crate::clock;
use crate::crowd::{Crowd, Idle};
use crate::guests::lines;
use crate::person::{Fault, Lines, Sends, broken};
use crate::seats::{Seat, open_all};

/// A ring lasts so long: ten packets of the chamber's voice.
const RINGS: Duration = Duration::from_millis(200);
/// An accepted call lasts so long.
const TALKS: Duration = Duration::from_millis(200);
/// What was on its way at the end has come by then.
const DRAINS: Duration = Duration::from_millis(100);
/// Between two calls of a pair: a seat may say five messages a second.
const PAUSES: Duration = Duration::from_millis(700);
/// A step that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Every fifth call is accepted.
const ACCEPTED_OF: usize = 5;
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How many, and where.
#[derive(Args, Clone, Copy, Debug)]
pub struct Consent {
    /// The server's plain HTTP.
    #[arg(long)]
    pub server: SocketAddr,
    /// Calls.
    #[arg(long, default_value_t = 10_000)]
    pub calls: usize,
    /// So many chambers, the first ones, must be found to let their callers in by themselves.
    #[arg(long, default_value_t = 0)]
    pub standing: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Pauses,
    /// The ring was said; the chamber has not heard it.
    Asks,
    Rings,
    /// It will be answered by itself; nobody says anything.
    CountsDown,
    /// The accept was said, or the countdown is over.
    Accepts,
    Talks,
    /// The end was said.
    Ends,
    Drains,
}

struct Pair {
    caller: Seat,
    chamber: Seat,
    stage: Stage,
    until: Instant,
    call: Value,
    last: Value,
    number: usize,
    /// What the caller had received when he last may.
    received: u64,
    /// When the server will answer this ring by itself, if it does.
    opens: Option<Instant>,
}

/// What was counted.
#[derive(Default)]
struct Count {
    begun: usize,
    calls: usize,
    accepted: usize,
    counted_down: usize,
    opened: usize,
    heard_when_accepted: usize,
    refused: usize,
    unconsented: u64,
}

impl Pair {
    fn become_so(&mut self, stage: Stage, time: Duration) {
        (self.stage, self.until) = (stage, clock::instant() + time);
    }

    fn received(&self, crowd: &Crowd) -> u64 {
        crowd.clients[self.caller.place].tally().got_and_sent().0
    }

    /// Everything but the chamber's own accept.
    fn forge(&mut self, stranger: &mut Seat) {
        let (call, last) = (&self.call, &self.last);
        match self.number % 3 {
            0 => self.caller.says(json!({ "type": "accept_ring", "call": call })),
            1 => self.caller.says(json!({ "type": "take_call", "call": call })),
            _ => self.caller.says(json!({ "type": "resume_call", "call": call })),
        }
        match self.number % 4 {
            0 => stranger.says(json!({ "type": "accept_ring", "call": call })),
            1 => stranger.says(json!({ "type": "take_call", "call": call })),
            2 => stranger.says(json!({ "type": "hand_over", "call": call, "post": stranger.post })),
            _ => stranger.says(json!({ "type": "add_to_call", "call": call, "posts": [stranger.post] })),
        }
        if self.opens.is_some() {
            self.chamber.says(json!({ "type": "frosted", "call": call }));
            self.caller.says(json!({ "type": "frosted", "call": call }));
            return;
        }
        match self.number % 2 {
            0 => self.chamber.says(json!({ "type": "take_call", "call": call })),
            // A call that is long over: said again, word for word.
            _ => self.chamber.says(json!({ "type": "accept_ring", "call": last })),
        }
    }

    fn heard(&mut self, kind: &str) -> Option<Value> {
        let found = self.chamber.heard.iter().position(|message| message["type"] == kind)?;
        Some(self.chamber.heard.remove(found))
    }

    /// The caller was told this state of the call.
    fn is_told(&self, fits: impl Fn(&str) -> bool) -> bool {
        let of = |message: &&Value| message["type"] == "call" && message["call"] == self.call;
        let state = |message: &Value| message["state"].as_str().is_some_and(&fits);
        self.caller.heard.iter().filter(of).any(state)
    }

    fn step(
        &mut self,
        crowd: &Crowd,
        stranger: &mut Seat,
        (wish, count): (&Consent, &mut Count),
    ) -> Result<(), Fault> {
        self.caller.listen()?;
        self.chamber.listen()?;
        let (now, received) = (clock::instant(), self.received(crowd));
        if !matches!(self.stage, Stage::Accepts | Stage::Talks | Stage::Ends | Stage::Drains) {
            count.unconsented += received - self.received;
            self.received = received;
        }
        let is_due = now >= self.until;
        match self.stage {
            Stage::Pauses if is_due && count.begun < wish.calls => {
                count.begun += 1;
                self.number = count.begun;
                count.refused += [&self.caller, &self.chamber]
                    .into_iter()
                    .flat_map(|seat| &seat.heard)
                    .filter(|message| message["type"] == "error")
                    .count();
                self.caller.heard.clear();
                self.chamber.heard.clear();
                self.caller.says(json!({ "type": "ring", "posts": [self.chamber.post] }));
                self.become_so(Stage::Asks, PATIENCE);
            }
            Stage::Asks => {
                if let Some(incoming) = self.heard("incoming") {
                    let opens = incoming["opens_in_ms"].as_u64();
                    self.opens = opens.map(|ms| now + Duration::from_millis(ms));
                    count.counted_down += usize::from(opens.is_some());
                    self.last = std::mem::replace(&mut self.call, incoming["call"].clone());
                    self.forge(stranger);
                    self.become_so(Stage::Rings, RINGS);
                }
            }
            Stage::Rings if is_due => self.answer(count),
            // Consent begins at the end, which the server sees a little later.
            Stage::CountsDown if is_due => self.become_so(Stage::Accepts, PATIENCE),
            Stage::Accepts if self.is_told(|state| state == "accepted") => {
                self.become_so(Stage::Talks, TALKS)
            }
            Stage::Talks if is_due => {
                count.heard_when_accepted += usize::from(received > self.received);
                self.chamber.says(json!({ "type": "hang_up", "call": self.call }));
                self.become_so(Stage::Ends, PATIENCE);
            }
            Stage::Ends if self.is_told(|state| !matches!(state, "ringing" | "accepted")) => {
                self.become_so(Stage::Drains, DRAINS);
            }
            Stage::Drains if is_due => {
                count.calls += 1;
                self.received = received;
                self.become_so(Stage::Pauses, PAUSES);
            }
            _ => {}
        }
        let must_end = matches!(self.stage, Stage::Asks | Stage::Accepts | Stage::Ends);
        if must_end && clock::instant() > self.until {
            let heard = (&self.caller.heard, &self.chamber.heard);
            return Err(broken(&format!("{} stays {:?}: {heard:?}", self.chamber.post, self.stage)));
        }
        Ok(())
    }

    fn answer(&mut self, count: &mut Count) {
        let call = self.call.clone();
        match (self.number % ACCEPTED_OF, self.opens) {
            (0, Some(opens)) => {
                count.accepted += 1;
                count.opened += 1;
                self.become_so(Stage::CountsDown, Duration::ZERO);
                self.until = opens;
            }
            (3, Some(_)) => {
                for presence in ["away", "available"] {
                    self.chamber.says(json!({ "type": "set_presence", "presence": presence }));
                }
                self.caller.says(json!({ "type": "hang_up", "call": call }));
                self.until_over();
            }
            (0, None) => {
                count.accepted += 1;
                self.chamber.says(json!({ "type": "accept_ring", "call": call }));
                self.become_so(Stage::Accepts, PATIENCE);
            }
            (1 | 2, _) => {
                self.chamber.says(json!({ "type": "decline_ring", "call": call, "reason": "busy" }));
                self.until_over();
            }
            _ => {
                self.caller.says(json!({ "type": "hang_up", "call": call }));
                self.until_over();
            }
        }
    }

    /// Nobody has agreed, so that also what comes while it ends is counted.
    fn until_over(&mut self) {
        self.become_so(Stage::Pauses, PAUSES);
    }
}

/// Makes the calls and prints what was counted.
///
/// # Errors
/// A seat that is refused, or a call that stays.
pub fn run(wish: Consent, mut print: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let input = lines();
    let mut told = Vec::new();
    while let Some(line) = input.recv().ok().filter(|line| !line.is_empty()) {
        told.push(line);
    }
    let mut crowd = Crowd::new(Idle::Sleeps)?;
    let sends = Lines { sends: Sends::Media { rate: 0 }, sounds: 3, pictures: 0 };
    let seats = open_all(&told, wish.server, (sends, &mut crowd))?;
    for seat in &seats {
        crowd.let_send(seat.place, Duration::from_millis(seat.place as u64 % 20));
    }
    let mut pairs = pairs_of(seats)?;
    let (mut count, mut done) = (Count::default(), false);
    while !done {
        crowd.work(LOOK_EVERY)?;
        for n in 0..pairs.len() {
            // The stranger of a pair is the chamber of the next.
            let (before, from) = pairs.split_at_mut(n);
            let Some((pair, after)) = from.split_first_mut() else { continue };
            let Some(other) = after.first_mut().or(before.first_mut()) else { continue };
            pair.step(&crowd, &mut other.chamber, (&wish, &mut count))?;
        }
        done = count.begun >= wish.calls
            && pairs.iter().all(|pair| pair.stage == Stage::Pauses && clock::instant() >= pair.until);
    }
    let sent: u64 = pairs
        .iter_mut()
        .filter_map(|pair| crowd.clients[pair.chamber.place].person().map(|p| p.published()))
        .sum();
    print(&format!(
        "{} calls, {} of them accepted and heard in {}; {} were counted down and {} of these opened by themselves; {} messages refused; packets that chambers sent up: {sent}; \
         packets that reached a caller without consent: {}",
        count.begun,
        count.accepted,
        count.heard_when_accepted,
        count.counted_down,
        count.opened,
        count.refused,
        count.unconsented
    ))?;
    if wish.standing > 0 && count.opened == 0 {
        return Err(broken("no chamber has let its caller in by itself"));
    }
    if count.unconsented > 0 { Err(broken("a chamber was heard without consent")) } else { Ok(()) }
}

fn pairs_of(seats: Vec<Seat>) -> Result<Vec<Pair>, Fault> {
    let mut pairs = Vec::new();
    let mut seats = seats.into_iter();
    while let (Some(caller), Some(chamber)) = (seats.next(), seats.next()) {
        let (call, last) = (json!("c0"), json!("c0"));
        let until = clock::instant();
        pairs.push(Pair {
            caller,
            chamber,
            stage: Stage::Pauses,
            until,
            call,
            last,
            number: 0,
            received: 0,
            opens: None,
        });
    }
    if pairs.len() < 2 { Err("at least two pairs of seats".into()) } else { Ok(pairs) }
}
