//! The only room that knows every other: opens the store, starts the planes and tasks, binds the sockets.
//!
//! Nobody imports it but the command line. Holds no rule.

mod doors;
mod successor;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::id::PostId;
use jiff::SignedDuration;
use media::{MediaConfig, MediaHandle, RelayConfig};

use crate::app::check::Checks;
use crate::app::diaries::Diaries;
use crate::app::hand_over::{self, HandOver};
use crate::app::intake::Intake;
use crate::app::issue::{self, PassWish};
use crate::app::live::{self, Live};
use crate::app::neighbours::{Place, Watch};
use crate::app::queue::{Boards, Porter};
use crate::app::relays::Relays;
use crate::app::webhook::{self, HookWish};
use crate::app::{Desk, Settings, enrol, hearing, keep, settle_recordings, sign_in};
use crate::auth::token::LinkKey;
use crate::clock::{Clock, Random};
use crate::config::{self, Config, MediaSection, Reach};
use crate::http::{Edge, EdgeParts, Figures};
use crate::outbox::hooks::Hooks;
use crate::outbox::hooks::post::{Poster, system_names};
use crate::outbox::hooks::reach::Reach as HookReach;
use crate::outbox::{self, Outbox};
use crate::store::{Store, staff};
use crate::{audit, demo as demo_directory, http, limits, telemetry, tls, ws};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How a server begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Where no other runs.
    Alone,
    /// In the place of the one that runs with the same data folder, whose clients it takes over.
    TakeOver,
}

/// What the demo is asked for.
#[derive(Debug, Clone)]
pub struct DemoWish {
    /// Folder for its database and keys.
    pub data: PathBuf,
    /// Port of plain HTTP on localhost.
    pub http: u16,
    /// Port of HTTPS on all addresses.
    pub https: u16,
    /// Port of the media plane, UDP and TCP.
    pub media_port: u16,
    /// Address on which HTTPS and media are served.
    pub bind: IpAddr,
    /// Proxies that begin each connection with the PROXY header.
    pub behind: Vec<IpAddr>,
    /// Addresses that browsers are told for media.
    pub advertise: Vec<Reach>,
    /// Where people reach it.
    pub public_url: Option<String>,
    /// A mail server to send to, as well as the outbox page.
    pub mail_server: Option<String>,
    /// May webhooks be sent to this machine by plain HTTP?
    pub webhook_loopback: bool,
    /// The folder of recordings; none are offered without it.
    pub recordings: Option<PathBuf>,
    /// How it begins.
    pub way: Beginning,
}

/// The links that the demo prints: a name and an address each.
#[derive(Debug, Clone)]
pub struct Links(Vec<(&'static str, String)>);

impl Links {
    /// One JSON object on one line.
    #[must_use]
    pub fn as_json(&self) -> String {
        let map: serde_json::Map<_, _> =
            self.0.iter().map(|(name, url)| ((*name).to_owned(), url.clone().into())).collect();
        serde_json::Value::Object(map).to_string()
    }

    /// A line each, for a person.
    #[must_use]
    pub fn as_words(&self) -> String {
        let lines = self.0.iter().map(|(name, url)| format!("  {:<18} {url}", name.replace('_', " ")));
        format!("\nsachivalaya demo\n\n{}\n\nCtrl-C ends it.", lines.collect::<Vec<_>>().join("\n"))
    }
}

/// Who the demo's links sign in: name of the link, post, page it leads to.
const DEMO_STAFF: &[(&str, &str, &str)] = &[
    ("desk_health", "desk-sec-hlt", "/desk"),
    ("officer_health", "sec-hlt", "/desk"),
    ("desk_minister", "ps-hlt", "/desk"),
    ("minister", "min-hlt", "/desk"),
    ("board", "cs", "/board"),
    ("gate", "gate-1", "/gate"),
    ("counter", "counter-1", "/counter"),
    ("grievances", "pgro-patna", "/hearings"),
    ("chamber_1", "sec-hlt", "/chamber"),
    ("chamber_2", "sec-edu", "/chamber"),
];

/// Runs the demo until it is told to end: its own database, certificate and directory, links printed.
///
/// # Errors
/// Whatever keeps it from starting, said for the person at the terminal.
pub async fn demo(wish: DemoWish, print: impl FnOnce(&Links)) -> Result<(), Fault> {
    let config = Config {
        public_url: wish.public_url.unwrap_or_else(|| format!("http://localhost:{}", wish.http)),
        database: demo_database(&wish.data),
        http: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, wish.http))),
        https: Some(SocketAddr::from((wish.bind, wish.https))),
        behind: wish.behind,
        certificate: None,
        media: MediaSection {
            bind: SocketAddr::from((wish.bind, wish.media_port)),
            advertise: wish.advertise,
            threads: None,
            relay: true,
        },
        mail: wish.mail_server.and_then(config::mail_of),
        door_opens_minutes: DEMO_DOOR_MINUTES,
        outside_rooms: true,
        recordings: wish.recordings,
        metrics_token: None,
        webhooks: HookReach { plain_loopback: wish.webhook_loopback, ..HookReach::default() },
        data: wish.data,
    };
    let config = config.checked()?;
    std::fs::create_dir_all(&config.data)?;
    let desk = desk_of(&config, House::Demo).await?;
    match enrol::directory(&desk, &demo_directory::directory(desk.now())).await {
        Ok(()) => {
            for case in demo_directory::cases(desk.now()) {
                hearing::take_over(&desk, &case).await?;
            }
        }
        Err(enrol::EnrolError::AlreadyThere) => {}
        Err(error) => return Err(error.into()),
    }
    let links = demo_links(&desk).await?;
    let running = begin(&config, &desk, wish.way).await?;
    print(&links);
    running.until_told_to_end().await
}

