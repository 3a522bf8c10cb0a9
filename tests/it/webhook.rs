//! Webhooks: signed, sent once more until they are taken, never to where they must not go, and without personal data.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use domain::diary::displacement::AwayReason;
use domain::id::PostId;
use domain::text::Subject;
use jiff::SignedDuration;
use sachivalaya::app::book::{self, Details};
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::emergency::{self, SwitchWish};
use sachivalaya::app::webhook::{self, Added, HookError, HookWish, Plain};
use sachivalaya::app::{change, hold, undo};
use sachivalaya::clock::Random;
use sachivalaya::limits;
use sachivalaya::outbox::hooks::Hooks;
use sachivalaya::outbox::hooks::post::{Names, Poster};
use sachivalaya::outbox::hooks::reach::Reach;
use sachivalaya::store::webhook as rows;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::{House, details, post_id, wish};

/// A listener on this machine that answers as it is told and keeps what it was sent.
#[derive(Clone)]
struct Ear {
    port: u16,
    answer: Arc<Mutex<String>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Ear {
    async fn open(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ear = Self { port, answer: Arc::new(Mutex::new(answer.into())), heard: Arc::default() };
        let own = ear.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let mut sent = Vec::new();
                    while !is_whole(&sent) && socket.read_buf(&mut sent).await.unwrap_or(0) > 0 {}
                    own.heard.lock().unwrap().push(String::from_utf8_lossy(&sent).into_owned());
                    let answer = own.answer.lock().unwrap().clone();
                    let _ = socket.write_all(answer.as_bytes()).await;
                    let _ = socket.shutdown().await;
                });
            }
        });
        ear
    }

    fn answers(&self, answer: &str) {
        *self.answer.lock().unwrap() = answer.into();
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events?of=health", self.port)
    }
}

fn is_whole(sent: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sent);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

fn header(request: &str, name: &str) -> Option<String> {
    let lines = request.split("\r\n").filter_map(|line| line.split_once(": "));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
}

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// Names as these addresses say, and how often they were asked for.
fn names(answers: Vec<Vec<&str>>) -> (Names, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let answers: Vec<Vec<String>> =
        answers.into_iter().map(|found| found.into_iter().map(str::to_owned).collect()).collect();
    let names: Names = Arc::new(move |_, port| {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        let found = answers.get(turn).or(answers.last()).cloned().unwrap_or_default();
        let found: Vec<SocketAddr> =
            found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect();
        Box::pin(
            async move { if found.is_empty() { Err(io::Error::other("no such name")) } else { Ok(found) } },
        )
    });
    (names, asked)
}

fn worker(house: &House, reach: Reach, names: Names) -> Hooks {
    let desk = &house.desk;
    Hooks {
        store: desk.store.clone(),
        clock: desk.clock.clone(),
        key: desk.settings.link_key.clone(),
        secrets: webhook::secret_bytes,
        poster: Poster::new(reach, names).unwrap(),
    }
}

fn to_this_machine(house: &House) -> Hooks {
    let (names, _) = names(vec![vec!["127.0.0.1"]]);
    worker(house, Reach { plain_loopback: true, ..Reach::default() }, names)
}

async fn added(house: &House, url: &str) -> Result<Added, HookError> {
    let wish = HookWish { post: post_id("sec-hlt"), url: url.into(), plain: Plain::Allowed };
    let desk = &house.desk;
    webhook::add(&desk.store, (&desk.settings.link_key, Random), wish, desk.now()).await
}

