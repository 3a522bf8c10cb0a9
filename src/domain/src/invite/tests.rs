//! The rules of calendar text, read back with a parser that is not ours. Never compares with a text that we wrote ourselves
//! except for one whole invitation, which a person can read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")] // a test that cannot build its input has failed

use super::*;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};
use calcard::{Entry, Parser};
use proptest::prelude::*;

fn invitation() -> Invitation {
    Invitation {
        uid: "k7qm2xwp4hrd9tab@es.example.in".into(),
        sequence: 0,
        stamp: "2026-11-21T12:00:00Z".parse().unwrap(),
        start: "2026-11-24T05:45:00Z".parse().unwrap(),
        end: "2026-11-24T06:00:00Z".parse().unwrap(),
        organizer: Party {
            name: "सचिव, स्वास्थ्य विभाग".into(),
            address: MailAddress::parse("post-hlt@es.example.in").unwrap(),
        },
        summary: "मुलाकात: सचिव, स्वास्थ्य विभाग".into(),
        description: "संख्या ES26-004217\nबदलें: https://es.example.in/s/K7QM2XWP4HRD9TAB".into(),
        location: Some("विकास भवन, पटना".into()),
        conference: Some(Conference {
            url: "https://es.example.in/j/K7QM2XWP4HRD9TAB".into(),
            label: "वीडियो से जुड़ें".into(),
        }),
        reminder: Some(Reminder {
            minutes: 60, text: "एक घंटे में मुलाकात".into()
        }),
        language: Language::Hindi,
    }
}

fn citizen() -> Party {
    Party {
        name: "रमेश कुमार".into(), address: MailAddress::parse("ramesh@example.com").unwrap()
    }
}

fn parsed(text: &str) -> ICalendar {
    let mut parser = Parser::new(text);
    let Entry::ICalendar(calendar) = parser.entry() else { panic!("not a calendar:\n{text}") };
    assert!(matches!(parser.entry(), Entry::Eof), "something follows the calendar:\n{text}");
    calendar
}

/// The only event; fails if there are more.
fn event_of(calendar: &ICalendar) -> &ICalendarComponent {
    let mut events =
        calendar.components.iter().filter(|c| c.component_type == ICalendarComponentType::VEvent);
    let event = events.next().expect("an event");
    assert!(events.next().is_none(), "one event only");
    event
}

