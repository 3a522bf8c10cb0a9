//! The command line: demo, serve, import, user, token. Reads settings, prints what a person at the terminal needs.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::id::{MeetingId, PersonId, PostId};
use domain::notice::Language;
use domain::office::Charge;
use domain::text::{PersonName, Subject};
use jiff::civil::Date;
use jiff::{Span, SpanRelativeTo};
use sachivalaya::app::hand_over::HandOver;
use sachivalaya::app::issue::PassWish;
use sachivalaya::app::webhook::{HookWish, Plain};
use sachivalaya::auth::pass::Right;
use sachivalaya::clock::Clock;
use sachivalaya::config::{Config, Reach};
use sachivalaya::doctor::{self, Certificate};
use sachivalaya::evidence;
use sachivalaya::http::api::document;
use sachivalaya::telemetry::{self, LogForm};
use sachivalaya::wiring::{self, Beginning, DemoWish, HandOverWay, HookDeed};

/// Appointments, video meetings and the hotline of a state government, in one server.
#[derive(Parser)]
#[command(version, about)]
struct Line {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Try it on this machine: makes its own database and certificate, and prints links.
    Demo(DemoArguments),
    /// Run it for real.
    Serve {
        /// The settings file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Take over from the server that runs with the same data folder: calls go on by themselves after seconds at most.
        #[arg(long)]
        take_over: bool,
    },
    /// Fill an empty house with the demo directory, to see `serve` with posts in it.
    Import {
        /// The settings file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Give staff their way in.
    User {
        /// The settings file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        #[command(subcommand)]
        deed: UserDeed,
    },
    /// Hand a charge of a post over at a midnight that lies ahead; shows whom that gives another time.
    HandOver(HandOverArguments),
    /// Tell another system what comes of a post's appointments.
    Webhook {
        /// The settings file of the installation; the demo when absent.
        #[arg(long, value_name = "FILE", global = true)]
        config: Option<PathBuf>,
        /// The demo's folder for its database and keys.
        #[arg(long, default_value = "data/demo", global = true)]
        data: PathBuf,
        #[command(subcommand)]
        deed: WebhookDeed,
    },
    /// Try every way to a running server from this machine, and say what works and who mends what does not.
    Doctor {
        /// Where the server is: https://es.example.in
        #[arg(long)]
        url: String,
        /// Take a certificate for which nobody vouches: that of a demo is self-made.
        #[arg(long)]
        insecure: bool,
        /// The language of the report: hi or en.
        #[arg(long, default_value = "hi", value_parser = language)]
        lang: Language,
    },
    /// Look at recordings of meetings: on the files alone, without the server.
    Recording {
        /// The language of what is printed: hi or en.
        #[arg(long, default_value = "hi", value_parser = language, global = true)]
        lang: Language,
        #[command(subcommand)]
        deed: RecordingDeed,
    },
    /// Print the OpenAPI document of the API for programs.
    Openapi,
    /// Print a bearer token with which an encoder publishes into a meeting (WHIP) or a player plays it (WHEP).
    Token(TokenArguments),
}

#[derive(Args)]
struct HandOverArguments {
    /// The settings file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The post.
    #[arg(long)]
    post: PostId,
    /// The person who takes it; without one it falls vacant.
    #[arg(long)]
    to: Option<PersonId>,
    /// In which charge: regular, additional, officiating.
    #[arg(long, value_parser = charge, default_value = "regular")]
    charge: Charge,
    /// The day with whose first minute it begins, in India: 2026-12-01.
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// The order's number.
    #[arg(long)]
    authority: Subject,
    /// Show what it would do, and do nothing.
    #[arg(long)]
    preview: bool,
}

/// With or without the brackets that an address of IPv6 has beside a port.
fn address(text: &str) -> Result<IpAddr, std::net::AddrParseError> {
    text.trim_start_matches('[').trim_end_matches(']').parse()
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| format!("there is no language {code:?}"))
}

fn charge(code: &str) -> Result<Charge, String> {
    Charge::from_code(code).ok_or_else(|| format!("there is no charge {code:?}"))
}

#[derive(Subcommand)]
enum WebhookDeed {
    /// Add a listener; prints its id and the secret by which it knows our signatures.
    Add {
        /// Whose events it hears.
        #[arg(long)]
        post: PostId,
        /// Where it listens: https://…
        #[arg(long)]
        url: String,
        /// In a demo started with --webhook-loopback: allow http:// to this machine.
        #[arg(long, conflicts_with = "config")]
        plain_loopback: bool,
    },
    /// End a listener.
    End {
        /// Its id.
        id: String,
    },
    /// Show the listeners.
    List,
}

