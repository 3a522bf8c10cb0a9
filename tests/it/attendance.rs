//! Attendance after a meeting: what was measured never changes, corrections stand beside it with their reasons.

use axum::http::StatusCode;
use domain::id::{AppointmentId, MeetingId};
use domain::meeting::attendance::{CorrectError, Ruling, Says, Source, Statement, total};
use domain::meeting::{Evidence, Guest, Stretch};
use domain::text::Noting;
use jiff::{SignedDuration, Timestamp};
use sachivalaya::app::attendance::{self, AttendanceError, Sheet, Wish};
use sachivalaya::app::live::turn::EntryPlace;
use sachivalaya::app::{enter, slip};
use sachivalaya::audit;
use sachivalaya::auth::Actor;
use sachivalaya::store::audit as chain;
use sachivalaya::store::{meeting, presence, staff};
use signaling::value::{Id, Page};

use crate::browser::Browser;
use crate::house::{House, post_id};

/// A meeting that is over: the officer was there all the time, the visitor lost his line once and went once.
struct Held {
    appointment: AppointmentId,
    meeting: MeetingId,
    start: Timestamp,
    officer: Actor,
}

impl Held {
    fn at(&self, second: i64) -> Timestamp {
        self.start + SignedDuration::from_secs(second)
    }

    fn visitor(&self) -> Guest {
        Guest::Citizen(self.appointment.clone())
    }

    fn says(&self, says: Says, from: i64, to: i64) -> Ruling {
        Ruling::States(Statement { guest: self.visitor(), says, from: self.at(from), to: self.at(to) })
    }

    async fn sheet(&self, house: &House) -> Sheet {
        attendance::sheet(&house.desk, &self.meeting).await.unwrap().unwrap()
    }

    /// The visitor's present seconds, as they count.
    async fn counted(&self, house: &House) -> i64 {
        let sheet = self.sheet(house).await;
        let visitor = sheet.people.into_iter().find(|one| one.guest == self.visitor()).unwrap();
        total(&visitor.pieces, Source::is_present).as_secs()
    }

    async fn measured(&self, house: &House) -> Vec<(Guest, Stretch)> {
        let mut connection = house.desk.store.read().await.unwrap();
        presence::of_meeting(&mut connection, &self.meeting).await.unwrap()
    }
}

async fn held(house: &House) -> Held {
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    let read = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    let ahead = slot.end().duration_since(house.desk.now()).as_mins();
    house.minutes_later(u64::try_from(ahead).unwrap() + 30);
    let held = Held {
        appointment: read.appointment,
        meeting: read.meeting.unwrap(),
        start: slot.start(),
        officer: house.staff("sec-hlt").await,
    };
    let stretch = |from, to, evidence| Stretch { from: held.at(from), to: held.at(to), evidence };
    let present = Evidence::Present;
    let visitor = [
        stretch(4, 304, present),
        stretch(304, 334, Evidence::NetworkLoss),
        stretch(334, 600, present),
        stretch(660, 700, present),
    ];
    let mut tx = house.desk.store.write().await.unwrap();
    presence::keep(&mut tx, (&held.meeting, &held.visitor()), &visitor).await.unwrap();
    let officer = Guest::Officer(post_id("sec-hlt"));
    presence::keep(&mut tx, (&held.meeting, &officer), &[stretch(0, 720, present)]).await.unwrap();
    tx.commit().await.unwrap();
    held
}

fn wish(ruling: Ruling, seen: u32) -> Wish {
    Wish { ruling, reason: Noting::parse("टेलीफ़ोन पर थे").unwrap(), seen }
}

async fn audited(house: &House) -> Vec<String> {
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let all = chain::after(&mut connection, 0, 10_000).await.unwrap();
    all.into_iter().filter(|row| row.act == "attendance.correct").map(|row| row.detail).collect()
}