/// The text of a property that stands exactly once.
fn text_of(event: &ICalendarComponent, name: &ICalendarProperty) -> String {
    let mut entries = event.entries.iter().filter(|entry| entry.name == *name);
    let entry = entries.next().unwrap_or_else(|| panic!("no {name:?}"));
    assert!(entries.next().is_none(), "{name:?} stands twice");
    let texts: Vec<String> = entry
        .values
        .iter()
        .map(|value| match value {
            ICalendarValue::Text(text) => text.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    texts.join("")
}

/// Names of the lines of the whole text, in order, as a naive reader sees them.
fn line_names(text: &str) -> Vec<String> {
    let unfolded = text.replace("\r\n ", "");
    unfolded.split_terminator("\r\n").map(|line| line.split([':', ';']).next().unwrap().to_owned()).collect()
}

#[test]
fn an_invitation_reads_so() {
    let text = write(&invitation(), &Method::Request { to: citizen() });
    let unfolded = text.as_str().replace("\r\n ", "").replace("\r\n", "\n");
    assert_eq!(
        unfolded,
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//sachivalaya//appointments//EN\nCALSCALE:GREGORIAN\nMETHOD:REQUEST\n\
         BEGIN:VTIMEZONE\nTZID:Asia/Kolkata\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\n\
         TZOFFSETTO:+0530\nTZNAME:IST\nEND:STANDARD\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:k7qm2xwp4hrd9tab@es.example.in\nSEQUENCE:0\nDTSTAMP:20261121T120000Z\n\
         DTSTART;TZID=Asia/Kolkata:20261124T111500\nDTEND;TZID=Asia/Kolkata:20261124T113000\n\
         ORGANIZER;CN=\"सचिव, स्वास्थ्य विभाग\":mailto:post-hlt@es.example.in\n\
         ATTENDEE;CN=\"रमेश कुमार\";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:ramesh@example.com\n\
         SUMMARY;LANGUAGE=hi:मुलाकात: सचिव\\, स्वास्थ्य विभाग\n\
         DESCRIPTION;LANGUAGE=hi:संख्या ES26-004217\\nबदलें: https://es.example.in/s/K7QM2XWP4HRD9TAB\n\
         LOCATION;LANGUAGE=hi:विकास भवन\\, पटना\nSTATUS:CONFIRMED\nTRANSP:OPAQUE\n\
         CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL=\"वीडियो से जुड़ें\";VALUE=URI:https://es.example.in/j/K7QM2XWP4HRD9TAB\n\
         BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT60M\nDESCRIPTION:एक घंटे में मुलाकात\nEND:VALARM\n\
         END:VEVENT\nEND:VCALENDAR\n"
    );
}

#[test]
fn the_media_type_says_the_method_of_the_text() {
    for method in [Method::Request { to: citizen() }, Method::Cancel { to: citizen() }, Method::Publish] {
        let text = write(&invitation(), &method);
        assert!(text.media_type().ends_with(&format!("method={}", method.code())));
        assert!(text.as_str().contains(&format!("\r\nMETHOD:{}\r\n", method.code())));
    }
}

#[test]
fn a_cancellation_keeps_the_uid_carries_its_sequence_and_says_cancelled() {
    let cancelled = Invitation { sequence: 2, ..invitation() };
    let text = write(&cancelled, &Method::Cancel { to: citizen() });
    let names = line_names(text.as_str());
    for once in ["SEQUENCE", "STATUS", "UID", "ORGANIZER", "ATTENDEE", "DTSTAMP", "METHOD"] {
        assert_eq!(names.iter().filter(|name| *name == once).count(), 1, "{once}");
    }
    assert!(text.as_str().contains("\r\nSEQUENCE:2\r\n"));
    assert!(text.as_str().contains("\r\nSTATUS:CANCELLED\r\n"));
    assert!(text.as_str().contains("\r\nUID:k7qm2xwp4hrd9tab@es.example.in\r\n"));
    assert!(!names.contains(&"VALARM".to_owned()) && !names.contains(&"CONFERENCE".to_owned()));
}

#[test]
fn a_moved_visit_keeps_its_uid_and_is_still_a_request() {
    let moved = Invitation {
        sequence: 1,
        start: "2026-11-25T05:00:00Z".parse().unwrap(),
        end: "2026-11-25T05:15:00Z".parse().unwrap(),
        ..invitation()
    };
    let (first, second) = (
        write(&invitation(), &Method::Request { to: citizen() }),
        write(&moved, &Method::Request { to: citizen() }),
    );
    let uid = |text: &CalendarText| text_of(event_of(&parsed(text.as_str())), &ICalendarProperty::Uid);
    assert_eq!(uid(&first), uid(&second));
    assert!(second.as_str().contains("\r\nSEQUENCE:1\r\n") && second.as_str().contains("20261125T103000"));
}

#[test]
fn the_published_copy_invites_nobody() {
    let text = write(&invitation(), &Method::Publish);
    let names = line_names(text.as_str());
    assert!(!names.contains(&"ATTENDEE".to_owned()));
    assert!(names.contains(&"ORGANIZER".to_owned()));
}

#[test]
fn the_published_copy_of_a_cancelled_visit_says_so() {
    let text = write(&Invitation { sequence: 1, ..invitation() }, &Method::Withdraw);
    assert!(text.as_str().contains("\r\nMETHOD:PUBLISH\r\n"));
    assert!(text.as_str().contains("\r\nSTATUS:CANCELLED\r\n"));
    assert!(!line_names(text.as_str()).contains(&"ATTENDEE".to_owned()));
}

#[test]
fn the_organizer_is_the_post_and_never_the_citizen() {
    let text = write(&invitation(), &Method::Request { to: citizen() });
    let unfolded = text.as_str().replace("\r\n ", "");
    let organizer = unfolded.lines().find(|line| line.starts_with("ORGANIZER")).unwrap();
    assert!(organizer.ends_with("mailto:post-hlt@es.example.in"));
}

/// What people and attackers put into a text field.
fn anything() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("\r\nATTENDEE:mailto:evil@example.com\r\n".to_owned()),
        Just("\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n".to_owned()),
        Just("\";X-EVIL=1:mailto:".to_owned()),
        Just("^n^'^^ \\n \\, ;:,\"".to_owned()),
        Just("\u{0}\u{7}\u{8}\u{b}\u{c}\u{1b}\u{7f}\u{85}\u{9f}\u{2028}\u{2029}".to_owned()),
        Just("\n \n\t folded?".to_owned()),
        Just("स्वास्थ्य एवं परिवार कल्याण ".repeat(20)),
        Just("👩🏽‍⚕️🇮🇳".repeat(30)),
        Just("क".repeat(3_400)),
        any::<String>(),
        "[ -~]{0,90}",
        "[\u{900}-\u{97F} ,;\\\\\"]{0,60}",
    ];
    proptest::collection::vec(nasty, 0..4).prop_map(|parts| parts.concat())
}

