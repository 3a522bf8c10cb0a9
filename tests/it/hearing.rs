//! Hearings of grievances: from the cause list to the slips of both parties, and what may never be closed.

use axum::http::StatusCode;
use domain::diary::Slot;
use domain::diary::displacement::AwayReason;
use domain::diary::queue::Standing;
use domain::direction::Outcome;
use domain::hearing::{
    Attendance, Block, CaseNumber, DateError, Disposal, Evidence as By, Ground, HearingError, Limit, Reason,
    Side, Stage,
};
use domain::id::{AppointmentId, MeetingId};
use domain::meeting::attendance::{Ruling as Correction, Says, Statement};
use domain::meeting::{Evidence, Guest, InviteError, Invited, Stretch};
use domain::notice::What;
use domain::office::{Calendar, WorkingWeek, ist};
use domain::text::{Noting, OrderText, Subject};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, ToSpan};
use sachivalaya::app::attendance;
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::hearing::{self, Entered, Entry, Next, Shown, StepError, Wish};
use sachivalaya::app::holidays::{self, Declaration};
use sachivalaya::app::invite::{self, AskInError};
use sachivalaya::app::outcome::{self, OutcomeError, Ruling};
use sachivalaya::app::{screen, slip};
use sachivalaya::audit;
use sachivalaya::auth::Actor;
use sachivalaya::demo;
use sachivalaya::store::{hearing as rows, office, presence, queue};

use crate::browser::Browser;
use crate::house::{House, post_id};

const HEARS: &str = "pgro-patna";
const AUTHORITY: &str = "dm-patna";
/// Sixty working days before the middle of January.
const FILED: Date = date(2026, 11, 2);

/// A case of today, the officer who hears it and his desk.
struct Case {
    id: AppointmentId,
    token: String,
    meeting: MeetingId,
    officer: Actor,
    desk: Actor,
}

fn entry() -> Entry {
    Entry {
        number: CaseNumber::parse("504110126110200017").unwrap(),
        filed: FILED,
        authority: post_id(AUTHORITY),
    }
}

fn noting(text: &str) -> Noting {
    Noting::parse(text).unwrap()
}

fn order_text() -> OrderText {
    OrderText::parse("अंचल अधिकारी एक सप्ताह में मापी कराएँ।\nप्रतिवेदन दें।").unwrap()
}

impl House {
    /// A citizen's case, entered against the District Magistrate, and the token of its slip.
    pub async fn has_listed_a_case(&self) -> (AppointmentId, String) {
        let slot = self.free(HEARS).await[0];
        let token = self.books(HEARS, slot).await;
        let read = slip::slip(&self.desk, &token).await.unwrap().unwrap();
        let officer = self.staff(HEARS).await;
        self.a_moment_later();
        hearing::enter(&self.desk, &officer, &read.appointment, &entry()).await.unwrap();
        (read.appointment, token)
    }
}

impl Case {
    async fn listed(house: &House) -> Case {
        let (id, token) = house.has_listed_a_case().await;
        let read = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        let (officer, desk) = (house.staff(HEARS).await, house.staff("desk-pgro-patna").await);
        Case { id, token, meeting: read.meeting.unwrap(), officer, desk }
    }

    async fn called(house: &House) -> Case {
        let case = Case::listed(house).await;
        hearing::call(&house.desk, &case.desk, &case.id).await.unwrap();
        case
    }

    async fn shown(&self, house: &House) -> Shown {
        hearing::shown(&house.desk, &self.id).await.unwrap().unwrap()
    }

    async fn entered(&self, house: &House) -> Entered {
        self.shown(house).await.entered.unwrap()
    }

    async fn marks(
        &self,
        house: &House,
        side: Side,
        (attendance, ground): (Attendance, Ground),
    ) -> Result<(), StepError> {
        let reason = Reason::new(ground, None);
        hearing::mark(&house.desk, &self.desk, &self.id, &((side, attendance), reason)).await
    }

