//! Calendar mails through the outbox and a mail server: an invitation, its move and its cancellation, with a name in
//! Devanagari and with one that tries to inject lines.
//!
//! `tests/peers/run` names a real server in `SACHIVALAYA_TEST_SMTP` and puts what arrives through other people's
//! checkers. Without it the mails go to the sink of this binary.

use domain::notice::{Language, Notice, Recipient, Visit, What};
use domain::text::{Bilingual, MailAddress};
use sachivalaya::app::change;
use sachivalaya::store::notice::{self, NoticeState};

use crate::house::House;
use crate::mail_sink::MailSink;
use crate::outbox::{lay_out, worker_at};

const DEVANAGARI: &str = "श्रीमती सुनीता देवी (प्रखंड विकास पदाधिकारी, कार्यालय फुलवारी शरीफ़)";
const INJECTING: &str = "Evil\r\nATTENDEE;CN=\"x\":mailto:evil@example.com\r\nEND:VEVENT\r\nBcc: victim@example.com\r\n\
                         \r\n\";RSVP=TRUE:mailto:evil2@example.com;^n^'\u{85}\u{2028}\0\u{1b}";

fn visit(name: &str, uid: &str) -> Visit {
    Visit {
        reference: format!("ES26-{uid}"),
        uid: format!("{uid}@es.example.in"),
        sequence: 0,
        post_title: Bilingual::new("सचिव", "Secretary"),
        body: Bilingual::new("स्वास्थ्य विभाग", "Health"),
        organizer: MailAddress::parse("post-hlt@es.example.in").unwrap(),
        start: "2026-12-01T11:15:00+05:30".parse().unwrap(),
        end: "2026-12-01T11:30:00+05:30".parse().unwrap(),
        channel: "video".into(),
        citizen_name: name.into(),
        citizen_mail: Some(MailAddress::parse("citizen@example.com").unwrap()),
        subject: format!("{name}; दवा, जाँच \\ और \"भर्ती\""),
        slip_url: "https://es.example.in/s/K7QM2XWP4HRD9TAB".into(),
        join_url: Some("https://es.example.in/j/B9TAK7QM2XWP4HRD".into()),
    }
}

/// Confirmed, moved by a day, cancelled: one UID, rising sequence.
fn life(name: &str, uid: &str) -> [What; 3] {
    let fixed = visit(name, uid);
    let later = jiff::SignedDuration::from_hours(24);
    let moved = Visit { sequence: 1, start: fixed.start + later, end: fixed.end + later, ..fixed.clone() };
    let gone = Visit { sequence: 2, ..moved.clone() };
    [
        What::Confirmed { visit: fixed.clone() },
        What::Moved { visit: moved, was: fixed.start },
        What::Cancelled { visit: gone },
    ]
}

async fn lay_out_lives(house: &House) -> usize {
    let mut count = 0;
    for (name, uid) in [(DEVANAGARI, "devanagari"), (INJECTING, "injecting")] {
        for language in [Language::Hindi, Language::English] {
            for what in life(name, &format!("{uid}-{}", language.code())) {
                let address = MailAddress::parse("citizen@example.com").unwrap();
                let to = Recipient::Mail { address, name: name.into() };
                lay_out(house, &format!("key-{count}"), &Notice { to, language, what }).await;
                house.a_moment_later();
                count += 1;
            }
        }
    }
    count
}

#[tokio::test]
async fn invitations_moves_and_cancellations_arrive() {
    let house = House::open().await;
    let sink = MailSink::open().await;
    let server = std::env::var("SACHIVALAYA_TEST_SMTP").unwrap_or_else(|_| sink.address());
    let worker = worker_at(&house, &server);
    let count = lay_out_lives(&house).await;
    while worker.step().await.unwrap() > 0 {}

    // The same life as the use cases lead it, one mail at a time.
    let free = house.free("sec-hlt").await;
    let token = house.books("sec-hlt", free[4]).await;
    while worker.step().await.unwrap() > 0 {}
    house.a_moment_later();
    change::move_to(&house.desk, &token, free[9].start()).await.unwrap();
    while worker.step().await.unwrap() > 0 {}
    house.a_moment_later();
    change::cancel(&house.desk, &token).await.unwrap();
    while worker.step().await.unwrap() > 0 {}

    let mut connection = house.desk.store.read().await.unwrap();
    let rows = notice::recent(&mut connection, 100).await.unwrap();
    let mails: Vec<_> = rows.iter().filter(|row| row.notice.to.channel() == "mail").collect();
    assert!(mails.iter().all(|row| row.state == NoticeState::Sent), "{mails:?}");
    let invitations = mails.iter().filter(|row| matches!(row.notice.what, What::Confirmed { .. }));
    assert_eq!(invitations.count(), 5);
    assert!(mails.len() >= count + 3);
}