/// In the demo the door stands open for the whole fortnight that can be booked.
const DEMO_DOOR_MINUTES: u32 = 60 * 24 * 15;

async fn demo_links(desk: &Desk) -> Result<Links, Fault> {
    let base = &desk.settings.public_url;
    let mut links = vec![("citizen", format!("{base}/")), ("outbox", format!("{base}/outbox"))];
    for (name, login, next) in DEMO_STAFF {
        links.push((
            name,
            format!("{}?next={next}", printed_link(desk, login, &demo_directory::post_id(login)).await?),
        ));
    }
    Ok(Links(links))
}

async fn printed_link(desk: &Desk, login: &str, post: &PostId) -> Result<String, Fault> {
    let mut connection = desk.store.read().await?;
    let row = staff::by_login(&mut connection, login).await?;
    drop(connection);
    let user = row.ok_or_else(|| format!("there is no login {login:?}"))?.id;
    let token = sign_in::print_link(desk, &user, post).await?;
    Ok(format!("{}/sign-in/{token}", desk.settings.public_url))
}

/// Runs an installation until it is told to end.
///
/// # Errors
/// Whatever keeps it from starting.
pub async fn serve(config: Config, way: Beginning) -> Result<(), Fault> {
    let desk = desk_of(&config, House::Real).await?;
    begin(&config, &desk, way).await?.until_told_to_end().await
}

/// Starts, when there is room.
async fn begin(config: &Config, desk: &Desk, way: Beginning) -> Result<Running, Fault> {
    let inherited = match way {
        Beginning::Alone => Vec::new(),
        Beginning::TakeOver => {
            let taken = successor::take_over(&config.data).await;
            taken.map_err(|why| {
                format!("there is no server to take over from in {}: {why}", config.data.display())
            })?
        }
    };
    start(config, desk, inherited).await
}

/// Fills an empty house with the demo directory.
///
/// # Errors
/// Also when there is a directory already.
pub async fn import_demo(config: &Config) -> Result<(), Fault> {
    let desk = desk_of(config, House::Real).await?;
    enrol::directory(&desk, &demo_directory::directory(desk.now())).await?;
    Ok(())
}

/// Sets a login's password.
///
/// * returns: the fresh secret of its code generator.
///
/// # Errors
/// Also when there is no such login.
pub async fn set_password(config: &Config, login: &str, password: &str) -> Result<String, Fault> {
    let desk = desk_of(config, House::Real).await?;
    Ok(enrol::set_secrets(&desk, login, password).await?.totp_secret)
}