    async fn both_came(&self, house: &House) {
        for side in Side::ALL {
            self.marks(house, *side, (Attendance::Office, Ground::Seen)).await.unwrap();
        }
    }

    async fn is_ordered(&self, house: &House) {
        hearing::write(&house.desk, &self.officer, &self.id, (&order_text(), None)).await.unwrap();
    }

    async fn closes(&self, house: &House, disposal: Disposal, next: Option<Next>) -> Result<(), StepError> {
        let seen = self.entered(house).await.row.version;
        hearing::close(&house.desk, &self.officer, &self.id, &Wish { disposal, next, seen }).await
    }

    /// Somebody who is asked in to the meeting as this.
    async fn asks_in(&self, house: &House, kind: &str) -> Guest {
        let before = invite::of_meeting(&house.desk, &self.meeting).await.unwrap();
        let name = ["रीता देवी", "मोहन राम", "सीता देवी"][before.len()];
        let who = Invited::read(kind, name, "").unwrap();
        invite::ask_in(&house.desk, &self.desk, &self.meeting, &who).await.unwrap();
        let asked = invite::of_meeting(&house.desk, &self.meeting).await.unwrap();
        Guest::Invited(asked.into_iter().find(|one| one.invited == who).unwrap().id)
    }

    /// The meeting has seen this guest for so many seconds, present or not.
    async fn has_seen(&self, house: &House, guest: &Guest, (evidence, seconds): (Evidence, i64)) {
        let from = house.desk.now();
        let to = from + SignedDuration::from_secs(seconds);
        let mut tx = house.desk.store.write().await.unwrap();
        let stretch = Stretch { from, to, evidence };
        presence::keep(&mut tx, (&self.meeting, guest), &[stretch]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn who_is_asked_in_for_the_authority_is_marked_by_the_meeting_and_only_a_hearing_has_that_side() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        for seconds in [40, 60] {
            let guest = case.asks_in(&house, "authority").await;
            case.has_seen(&house, &guest, (Evidence::Present, seconds)).await;
        }
        let mark = case.entered(&house).await.attendance.authority.unwrap();
        assert_eq!(mark.attendance, Attendance::Video);
        assert_eq!(mark.evidence, By::Joined { seconds: 60 }, "two who are there at once are there once");
        let refused = case.marks(&house, Side::Authority, (Attendance::Absent, Ground::NoAnswer)).await;
        assert!(matches!(refused, Err(StepError::Refused(HearingError::WasSeen))));

        let slot = house.free("sec-hlt").await[0];
        let token = house.books("sec-hlt", slot).await;
        let elsewhere = slip::slip(&house.desk, &token).await.unwrap().unwrap().meeting.unwrap();
        let who = Invited::read("authority", "मीना देवी", "").unwrap();
        let by = house.staff("sec-hlt").await;
        let refused = invite::ask_in(&house.desk, &by, &elsewhere, &who).await;
        assert!(matches!(refused, Err(AskInError::Typed(InviteError::Kind))));
    }
}

#[tokio::test]
async fn who_came_for_another_authority_or_is_said_to_have_been_absent_is_no_party() {
    for house in House::everywhere().await {
        let case = Case::listed(&house).await;
        let guest = case.asks_in(&house, "authority").await;
        case.has_seen(&house, &guest, (Evidence::Present, 60)).await;
        let other = Entry { authority: post_id("sec-hlt"), ..entry() };
        hearing::enter(&house.desk, &case.desk, &case.id, &other).await.unwrap();
        assert_eq!(case.entered(&house).await.attendance.authority, None, "it was asked in for another post");
        assert!(audited(&house).await.contains("authority=sec-hlt filed=2026-11-02 was_authority=dm-patna"));

        let citizen = Guest::Citizen(case.id.clone());
        let from = house.desk.now();
        case.has_seen(&house, &citizen, (Evidence::Present, 60)).await;
        assert!(case.entered(&house).await.attendance.complainant.is_some());
        let said =
            Statement { guest: citizen, says: Says::Absent, from, to: from + SignedDuration::from_secs(60) };
        let wish =
            attendance::Wish {
                ruling: Correction::States(said), reason: noting("पड़ोसी का फ़ोन था"), seen: 0
            };
        house.minutes_later(2);
        attendance::correct(&house.desk, &case.officer, &case.meeting, &wish).await.unwrap();
        assert_eq!(case.entered(&house).await.attendance.complainant, None, "one record, one truth");
    }
}

#[tokio::test]
async fn a_hearing_is_moved_inside_its_limit_alone_and_the_authority_hears_of_it() {
    for house in House::everywhere().await {
        let case = Case::listed(&house).await;
        let mut connection = house.desk.store.read().await.unwrap();
        let body = office::post(&mut connection, &post_id(HEARS)).await.unwrap().unwrap().body;
        let calendar = Calendar::new(office::holidays_for(&mut connection, &body).await.unwrap());
        drop(connection);
        let (near, far) = (later(&house, 1).await, later(&house, 6).await);
        let day = |slot: Slot| slot.start().to_zoned(ist()).date();
        let is_tight = |filed: &Date| {
            let last = Limit::of(*filed, &calendar, WorkingWeek::Six).unwrap().last();
            day(near) <= last && last < day(far)
        };
        let filed = day(near).series(-1.day()).find(is_tight).unwrap();
        hearing::enter(&house.desk, &case.desk, &case.id, &Entry { filed, ..entry() }).await.unwrap();
        house.a_moment_later();
        let refused = change::move_to(&house.desk, &case.token, far.start()).await;
        assert!(matches!(refused, Err(ChangeError::NotOffered { .. })), "{refused:?}");
        change::move_to(&house.desk, &case.token, near.start()).await.unwrap();
        let told =
            || async { house.outbox().await.into_iter().map(|notice| notice.what).collect::<Vec<_>>() };
        let is_told =
            |what: &What| matches!(what, What::DeskHearing { visit, .. } if visit.start == near.start());
        assert!(told().await.iter().any(is_told));
        change::cancel(&house.desk, &case.token).await.unwrap();
        assert!(told().await.iter().any(|what| matches!(what, What::DeskHearingOff { .. })));
    }
}

#[tokio::test]
async fn what_was_called_or_heard_is_neither_moved_nor_taken_back_nor_displaced() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        let is_past = |done: Result<(), ChangeError>| matches!(done, Err(ChangeError::Impossible(_)));
        assert!(is_past(change::cancel(&house.desk, &case.token).await), "it was called");
        case.both_came(&house).await;
        case.is_ordered(&house).await;
        case.closes(&house, Disposal::Final, None).await.unwrap();
        assert!(is_past(change::cancel(&house.desk, &case.token).await));
        assert!(is_past(change::by_telephone(&house.desk, &case.token).await));
        let slot = later(&house, 1).await;
        assert!(is_past(change::move_to(&house.desk, &case.token, slot.start()).await));
        let away = AwayWish {
            post: post_id(HEARS),
            from: house.desk.now(),
            to: house.desk.now() + SignedDuration::from_hours(12),
            reason: AwayReason::ALL[0],
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let impact = displace::preview(&house.desk, &case.desk, &away).await.unwrap();
        assert!(impact.hit.iter().all(|hit| hit.appointment != case.id));
        assert!(matches!(case.entered(&house).await.row.rules.stage(), Stage::Closed(_)));
    }
}

