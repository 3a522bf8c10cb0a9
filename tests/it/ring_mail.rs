//! The evening's mail of a seat: who is told, of what, and once.

use domain::notice::{Notice, What};
use domain::office::ist;
use jiff::Timestamp;
use sachivalaya::app::keep;
use sachivalaya::audit::{self, By, Line};
use sachivalaya::letter::letter;

use crate::house::House;

/// What the live part writes into the chain.
async fn writes(house: &House, seat: &str, lines: &[(&'static str, &str)]) {
    let mut tx = house.desk.store.write().await.unwrap();
    for (act, detail) in lines {
        let line = Line { by: By::House, act, object: seat, detail: (*detail).to_owned() };
        audit::append(&mut tx, line, house.desk.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    audit::seal(&house.desk.store).await.unwrap();
}

/// The clock goes on to the next time that it is so late in India.
fn until(house: &House, hour: i8, minute: i8) {
    let is_there = |now: Timestamp| {
        let here = now.to_zoned(ist());
        (here.hour(), here.minute()) == (hour, minute)
    };
    while !is_there(house.desk.now()) {
        house.minutes_later(1);
    }
}

/// The mails of an evening that were laid into the outbox, newest first.
async fn mails(house: &House) -> Vec<Notice> {
    let all = house.outbox().await;
    all.into_iter().filter(|notice| matches!(notice.what, What::RingDay { .. })).collect()
}

async fn told(house: &House) -> usize {
    keep::round(&house.desk).await.unwrap().evenings
}

#[tokio::test]
async fn each_evening_an_occupant_is_told_of_his_day_once_and_nobody_of_a_day_without_a_ring() {
    for house in House::everywhere().await {
        until(&house, 18, 20);
        writes(&house, "sec-hlt", &[("call.ring", "c1 cs free")]).await;
        writes(&house, "sec-hlt", &[("call.agree", "c1 accepted chamber person-001")]).await;
        assert_eq!(told(&house).await, 0, "not before the evening");
        writes(&house, "sec-hlt", &[("call.go_out", "c1 ended")]).await;
        until(&house, 18, 30);
        // What rings at this very moment is told tomorrow.
        writes(&house, "sec-hlt", &[("call.ring", "c3 cs free")]).await;
        assert_eq!(told(&house).await, 1);
        assert_eq!(told(&house).await, 0, "once");
        let mails_now = mails(&house).await;
        let [mail] = &mails_now[..] else { panic!("{mails_now:?}") };
        let said = letter(mail);
        assert!(said.subject.contains("घंटियों का लेखा"), "{said:?}");
        let text = said.text();
        assert!(text.contains("मुख्य सचिव") && text.contains("आपके स्वीकार करने से"), "{text}");
        assert!(text.contains("/chamber/ledger"), "{text}");
        // A ring in the night is told the evening after.
        until(&house, 21, 0);
        writes(&house, "sec-edu", &[("call.ring", "c2 cs free"), ("call.go_out", "c2 missed")]).await;
        assert_eq!(told(&house).await, 0);
        until(&house, 18, 31);
        assert_eq!(told(&house).await, 2);
        let mails_now = mails(&house).await;
        let [_, older] = &mails_now[..2] else { panic!("{mails_now:?}") };
        for mail in &mails_now[..2] {
            let What::RingDay { looks, .. } = &mail.what else { panic!("it is of an evening") };
            assert_eq!((looks.len(), looks[0].seen.len()), (1, 0), "each of what rang since");
        }
        assert_ne!(older.to, mails_now[0].to, "each to his own post");
        house.minutes_later(24 * 60);
        assert_eq!(told(&house).await, 0, "nothing happened, nothing is said");
    }
}
