//! Slot search: free times of random posts in a window of days, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::client::{Ask, Client};
use crate::clock::{measure_for, now};
use crate::figures::Spans;
use crate::server::Server;
use crate::state::{Size, open, post_id};
use crate::{Fault, Place};

/// How much.
#[derive(clap::Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,
    /// Posts.
    #[arg(long, default_value_t = 5_000)]
    posts: usize,
    /// Days that can be booked.
    #[arg(long, default_value_t = 90)]
    days: u16,
    /// Of a hundred times so many are taken.
    #[arg(long, default_value_t = 60)]
    taken: i64,
    /// Days that are asked for at once.
    #[arg(long, default_value_t = 30)]
    window: u16,
    /// Connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Asks for some seconds, after each post was asked for once.
pub async fn run(settings: Settings) -> Result<Vec<String>, Fault> {
    let size = Size { posts: settings.posts, days: settings.days, taken_percent: settings.taken };
    open(&settings.place, size).await?.store.close().await;
    let server = Server::start(&settings.place)?;
    let host = server.address.to_string();
    let mut first = Client::new(&host).await?;
    let begun = now();
    let mut cold = Spans::default();
    for n in 0..settings.posts {
        let asked = now();
        ask(&mut first, n, settings.window).await?;
        cold.add(asked.elapsed());
    }
    let warmed = begun.elapsed().as_secs_f64();
    let over = Arc::new(AtomicBool::new(false));
    let bytes = Arc::new(AtomicU64::new(0));
    let begun = now();
    let mut asking = Vec::new();
    for n in 0..settings.connections {
        let (mut client, over, bytes) = (Client::new(&host).await?, over.clone(), bytes.clone());
        let (posts, window) = (settings.posts, settings.window);
        asking.push(tokio::spawn(async move {
            let (mut spans, mut chance) = (Spans::default(), n as u64 + 1);
            while !over.load(Ordering::Relaxed) {
                chance =
                    chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let asked = now();
                let got = ask(&mut client, (chance >> 33) as usize % posts, window).await?;
                spans.add(asked.elapsed());
                bytes.fetch_add(got as u64, Ordering::Relaxed);
            }
            Ok::<_, Fault>(spans)
        }));
    }
    measure_for(Duration::from_secs(settings.seconds)).await;
    over.store(true, Ordering::Relaxed);
    let mut spans = Spans::default();
    for one in asking {
        spans.join(one.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let count = spans.count();
    Ok(vec![
        format!(
            "search: {} posts, {} days, {} % taken, window {} days, {} connections",
            settings.posts, settings.days, settings.taken, settings.window, settings.connections
        ),
        format!("first time: {warmed:.1} s, {}", cold.line()),
        format!("searches a second {:.0}, {}", count as f64 / seconds, spans.line()),
        format!(
            "bytes an answer {}, server {} MiB",
            bytes.load(Ordering::Relaxed) / count.max(1) as u64,
            server.memory_mib()?
        ),
    ])
}

async fn ask(client: &mut Client, post: usize, window: u16) -> Result<usize, Fault> {
    let line = format!("GET /api/v1/posts/{}/times?days={window}", post_id(post));
    let answer = client.ask(Ask { line: &line, token: "", body: "" }).await?;
    if answer.status == 200 {
        Ok(answer.body.len())
    } else {
        Err(format!("answered {}", answer.status).into())
    }
}
