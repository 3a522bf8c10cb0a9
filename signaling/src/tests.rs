//! The rules of the protocol as tests: fixtures, the document, the page's types, the session machine.
//!
//! Nothing here opens a socket.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use crate::code::ErrorCode;
use crate::session::{Allowance, Pace, Session, State};
use crate::value::*;
use crate::{ClientMessage, ServerMessage, limits, read_client, read_server, write};
use serde_json::Value;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

const CLIENT: [&str; 41] = [
    "hello",
    "connect",
    "restart_ice",
    "admit",
    "deny",
    "call_back",
    "end_meeting",
    "write",
    "raise_hand",
    "lower_hand",
    "silence",
    "allow_screen",
    "share_screen",
    "lock_door",
    "seal_meeting",
    "seal",
    "leave",
    "set_tracks",
    "set_views",
    "quality",
    "record",
    "record_consent",
    "set_presence",
    "can_seal",
    "ring",
    "ring_sealed",
    "seal_call",
    "accept_ring",
    "frosted",
    "decline_ring",
    "cancel_ring",
    "come_back",
    "add_to_call",
    "hand_over",
    "resume_call",
    "take_call",
    "hang_up",
    "open_review",
    "join_review",
    "review_step",
    "ping",
];
const SERVER: [&str; 35] = [
    "welcome",
    "answer",
    "ice_restarted",
    "waiting",
    "lobby",
    "admitted",
    "denied",
    "participants",
    "slot",
    "layers",
    "loudest",
    "lines",
    "silenced",
    "conduct",
    "recording",
    "sealed",
    "seal",
    "faint",
    "called_back",
    "meeting_ended",
    "seats",
    "seat",
    "incoming",
    "call",
    "member",
    "call_waiting",
    "ring_back",
    "questions",
    "missed",
    "review",
    "review_line",
    "roll",
    "expected",
    "error",
    "pong",
];

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(side: &str, kind: &str) -> String {
    std::fs::read_to_string(here().join("fixtures").join(side).join(format!("{kind}.json"))).unwrap()
}

fn client(kind: &str) -> ClientMessage {
    read_client(&fixture("client", kind)).unwrap()
}

fn server(kind: &str) -> ServerMessage {
    read_server(&fixture("server", kind)).unwrap()
}

/// The `type`s of a union as ts-rs sees them, so that a forgotten fixture cannot hide.
fn kinds<T: TS + 'static>() -> Vec<String> {
    let inline = T::inline(&config());
    inline.split("\"type\": \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn config() -> Config {
    Config::new().with_large_int("number")
}

#[test]
fn every_message_has_exactly_one_fixture() {
    let files = |side: &str| -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(here().join("fixtures").join(side))
            .unwrap()
            .map(|f| f.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let sorted = |list: Vec<String>| {
        let mut list = list;
        list.sort();
        list
    };
    assert_eq!(files("client"), sorted(kinds::<ClientMessage>()));
    assert_eq!(files("server"), sorted(kinds::<ServerMessage>()));
    assert_eq!(files("client"), sorted(CLIENT.map(str::to_owned).to_vec()));
    assert_eq!(files("server"), sorted(SERVER.map(str::to_owned).to_vec()));
}

#[test]
fn every_fixture_round_trips_and_names_itself() {
    for kind in CLIENT {
        let text = fixture("client", kind);
        let message = read_client(&text).unwrap();
        assert_eq!(message.kind(), kind);
        assert_eq!(
            serde_json::from_str::<Value>(&write(&message)).unwrap(),
            serde_json::from_str::<Value>(&text).unwrap()
        );
    }
    for kind in SERVER {
        let text = fixture("server", kind);
        let message = read_server(&text).unwrap();
        assert_eq!(message.kind(), kind);
        assert_eq!(
            serde_json::from_str::<Value>(&write(&message)).unwrap(),
            serde_json::from_str::<Value>(&text).unwrap()
        );
    }
}

#[test]
fn the_document_names_every_message_and_every_code() {
    let document = std::fs::read_to_string(here().join("PROTOCOL.md")).unwrap();
    for kind in CLIENT.iter().chain(&SERVER) {
        assert!(document.contains(&format!("| `{kind}` |")), "PROTOCOL.md has no row for {kind}");
    }
    for code in ErrorCode::ALL {
        let row = document.lines().find(|l| l.starts_with(&format!("| `{}` |", code.as_str())));
        let row = row.unwrap_or_else(|| panic!("PROTOCOL.md has no row for {}", code.as_str()));
        match code.close() {
            Some(close) => assert!(row.contains(&format!("closes {close}")), "{row} should close {close}"),
            None => assert!(
                row.contains("stays") || row.contains("(`hello`)") || row.contains("a `hello`"),
                "{row}"
            ),
        }
    }
    assert_eq!(ErrorCode::inline(&config()).matches('|').count() + 1, ErrorCode::ALL.len());
}

#[test]
fn an_unknown_field_is_refused_in_every_message() {
    for (side, kinds) in [("client", &CLIENT[..]), ("server", &SERVER[..])] {
        for kind in kinds {
            let mut value: Value = serde_json::from_str(&fixture(side, kind)).unwrap();
            value["surprise"] = Value::Bool(true);
            let text = value.to_string();
            let refused = if side == "client" { read_client(&text).err() } else { read_server(&text).err() };
            assert_eq!(refused, Some(ErrorCode::Malformed), "{side} {kind}");
        }
    }
}

#[test]
fn a_truncated_message_is_malformed_wherever_it_is_cut() {
    for kind in CLIENT {
        let text = write(&client(kind));
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert_eq!(read_client(&text[..end]), Err(ErrorCode::Malformed), "{}", &text[..end]);
        }
    }
}