async fn standing(house: &House) -> Vec<(String, Option<String>)> {
    rows::standing(&mut house.desk.store.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn each_change_is_told_signed_and_without_a_name() {
    for house in House::everywhere().await {
        let ear = Ear::open(TAKEN).await;
        let hook = added(&house, &ear.url()).await.unwrap();
        let slots = house.free("sec-hlt").await;
        let slip = house.books("sec-hlt", slots[0]).await;
        house.books("sec-edu", house.free("sec-edu").await[0]).await;
        change::move_to(&house.desk, &slip, slots[2].start()).await.unwrap();
        house.a_moment_later();
        change::cancel(&house.desk, &slip).await.unwrap();
        let worker = to_this_machine(&house);
        assert_eq!(worker.step().await.unwrap(), 3, "another post's events are not told here");
        assert_eq!(worker.step().await.unwrap(), 0);
        let heard = ear.heard();
        let mut kinds: Vec<(String, i64)> = Vec::new();
        for request in &heard {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("POST /events?of=health HTTP/1.1"), "{head}");
            let (id, at) = (header(head, "webhook-id").unwrap(), header(head, "webhook-timestamp").unwrap());
            let secret = BASE64.decode(hook.secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
            let tag = hmac::sign(
                &hmac::Key::new(hmac::HMAC_SHA256, &secret),
                format!("{id}.{at}.{body}").as_bytes(),
            );
            let signed = format!("v1,{}", BASE64.encode(tag.as_ref()));
            assert_eq!(header(head, "webhook-signature").as_deref(), Some(signed.as_str()));
            assert_eq!(at, house.desk.now().as_second().to_string());
            for secret in ["सुनीता", "01234", "citizen@", "राशन"] {
                assert!(!request.contains(secret), "{request}");
            }
            let told: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(told["data"]["post"], "sec-hlt");
            kinds.push((told["type"].as_str().unwrap().into(), told["data"]["sequence"].as_i64().unwrap()));
        }
        kinds.sort();
        let wanted =
            [("appointment.cancelled", 2), ("appointment.confirmed", 0), ("appointment.confirmed", 1)];
        assert_eq!(kinds, wanted.map(|(kind, sequence)| (kind.to_owned(), sequence)));
        assert!(standing(&house).await.iter().all(|(state, _)| state == "sent"));
    }
}

#[tokio::test]
async fn a_whole_day_that_is_moved_or_goes_to_video_is_told_one_by_one() {
    for house in House::everywhere().await {
        let ear = Ear::open(TAKEN).await;
        let slots = house.free("sec-hlt").await;
        for slot in &slots[..2] {
            let (id, actor) = house.holds("sec-hlt", *slot).await;
            let coming = Details { channel: "in_person".into(), ..details() };
            house.a_moment_later();
            book::give_details(&house.desk, &actor, &id, &coming).await.unwrap();
            let code = house.last_code().await;
            book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
        }
        added(&house, &ear.url()).await.unwrap();
        let desk = house.staff("desk-sec-hlt").await;
        let away = AwayWish {
            post: post_id("sec-hlt"),
            from: slots[0].start(),
            to: slots[1].end(),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        let absence = displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap().absence;
        house.a_moment_later();
        undo::undo(&house.desk, &desk, &absence).await.unwrap();
        house.a_moment_later();
        let week = slots[0].start() + SignedDuration::from_hours(24 * 7);
        let wish = SwitchWish { post: post_id("sec-hlt"), from: house.desk.now(), to: week };
        let switch = emergency::carry_out(&house.desk, &desk, &wish).await.unwrap().emergency;
        house.a_moment_later();
        emergency::undo(&house.desk, &desk, &switch).await.unwrap();
        assert_eq!(to_this_machine(&house).step().await.unwrap(), 8);
        let mut told: Vec<(i64, String)> = Vec::new();
        for request in ear.heard() {
            let body: serde_json::Value =
                serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            assert_eq!(body["type"], "appointment.confirmed");
            let data = &body["data"];
            told.push((data["sequence"].as_i64().unwrap(), data["channel"].as_str().unwrap().into()));
        }
        told.sort();
        let one = [(1, "in_person"), (2, "in_person"), (3, "video"), (4, "in_person")];
        let both: Vec<(i64, String)> =
            one.iter().flat_map(|(n, way)| vec![(*n, (*way).to_owned()); 2]).collect();
        assert_eq!(told, both);
    }
}

#[tokio::test]
async fn a_hold_is_nobodys_business_and_an_act_that_fails_tells_nothing() {
    let house = House::open().await;
    added(&house, "https://hooks.example.in/").await.unwrap();
    let slot = house.free("sec-hlt").await[0];
    house.holds("sec-hlt", slot).await;
    hold::hold(&house.desk, wish("sec-hlt", slot)).await.unwrap_err();
    assert_eq!(standing(&house).await, []);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_with_the_same_id_and_given_up_in_the_end() {
    let house = House::open().await;
    let ear = Ear::open(BUSY).await;
    added(&house, &ear.url()).await.unwrap();
    house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
    let worker = to_this_machine(&house);
    assert_eq!(worker.step().await.unwrap(), 1);
    assert_eq!(worker.step().await.unwrap(), 0, "not before its pause is over");
    assert_eq!(standing(&house).await, [("due".into(), Some("hook-not-taken".into()))]);
    for _ in 1..limits::OUTBOX_ATTEMPTS_MAX {
        house.minutes_later(61);
        assert_eq!(worker.step().await.unwrap(), 1);
    }
    house.minutes_later(61);
    assert_eq!(worker.step().await.unwrap(), 0);
    assert_eq!(standing(&house).await, [("dead".into(), Some("hook-not-taken".into()))]);
    let ids: Vec<_> = ear.heard().iter().map(|request| header(request, "webhook-id").unwrap()).collect();
    assert_eq!(ids.len() as i64, limits::OUTBOX_ATTEMPTS_MAX);
    assert!(ids.iter().all(|id| *id == ids[0]), "the listener can see that it is one event");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_who_is_gone_is_not_asked_again() {
    let house = House::open().await;
    let elsewhere = Ear::open(TAKEN).await;
    let ear = Ear::open("").await;
    added(&house, &ear.url()).await.unwrap();
    let slots = house.free("sec-hlt").await;
    let worker = to_this_machine(&house);
    for (slot, (answer, code)) in slots.iter().zip([
        (
            format!("HTTP/1.1 307 Go\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url()),
            "hook-redirect",
        ),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n".to_owned(), "hook-gone"),
    ]) {
        ear.answers(&answer);
        house.books("sec-hlt", *slot).await;
        assert_eq!(worker.step().await.unwrap(), 1);
        assert_eq!(standing(&house).await.last().unwrap(), &("dead".to_owned(), Some(code.to_owned())));
    }
    assert_eq!(elsewhere.heard().len(), 0);
}

#[tokio::test]
async fn an_endless_answer_costs_nothing_and_a_broken_one_is_tried_again() {
    let house = House::open().await;
    let ear =
        Ear::open(&format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{}", "a".repeat(100_000)))
            .await;
    added(&house, &ear.url()).await.unwrap();
    let slots = house.free("sec-hlt").await;
    let worker = to_this_machine(&house);
    house.books("sec-hlt", slots[0]).await;
    worker.step().await.unwrap();
    assert_eq!(standing(&house).await, [("sent".into(), None)], "the body is not read");
    for answer in
        [format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(100_000)), "nonsense\r\n\r\n".into()]
    {
        ear.answers(&answer);
        house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
        worker.step().await.unwrap();
        let last = standing(&house).await.pop().unwrap();
        assert_eq!(last, ("due".into(), Some("hook-unreachable".into())), "{}", &answer[..20]);
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_leads_nowhere_inside() {
    let house = House::open().await;
    let inside = Ear::open(TAKEN).await;
    added(&house, &format!("https://hooks.example.in:{}/", inside.port)).await.unwrap();
    house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
    // The first look-up is judged and used; a second one, which would say something else, is never made.
    let (changing, asked) = names(vec![vec!["127.0.0.1"], vec!["8.8.8.8"]]);
    let one = worker(&house, Reach::default(), changing);
    assert_eq!(one.step().await.unwrap(), 1);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "a name is looked up once a try");
    assert_eq!(standing(&house).await, [("dead".into(), Some("hook-forbidden-address".into()))]);
    for mixed in
        [vec!["8.8.8.8", "127.0.0.1"], vec!["::ffff:127.0.0.1"], vec!["64:ff9b::7f00:1"], vec!["0.0.0.0"]]
    {
        house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
        let (found, _) = names(vec![mixed.clone()]);
        worker(&house, Reach::default(), found).step().await.unwrap();
        let last = standing(&house).await.pop().unwrap();
        assert_eq!(last, ("dead".into(), Some("hook-forbidden-address".into())), "{mixed:?}");
    }
    assert_eq!(inside.heard().len(), 0);
}

#[tokio::test]
async fn plain_http_goes_nowhere_unless_it_was_asked_for() {
    let house = House::open().await;
    let ear = Ear::open(TAKEN).await;
    added(&house, &ear.url()).await.unwrap();
    house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
    let (found, _) = names(vec![vec!["127.0.0.1"]]);
    let allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    worker(&house, Reach { allowed_networks, plain_loopback: false }, found).step().await.unwrap();
    assert_eq!(standing(&house).await, [("dead".into(), Some("hook-forbidden-address".into()))]);
    assert_eq!(ear.heard().len(), 0);
}

#[tokio::test]
async fn a_listener_is_added_by_a_good_address_and_hears_nothing_once_ended() {
    let house = House::open().await;
    let desk = &house.desk;
    let refused =
        HookWish { post: post_id("sec-hlt"), url: "http://127.0.0.1/".into(), plain: Plain::Refused };
    let key = (&desk.settings.link_key, Random);
    assert!(matches!(webhook::add(&desk.store, key, refused, desk.now()).await, Err(HookError::Plain)));
    assert!(matches!(added(&house, "https://user@a.in/").await, Err(HookError::Url(_))));
    let nobody = HookWish {
        post: PostId::parse("sec-nobody").unwrap(),
        url: "https://a.in/".into(),
        plain: Plain::Refused,
    };
    assert!(matches!(
        webhook::add(&desk.store, key, nobody, desk.now()).await,
        Err(HookError::UnknownPost(_))
    ));
    let ear = Ear::open(TAKEN).await;
    let hook = added(&house, &ear.url()).await.unwrap();
    assert_eq!(webhook::all(&desk.store).await.unwrap().len(), 1);
    house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
    webhook::end(&desk.store, &hook.id, desk.now()).await.unwrap();
    assert!(matches!(webhook::end(&desk.store, &hook.id, desk.now()).await, Err(HookError::Unknown(_))));
    to_this_machine(&house).step().await.unwrap();
    assert_eq!(standing(&house).await, [("dead".into(), Some("hook-ended".into()))]);
    assert_eq!(ear.heard().len(), 0);
    house.books("sec-hlt", house.free("sec-hlt").await[0]).await;
    assert_eq!(standing(&house).await.len(), 1, "nothing more is laid out for it");
}