#[tokio::test]
async fn a_correction_counts_until_it_is_taken_back_and_what_was_measured_never_changes() {
    for house in House::everywhere().await {
        let held = held(&house).await;
        let (desk, id) = (&house.desk, &held.meeting);
        let measured = held.measured(&house).await;
        assert_eq!(held.counted(&house).await, 606);
        let secretary = house.staff("desk-sec-hlt").await;
        let said = held.says(Says::Present, 600, 900);
        let number = attendance::correct(desk, &secretary, id, &wish(said, 0)).await.unwrap();
        assert_eq!((number, held.counted(&house).await), (1, 566 + 300));
        let twice =
            attendance::correct(desk, &held.officer, id, &wish(held.says(Says::Absent, 4, 64), 0)).await;
        assert!(matches!(twice, Err(AttendanceError::Overtaken)), "of two at once one looks again");
        let lent =
            attendance::correct(desk, &held.officer, id, &wish(held.says(Says::Absent, 4, 64), 1)).await;
        assert_eq!((lent.unwrap(), held.counted(&house).await), (2, 506 + 300));
        let over =
            attendance::correct(desk, &held.officer, id, &wish(held.says(Says::Absent, 800, 950), 2)).await;
        assert!(matches!(over, Err(AttendanceError::Rule(CorrectError::Overlaps { number: 1 }))));
        for back in [1, 2] {
            let seen = held.sheet(&house).await.seen;
            attendance::correct(desk, &held.officer, id, &wish(Ruling::TakesBack(back), seen)).await.unwrap();
        }
        assert_eq!(held.counted(&house).await, 606, "as it was measured");
        assert_eq!(held.measured(&house).await, measured, "to the last millisecond");
        let history: Vec<_> = held.sheet(&house).await.history.iter().map(|e| e.taken_back_by).collect();
        assert_eq!(history, [Some(3), Some(4), None, None], "and the history keeps all four");
        let lines = audited(&house).await;
        assert_eq!(lines.len(), 4, "what was refused left no line");
        assert!(lines[0].starts_with("number=1 participant=citizen:") && lines[3] == "number=4 takes_back=2");
        assert!(lines.iter().all(|line| !line.contains("टेलीफ़ोन")), "ids and codes only");
    }
}

#[tokio::test]
async fn nobody_but_the_office_reads_or_corrects_it_and_nobody_is_corrected_who_does_not_belong_to_it() {
    for house in House::everywhere().await {
        let held = held(&house).await;
        let path = format!("/meeting/{}/attendance", held.meeting);
        for other in ["sec-edu", "cs", "counter-1"] {
            let stranger = house.staff(other).await;
            let said = wish(held.says(Says::Present, 600, 660), 0);
            let refused = attendance::correct(&house.desk, &stranger, &held.meeting, &said).await;
            assert!(matches!(refused, Err(AttendanceError::Denied(_))), "{other}");
            let mut browser = Browser::with_session(&house, &house.cookie(other).await);
            for path in [path.clone(), format!("{path}.csv")] {
                assert_eq!(browser.get(&path).await.status, StatusCode::FORBIDDEN, "{other} {path}");
            }
        }
        let gone = Browser::new(&house).get(&path).await;
        assert!(gone.status.is_redirection() && gone.location().starts_with("/sign-in"));
        let nobody = Statement {
            guest: Guest::Citizen(AppointmentId::parse("another").unwrap()),
            says: Says::Present,
            from: held.at(600),
            to: held.at(660),
        };
        let said = wish(Ruling::States(nobody), 0);
        let unknown = attendance::correct(&house.desk, &held.officer, &held.meeting, &said).await;
        assert!(matches!(unknown, Err(AttendanceError::Unknown)));
        assert!(held.sheet(&house).await.history.is_empty() && audited(&house).await.is_empty());
    }
}