#[tokio::test]
async fn the_day_of_filing_stands_from_the_first_hearing_on() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        case.both_came(&house).await;
        case.is_ordered(&house).await;
        let slot = later(&house, 5).await;
        case.closes(&house, Disposal::NextDate, Some(Next::At(slot.start()))).await.unwrap();
        let next = case.entered(&house).await.row.next.unwrap();
        let newer = Entry { filed: FILED.tomorrow().unwrap(), ..entry() };
        let refused = hearing::enter(&house.desk, &case.desk, &next, &newer).await;
        assert!(matches!(refused, Err(StepError::Standing)), "{refused:?}");
        let other = Entry { authority: post_id("sec-hlt"), ..entry() };
        hearing::enter(&house.desk, &case.desk, &next, &other).await.unwrap();
    }
}

/// A free time of the officer some days ahead.
async fn later(house: &House, days: i64) -> Slot {
    let from = house.desk.now() + SignedDuration::from_hours(24 * days);
    house.free(HEARS).await.into_iter().find(|slot| slot.start() > from).unwrap()
}

/// All acts in the audit chain, and their text.
async fn audited(house: &House) -> String {
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    assert!(audit::verify(&mut connection).await.unwrap().is_ok(), "the chain holds");
    format!("{:?}", sachivalaya::store::audit::after(&mut connection, 0, 1_000).await.unwrap())
}

