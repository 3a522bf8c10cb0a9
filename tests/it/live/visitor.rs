//! Somebody at a page: the protocol's own client, and a phone when there is media.
//!
//! Hears with a bound of time and never waits by the clock.

use std::io::Write;

use data_encoding::BASE64URL_NOPAD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use media::PeerId;
use signaling::client::{Client, ClientError, Introduction};
use signaling::value::{CallState, Id, Page, ResumeToken, Sdp};
use signaling::{ClientMessage, ErrorCode, ServerMessage, VERSION};

use super::house::{Booked, LiveHouse, PATIENCE};
use super::phone::Phone;

/// One socket.
pub struct Visitor {
    pub client: Client,
    /// What was heard so far, for whoever reads a failed test.
    heard: Vec<ServerMessage>,
    /// The answer of the connection.
    answer: String,
}

impl Visitor {
    /// Opens a socket; says nothing yet.
    pub async fn at(house: &LiveHouse, cookie: Option<&str>) -> Visitor {
        let cookie = cookie.map(|token| format!("es={token}"));
        let (url, origin) = (format!("ws://{}/signal", house.address), format!("http://{}", house.address));
        let introduction = Introduction { url: &url, origin: &origin, cookie: cookie.as_deref() };
        Visitor {
            client: Client::open(introduction).await.unwrap(),
            heard: Vec::new(),
            answer: String::new(),
        }
    }

    /// Opens a socket and says hello with the opening, where no token stands.
    pub async fn with_first_words(house: &LiveHouse, cookie: &str, page: Page) -> Visitor {
        let hello = ClientMessage::Hello { version: VERSION, page, resume: None };
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(serde_json::to_string(&hello).unwrap().as_bytes()).unwrap();
        let first = BASE64URL_NOPAD.encode(&packed.finish().unwrap());
        let url = format!("ws://{}/signal?first={first}", house.address);
        let (origin, cookie) = (format!("http://{}", house.address), format!("es={cookie}"));
        let introduction = Introduction { url: &url, origin: &origin, cookie: Some(&cookie) };
        let client = Client::open(introduction).await.unwrap();
        Visitor { client, heard: Vec::new(), answer: String::new() }
    }

    /// Opens a socket and says hello.
    pub async fn on(house: &LiveHouse, cookie: &str, page: Page) -> Visitor {
        let mut visitor = Visitor::at(house, Some(cookie)).await;
        visitor.says(ClientMessage::Hello { version: VERSION, page, resume: None }).await;
        visitor
    }

    /// Whoever has waited longest in the lobby that this page sees.
    pub async fn first_in_lobby(&mut self) -> Id {
        let first = |m: &ServerMessage| match m {
            ServerMessage::Lobby { waiting, .. } => waiting.first().map(|w| w.participant.clone()),
            _ => None,
        };
        self.hears(first).await
    }

    /// Opens a socket and says hello with a token.
    pub async fn with_token(
        house: &LiveHouse,
        cookie: Option<&str>,
        (page, resume): (Page, &ResumeToken),
    ) -> Visitor {
        let mut visitor = Visitor::at(house, cookie).await;
        let resume = Some(resume.clone());
        visitor.says(ClientMessage::Hello { version: VERSION, page, resume }).await;
        visitor
    }

    /// The newest token that was given.
    pub fn token(&self) -> ResumeToken {
        let given = |m: &ServerMessage| match m {
            ServerMessage::Welcome { resume, .. } | ServerMessage::Admitted { resume } => resume.clone(),
            _ => None,
        };
        self.heard.iter().rev().find_map(given).expect("a token was given")
    }

    pub async fn says(&mut self, message: ClientMessage) {
        self.client.say(&message).await.unwrap();
    }

    pub async fn hears_next(&mut self) -> Result<ServerMessage, ClientError> {
        let next = tokio::time::timeout(PATIENCE, self.client.hear()).await;
        let next = next.unwrap_or_else(|_| panic!("nothing more was said after {:?}", self.heard));
        self.heard.extend(next.as_ref().ok().cloned());
        next
    }

    /// Hears until a message fits.
    pub async fn hears<T>(&mut self, fits: impl Fn(&ServerMessage) -> Option<T>) -> T {
        loop {
            let message = self.hears_next().await.unwrap();
            if let Some(found) = fits(&message) {
                return found;
            }
        }
    }

    /// Hears until a message of this type.
    pub async fn hears_of(&mut self, kind: &str) -> ServerMessage {
        self.hears(|m| (m.kind() == kind).then(|| m.clone())).await
    }

    /// The answer of the connection.
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// How many messages of this type have been heard.
    pub fn heard_of(&self, kind: &str) -> usize {
        self.heard.iter().filter(|m| m.kind() == kind).count()
    }

    pub async fn hears_call(&mut self, wanted: CallState) -> Id {
        let of = |m: &ServerMessage| match m {
            ServerMessage::Call { call, state, .. } if *state == wanted => Some(call.clone()),
            _ => None,
        };
        self.hears(of).await
    }

    pub async fn hears_ring(&mut self) -> Id {
        let of = |m: &ServerMessage| match m {
            ServerMessage::Incoming { call, .. } => Some(call.clone()),
            _ => None,
        };
        self.hears(of).await
    }

    pub async fn hears_error(&mut self) -> ErrorCode {
        self.hears(|m| if let ServerMessage::Error { code, .. } = m { Some(*code) } else { None }).await
    }

    /// Everything until the close: the last error, and the close code.
    pub async fn is_closed(&mut self) -> (Option<ErrorCode>, Option<u16>) {
        let mut error = None;
        loop {
            match self.hears_next().await {
                Ok(ServerMessage::Error { code, .. }) => error = Some(code),
                Ok(_) => {}
                Err(ClientError::Closed(code)) => return (error, code),
                Err(other) => panic!("closed badly: {other}"),
            }
        }
    }

    /// Brings a transport up.
    pub async fn connects(&mut self, house: &LiveHouse) -> (Phone, PeerId) {
        let (phone, offer) = Phone::new();
        self.says(ClientMessage::Connect { sdp: Sdp::try_from(offer).unwrap() }).await;
        let answer = |m: &ServerMessage| match m {
            ServerMessage::Answer { sdp, .. } => Some(sdp.as_str().to_owned()),
            _ => None,
        };
        let answer = self.hears(answer).await;
        phone.takes(&answer);
        self.answer = answer;
        let peer = house.next_up().await;
        house.eventually("the client is connected", || async { phone.is_connected() }).await;
        house.live.flush().await;
        (phone, peer)
    }
}

/// The citizen waits, is let in and goes; the officer ends it.
pub async fn meets(house: &LiveHouse, (booked, cookie): (&Booked, &str)) {
    let mut officer = Visitor::on(house, cookie, booked.page()).await;
    officer.hears_of("welcome").await;
    let mut citizen = Visitor::on(house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
    let participant = officer.first_in_lobby().await;
    officer.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    citizen.says(ClientMessage::Leave {}).await;
    citizen.is_closed().await;
    officer.says(ClientMessage::EndMeeting {}).await;
    officer.is_closed().await;
}