#[tokio::test]
async fn the_page_tells_a_lost_network_from_going_out_and_shows_each_correction_with_its_reason() {
    let house = House::open().await;
    let held = held(&house).await;
    let path = format!("/meeting/{}/attendance", held.meeting);
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    let page = desk.get(&path).await;
    page.says("आगन्तुक · ");
    page.says("10 मिनट 6 सेकंड");
    page.says("<dt>नेटवर्क बाधा</dt><dd>1 बार, कुल 30 सेकंड</dd>");
    assert_eq!(
        page.all(r#"data-kind="([a-z]+)""#),
        ["present", "present", "network", "present", "outside", "present"]
    );
    page.says("मुलाकात से बाहर, 1 मिनट");
    let clock =
        |second: i64| held.at(second).to_zoned(domain::office::ist()).strftime("%H:%M:%S").to_string();
    let (from, to, over) = (clock(600), clock(660), clock(661));
    let day = held.start.to_zoned(domain::office::ist()).date().to_string();
    let visitor = format!("citizen:{}", held.appointment);
    let reason = "टेलीफ़ोन पर थे <b>";
    let fields = |from: &str, to: &str, reason: &str| -> Vec<(&'static str, String)> {
        let all = [("seen", "0"), ("says", "present"), ("participant", &visitor), ("day", &day)];
        let more = [("from", from), ("to", to), ("reason", reason)];
        all.into_iter().chain(more).map(|(name, value)| (name, value.to_owned())).collect()
    };
    let mut send = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        desk.post(&path, &fields).await
    };
    let refused = send(fields(&from, &to, "  ")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("कारण लिखें");
    refused.says(&format!("value=\"{from}\""));
    send(fields(&to, &from, reason)).await.says("«कब से» के बाद का होना चाहिए");
    send(fields("23:00", "23:30", reason)).await.says("यह समय अभी आया नहीं है");
    let done = send(fields(&from, &to, reason)).await;
    assert!(done.location().ends_with("/attendance?done=corrected"));
    send(fields(&from, &to, reason)).await.says("अभी-अभी किसी और ने सुधार दर्ज किया");
    let mut again = fields(&from, &over, reason);
    again[0].1 = "1".to_owned();
    send(again).await.says("सुधार 1 पहले से दर्ज है");
    let page = desk.get(&format!("{path}?lang=en")).await;
    page.says("11 minutes 6 seconds");
    page.says("Reason: टेलीफ़ोन पर थे &#60;b&#62;");
    page.says("Present, as the office says, 1 minute");
    let table = desk.get(&format!("{path}.csv?lang=en")).await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert!(
        table.text.starts_with("\u{feff}\"Kind\",\"Who\",\"What\",\"From\",\"To\",\"Seconds\""),
        "{}",
        table.text
    );
    let lines: Vec<&str> = table.text.lines().collect();
    let starting = |kind: &str| lines.iter().filter(|line| line.starts_with(&format!("\"{kind}"))).count();
    assert_eq!((starting("measured"), starting("correction"), starting("sum")), (5, 1, 2), "{}", table.text);
    assert!(lines.last().unwrap().ends_with("\"666\",\"\",\"\",\"\""), "{}", table.text);
}

#[tokio::test]
async fn a_program_of_the_office_reads_what_was_measured_and_what_counts() {
    for house in House::everywhere().await {
        let held = held(&house).await;
        let said = wish(held.says(Says::Absent, 4, 64), 0);
        attendance::correct(&house.desk, &held.officer, &held.meeting, &said).await.unwrap();
        let path = format!("/api/v1/meetings/{}/attendance", held.meeting);
        let mut program = Browser::with_session(&house, &house.cookie("sec-hlt").await);
        let answer = program.get_as_program(&path).await;
        let told: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        let visitor = &told["participants"][1];
        assert_eq!(visitor["participant"], format!("citizen:{}", held.appointment));
        assert_eq!(visitor["present_ms"], 546_000);
        assert_eq!(
            (visitor["measured"].as_array().unwrap().len(), &visitor["measured"][1]["evidence"]),
            (4, &"network".into())
        );
        assert_eq!(
            (&told["corrections"][0]["says"], &told["corrections"][0]["by"]),
            (&"absent".into(), &"sec-hlt".into())
        );
        let mut other = Browser::with_session(&house, &house.cookie("sec-edu").await);
        assert_eq!(other.get_as_program(&path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(Browser::new(&house).get_as_program(&path).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn whoever_was_inside_when_the_server_was_killed_is_left_inside_the_officer_too() {
    for house in House::everywhere().await {
        let held = held(&house).await;
        let officer = Guest::Officer(post_id("sec-hlt"));
        let mut tx = house.desk.store.write().await.unwrap();
        meeting::come_in(&mut tx, &held.meeting, &officer, held.at(0)).await.unwrap();
        meeting::come_in(&mut tx, &held.meeting, &held.visitor(), held.at(4)).await.unwrap();
        meeting::go_out(&mut tx, &held.meeting, &held.visitor(), held.at(700)).await.unwrap();
        tx.commit().await.unwrap();
        let page = Page::Meeting { meeting: Id::parse(held.meeting.as_str()).unwrap() };
        let found = enter::find(&house.desk.store, &held.officer, &page, house.desk.now()).await.unwrap();
        let EntryPlace::Meeting(entry) = found.unwrap().place else { panic!("a meeting") };
        assert_eq!(entry.left_inside, [(officer, held.at(720))], "and nobody who had gone out");
    }
}

#[tokio::test]
async fn whoever_came_from_the_desk_is_named_by_his_post() {
    let house = House::open().await;
    let held = held(&house).await;
    let mut tx = house.desk.store.write().await.unwrap();
    let user = staff::by_login(&mut tx, "desk-sec-hlt").await.unwrap().unwrap().id;
    let stretch = Stretch { from: held.at(0), to: held.at(9), evidence: Evidence::HouseFault };
    presence::keep(&mut tx, (&held.meeting, &Guest::Desk(user)), &[stretch]).await.unwrap();
    tx.commit().await.unwrap();
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    let title = house.staff("desk-sec-hlt").await.staff().unwrap().title.en.clone();
    let page = desk.get(&format!("/meeting/{}/attendance?lang=en", held.meeting)).await;
    let names = page.all(r#"class="attendance-name" id="person-\d">([^<]+)<"#);
    assert_eq!((names.len(), &names[2]), (3, &title));
    page.says("<dt>Trouble of our server</dt><dd>1 ×, 9 seconds in all</dd>");
}
