//! Terminals of seats: enrolled by a code, let in by their own key, at the seat of their post and nowhere else.

use std::net::{IpAddr, Ipv4Addr};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use data_encoding::BASE64URL_NOPAD;
use domain::hotline::Device;
use domain::id::{PersonId, TerminalId};
use domain::office::{Charge, holder_at, ist};
use domain::terminal::{Refusal, signed_text};
use domain::text::Subject;
use jiff::ToSpan;
use sachivalaya::app::hand_over::{self, HandOver};
use sachivalaya::app::live::turn::EntryPlace;
use sachivalaya::app::terminals::{self, ManageError, OpenError, Shown, Wish};
use sachivalaya::app::{enter, session};
use sachivalaya::audit;
use sachivalaya::auth::Actor;
use sachivalaya::limits;
use sachivalaya::store::{audit as lines, office};
use signaling::ErrorCode;
use signaling::value::Page;

use crate::browser::{Answer, Browser, HOST};
use crate::house::{House, details, post_id};

const POST: &str = "sec-hlt";
const MANAGER: &str = "it-1";
const ORIGIN: &str = "https://es.example.in";
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A mini-PC with the key that its browser made.
pub struct Machine {
    pair: EcdsaKeyPair,
    pub key: String,
}

impl Machine {
    pub fn new() -> Machine {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        Machine { pair, key }
    }

    fn signs(&self, origin: &str, challenge: &str) -> String {
        let text = signed_text(origin, &self.key, challenge);
        BASE64URL_NOPAD.encode(self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref())
    }

    async fn shows_code(&self, house: &House) -> String {
        terminals::begin(&house.desk, &self.key, HERE).await.unwrap().code
    }

    /// Whoever looks after the machines types its code.
    pub async fn is_enrolled(&self, house: &House, post: &str, device: Device) -> TerminalId {
        let manager = house.staff(MANAGER).await;
        let wish = wish((&self.shows_code(house).await, post), device, None);
        terminals::enrol(&house.desk, &manager, &wish).await.unwrap().id
    }

    async fn asks(&self, house: &House) -> Result<String, Refusal> {
        terminals::challenge(&house.desk, &self.key).await.map_err(why)
    }

    async fn answers(&self, house: &House, (challenge, signature): (&str, &str)) -> Result<String, Refusal> {
        let shown = Shown { origin: ORIGIN, public_key: &self.key, challenge, signature };
        terminals::open(&house.desk, &shown).await.map(|opened| opened.cookie).map_err(why)
    }

    /// Opens a session: its cookie.
    pub async fn opens(&self, house: &House) -> Result<String, Refusal> {
        let challenge = self.asks(house).await?;
        self.answers(house, (&challenge, &self.signs(ORIGIN, &challenge))).await
    }
}

fn why(error: OpenError) -> Refusal {
    match error {
        OpenError::Refused(why) => why,
        OpenError::Store(error) => panic!("{error:?}"),
    }
}

fn wish((code, post): (&str, &str), device: Device, replaces: Option<TerminalId>) -> Wish {
    Wish { code: code.to_owned(), post: post_id(post), device, replaces }
}

async fn who(house: &House, cookie: &str) -> Actor {
    session::actor(&house.desk, Some(cookie)).await.unwrap()
}

async fn way_in(house: &House, actor: &Actor, page: Page) -> Result<EntryPlace, ErrorCode> {
    let found = enter::find(&house.desk.store, actor, &page, house.desk.now()).await.unwrap();
    found.map(|entry| entry.place)
}

async fn holder(house: &House, post: &str) -> PersonId {
    let mut connection = house.desk.store.read().await.unwrap();
    let history = office::history(&mut connection, &post_id(post)).await.unwrap();
    holder_at(&history, &post_id(post), house.desk.now()).unwrap().person
}

/// The particulars of the chain's lines of this act, in their order.
async fn written(house: &House, act: &str) -> Vec<String> {
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let rows = lines::after(&mut connection, 0, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.act == act).map(|row| row.detail).collect()
}

