//! A crowd before one board: many listeners of server-sent events at a running server, and an officer who calls.
//!
//! The server runs as a state runs it; this program is its crowd and its officer, over plain HTTP on the same machine, so
//! that one clock times both ends. What it adds to the queue stays there: run it against a demo.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use clap::Args;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::clock::{instant, pause, timespec, wall_ns};
use crate::person::Fault;
use crate::process::{machine, resident_bytes};

/// What stands before the server's time in an event.
const STAMP: &[u8] = b"\"at_ms\":";
/// Events that are waited for at once.
const READY_MAX: usize = 1_024;

/// How large a crowd, at which board.
#[derive(Args, Clone, Debug)]
pub struct Crowd {
    /// Where the server listens by plain HTTP.
    #[arg(long, default_value = "127.0.0.1:8080")]
    server: SocketAddr,
    /// The process id of the server, for its memory.
    #[arg(long)]
    pid: u32,
    /// A sign-in link of the post's officer or desk, as the demo prints it.
    #[arg(long)]
    link: String,
    /// Whose board.
    #[arg(long, default_value = "sec-hlt")]
    post: String,
    /// Listeners.
    #[arg(long, default_value_t = 5_000)]
    listeners: usize,
    /// Acts of the officer a second, each of which changes the board.
    #[arg(long, default_value_t = 10)]
    updates: u32,
    /// For how long.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

/// One listener and what has come to it and is not read yet.
struct Listener {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Listener {
    fn open(crowd: &Crowd) -> Result<Self, Fault> {
        let mut stream = TcpStream::connect(crowd.server)?;
        write!(stream, "GET /now/{}/events HTTP/1.1\r\nhost: {}\r\n\r\n", crowd.post, crowd.server)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, rest: Vec::new() })
    }

    /// Takes what has come.
    ///
    /// * `seen`: is told the server's time of each event, in milliseconds.
    fn read(&mut self, room: &mut [u8], seen: &mut dyn FnMut(u64)) -> Result<(), Fault> {
        loop {
            match self.stream.read(room) {
                Ok(0) => return Err("the server closed a listener's line".into()),
                Ok(count) => self.rest.extend_from_slice(&room[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        while let Some(at) = self.rest.windows(STAMP.len()).position(|piece| piece == STAMP) {
            let digits = &self.rest[at + STAMP.len()..];
            let Some(end) = digits.iter().position(|byte| !byte.is_ascii_digit()) else { break };
            let stamp = std::str::from_utf8(&digits[..end])?.parse()?;
            seen(stamp);
            self.rest.drain(..at + STAMP.len() + end);
        }
        Ok(())
    }
}

/// One request of the officer; its answer's head.
fn ask(server: SocketAddr, path: &str, cookie: &str, body: &str) -> Result<String, Fault> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncookie: {cookie}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Signs in by the printed link: the session's cookie.
fn sign_in(crowd: &Crowd) -> Result<String, Fault> {
    let path = crowd.link.split_once("/sign-in/").map(|(_, token)| token.split('?').next().unwrap_or(token));
    let token = path.ok_or("that is no sign-in link")?;
    let answer = ask(crowd.server, &format!("/sign-in/{token}"), "", "")?;
    let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: es="));
    let cookie =
        line.and_then(|line| line.split_once(": ")?.1.split(';').next()).ok_or("the link was used")?;
    Ok(cookie.to_owned())
}

/// Adds people, calls them and lets them in, one act at a time, until told to end.
fn officiate(crowd: &Crowd, cookie: &str, is_over: &AtomicBool) -> Result<u64, Fault> {
    let path = format!("/queue/{}", crowd.post);
    let begun = instant();
    let pace = Duration::from_secs(1) / crowd.updates.max(1);
    let (mut acts, mut number) = (0u32, 0u64);
    while !is_over.load(Ordering::Relaxed) {
        let body = match acts % 3 {
            0 => "move=join&kind=token&name=&subject=".to_owned(),
            1 => "move=next".to_owned(),
            _ => format!("move=enter&number={number}"),
        };
        let answer = ask(crowd.server, &path, cookie, &body)?;
        if acts % 3 == 0 {
            let given = answer.split_once("done=").map(|(_, rest)| rest.lines().next().unwrap_or_default());
            number = given.and_then(|text| text.trim().parse().ok()).ok_or("the queue gave no number")?;
        }
        acts += 1;
        pause((pace * acts).saturating_sub(begun.elapsed()));
    }
    Ok(u64::from(acts))
}

/// Runs the crowd.
///
/// * returns: lines for the person at the terminal.
///
/// # Errors
/// The server is not there, or closed a line.
pub fn run(crowd: &Crowd) -> Result<Vec<String>, Fault> {
    let cookie = sign_in(crowd)?;
    let before = resident_bytes(crowd.pid)?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut listeners = Vec::with_capacity(crowd.listeners);
    for n in 0..crowd.listeners {
        let listener = Listener::open(crowd)?;
        epoll::add(&poll, &listener.stream, epoll::EventData::new_u64(n as u64), epoll::EventFlags::IN)?;
        listeners.push(listener);
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let officer = {
        let (crowd, is_over) = (crowd.clone(), Arc::clone(&is_over));
        thread::spawn(move || officiate(&crowd, &cookie, &is_over).map_err(|fault| fault.to_string()))
    };
    let (mut delays, mut room) = (Vec::new(), vec![0; 16 * 1024]);
    let mut most = before;
    let mut ready = Vec::with_capacity(READY_MAX);
    let begun = instant();
    while begun.elapsed() < Duration::from_secs(crowd.seconds) {
        ready.clear();
        epoll::wait(&poll, spare_capacity(&mut ready), Some(&timespec(Duration::from_millis(200))))?;
        for event in &ready {
            let listener = &mut listeners[event.data.u64() as usize];
            listener.read(&mut room, &mut |stamp| {
                // What was known before the crowd was there is no news.
                if begun.elapsed() > Duration::from_secs(1) {
                    delays.push((wall_ns() / 1_000_000).saturating_sub(stamp));
                }
            })?;
        }
        most = most.max(resident_bytes(crowd.pid)?);
    }
    is_over.store(true, Ordering::Relaxed);
    let acts = officer.join().map_err(|_| "the officer fell")??;
    delays.sort_unstable();
    let at =
        |share: f64| delays.get(((delays.len() as f64 * share) as usize).min(delays.len().saturating_sub(1)));
    let ms = |share: f64| at(share).copied().unwrap_or_default();
    Ok(vec![
        format!("Machine: {}.", machine()),
        format!(
            "{} listeners, {acts} acts in {} s, {} events heard.",
            listeners.len(),
            crowd.seconds,
            delays.len()
        ),
        format!(
            "From the reading of the queue to the listener: p50 {} ms, p99 {} ms, most {} ms.",
            ms(0.5),
            ms(0.99),
            ms(1.0)
        ),
        format!("Server in memory: {} MB before, {} MB at most.", before / 1_000_000, most / 1_000_000),
    ])
}