#[tokio::test]
async fn a_case_goes_from_the_cause_list_to_the_slips_of_both_parties_and_to_its_next_hearing() {
    for house in House::everywhere().await {
        let case = Case::listed(&house).await;
        assert_eq!(house.told().await[0], "mail:desk_hearing", "the authority is told when it is heard");
        hearing::call(&house.desk, &case.desk, &case.id).await.unwrap();
        let mut connection = house.desk.store.read().await.unwrap();
        let today = house.desk.now().to_zoned(ist()).date();
        let tickets = queue::tickets(&mut connection, &post_id(HEARS), today).await.unwrap();
        assert!(matches!(tickets[0].rules.standing, Standing::Called(_)), "its number is on the board");
        drop(connection);
        case.both_came(&house).await;
        case.is_ordered(&house).await;
        let slot = later(&house, 5).await;
        house.a_moment_later();
        case.closes(&house, Disposal::Interim, Some(Next::At(slot.start()))).await.unwrap();

        let told = house.told().await;
        for kind in ["mail:desk_heard", "mail:heard", "sms:heard", "sms:confirmed"] {
            assert!(told[..6].iter().any(|one| one == kind), "{kind}: {told:?}");
        }
        let outbox = house.outbox().await;
        let heard = outbox.iter().find_map(|notice| match &notice.what {
            What::DeskHeard { heard, url, .. } => Some((heard.clone(), url.clone())),
            _ => None,
        });
        let (heard, url) = heard.unwrap();
        assert_eq!((heard.disposal.as_str(), heard.next), ("interim", Some(slot.start())));
        assert_eq!(heard.order, order_text().as_str());
        assert!(url.ends_with(&format!("/hearing/{}/notice", case.id)));

        let read = slip::slip(&house.desk, &case.token).await.unwrap().unwrap();
        assert!(read.is_hearing);
        let Outcome::NextDate(again) = read.outcome.unwrap().outcome else { panic!("a next date") };
        let next = hearing::shown(&house.desk, &again).await.unwrap().unwrap();
        let entered = next.entered.unwrap();
        assert_eq!((next.slot, entered.row.case.number), (slot, 2));
        assert_eq!(entered.row.case.case_number, entry().number);
        assert_eq!(entered.row.rules.stage(), Stage::Listed);
        assert_eq!(next.earlier.len(), 1, "its record has the first hearing");
        assert_eq!(next.earlier[0].row.rules.order().unwrap().text, order_text());

        let mut connection = house.desk.store.read().await.unwrap();
        let tickets = queue::tickets(&mut connection, &post_id(HEARS), today).await.unwrap();
        assert_eq!(tickets[0].rules.standing, Standing::Heard);
        drop(connection);
        let list = screen::worklist(&house.desk, &case.officer, &post_id(HEARS)).await.unwrap();
        assert!(list.without_outcome.is_empty());
        let text = audited(&house).await;
        for act in ["hearing.enter", "hearing.call", "hearing.mark", "hearing.order", "hearing.close"] {
            assert!(text.contains(act), "{act} left a line");
        }
        assert!(!text.contains("सुनीता") && !text.contains("मापी"), "no name and no order in the chain");
    }
}

