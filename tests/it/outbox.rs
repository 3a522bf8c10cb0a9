//! The outbox: who gets a notice, when it is tried again, what is given up, and that nothing goes out twice.

use domain::id::NoticeId;
use domain::notice::{Language, Notice, Recipient, What};
use domain::text::{MailAddress, Mobile};
use sachivalaya::app::{change, slip};
use sachivalaya::clock::Random;
use sachivalaya::limits;
use sachivalaya::outbox::mail::MailSettings;
use sachivalaya::outbox::{Outbox, Settings};
use sachivalaya::store::notice::{self, NoticeRow, NoticeState};

use crate::house::House;
use crate::mail_sink::MailSink;

/// A worker that sends to `sink`, as in `serve`.
pub fn worker(house: &House, sink: &MailSink) -> Outbox {
    worker_at(house, &sink.address())
}

/// A worker that sends to a server by its address.
pub fn worker_at(house: &House, server: &str) -> Outbox {
    let sender = MailAddress::parse("no-reply@es.example.in").unwrap();
    let mail = Some(MailSettings { server: server.to_owned(), sender });
    let settings = Settings { is_shown: false, mail };
    Outbox::new(house.desk.store.clone(), house.desk.clock.clone(), &settings).unwrap()
}

fn worker_without_servers(house: &House, is_shown: bool) -> Outbox {
    let settings = Settings { is_shown, mail: None };
    Outbox::new(house.desk.store.clone(), house.desk.clock.clone(), &settings).unwrap()
}

fn code_by_mail() -> Notice {
    let address = MailAddress::parse("ramesh@example.com").unwrap();
    Notice {
        to: Recipient::Mail { address, name: "रमेश".into() },
        language: Language::English,
        what: What::Code { code: "482913".into(), minutes: 200 },
    }
}

fn code_by_sms() -> Notice {
    Notice { to: Recipient::Sms { mobile: Mobile::parse("0000012345").unwrap() }, ..code_by_mail() }
}

/// Lays a notice out as a use case does.
pub async fn lay_out(house: &House, key: &str, told: &Notice) -> bool {
    let mut tx = house.desk.store.write().await.unwrap();
    let id = NoticeId::fresh(house.desk.now(), Random.bytes());
    let is_new = notice::insert(&mut tx, (&id, key), told, house.desk.now()).await.unwrap();
    tx.commit().await.unwrap();
    is_new
}

async fn rows(house: &House) -> Vec<NoticeRow> {
    let mut connection = house.desk.store.read().await.unwrap();
    notice::recent(&mut connection, 100).await.unwrap()
}

