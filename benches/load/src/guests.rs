//! People of meetings at a running server, each with a socket, a connection and a voice: light ones beside a few real
//! browsers, when the server ends under many meetings. They come back by themselves as a page does, with the newest
//! token of their place, and tell how long they heard nothing.
//!
//! On standard input a line of `meeting token` for each, then an empty line, then `watch MILLISECONDS` each time the
//! silences of so long are asked for. On standard output `{"inside": true}` when all hear somebody, and for each watch
//! `{"silences": [{"ms", "ended_ms", "connections"}]}`: the longest of each, when it ended (Unix), and how many
//! connections it has made.

use std::io::BufRead;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use crate::clock;
use crate::crowd::{Client, Crowd, Idle};
use crate::person::{Fault, Lines, Person, SPEECH_DBOV, Sends, broken};
use crate::udp::Reading;

/// Between two looks at the sockets and at what was heard.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Pauses between tries to come back, as a page makes them.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// A socket that says nothing for longer is closed by the server.
const PING_EVERY: Duration = Duration::from_secs(5);
/// Until all hear somebody.
const INSIDE_WITHIN: Duration = Duration::from_secs(60);

/// Where they go.
#[derive(Args, Clone, Copy, Debug)]
pub struct Guests {
    /// The server's plain HTTP.
    #[arg(long)]
    pub server: SocketAddr,
    /// How loud they are, in dBov: -30 is speech, -70 somebody who breathes.
    #[arg(long, default_value_t = SPEECH_DBOV, allow_hyphen_values = true)]
    pub level: i8,
}

pub(crate) type Opening = MidHandshake<ClientHandshake<TcpStream>>;
/// A try to open a socket, so far.
pub(crate) enum Opened {
    Done(Box<WebSocket<TcpStream>>),
    Begun(Box<Opening>),
    Refused,
}

impl<Answer> From<Result<(WebSocket<TcpStream>, Answer), HandshakeError<ClientHandshake<TcpStream>>>>
    for Opened
{
    fn from(
        so_far: Result<(WebSocket<TcpStream>, Answer), HandshakeError<ClientHandshake<TcpStream>>>,
    ) -> Opened {
        match so_far {
            Ok((socket, _)) => Opened::Done(Box::new(socket)),
            Err(HandshakeError::Interrupted(opening)) => Opened::Begun(Box::new(opening)),
            Err(HandshakeError::Failure(_)) => Opened::Refused,
        }
    }
}

/// The way to the server's rules.
enum Socket {
    Away { until: Instant },
    Opening(Box<Opening>),
    Open(Box<WebSocket<TcpStream>>),
}

/// What somebody heard.
struct Ear {
    got: u64,
    since: Instant,
    longest: Duration,
    ended_ns: u64,
}

impl Ear {
    fn begin() -> Ear {
        Ear { got: 0, since: clock::instant(), longest: Duration::ZERO, ended_ns: clock::wall_ns() }
    }

    /// The packets of one connection so far.
    fn note(&mut self, got: u64) {
        if got == self.got {
            return;
        }
        let now = clock::instant();
        let silence = now.saturating_duration_since(self.since);
        if silence > self.longest {
            (self.longest, self.ended_ns) = (silence, clock::wall_ns());
        }
        (self.got, self.since) = (got, now);
    }

    /// Who hears nothing by now is silent until now.
    fn told(&self, connections: u32) -> Value {
        let going = clock::instant().saturating_duration_since(self.since);
        let (longest, ended_ns) =
            if going > self.longest { (going, clock::wall_ns()) } else { (self.longest, self.ended_ns) };
        json!({ "ms": 1e3 * longest.as_secs_f64(), "ended_ms": ended_ns / 1_000_000, "connections": connections })
    }
}

struct Guest {
    meeting: String,
    token: String,
    socket: Socket,
    tries: u32,
    pinged: Instant,
    /// A connection whose answer has not come.
    coming: Option<Person>,
    /// The place in the crowd.
    place: Option<usize>,
    connections: u32,
    ear: Ear,
    level: i8,
}

impl Guest {
    fn new(line: &str, level: i8) -> Result<Guest, Fault> {
        let (meeting, token) = line.split_once(' ').ok_or("a line of meeting and token")?;
        let now = clock::instant();
        Ok(Guest {
            meeting: meeting.to_owned(),
            token: token.to_owned(),
            socket: Socket::Away { until: now },
            tries: 0,
            pinged: now,
            coming: None,
            place: None,
            connections: 0,
            ear: Ear::begin(),
            level,
        })
    }

    /// Looks at the socket: opens it, reads it, and does what the server says.
    fn look(&mut self, crowd: &mut Crowd, server: SocketAddr) -> Result<(), Fault> {
        let now = clock::instant();
        let gone = || Socket::Away { until: now };
        match std::mem::replace(&mut self.socket, gone()) {
            Socket::Away { until } if now < until => self.socket = Socket::Away { until },
            Socket::Away { .. } => self.go_on(begin(server, None).unwrap_or(Opened::Refused))?,
            Socket::Opening(opening) => self.go_on(opening.handshake().into())?,
            Socket::Open(mut socket) => match self.converse(&mut socket, crowd)? {
                true => self.socket = Socket::Open(socket),
                false => self.lose(now),
            },
        }
        if let Some(place) = self.place {
            self.ear.note(crowd.clients[place].tally().got_and_sent().0);
        }
        Ok(())
    }

