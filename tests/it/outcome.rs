//! What follows a meeting: the outcome and its corrections, directions from given to confirmed, and what the citizen reads.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::diary::AppointmentState;
use domain::diary::queue::Standing;
use domain::direction::{Answer, Direction, DirectionState, Impossible, Origin, OutcomeKind};
use domain::id::{AppointmentId, DirectionId, MeetingId, ReportId};
use domain::meeting::Guest;
use domain::quality::{Cause, Score, Stretch};
use domain::report::{Abuse, ReportKind};
use domain::text::{Noting, Remark};
use jiff::SignedDuration;
use sachivalaya::app::direction::{self, Move, MoveError};
use sachivalaya::app::outcome::{self, OutcomeError, Ruling, Wish};
use sachivalaya::app::report::{self, ReportError};
use sachivalaya::app::slip::{self, Slip};
use sachivalaya::app::voice_note::{self, VoiceError};
use sachivalaya::app::{keep, queue, screen};
use sachivalaya::auth::Actor;
use sachivalaya::limits;
use sachivalaya::store::direction as rows;
use sachivalaya::store::quality;
use sachivalaya::store::queue as tickets;

use crate::browser::Browser;
use crate::house::{House, post_id};
use crate::sound::is_sound;

/// A citizen who has a time with the Secretary today, and the Secretary, once it has come.
struct Met {
    token: String,
    appointment: AppointmentId,
    meeting: MeetingId,
    officer: Actor,
}

async fn met(house: &House) -> Met {
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    let read = read(house, &token).await;
    let ahead = slot.end().duration_since(house.desk.now()).as_mins();
    house.minutes_later(u64::try_from(ahead).unwrap() + 1);
    let officer = house.staff("sec-hlt").await;
    Met { token, appointment: read.appointment, meeting: read.meeting.unwrap(), officer }
}

async fn read(house: &House, token: &str) -> Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

fn noting(text: &str) -> Noting {
    Noting::parse(text).unwrap()
}

fn directs(owner: &str, due_in_days: i64) -> Ruling {
    Ruling::Direction {
        text: noting("दवा की खरीद कराएँ"), owner: post_id(owner), due_in_days
    }
}

fn first(ruling: Ruling) -> Wish {
    Wish { ruling, seen: 0, why: None }
}

async fn direction_of(house: &House, token: &str) -> (DirectionId, DirectionState) {
    let given = read(house, token).await.outcome.unwrap();
    let (rules, _) = given.direction.unwrap();
    (rules.id, rules.state)
}

impl House {
    /// A direction of a post to itself, from this appointment.
    pub async fn has_directed(&self, post: &str, of: &AppointmentId) -> DirectionId {
        let now = self.desk.now();
        let id = DirectionId::fresh(now, self.desk.random.bytes());
        let due = now.to_zoned(domain::office::ist()).date();
        let named = (id.clone(), Origin::Appointment(of.clone()));
        let posts = (post_id(post), post_id(post));
        let (rules, step) = Direction::give(named, (noting("दवा की खरीद कराएँ"), due), posts, now).unwrap();
        let mut tx = self.desk.store.write().await.unwrap();
        rows::insert(&mut tx, (&rules, &step), None).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

impl House {
    /// The citizen of this slip reports that money was asked for.
    pub async fn has_reported(&self, token: &str) -> ReportId {
        report::money(&self.desk, token, &remark("पाँच सौ रुपये माँगे")).await.unwrap();
        let reader = self.staff("cs").await;
        let list = report::list(&self.desk, &reader, &post_id("cs")).await.unwrap();
        list[0].row.id.clone()
    }
}

/// The first bytes of a recording, as Chromium makes it.
fn recording(length: usize) -> Vec<u8> {
    let head = [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84, b'w', b'e', b'b', b'm'];
    head.into_iter().chain((0..length).map(|n| (n % 251) as u8)).collect()
}

fn remark(text: &str) -> Remark {
    Remark::parse(text).unwrap()
}

#[tokio::test]
async fn what_the_officer_says_is_kept_whole_heard_by_his_desk_and_written_down() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let (desk, id) = (&house.desk, &met.meeting);
        let sound = recording(90_000);
        voice_note::keep(desk, &met.officer, id, &recording(9)).await.unwrap();
        voice_note::keep(desk, &met.officer, id, &sound).await.unwrap();
        let secretary = house.staff("desk-sec-hlt").await;
        let (mime, heard) = voice_note::sound(desk, &secretary, id).await.unwrap().unwrap();
        assert_eq!((mime.as_str(), &heard), ("audio/webm", &sound), "the last one, every byte of it");
        let mut connection = desk.store.read().await.unwrap();
        let files: (i64,) =
            sqlx::query_as("select count(*) from file").fetch_one(&mut *connection).await.unwrap();
        drop(connection);
        assert_eq!(files.0, 1, "the one before it is gone");
        let waiting =
            async || screen::worklist(desk, &secretary, &post_id("sec-hlt")).await.unwrap().voice_notes.len();
        assert_eq!(waiting().await, 1);
        voice_note::write_down(desk, &secretary, id, &remark("डीएम से बात करें")).await.unwrap();
        assert_eq!(waiting().await, 0);
        let form = outcome::form(desk, id).await.unwrap().unwrap();
        assert_eq!(form.voice.unwrap().said, Some(remark("डीएम से बात करें")));
        for wrong in [b"<html>".to_vec(), Vec::new(), recording(limits::VOICE_BYTES_MAX)] {
            let refused = voice_note::keep(desk, &met.officer, id, &wrong).await;
            assert!(matches!(refused, Err(VoiceError::NotVoice)));
        }
        for other in ["sec-edu", "cs"] {
            let stranger = house.staff(other).await;
            let refused = voice_note::sound(desk, &stranger, id).await;
            assert!(matches!(refused, Err(VoiceError::Denied(_))), "{other}");
        }
    }
}

