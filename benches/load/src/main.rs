//! The load tool: clients of another make that measure the media plane, alone and beside Janus. See benches/README.md.
//!
//! One core for the server, one for the load; each figure is printed with the machine, the settings, and the median and
//! the range over runs. Nothing here is part of the server, and nothing leaves loopback.

mod alloc;
mod attend;
mod board;
mod clock;
mod consent;
mod counting;
mod crowd;
mod feedback;
mod figures;
mod film;
mod floor;
mod guests;
mod janus;
mod listener;
mod moves;
mod overload;
mod person;
mod process;
mod scene;
mod sdp;
mod seats;
mod sfu;
mod sitting;
mod soak;
mod storm;
mod tally;
mod trouble;
mod udp;
mod warm;

use std::io::Write;

use clap::{Parser, Subcommand};

use crate::figures::Figures;
use crate::person::Fault;
use crate::scene::{Scene, Settings, Which, run};
use crate::sfu::Plan;
use crate::soak::{Endurance, endure, verdict};
use crate::udp::Reading;

/// Loss above which a server does not hold its receivers, in percent.
const LOSS_MAX: f64 = 0.1;
/// Delay of the slowest hundredth above which it does not, in milliseconds.
const P99_MS_MAX: f64 = 50.0;
/// Share of the wished packets below which it does not, in percent.
const SHARE_MIN: f64 = 99.0;

#[derive(Parser)]
#[command(about = "Measures the media plane with clients of another make, alone and beside Janus")]
struct Cli {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// Our plane alone.
    Plane(Settings),
    /// Our plane and Janus in turn, under the same load, with the ratio of their medians.
    Janus(Settings),
    /// Our plane on two media threads and on one in turn, all on the same core, with the ratio of their medians.
    Threads(Settings),
    /// The largest number of receivers of one publisher that a server holds on one core.
    Capacity {
        /// The server.
        #[arg(long, value_enum, default_value = "ours")]
        server: Which,
        /// Receivers to begin with.
        #[arg(long, default_value_t = 200)]
        from: usize,
        #[command(flatten)]
        settings: Settings,
    },
    /// Clients come and go while meetings run: memory and descriptors must stay flat.
    Soak {
        #[command(flatten)]
        endurance: Endurance,
        #[command(flatten)]
        settings: Settings,
    },
    /// A crowd, and another program that takes half of the server's core.
    Overload(Settings),
    /// A storm of joins beside rooms in which people talk.
    Storm {
        #[command(flatten)]
        joins: storm::Joins,
        #[command(flatten)]
        settings: Settings,
    },
    /// Another address in the middle of a call of two.
    Moves {
        #[command(flatten)]
        moves: moves::Moves,
        #[command(flatten)]
        settings: Settings,
    },
    /// Many listeners of one live board at a running server, and an officer who calls.
    Board(board::Crowd),
    /// People of meetings at a running server, who speak and come back by themselves: see `benches/restart.mjs`.
    Guests(guests::Guests),
    /// People whose lines are cut, who go and come again at a running server: see `benches/attendance.mjs`.
    Attend(guests::Guests),
    /// Calls between seats at a running server in which everybody says what he may not: see `benches/consent.mjs`.
    Consent(consent::Consent),
    /// Seats at a running server that stand warm, or are all in one call: see `benches/warm.mjs`.
    Warm(warm::Warm),
    /// Seats of a review beside a few browsers: see `tests/browser/mesh_review_many.test.mjs`.
    Sitting(sitting::Sitting),
    /// What sealing and sending a packet cost on this machine with nothing around them.
    Floor {
        /// Runs.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// The core that seals and sends.
        #[arg(long, default_value_t = 0)]
        sfu_core: usize,
        /// The core that reads.
        #[arg(long, default_value_t = 1)]
        load_core: usize,
    },
    /// The plane itself, driven by lines on standard input: what the others start.
    #[command(hide = true)]
    Sfu {
        /// The core to run on.
        #[arg(long)]
        core: usize,
        #[command(flatten)]
        plan: Plan,
    },
}

