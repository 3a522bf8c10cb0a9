//! WHIP and WHEP over real HTTP, with a WebRTC client of another make: who is let in, what flows, and how it ends.
//!
//! Requests are written as any encoder writes them; no cookie is ever sent.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use sachivalaya::app::issue::{self, PassWish};
use sachivalaya::auth::pass::Right;
use sachivalaya::store::audit;
use signaling::value::Role;
use signaling::{ClientMessage, ServerMessage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::away::{Away, houses};
use super::house::{LiveHouse, PATIENCE};
use super::phone::Phone;
use super::visitor::Visitor;

const ENOUGH: u64 = 50;
const SDP: (&str, &str) = ("Content-Type", "application/sdp");
const FRAGMENT: (&str, &str) = ("Content-Type", "application/trickle-ice-sdpfrag");
const CANDIDATE: &str = "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n";

/// An answer of the server.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The stable code of a problem.
    fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl LiveHouse {
    async fn pass(&self, meeting: &str, may: Right) -> String {
        let desk = &self.house.desk;
        let meeting = meeting.to_owned().try_into().unwrap();
        let name = Some("Studio one".parse().unwrap());
        let wish = PassWish { meeting, may, name, span: SignedDuration::from_hours(12) };
        let key = &desk.settings.link_key;
        issue::pass(&desk.store, (key, desk.random), wish, desk.now()).await.unwrap()
    }

    /// ICE begins anew by PATCH: the answer as the client must now read it.
    async fn begins_anew(&self, phone: &Phone, pass: &str, made: &Answer) -> String {
        let offer = phone.restarts();
        let line = |text: &str, what: &str| {
            text.lines().find(|line| line.starts_with(what)).expect("a line of ICE").to_owned()
        };
        let (name, password) = (line(&offer, "a=ice-ufrag:"), line(&offer, "a=ice-pwd:"));
        let patch = format!("PATCH {}", made.header("location"));
        let fragment = format!("{name}\r\n{password}\r\n");
        let anew = self.with_pass(&patch, pass, &[FRAGMENT, ("If-Match", "*")], &fragment).await;
        assert_eq!(anew.status, 200, "{}", anew.body);
        ["a=ice-ufrag:", "a=ice-pwd:"].iter().fold(made.body.clone(), |answer, what| {
            answer.replace(&line(&answer, what), &line(&anew.body, what))
        })
    }

    /// One request on a connection of its own.
    async fn ask(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()));
        Answer { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
    }

    async fn with_pass(&self, line: &str, pass: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {pass}");
        let all = std::iter::once(("Authorization", bearer.as_str())).chain(headers.iter().copied());
        self.ask(line, &all.collect::<Vec<_>>(), body).await
    }

    /// An encoder or a player comes in: its client, and the answer.
    async fn comes(&self, path: &str, pass: &str, (phone, offer): (Phone, String)) -> (Phone, Answer) {
        let answer = self.with_pass(&format!("POST {path}"), pass, &[SDP], &offer).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.header("content-type"), "application/sdp");
        assert_eq!(answer.header("accept-patch"), "application/trickle-ice-sdpfrag");
        assert!(answer.header("etag").starts_with('"') && answer.header("location").starts_with(path));
        phone.takes(&answer.body);
        self.next_up().await;
        (phone, answer)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_encoder_publishes_a_player_plays_until_one_of_them_ends() {
    let house = LiveHouse::open().await;
    let (publish, play) =
        (house.pass("studio", Right::Publish).await, house.pass("studio", Right::Play).await);
    let (encoder, here) = house.comes("/whip/studio", &publish, Phone::encoder()).await;
    let (player, there) = house.comes("/whep/studio", &play, Phone::player(1, 1)).await;
    encoder.speaks();
    house.eventually("the player hears", || async { player.received() > ENOUGH }).await;
    let gone = format!("DELETE {}", there.header("location").replace("/whep/", "/whip/"));
    assert_eq!(house.with_pass(&gone, &publish, &[], "").await.status, 404, "another's pass");
    let gone = gone.replace("/whip/", "/whep/");
    assert_eq!(house.with_pass(&gone, &play, &[], "").await.status, 200);
    assert_eq!(house.with_pass(&gone, &play, &[], "").await.status, 404);
    let end = format!("DELETE {}", here.header("location"));
    assert_eq!(house.with_pass(&end, &publish, &[("If-Match", "\"old\"")], "").await.status, 200);
    house.eventually("both are gone", || async { house.media.totals().await.unwrap().peers == 0 }).await;
    house.live.flush().await;
    let acts = house.acts().await;
    let outside: Vec<&str> = acts.iter().map(String::as_str).filter(|act| act.contains('.')).collect();
    let wanted = [
        "pass.issue",
        "pass.issue",
        "outside.come_in",
        "outside.come_in",
        "outside.go_out",
        "outside.go_out",
    ];
    assert!(outside.ends_with(&wanted), "{outside:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_with_its_token_comes_into_a_meeting_that_runs_while_the_database_is_away() {
    for (house, mut away) in houses().await {
        let house = LiveHouse::around(house).await;
        let booked = house.books("sec-hlt").await;
        let publish = house.pass(booked.meeting.as_str(), Right::Publish).await;
        let elsewhere = house.pass("elsewhere", Right::Publish).await;
        let cookie = house.staff("sec-hlt").await;
        let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
        let (phone, _) = officer.connects(&house).await;
        house.live.flush().await;
        away.begin().await;
        let path = format!("/whip/{}", booked.meeting);
        let (encoder, _) = house.comes(&path, &publish, Phone::encoder()).await;
        encoder.speaks();
        house.eventually("the officer hears it", || async { phone.received() > ENOUGH }).await;
        if matches!(away, Away::Cut(_)) {
            let (_, offer) = Phone::encoder();
            let unknown = house.with_pass("POST /whip/elsewhere", &elsewhere, &[SDP], &offer).await;
            assert_eq!((unknown.status, unknown.code().as_str()), (503, "busy"));
        }
        away.end();
        house.live.flush().await;
        assert_eq!(house.acts().await.iter().filter(|act| *act == "outside.come_in").count(), 1);
    }
}

impl LiveHouse {
    /// The acts in the audit chain, oldest first.
    async fn acts(&self) -> Vec<String> {
        sachivalaya::audit::seal(&self.house.desk.store).await.unwrap();
        let mut rows = self.house.desk.store.read().await.unwrap();
        audit::after(&mut rows, 0, 10_000).await.unwrap().into_iter().map(|row| row.act).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_takes_part_in_a_meeting_of_our_page() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let meeting = booked.meeting.as_str();
    let publish = house.pass(meeting, Right::Publish).await;
    let play = house.pass(meeting, Right::Play).await;
    let (encoder, _) = house.comes(&format!("/whip/{meeting}"), &publish, Phone::encoder()).await;
    let (player, _) = house.comes(&format!("/whep/{meeting}"), &play, Phone::player(3, 6)).await;
    encoder.speaks();
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    let named = |m: &ServerMessage| match m {
        ServerMessage::Participants { participants } => {
            let outside = participants.iter().filter(|p| p.role == Role::Outside);
            let names: Vec<String> = outside.map(|p| p.title.en.clone()).collect();
            (names.len() == 2).then_some(names)
        }
        _ => None,
    };
    assert_eq!(officer.hears(named).await, ["Studio one", "Studio one"]);
    let (phone, _) = officer.connects(&house).await;
    house
        .eventually("the officer hears the encoder, and so does the player", || async {
            phone.received() > ENOUGH && player.received() > ENOUGH
        })
        .await;
    officer.says(ClientMessage::EndMeeting {}).await;
    house.eventually("everybody is gone", || async { house.media.totals().await.unwrap().peers == 0 }).await;
    house.live.flush().await;
    let (_phone, offer) = Phone::encoder();
    let late = house.with_pass(&format!("POST /whip/{meeting}"), &publish, &[SDP], &offer).await;
    assert_eq!((late.status, late.code().as_str()), (410, "gone"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_are_heard_and_ice_begins_anew_as_the_standard_says() {
    let house = LiveHouse::open().await;
    let pass = house.pass("studio", Right::Publish).await;
    let (_encoder, made) = house.comes("/whip/studio", &pass, Phone::encoder()).await;
    let line = format!("PATCH {}", made.header("location"));
    let tag = made.header("etag");
    let patch = async |tag: Option<&str>, body: &str| {
        let headers: Vec<_> = tag.map(|tag| ("If-Match", tag)).into_iter().chain([FRAGMENT]).collect();
        house.with_pass(&line, &pass, &headers, body).await
    };
    let heard = patch(Some(tag), CANDIDATE).await;
    assert_eq!((heard.status, heard.body.as_str(), heard.header("etag")), (204, "", ""));
    assert_eq!(patch(None, CANDIDATE).await.code(), "tag-needed");
    assert_eq!(patch(Some("\"other\""), CANDIDATE).await.code(), "tag-outdated");
    assert_eq!(patch(Some(tag), "v=0\r\n").await.code(), "malformed");
    assert_eq!(patch(Some(tag), &CANDIDATE.repeat(200)).await.code(), "too-large");
    let wrong = house.with_pass(&line, &pass, &[SDP, ("If-Match", tag)], CANDIDATE).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (415, "wrong-kind"));

    let newer = "a=ice-ufrag:Newer\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
    let restarted = patch(Some("*"), newer).await;
    assert_eq!((restarted.status, restarted.header("content-type")), (200, FRAGMENT.1));
    assert!(restarted.body.contains("a=ice-ufrag:") && restarted.body.contains("a=ice-pwd:"));
    assert!(!made.body.contains(restarted.body.lines().find(|l| l.contains("ufrag")).unwrap()));
    assert_ne!(restarted.header("etag"), tag);
    assert_eq!(patch(Some(tag), CANDIDATE).await.status, 412);
    assert_eq!(patch(Some(restarted.header("etag")), CANDIDATE).await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_goes_on_while_ice_begins_anew_and_after_it() {
    let house = LiveHouse::open().await;
    let (publish, play) =
        (house.pass("studio", Right::Publish).await, house.pass("studio", Right::Play).await);
    let (encoder, made) = house.comes("/whip/studio", &publish, Phone::encoder()).await;
    let (player, _) = house.comes("/whep/studio", &play, Phone::player(3, 20)).await;
    encoder.speaks();
    house.eventually("the player hears", || async { player.received() > ENOUGH }).await;
    let before = encoder.connections();
    let answer = house.begins_anew(&encoder, &publish, &made).await;
    encoder.takes(&answer);
    house.eventually("ICE finds a way again", || async { encoder.connections() > before }).await;
    let heard = player.received();
    house.eventually("the player hears on", || async { player.received() > heard + ENOUGH }).await;
    assert_eq!(house.media.totals().await.unwrap().peers, 2, "the same connections");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_is_told_why_by_a_stable_code() {
    let house = LiveHouse::open().await;
    let (publish, play) =
        (house.pass("studio", Right::Publish).await, house.pass("studio", Right::Play).await);
    let (_phone, offer) = Phone::encoder();
    let bare = house.ask("POST /whip/studio", &[SDP], &offer).await;
    assert_eq!((bare.status, bare.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(bare.code(), "pass-needed");
    let forged = format!("{}x", &publish[..publish.len() - 1]);
    let refused = house.with_pass("POST /whip/studio", &forged, &[SDP], &offer).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "pass-refused"));
    for (line, pass) in
        [("POST /whip/studio", &play), ("POST /whep/studio", &publish), ("POST /whip/other", &publish)]
    {
        let refused = house.with_pass(line, pass, &[SDP], &offer).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "pass-for-other"), "{line}");
    }
    let post = async |headers: &[(&str, &str)], body: &str| {
        let answer = house.with_pass("POST /whip/studio", &publish, headers, body).await;
        (answer.status, answer.code())
    };
    let code = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(post(&[("Content-Type", "text/plain")], &offer).await, code(415, "wrong-kind"));
    assert_eq!(post(&[SDP, ("Accept", "text/html")], &offer).await, code(406, "not-acceptable"));
    assert_eq!(post(&[SDP], "").await, code(422, "offer-refused"));
    assert_eq!(post(&[SDP], &offer.replace("a=rtcp-mux", "a=x")).await, code(422, "offer-refused"));
    assert_eq!(post(&[SDP], &"a=x\r\n".repeat(20_000)).await, code(413, "too-large"));
    let (_many, lines) = Phone::player(45, 4);
    let refused = house.with_pass("POST /whep/studio", &play, &[SDP], &lines).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "offer-refused"));
    assert!(refused.body.contains("offer_media_count"), "{}", refused.body);
    let refused = house.with_pass("POST /whep/studio?participant=NOBODY", &play, &[SDP], &offer).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "malformed"));
    for method in ["GET", "HEAD", "PUT"] {
        let refused = house.with_pass(&format!("{method} /whip/studio"), &publish, &[], "").await;
        assert_eq!(refused.status, 405, "{method}");
        assert!(refused.header("allow").contains("POST"));
    }
    house.house.minutes_later(12 * 60);
    assert_eq!(post(&[SDP], &offer).await, code(401, "pass-refused"));
    assert_eq!(house.media.totals().await.unwrap().peers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_any_host_may_ask_with_a_pass_and_is_told_what_there_is() {
    let house = LiveHouse::open().await;
    let pass = house.pass("studio", Right::Publish).await;
    let foreign = ("Origin", "https://studio.example");
    for (path, methods, kind) in
        [("/whip/studio", "POST", "accept-post"), ("/whep/studio/x", "PATCH", "accept-patch")]
    {
        let there = house.ask(&format!("OPTIONS {path}"), &[foreign], "").await;
        assert_eq!((there.status, there.header("access-control-allow-origin")), (200, "*"));
        assert!(there.header("access-control-allow-methods").contains(methods));
        assert!(there.header("access-control-allow-headers").contains("Authorization"));
        assert!(!there.header(kind).is_empty());
    }
    let (_phone, offer) = Phone::encoder();
    let made = house.with_pass("POST /whip/studio", &pass, &[SDP, foreign], &offer).await;
    assert_eq!((made.status, made.header("access-control-allow-origin")), (201, "*"));
    assert!(made.header("access-control-expose-headers").contains("Location"));
    let refused = house.ask("POST /whip/studio", &[SDP, foreign], &offer).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"));
}