#[tokio::test]
async fn a_citizens_report_goes_above_the_office_and_the_office_never_reads_it() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let id = house.has_reported(&met.token).await;
        let slip = read(&house, &met.token).await;
        assert!(slip.report.unwrap().note.is_none());
        for own in ["sec-hlt", "desk-sec-hlt", "ps-hlt"] {
            let office = house.staff(own).await;
            let denied = report::answer(&house.desk, &office, &id, &noting("कुछ नहीं")).await;
            assert!(matches!(denied, Err(ReportError::Denied(_))), "{own}");
            let denied = report::list(&house.desk, &office, &post_id("cs")).await;
            assert!(matches!(denied, Err(ReportError::Denied(_))), "{own}");
            let list = screen::worklist(
                &house.desk,
                &office,
                &post_id(if own == "ps-hlt" { "min-hlt" } else { "sec-hlt" }),
            )
            .await
            .unwrap();
            assert_eq!(list.reports, 0, "{own}");
        }
        let reader = house.staff("desk-cs").await;
        let list = screen::worklist(&house.desk, &reader, &post_id("cs")).await.unwrap();
        assert_eq!(list.reports, 1);
        report::answer(&house.desk, &reader, &id, &noting("जाँच बैठाई गई")).await.unwrap();
        let twice = report::answer(&house.desk, &reader, &id, &noting("फिर")).await;
        assert!(matches!(twice, Err(ReportError::Answered)));
        assert_eq!(read(&house, &met.token).await.report.unwrap().note, Some(noting("जाँच बैठाई गई")));
        for _ in 0..2 {
            report::money(&house.desk, &met.token, &remark("फिर माँगे")).await.unwrap();
        }
        let full = report::money(&house.desk, &met.token, &remark("फिर माँगे")).await;
        assert!(matches!(full, Err(ReportError::Full)));
    }
}

#[tokio::test]
async fn abuse_is_reported_to_the_post_above_and_bans_nobody() {
    let house = House::open().await;
    let met = met(&house).await;
    let said = remark("गाली दी");
    report::abuse(&house.desk, &met.officer, &met.meeting, (Abuse::Language, Some(&said))).await.unwrap();
    let above = house.staff("cs").await;
    let list = report::list(&house.desk, &above, &post_id("cs")).await.unwrap();
    assert_eq!((list[0].row.kind, list[0].row.reason), (ReportKind::Abuse, Some(Abuse::Language)));
    let stranger = house.staff("sec-edu").await;
    let denied = report::abuse(&house.desk, &stranger, &met.meeting, (Abuse::Threat, None)).await;
    assert!(matches!(denied, Err(ReportError::Denied(_))));
    assert!(read(&house, &met.token).await.report.is_none(), "it is no report of the citizen");
    let slot = house.free("sec-hlt").await[0];
    house.books("sec-hlt", slot).await;
}

