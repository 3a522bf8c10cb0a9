//! Seats of a review beside a few real browsers: they take what rings, send sound and a film, and raise a hand when told.
//!
//! On standard input a line of `device session post` for each, then an empty line, then `hand POST` or `count`. On standard
//! output `{"warm": N}` when all lines are up, and for each `count` how many are inside, and how many packets of sound and of
//! pictures all of them have received. The end of the input ends them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::crowd::{Crowd, Idle};
use crate::film::Film;
use crate::guests::lines;
use crate::person::{Fault, Lines, Sends, broken};
use crate::seats::{Seat, open_all};
use crate::tally::What;

const LOOK_EVERY: Duration = Duration::from_millis(2);
/// The lines of a warm seat.
const PAGE: Lines = Lines { sends: Sends::Media { rate: 1 }, sounds: 3, pictures: 6 };

/// Where, and what they show.
#[derive(Args, Clone, Debug)]
pub struct Sitting {
    /// The server's plain HTTP.
    #[arg(long)]
    pub server: SocketAddr,
    /// A film in IVF.
    #[arg(long)]
    pub film: PathBuf,
}

/// Sits until the input ends.
///
/// # Errors
/// A seat that is refused or cut off.
pub fn run(wish: Sitting, mut print: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let film = Rc::new(Film::read(&wish.film)?);
    let input = lines();
    let mut told = Vec::new();
    while let Some(line) = input.recv().ok().filter(|line| !line.is_empty()) {
        told.push(line);
    }
    let mut crowd = Crowd::new(Idle::Sleeps)?;
    let mut seats = open_all(&told, wish.server, (PAGE, &mut crowd))?;
    for (n, seat) in seats.iter().enumerate() {
        if let Some(person) = crowd.clients[seat.place].person() {
            person.film = Some(film.clone());
        }
        crowd.let_send(seat.place, Duration::from_millis(n as u64 * 7 % 200));
    }
    print(&json!({ "warm": seats.len() }).to_string())?;
    let mut review = String::new();
    let mut inside = 0;
    loop {
        crowd.work(LOOK_EVERY)?;
        for seat in seats.iter_mut() {
            inside += answer(seat, &mut review)?;
        }
        match input.try_recv() {
            Ok(line) if line == "count" => {
                let got = |what| crowd.clients.iter().map(|one| one.tally().got_of(what)).sum::<u64>();
                let count =
                    json!({ "inside": inside, "sound": got(What::Sound), "pictures": got(What::Picture) });
                print(&count.to_string())?;
            }
            Ok(line) => raise(&mut seats, &review, &line)?,
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Ok(()),
        }
    }
}

/// Takes what rings, and notes which call it is: how many came in by it.
fn answer(seat: &mut Seat, review: &mut String) -> Result<u32, Fault> {
    seat.listen()?;
    let mut taken = 0;
    for message in std::mem::take(&mut seat.heard) {
        match message["type"].as_str() {
            Some("incoming") => {
                seat.says(json!({ "type": "accept_ring", "call": message["call"] }));
                message["call"].as_str().unwrap_or_default().clone_into(review);
                taken += 1;
            }
            Some("error") => return Err(broken(&format!("{}: {message}", seat.post))),
            _ => {}
        }
    }
    Ok(taken)
}

/// `hand POST`: asks for the floor.
fn raise(seats: &mut [Seat], review: &str, line: &str) -> Result<(), Fault> {
    let post = line.strip_prefix("hand ").ok_or("neither a hand nor a count")?;
    let seat = seats.iter_mut().find(|seat| seat.post == post).ok_or("nobody sits there")?;
    seat.says(json!({ "type": "review_step", "call": review, "step": { "kind": "hand", "up": true } }));
    Ok(())
}
