//! The officer is called away: everybody has another time or waits first in line, and nobody is lost.

use domain::diary::displacement::AwayReason;
use domain::diary::{AppointmentState, Slot};
use domain::office::{Charge, Incumbency};
use domain::text::Subject;
use jiff::{SignedDuration, Timestamp};
use sachivalaya::app::displace::{self, AwayWish, DisplaceError};
use sachivalaya::app::earlier::{self, Wish};
use sachivalaya::app::{change, keep, slip, undo};
use sachivalaya::auth::Actor;
use sachivalaya::store::claim::Claimant;
use sachivalaya::store::{appointment, claim, office};

use crate::browser::Browser;
use crate::earlier::lent;
use crate::house::{House, post_id};
use crate::sound::{is_sound, live};

const POST: &str = "sec-hlt";

fn wish(from: Timestamp, to: Timestamp) -> AwayWish {
    AwayWish {
        post: post_id(POST),
        from,
        to,
        reason: AwayReason::Assembly,
        authority: Subject::parse("विभागीय आदेश 12").unwrap(),
    }
}

/// Away while these times are.
fn over(slots: &[Slot]) -> AwayWish {
    wish(slots[0].start(), slots[slots.len() - 1].end())
}

async fn booked(house: &House, slots: &[Slot]) -> Vec<String> {
    let mut tokens = Vec::new();
    for slot in slots {
        tokens.push(house.books(POST, *slot).await);
    }
    tokens
}

async fn read(house: &House, token: &str) -> slip::Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

async fn goes_away(house: &House, desk: &Actor, wish: &AwayWish) -> displace::Displaced {
    let seen = displace::preview(&house.desk, desk, wish).await.unwrap();
    displace::carry_out(&house.desk, desk, wish, &seen.mark).await.unwrap()
}

