//! Draws: committed to before anybody enters, drawn with a public word, and recomputed by a script in another language.

use std::io::Write;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use domain::diary::AppointmentState;
use jiff::SignedDuration;
use sachivalaya::app::draw::{self, AnnounceError, EnterError, RevealError, Shown};
use sachivalaya::app::{book, change, earlier, keep, session, slip};

use crate::browser::Browser;
use crate::house::{House, details, post_id};
use crate::sound::is_sound;

const POST: &str = "min-hlt";

/// Somebody enters with this number, to the end: the token of the slip.
async fn enters(house: &House, one: &Shown, mobile: &str) -> String {
    house.a_moment_later();
    let begun = draw::begin(&house.desk, None, &one.id, domain::notice::Language::Hindi).await.unwrap();
    let actor = session::actor(&house.desk, begun.cookie.as_deref()).await.unwrap();
    let wish = book::Details { mobile: mobile.into(), mail: String::new(), ..details() };
    book::give_details(&house.desk, &actor, &begun.appointment, &wish).await.unwrap();
    let code = house.last_code().await;
    book::confirm(&house.desk, &actor, &begun.appointment, &code).await.unwrap().slip_token
}

/// A draw of the last two free times, open for a day.
async fn announced(house: &House) -> Shown {
    let free = house.free(POST).await;
    let starts: Vec<_> = free[free.len() - 2..].iter().map(|slot| slot.start()).collect();
    let secretary = house.staff("ps-hlt").await;
    let closes = house.desk.now() + SignedDuration::from_hours(24);
    let id = draw::announce(&house.desk, &secretary, &post_id(POST), (&starts, closes)).await.unwrap();
    draw::show(&house.desk, &id).await.unwrap().unwrap()
}

impl House {
    /// The desk announces a draw of the post's last free time, open for a day: its id.
    pub async fn announces(&self, post: &str, desk: &str) -> String {
        let last = self.free(post).await.last().unwrap().start();
        let closes = self.desk.now() + SignedDuration::from_hours(24);
        let desk = self.staff(desk).await;
        draw::announce(&self.desk, &desk, &post_id(post), (&[last], closes)).await.unwrap().to_string()
    }
}

