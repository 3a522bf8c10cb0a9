//! What happens in a run: who comes and goes, which ways open and shut, how the weather turns, and who misbehaves.
//! Ends with fair weather, in which everything that is open must deliver again.

use media::{Down, Kind, View};

use super::client::Manner;
use super::dice::Dice;
use super::judge::Judge;
use super::link::Weather;
use super::town::{Conduct, SILENCE_US, Town};

/// After the weather has cleared, or a client has connected, everything open delivers within this time.
const RECOVERY_US: u64 = 10_000_000;
/// A client that is not connected this long after the weather has cleared never will be.
const CONNECT_US: u64 = 15_000_000;
/// What delivers has delivered within this time.
const LATELY_US: u64 = 1_000_000;
/// In fair weather nobody's sound or pictures pause longer than this, whatever somebody else does.
const PAUSE_US_MAX: u64 = 700_000;

/// The kinds of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// Everything at once, in foul weather.
    Storm,
    /// Only the ways to the clients are foul, so that no number may be left out.
    Gapless,
    /// Somebody misbehaves, and nobody else notices.
    Villain,
    /// Few speak to many.
    Crowd(u64),
    /// One shows pictures to another until the numbers have wrapped.
    Wrap,
}

/// How a villain misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vice {
    Deaf,
    Flood,
    Rebind,
    Forge,
    Vanish,
    ComeAndGo,
}

/// What a run came to.
pub struct Outcome {
    pub story: Story,
    pub judge: Judge,
    pub world_us: u64,
    pub turns: u64,
}

/// The run of a seed.
pub fn run(seed: u64) -> Outcome {
    let mut dice = Dice::new(seed);
    let story = match dice.below(100) {
        0..60 => Story::Storm,
        60..78 => Story::Gapless,
        78..99 => Story::Villain,
        _ => Story::Crowd(dice.between(12, 24)),
    };
    tell(story, dice)
}

/// A run of a given kind.
pub fn tell(story: Story, mut dice: Dice) -> Outcome {
    let mut run = Run { town: Town::new(dice.split()), dice, story };
    run.town.judge.is_gapless = matches!(story, Story::Gapless | Story::Wrap);
    match story {
        Story::Storm | Story::Gapless => run.storm(),
        Story::Villain => run.villain(),
        Story::Crowd(peers) => run.crowd(peers),
        Story::Wrap => run.wrap(),
    }
    run.all_go();
    Outcome { story, world_us: run.town.us, turns: run.town.turns, judge: run.town.judge }
}

struct Run {
    town: Town,
    dice: Dice,
    story: Story,
}

impl Run {
    fn manner(&mut self) -> Manner {
        let slots = (self.dice.between(1, 3), self.dice.between(1, 4));
        Manner {
            // Where a pause is a fault everybody has a slot: the loudest of many would take turns in a few.
            slots: if self.story == Story::Villain { (3, 4) } else { slots },
            layers: if self.dice.happens(LAYERED) { 3 } else { 1 },
            sound_us: self.dice.pick(&[20_000, 60_000, 60_000, 60_000]),
            picture_us: self.dice.pick(&[0, 66_000, 100_000, 100_000]),
            parts: self.dice.between(1, 3),
        }
    }

    fn weather(&mut self) -> (Weather, Weather) {
        let up = match self.story {
            Story::Storm => Weather::foul(&mut self.dice),
            _ => Weather::fair(self.dice.between(1_000, 60_000)),
        };
        let down = match self.story {
            Story::Storm | Story::Gapless if self.dice.happens(800) => Weather::foul(&mut self.dice),
            _ => Weather::fair(self.dice.between(1_000, 60_000)),
        };
        (up, down)
    }

    fn join(&mut self) {
        let (manner, weather) = (self.manner(), self.weather());
        let told = format!("{} joins: {manner:?}, {weather:?}", self.town.residents.len());
        self.town.judge.tell(self.town.us, told);
        let new = self.town.join(manner, weather);
        for other in 0..new {
            for (from, to) in [(new, other), (other, new)] {
                if self.dice.happens(600) {
                    self.open(from, to);
                }
            }
        }
    }

    fn open(&mut self, from: usize, to: usize) {
        let is_here = |place: usize| self.town.residents[place].is_here;
        if from != to && is_here(from) && is_here(to) {
            self.town.open(from, to);
        }
    }

    fn run_for(&mut self, us: u64) {
        let end = self.town.us + us;
        while self.town.us < end {
            self.town.step(end);
        }
    }

    /// Somebody who is here.
    fn somebody(&mut self) -> Option<usize> {
        let here: Vec<usize> =
            (0..self.town.residents.len()).filter(|place| self.town.residents[*place].is_present()).collect();
        (!here.is_empty()).then(|| self.dice.pick(&here))
    }