#[tokio::test]
async fn report_receipt_and_verdict_work_by_forms_alone() {
    let house = House::open().await;
    let met = met(&house).await;
    let path = format!("/s/{}", met.token);
    let mut phone = Browser::new(&house);
    phone.get(&path).await.never_says("मुलाकात कैसी रही?");
    let citizen = Guest::Citizen(met.appointment.clone());
    let starts = house.desk.now();
    let weak = Stretch {
        starts,
        ends: starts + SignedDuration::from_secs(110),
        score: Score::from_hundredths(150),
        cause: Some(Cause::Network),
        lost_permille: 200,
        round_trip_ms: None,
        up_bps: 1,
        down_bps: 1,
    };
    let mut tx = house.desk.store.write().await.unwrap();
    quality::keep(&mut tx, (&met.meeting, &citizen), &[weak]).await.unwrap();
    tx.commit().await.unwrap();
    phone.get(&path).await.says("लगभग 2 मिनट आवाज़ या तस्वीर रुकी, क्योंकि आपकी ओर नेटवर्क कमज़ोर था।");
    let said = phone.post(&format!("{path}/rating"), &[("verdict", "bad")]).await;
    phone.get(said.location()).await.says(r#"value="bad" aria-pressed="true""#);

    let form = phone.get(&format!("{path}/report")).await;
    form.says("यह शिकायत सीधे मुख्य सचिव");
    form.says("का कार्यालय इसे नहीं देख सकेगा");
    let empty = phone.post(&format!("{path}/report"), &[("text", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = phone.post(&format!("{path}/report"), &[("text", "पाँच सौ रुपये माँगे")]).await;
    phone.get(sent.location()).await.says("आपकी शिकायत मुख्य सचिव");
    let mut above = Browser::with_session(&house, &house.cookie("cs").await);
    above.get("/desk").await.says("1 शिकायतें उत्तर की प्रतीक्षा में");
    let list = above.get("/reports").await;
    list.says("पाँच सौ रुपये माँगे");
    let answer = list.find(r#"action="(/reports/[^"]+)""#);
    above.post(&answer, &[("note", "जाँच बैठाई गई")]).await;
    phone.get(&path).await.says("जाँच बैठाई गई");
    let mut office = Browser::with_session(&house, &house.cookie("sec-hlt").await);
    assert_eq!(office.get("/reports?post=cs").await.status, StatusCode::FORBIDDEN);
    office.get("/reports").await.never_says("पाँच सौ");

    let outcome = format!("/meeting/{}/outcome", met.meeting);
    let told = office.post(&format!("{outcome}/report"), &[("abuse", "threat"), ("text", "")]).await;
    office.get(told.location()).await.says("सूचना ऊपर के पद को भेजी गई।");
    let large = Request::post(format!("{outcome}/voice"))
        .header("origin", "https://es.example.in")
        .body(Body::from(recording(200_000)))
        .unwrap();
    assert_eq!(office.send(large).await.status, StatusCode::NO_CONTENT, "longer than any form");
    let played = office.get(&format!("{outcome}/voice")).await;
    assert_eq!((played.headers["content-type"].to_str().unwrap(), played.bytes), ("audio/webm", 200_012));
    office.get(&outcome).await.says(r#"data-voice="kept""#);
}

#[tokio::test]
async fn a_meeting_that_is_over_asks_for_its_outcome_until_it_has_one() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let desk = house.staff("desk-sec-hlt").await;
        let list = screen::worklist(&house.desk, &desk, &post_id("sec-hlt")).await.unwrap();
        let named: Vec<&MeetingId> = list.without_outcome.iter().map(|row| &row.meeting).collect();
        assert_eq!(named, [&met.meeting]);
        outcome::give(&house.desk, &met.officer, &met.meeting, &first(directs("dm-gaya", 3))).await.unwrap();
        let list = screen::worklist(&house.desk, &desk, &post_id("sec-hlt")).await.unwrap();
        assert!(list.without_outcome.is_empty());
        let told = house.told().await;
        for kind in ["sms:outcome", "mail:outcome", "mail:desk_direction"] {
            assert_eq!(told.iter().filter(|one| *one == kind).count(), 1, "{kind} in {told:?}");
        }
        let slip = read(&house, &met.token).await;
        assert_eq!(slip.outcome.unwrap().outcome.kind(), OutcomeKind::Direction);
        assert!(!slip.may_say_done && !slip.can_move && slip.join_token.is_none());
    }
}

#[tokio::test]
async fn of_two_outcomes_at_once_one_stands_and_nothing_of_the_other_is_left() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let desk = house.staff("desk-sec-hlt").await;
        let next = house.free("sec-hlt").await[2];
        let (one, two) = (first(directs("dm-gaya", 0)), first(Ruling::NextDate(next.start())));
        let (one, two) = tokio::join!(
            outcome::give(&house.desk, &met.officer, &met.meeting, &one),
            outcome::give(&house.desk, &desk, &met.meeting, &two),
        );
        assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
        let lost = one.as_ref().err().or(two.as_ref().err()).unwrap();
        assert!(matches!(lost, OutcomeError::Overtaken), "{lost:?}");
        let owner = house.staff("dm-gaya").await;
        let list = direction::list(&house.desk, &owner, &post_id("dm-gaya")).await.unwrap();
        assert_eq!(list.own.len(), usize::from(one.is_ok()));
        assert_eq!(
            house.free("sec-hlt").await.contains(&next),
            one.is_ok(),
            "the time is free again or taken"
        );
        let told = house.told().await;
        let kinds = |kind: &str| told.iter().filter(|one| one.ends_with(kind)).count();
        assert_eq!(kinds(":outcome") > 0, one.is_ok());
        is_sound(&house, &["sec-hlt"], &[]).await;
    }
}

#[tokio::test]
async fn a_next_date_is_fixed_with_its_invitation_on_the_same_device() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let next = house.free("sec-hlt").await[1];
        let wish = first(Ruling::NextDate(next.start()));
        outcome::give(&house.desk, &met.officer, &met.meeting, &wish).await.unwrap();
        let (slot, token) = read(&house, &met.token).await.outcome.unwrap().next.unwrap();
        assert_eq!(slot, next);
        let follows = read(&house, &token).await;
        assert_eq!((follows.state, follows.post.id.as_str()), (AppointmentState::Confirmed, "sec-hlt"));
        assert_eq!(follows.name, read(&house, &met.token).await.name);
        assert!(!house.free("sec-hlt").await.contains(&next));
        let told = house.told().await;
        assert_eq!(told.iter().filter(|one| *one == "mail:confirmed").count(), 2, "his first and his next");
        assert!(!told.contains(&"sms:outcome".to_owned()), "a next date is told once, by its invitation");
        is_sound(&house, &["sec-hlt"], &[]).await;

        let why = Some(noting("भूल से"));
        let other = Wish { ruling: Ruling::NotPossible(Impossible::Court), seen: 1, why };
        outcome::give(&house.desk, &met.officer, &met.meeting, &other).await.unwrap();
        assert_eq!(read(&house, &token).await.state, AppointmentState::Declined);
        assert!(house.free("sec-hlt").await.contains(&next), "its time is free again");
        assert!(house.told().await.contains(&"mail:cancelled".to_owned()));
        is_sound(&house, &["sec-hlt"], &[]).await;
    }
}