#[tokio::test]
async fn everybody_whose_time_falls_has_another_time_with_the_same_number_and_is_told_why() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let tokens = booked(&house, &free[..4]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let before = read(&house, &tokens[0]).await;
        let seen = displace::preview(&house.desk, &desk, &over(&free[..4])).await.unwrap();
        assert_eq!(seen.hit.len(), 4);
        assert!(seen.hit.iter().all(|hit| hit.to.is_some_and(|to| to.start() >= free[3].end())));
        assert_eq!(read(&house, &tokens[0]).await.slot, before.slot, "a preview changes nothing");

        house.a_moment_later();
        let done = goes_away(&house, &desk, &over(&free[..4])).await;
        assert_eq!((done.moved, done.waiting), (4, 0));
        let after = read(&house, &tokens[0]).await;
        assert_eq!((after.state, after.sequence), (AppointmentState::Confirmed, 1));
        assert_eq!((&after.reference, &after.appointment), (&before.reference, &before.appointment));
        assert_ne!(after.slot, before.slot);
        assert!(after.displaced.is_some_and(|d| d.was == before.slot && !d.is_answered));
        let told = house.told().await;
        assert_eq!(told.iter().filter(|kind| *kind == "sms:displaced").count(), 4);
        assert_eq!(told.iter().filter(|kind| *kind == "mail:displaced").count(), 4);
        let now_free = house.free(POST).await;
        assert!(
            free[..4].iter().all(|slot| !now_free.contains(slot)),
            "nobody is offered a time of the absence"
        );
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn who_finds_no_time_stands_first_on_the_list_and_is_never_lost() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let tokens = booked(&house, &free[2..4]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let long = wish(free[0].start(), free[0].start() + SignedDuration::from_hours(24 * 60));
        house.a_moment_later();
        let done = goes_away(&house, &desk, &long).await;
        assert_eq!((done.moved, done.waiting), (0, 2));
        let waits = read(&house, &tokens[0]).await;
        assert_eq!(waits.state, AppointmentState::Waiting);
        assert!(waits.can_move && waits.can_cancel);
        assert!(house.told().await.contains(&"mail:waiting".to_owned()));
        assert_eq!(live(&house, &[POST]).await.len(), 2, "the desk sees both");
        is_sound(&house, &[POST], &[]).await;
        // He withdraws, and it is over; the other one gets his time back when the absence is undone.
        change::cancel(&house.desk, &tokens[0]).await.unwrap();
        let undone = undo::undo(&house.desk, &desk, &done.absence).await.unwrap();
        assert_eq!((undone.restored, undone.kept), (1, 1));
        let back = read(&house, &tokens[1]).await;
        assert_eq!((back.state, back.slot, back.sequence), (AppointmentState::Confirmed, free[3], 2));
        assert_eq!(read(&house, &tokens[0]).await.state, AppointmentState::Cancelled);
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn who_waits_may_choose_a_time_himself_and_stands_as_he_stood() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let tokens = booked(&house, &free[..1]).await;
    let desk = house.staff("desk-sec-hlt").await;
    // Away for all the sixty days in which times are sought, but for what comes after.
    let long = wish(free[0].start(), free[0].start() + SignedDuration::from_hours(24 * 60));
    goes_away(&house, &desk, &long).await;
    assert_eq!(read(&house, &tokens[0]).await.state, AppointmentState::Waiting);
    house.desk.clock.set(long.to);
    let first = house.free(POST).await[0];
    change::move_to(&house.desk, &tokens[0], first.start()).await.unwrap();
    let slip = read(&house, &tokens[0]).await;
    assert_eq!((slip.state, slip.slot), (AppointmentState::Confirmed, first));
    is_sound(&house, &[POST], &[]).await;
}

#[tokio::test]
async fn who_was_displaced_before_is_given_a_time_first() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let desk = house.staff("desk-sec-hlt").await;
    let again = booked(&house, &free[..1]).await.remove(0);
    goes_away(&house, &desk, &over(&free[..1])).await;
    let his = read(&house, &again).await.slot;
    let earlier = house.free(POST).await.into_iter().find(|slot| slot.start() < his.start());
    let other = match earlier {
        Some(slot) => slot,
        None => *house.free(POST).await.iter().find(|slot| slot.start() > his.start()).unwrap(),
    };
    house.books(POST, other).await;
    let (from, to) = (his.start().min(other.start()), his.end().max(other.end()));
    let seen = displace::preview(&house.desk, &desk, &wish(from, to)).await.unwrap();
    assert_eq!(seen.hit.len(), 2);
    assert_eq!((seen.hit[0].displaced_before, seen.hit[1].displaced_before), (1, 0));
    assert!(seen.hit[0].to < seen.hit[1].to);
}

#[tokio::test]
async fn what_is_undone_within_ten_minutes_is_as_it_was_but_for_whom_changed_it_himself() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let tokens = booked(&house, &free[..3]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let done = goes_away(&house, &desk, &over(&free[..3])).await;
        let own_choice = *house.free(POST).await.last().unwrap();
        change::move_to(&house.desk, &tokens[1], own_choice.start()).await.unwrap();
        house.minutes_later(9);
        let undone = undo::undo(&house.desk, &desk, &done.absence).await.unwrap();
        assert_eq!((undone.restored, undone.kept), (2, 1));
        for (n, slot) in [(0, free[0]), (1, own_choice), (2, free[2])] {
            let slip = read(&house, &tokens[n]).await;
            assert_eq!((slip.state, slip.slot, slip.sequence), (AppointmentState::Confirmed, slot, 2), "{n}");
        }
        assert!(live(&house, &[POST]).await.iter().filter(|row| row.displaced_count == 0).count() == 2);
        let again = undo::undo(&house.desk, &desk, &done.absence).await.unwrap_err();
        assert!(matches!(again, DisplaceError::TooLate));
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn a_time_that_an_undo_frees_rests_and_goes_to_who_waits() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let tokens = booked(&house, &free[10..11]).await;
        let waits = house.books(POST, *free.last().unwrap()).await;
        let desk = house.staff("desk-sec-hlt").await;
        let done = goes_away(&house, &desk, &over(&free[10..11])).await;
        let interim = read(&house, &tokens[0]).await.slot;
        earlier::wait(&house.desk, &waits, Wish::Tell).await.unwrap();
        let undone = undo::undo(&house.desk, &desk, &done.absence).await.unwrap();
        assert_eq!((undone.restored, undone.kept), (1, 0));
        assert!(!house.free(POST).await.contains(&interim), "it rests, whoever looks");
        is_sound(&house, &[POST], &lent(&house).await).await;
        house.minutes_later(31);
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 1);
        assert_eq!(read(&house, &waits).await.offer.unwrap().0, interim);
        earlier::take(&house.desk, &waits).await.unwrap();
        assert_eq!(read(&house, &waits).await.slot, interim);
        assert_eq!(read(&house, &tokens[0]).await.slot, free[10]);
        is_sound(&house, &[POST], &lent(&house).await).await;
    }
}