#[tokio::test]
async fn a_machine_is_enrolled_by_a_code_that_is_good_once_and_opens_the_seat_of_its_post_alone() {
    for house in House::everywhere().await {
        let (machine, manager) = (Machine::new(), house.staff(MANAGER).await);
        assert_eq!(machine.opens(&house).await, Err(Refusal::Unknown));
        let older = machine.shows_code(&house).await;
        let code = machine.shows_code(&house).await;
        let enrol = async |code: &str, device| {
            terminals::enrol(&house.desk, &manager, &wish((code, POST), device, None)).await
        };
        assert!(matches!(enrol(&older, Device::Chamber).await, Err(ManageError::WrongCode)));
        let spaced = format!(" {} {} ", &code[..4], &code[4..]);
        let enrolled = enrol(&spaced, Device::Chamber).await.unwrap();
        assert!(matches!(enrol(&code, Device::Hall).await, Err(ManageError::WrongCode)), "it is used up");
        let known = terminals::begin(&house.desk, &machine.key, HERE).await;
        assert!(matches!(known, Err(terminals::PairError::Known)), "one key is one terminal");

        let actor = who(&house, &machine.opens(&house).await.unwrap()).await;
        let terminal = actor.terminal().unwrap();
        assert_eq!((&terminal.id, terminal.post.as_str()), (&enrolled.id, POST));
        assert_eq!(terminal.person, Some(holder(&house, POST).await), "whoever holds the post acts at it");
        let seat = EntryPlace::Seat(post_id(POST), Device::Chamber);
        assert_eq!(way_in(&house, &actor, Page::Chamber {}).await, Ok(seat));
        for page in [Page::Hall {}, Page::Phone {}, Page::Board {}] {
            assert_eq!(way_in(&house, &actor, page).await, Err(ErrorCode::NotAllowed));
        }
        let expected = format!("post={POST} device=chamber key={}", enrolled.fingerprint);
        assert_eq!(written(&house, "terminal.enrol").await, [expected]);
        assert_eq!(written(&house, "terminal.open").await.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_not_the_machines_own_and_fresh_opens_nothing_and_is_written_down() {
    for house in House::everywhere().await {
        let (machine, other) = (Machine::new(), Machine::new());
        machine.is_enrolled(&house, POST, Device::Chamber).await;
        let challenge = machine.asks(&house).await.unwrap();
        let signature = machine.signs(ORIGIN, &challenge);
        let cookie = machine.answers(&house, (&challenge, &signature)).await.unwrap();
        let again = machine.answers(&house, (&challenge, &signature)).await;
        assert_eq!(again, Err(Refusal::Replayed), "an answer is good once");

        for wrong in ["https://es.example.org", "http://es.example.in"] {
            let challenge = machine.asks(&house).await.unwrap();
            let signature = machine.signs(wrong, &challenge);
            let answer = machine.answers(&house, (&challenge, &signature)).await;
            assert_eq!(answer, Err(Refusal::Signature), "signed at {wrong}");
            let right = machine.signs(ORIGIN, &challenge);
            let answer = machine.answers(&house, (&challenge, &right)).await;
            assert_eq!(answer, Err(Refusal::Replayed), "nobody tries twice on one question");
        }
        let challenge = machine.asks(&house).await.unwrap();
        let text = signed_text(ORIGIN, &machine.key, &challenge);
        let forged = other.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        let forged = BASE64URL_NOPAD.encode(forged.as_ref());
        assert_eq!(machine.answers(&house, (&challenge, &forged)).await, Err(Refusal::Signature));
        let late = machine.asks(&house).await.unwrap();
        house.minutes_later(2);
        let answer = machine.answers(&house, (&late, &machine.signs(ORIGIN, &late))).await;
        assert_eq!(answer, Err(Refusal::Replayed), "a question ends");
        assert_eq!(other.opens(&house).await, Err(Refusal::Unknown));

        assert!(who(&house, &cookie).await.terminal().is_some(), "what others try ends no session");
        let refused = written(&house, "terminal.refuse").await;
        assert!(
            refused.contains(&"code=replayed".to_owned()) && refused.contains(&"code=signature".to_owned())
        );
        let before = refused.len();
        let repeated = machine.answers(&house, ("nothing", "nothing")).await;
        assert_eq!(repeated, Err(Refusal::Replayed));
        assert_eq!(written(&house, "terminal.refuse").await.len(), before, "a page that goes on trying");
        house.minutes_later(61);
        assert_eq!(machine.answers(&house, ("nothing", "nothing")).await, Err(Refusal::Replayed));
        assert_eq!(written(&house, "terminal.refuse").await.len(), before + 1, "is written down each hour");
    }
}

#[tokio::test]
async fn a_seat_has_one_machine_of_a_kind_and_whichever_is_replaced_or_revoked_is_out_at_that_moment() {
    for house in House::everywhere().await {
        let manager = house.staff(MANAGER).await;
        let (first, second) = (Machine::new(), Machine::new());
        let id = first.is_enrolled(&house, POST, Device::Chamber).await;
        let cookie = first.opens(&house).await.unwrap();
        Machine::new().is_enrolled(&house, POST, Device::Hall).await;

        let code = second.shows_code(&house).await;
        let enrol = async |post: &str, device, replaces| {
            terminals::enrol(&house.desk, &manager, &wish((&code, post), device, replaces)).await
        };
        for stale in [None, Some(TerminalId::parse("another").unwrap())] {
            let refused = enrol(POST, Device::Chamber, stale).await.unwrap_err();
            assert!(matches!(&refused, ManageError::Taken { by } if by.id == id), "{refused:?}");
        }
        assert!(matches!(enrol(POST, Device::Phone, None).await, Err(ManageError::NoSeat)));
        assert!(matches!(enrol("min-hlt", Device::Chamber, None).await, Err(ManageError::NoSeat)));
        let head = house.staff(POST).await;
        let denied = terminals::enrol(&house.desk, &head, &wish((&code, POST), Device::Hall, None)).await;
        assert!(matches!(denied, Err(ManageError::Denied(_))));
        assert!(who(&house, &cookie).await.terminal().is_some(), "a refusal changes nothing");
        let codes = ["seat_taken", "seat_taken", "no_seat", "no_seat"];
        let refused = written(&house, "terminal.refuse").await;
        assert!(refused.iter().zip(codes).all(|(line, code)| line.contains(code)), "{refused:?}");

        let replaced = enrol(POST, Device::Chamber, Some(id.clone())).await.unwrap();
        assert_eq!(replaced.ended.len(), 1, "its sockets are to be closed");
        assert_eq!(who(&house, &cookie).await, Actor::Anyone);
        assert_eq!(first.opens(&house).await, Err(Refusal::Revoked));
        let cookie = second.opens(&house).await.unwrap();
        assert!(matches!(
            terminals::revoke(&house.desk, &head, &replaced.id).await,
            Err(ManageError::Denied(_))
        ));
        assert_eq!(terminals::revoke(&house.desk, &manager, &replaced.id).await.unwrap().len(), 1);
        assert_eq!(who(&house, &cookie).await, Actor::Anyone);
        assert_eq!(second.opens(&house).await, Err(Refusal::Revoked));
        let again = terminals::revoke(&house.desk, &manager, &replaced.id).await;
        assert!(matches!(again, Err(ManageError::Unknown)));
        let known = terminals::begin(&house.desk, &second.key, HERE).await;
        assert!(matches!(known, Err(terminals::PairError::Known)), "a revoked key never comes back");
    }
}

#[tokio::test]
async fn a_copied_machine_ends_the_session_of_the_first_and_is_seen_by_it() {
    let house = House::open().await;
    let machine = Machine::new();
    machine.is_enrolled(&house, POST, Device::Chamber).await;
    let first = machine.opens(&house).await.unwrap();
    let second = machine.opens(&house).await.unwrap();
    assert_eq!(who(&house, &first).await, Actor::Anyone);
    assert!(who(&house, &second).await.terminal().is_some());
}

#[tokio::test]
async fn codes_end_by_themselves_and_are_not_guessed_without_end() {
    for house in House::everywhere().await {
        let (machine, manager) = (Machine::new(), house.staff(MANAGER).await);
        let enrol = async |code: &str| {
            terminals::enrol(&house.desk, &manager, &wish((code, POST), Device::Chamber, None)).await
        };
        let late = machine.shows_code(&house).await;
        house.minutes_later(11);
        assert!(matches!(enrol(&late).await, Err(ManageError::WrongCode)));
        let code = machine.shows_code(&house).await;
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        for _ in 1..limits::TERMINAL_CODES_WRONG_MAX {
            assert!(matches!(enrol(wrong).await, Err(ManageError::WrongCode)));
        }
        assert!(matches!(enrol(&code).await, Err(ManageError::TooManyTries)));
        house.minutes_later(16);
        let code = machine.shows_code(&house).await;
        enrol(&code).await.unwrap();
        for wrong in ["", "AAAA", "****"] {
            let refused = terminals::begin(&house.desk, wrong, HERE).await;
            assert!(matches!(refused, Err(terminals::PairError::NoKey)), "{wrong}");
        }
        let asked = async || terminals::begin(&house.desk, &Machine::new().key, HERE).await;
        for _ in 0..limits::TERMINAL_PAIRINGS_PER_ADDRESS_MAX - 1 {
            if asked().await.is_err() {
                break;
            }
        }
        assert!(matches!(asked().await, Err(terminals::PairError::TooMany)), "of one address");
    }
}

#[tokio::test]
async fn the_machine_goes_with_the_post_and_waits_while_nobody_holds_it() {
    for house in House::everywhere().await {
        let machine = Machine::new();
        machine.is_enrolled(&house, POST, Device::Chamber).await;
        let cookie = machine.opens(&house).await.unwrap();
        let given = async |person: Option<PersonId>| {
            let wish = HandOver {
                post: post_id(POST),
                person,
                charge: Charge::Regular,
                on: house.desk.now().to_zoned(ist()).date().saturating_add(1.days()),
                authority: Subject::parse("आदेश 9").unwrap(),
            };
            hand_over::carry_out(&house.desk, &wish).await.unwrap();
            // The machine says each half hour that it is there, over the midnight.
            for _ in 0..48 {
                house.minutes_later(30);
                let actor = who(&house, &cookie).await;
                terminals::beat(&house.desk, actor.terminal().unwrap()).await.unwrap();
            }
        };
        given(None).await;
        let actor = who(&house, &cookie).await;
        assert_eq!(actor.terminal().unwrap().person, None);
        assert_eq!(way_in(&house, &actor, Page::Chamber {}).await, Err(ErrorCode::NotAllowed));
        assert_eq!(machine.opens(&house).await, Err(Refusal::Vacant));
        assert!(written(&house, "terminal.refuse").await.contains(&"code=vacant".to_owned()));

        let next = holder(&house, "sec-edu").await;
        given(Some(next.clone())).await;
        let actor = who(&house, &cookie).await;
        assert_eq!(actor.terminal().unwrap().person, Some(next), "the new holder's by itself");
        assert!(way_in(&house, &actor, Page::Chamber {}).await.is_ok());
        house.minutes_later(25 * 60);
        assert_eq!(who(&house, &cookie).await, Actor::Anyone, "a day without a word");
        assert!(machine.opens(&house).await.is_ok(), "and its key is enough");
    }
}

/// What a terminal's script sends.
async fn sends(browser: &mut Browser, path: &str, body: &serde_json::Value) -> Answer {
    let request = Request::post(path)
        .header(header::ORIGIN, ORIGIN)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json");
    browser.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_terminal_shows_its_code_then_its_seat_and_nobodys_name() {
    let house = House::open().await;
    assert_eq!(ORIGIN, format!("https://{HOST}"));
    let slot = house.free(POST).await[0];
    house.books(POST, slot).await;
    let (machine, mut screen) = (Machine::new(), Browser::new(&house));
    screen.get("/kiosk").await.says("यह मशीन अभी दर्ज नहीं है");
    let named = serde_json::json!({ "public_key": machine.key });
    let unknown = sends(&mut screen, "/kiosk/challenge", &named).await;
    assert_eq!(unknown.status, StatusCode::CONFLICT);
    unknown.says(r#""code":"terminal-unknown""#);
    let code = sends(&mut screen, "/kiosk/pair", &named).await.find(r#""code":"(\d{8})""#);

    let mut manager = Browser::with_session(&house, &house.cookie(MANAGER).await);
    manager.get("/terminals").await.says("मशीन दर्ज करें");
    let fields = [("code", code.as_str()), ("post", POST), ("device", "chamber")];
    let done = manager.post("/terminals", &fields).await;
    let shown = manager.get(done.location()).await;
    shown.says("मशीन दर्ज हो गई");
    assert_eq!(manager.post("/terminals", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let challenge = sends(&mut screen, "/kiosk/challenge", &named).await.find(r#""challenge":"(\w+)""#);
    let signature = machine.signs(ORIGIN, &challenge);
    let signed =
        serde_json::json!({ "public_key": machine.key, "challenge": challenge, "signature": signature });
    assert_eq!(sends(&mut screen, "/kiosk/session", &signed).await.status, StatusCode::NO_CONTENT);
    let again = sends(&mut screen, "/kiosk/session", &signed).await;
    again.says(r#""code":"terminal-replayed""#);
    let seat = screen.get("/kiosk").await;
    seat.says("कैमरा बंद");
    let given = details().name;
    seat.never_says(given.split(' ').next().unwrap());
    assert_eq!(seat.all(r#"kiosk-time">(\d\d:\d\d)<"#).len(), 1, "the meeting is there, by its time");
    let told = sends(&mut screen, "/kiosk/beat", &serde_json::json!({})).await;
    assert_eq!(told.status, StatusCode::OK);
    for page in ["/chamber", "/chamber/ledger", "/board", "/desk", "/queue", "/terminals", "/directions"] {
        assert_eq!(screen.get(page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    let second = Machine::new();
    let named = serde_json::json!({ "public_key": second.key });
    let code = sends(&mut Browser::new(&house), "/kiosk/pair", &named).await.find(r#""code":"(\d{8})""#);
    let fields = [("code", code.as_str()), ("post", POST), ("device", "chamber")];
    let taken = manager.post("/terminals", &fields).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    let there = taken.find(r#"name="replaces" value="([a-z0-9]+)""#);
    manager.post(&format!("/terminals/{there}/revoke"), &[]).await;
    screen.get("/kiosk").await.says("यह मशीन अभी दर्ज नहीं है");
}

#[test]
fn what_is_installed_on_a_mini_pc_allows_the_camera_to_one_address_alone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kiosk");
    let text = std::fs::read_to_string(folder.join("policy.json")).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
    let only = serde_json::json!([ORIGIN]);
    for name in ["VideoCapture", "AudioCapture"] {
        assert_eq!(policy[format!("{name}Allowed")], false);
        assert_eq!(policy[format!("{name}AllowedUrls")], only);
    }
    assert_eq!((&policy["URLBlocklist"], &policy["URLAllowlist"]), (&serde_json::json!(["*"]), &only));
    let unit = folder.join("sachivalaya-kiosk.service");
    let said = std::fs::read_to_string(&unit).unwrap();
    assert!(said.contains("Restart=always") && said.contains("StartLimitIntervalSec=0"));
    // Where systemd is at hand it judges the unit, but for the program that no test installs.
    let temporary = tempfile::tempdir().unwrap();
    let copy = temporary.path().join("sachivalaya-kiosk.service");
    std::fs::write(&copy, said.replace("/usr/local/bin/sachivalaya-kiosk", "/bin/true")).unwrap();
    if let Ok(judged) = std::process::Command::new("systemd-analyze").arg("verify").arg(&copy).output() {
        let complaints = String::from_utf8_lossy(&judged.stderr);
        assert!(judged.status.success() && !complaints.contains("sachivalaya-kiosk"), "{complaints}");
    }
    for script in ["install", "sachivalaya-kiosk"] {
        let checked = std::process::Command::new("sh").arg("-n").arg(folder.join(script)).status().unwrap();
        assert!(checked.success(), "{script}");
    }
}