#[test]
fn hostile_values_are_malformed() {
    let long = "a".repeat(41);
    for post in ["", "A", "a b", "../x", "é", long.as_str()] {
        let text = format!(r#"{{"type":"ring","post":"{post}"}}"#);
        assert_eq!(read_client(&text), Err(ErrorCode::Malformed), "{post}");
    }
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let texts = [
        deep.as_str(),
        "null",
        "[]",
        "\"hello\"",
        r#"{"type":"ping","n":-1}"#,
        r#"{"type":"ping","n":1e99}"#,
        r#"{"type":"ping","n":1,"n":2}"#,
        r#"{"type":"fly"}"#,
        r#"{"type":"connect","sdp":""}"#,
        r#"{"type":"restart_ice","ufrag":"abc"}"#,
        r#"{"type":"restart_ice","ufrag":"a:bc"}"#,
        r#"{"type":"set_views","views":[{"mid":"","width":1,"height":1}]}"#,
        r#"{"type":"set_views","views":[{"mid":"3","width":1,"height":70000}]}"#,
        r#"{"type":"set_views","views":[{"mid":"3","width":1,"height":1},{"mid":"3","width":2,"height":2}]}"#,
        r#"{"type":"decline_ring","call":"c1","reason":"<svg>"}"#,
        r#"{"type":"record","on":true,"reason":" "}"#,
        r#"{"type":"record","on":true,"reason":"a\u202eb"}"#,
        r#"{"type":"record","on":true,"reason":"a\nb"}"#,
        r#"{"type":"ping","n":1}{"type":"ping","n":2}"#,
    ];
    for text in texts {
        assert_eq!(read_client(text), Err(ErrorCode::Malformed), "{}", &text[..text.len().min(60)]);
    }
    let huge = format!(r#"{{"type":"connect","sdp":"{}"}}"#, "a".repeat(limits::FRAME_BYTES_MAX));
    assert_eq!(read_client(&huge), Err(ErrorCode::TooLarge));
    let reason = "क".repeat(limits::RECORD_REASON_CHARS_MAX + 1);
    let text = format!(r#"{{"type":"record","on":true,"reason":"{reason}"}}"#);
    assert_eq!(read_client(&text), Err(ErrorCode::Malformed));
    let token = "a".repeat(limits::RESUME_BYTES_MAX + 1);
    for token in ["", "a b", "é", token.as_str()] {
        let text = format!(r#"{{"type":"hello","version":1,"page":{{"kind":"board"}},"resume":"{token}"}}"#);
        assert_eq!(read_client(&text), Err(ErrorCode::Malformed));
    }
    let large = format!(r#"{{"type":"connect","sdp":"{}"}}"#, "a".repeat(limits::SDP_BYTES_MAX + 1));
    assert_eq!(read_client(&large), Err(ErrorCode::Malformed));
    let many: Vec<String> = (0..=limits::RUNG_MAX).map(|n| format!("post-{n}")).collect();
    for posts in [&[][..], &["a".to_owned(), "a".to_owned()], &many] {
        let text = serde_json::json!({ "type": "ring", "posts": posts }).to_string();
        assert_eq!(read_client(&text), Err(ErrorCode::Malformed));
    }
    let text = serde_json::json!({ "type": "ring", "posts": many[1..] }).to_string();
    assert!(read_client(&text).is_ok());
}

#[test]
fn addresses_and_passwords_are_not_shown_in_logs() {
    assert!(!format!("{:?}", client("connect")).contains("127.0.0.1"));
    assert!(!format!("{:?}", server("ice_restarted")).contains("c2VjcmV0"));
    assert!(!format!("{:?}", server("welcome")).contains("c2VhbGVk"));
    assert!(!format!("{:?}", client("hello")).contains("c2VhbGVk"));
}

#[test]
fn the_types_of_the_page_are_those_of_the_code() {
    let file: PathBuf = here().join("../web/static/js/protocol.d.ts");
    let wanted = declarations();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "web/static/js/protocol.d.ts is stale: UPDATE=1 cargo test -p sachivalaya-signaling"
    );
}

fn declarations() -> String {
    let mut text = String::from(
        "// The messages of /signal. Generated from the crate `signaling`, never edited:\n\
         // UPDATE=1 cargo test -p sachivalaya-signaling\n\n",
    );
    macro_rules! declare { ($($name:ty),+ $(,)?) => { $(
        text.push_str(&format!("export {}\n\n", <$name as TS>::decl(&config())));
    )+ } }
    declare![
        Id,
        Sdp,
        Ufrag,
        IcePassword,
        ResumeToken,
        Title,
        Page,
        Role,
        MeetingInfo,
        Limits,
        MediaKind,
        SlotInfo,
        Mid,
        View,
        Views,
        Limitation,
        PageQuality,
        Waiting,
        Minutes,
        OfficerState,
        Way,
        First,
        FaintLine,
        Participant,
        LineKind,
        Written,
        Line,
        OwnPresence,
        Presence,
        SeatGroup,
        Posts,
        MemberState,
        Member,
        Seat,
        Peer,
        DeclineReason,
        CallReason,
        CallState,
        RecordReason,
        RecordAnswer,
        RecordEnd,
        Recording,
        SealNote,
        ReviewStep,
        Draft,
        Speaker,
        Spoken,
        AgendaItem,
        GivenDirection,
        AsideState,
        RollLine,
        Review,
        ErrorCode,
        ClientMessage,
        ServerMessage,
    ];
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn welcome(role: Role) -> ServerMessage {
    let mut welcome = server("welcome");
    let ServerMessage::Welcome { role: told, .. } = &mut welcome else { panic!("the fixture is a welcome") };
    *told = role;
    welcome
}

fn greeted(page: Page) -> Session {
    let mut session = Session::default();
    session.client_says(&ClientMessage::Hello { version: 1, page, resume: None }).unwrap();
    session
}

fn meeting_page() -> Page {
    Page::Meeting { meeting: Id::parse("m1").unwrap() }
}

#[test]
fn hello_comes_first_once_and_in_our_version() {
    for kind in CLIENT.iter().filter(|k| **k != "hello") {
        assert_eq!(Session::default().client_says(&client(kind)), Err(ErrorCode::HelloExpected), "{kind}");
    }
    let other = ClientMessage::Hello { version: 2, page: Page::Board {}, resume: None };
    assert_eq!(Session::default().client_says(&other), Err(ErrorCode::VersionUnsupported));
    let mut session = greeted(Page::Board {});
    assert_eq!(session.client_says(&client("hello")), Err(ErrorCode::OutOfTurn));
}

/// Which messages have a place in which state: the table of `PROTOCOL.md`, written out once more by hand.
/// What is said of the own media.
const MEDIA: &[&str] = &["connect", "restart_ice", "set_tracks", "set_views", "quality", "ping"];
/// What is said in a talk.
const PART: &[&str] =
    &["write", "raise_hand", "share_screen", "record_consent", "seal", "come_back", "leave"];
/// What is said at the door.
const DOOR: &[&str] = &["admit", "deny", "lower_hand", "silence", "allow_screen", "lock_door"];
/// What is said of rings and calls.
const CALLS: &[&str] = &[
    "set_presence",
    "can_seal",
    "ring",
    "ring_sealed",
    "seal_call",
    "accept_ring",
    "frosted",
    "decline_ring",
    "cancel_ring",
    "add_to_call",
    "hand_over",
    "resume_call",
    "take_call",
    "hang_up",
    "open_review",
    "join_review",
    "review_step",
];

#[test]
fn each_state_has_its_own_list_of_what_may_be_said() {
    let states: [(&str, Session, &[&[&str]]); 6] = [
        ("lobby", seated_as(meeting_page(), Role::Citizen), &[MEDIA, &["leave"]]),
        ("inside", admitted(), &[MEDIA, PART]),
        (
            "officer",
            seated_as(meeting_page(), Role::Officer),
            &[MEDIA, PART, DOOR, &["call_back", "end_meeting", "record", "seal_meeting"]],
        ),
        ("desk", seated_as(meeting_page(), Role::Desk), &[DOOR, &["write", "leave", "ping"]]),
        ("seat", seated_as(Page::Chamber {}, Role::Seat), &[MEDIA, CALLS, &["seal"]]),
        ("greeted", greeted(meeting_page()), &[MEDIA]),
    ];
    for (name, session, allowed) in states {
        for kind in CLIENT {
            let said = session.clone().client_says(&client(kind));
            assert_eq!(said.is_ok(), allowed.concat().contains(&kind), "{kind} in {name}");
        }
    }
}

fn seated_as(page: Page, role: Role) -> Session {
    let mut session = greeted(page);
    session.server_says(&welcome(role)).unwrap();
    session
}

fn admitted() -> Session {
    let mut session = seated_as(meeting_page(), Role::Citizen);
    session.server_says(&server("admitted")).unwrap();
    session
}

#[test]
fn a_citizen_in_the_lobby_is_told_nothing_of_the_inside() {
    let lobby = seated_as(meeting_page(), Role::Citizen);
    for kind in [
        "lobby",
        "participants",
        "lines",
        "faint",
        "silenced",
        "conduct",
        "seats",
        "seat",
        "incoming",
        "call",
        "welcome",
    ] {
        assert!(lobby.clone().server_says(&server(kind)).is_err(), "{kind}");
    }
}

#[test]
fn what_is_not_known_of_the_turn_is_not_said() {
    let ServerMessage::Waiting { position, number, .. } = server("waiting") else {
        panic!("it is of waiting")
    };
    assert_eq!((position, number), (2, Some(17)));
    let bare = r#"{"type":"waiting","position":1}"#;
    assert_eq!(write(&read_server(bare).unwrap()), bare);
    let refused = r#"{"type":"waiting","position":1,"minutes":{"from":3}}"#;
    assert_eq!(read_server(refused), Err(ErrorCode::Malformed), "half a range is none");
    let bare = r#"{"type":"lobby","waiting":[]}"#;
    assert_eq!(write(&read_server(bare).unwrap()), bare);
}

#[test]
fn after_the_end_nothing_is_said() {
    for kind in ["denied", "meeting_ended"] {
        let mut session = admitted();
        session.server_says(&server(kind)).unwrap();
        assert_eq!(session.state(), State::Over);
        for kind in CLIENT {
            assert_eq!(session.client_says(&client(kind)), Err(ErrorCode::OutOfTurn), "{kind}");
        }
    }
}

#[test]
fn a_burst_is_allowed_and_a_flood_is_not() {
    let mut allowance = Allowance::full(0);
    assert!((0..limits::MESSAGE_BURST).all(|_| allowance.take(0) == Pace::Fine));
    assert_eq!(allowance.take(0), Pace::TooFast);
    assert_eq!(allowance.take(200), Pace::Fine, "one message comes back every 200 ms");
    assert_eq!(allowance.take(200), Pace::TooFast);
    let last = (0..=limits::TOO_FAST_MAX).map(|_| allowance.take(200)).last();
    assert_eq!(last, Some(Pace::Hopeless));
}

#[test]
fn a_clock_that_steps_back_gives_nothing_away() {
    let mut allowance = Allowance::full(1_000);
    for _ in 0..limits::MESSAGE_BURST {
        allowance.take(1_000);
    }
    assert_eq!(allowance.take(0), Pace::TooFast);
    assert_eq!(allowance.take(1_000), Pace::TooFast);
}