/// A one-time sign-in link for a login and a post.
///
/// # Errors
/// Also when there is no such login, or the post's id is none.
pub async fn sign_in_link(config: &Config, login: &str, post: &str) -> Result<String, Fault> {
    let desk = desk_of(config, House::Real).await?;
    printed_link(&desk, login, &PostId::parse(post)?).await
}

/// Whether a charge is handed over, or only shown what that would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOverWay {
    /// It is shown.
    Show,
    /// It is done.
    Do,
}

/// Hands a charge over: says whom that gives another time.
///
/// # Errors
/// As of [`hand_over::carry_out`].
pub async fn hand_over(config: &Config, wish: &HandOver, way: HandOverWay) -> Result<String, Fault> {
    let desk = desk_of(config, House::Real).await?;
    let done = match way {
        HandOverWay::Show => hand_over::preview(&desk, wish).await?,
        HandOverWay::Do => {
            let done = hand_over::carry_out(&desk, wish).await?;
            // A server that runs meanwhile sees that somebody else has written, and reads again what it keeps.
            Watch::enter(desk.clone()).await?;
            done
        }
    };
    let moved = done.hit.iter().map(|(id, was, to)| match to {
        Some(to) => format!("{id} {} -> {}", was.start(), to.start()),
        None => format!("{id} {} -> waits", was.start()),
    });
    let head = format!("appointments that are given another time: {}", done.hit.len());
    let lines: Vec<String> = std::iter::once(head).chain(moved).collect();
    desk.store.close().await;
    Ok(lines.join("\n"))
}

/// A pass of the demo in this folder.
///
/// # Errors
/// Also when no demo has run there.
pub async fn print_demo_pass(data: &Path, wish: PassWish) -> Result<String, Fault> {
    print_pass(data, &demo_database(data), wish).await
}

/// A pass of the installation with this data folder and this database, as a bearer token.
///
/// # Errors
/// Also when no server has run there: what it would sign with a key of its own, nobody would know.
pub async fn print_pass(data: &Path, database: &str, wish: PassWish) -> Result<String, Fault> {
    let key = tls::known_link_key(data)?;
    let key = key.ok_or_else(|| format!("no server has run in {}: start it first", data.display()))?;
    let store = Store::open(database).await?;
    let token = issue::pass(&store, (&LinkKey::new(&key), Random), wish, Clock::system().now()).await?;
    store.close().await;
    Ok(token)
}

/// What is done about the webhooks of an installation.
#[derive(Debug, Clone)]
pub enum HookDeed {
    /// One is added.
    Add(HookWish),
    /// One is ended.
    End(String),
    /// All are shown.
    List,
}

