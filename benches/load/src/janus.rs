//! Janus beside us: its process, and as much of the API of its videoroom as a load needs.
//!
//! Debian's package, one event loop, AES-GCM: the fair setting on one core. Source: the videoroom chapter of the Janus
//! documentation. Nothing of it is linked or changed; a shim only lets it gather candidates on loopback.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use crate::clock;
use crate::person::{Fault, broken};

/// Where its configuration makes it listen.
const ADDRESS: &str = "127.0.0.1:8188";
/// How often its door is tried after the start.
const TRIES: usize = 100;
/// Between two tries.
const TRY_EVERY: Duration = Duration::from_millis(100);
/// An answer takes milliseconds; Janus hangs if it takes this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// One publisher of a room.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its id in the room.
    pub id: u64,
    /// Its line of sound.
    pub sound: String,
    /// Its line of pictures, if it shows any.
    pub picture: Option<String>,
}

/// A running Janus with one session.
pub struct Janus {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: u64,
    questions: u64,
    publishers_max: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("janus")
}

/// Builds the shim; returns where it is.
fn shim() -> Result<PathBuf, Fault> {
    let shim = std::env::temp_dir().join(format!("lo-shim-{}.so", std::process::id()));
    let built = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&shim)
        .arg(folder().join("lo-shim.c"))
        .arg("-ldl")
        .status()?;
    if built.success() { Ok(shim) } else { Err("the shim for loopback does not compile".into()) }
}

impl Janus {
    /// Starts Janus on a core, in a process of its own.
    ///
    /// # Errors
    /// It is not installed, or it does not open its door.
    pub fn start(core: usize, publishers_max: usize) -> Result<Janus, Fault> {
        if TcpStream::connect(ADDRESS).is_ok() {
            return Err(broken(&format!("something listens on {ADDRESS} already")));
        }
        let child = Command::new("taskset")
            .args(["-c", &core.to_string(), "janus", "-F", ".", "-C", "janus.jcfg", "-o"])
            .current_dir(folder())
            .env("LD_PRELOAD", shim()?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut child = Guard(Some(child));
        let socket = knock()?;
        let child = child.0.take().ok_or("no process")?;
        let mut janus = Janus { child, socket, session: 0, questions: 0, publishers_max };
        let answer = janus.ask(json!({"janus": "create"}))?;
        janus.session = answer["data"]["id"].as_u64().ok_or("a session without an id")?;
        Ok(janus)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks and waits for the answer to that question; what Janus tells unasked is dropped.
    fn ask(&mut self, mut question: Value) -> Result<Value, Fault> {
        self.questions += 1;
        let transaction = self.questions.to_string();
        question["transaction"] = transaction.clone().into();
        if self.session != 0 {
            question["session_id"] = self.session.into();
        }
        self.socket.send(Message::text(question.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else { continue };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["transaction"] != transaction.as_str() || answer["janus"] == "ack" {
                continue;
            }
            let data = &answer["plugindata"]["data"];
            if answer["janus"] == "error" || !data["error"].is_null() {
                return Err(broken(&format!("Janus refuses {question}: {answer}")));
            }
            return Ok(answer);
        }
    }

    fn attach(&mut self) -> Result<u64, Fault> {
        let answer = self.ask(json!({"janus": "attach", "plugin": "janus.plugin.videoroom"}))?;
        answer["data"]["id"].as_u64().ok_or_else(|| "a handle without an id".into())
    }

    fn tell(&mut self, handle: u64, body: Value, jsep: Option<Value>) -> Result<Value, Fault> {
        let mut question = json!({"janus": "message", "handle_id": handle, "body": body});
        if let Some(jsep) = jsep {
            question["jsep"] = jsep;
        }
        self.ask(question)
    }

    /// Makes a room.
    ///
    /// # Errors
    /// Janus refuses.
    pub fn room(&mut self, room: u64) -> Result<(), Fault> {
        let handle = self.attach()?;
        let body = json!({
            "request": "create", "room": room, "publishers": self.publishers_max, "bitrate": 0,
            "audiocodec": "opus", "videocodec": "vp8", "notify_joining": false,
        });
        self.tell(handle, body, None).map(drop)
    }

    /// Lets a client publish; returns its id in the room and the answer to its offer.
    ///
    /// # Errors
    /// Janus refuses.
    pub fn publish(&mut self, room: u64, offer: &str) -> Result<(u64, String), Fault> {
        let handle = self.attach()?;
        let joined =
            self.tell(handle, json!({"request": "join", "ptype": "publisher", "room": room}), None)?;
        let id = joined["plugindata"]["data"]["id"].as_u64().ok_or("a publisher without an id")?;
        let jsep = json!({"type": "offer", "sdp": offer});
        let answer = self.tell(handle, json!({"request": "publish"}), Some(jsep))?;
        let answer = answer["jsep"]["sdp"].as_str().ok_or("no answer to a publisher's offer")?;
        Ok((id, answer.to_owned()))
    }

    /// Subscribes to lines of feeds; returns the handle and Janus' offer.
    ///
    /// # Errors
    /// Janus refuses.
    pub fn subscribe(&mut self, room: u64, lines: &[(u64, String)]) -> Result<(u64, String), Fault> {
        let handle = self.attach()?;
        let streams: Vec<Value> = lines.iter().map(|(feed, mid)| json!({"feed": feed, "mid": mid})).collect();
        let body = json!({"request": "join", "ptype": "subscriber", "room": room, "streams": streams});
        let answer = self.tell(handle, body, None)?;
        let offer = answer["jsep"]["sdp"].as_str().ok_or("no offer to a subscriber")?;
        Ok((handle, offer.to_owned()))
    }

    /// Gives Janus the answer to its offer.
    ///
    /// # Errors
    /// Janus refuses.
    pub fn begin(&mut self, handle: u64, answer: &str) -> Result<(), Fault> {
        let jsep = json!({"type": "answer", "sdp": answer});
        self.tell(handle, json!({"request": "start"}), Some(jsep)).map(drop)
    }
}

/// Knocks until the door opens.
fn knock() -> Result<WebSocket<TcpStream>, Fault> {
    for _ in 0..TRIES {
        clock::pause(TRY_EVERY);
        let Ok(stream) = TcpStream::connect(ADDRESS) else { continue };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut request = format!("ws://{ADDRESS}/").into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("janus-protocol"));
        let (socket, _) = tungstenite::client(request, stream)
            .map_err(|error| broken(&format!("no WebSocket to Janus: {error}")))?;
        return Ok(socket);
    }
    Err("Janus does not open its door: is Debian's package `janus` installed?".into())
}

/// Ends the process if the start fails half-way.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
