//! A visit and notices of every kind, for tests. Nothing of it is in the server.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use domain::notice::{Decision, Language, Notice, Recipient, Visit, What};
use domain::text::{Bilingual, MailAddress, Mobile};
use jiff::Timestamp;
use jiff::civil::date;

pub(crate) fn visit() -> Visit {
    Visit {
        reference: "ES26-004217".into(),
        uid: "k7qm2xwp4hrd9tab@es.example.in".into(),
        sequence: 0,
        post_title: Bilingual::new("सचिव", "Secretary"),
        body: Bilingual::new("स्वास्थ्य विभाग", "Health Department"),
        organizer: MailAddress::parse("post-hlt@es.example.in").unwrap(),
        start: "2026-11-24T11:15:00+05:30".parse().unwrap(),
        end: "2026-11-24T11:30:00+05:30".parse().unwrap(),
        channel: "video".into(),
        citizen_name: "रमेश कुमार".into(),
        citizen_mail: Some(MailAddress::parse("ramesh@example.com").unwrap()),
        subject: "अस्पताल में दवा".into(),
        slip_url: "https://es.example.in/s/K7QM2XWP4HRD9TAB".into(),
        join_url: Some("https://es.example.in/j/B9TAK7QM2XWP4HRD".into()),
    }
}

pub(crate) fn each_kind() -> Vec<What> {
    let at = "2026-11-25T10:30:00+05:30".parse().unwrap();
    let desk = Bilingual::new("निदेशक, पंचायती राज", "Director, Panchayati Raj");
    let mut all = vec![
        What::Code { code: "482913".into(), minutes: 10 },
        What::Requested { visit: visit() },
        What::Confirmed { visit: visit() },
        What::Moved { visit: moved_to(at), was: visit().start },
        What::Cancelled { visit: Visit { sequence: 1, ..visit() } },
        What::Declined { visit: visit(), reason: "other_office".into(), alternative: Some(desk) },
        What::Proposed { visit: visit(), proposed: at, others: Vec::new() },
        What::DeskRequest { visit: visit() },
        What::Displaced {
            visit: moved_to(at),
            was: visit().start,
            reason: "assembly".into(),
            is_fixed: true,
        },
        What::Waiting { visit: Visit { sequence: 1, ..visit() }, reason: "calamity".into(), is_fixed: true },
        What::Switched { visit: Visit { sequence: 1, ..visit() }, is_fixed: true },
        What::Switched {
            visit: Visit { sequence: 1, channel: "telephone".into(), join_url: None, ..visit() },
            is_fixed: true,
        },
        What::Redirected {
            visit: moved_to(at),
            from: Bilingual::new("निदेशक, पंचायती राज", "Director, Panchayati Raj"),
            reason: "other_office".into(),
            is_fixed: true,
        },
        What::Question {
            visit: visit(), question: "राशन कार्ड किस प्रखंड का है?".into()
        },
        What::DeskAnswer { visit: visit() },
        What::DeskLate { visit: visit() },
        What::Offered { visit: moved_to(at), offered: visit().start, until: visit().start },
        What::Delayed { visit: visit(), about: "2026-11-24T11:40:00+05:30".parse().unwrap() },
    ];
    all.extend(after_the_meeting());
    all
}

fn after_the_meeting() -> Vec<What> {
    let (text, due) = ("दवा की खरीद एक सप्ताह में कराएँ".to_owned(), date(2026, 12, 1));
    let post = Some(Bilingual::new("निदेशक, पंचायती राज", "Director, Panchayati Raj"));
    let outcome = |code: &str, reason: Option<&str>| What::Outcome {
        visit: visit(),
        outcome: code.to_owned(),
        text: (code == "direction").then(|| text.clone()),
        post: post.clone().filter(|_| reason.is_none()),
        due: (code == "direction").then_some(due),
        reason: reason.map(str::to_owned),
    };
    let to_owner = |is_reopened| What::DeskDirection { visit: visit(), text: text.clone(), due, is_reopened };
    vec![
        outcome("direction", None),
        outcome("forward", None),
        outcome("not_possible", Some("court")),
        What::OutcomeAsk { visit: visit(), text: text.clone(), due },
        to_owner(false),
        to_owner(true),
        What::DeskHearing { visit: visit(), case_number: "504110126112400017".into(), url: notice_url() },
        What::DeskHearingOff { visit: visit(), case_number: "504110126112400017".into() },
        What::Heard { visit: visit(), heard: heard() },
        What::DeskHeard { visit: visit(), heard: heard(), url: notice_url() },
    ]
}

fn notice_url() -> String {
    "https://es.example.in/hearing/01kb3x9v8r4t6y2w5z7q0n1m2p/notice".into()
}

fn heard() -> Decision {
    Decision {
        case_number: "504110126112400017".into(),
        disposal: "interim".into(),
        order: "अंचल अधिकारी एक सप्ताह में मापी कराएँ।".into(),
        next: Some("2026-12-08T11:15:00+05:30".parse().unwrap()),
    }
}

fn moved_to(start: Timestamp) -> Visit {
    let length = visit().end.duration_since(visit().start);
    Visit { sequence: 1, start, end: start + length, ..visit() }
}

pub(crate) fn mail_of(what: What, language: Language) -> Notice {
    let address = MailAddress::parse("ramesh@example.com").unwrap();
    Notice { to: Recipient::Mail { address, name: "रमेश कुमार".into() }, language, what }
}

pub(crate) fn sms_of(what: What, language: Language) -> Notice {
    Notice { to: Recipient::Sms { mobile: Mobile::parse("0000012345").unwrap() }, language, what }
}