#[tokio::test]
async fn a_hearing_with_a_blank_attendance_is_not_closed_and_nothing_of_the_try_is_left() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        case.marks(&house, Side::Complainant, (Attendance::Office, Ground::Seen)).await.unwrap();
        case.is_ordered(&house).await;
        let (before, told) = (case.entered(&house).await.row, house.told().await);
        let refused = case.closes(&house, Disposal::Final, None).await;
        let Err(StepError::Refused(HearingError::Blocked(blocks))) = refused else {
            panic!("closed with a blank attendance: {refused:?}")
        };
        assert_eq!(blocks, [Block::Blank(Side::Authority)]);
        assert_eq!(case.entered(&house).await.row, before);
        assert_eq!(house.told().await, told);
        assert!(slip::slip(&house.desk, &case.token).await.unwrap().unwrap().outcome.is_none());
        assert!(!audited(&house).await.contains("hearing.close"));
    }
}

#[tokio::test]
async fn who_was_in_the_meeting_is_marked_by_it_and_cannot_be_called_absent() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        let citizen = Guest::Citizen(case.id.clone());
        case.has_seen(&house, &Guest::Officer(post_id("sec-hlt")), (Evidence::Present, 900)).await;
        assert_eq!(case.entered(&house).await.attendance.authority, None, "another officer is no party");
        let helper = case.asks_in(&house, "helper").await;
        case.has_seen(&house, &helper, (Evidence::Present, 900)).await;
        assert_eq!(case.entered(&house).await.attendance.authority, None, "nor is who helps the citizen");
        case.has_seen(&house, &citizen, (Evidence::Present, 75)).await;
        let authority = case.asks_in(&house, "authority").await;
        case.has_seen(&house, &authority, (Evidence::NetworkLoss, 30)).await;
        let refused = case.marks(&house, Side::Complainant, (Attendance::Absent, Ground::NoAnswer)).await;
        assert!(matches!(refused, Err(StepError::Refused(HearingError::WasSeen))));
        let entered = case.entered(&house).await;
        assert_eq!(entered.attendance.authority.unwrap().attendance, Attendance::Network);
        assert_eq!(entered.blocks, [Block::NoOrder], "both are marked by what the meeting has seen");
        case.is_ordered(&house).await;
        let refused = case.closes(&house, Disposal::AuthorityAbsent, None).await;
        assert!(
            matches!(refused, Err(StepError::Refused(HearingError::NotAbsent(Side::Authority)))),
            "a lost network is no absence"
        );
        case.closes(&house, Disposal::Final, None).await.unwrap();
        let mut connection = house.desk.store.read().await.unwrap();
        let row = rows::of(&mut connection, &case.id).await.unwrap().unwrap();
        let mark = row.rules.marked(Side::Complainant).unwrap();
        assert_eq!((mark.attendance, mark.evidence.clone()), (Attendance::Video, By::Joined { seconds: 75 }));
    }
}