fn print(text: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// What stands above every table.
fn heading(settings: &Settings) -> Result<(), Fault> {
    print(&format!("\nMachine: {}.", process::machine()))?;
    let Settings { scene, people, rooms, checking, sounds, warm, seconds, .. } = settings;
    let sending = if settings.plan.plain { "one by one" } else { "in segments" };
    let reading = if settings.merged { "batches read as one (GRO)" } else { "datagrams read one by one" };
    print(&format!(
        "Setting: {scene:?}, {rooms} × {people} people, {} + 50 packets/s a publisher, {seconds} s after {warm} s; \
         server on core {}, load on core {}; ours has {} media threads and sends {sending}; {reading}; \
         wished {:.0} packets/s.",
        settings.picture_rate(),
        settings.sfu_core,
        settings.load_core,
        settings.plan.threads,
        settings.wished(),
    ))?;
    match scene {
        Scene::OneToMany => print(&format!(
            "Clients: {checking} a room open every packet (str0m); the others do ICE and DTLS, count packets by their \
             headers and acknowledge them by sealed RTCP.\n"
        )),
        _ => print(&format!("Clients: all open every packet (str0m); {sounds} sounds each.\n")),
    }
}

/// What stands in one column of a table.
struct Column<'a> {
    name: &'a str,
    which: Which,
    settings: Settings,
}