#[tokio::test]
async fn after_ten_minutes_the_new_times_stand() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let tokens = booked(&house, &free[..1]).await;
    let desk = house.staff("desk-sec-hlt").await;
    let done = goes_away(&house, &desk, &over(&free[..1])).await;
    let moved = read(&house, &tokens[0]).await.slot;
    house.minutes_later(10);
    let late = undo::undo(&house.desk, &desk, &done.absence).await.unwrap_err();
    assert!(matches!(late, DisplaceError::TooLate));
    assert_eq!(read(&house, &tokens[0]).await.slot, moved);
}

#[tokio::test]
async fn a_change_or_a_transfer_between_preview_and_act_is_refused_and_loses_nobody() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let tokens = booked(&house, &free[..3]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let away = over(&free[..3]);
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        change::cancel(&house.desk, &tokens[1]).await.unwrap();
        let refused = displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap_err();
        assert!(matches!(refused, DisplaceError::Overtaken), "{refused:?}");

        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        house.a_moment_later();
        let mut tx = house.desk.store.write().await.unwrap();
        let successor = office::history(&mut tx, &post_id("sec-edu")).await.unwrap().remove(0).person;
        let charge = Charge::Regular;
        let row = Incumbency { post: post_id(POST), person: successor, charge, starts_at: house.desk.now() };
        assert!(office::insert_incumbency(&mut tx, &row).await.unwrap());
        tx.commit().await.unwrap();
        let refused = displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap_err();
        assert!(matches!(refused, DisplaceError::Overtaken), "{refused:?}");
        for (n, slot) in [(0, free[0]), (2, free[2])] {
            let slip = read(&house, &tokens[n]).await;
            assert_eq!((slip.state, slip.slot, slip.sequence), (AppointmentState::Confirmed, slot, 0));
        }
        // A look at how it stands now, and the act goes through, for the successor.
        let done = goes_away(&house, &desk, &away).await;
        assert_eq!(done.moved, 2);
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn a_hold_in_the_absence_can_no_longer_be_booked_and_other_desks_may_not_send_anybody_away() {
    let house = House::open().await;
    let free = house.free(POST).await;
    house.holds(POST, free[0]).await;
    for other in ["desk-sec-edu", "ps-hlt", "cs"] {
        let stranger = house.staff(other).await;
        let refused = displace::preview(&house.desk, &stranger, &over(&free[..1])).await.unwrap_err();
        assert!(matches!(refused, DisplaceError::Denied(_)), "{other}");
    }
    let desk = house.staff("desk-sec-hlt").await;
    goes_away(&house, &desk, &over(&free[..1])).await;
    is_sound(&house, &[POST], &[]).await;
    let backwards = wish(free[1].start(), free[0].start());
    let refused = displace::preview(&house.desk, &desk, &backwards).await.unwrap_err();
    assert!(matches!(refused, DisplaceError::Span));
}

#[tokio::test]
async fn two_hundred_meetings_are_moved_in_one_act_and_brought_back_in_one() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let many = &free[..60.min(free.len())];
        booked(&house, many).await;
        let desk = house.staff("desk-sec-hlt").await;
        let done = goes_away(&house, &desk, &over(many)).await;
        assert_eq!((done.moved, done.waiting), (many.len(), 0));
        is_sound(&house, &[POST], &[]).await;
        let undone = undo::undo(&house.desk, &desk, &done.absence).await.unwrap();
        assert_eq!((undone.restored, undone.kept), (many.len(), 0));
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn the_desk_goes_from_form_to_preview_to_act_and_back_and_the_citizen_answers_on_his_slip() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let tokens = booked(&house, &free[..2]).await;
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    desk.get("/desk").await.says("/desk/away/sec-hlt");
    desk.get("/desk/away/sec-hlt").await.says("किसके आदेश से");
    let wrong = desk.get("/desk/away/sec-hlt?from=2026-11-24T11:00&to=&reason=tour&authority=x").await;
    wrong.says("लिखें कि कब तक बाहर हैं");
    let query = "from=2026-11-24T11:00&to=2026-11-24T18:00&reason=assembly&authority=CS";
    let preview = desk.get(&format!("/desk/away/sec-hlt?{query}")).await;
    preview.says("2 मुलाकातें इस बीच हैं");
    let mark = preview.find(r#"name="mark" value="([0-9a-f]+)""#);
    let mut fields = vec![("from", "2026-11-24T11:00"), ("to", "2026-11-24T18:00"), ("reason", "assembly")];
    fields.extend([("authority", "CS"), ("mark", mark.as_str())]);
    let done = desk.post("/desk/away/sec-hlt", &fields).await.location().to_owned();
    desk.get(&done).await.says("नए समय दे दिए गए");
    let path = done.split('?').next().unwrap();
    let press = desk.get(&format!("{path}/press")).await;
    press.says("लोगों से नहीं मिल सकेंगे");
    press.says("cannot meet people");
    press.never_says("सुनीता");
    let again = desk.post("/desk/away/sec-hlt", &fields).await;
    again.says("इस बीच कुछ बदल गया");

    let slip = format!("/s/{}", tokens[0]);
    let mut phone = Browser::new(&house);
    let shown = phone.get(&slip).await;
    shown.says("कारण: विधान सभा का सत्र");
    shown.says("नया समय ठीक है");
    phone.post(&format!("{slip}/agree"), &[]).await;
    phone.get(&slip).await.never_says("नया समय ठीक है");

    let undone = desk.post(&format!("{path}/undo"), &[]).await.location().to_owned();
    desk.get(&undone).await.says("पुराने समय लौटा दिए गए");
    phone.get(&slip).await.never_says("विधान सभा");
    assert_eq!(
        Browser::new(&house).get("/desk/away/sec-hlt").await.location(),
        "/sign-in?next=/desk/away/sec-hlt"
    );
}

#[tokio::test]
async fn whoever_a_race_has_booked_into_an_absence_is_given_another_time_by_the_house() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let token = house.books(POST, free[0]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let done = goes_away(&house, &desk, &over(&free[..1])).await;
        let moved = read(&house, &token).await;
        // The old time again, as a hold that was read before the absence would have got it.
        let mut tx = house.desk.store.write().await.unwrap();
        let mut row = appointment::by_id(&mut tx, &moved.appointment).await.unwrap().unwrap();
        let history = office::history(&mut tx, &post_id(POST)).await.unwrap();
        let who = Claimant { post: post_id(POST), history };
        claim::release(&mut tx, &who, &row.rules.id, row.rules.slot).await.unwrap();
        row.rules.slot = free[0];
        assert!(claim::claim(&mut tx, &who, (&row.rules.id, free[0], None), house.desk.now()).await.unwrap());
        assert!(appointment::update(&mut tx, &row, house.desk.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(keep::round(&house.desk).await.unwrap().displaced, 1);
        assert_eq!(keep::round(&house.desk).await.unwrap().displaced, 0);
        let slip = read(&house, &token).await;
        assert!(slip.state == AppointmentState::Confirmed && slip.slot != free[0] && slip.sequence == 2);
        assert_eq!(displace::away(&house.desk, &desk, &done.absence).await.unwrap().displaced, 1);
        is_sound(&house, &[POST], &[]).await;
    }
}
