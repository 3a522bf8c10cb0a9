//! The diary tool: what searching, booking, an opening day and a day of displacement cost. See benches/README.md.
//!
//! On SQLite as a file with full synchronisation, or on a PostgreSQL database that is empty and named. Figures are printed
//! with their settings; nothing here is part of the server, and nothing leaves loopback.

mod book;
mod client;
mod clock;
mod contend;
mod displace;
mod figures;
mod search;
mod server;
mod state;
mod storm;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Whatever keeps a measurement from being one.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(about = "Measures the diary: search, bookings, an opening storm, crashes")]
struct Cli {
    #[command(subcommand)]
    program: Program,
}

/// Where the state is.
#[derive(clap::Args, Clone)]
pub struct Place {
    /// An empty PostgreSQL database, `postgres://…`; without it a SQLite file in `folder`.
    #[arg(long)]
    database: Option<String>,
    /// Where files are kept; a state that is there already is used again.
    #[arg(long)]
    folder: PathBuf,
    /// The server's program.
    #[arg(long, default_value = "target/release/sachivalaya")]
    server: PathBuf,
}

impl Place {
    /// The database's address.
    fn address(&self) -> String {
        let file = || format!("sqlite:{}", self.folder.join("diary.sqlite").display());
        self.database.clone().unwrap_or_else(file)
    }
}

#[derive(Subcommand)]
enum Program {
    /// Free times of random posts over HTTP.
    Search(search::Settings),
    /// Bookings of distinct slots, each durable when it is answered.
    Book(book::Settings),
    /// The meetings of one officer fall at once, get other times, and get their old ones back.
    Displace(displace::Settings),
    /// Many citizens, few slots, one moment, over HTTP.
    Storm(storm::Settings),
    /// Many workers on the same slots, the server killed again and again: who was told that he won must have won.
    Contend(contend::Settings),
}

fn main() -> Result<(), Fault> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let lines = runtime.block_on(async {
        match cli.program {
            Program::Search(settings) => search::run(settings).await,
            Program::Book(settings) => book::run(settings).await,
            Program::Displace(settings) => displace::run(settings).await,
            Program::Storm(settings) => storm::run(settings).await,
            Program::Contend(settings) => contend::run(settings).await,
        }
    })?;
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