    /// A socket that is open, or on its way, or not to be had.
    fn go_on(&mut self, opened: Opened) -> Result<(), Fault> {
        match opened {
            Opened::Done(socket) => self.greet(socket)?,
            Opened::Begun(opening) => self.socket = Socket::Opening(opening),
            Opened::Refused => self.lose(clock::instant()),
        }
        Ok(())
    }

    /// The next try: at once, then after growing pauses.
    fn lose(&mut self, now: Instant) {
        let pause = match self.tries {
            0 => Duration::ZERO,
            tries => (PAUSE_MIN * 2u32.pow(tries.min(6) - 1)).min(PAUSE_MAX),
        };
        self.tries += 1;
        self.socket = Socket::Away { until: now + pause };
    }

    /// Says who comes, and offers a connection in the same breath.
    fn greet(&mut self, mut socket: Box<WebSocket<TcpStream>>) -> Result<(), Fault> {
        let mut person = Person::new(Reading::Single)?;
        person.level = self.level;
        let sdp = person.offer(Lines { sends: Sends::Media { rate: 0 }, sounds: 3, pictures: 0 })?;
        let page = json!({ "kind": "meeting", "meeting": self.meeting });
        for message in [
            json!({ "type": "hello", "version": 1, "page": page, "resume": self.token }),
            json!({ "type": "connect", "sdp": sdp }),
            json!({ "type": "set_tracks", "microphone": true, "camera": false }),
        ] {
            let _ = socket.send(Message::text(message.to_string()));
        }
        (self.coming, self.pinged) = (Some(person), clock::instant());
        self.socket = Socket::Open(socket);
        Ok(())
    }

    /// Reads what there is; `false` when the socket has ended.
    fn converse(&mut self, socket: &mut WebSocket<TcpStream>, crowd: &mut Crowd) -> Result<bool, Fault> {
        if self.pinged + PING_EVERY < clock::instant() {
            self.pinged = clock::instant();
            let _ = socket.send(Message::text(r#"{"type":"ping","n":1}"#));
        }
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => self.hear(&serde_json::from_str(&text)?, crowd)?,
                Ok(Message::Close(_)) => return Ok(false),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Ok(true);
                }
                Err(_) => return Ok(false),
            }
        }
    }

    fn hear(&mut self, message: &Value, crowd: &mut Crowd) -> Result<(), Fault> {
        if let Some(token) = message["resume"].as_str() {
            self.token = token.to_owned();
        }
        match message["type"].as_str() {
            Some("welcome") => self.tries = 0,
            // The server ends: its socket does, too.
            Some("error") if message["code"] == "going_away" => {}
            Some("error") => return Err(broken(&format!("the server says {message}"))),
            Some("answer") => {
                let Some(mut person) = self.coming.take() else { return Ok(()) };
                person.accept(message["sdp"].as_str().ok_or("an answer without SDP")?)?;
                if let Some(before) = self.place.take() {
                    crowd.remove(before);
                }
                let place = crowd.add(Client::Person(Box::new(person)))?;
                crowd.let_send(place, Duration::ZERO);
                (self.place, self.ear.got) = (Some(place), 0);
                self.connections += 1;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Begins to open a socket; a server that is just being started lets it wait.
///
/// * `session`: shown as the page's cookie.
pub(crate) fn begin(server: SocketAddr, session: Option<&str>) -> Result<Opened, Fault> {
    let stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut request = format!("ws://{server}/signal").into_client_request()?;
    request.headers_mut().insert("Origin", HeaderValue::from_str(&format!("http://{server}"))?);
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("sachivalaya.v1"));
    if let Some(session) = session {
        request.headers_mut().insert("Cookie", HeaderValue::from_str(&format!("es={session}"))?);
    }
    Ok(tungstenite::client(request, stream).into())
}

/// The lines of standard input, as they come.
pub(crate) fn lines() -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Serves until standard input ends.
///
/// * `print`: takes one line of what is told.
///
/// # Errors
/// A line that is no token, a server that refuses somebody, or guests that never hear each other.
pub fn run(wish: Guests, mut print: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let lines = lines();
    let mut guests: Vec<Guest> = Vec::new();
    while let Some(line) = lines.recv().ok().filter(|line| !line.is_empty()) {
        guests.push(Guest::new(&line, wish.level)?);
    }
    let mut crowd = Crowd::new(Idle::Sleeps)?;
    let mut watch: Option<Instant> = None;
    let (begun, mut is_told) = (clock::instant(), false);
    loop {
        crowd.work(LOOK_EVERY)?;
        for guest in &mut guests {
            guest.look(&mut crowd, wish.server)?;
        }
        let now = clock::instant();
        if !is_told && guests.iter().all(|guest| guest.ear.got > 0) {
            is_told = true;
            print(&json!({ "inside": true }).to_string())?;
        } else if !is_told && now > begun + INSIDE_WITHIN {
            return Err("somebody hears nobody".into());
        }
        if watch.is_some_and(|end| now >= end) {
            watch = None;
            let silences: Vec<Value> = guests.iter().map(|guest| guest.ear.told(guest.connections)).collect();
            print(&json!({ "silences": silences }).to_string())?;
        }
        match lines.try_recv() {
            Ok(line) => {
                let length = line.strip_prefix("watch ").and_then(|length| length.parse().ok());
                let length = length.ok_or("watch and milliseconds")?;
                watch = Some(now + Duration::from_millis(length));
                for guest in &mut guests {
                    let got = guest.ear.got;
                    guest.ear = Ear { got, ..Ear::begin() };
                }
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Ok(()),
        }
    }
}