async fn only_row(house: &House) -> NoticeRow {
    let mut rows = rows(house).await;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[tokio::test]
async fn two_workers_send_each_notice_once() {
    for house in House::everywhere().await {
        let sink = MailSink::open().await;
        for n in 0..30 {
            assert!(lay_out(&house, &format!("key-{n}"), &code_by_mail()).await);
        }
        let (one, two) = (worker(&house, &sink), worker(&house, &sink));
        for _ in 0..3 {
            let (a, b) = tokio::join!(one.step(), two.step());
            a.unwrap();
            b.unwrap();
        }
        let mails = sink.mails();
        assert_eq!(mails.len(), 30, "each notice once");
        let ids: std::collections::BTreeSet<&str> = mails
            .iter()
            .filter_map(|mail| mail.lines().find(|line| line.starts_with("Message-ID:")))
            .collect();
        assert_eq!(ids.len(), 30);
        assert!(rows(&house).await.iter().all(|row| row.state == NoticeState::Sent));
    }
}

#[tokio::test]
async fn the_same_key_is_laid_out_once() {
    for house in House::everywhere().await {
        assert!(lay_out(&house, "confirmed/a/1/mail", &code_by_mail()).await);
        assert!(!lay_out(&house, "confirmed/a/1/mail", &code_by_mail()).await);
        assert_eq!(rows(&house).await.len(), 1);
    }
}

#[tokio::test]
async fn what_a_dead_worker_left_is_taken_when_its_lease_ends_and_not_before() {
    for house in House::everywhere().await {
        let sink = MailSink::open().await;
        lay_out(&house, "key", &code_by_mail()).await;
        let now = house.desk.now();
        let mut tx = house.desk.store.write().await.unwrap();
        let lease_ends = now + jiff::SignedDuration::try_from(limits::OUTBOX_LEASE).unwrap();
        let left = notice::claim(&mut tx, (now, lease_ends), 10).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(left.len(), 1);

        assert_eq!(worker(&house, &sink).step().await.unwrap(), 0);
        assert!(sink.mails().is_empty());
        house.desk.clock.advance(limits::OUTBOX_LEASE);
        assert_eq!(worker(&house, &sink).step().await.unwrap(), 1);
        assert_eq!(sink.mails().len(), 1);

        let mut tx = house.desk.store.write().await.unwrap();
        let is_ours = notice::give_up(&mut tx, left[0].claim(), "late", &left[0].notice).await.unwrap();
        assert!(!is_ours, "the dead worker's word no longer counts");
    }
}

#[tokio::test]
async fn a_server_that_asks_to_come_later_is_asked_again_with_growing_pauses_and_in_the_end_given_up() {
    let house = House::open().await;
    let sink = MailSink::open().await;
    sink.answers(451);
    lay_out(&house, "key", &code_by_mail()).await;
    let worker = worker(&house, &sink);
    assert_eq!(worker.step().await.unwrap(), 1);
    let row = only_row(&house).await;
    assert_eq!((row.state, row.last_error.as_deref()), (NoticeState::Due, Some("mail-later")));
    assert_eq!(worker.step().await.unwrap(), 0, "not before its pause");
    let mut tries = 1;
    while only_row(&house).await.state == NoticeState::Due {
        house.desk.clock.advance(limits::OUTBOX_RETRY_MAX);
        tries += worker.step().await.unwrap();
    }
    let row = only_row(&house).await;
    assert!(row.state == NoticeState::Dead && tries <= limits::OUTBOX_ATTEMPTS_MAX, "{tries} tries");
}

#[tokio::test]
async fn a_server_that_comes_back_gets_the_mail() {
    let house = House::open().await;
    let sink = MailSink::open().await;
    sink.answers(451);
    lay_out(&house, "key", &code_by_mail()).await;
    let worker = worker(&house, &sink);
    worker.step().await.unwrap();
    sink.answers(250);
    house.desk.clock.advance(limits::OUTBOX_RETRY_FIRST);
    worker.step().await.unwrap();
    assert_eq!((sink.mails().len(), only_row(&house).await.state), (1, NoticeState::Sent));
}

#[tokio::test]
async fn a_refused_mail_is_given_up_at_once_and_its_code_forgotten() {
    for house in House::everywhere().await {
        let sink = MailSink::open().await;
        sink.answers(550);
        lay_out(&house, "key", &code_by_mail()).await;
        worker(&house, &sink).step().await.unwrap();
        let row = only_row(&house).await;
        assert_eq!((row.state, row.last_error.as_deref()), (NoticeState::Dead, Some("mail-refused")));
        assert_eq!(row.notice.what, code_by_mail().what.scrubbed());
    }
}

#[tokio::test]
async fn a_code_is_forgotten_once_it_is_sent() {
    for house in House::everywhere().await {
        let sink = MailSink::open().await;
        lay_out(&house, "key", &code_by_mail()).await;
        worker(&house, &sink).step().await.unwrap();
        assert!(sink.mails()[0].contains("482913"));
        assert_eq!(only_row(&house).await.notice.what, code_by_mail().what.scrubbed());
    }
}

#[tokio::test]
async fn a_code_that_has_expired_is_not_sent() {
    let house = House::open().await;
    let sink = MailSink::open().await;
    lay_out(&house, "key", &code_by_mail()).await;
    house.minutes_later(200);
    worker(&house, &sink).step().await.unwrap();
    let row = only_row(&house).await;
    assert_eq!((row.state, row.last_error.as_deref()), (NoticeState::Dead, Some("expired")));
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn without_a_gateway_a_notice_stands_as_undeliverable() {
    for house in House::everywhere().await {
        lay_out(&house, "sms", &code_by_sms()).await;
        house.a_moment_later();
        lay_out(&house, "mail", &code_by_mail()).await;
        worker_without_servers(&house, false).step().await.unwrap();
        let rows = rows(&house).await;
        let stands: Vec<_> = rows.iter().map(|row| (row.state, row.last_error.as_deref())).collect();
        assert_eq!(
            stands,
            [(NoticeState::Dead, Some("no-mail-server")), (NoticeState::Dead, Some("no-sms-gateway"))]
        );
    }
}

#[tokio::test]
async fn the_demo_shows_what_it_cannot_send() {
    let house = House::open().await;
    lay_out(&house, "key", &code_by_sms()).await;
    worker_without_servers(&house, true).step().await.unwrap();
    let row = only_row(&house).await;
    assert_eq!((row.state, &row.notice), (NoticeState::Sent, &code_by_sms()));
}

#[tokio::test]
async fn a_notice_that_a_later_change_has_overtaken_is_not_sent() {
    for house in House::everywhere().await {
        let sink = MailSink::open().await;
        let free = house.free("sec-hlt").await;
        let token = house.books("sec-hlt", free[4]).await;
        house.a_moment_later();
        change::move_to(&house.desk, &token, free[6].start()).await.unwrap();
        worker(&house, &sink).step().await.unwrap();
        let mut stands: Vec<(&str, &str, Option<String>)> = Vec::new();
        let rows = rows(&house).await;
        for row in rows.iter().filter(|row| row.notice.to.channel() == "mail") {
            stands.push((row.notice.what.kind(), row.state.code(), row.last_error.clone()));
        }
        assert!(stands.contains(&("confirmed", "dead", Some("superseded".into()))), "{stands:?}");
        assert!(stands.contains(&("moved", "sent", None)), "{stands:?}");
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(slip.sequence, 1);
    }
}