#[tokio::test]
async fn a_mark_by_hand_needs_its_reason_and_every_mark_stays_readable() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        let mark = (Side::Authority, Attendance::Deputy);
        let bare = hearing::mark(&house.desk, &case.desk, &case.id, &(mark, None)).await;
        assert!(matches!(bare, Err(StepError::Refused(HearingError::NeedsReason))));
        case.marks(&house, Side::Authority, (Attendance::Absent, Ground::NoAnswer)).await.unwrap();
        let reason = Reason::new(Ground::Other, Some(noting("अंचल अधिकारी पत्र के साथ आए")));
        hearing::mark(&house.desk, &case.desk, &case.id, &(mark, reason)).await.unwrap();
        let standing = case.entered(&house).await.attendance.authority.unwrap();
        assert_eq!(standing.attendance, Attendance::Deputy);
        let mut connection = house.desk.store.read().await.unwrap();
        assert_eq!(rows::marks_of(&mut connection, (&case.id, Side::Authority)).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_next_date_outside_the_limit_is_refused_with_the_last_day_which_holidays_put_off() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        case.both_came(&house).await;
        case.is_ordered(&house).await;
        let mut connection = house.desk.store.read().await.unwrap();
        let body = office::post(&mut connection, &post_id(HEARS)).await.unwrap().unwrap().body;
        let calendar = Calendar::new(office::holidays_for(&mut connection, &body).await.unwrap());
        drop(connection);
        let last = Limit::of(FILED, &calendar, WorkingWeek::Six).unwrap().last();
        assert_eq!(last, date(2027, 1, 12), "Christmas is no working day");
        let outside = Next::On(last.tomorrow().unwrap());
        let refused = case.closes(&house, Disposal::NextDate, Some(outside)).await;
        let Err(StepError::Refused(HearingError::Date(DateError::Outside { last: said }))) = refused else {
            panic!("outside the limit: {refused:?}")
        };
        assert_eq!(said, last);

        let wish = Declaration {
            post: post_id("cs"),
            day: date(2026, 12, 14),
            name: (Subject::parse("अवकाश").unwrap(), Subject::parse("Holiday").unwrap()),
            order: Subject::parse("आदेश 9").unwrap(),
        };
        let apex = house.staff("desk-cs").await;
        holidays::declare(&house.desk, &apex, &wish).await.unwrap();
        let entered = case.entered(&house).await;
        assert_eq!(entered.limit.last(), date(2027, 1, 13), "one more closed day, one day later");
        case.closes(&house, Disposal::NextDate, Some(outside)).await.unwrap();
        let next = case.entered(&house).await.next.unwrap();
        let day = next.start().to_zoned(ist()).date();
        assert_eq!(day, date(2027, 1, 13), "also beyond the days that citizens may book");
    }
}

#[tokio::test]
async fn an_order_that_nobody_heard_has_a_reason() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    for side in Side::ALL {
        case.marks(&house, *side, (Attendance::Absent, Ground::NoAnswer)).await.unwrap();
    }
    case.is_ordered(&house).await;
    let refused = case.closes(&house, Disposal::ComplainantAbsent, None).await;
    let Err(StepError::Refused(HearingError::Blocked(blocks))) = refused else { panic!("{refused:?}") };
    assert_eq!(blocks, [Block::NobodyHeard]);
    let why = noting("दोनों पक्ष अनुपस्थित");
    hearing::write(&house.desk, &case.officer, &case.id, (&order_text(), Some(&why))).await.unwrap();
    case.closes(&house, Disposal::ComplainantAbsent, None).await.unwrap();
}

#[tokio::test]
async fn the_desk_calls_and_marks_and_the_officer_alone_orders_and_closes() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    case.both_came(&house).await;
    let (desk, authority) = (&case.desk, house.staff(AUTHORITY).await);
    for other in [desk, &authority] {
        let refused = hearing::write(&house.desk, other, &case.id, (&order_text(), None)).await;
        assert!(matches!(refused, Err(StepError::Denied(_))));
    }
    let refused = hearing::call(&house.desk, &authority, &case.id).await;
    assert!(matches!(refused, Err(StepError::Denied(_))));
    case.is_ordered(&house).await;
    let wish = Wish { disposal: Disposal::Final, next: None, seen: case.entered(&house).await.row.version };
    let refused = hearing::close(&house.desk, desk, &case.id, &wish).await;
    assert!(matches!(refused, Err(StepError::Denied(_))));
}