#[derive(Args)]
struct TokenArguments {
    /// The meeting's id; where rooms for outside clients are allowed (as in the demo), any name of a-z, 0-9 and -.
    #[arg(long)]
    meeting: MeetingId,
    /// What its bearer may do there.
    #[arg(long)]
    may: May,
    /// What those inside call its bearer.
    #[arg(long)]
    name: Option<PersonName>,
    /// How long it is good: 30m, 12h, 7d.
    #[arg(long = "for", value_name = "TIME", default_value = "12h")]
    span: Span,
    /// The settings file of the installation; the demo when absent.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The demo's folder for its database and keys.
    #[arg(long, default_value = "data/demo", conflicts_with = "config")]
    data: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum May {
    /// Be seen and heard.
    Publish,
    /// See and hear.
    Play,
}

#[derive(Args)]
struct DemoArguments {
    /// Take over from the demo that runs with the same data folder.
    #[arg(long)]
    take_over: bool,
    /// Folder for its database and keys.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Port of plain HTTP on localhost.
    #[arg(long, default_value_t = 8080)]
    http: u16,
    /// Port of HTTPS on all addresses.
    #[arg(long, default_value_t = 8443)]
    https: u16,
    /// Port of the media plane, UDP and TCP.
    #[arg(long, default_value_t = 3478)]
    media_port: u16,
    /// Address on which HTTPS and media are served: [::] stands for IPv6 and IPv4.
    #[arg(long, value_name = "IP", default_value = "0.0.0.0", value_parser = address)]
    bind: IpAddr,
    /// A proxy that begins each connection with the PROXY header.
    #[arg(long, value_name = "IP")]
    behind: Vec<IpAddr>,
    /// Addresses (IP or IP:PORT) that browsers are told for media; every address of this machine when absent.
    #[arg(long, value_name = "IP[:PORT]")]
    advertise: Vec<Reach>,
    /// Where people reach it, in links and mails; http://localhost:PORT when absent.
    #[arg(long)]
    public_url: Option<String>,
    /// Let webhooks be sent to this machine by plain HTTP.
    #[arg(long)]
    webhook_loopback: bool,
    /// Offer recordings of meetings, and keep them in this folder.
    #[arg(long, value_name = "FOLDER")]
    recordings: Option<PathBuf>,
    /// Print the links as one line of JSON instead of words.
    #[arg(long)]
    print_links_json: bool,
}

#[derive(Subcommand)]
enum RecordingDeed {
    /// Say what is whole, what a crash tore off, and whether anything has been changed (then it fails).
    Verify {
        /// The recording's folder.
        folder: PathBuf,
    },
    /// Make one file of all tracks, with the ffmpeg of this machine.
    Mix {
        /// The recording's folder.
        folder: PathBuf,
        /// The Matroska file to make.
        out: PathBuf,
    },
    /// Print Part A of the certificate of section 63(4), Bharatiya Sakshya Adhiniyam 2023, as far as the facts are known.
    Certificate {
        /// The recording's folder.
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum UserDeed {
    /// Set a login's password (read from standard input) and print its code generator's secret.
    SetPassword {
        /// The login name.
        login: String,
    },
    /// Print a one-time sign-in link.
    Link {
        /// The login name.
        login: String,
        /// The post to act from.
        post: String,
    },
}

fn main() -> ExitCode {
    let line = Line::parse();
    let form = if matches!(line.verb, Verb::Serve { .. }) { LogForm::Json } else { LogForm::Terminal };
    // What the doctor's client has to say on the way is for whoever asks for it.
    if !matches!(line.verb, Verb::Doctor { .. }) || std::env::var_os("RUST_LOG").is_some() {
        telemetry::start_log(form);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(obey(line.verb)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn obey(verb: Verb) -> Result<(), Fault> {
    match verb {
        Verb::Demo(wish) => demo(wish).await,
        Verb::Serve { config, take_over } => {
            wiring::serve(
                Config::read(&config)?,
                if take_over { Beginning::TakeOver } else { Beginning::Alone },
            )
            .await
        }
        Verb::Import { config } => wiring::import_demo(&Config::read(&config)?).await,
        Verb::User { config, deed } => user(&Config::read(&config)?, deed).await,
        Verb::HandOver(given) => {
            let HandOverArguments { config, post, to: person, charge, on, authority, preview } = given;
            let wish = HandOver { post, person, charge, on, authority };
            let way = if preview { HandOverWay::Show } else { HandOverWay::Do };
            say(&wiring::hand_over(&Config::read(&config)?, &wish, way).await?);
            Ok(())
        }
        Verb::Webhook { config, data, deed } => {
            let config = config.map(|file| Config::read(&file)).transpose()?;
            say(&wiring::hooks(config.as_ref(), &data, deed.into()).await?);
            Ok(())
        }
        Verb::Doctor { url, insecure, lang } => {
            let certificate = if insecure { Certificate::Any } else { Certificate::MustBeTrusted };
            let report = doctor::examine(&doctor::Wish { url, certificate, language: lang }).await?;
            say(&report.as_words());
            if report.can_meet() { Ok(()) } else { Err("no meeting can be held from here".into()) }
        }
        Verb::Recording { lang, deed } => recording_deed(lang, deed),
        Verb::Openapi => {
            say(document::text());
            Ok(())
        }
        Verb::Token(given) => token(given).await,
    }
}

fn recording_deed(lang: Language, deed: RecordingDeed) -> Result<(), Fault> {
    match deed {
        RecordingDeed::Verify { folder } => {
            let verdict = recording::verify(&folder)?;
            say(&evidence::report(&verdict, lang));
            if verdict.is_unchanged() { Ok(()) } else { Err("the recording has been changed".into()) }
        }
        RecordingDeed::Mix { folder, out } => Ok(evidence::mix(&folder, &out)?),
        RecordingDeed::Certificate { folder } => {
            let verdict = recording::verify(&folder)?;
            say(&evidence::certificate(&verdict, lang, Clock::system().now()));
            Ok(())
        }
    }
}

impl From<WebhookDeed> for HookDeed {
    fn from(deed: WebhookDeed) -> Self {
        match deed {
            WebhookDeed::Add { post, url, plain_loopback } => {
                let plain = if plain_loopback { Plain::Allowed } else { Plain::Refused };
                Self::Add(HookWish { post, url, plain })
            }
            WebhookDeed::End { id } => Self::End(id),
            WebhookDeed::List => Self::List,
        }
    }
}

async fn token(given: TokenArguments) -> Result<(), Fault> {
    let config = given.config.map(|file| Config::read(&file)).transpose()?;
    let may = match given.may {
        May::Publish => Right::Publish,
        May::Play => Right::Play,
    };
    // A day is 24 hours here: a token knows no calendar.
    let hours = SpanRelativeTo::days_are_24_hours();
    let wish =
        PassWish { meeting: given.meeting, may, name: given.name, span: given.span.to_duration(hours)? };
    let printed = match config {
        Some(config) => wiring::print_pass(&config.data, &config.database, wish).await?,
        None => wiring::print_demo_pass(&given.data, wish).await?,
    };
    say(&printed);
    Ok(())
}

async fn demo(given: DemoArguments) -> Result<(), Fault> {
    let is_json = given.print_links_json;
    let wish = DemoWish {
        data: given.data,
        http: given.http,
        https: given.https,
        media_port: given.media_port,
        bind: given.bind,
        behind: given.behind,
        advertise: given.advertise,
        public_url: given.public_url,
        mail_server: std::env::var("SACHIVALAYA_SMTP").ok(),
        webhook_loopback: given.webhook_loopback,
        recordings: given.recordings,
        way: if given.take_over { Beginning::TakeOver } else { Beginning::Alone },
    };
    wiring::demo(wish, |links| if is_json { say(&links.as_json()) } else { say(&links.as_words()) }).await
}

async fn user(config: &Config, deed: UserDeed) -> Result<(), Fault> {
    match deed {
        UserDeed::SetPassword { login } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password)?;
            let secret =
                wiring::set_password(config, &login, password.trim_end_matches(['\r', '\n'])).await?;
            say(&format!("code generator secret (base 32, 6 digits, 30 s): {secret}"));
        }
        UserDeed::Link { login, post } => {
            let link = wiring::sign_in_link(config, &login, &post).await?;
            say(&link);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line talks to the person at the terminal")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the command line says why it stopped")]
fn say_error(error: &(dyn std::error::Error + Send + Sync + 'static)) {
    eprintln!("sachivalaya: {error}");
    let mut cause = error.source();
    while let Some(why) = cause {
        eprintln!("  because: {why}");
        cause = why.source();
    }
}