    fn storm(&mut self) {
        for _ in 0..self.dice.between(2, 5) {
            self.join();
            let us = self.dice.below(200_000);
            self.run_for(us);
        }
        let end = self.town.us + self.dice.between(1_000_000, 3_500_000);
        while self.town.us < end {
            let us = self.dice.between(1_000, 300_000);
            self.run_for(us);
            self.deed();
        }
        self.clear();
        self.recover();
    }

    /// Something happens.
    fn deed(&mut self) {
        let (Some(one), Some(other)) = (self.somebody(), self.somebody()) else { return self.join() };
        let told = match self.dice.below(20) {
            0 if self.town.residents.len() < 8 => {
                self.join();
                return;
            }
            1 if self.town.residents.len() > 3 => {
                self.leave(one);
                format!("{one} leaves")
            }
            2..=5 => {
                self.open(one, other);
                format!("{one} to {other} opens")
            }
            6..=8 => {
                self.town.shut(one, other);
                format!("{one} to {other} shuts")
            }
            9..=10 => {
                self.look(one);
                format!("{one} looks elsewhere")
            }
            14 if self.story == Story::Storm => {
                self.town.rebind(one);
                format!("{one} has another address")
            }
            15..=16 => {
                let (up, down) = self.weather();
                let resident = &mut self.town.residents[one];
                (resident.up.weather, resident.down.weather) = (up, down);
                format!("the weather of {one} changes")
            }
            what => self.act(what, one),
        };
        self.town.judge.tell(self.town.us, told);
    }

    /// Somebody does something with its devices.
    fn act(&mut self, what: u64, one: usize) -> String {
        let client = &mut self.town.residents[one].client;
        match what {
            11 => {
                client.switch_camera();
                format!("{one} has another camera")
            }
            12 => {
                client.is_muted ^= true;
                format!("{one} is muted: {}", client.is_muted)
            }
            13 => {
                client.is_camera_off ^= true;
                format!("{one} has the camera off: {}", client.is_camera_off)
            }
            17 => {
                client.level = -(self.dice.between(5, 60) as i8);
                format!("{one} speaks at {} dB", client.level)
            }
            _ => "nothing".to_owned(),
        }
    }

    fn leave(&mut self, place: usize) {
        match self.dice.below(3) {
            0 => self.town.residents[place].client.leave(),
            1 => self.town.remove(place),
            _ => self.town.residents[place].conduct = Conduct::Vanished,
        }
        // Whoever says goodbye is not counted upon from now on, though the word may be lost.
        if self.town.residents[place].conduct == Conduct::Honest && self.town.residents[place].is_here {
            self.town.residents[place].conduct = Conduct::Deaf;
        }
    }

    /// A client tells how large it shows its slots.
    fn look(&mut self, place: usize) {
        let sizes = [(0, 0), (160, 90), (320, 180), (640, 360), (1_280, 720)];
        let slots = self.town.residents[place].slots.clone();
        let views = slots.into_iter().map(|mid| {
            let (width, height) = self.dice.pick(&sizes);
            View { mid, width, height }
        });
        let views: Vec<View> = views.collect();
        self.town.view(place, &views);
    }

    /// The weather clears, everybody speaks, shows and looks.
    fn clear(&mut self) {
        for place in 0..self.town.residents.len() {
            let resident = &mut self.town.residents[place];
            resident.up.weather = Weather::fair(self.dice.between(1_000, 40_000));
            resident.down.weather = Weather::fair(self.dice.between(1_000, 40_000));
            (resident.client.is_muted, resident.client.is_camera_off) = (false, false);
            let slots = resident.slots.iter();
            let views: Vec<View> =
                slots.map(|mid| View { mid: mid.clone(), width: 640, height: 360 }).collect();
            if resident.is_here {
                self.town.view(place, &views);
            }
        }
    }

    /// Waits until everything open delivers; it must within a bound.
    fn recover(&mut self) {
        let cleared = self.town.us;
        loop {
            let lacking = self.lacking(cleared);
            if lacking.is_empty() {
                break;
            }
            let here = self.town.residents.iter().filter(|resident| resident.is_present());
            let connected = here.map(|resident| resident.connected_us).collect::<Option<Vec<u64>>>();
            let end = match connected {
                Some(times) => times.into_iter().fold(cleared, u64::max) + RECOVERY_US,
                None => cleared + CONNECT_US,
            };
            if self.town.us > end {
                self.describe();
                let what = format!(
                    "after {} s of fair weather: {}",
                    (self.town.us - cleared) / 1_000_000,
                    lacking.join("; ")
                );
                self.town.judge.fault(self.town.us, &what);
                break;
            }
            self.run_for(100_000);
        }
        self.nobody_honest_ended();
    }