#[tokio::test]
async fn what_comes_of_a_hearing_is_not_written_past_it() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    house.minutes_later(90);
    let past = outcome::Wish {
        ruling: Ruling::NotPossible(domain::direction::Impossible::Rules),
        seen: 0,
        why: None,
    };
    let refused = outcome::give(&house.desk, &case.officer, &case.meeting, &past).await;
    assert!(matches!(refused, Err(OutcomeError::IsHearing)));
    let mut browser = Browser::with_session(&house, &house.cookie(HEARS).await);
    let answer = browser.get(&format!("/meeting/{}/outcome", case.meeting)).await;
    assert_eq!(answer.location(), format!("/hearing/{}", case.id));
}

#[tokio::test]
async fn of_two_who_close_one_hearing_one_is_told_to_look_again() {
    for house in House::everywhere().await {
        let case = Case::called(&house).await;
        case.both_came(&house).await;
        case.is_ordered(&house).await;
        let seen = case.entered(&house).await.row.version;
        let wish = Wish { disposal: Disposal::Final, next: None, seen };
        hearing::write(&house.desk, &case.officer, &case.id, (&order_text(), None)).await.unwrap();
        let late = hearing::close(&house.desk, &case.officer, &case.id, &wish).await;
        assert!(matches!(late, Err(StepError::Changed)), "he has not seen the order that stands");
        let wish = Wish { seen: seen + 1, ..wish };
        let (one, two) = tokio::join!(
            hearing::close(&house.desk, &case.officer, &case.id, &wish),
            hearing::close(&house.desk, &case.officer, &case.id, &wish)
        );
        assert_eq!([&one, &two].into_iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {two:?}");
        let told = house.told().await;
        assert_eq!(told.iter().filter(|kind| *kind == "mail:desk_heard").count(), 1);
    }
}

#[tokio::test]
async fn an_entry_is_corrected_until_the_call_and_its_day_of_filing_is_not_ahead() {
    let house = House::open().await;
    let case = Case::listed(&house).await;
    let enter = async |entry: Entry| hearing::enter(&house.desk, &case.desk, &case.id, &entry).await;
    let today = house.desk.now().to_zoned(ist()).date();
    for filed in [today.tomorrow().unwrap(), today.checked_sub(1_096.days()).unwrap()] {
        assert!(matches!(enter(Entry { filed, ..entry() }).await, Err(StepError::Filed)), "{filed}");
    }
    let own = Entry { authority: post_id(HEARS), ..entry() };
    assert!(matches!(enter(own).await, Err(StepError::Authority)), "nobody hears himself");
    house.a_moment_later();
    enter(Entry { authority: post_id("sec-hlt"), ..entry() }).await.unwrap();
    let told = house.outbox().await;
    assert_eq!(told[0].to.address(), "sec-hlt@example.in", "the other authority is told");
    hearing::call(&house.desk, &case.desk, &case.id).await.unwrap();
    let refused = enter(entry()).await;
    assert!(matches!(refused, Err(StepError::Refused(HearingError::CalledAlready))));
}

#[tokio::test]
async fn the_page_says_why_a_hearing_cannot_be_closed_and_refuses_it_all_the_same() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    let mut officer = Browser::with_session(&house, &house.cookie(HEARS).await);
    let path = format!("/hearing/{}", case.id);
    let page = officer.get(&path).await;
    page.says("परिवादी की उपस्थिति दर्ज नहीं है");
    page.says("लोक प्राधिकार की उपस्थिति दर्ज नहीं है");
    assert!(page.find("(<button[^>]*hearing-close-button[^>]*>)").contains("disabled"));
    let version = page.find("name=\"seen\" value=\"(\\d+)\"");
    let close = [("seen", version.as_str()), ("disposal", "final"), ("start", "")];
    let refused = officer.post(&format!("{path}/close"), &close).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("परिवादी की उपस्थिति दर्ज नहीं है");
    let mark = [("side", "complainant"), ("attendance", "office"), ("ground", ""), ("note", "")];
    let refused = officer.post(&format!("{path}/mark"), &mark).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("आधार चुनें");
    let mut desk = Browser::with_session(&house, &house.cookie("desk-pgro-patna").await);
    let page = desk.get(&path).await;
    page.says("केवल सुनवाई करने वाले पदाधिकारी");
    page.never_says("hearing-close-button");
}