/// Runs what the columns say in turn, again and again, and prints the table.
fn measure(columns: &[Column<'_>]) -> Result<(), Fault> {
    let Some(first) = columns.first() else { return Ok(()) };
    heading(&first.settings)?;
    let mut table: Vec<(&str, Vec<Figures>)> =
        columns.iter().map(|column| (column.name, Vec::new())).collect();
    for _ in 0..first.settings.runs {
        for (column, (_, runs)) in columns.iter().zip(&mut table) {
            runs.push(run(column.which, &column.settings)?);
        }
    }
    print(&figures::table(&table))
}

/// Runs something again and again, and prints its table.
fn repeated(settings: &Settings, once: impl Fn(&Settings) -> Result<Figures, Fault>) -> Result<(), Fault> {
    let runs: Result<Vec<Figures>, Fault> = (0..settings.runs).map(|_| once(settings)).collect();
    print(&figures::table(&[("ours", runs?)]))
}

/// Whether a server held this many receivers, in every run.
fn holds(which: Which, settings: &Settings) -> Result<bool, Fault> {
    for _ in 0..settings.runs {
        let figures = match run(which, settings) {
            Ok(figures) => figures,
            Err(fault) => {
                print(&format!("| {} | {fault} |", settings.people))?;
                return Ok(false);
            }
        };
        let (loss, p99) = (figures.get("lost on the way, %"), figures.get("delay p99, ms"));
        let (share, core) = (figures.get("of the wished, %"), figures.get("server's core, %"));
        let is_held = loss <= LOSS_MAX && p99 <= P99_MS_MAX && share >= SHARE_MIN;
        print(&format!(
            "| {} | {} | {loss:.3} | {p99:.2} | {share:.2} | {core:.1} | {:.1} |",
            settings.people,
            if is_held { "holds" } else { "does not hold" },
            figures.get("load's core, %"),
        ))?;
        if !is_held {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Steps up by a quarter until the server does not hold, then halves the gap until it is a fiftieth.
fn capacity(which: Which, from: usize, settings: &Settings) -> Result<(), Fault> {
    heading(settings)?;
    print(
        "| receivers | | lost, % | delay p99, ms | of the wished, % | server's core, % | load's core, % |",
    )?;
    print("|---|---|---|---|---|---|---|")?;
    let (mut held, mut next, mut failed) = (0, from.max(1), None);
    while failed.is_none_or(|failed: usize| failed - held > (held / 50).max(1)) {
        let settings = Settings { people: next, scene: Scene::OneToMany, ..settings.clone() };
        if holds(which, &settings)? {
            held = next;
        } else {
            failed = Some(next);
        }
        next = failed.map_or(held + held / 4 + 1, |failed| (held + failed) / 2);
    }
    print(&format!(
        "\n{} holds {held} receivers of one publisher (loss ≤ {LOSS_MAX} %, p99 ≤ {P99_MS_MAX} ms, ≥ {SHARE_MIN} % of the packets).",
        which.name()
    ))
}

/// Prints the samples and whether nothing grew; fails if something did.
fn soak(settings: &Settings, endurance: Endurance) -> Result<(), Fault> {
    print(&format!("\nMachine: {}.\n", process::machine()))?;
    print("| came and went | peers | resident, KB | heap, KB | descriptors |\n|---|---|---|---|---|")?;
    let samples = endure(settings, endurance, |sample| {
        let (resident, heap) = (sample.resident / 1_000, sample.heap / 1_000);
        print(&format!(
            "| {} | {} | {resident} | {heap} | {} |",
            sample.cycles, sample.peers, sample.descriptors
        ))
    })?;
    let (is_flat, figures) = verdict(&samples);
    print("")?;
    figures.0.iter().try_for_each(|(name, value)| print(&format!("{name}: {value:.3}")))?;
    if is_flat { print("Flat.") } else { Err("not flat".into()) }
}

/// Prints the floors.
fn floor_table(runs: usize, cores: (usize, usize)) -> Result<(), Fault> {
    print(&format!(
        "\nMachine: {}.\n1,100-byte packets; µs of processor time a packet.\n",
        process::machine()
    ))?;
    let ways = [
        ("sent one by one, read one by one, µs", 1, Reading::Single),
        ("sent by two, read one by one, µs", 2, Reading::Single),
        ("sent by ten, read one by one, µs", 10, Reading::Single),
        ("sent by thirty, read one by one, µs", 30, Reading::Single),
        ("sent by ten, read as one, µs", 10, Reading::Merged),
        ("sent by thirty, read as one, µs", 30, Reading::Merged),
    ];
    let mut all = Vec::new();
    for _ in 0..runs {
        let mut figures = Figures::default();
        figures.put("sealed with AES-128-GCM, µs", floor::seal_us(cores.0)?);
        let mut least = 1.0f64;
        for (name, together, reading) in ways {
            let (us, share) = floor::send_us(cores, together, reading)?;
            figures.put(name, us);
            least = least.min(share);
        }
        figures.put("least share that arrived, %", 100.0 * least);
        let (share, longest) = floor::taken_away(cores.0)?;
        figures.put("core taken away for 1 ms and more, % of the time", share);
        figures.put("longest time away, ms", longest);
        all.push(figures);
    }
    print(&figures::table(&[("floor", all)]))
}

fn main() -> Result<(), Fault> {
    let program = Cli::parse().program;
    let settings = match &program {
        Program::Sfu { core, plan } => return sfu::serve(*core, *plan),
        Program::Floor { runs, sfu_core, load_core } => return floor_table(*runs, (*sfu_core, *load_core)),
        Program::Board(crowd) => {
            process::raise_file_limit();
            return board::run(crowd)?.iter().try_for_each(|line| print(line));
        }
        Program::Guests(wish) => return guests::run(*wish, print),
        Program::Attend(wish) => return attend::run(*wish, print),
        Program::Consent(wish) => return consent::run(*wish, print),
        Program::Warm(wish) => return warm::run(*wish, print),
        Program::Sitting(wish) => return sitting::run(wish.clone(), print),
        Program::Plane(settings)
        | Program::Janus(settings)
        | Program::Threads(settings)
        | Program::Overload(settings) => settings,
        Program::Capacity { settings, .. }
        | Program::Soak { settings, .. }
        | Program::Moves { settings, .. }
        | Program::Storm { settings, .. } => settings,
    };
    process::raise_file_limit();
    process::pin(settings.load_core);
    let column = |name, which, threads| {
        let plan = Plan { threads, ..settings.plan };
        Column { name, which, settings: Settings { plan, ..settings.clone() } }
    };
    let threads = settings.plan.threads;
    match &program {
        Program::Plane(_) => measure(&[column("ours", Which::Ours, threads)]),
        Program::Janus(_) => {
            measure(&[column("ours", Which::Ours, threads), column("Janus", Which::Janus, threads)])
        }
        Program::Threads(_) => {
            measure(&[column("two threads", Which::Ours, 2), column("one thread", Which::Ours, 1)])
        }
        Program::Capacity { server, from, .. } => capacity(*server, *from, settings),
        Program::Soak { endurance, .. } => soak(settings, *endurance),
        Program::Overload(_) => repeated(settings, overload::overload),
        Program::Moves { moves, .. } => repeated(settings, |settings| moves::moves(settings, *moves)),
        Program::Storm { joins, .. } => repeated(settings, |settings| storm::storm(settings, *joins)),
        Program::Sfu { .. }
        | Program::Floor { .. }
        | Program::Board(_)
        | Program::Guests(_)
        | Program::Attend(_)
        | Program::Consent(_)
        | Program::Warm(_)
        | Program::Sitting(_) => Ok(()),
    }
}