    /// Tells how everybody stands.
    fn describe(&mut self) {
        for place in 0..self.town.residents.len() {
            let report = self.town.plane.report(self.town.peer(place));
            let conduct = self.town.residents[place].conduct;
            self.town.judge.tell(self.town.us, format!("{place} {conduct:?} {report:?}"));
        }
    }

    fn nobody_honest_ended(&mut self) {
        for place in 0..self.town.residents.len() {
            let resident = &self.town.residents[place];
            if let (Conduct::Honest, Some(why)) = (resident.conduct, resident.end)
                && why != Down::Removed
            {
                let what = format!("{} was ended: {why:?}", resident.client.peer);
                self.town.judge.fault(self.town.us, &what);
            }
        }
    }

    /// What should be delivered since a moment and is not.
    fn lacking(&self, since_us: u64) -> Vec<String> {
        let mut lacking = Vec::new();
        let since_us = since_us.max(self.town.us.saturating_sub(LATELY_US));
        for (place, resident) in self.town.residents.iter().enumerate().filter(|(_, one)| one.is_present()) {
            if resident.connected_us.is_none() {
                lacking.push(format!("{} is not connected", resident.client.peer));
            }
            for kind in [Kind::Audio, Kind::Video] {
                let (wanted, heard) = self.wanted_and_heard(place, kind, since_us);
                if heard < wanted {
                    let peer = resident.client.peer;
                    lacking.push(format!("{peer} has {heard} of {wanted} sources of {kind:?}"));
                }
            }
        }
        lacking
    }

    /// How many sources of a kind a client should receive, and how many it does.
    fn wanted_and_heard(&self, to: usize, kind: Kind, since_us: u64) -> (usize, usize) {
        let town = &self.town;
        let peer = town.peer(to);
        let open = (0..town.residents.len()).filter(|from| town.judge.is_open(town.peer(*from), peer));
        let (speaking, silent): (Vec<usize>, Vec<usize>) = open.partition(|from| {
            let resident = &town.residents[*from];
            resident.is_present() && resident.connected_us.is_some() && resident.client.sends(kind)
        });
        let slots = town.residents[to].client.manner.slots;
        let slots = if kind == Kind::Audio { slots.0 } else { slots.1 };
        // Who sends nothing may hold a slot all the same; and of the sounds only the loudest need come.
        let slots = (slots as usize).saturating_sub(silent.len());
        let most = if kind == Kind::Audio { slots.min(1) } else { slots };
        let heard = |from: &&usize| town.judge.heard(town.peer(**from), peer, kind).last_us > since_us;
        (speaking.len().min(most), speaking.iter().filter(heard).count())
    }

    fn villain(&mut self) {
        let honest = self.dice.between(2, 3) as usize;
        for _ in 0..=honest {
            self.join();
        }
        for (from, to) in (0..=honest).flat_map(|from| (0..=honest).map(move |to| (from, to))) {
            self.open(from, to);
        }
        self.recover();
        let vices = [Vice::Deaf, Vice::Flood, Vice::Rebind, Vice::Forge, Vice::Vanish, Vice::ComeAndGo];
        let vice = self.dice.pick(&vices);
        let before: Vec<_> = self.flows(honest);
        self.town.judge.listen(self.town.us);
        let end = self.town.us + self.dice.between(1_500_000, 3_000_000);
        while self.town.us < end {
            let us = self.dice.between(20_000, 200_000);
            self.sin(vice, honest);
            self.run_for(us);
        }
        self.unnoticed(vice, &before);
        if vice == Vice::Vanish {
            self.run_for(SILENCE_US);
            let end = self.town.residents[honest].end;
            if end != Some(Down::Silent) {
                self.town.judge.fault(self.town.us, &format!("who vanished has come to {end:?}"));
            }
        }
        self.nobody_honest_ended();
    }

    /// What flows between the honest now.
    fn flows(&self, honest: usize) -> Vec<(usize, usize, Kind)> {
        let pairs = (0..honest).flat_map(|from| (0..honest).map(move |to| (from, to)));
        let all = pairs.flat_map(|(from, to)| [(from, to, Kind::Audio), (from, to, Kind::Video)]);
        let town = &self.town;
        let flows = |(from, to, kind): &(usize, usize, Kind)| {
            let heard = town.judge.heard(town.peer(*from), town.peer(*to), *kind);
            heard.last_us + PAUSE_US_MAX / 2 > town.us && heard.count > 0
        };
        all.filter(flows).collect()
    }

