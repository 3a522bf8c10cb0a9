//! The rules of a mail, read back with a parser that is not ours. How it fares with real servers and checkers is in
//! `tests/peers`.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use domain::id::NoticeId;
use domain::notice::{Language, What};
use mail_parser::{MessageParser, MimeHeaders, PartType};

use super::*;
use crate::letter::tests::sample::{mail_of, visit};
use crate::store::notice::NoticeState;

fn row(notice: Notice) -> NoticeRow {
    NoticeRow {
        id: NoticeId::parse("n1").unwrap(),
        notice,
        state: NoticeState::Sending,
        attempts: 1,
        created_at: "2026-11-21T12:00:00Z".parse().unwrap(),
        sent_at: None,
        last_error: None,
    }
}

fn house() -> MailAddress {
    MailAddress::parse("no-reply@es.example.in").unwrap()
}

fn octets_of(notice: Notice) -> Vec<u8> {
    message(&row(notice), &house()).unwrap().formatted()
}

/// Type and subtype of every part, outermost first.
fn shape(mail: &mail_parser::Message<'_>) -> Vec<String> {
    let name = |part: &mail_parser::MessagePart<'_>| {
        let kind = part.content_type().unwrap();
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
    };
    mail.parts.iter().map(name).collect()
}

#[test]
fn an_invitation_is_shaped_as_calendars_expect_it() {
    let octets = octets_of(mail_of(What::Confirmed { visit: visit() }, Language::Hindi));
    let mail = MessageParser::default().parse(&octets).unwrap();
    assert_eq!(
        shape(&mail),
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics"
        ]
    );
    assert_eq!(mail.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(mail.message_id(), Some("n1@es.example.in"));
    assert_eq!(mail.subject(), Some("मुलाकात तय: सचिव, स्वास्थ्य विभाग, मंगलवार, 24 नवंबर, 11:15 बजे"));
}

#[test]
fn the_method_of_the_part_is_that_of_its_text() {
    for (what, method) in [
        (What::Confirmed { visit: visit() }, "REQUEST"),
        (What::Moved { visit: visit(), was: visit().start }, "REQUEST"),
        (What::Cancelled { visit: visit() }, "CANCEL"),
    ] {
        let octets = octets_of(mail_of(what, Language::English));
        let mail = MessageParser::default().parse(&octets).unwrap();
        let part = &mail.parts[4];
        assert_eq!(part.content_type().unwrap().attribute("method"), Some(method));
        assert_eq!(part.content_type().unwrap().attribute("charset"), Some("utf-8"));
        assert!(part.content_disposition().is_none());
        let text = part.text_contents().unwrap();
        assert!(text.contains(&format!("\r\nMETHOD:{method}\r\n")), "{text}");
        let PartType::Binary(file) = &mail.parts[5].body else { panic!("the file is a file") };
        assert_eq!(file.as_ref(), text.as_bytes());
    }
}

#[test]
fn from_is_the_organizer_and_never_the_citizen() {
    let octets = octets_of(mail_of(What::Confirmed { visit: visit() }, Language::Hindi));
    let mail = MessageParser::default().parse(&octets).unwrap();
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("post-hlt@es.example.in"));
    let calendar = mail.parts[4].text_contents().unwrap().replace("\r\n ", "");
    assert!(calendar.contains(":mailto:post-hlt@es.example.in\r\n"));
}

#[test]
fn a_code_comes_from_the_house_without_a_calendar() {
    let what = What::Code { code: "482913".into(), minutes: 10 };
    let octets = octets_of(mail_of(what, Language::Hindi));
    let mail = MessageParser::default().parse(&octets).unwrap();
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("no-reply@es.example.in"));
    assert_eq!(shape(&mail), ["multipart/alternative", "text/plain", "text/html"]);
}

#[test]
fn words_to_a_desk_do_not_come_from_the_desk_itself() {
    let mut notice = mail_of(What::DeskRequest { visit: visit() }, Language::Hindi);
    notice.to = Recipient::Mail { address: visit().organizer, name: "सचिव".into() };
    let octets = octets_of(notice);
    let mail = MessageParser::default().parse(&octets).unwrap();
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("no-reply@es.example.in"));
}

#[test]
fn no_name_and_no_subject_puts_a_header_into_the_mail() {
    let evil = "x\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>\u{85}\u{2028}\0\"<a@b.in>,";
    let mut visit = visit();
    visit.citizen_name = evil.into();
    visit.subject = evil.into();
    visit.post_title.hi = evil.into();
    let mut notice = mail_of(What::Confirmed { visit }, Language::Hindi);
    if let Recipient::Mail { name, .. } = &mut notice.to {
        *name = evil.into();
    }
    let octets = octets_of(notice);
    let mail = MessageParser::default().parse(&octets).unwrap();
    let names: Vec<&str> = mail.parts[0].headers.iter().map(|header| header.name()).collect();
    for name in &names {
        let known =
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
        assert!(known.contains(name), "{name}");
    }
    assert_eq!(names.len(), 8);
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("ramesh@example.com"));
    assert_eq!(mail.to().unwrap().iter().count(), 1);
    let html = mail.parts[3].text_contents().unwrap();
    assert!(!html.contains("<script>"), "{html}");
}

#[test]
fn a_text_message_is_no_mail() {
    let notice = crate::letter::tests::sample::sms_of(What::Confirmed { visit: visit() }, Language::Hindi);
    assert_eq!(message(&row(notice), &house()).unwrap_err(), MailFault::Unwritable);
}
