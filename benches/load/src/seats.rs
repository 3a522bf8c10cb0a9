//! Seats of the hotline at a running server, each with a socket and a warm connection: what they do is another file's.
//!
//! A seat opens once and stays; whoever is refused or cut off ends the measurement.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::clock;
use crate::crowd::{Client, Crowd};
use crate::guests::{Opened, begin};
use crate::person::{Fault, Lines, Person, Sends, broken};
use crate::udp::Reading;

/// Until all are warm.
const WARM_WITHIN: Duration = Duration::from_secs(60);
/// As a page does.
const PING_EVERY: Duration = Duration::from_secs(18);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A seat.
pub struct Seat {
    /// Its post.
    pub post: String,
    /// The place in the crowd.
    pub place: usize,
    /// What the server said and nobody has read.
    pub heard: Vec<Value>,
    socket: Box<WebSocket<TcpStream>>,
    pinged: Instant,
    /// Bytes of messages, both ways.
    pub said_bytes: usize,
}

impl Seat {
    /// Opens a seat and waits for the answer to its offer.
    ///
    /// * `line`: `device session post`.
    ///
    /// # Errors
    /// The server refuses it.
    pub fn open(line: &str, server: SocketAddr, (lines, crowd): (Lines, &mut Crowd)) -> Result<Seat, Fault> {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, session, post] = words[..] else {
            return Err("a line of device, session and post".into());
        };
        let mut opened = begin(server, Some(session))?;
        let socket = loop {
            match opened {
                Opened::Done(socket) => break socket,
                Opened::Begun(opening) => opened = opening.handshake().into(),
                Opened::Refused => return Err(broken("the server refuses a seat")),
            }
        };
        let open = if lines.sends == Sends::Rests { Person::resting } else { Person::new };
        let mut person = open(Reading::Single)?;
        let sdp = person.offer(lines)?;
        let pinged = clock::instant();
        let mut seat =
            Seat { post: post.to_owned(), place: 0, heard: Vec::new(), socket, pinged, said_bytes: 0 };
        seat.says(json!({ "type": "hello", "version": 1, "page": { "kind": device } }));
        seat.says(json!({ "type": "connect", "sdp": sdp }));
        let end = clock::instant() + WARM_WITHIN;
        let answer = loop {
            seat.listen()?;
            let answer = seat.heard.drain(..).find(|message| message["type"] == "answer");
            match answer {
                Some(answer) => break answer,
                None if clock::instant() > end => return Err(broken("no answer to an offer")),
                None => crowd.work(LOOK_EVERY)?,
            }
        };
        person.accept(answer["sdp"].as_str().ok_or("an answer without SDP")?)?;
        seat.place = crowd.add(Client::Person(Box::new(person)))?;
        Ok(seat)
    }

    /// Says something.
    pub fn says(&mut self, message: Value) {
        let text = message.to_string();
        self.said_bytes += text.len();
        let _ = self.socket.send(Message::text(text));
    }

    /// Reads what there is.
    ///
    /// # Errors
    /// The socket has ended.
    pub fn listen(&mut self) -> Result<(), Fault> {
        if self.pinged + PING_EVERY < clock::instant() {
            self.pinged = clock::instant();
            self.says(json!({ "type": "ping", "n": 1 }));
        }
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.said_bytes += text.len();
                    let message: Value = serde_json::from_str(&text)?;
                    // The board of the others is not looked at.
                    if !matches!(
                        message["type"].as_str(),
                        Some("seat" | "seats" | "slot" | "pong" | "layers")
                    ) {
                        self.heard.push(message);
                    }
                }
                Ok(Message::Close(frame)) => {
                    return Err(broken(&format!("{} is closed: {frame:?}", self.post)));
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Ok(());
                }
                Err(error) => return Err(broken(&format!("{}: {error}", self.post))),
            }
        }
    }
}

/// Opens all seats and waits until they are warm.
///
/// # Errors
/// One is refused, or does not come up.
pub fn open_all(
    lines: &[String],
    server: SocketAddr,
    (wish, crowd): (Lines, &mut Crowd),
) -> Result<Vec<Seat>, Fault> {
    let mut seats = Vec::new();
    for line in lines {
        seats.push(Seat::open(line, server, (wish, crowd))?);
    }
    let is_up = |clients: &[Client]| clients.iter().all(Client::is_connected);
    if crowd.work_until(WARM_WITHIN, is_up)? { Ok(seats) } else { Err(broken("a seat does not become warm")) }
}