#[tokio::test]
async fn another_post_meets_the_citizen_as_that_post_takes_people() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        let free = house.free("min-edu").await[0];
        let wish = first(Ruling::Forward(post_id("min-edu")));
        outcome::give(&house.desk, &met.officer, &met.meeting, &wish).await.unwrap();
        let (slot, token) = read(&house, &met.token).await.outcome.unwrap().next.unwrap();
        assert_eq!(slot, free);
        assert_eq!(read(&house, &token).await.state, AppointmentState::Requested, "a minister is asked");
        let told = house.told().await;
        for kind in ["sms:outcome", "sms:requested", "mail:desk_request"] {
            assert!(told.contains(&kind.to_owned()), "{kind} in {told:?}");
        }
        is_sound(&house, &["sec-hlt", "min-edu"], &[]).await;
    }
}

#[tokio::test]
async fn a_correction_needs_a_reason_and_what_was_corrected_stays_readable() {
    let house = House::open().await;
    let met = met(&house).await;
    let give = async |wish: &Wish| outcome::give(&house.desk, &met.officer, &met.meeting, wish).await;
    give(&first(directs("dm-gaya", 3))).await.unwrap();
    let (id, _) = direction_of(&house, &met.token).await;
    let again = first(Ruling::NotPossible(Impossible::Rules));
    assert!(matches!(give(&again).await, Err(OutcomeError::Overtaken)), "an old page corrects nothing");
    let unsaid = Wish { seen: 1, ..again.clone() };
    assert!(matches!(give(&unsaid).await, Err(OutcomeError::NeedsReason)));
    let why = Some(noting("पद गलत चुना गया"));
    give(&Wish { seen: 1, why, ..again }).await.unwrap();
    let form = outcome::form(&house.desk, &met.meeting).await.unwrap().unwrap();
    let kinds: Vec<_> = form.given.iter().map(|given| given.outcome.kind()).collect();
    assert_eq!(kinds, [OutcomeKind::Direction, OutcomeKind::NotPossible]);
    let (rules, steps) = form.given[0].direction.clone().unwrap();
    assert_eq!((rules.id, rules.state), (id, DirectionState::Withdrawn));
    assert_eq!(steps.last().unwrap().note, Some(noting("पद गलत चुना गया")));
    assert_eq!(form.given[1].why, Some(noting("पद गलत चुना गया")));
}

