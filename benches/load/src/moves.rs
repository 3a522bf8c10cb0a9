//! Another address in the middle of a call: two people talk and see each other, and the NAT of one gives it another port,
//! again and again. Nobody joins anew.

use std::time::Duration;

use clap::Args;

use crate::clock;
use crate::figures::Figures;
use crate::listener::Listener;
use crate::person::Fault;
use crate::scene::{Run, Scene, Settings, Which};

/// After each change.
const WATCHED: Duration = Duration::from_secs(2);
/// Between two looks at what arrived.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How often.
#[derive(Args, Clone, Copy, Debug)]
pub struct Moves {
    /// Changes of the address.
    #[arg(long, default_value_t = 50)]
    pub moves: u32,
}

/// Runs it once.
///
/// # Errors
/// The server is gone, or a client broke: none is made anew.
pub fn moves(settings: &Settings, moves: Moves) -> Result<Figures, Fault> {
    let settings = Settings { scene: Scene::Meeting, people: 2, sounds: 1, ..settings.clone() };
    let mut run = Run::new(Which::Ours, &settings)?;
    run.gather(1)?;
    run.settle()?;
    run.crowd.work(Duration::from_secs(settings.warm))?;
    let (mut usual, mut mover, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..moves.moves as usize {
        let place = round % 2;
        let pauses = longest_pauses(&mut run)?;
        usual.extend(pauses);
        run.crowd.rebind(place)?;
        let pauses = longest_pauses(&mut run)?;
        mover.push(pauses[place]);
        other.push(pauses[1 - place]);
    }
    let mut figures = Figures::default();
    for (names, mut pauses) in [
        (["usual longest pause p50, ms", "usual longest pause p99, ms"], usual),
        (["pause of the one who moved p50, ms", "pause of the one who moved p99, ms"], mover),
        (["pause of the other p50, ms", "pause of the other p99, ms"], other),
    ] {
        pauses.sort_unstable();
        for (name, share) in names.into_iter().zip([0.5, 0.99]) {
            let at = pauses.get((pauses.len() as f64 * share) as usize).copied().unwrap_or_default();
            figures.put(name, 1e3 * at.as_secs_f64());
        }
    }
    Ok(figures)
}

/// The longest time for which each of the two heard and saw nothing, within a while from now.
fn longest_pauses(run: &mut Run<'_>) -> Result<[Duration; 2], Fault> {
    let start = clock::instant();
    run.crowd.clients.iter_mut().for_each(|client| client.tally_mut().begin());
    let mut listeners = [Listener::begin(0, start), Listener::begin(1, start)];
    let mut longest = [Duration::ZERO; 2];
    while clock::instant() < start + WATCHED {
        run.crowd.work(LOOK_EVERY)?;
        for (longest, listener) in longest.iter_mut().zip(&mut listeners) {
            *longest = listener.look(&run.crowd).max(*longest);
        }
    }
    // Who has heard nothing until now has heard nothing for all that time.
    for (longest, listener) in longest.iter_mut().zip(&listeners) {
        *longest = listener.silence().max(*longest);
    }
    Ok(longest)
}