/// Adds, ends or lists webhooks: of the installation of this file, or of the demo in this folder.
///
/// * returns: what the person at the terminal is told.
///
/// # Errors
/// [`webhook::HookError`] and what keeps the database from opening.
pub async fn hooks(config: Option<&Config>, data: &Path, deed: HookDeed) -> Result<String, Fault> {
    let (data, database) = match config {
        Some(config) => (config.data.as_path(), config.database.clone()),
        None => (data, demo_database(data)),
    };
    let key = tls::known_link_key(data)?;
    let key = key.ok_or_else(|| format!("no server has run in {}: start it first", data.display()))?;
    let (store, now) = (Store::open(&database).await?, Clock::system().now());
    let told = match deed {
        HookDeed::Add(wish) => {
            let added = webhook::add(&store, (&LinkKey::new(&key), Random), wish, now).await?;
            format!("{}\nsecret: {}", added.id, added.secret)
        }
        HookDeed::End(id) => webhook::end(&store, &id, now).await.map(|()| id)?,
        HookDeed::List => {
            let hooks = webhook::all(&store).await?;
            let lines = hooks.iter().map(|hook| format!("{} {} {}", hook.id, hook.post, hook.url));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    store.close().await;
    Ok(told)
}

fn demo_database(data: &Path) -> String {
    format!("sqlite:{}", data.join("demo.sqlite").display())
}

/// Which kind of house is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum House {
    Demo,
    Real,
}

async fn desk_of(config: &Config, house: House) -> Result<Desk, Fault> {
    let settings = Settings {
        public_url: config.public_url.clone(),
        domain: config.host().to_owned(),
        link_key: LinkKey::new(&tls::link_key(&config.data, Random)?),
        is_demo: house == House::Demo,
        has_outside_rooms: config.outside_rooms,
        recordings: config.recordings.clone(),
        door_opens_before: SignedDuration::from_mins(i64::from(config.door_opens_minutes)),
        door_closes_after: SignedDuration::from_mins(limits::DOOR_CLOSES_MINUTES),
    };
    let store = Store::open(&config.database).await?;
    Ok(Desk {
        store,
        clock: Clock::system(),
        random: Random,
        settings: Arc::new(settings),
        diaries: Diaries::default(),
        intake: Intake::default(),
    })
}

/// Everything that runs, with the handles to end it.
struct Running {
    desk: Desk,
    live: Live,
    media: MediaHandle,
    servers: axum_server::Handle<SocketAddr>,
    doors: doors::Doors,
    outbox: tokio::task::JoinHandle<()>,
    stop_outbox: tokio::sync::oneshot::Sender<()>,
    hooks: tokio::task::JoinHandle<()>,
    sealer: tokio::task::JoinHandle<()>,
    porter: tokio::task::JoinHandle<()>,
    keeper: tokio::task::JoinHandle<()>,
    watch: tokio::task::JoinHandle<()>,
    place: Place,
    /// Where a successor asks; none where the folder allows none.
    successors: Option<successor::Door>,
}

/// Lets this process have as many files and sockets as the system allows it at all: a board has thousands of listeners.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let allowed = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: allowed, maximum: allowed }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

async fn start(config: &Config, desk: &Desk, inherited: Vec<TcpListener>) -> Result<Running, Fault> {
    raise_file_limit();
    let figures = figures();
    let reached = doors::reached(config);
    let boards = Boards::new(desk.clone());
    let (live, media) = start_live(config, (desk, &boards), &reached).await?;
    let (stop_outbox, stopped) = tokio::sync::oneshot::channel::<()>();
    let settings = outbox::Settings { is_shown: desk.settings.is_demo, mail: config.mail.clone() };
    let worker = Outbox::new(desk.store.clone(), desk.clock.clone(), &settings)?;
    let outbox = tokio::spawn(worker.run(async move {
        let _ = stopped.await;
    }));
    let hooks = tokio::spawn(hooks_of(config, desk)?.run(std::future::pending()));
    let sealer = tokio::spawn(audit::keep_sealed(desk.store.clone()));
    let keeper = tokio::spawn(keep::run(desk.clone()));
    let watch = Watch::enter(desk.clone()).await?;
    let place = watch.place();
    let watch = tokio::spawn(watch.run());
    let metrics_token = config.metrics_token.as_deref().map(Arc::from);
    let porter = tokio::spawn(Porter { desk: desk.clone(), boards: boards.clone() }.run());
    let parts = EdgeParts {
        desk: desk.clone(),
        figures,
        live: Some(live.clone()),
        boards,
        relays: doors::relay(config, &reached)
            .map(|at| Relays::new(&at, desk.settings.link_key.relay_secret())),
        checks: Some(Checks::new(media.clone())),
        media_port: reached.udp.first().map(SocketAddr::port),
        https_port: config.https_port(),
        metrics_token,
    };
    let edge = Edge::new(parts);
    let router = http::routes::router(&edge, ws::routes(ws::Door::new(desk.clone(), live.clone())));
    let servers = axum_server::Handle::new();
    let bound = doors::bind(config, media.local_addr().port(), inherited)?;
    let doors = doors::open(config, &media, &servers, (router, bound))?;
    Ok(Running {
        desk: desk.clone(),
        live,
        media,
        servers,
        doors,
        outbox,
        stop_outbox,
        hooks,
        sealer,
        porter,
        keeper,
        watch,
        place,
        successors: successor::Door::open(&config.data)
            .inspect_err(|error| tracing::warn!(%error, "nobody can take over from this server"))
            .ok(),
    })
}

/// The worker of webhooks.
fn hooks_of(config: &Config, desk: &Desk) -> Result<Hooks, Fault> {
    let poster = Poster::new(config.webhooks.clone(), system_names())?;
    let (store, clock) = (desk.store.clone(), desk.clock.clone());
    Ok(Hooks { store, clock, key: desk.settings.link_key.clone(), secrets: webhook::secret_bytes, poster })
}

/// Starts the media plane and the live part that commands it.
async fn start_live(
    config: &Config,
    (desk, boards): (&Desk, &Boards),
    reached: &doors::Reached,
) -> Result<(Live, MediaHandle), Fault> {
    let (events, events_in) = live::events();
    let plane = MediaConfig {
        bind: config.media.bind,
        advertise: reached.udp.clone(),
        advertise_tcp: reached.tcp.clone(),
        relay: config.media.relay.then(|| relay(desk)),
        silence_max: limits::MEDIA_SILENCE_MAX,
        peers_max: limits::MEDIA_PEERS_MAX,
        threads: config.media.threads(),
        sending: media::Sending::Segmented,
    };
    let media = media::start(plane, move |event| events.tell(event))?;
    let live = Live::start(
        live::Parts {
            desk: desk.clone(),
            media: media.clone(),
            boards: boards.clone(),
            lapsed: live::lapsed::Lapsed::open(&config.data.join("lapsed")),
        },
        events_in,
    );
    live.refresh_seats().await?;
    settle_recordings::settle(desk).await;
    Ok((live, media))
}

/// How media is relayed for browsers that get through no other way.
fn relay(desk: &Desk) -> RelayConfig {
    let settings = &desk.settings;
    RelayConfig { secret: settings.link_key.relay_secret(), realm: settings.domain.clone() }
}

/// How often single observations are folded into their histograms, so that they do not pile up unread.
const UPKEEP: Duration = Duration::from_secs(5);

fn figures() -> Figures {
    match telemetry::start_counters() {
        Some(counters) => {
            let upkept = counters.clone();
            tokio::spawn(async move {
                let mut tick = tokio::time::interval(UPKEEP);
                loop {
                    tick.tick().await;
                    upkept.run_upkeep();
                }
            });
            Arc::new(move || counters.render())
        }
        None => Arc::new(String::new),
    }
}

/// Time that a running request gets to end.
const GRACE: Duration = Duration::from_secs(5);
/// Time that somebody at the door gets to show what he wants when the house closes. Browsers hold such connections open
/// ahead of need, for many seconds.
const PATIENCE_AT_THE_DOOR: Duration = Duration::from_millis(250);

impl Running {
    /// Waits for Ctrl-C, SIGTERM or a server that fell, then ends everything in order.
    async fn until_told_to_end(mut self) -> Result<(), Fault> {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let successors = self.successors.take();
        let asked = async {
            match &successors {
                Some(at) => at.asked().await,
                None => std::future::pending().await,
            }
        };
        let (mut fell, mut successor) = (None, None);
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
            asked = asked => successor = Some(asked),
            done = self.doors.tasks.join_next() => fell = done,
        }
        self.porter.abort();
        self.keeper.abort();
        self.watch.abort();
        // Nobody is let in any more before anybody is sent on: who is sent on must not come back to this server.
        self.servers.graceful_shutdown(Some(GRACE));
        if successor.is_none() {
            self.doors.listeners.clear();
        }
        self.live.stop().await;
        self.media.stop();
        if let Some(successor) = successor {
            successor.give(&self.doors.listeners).await;
            self.doors.listeners.clear();
        }
        let crowd = self.doors.crowd.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE_AT_THE_DOOR).await;
            crowd.send_newcomers_away();
        });
        let _ = self.stop_outbox.send(());
        let _ = tokio::time::timeout(GRACE, self.outbox).await;
        while self.doors.tasks.join_next().await.is_some() {}
        // What is being sent goes out once more after the next start, with the same id.
        self.hooks.abort();
        self.sealer.abort();
        if let Err(error) = self.place.leave().await {
            tracing::warn!(%error, "others miss this server after a while");
        }
        if let Err(error) = audit::seal(&self.desk.store).await {
            tracing::warn!(%error, "audit lines wait for the next start");
        }
        self.desk.store.close().await;
        match fell {
            Some(done) => Ok(done??),
            None => Ok(()),
        }
    }
}