#[tokio::test]
async fn an_outcome_is_the_offices_own_and_comes_after_the_beginning() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    let meeting = read(&house, &token).await.meeting.unwrap();
    let officer = house.staff("sec-hlt").await;
    let wish = first(directs("dm-gaya", 3));
    let early = outcome::give(&house.desk, &officer, &meeting, &wish).await;
    assert!(matches!(early, Err(OutcomeError::TooEarly)), "{early:?}");
    for other in ["sec-edu", "desk-sec-edu", "cs", "dm-gaya"] {
        let stranger = house.staff(other).await;
        let refused = outcome::give(&house.desk, &stranger, &meeting, &wish).await;
        assert!(matches!(refused, Err(OutcomeError::Denied(_))), "{other}");
        let mut browser = Browser::with_session(&house, &house.cookie(other).await);
        let page = browser.get(&format!("/meeting/{meeting}/outcome")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{other}");
    }
}

#[tokio::test]
async fn the_number_in_todays_queue_is_heard() {
    let house = House::open().await;
    let met = met(&house).await;
    let desk = &house.desk;
    queue::settle_all(desk).await.unwrap();
    let day = desk.now().to_zoned(domain::office::ist()).date();
    let standing = async || {
        let mut connection = desk.store.read().await.unwrap();
        let rows = tickets::tickets(&mut connection, &post_id("sec-hlt"), day).await.unwrap();
        let row = rows.into_iter().find(|row| row.appointment.as_ref() == Some(&met.appointment));
        row.unwrap().rules.standing
    };
    assert_eq!(standing().await, Standing::Expected);
    outcome::give(desk, &met.officer, &met.meeting, &first(directs("sec-hlt", 1))).await.unwrap();
    assert_eq!(standing().await, Standing::Heard);
}

#[tokio::test]
async fn after_the_due_date_the_citizen_is_asked_once_and_not_yet_opens_it_again() {
    for house in House::everywhere().await {
        let met = met(&house).await;
        outcome::give(&house.desk, &met.officer, &met.meeting, &first(directs("dm-gaya", 1))).await.unwrap();
        let (id, _) = direction_of(&house, &met.token).await;
        let early = direction::answer(&house.desk, &met.token, Answer::NotYet).await;
        assert!(matches!(early, Err(MoveError::Impossible(_))), "{early:?}");
        assert_eq!(keep::round(&house.desk).await.unwrap().asked, 0);
        house.minutes_later(60 * 24 * 2);
        assert_eq!(keep::round(&house.desk).await.unwrap().asked, 1);
        assert_eq!(keep::round(&house.desk).await.unwrap().asked, 0, "he is asked once");
        assert!(house.told().await.contains(&"sms:outcome_ask".to_owned()));
        direction::answer(&house.desk, &met.token, Answer::NotYet).await.unwrap();
        let twice = direction::answer(&house.desk, &met.token, Answer::NotYet).await;
        assert!(matches!(twice, Err(MoveError::Impossible(_))), "one answer a due date: {twice:?}");
        let owner = house.staff("dm-gaya").await;
        let list = screen::worklist(&house.desk, &owner, &post_id("dm-gaya")).await.unwrap();
        assert_eq!((list.directions.open, list.directions.reopened), (1, 1));
        let told = house.told().await;
        let to_owner = told.iter().filter(|one| *one == "mail:desk_direction").count();
        assert_eq!(to_owner, 2, "given, and not done yet: {told:?}");

        direction::carry(&house.desk, &owner, &id, &Move::TakeUp).await.unwrap();
        direction::carry(&house.desk, &owner, &id, &Move::Finish(Some(noting("हो गया")))).await.unwrap();
        direction::answer(&house.desk, &met.token, Answer::Done).await.unwrap();
        assert_eq!(direction_of(&house, &met.token).await.1, DirectionState::Confirmed);
        house.minutes_later(60 * 24 * 30);
        assert_eq!(keep::round(&house.desk).await.unwrap().asked, 0, "what is confirmed asks nobody");
    }
}