/// What `docs/draw.py` says of a published draw.
fn recomputed(answer: &serde_json::Value) -> String {
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/draw.py");
    let mut python = Command::new("python3")
        .args([script, &text("commitment"), &text("secret"), &text("word")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    for reference in answer["references"].as_array().unwrap() {
        writeln!(python.stdin.as_mut().unwrap(), "{}", reference.as_str().unwrap()).unwrap();
    }
    String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn a_draw_is_recomputed_by_anybody_from_what_is_published() {
    for house in House::everywhere().await {
        let before = house.free(POST).await;
        let one = announced(&house).await;
        assert_eq!(house.free(POST).await, before[..before.len() - 2], "its times are nobody else's");
        let mut slips = Vec::new();
        for n in 0..5 {
            slips.push(enters(&house, &one, &format!("00000 0123{n}")).await);
        }
        let again = enters(&house, &one, "00000 01230").await;
        let mut phone = Browser::new(&house);
        phone.get(&format!("/s/{again}")).await.says("इस नंबर से नाम पहले ही दर्ज है");
        phone.get(&format!("/s/{}", slips[0])).await.says("ड्रॉ में आपका नाम दर्ज है");
        let published = phone.get(&format!("/draw/{}/draw.json", one.id)).await;
        published.says(&one.commitment);
        published.says(r#""entries":5"#);
        published.says(r#""references":null"#);
        published.says(r#""secret":null"#);

        let secretary = house.staff("ps-hlt").await;
        let early = draw::reveal(&house.desk, &secretary, &one.id, "83.41").await.unwrap_err();
        assert!(matches!(early, RevealError::StillOpen));
        house.minutes_later(24 * 60);
        let late =
            draw::begin(&house.desk, None, &one.id, domain::notice::Language::Hindi).await.unwrap_err();
        assert!(matches!(late, EnterError::Closed));
        draw::reveal(&house.desk, &secretary, &one.id, "83.41").await.unwrap();
        draw::reveal(&house.desk, &secretary, &one.id, "another word").await.unwrap();

        let text = phone.get(&format!("/draw/{}/draw.json", one.id)).await.text;
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["word"], "83.41", "the first word stands");
        let order: Vec<&str> =
            answer["order"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
        assert_eq!(recomputed(&answer).lines().collect::<Vec<_>>(), order);
        let mut fixed = Vec::new();
        for token in &slips {
            let slip = slip::slip(&house.desk, token).await.unwrap().unwrap();
            if slip.state == AppointmentState::Confirmed {
                fixed.push((slip.slot, slip.reference));
            }
        }
        fixed.sort_by_key(|(slot, _)| slot.start());
        let winners: Vec<(_, &str)> = one.times.iter().copied().zip(order.iter().copied()).collect();
        assert_eq!(fixed.iter().map(|(slot, who)| (*slot, who.as_str())).collect::<Vec<_>>(), winners);
        phone.get(&format!("/draw/{}", one.id)).await.says("ये इसी क्रम में प्रतीक्षा सूची में हैं");
    }
}

#[tokio::test]
async fn whom_the_draw_gave_no_time_waits_in_its_order_and_is_offered_what_becomes_free() {
    for house in House::everywhere().await {
        let one = announced(&house).await;
        let mut slips = Vec::new();
        for n in 0..4 {
            slips.push(enters(&house, &one, &format!("00000 0123{n}")).await);
        }
        house.minutes_later(24 * 60);
        let secretary = house.staff("ps-hlt").await;
        draw::reveal(&house.desk, &secretary, &one.id, "83.41").await.unwrap();
        let (_, _, order) = draw::show(&house.desk, &one.id).await.unwrap().unwrap().drawn.unwrap();
        let mut by_place: Vec<(String, slip::Slip)> = Vec::new();
        for token in slips {
            let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
            by_place.push((token, slip));
        }
        by_place.sort_by_key(|(_, slip)| order.iter().position(|who| *who == slip.reference));
        let states: Vec<AppointmentState> = by_place.iter().map(|(_, slip)| slip.state).collect();
        use AppointmentState::{Confirmed, Waiting};
        assert_eq!(states, [Confirmed, Confirmed, Waiting, Waiting]);
        let told = house.told().await;
        assert_eq!(told.iter().filter(|kind| *kind == "sms:waiting").count(), 2);
        let mut phone = Browser::new(&house);
        phone.get(&format!("/s/{}", by_place[2].0)).await.says("प्रतीक्षा");
        is_sound(&house, &[POST], &[]).await;
        // The first winner withdraws: his time rests, and goes to the third of the draw.
        let freed = by_place[0].1.slot;
        change::cancel(&house.desk, &by_place[0].0).await.unwrap();
        assert!(!house.free(POST).await.contains(&freed), "it rests, whoever looks");
        house.minutes_later(31);
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 1);
        earlier::take(&house.desk, &by_place[2].0).await.unwrap();
        let slip = slip::slip(&house.desk, &by_place[2].0).await.unwrap().unwrap();
        assert_eq!((slip.state, slip.slot), (Confirmed, freed), "fixed, as those whom the draw gave one");
        let last = slip::slip(&house.desk, &by_place[3].0).await.unwrap().unwrap();
        assert_eq!(last.state, Waiting);
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn times_that_nobody_entered_for_are_free_for_everybody_again() {
    for house in House::everywhere().await {
        let before = house.free(POST).await;
        let one = announced(&house).await;
        enters(&house, &one, "00000 01234").await;
        house.minutes_later(24 * 60);
        let secretary = house.staff("ps-hlt").await;
        draw::reveal(&house.desk, &secretary, &one.id, "83.41").await.unwrap();
        let free = house.free(POST).await;
        assert!(!free.contains(&before[before.len() - 2]) && free.contains(&before[before.len() - 1]));
    }
}

#[tokio::test]
async fn an_office_draws_its_own_times_only_and_by_forms() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let stranger = house.staff("ps-edu").await;
    let closes = house.desk.now() + SignedDuration::from_hours(24);
    let last = [free[free.len() - 1].start()];
    let refused = draw::announce(&house.desk, &stranger, &post_id(POST), (&last, closes)).await;
    assert!(matches!(refused, Err(AnnounceError::Denied(_))));
    let mut secretary = Browser::with_session(&house, &house.cookie("ps-hlt").await);
    let form = secretary.get("/draws?post=min-hlt").await;
    let name = form.all(r#"name="(start-\d+)""#).pop().unwrap();
    let none = secretary.post("/draws/min-hlt", &[("hours", "24")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = secretary.post("/draws/min-hlt", &[("hours", "24"), (&name, "1")]).await;
    let path = made.location().to_owned();
    let mut phone = Browser::new(&house);
    phone.get(&path).await.says("ड्रॉ में नाम दर्ज करें");
    let begun = phone.post(&format!("{path}/enter"), &[]).await;
    phone.get(begun.location()).await.says("समय ड्रॉ से तय होगा");
    house.minutes_later(24 * 60 + 1);
    let mut secretary = Browser::with_session(&house, &house.cookie("ps-hlt").await);
    secretary.get("/draws?post=min-hlt").await.says("सार्वजनिक शब्द");
    let id = path.trim_start_matches("/draw/");
    let drawn = secretary.post(&format!("/draws/min-hlt/{id}"), &[("word", "83.41")]).await;
    assert_eq!(drawn.location(), path);
    phone.get(&path).await.says("ड्रॉ हो चुका है");
}
