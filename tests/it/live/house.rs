//! A live house: the test house with its live part, a media plane on loopback and the signaling socket.
//!
//! The clock stands until a test moves it; only media and sockets live in real time.

use std::net::SocketAddr;
use std::time::Duration;

use domain::diary::Slot;
use domain::id::{AppointmentId, MeetingId};
use media::{Event, MediaConfig, MediaHandle, PeerId};
use sachivalaya::app::book;
use sachivalaya::app::check::Checks;
use sachivalaya::app::hold::hold;
use sachivalaya::app::live::lapsed::Lapsed;
use sachivalaya::app::live::{self, Live, Parts};
use sachivalaya::app::{session, sign_in};
use sachivalaya::auth::Actor;
use sachivalaya::http::{Edge, EdgeParts, routes};
use sachivalaya::store::{meeting, staff};
use sachivalaya::ws;
use signaling::value::{Id, Page};
use tokio::sync::{Mutex, mpsc};

use crate::house::{House, details, post_id, wish};

/// What a test of real media may take before it has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The whole live house.
pub struct LiveHouse {
    pub house: House,
    pub live: Live,
    pub media: MediaHandle,
    pub address: SocketAddr,
    pub edge: Edge,
    ups: Mutex<mpsc::UnboundedReceiver<PeerId>>,
}

/// A booked meeting by video that is about to begin.
pub struct Booked {
    pub appointment: AppointmentId,
    pub meeting: MeetingId,
    /// The cookie of the citizen's device.
    pub cookie: String,
}

impl Booked {
    pub fn page(&self) -> Page {
        Page::Meeting { meeting: Id::parse(self.meeting.as_str()).unwrap() }
    }
}

impl LiveHouse {
    pub async fn open() -> LiveHouse {
        LiveHouse::around(House::open().await).await
    }

    /// Brings a house to life; a second time is what a restart of the server is.
    pub async fn around(house: House) -> LiveHouse {
        let house = LiveHouse::around_without_seats(house).await;
        house.live.refresh_seats().await.unwrap();
        house
    }

    /// The same while the database is away: who holds which seat is read later.
    pub async fn around_without_seats(house: House) -> LiveHouse {
        let (events, events_in) = live::events();
        let (up, ups) = mpsc::unbounded_channel();
        let config = MediaConfig {
            bind: "127.0.0.1:0".parse().unwrap(),
            advertise: Vec::new(),
            advertise_tcp: Vec::new(),
            relay: None,
            silence_max: Duration::from_secs(15),
            peers_max: 64,
            threads: 2,
            sending: media::Sending::Segmented,
        };
        let media = media::start(config, move |event| {
            let is_up = if let Event::Up { peer } = event { Some(peer) } else { None };
            // The house is told first, so that whoever waits here finds it told.
            events.tell(event);
            is_up.map(|peer| up.send(peer));
        });
        let media = media.unwrap();
        let boards = sachivalaya::app::queue::Boards::new(house.desk.clone());
        let lapsed = Lapsed::open(&house.data.path().join("lapsed"));
        let parts = Parts { desk: house.desk.clone(), media: media.clone(), boards: boards.clone(), lapsed };
        let live = Live::start(parts, events_in);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let figures = std::sync::Arc::new(String::new);
        let edge = Edge::new(EdgeParts {
            desk: house.desk.clone(),
            figures,
            live: Some(live.clone()),
            boards,
            relays: None,
            checks: Some(Checks::new(media.clone())),
            media_port: None,
            https_port: None,
            metrics_token: None,
        });
        let socket = ws::routes(ws::Door::new(house.desk.clone(), live.clone()));
        let router = routes::router(&edge, socket);
        tokio::spawn(async move { axum::serve(listener, router).await });
        LiveHouse { house, live, media, address, edge, ups: Mutex::new(ups) }
    }

    /// The next peer whose transport comes up.
    pub async fn next_up(&self) -> PeerId {
        let mut ups = self.ups.lock().await;
        tokio::time::timeout(PATIENCE, ups.recv()).await.expect("a transport comes up").unwrap()
    }

    /// Whoever holds `post`, signed in from it; the cookie.
    pub async fn staff(&self, post: &str) -> String {
        let mut connection = self.house.desk.store.read().await.unwrap();
        let user = staff::by_login(&mut connection, post).await.unwrap().unwrap().id;
        drop(connection);
        let shown = sign_in::print_link(&self.house.desk, &user, &post_id(post)).await.unwrap();
        sign_in::by_link(&self.house.desk, &shown).await.unwrap().cookie
    }

    pub async fn actor(&self, cookie: &str) -> Actor {
        session::actor(&self.house.desk, Some(cookie)).await.unwrap()
    }

    /// A citizen books the next free time of a post by video, and the clock moves to its beginning.
    pub async fn books(&self, post: &str) -> Booked {
        let mut booked = self.books_each(&[post]).await;
        booked.remove(0)
    }

    /// A citizen each books the same next free time of these posts, and the clock moves to its beginning.
    pub async fn books_each(&self, posts: &[&str]) -> Vec<Booked> {
        let mut common = self.house.free(posts[0]).await;
        for post in posts {
            let free = self.house.free(post).await;
            common.retain(|slot| free.iter().any(|other| other.start() == slot.start()));
        }
        let start = common.first().expect("a time that is free everywhere").start();
        let mut booked = Vec::new();
        for post in posts {
            let slot = self.house.free(post).await.into_iter().find(|slot| slot.start() == start);
            booked.push(self.books_at(post, slot.unwrap()).await);
        }
        self.house.desk.clock.set(start);
        booked
    }

    pub async fn books_at(&self, post: &str, slot: Slot) -> Booked {
        let desk = &self.house.desk;
        self.house.a_moment_later();
        let held = hold(desk, wish(post, slot)).await.unwrap();
        let cookie = held.cookie.unwrap();
        let actor = self.actor(&cookie).await;
        book::give_details(desk, &actor, &held.appointment, &details()).await.unwrap();
        let code = self.house.last_code().await;
        book::confirm(desk, &actor, &held.appointment, &code).await.unwrap();
        let mut connection = desk.store.read().await.unwrap();
        let meeting = meeting::of_appointment(&mut connection, &held.appointment).await.unwrap();
        let meeting = meeting.expect("a fixed appointment has a meeting");
        Booked { appointment: held.appointment, meeting, cookie }
    }

    /// Looks again and again until the rule holds.
    pub async fn eventually<F: Future<Output = bool>>(&self, what: &str, rule: impl Fn() -> F) {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let found = async {
            while !rule().await {
                look.tick().await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, found).await.is_ok(), "{what}");
    }

    /// Packets of this peer that the SFU has sent to anyone.
    pub async fn forwarded_from(&self, peer: PeerId) -> u64 {
        self.media.report(peer).await.expect("the peer is connected").rtp_forwarded_from
    }

    pub async fn received_from(&self, peer: PeerId) -> u64 {
        self.media.report(peer).await.expect("the peer is connected").rtp_received
    }
}