#[tokio::test]
async fn a_direction_is_moved_by_its_owner_and_taken_back_by_its_giver() {
    let house = House::open().await;
    let met = met(&house).await;
    outcome::give(&house.desk, &met.officer, &met.meeting, &first(directs("dm-gaya", 3))).await.unwrap();
    let (id, _) = direction_of(&house, &met.token).await;
    let owner = house.staff("dm-gaya").await;
    let denied = direction::carry(&house.desk, &met.officer, &id, &Move::TakeUp).await;
    assert!(matches!(denied, Err(MoveError::Denied(_))));
    let withdraw = Move::Withdraw(noting("दोहराव"));
    let denied = direction::carry(&house.desk, &owner, &id, &withdraw).await;
    assert!(matches!(denied, Err(MoveError::Denied(_))));
    let stranger = house.staff("sec-edu").await;
    let denied = direction::list(&house.desk, &stranger, &post_id("dm-gaya")).await;
    assert!(matches!(denied, Err(MoveError::Denied(_))));
    direction::carry(&house.desk, &met.officer, &id, &withdraw).await.unwrap();
    assert!(direction::list(&house.desk, &owner, &post_id("dm-gaya")).await.unwrap().own.is_empty());
}

#[tokio::test]
async fn officer_owner_and_citizen_get_through_by_forms_alone() {
    let house = House::open().await;
    let met = met(&house).await;
    let mut officer = Browser::with_session(&house, &house.cookie("sec-hlt").await);
    let path = format!("/meeting/{}/outcome", met.meeting);
    officer.get("/desk").await.says(&format!(r#"href="{path}""#));
    let page = officer.get(&path).await;
    page.says("मुलाकात का परिणाम");
    page.says("सुनीता देवी");
    let empty = officer.post(&path, &[("seen", "0"), ("owner", "sec-hlt"), ("due", "3")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    empty.says("निदेश चुनें या लिखें");
    let form = [("seen", "0"), ("text", "report"), ("own", ""), ("owner", "dm-gaya"), ("due", "0")];
    let done = officer.post(&path, &form).await;
    officer.get(done.location()).await.says("परिणाम लिखा गया");
    let late = officer.post(&path, &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "a second tab changes nothing");
    late.says("परिणाम अभी-अभी किसी और ने लिखा");
    late.says("जाँच कर प्रतिवेदन दें");

    let mut phone = Browser::new(&house);
    let slip = phone.get(&format!("/s/{}", met.token)).await;
    slip.says("आपकी बात का सार");
    slip.says("जाँच कर प्रतिवेदन दें");
    slip.never_says(r#"href="/j/"#);
    slip.never_says("/done\"");
    let mut owner = Browser::with_session(&house, &house.cookie("dm-gaya").await);
    owner.get("/desk").await.says("1 निदेश पूरे करने हैं");
    let list = owner.get("/directions").await;
    list.says("जाँच कर प्रतिवेदन दें");
    let finish = list.find(r#"action="(/directions/[^"]+/finish)""#);
    owner.post(&finish, &[("note", "प्रतिवेदन भेज दिया")]).await;
    phone.get(&format!("/s/{}", met.token)).await.says("क्या यह काम हो गया?");
    let said = phone.post(&format!("/s/{}/done", met.token), &[("said", "done")]).await;
    let slip = phone.get(said.location()).await;
    slip.says("आपने बताया, धन्यवाद।");
    slip.says("नागरिक ने पुष्टि की");
    officer.get("/directions").await.says("कोई खुला निदेश नहीं है।");
}