prop_compose! {
    fn any_invitation()(
        texts in proptest::collection::vec(anything(), 8),
        sequence in any::<u32>().prop_map(|n| n >> 1),
        minutes in 0..10_000_u32,
        has in any::<[bool; 3]>(),
    ) -> Invitation {
        let text = |at: usize| texts[at].clone();
        Invitation {
            uid: format!("u{}", text(0)),
            sequence,
            organizer: Party { name: text(1), ..invitation().organizer },
            summary: text(2),
            description: text(3),
            location: has[0].then(|| text(4)),
            conference: has[1].then(|| Conference { url: format!("https://{}", text(5)), label: text(6) }),
            reminder: has[2].then(|| Reminder { minutes, text: text(7) }),
            ..invitation()
        }
    }
}

fn any_method() -> impl Strategy<Value = Method> {
    let party = || anything().prop_map(|name| Party { name, ..citizen() });
    prop_oneof![
        party().prop_map(|to| Method::Request { to }),
        party().prop_map(|to| Method::Cancel { to }),
        Just(Method::Publish),
        Just(Method::Withdraw),
    ]
}

/// RFC 6868 and quotes undone, as a reader does.
fn parameter_of(unfolded: &str, line: &str, key: &str) -> String {
    let line = unfolded.split("\r\n").find(|l| l.starts_with(line)).unwrap();
    let from = line.find(&format!(";{key}=")).unwrap() + key.len() + 2;
    let value = match line[from..].strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap(),
        None => line[from..].split([';', ':']).next().unwrap(),
    };
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '^' => out.push(match chars.next() {
                Some('n') => '\n',
                Some('\'') => '"',
                Some('^') => '^',
                other => panic!("^{other:?}"),
            }),
            _ => out.push(c),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_line_is_longer_than_75_octets_and_none_cuts_a_character(invitation in any_invitation(), method in any_method()) {
        let text = write(&invitation, &method);
        prop_assert!(text.as_str().ends_with("\r\n"));
        for line in text.as_str().as_bytes().split(|b| *b == b'\n') {
            if line.is_empty() { continue }
            let line = line.strip_suffix(b"\r").expect("each line ends in CR LF");
            prop_assert!(line.len() <= 75, "{} octets", line.len());
            let line = std::str::from_utf8(line).expect("each line is UTF-8 for itself");
            prop_assert!(!line.chars().any(char::is_control));
        }
    }

    #[test]
    fn no_text_puts_a_line_into_the_calendar(given in any_invitation(), method in any_method()) {
        let plain_one = Invitation {
            location: given.location.as_ref().map(|_| "x".into()),
            conference: given.conference.as_ref().map(|_| Conference { url: "https://x".into(), label: "x".into() }),
            reminder: given.reminder.as_ref().map(|_| Reminder { minutes: 1, text: "x".into() }),
            ..invitation()
        };
        let names = line_names(write(&given, &method).as_str());
        prop_assert_eq!(names, line_names(write(&plain_one, &method).as_str()));
    }

    #[test]
    fn what_is_written_is_read_back(given in any_invitation(), method in any_method()) {
        let text = write(&given, &method);
        let calendar = parsed(text.as_str());
        let event = event_of(&calendar);
        prop_assert_eq!(text_of(event, &ICalendarProperty::Uid), line::plain(&given.uid));
        prop_assert_eq!(text_of(event, &ICalendarProperty::Summary), line::plain(&given.summary));
        prop_assert_eq!(text_of(event, &ICalendarProperty::Description), line::plain(&given.description));
        if let Some(location) = &given.location {
            prop_assert_eq!(text_of(event, &ICalendarProperty::Location), line::plain(location));
        }
        let unfolded = text.as_str().replace("\r\n ", "");
        prop_assert_eq!(parameter_of(&unfolded, "ORGANIZER", "CN"), line::plain(&given.organizer.name));
        if let Method::Request { to } | Method::Cancel { to } = &method {
            prop_assert_eq!(parameter_of(&unfolded, "ATTENDEE", "CN"), line::plain(&to.name));
        }
    }
}
