//! More to do than can be done: a crowd is served well, then another program takes half of the server's core. Sound must
//! not suffer, pictures may, and the hotline must not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::crowd::Client;
use crate::figures::Figures;
use crate::person::Fault;
use crate::process::{cpu_of, pin};
use crate::scene::{Run, Scene, Settings, Which};
use crate::tally::What;

/// How long each part is measured.
const PART: Duration = Duration::from_secs(10);
/// Until the server has found out.
const FIRST: Duration = Duration::from_secs(3);
/// The room whose pictures are spared.
const HOTLINE: u64 = 0;
/// Packets of sound a second of one publisher.
const SOUND_RATE: f64 = 50.0;

/// Packets of sound and of pictures that some clients got in a part.
#[derive(Clone, Copy, Default)]
struct Got {
    sound: f64,
    pictures: f64,
}

fn got(clients: &[Client]) -> Got {
    let sum = |what| clients.iter().map(|client| client.tally().got_of(what) as f64).sum();
    Got { sound: sum(What::Sound), pictures: sum(What::Picture) }
}

/// Runs it once.
///
/// # Errors
/// The server does not start, or a client fails.
pub fn overload(settings: &Settings) -> Result<Figures, Fault> {
    let two = Settings { scene: Scene::Meeting, people: 2, sounds: 1, ..settings.clone() };
    let mut run = Run::new(Which::Ours, &two)?;
    run.gather(HOTLINE)?;
    let heads = run.crowd.clients.len();
    let many = Settings { scene: Scene::OneToMany, ..settings.clone() };
    run.settings = &many;
    run.one_to_many(1)?;
    let crowd = run.crowd.clients.len() - heads - 1;
    run.settle()?;
    run.crowd.work(Duration::from_secs(settings.warm))?;
    let part = |run: &mut Run<'_>| -> Result<(Got, Got, f64), Fault> {
        run.crowd.clients.iter_mut().for_each(|client| client.tally_mut().begin());
        let before = cpu_of(run.server.pid())?;
        run.crowd.work(PART)?;
        let (user, kernel) = cpu_of(run.server.pid())?.since(before);
        let busy = (user + kernel) / PART.as_nanos() as f64;
        Ok((got(&run.crowd.clients[..heads]), got(&run.crowd.clients[heads..]), 100.0 * busy))
    };
    let (heads_before, crowd_before, busy) = part(&mut run)?;
    let is_over = Arc::new(AtomicBool::new(false));
    let (flag, core) = (is_over.clone(), settings.sfu_core);
    let other = std::thread::spawn(move || {
        pin(core);
        while !flag.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    });
    run.crowd.work(FIRST)?;
    let after = part(&mut run);
    is_over.store(true, Ordering::Relaxed);
    let _ = other.join();
    let (heads_after, crowd_after, left) = after?;
    let mut figures = Figures::default();
    figures.put("server's core when it had it alone, %", busy);
    figures.put("server's core beside the other program, %", left);
    let wished = SOUND_RATE * PART.as_secs_f64();
    figures
        .put("crowd: sound before, % of what was said", 100.0 * crowd_before.sound / (wished * crowd as f64));
    figures.put("crowd: sound under overload, %", 100.0 * crowd_after.sound / (wished * crowd as f64));
    figures.put(
        "crowd: pictures under overload, % of before",
        100.0 * crowd_after.pictures / crowd_before.pictures,
    );
    figures.put("hotline: sound under overload, %", 100.0 * heads_after.sound / (wished * heads as f64));
    figures.put(
        "hotline: pictures under overload, % of before",
        100.0 * heads_after.pictures / heads_before.pictures,
    );
    Ok(figures)
}