    fn unnoticed(&mut self, vice: Vice, before: &[(usize, usize, Kind)]) {
        for (from, to, kind) in before {
            let town = &self.town;
            let heard = town.judge.heard(town.peer(*from), town.peer(*to), *kind);
            let pause = heard.pause_us.max(town.us - heard.last_us);
            if pause > PAUSE_US_MAX {
                let what = format!("{vice:?} of another: {kind:?} from {from} to {to} paused for {pause} µs");
                self.town.judge.fault(self.town.us, &what);
                self.describe();
            }
        }
    }

    fn sin(&mut self, vice: Vice, villain: usize) {
        let town = &mut self.town;
        let resident = &mut town.residents[villain];
        if vice != Vice::Forge && vice != Vice::ComeAndGo {
            resident.conduct = Conduct::Deaf;
        }
        match vice {
            Vice::Deaf => {}
            Vice::Flood => {
                let manner = &mut resident.client.manner;
                (manner.sound_us, manner.picture_us, manner.parts) = (3_000, 8_000, 6);
                let address = resident.client.outside;
                for _ in 0..40 {
                    let length = self.dice.between(1, 1_200);
                    let bytes: Vec<u8> = (0..length).map(|_| self.dice.next() as u8).collect();
                    town.forge(address, &bytes);
                }
            }
            Vice::Rebind => town.rebind(villain),
            Vice::Vanish => resident.conduct = Conduct::Vanished,
            Vice::Forge => self.forge(),
            Vice::ComeAndGo => {
                let manner = self.manner();
                let weather = self.weather();
                let new = self.town.join(manner, weather);
                self.open(0, new);
                if self.dice.happens(500) {
                    self.town.remove(new);
                } else {
                    self.town.residents[new].conduct = Conduct::Vanished;
                }
            }
        }
    }

    /// Somebody who sees the lines throws changed and repeated datagrams, from everywhere.
    fn forge(&mut self) {
        let stranger = "203.0.113.66:6666".parse().unwrap();
        for _ in 0..30 {
            if self.town.remembered.is_empty() {
                return;
            }
            let mut bytes = self.dice.pick(&self.town.remembered);
            let is_stun = bytes.first().is_some_and(|first| *first < 4);
            // A check that is repeated as it was is authentic; RFC 8445 has nothing against it.
            if is_stun || self.dice.happens(700) {
                let at = self.dice.below(bytes.len() as u64) as usize;
                bytes[at] ^= self.dice.between(1, 255) as u8;
            }
            let place = self.dice.below(self.town.residents.len() as u64) as usize;
            let victim = self.town.residents[place].client.outside;
            let remote = if self.dice.happens(500) { stranger } else { victim };
            self.town.forge(remote, &bytes);
        }
    }

    fn crowd(&mut self, peers: u64) {
        for place in 0..peers as usize {
            let is_speaker = place < 2;
            let manner = Manner {
                slots: (1, 1),
                layers: 1,
                sound_us: if is_speaker { 60_000 } else { 0 },
                picture_us: if place == 0 { 100_000 } else { 0 },
                parts: 2,
            };
            let weather = (Weather::fair(20_000), Weather::foul(&mut self.dice));
            self.town.join(manner, weather);
            if place > 0 {
                self.open(0, place);
                self.open(1.min(place - 1), place);
            }
            if place % 16 == 0 {
                self.run_for(30_000);
            }
        }
        let us = self.dice.between(500_000, 1_500_000);
        self.run_for(us);
        self.clear();
        self.recover();
    }

    fn wrap(&mut self) {
        for _ in 0..2 {
            let manner = Manner { slots: (1, 1), layers: 1, sound_us: 20_000, picture_us: 33_000, parts: 30 };
            self.town.join(manner, (Weather::fair(5_000), Weather::fair(5_000)));
        }
        self.open(0, 1);
        while self.town.judge.sealed < WRAPPED && self.town.us < WRAP_US_MAX {
            self.run_for(1_000_000);
        }
        if self.town.judge.sealed < WRAPPED {
            self.describe();
            self.town
                .judge
                .fault(self.town.us, &format!("only {} packets were sealed", self.town.judge.sealed));
        }
    }

    /// Everybody is removed; then the plane holds next to nothing.
    fn all_go(&mut self) {
        (0..self.town.residents.len()).for_each(|place| self.town.remove(place));
        self.run_for(10_000);
        self.town.is_empty();
    }
}

/// So many packets, a part of them sound, wrap the sixteen bits of the pictures' numbers.
const WRAPPED: u64 = 75_000;
/// Time enough for them.
const WRAP_US_MAX: u64 = 300_000_000;
/// Cameras with layers, in a thousand.
const LAYERED: u64 = 400;
