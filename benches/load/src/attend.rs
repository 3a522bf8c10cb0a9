//! People of meetings at a running server, each with a socket, a connection and a voice, who do what they are told: go,
//! shut the page, lose the line or the process, have a bad line, get another address. Each tells from when to when, by the
//! clock of this program: the truth beside which the server's record of attendance is laid.
//!
//! On standard input a line of JSON for each, `{"name", "meeting", "session", "steps": [{"do", "seconds"}]}`, where a known
//! name gets more steps. On standard output `{"name", "welcome": ms}` at each welcome, `{"name", "do", "from", "to"}` for each
//! step that is over (Unix milliseconds) and `{"name", "idle": true}` when none is left. An officer lets in whoever waits.

use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use crate::clock;
use crate::crowd::{Client, Crowd, Idle};
use crate::guests::{Guests, Opened, Opening, begin, lines};
use crate::person::{Fault, Lines, Person, Sends, broken};
use crate::trouble::Trouble;
use crate::udp::Reading;

/// Between two looks at the sockets and at what is to be done.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Between two tries to come back.
const PAUSE: Duration = Duration::from_millis(100);
/// A socket that says nothing for longer is closed by the server.
const PING_EVERY: Duration = Duration::from_secs(5);

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Deed {
    /// Nothing: is there and speaks.
    Stay,
    /// Presses the button, and comes again.
    Leave,
    /// Shuts the page, and opens it again.
    Shut,
    /// The process ends without a word, and another begins.
    Die,
    /// The line is cut: datagrams and the socket are silent together.
    Cut,
    /// Datagrams alone are cut.
    CutUdp,
    /// The socket alone is lost; a page opens another at once.
    LoseSocket,
    /// Thirty datagrams in a hundred are lost each way, and those that are sent come up to 60 ms late.
    BadLine,
    /// The address becomes another one.
    Move,
    /// Ends the meeting for all.
    End,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Step {
    #[serde(rename = "do")]
    deed: Deed,
    seconds: f64,
}

#[derive(Debug, Deserialize)]
struct Order {
    name: String,
    #[serde(default)]
    meeting: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    steps: Vec<Step>,
}

enum Socket {
    /// Nobody wants one.
    None,
    Away {
        until: Instant,
    },
    Opening(Box<Opening>),
    Open(Box<WebSocket<TcpStream>>),
}

/// A step that was begun.
struct Doing {
    deed: Deed,
    from_ms: u64,
    until: Instant,
    /// Its time is over, and the way back has begun.
    is_returning: bool,
}

struct Attendee {
    order: Order,
    socket: Socket,
    pinged: Instant,
    /// A connection whose answer has not come.
    coming: Option<Person>,
    /// The place in the crowd.
    place: Option<usize>,
    is_inside: bool,
    /// The server has given the connection up.
    is_given_up: bool,
    doing: Option<Doing>,
    said: Vec<Value>,
}

fn wall_ms() -> u64 {
    clock::wall_ns() / 1_000_000
}

impl Attendee {
    fn new(order: Order) -> Attendee {
        let now = clock::instant();
        Attendee {
            order,
            socket: Socket::Away { until: now },
            pinged: now,
            coming: None,
            place: None,
            is_inside: false,
            is_given_up: false,
            doing: None,
            said: Vec::new(),
        }
    }

    /// The line is cut: nothing is read or written.
    fn is_cut(&self) -> bool {
        self.doing.as_ref().is_some_and(|doing| doing.deed == Deed::Cut && !doing.is_returning)
    }

    fn look(&mut self, crowd: &mut Crowd, server: SocketAddr) -> Result<(), Fault> {
        self.act(crowd)?;
        if self.is_cut() {
            return Ok(());
        }
        let now = clock::instant();
        match std::mem::replace(&mut self.socket, Socket::None) {
            Socket::None => {}
            Socket::Away { until } if now < until => self.socket = Socket::Away { until },
            Socket::Away { .. } => {
                let session = self.order.session.clone();
                self.go_on(begin(server, Some(&session)).unwrap_or(Opened::Refused))?;
            }
            Socket::Opening(opening) => self.go_on(opening.handshake().into())?,
            Socket::Open(mut socket) => match self.converse(&mut socket, crowd)? {
                true if matches!(self.socket, Socket::None) => self.socket = Socket::Open(socket),
                true => {}
                false => self.socket = Socket::Away { until: now + PAUSE },
            },
        }
        Ok(())
    }

    fn go_on(&mut self, opened: Opened) -> Result<(), Fault> {
        match opened {
            Opened::Done(mut socket) => {
                let page = json!({ "kind": "meeting", "meeting": self.order.meeting });
                let hello = json!({ "type": "hello", "version": 1, "page": page });
                let _ = socket.send(Message::text(hello.to_string()));
                self.pinged = clock::instant();
                self.socket = Socket::Open(socket);
            }
            Opened::Begun(opening) => self.socket = Socket::Opening(opening),
            Opened::Refused => self.socket = Socket::Away { until: clock::instant() + PAUSE },
        }
        Ok(())
    }

    /// Offers a connection.
    fn connect(&mut self, socket: &mut WebSocket<TcpStream>) -> Result<(), Fault> {
        let mut person = Person::new(Reading::Single)?;
        let sdp = person.offer(Lines { sends: Sends::Media { rate: 0 }, sounds: 3, pictures: 0 })?;
        self.coming = Some(person);
        for message in [
            json!({ "type": "connect", "sdp": sdp }),
            json!({ "type": "set_tracks", "microphone": true, "camera": false }),
        ] {
            let _ = socket.send(Message::text(message.to_string()));
        }
        Ok(())
    }

    /// Reads what there is; `false` when the socket has ended.
    fn converse(&mut self, socket: &mut WebSocket<TcpStream>, crowd: &mut Crowd) -> Result<bool, Fault> {
        if self.pinged + PING_EVERY < clock::instant() {
            self.pinged = clock::instant();
            let _ = socket.send(Message::text(r#"{"type":"ping","n":1}"#));
        }
        let is_forlorn =
            self.place.and_then(|place| crowd.clients[place].person()).is_some_and(|p| p.is_forlorn);
        let is_dead =
            self.doing.as_ref().is_some_and(|doing| doing.deed == Deed::CutUdp && !doing.is_returning);
        if (is_forlorn || self.is_given_up) && !is_dead && self.coming.is_none() {
            self.is_given_up = false;
            self.connect(socket)?;
        }
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => {
                    let message: Value = serde_json::from_str(&text)?;
                    self.hear(&message, socket, crowd)?;
                }
                Ok(Message::Close(_)) => return Ok(false),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Ok(true);
                }
                Err(_) => return Ok(false),
            }
        }
    }

    fn hear(
        &mut self,
        message: &Value,
        socket: &mut WebSocket<TcpStream>,
        crowd: &mut Crowd,
    ) -> Result<(), Fault> {
        match message["type"].as_str() {
            Some("welcome") => {
                self.said.push(json!({ "welcome": wall_ms() }));
                let is_officer = message["role"] == "officer";
                self.is_inside |= is_officer;
                if self.place.is_none() || message["connected"] == false {
                    self.connect(socket)?;
                }
            }
            Some("admitted") => self.is_inside = true,
            // Whoever sees who is inside is inside.
            Some("participants") => self.is_inside = true,
            Some("lobby") => {
                for waiting in message["waiting"].as_array().into_iter().flatten() {
                    let admit = json!({ "type": "admit", "participant": waiting["participant"] });
                    let _ = socket.send(Message::text(admit.to_string()));
                }
            }
            Some("error") if message["code"] == "unknown_participant" || message["code"] == "going_away" => {}
            Some("error") if message["code"] == "silent" => {}
            Some("error") if message["code"] == "transport_lost" => self.is_given_up = true,
            Some("error") => return Err(broken(&format!("the server says {message}"))),
            Some("answer") => {
                let Some(mut person) = self.coming.take() else { return Ok(()) };
                person.accept(message["sdp"].as_str().ok_or("an answer without SDP")?)?;
                self.hang_up(crowd);
                let place = crowd.add(Client::Person(Box::new(person)))?;
                crowd.let_send(place, Duration::ZERO);
                self.place = Some(place);
            }
            _ => {}
        }
        Ok(())
    }

    /// Sends nothing any more.
    fn hang_up(&mut self, crowd: &mut Crowd) {
        if let Some(place) = self.place.take() {
            crowd.remove(place);
        }
    }

    /// Makes the line so bad from now on.
    fn suffer(&mut self, crowd: &mut Crowd, trouble: Trouble) {
        if let Some(person) = self.place.and_then(|place| crowd.clients[place].person()) {
            person.bad.become_so(trouble);
        }
    }

    fn is_talking(&self, crowd: &mut Crowd) -> bool {
        let person = self.place.and_then(|place| crowd.clients[place].person());
        self.is_inside && person.is_some_and(|person| person.is_connected)
    }

    /// Does what is due: ends a step, or begins the next.
    fn act(&mut self, crowd: &mut Crowd) -> Result<(), Fault> {
        let now = clock::instant();
        if let Some(doing) = &mut self.doing {
            if !doing.is_returning && now >= doing.until {
                doing.is_returning = true;
                let deed = doing.deed;
                self.come_back(deed, crowd);
            }
            let Some(doing) = &self.doing else { return Ok(()) };
            let (deed, is_over) = (doing.deed, doing.is_returning && self.is_back(doing.deed));
            if is_over {
                let from = self.doing.take().map(|doing| doing.from_ms);
                self.said.push(json!({ "do": format!("{deed:?}"), "from": from, "to": wall_ms() }));
                if self.order.steps.is_empty() {
                    self.said.push(json!({ "idle": true }));
                }
            }
            return Ok(());
        }
        if self.order.steps.is_empty() || !self.is_talking(crowd) {
            return Ok(());
        }
        let Step { deed, seconds } = self.order.steps.remove(0);
        let doing = Doing {
            deed,
            from_ms: wall_ms(),
            until: now + Duration::from_secs_f64(seconds),
            is_returning: false,
        };
        self.doing = Some(doing);
        self.begin(deed, crowd)
    }

    fn begin(&mut self, deed: Deed, crowd: &mut Crowd) -> Result<(), Fault> {
        let cut = Trouble { loss: 1.0, jitter: Duration::ZERO };
        match deed {
            Deed::Stay => {}
            Deed::BadLine => {
                self.suffer(crowd, Trouble { loss: 0.3, jitter: Duration::from_millis(60) });
            }
            Deed::Cut | Deed::CutUdp => self.suffer(crowd, cut),
            Deed::Move => crowd.rebind(self.place.ok_or("nobody to move")?)?,
            Deed::LoseSocket => self.socket = Socket::Away { until: clock::instant() + PAUSE },
            Deed::Leave => self.goes(crowd, Some(Message::text(r#"{"type":"leave"}"#))),
            Deed::Shut => {
                let frame = CloseFrame { code: CloseCode::Library(4002), reason: "".into() };
                self.goes(crowd, Some(Message::Close(Some(frame))));
            }
            Deed::Die => self.goes(crowd, None),
            Deed::End => {
                if let Socket::Open(socket) = &mut self.socket {
                    let _ = socket.send(Message::text(r#"{"type":"end_meeting"}"#));
                }
            }
        }
        Ok(())
    }

    /// Socket and connection end, with a last word or without.
    fn goes(&mut self, crowd: &mut Crowd, last: Option<Message>) {
        if let (Socket::Open(socket), Some(last)) = (&mut self.socket, last) {
            let _ = socket.send(last);
        }
        self.socket = Socket::None;
        self.coming = None;
        self.hang_up(crowd);
    }

    fn come_back(&mut self, deed: Deed, crowd: &mut Crowd) {
        match deed {
            Deed::Leave | Deed::Shut | Deed::Die => {
                self.socket = Socket::Away { until: clock::instant() };
                self.is_inside = false;
            }
            Deed::BadLine | Deed::Cut | Deed::CutUdp => self.suffer(crowd, Trouble::default()),
            Deed::Stay | Deed::Move | Deed::LoseSocket | Deed::End => {}
        }
    }

    /// The step is over: at once, or for whoever had gone when he is in again.
    fn is_back(&self, deed: Deed) -> bool {
        !matches!(deed, Deed::Leave | Deed::Shut | Deed::Die) || self.is_inside
    }
}

/// Serves until standard input ends.
///
/// * `print`: takes one line of what is told.
///
/// # Errors
/// A line that is no order, or a server that refuses somebody.
pub fn run(wish: Guests, mut print: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let lines = lines();
    let mut all: Vec<Attendee> = Vec::new();
    let mut crowd = Crowd::new(Idle::Sleeps)?;
    loop {
        crowd.work(LOOK_EVERY)?;
        for one in &mut all {
            one.look(&mut crowd, wish.server)?;
            for mut said in std::mem::take(&mut one.said) {
                said["name"] = json!(one.order.name);
                print(&said.to_string())?;
            }
        }
        match lines.try_recv() {
            Ok(line) => {
                let order: Order = serde_json::from_str(&line)?;
                match all.iter_mut().find(|one| one.order.name == order.name) {
                    Some(known) => known.order.steps.extend(order.steps),
                    None => all.push(Attendee::new(order)),
                }
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Ok(()),
        }
    }
}
