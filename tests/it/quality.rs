//! A meeting afterwards: what was kept of it, and how it reads.

use domain::id::{AppointmentId, MeetingId, PostId};
use domain::meeting::Guest;
use domain::quality::{Cause, Score, Stretch};
use jiff::{SignedDuration, Timestamp};
use sachivalaya::store::quality;

use crate::browser::Browser;
use crate::house::House;

fn stretch(starts: Timestamp, hundredths: u16, cause: Option<Cause>) -> Stretch {
    Stretch {
        starts,
        ends: starts + SignedDuration::from_mins(5),
        score: Score::from_hundredths(hundredths),
        cause,
        lost_permille: 125,
        round_trip_ms: Some(240),
        up_bps: 310_000,
        down_bps: 95_000,
    }
}

#[tokio::test]
async fn the_desk_reads_afterwards_who_had_a_bad_line_and_what_to_do() {
    let house = House::open().await;
    let slot = house.free("min-hlt").await[0];
    let (_, appointment, _) = house.books_with_cookie("min-hlt", slot).await;
    let meeting = house.accepts(&appointment).await;
    let path = format!("/meeting/{meeting}/quality");
    let mut desk = Browser::with_session(&house, &house.cookie("ps-hlt").await);
    desk.get(&path).await.says("अभी कुछ दर्ज नहीं है");

    let at: Timestamp = "2026-11-24T11:00:00+05:30".parse().unwrap();
    let later = at + SignedDuration::from_mins(5);
    let citizen = Guest::Citizen(AppointmentId::parse(appointment.as_str()).unwrap());
    let officer = Guest::Officer(PostId::parse("min-hlt").unwrap());
    let id = MeetingId::parse(&meeting).unwrap();
    let mut tx = house.desk.store.write().await.unwrap();
    let of_citizen = [stretch(at, 440, None), stretch(later, 210, Some(Cause::Network))];
    quality::keep(&mut tx, (&id, &citizen), &of_citizen).await.unwrap();
    quality::keep(&mut tx, (&id, &citizen), &of_citizen).await.expect("kept twice is kept once");
    quality::keep(&mut tx, (&id, &officer), &[stretch(at, 440, None)]).await.unwrap();
    tx.commit().await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let kept = quality::of_meeting(&mut connection, &id, 100).await.unwrap();
    let wanted: Vec<_> = of_citizen.iter().map(|s| (citizen.clone(), *s)).collect();
    assert_eq!(kept[..2], wanted[..]);
    drop(connection);

    let page = desk.get(&path).await;
    page.says("11:05 से 11:10: खराब.");
    page.says("इनका अपना नेटवर्क कमज़ोर था।");
    page.says("राउटर के पास बैठें");
    page.says("आवाज़ और तस्वीर पूरे समय अच्छी रही।");
    page.says("<td>12.5 %</td><td>240</td><td>310</td><td>95</td>");
    let english = desk.get(&format!("{path}?lang=en")).await;
    english.says("This person&#39;s own line was weak.");
}