#[tokio::test]
async fn each_party_reads_its_own_slip_and_the_order_only_when_the_hearing_is_closed() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    case.both_came(&house).await;
    case.is_ordered(&house).await;
    let mut authority = Browser::with_session(&house, &house.cookie(AUTHORITY).await);
    let mut citizen = Browser::new(&house);
    let (notice, own) = (format!("/hearing/{}/notice", case.id), format!("/s/{}/hearing", case.token));
    for page in [authority.get(&notice).await, citizen.get(&own).await] {
        page.says("504110126110200017");
        page.says("सुनवाई की सूचना");
        page.never_says("मापी कराएँ");
    }
    case.closes(&house, Disposal::Final, None).await.unwrap();
    for page in [authority.get(&notice).await, citizen.get(&own).await] {
        page.says("मापी कराएँ");
        page.says("अंतिम विनिश्चय");
        page.says("आदेश पढ़कर सुनाया गया");
        page.never_says("01234");
    }
    let page = authority.get(&format!("/hearing/{}", case.id)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "the record is the office's");
    citizen.get(&format!("/s/{}", case.token)).await.says("सुनवाई में विनिश्चय हुआ है");
}

#[tokio::test]
async fn the_day_is_exported_with_number_date_attendance_and_order_and_without_a_name() {
    let house = House::open().await;
    let case = Case::called(&house).await;
    case.both_came(&house).await;
    case.is_ordered(&house).await;
    case.closes(&house, Disposal::Final, None).await.unwrap();
    let mut desk = Browser::with_session(&house, &house.cookie("desk-pgro-patna").await);
    let json = desk.get(&format!("/hearings/day.json?post={HEARS}")).await;
    let read: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    let one = &read["hearings"][0];
    assert_eq!(one["case_number"], "504110126110200017");
    assert_eq!(one["hearing_date"], "2026-11-24");
    assert_eq!(
        (&one["complainant_attendance"], &one["authority_evidence"]),
        (&"office".into(), &"seen".into())
    );
    assert_eq!((&one["authority_post"], &one["outcome"]), (&AUTHORITY.into(), &"final".into()));
    assert_eq!((&one["order_text"], &one["read_aloud"]), (&order_text().as_str().into(), &true.into()));
    let csv = desk.get(&format!("/hearings/day.csv?post={HEARS}")).await;
    csv.says("\u{FEFF}case_number,reference,hearing_date,");
    csv.says("\"504110126110200017\",");
    csv.says(&format!("\"{}\"", order_text().as_str()));
    for file in [json, csv] {
        file.never_says("सुनीता");
    }
    let mut stranger = Browser::with_session(&house, &house.cookie(AUTHORITY).await);
    let answer = stranger.get(&format!("/hearings/day.csv?post={HEARS}")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_cases_of_the_demo_are_listed_today_and_both_parties_are_told() {
    for house in House::everywhere().await {
        for case in demo::cases(house.desk.now()) {
            hearing::take_over(&house.desk, &case).await.unwrap();
        }
        let officer = house.staff(HEARS).await;
        let today = house.desk.now().to_zoned(ist()).date();
        let list = hearing::day(&house.desk, &officer, (&post_id(HEARS), today)).await.unwrap();
        assert_eq!(list.lines.len(), 3);
        assert!(list.lines.iter().all(|line| line.hearing.entered.is_some()));
        let told = house.told().await;
        assert_eq!(told.iter().filter(|kind| *kind == "mail:desk_hearing").count(), 3);
        assert_eq!(told.iter().filter(|kind| *kind == "sms:confirmed").count(), 3);
    }
}
