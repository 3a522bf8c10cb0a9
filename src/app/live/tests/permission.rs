//! Each message against each kind of actor: what is not written here as allowed is refused.
//!
//! The actor sits where its own hello led; foreign places are refused at the hello (`enter.rs`, `tests/it`).

use super::*;
use signaling::value::{
    DeclineReason, Limitation, LineKind, OwnPresence, PageQuality, ReviewStep, Ufrag, Views, Written,
};

/// One of each message that can follow a hello.
fn messages() -> Vec<ClientMessage> {
    let name = |text: &str| Id::parse(text).unwrap();
    vec![
        ClientMessage::Connect { sdp: offer() },
        ClientMessage::RestartIce { ufrag: Ufrag::try_from("theirs".to_owned()).unwrap() },
        ClientMessage::Admit { participant: name("p1") },
        ClientMessage::Deny { participant: name("p1") },
        ClientMessage::CallBack { participant: name("p1") },
        ClientMessage::EndMeeting {},
        ClientMessage::Write { kind: LineKind::Chat, text: Written::try_from("x".to_owned()).unwrap() },
        ClientMessage::RaiseHand { up: true },
        ClientMessage::LowerHand { participant: name("p1") },
        ClientMessage::Silence { participant: name("p1") },
        ClientMessage::AllowScreen { participant: name("p1"), allowed: true },
        ClientMessage::ShareScreen { on: true },
        ClientMessage::LockDoor { locked: true },
        ClientMessage::Record { on: true, reason: Some("x".to_owned().try_into().unwrap()) },
        ClientMessage::RecordConsent { agrees: true },
        ClientMessage::SealMeeting {},
        ClientMessage::Seal { participant: name("p1"), note: "x".to_owned().try_into().unwrap() },
        ClientMessage::Leave {},
        ClientMessage::SetTracks { microphone: true, camera: true },
        ClientMessage::SetViews { views: Views::try_from(Vec::new()).unwrap() },
        ClientMessage::Quality(seen()),
        ClientMessage::SetPresence { presence: OwnPresence::Away },
        ClientMessage::Ring { posts: name(HOME).into() },
        ClientMessage::CanSeal {},
        ClientMessage::RingSealed { post: name(HOME) },
        ClientMessage::SealCall { call: name("c1") },
        ClientMessage::AddToCall { call: name("c1"), posts: name(HOME).into() },
        ClientMessage::HandOver { call: name("c1"), post: name(HOME) },
        ClientMessage::ComeBack {},
        ClientMessage::ResumeCall { call: name("c1") },
        ClientMessage::TakeCall { call: name("c1") },
        ClientMessage::AcceptRing { call: name("c1") },
        ClientMessage::Frosted { call: name("c1") },
        ClientMessage::DeclineRing { call: name("c1"), reason: DeclineReason::Busy },
        ClientMessage::CancelRing { call: name("c1"), post: name(HOME) },
        ClientMessage::HangUp { call: name("c1") },
        ClientMessage::OpenReview { posts: name(HOME).into() },
        ClientMessage::JoinReview { call: name("c1") },
        ClientMessage::ReviewStep { call: name("c1"), step: ReviewStep::EndAside {} },
        ClientMessage::Ping { n: 1 },
    ]
}

fn seen() -> PageQuality {
    PageQuality {
        pictures: 1,
        frames_per_second: 30,
        lines: 360,
        freezes: 0,
        frozen_ms: 0,
        sound_delay_ms: 40,
        sound_missing_permille: 0,
        sent_frames_per_second: 30,
        limitation: Limitation::None,
    }
}

#[test]
fn the_list_misses_no_message() {
    let mut kinds: Vec<&str> = messages().iter().map(ClientMessage::kind).collect();
    kinds.push("hello");
    kinds.sort_unstable();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signaling/fixtures/client");
    let mut fixtures: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    fixtures.sort();
    assert_eq!(kinds, fixtures);
}

/// What is said of rings and calls.
const CALLS: [&str; 15] = [
    "open_review",
    "join_review",
    "review_step",
    "ring",
    "ring_sealed",
    "seal_call",
    "add_to_call",
    "hand_over",
    "accept_ring",
    "frosted",
    "decline_ring",
    "cancel_ring",
    "hang_up",
    "resume_call",
    "take_call",
];

/// A citizen waits in the lobby as `p1`; then the actor under test takes its place.
fn scene(kind: &str) -> (World, SocketId) {
    let mut world = World::new();
    world.citizen_comes("a1");
    let ended = |actor: Actor| match actor {
        Actor::Staff(mut staff) => {
            staff.is_holder = false;
            Actor::Staff(staff)
        }
        other => other,
    };
    let socket = match kind {
        "citizen" => world.citizen_comes("a1"),
        "officer" => world.officer_comes(),
        "desk" => world.desk_comes(),
        "head" => world.sits(HEALTH),
        "chief" => world.sits(CS),
        "former officer" => {
            world.enter(in_meeting(ended(head(HEALTH)), Guest::Officer(id(HEALTH)), "former"))
        }
        "former head" => world.enter(Entry {
            actor: ended(head(HEALTH)),
            place: EntryPlace::Seat(id(HEALTH), Device::Chamber),
        }),
        "nobody" => world.enter(in_meeting(Actor::Anyone, Guest::Citizen(id("a9")), "nobody")),
        other => panic!("no scene for {other}"),
    };
    (world, socket)
}

#[test]
fn each_message_is_allowed_to_those_whom_the_table_names_and_to_nobody_else() {
    let own =
        ["leave", "set_tracks", "set_views", "quality", "record_consent", "set_presence", "can_seal", "ping"];
    let calls = CALLS;
    let part = ["write", "raise_hand", "share_screen", "seal", "come_back"];
    let conduct = ["lower_hand", "silence", "allow_screen", "lock_door"];
    let seat: Vec<&str> =
        ["connect", "restart_ice", "admit", "deny", "call_back", "end_meeting", "record", "seal_meeting"]
            .iter()
            .chain(&own)
            .chain(&calls)
            .chain(&part)
            .chain(&conduct)
            .copied()
            .collect();
    // A head's session may use its rights from any of its pages; the place then says `out_of_turn`.
    let table: [(&str, Vec<&str>); 8] = [
        // In the lobby nobody takes part yet, and the desk never has a hand or a screen.
        ("citizen", ["connect", "restart_ice"].iter().chain(&own).copied().collect()),
        ("officer", seat.clone()),
        (
            "desk",
            ["admit", "deny", "call_back", "write"].iter().chain(&own).chain(&conduct).copied().collect(),
        ),
        ("head", seat.clone()),
        ("chief", seat.clone()),
        ("former officer", own.to_vec()),
        ("former head", own.to_vec()),
        ("nobody", vec![]),
    ];
    for (kind, allowed) in table {
        for message in messages() {
            let (mut world, socket) = scene(kind);
            let before = world.told(socket).len();
            world.says(socket, message.clone());
            let refused = world.told(socket)[before..].iter().any(|m| {
                matches!(m, ServerMessage::Error { code: ErrorCode::NotAllowed, about: Some(about) } if about == message.kind())
            });
            assert_eq!(!refused, allowed.contains(&message.kind()), "{} by {kind}", message.kind());
        }
    }
}

/// What the policy lets pass still needs its place: nothing of the meeting is done from a seat, nor the reverse.
#[test]
fn a_right_is_used_only_in_its_place() {
    let meeting = [
        "admit",
        "deny",
        "end_meeting",
        "record",
        "record_consent",
        "leave",
        "write",
        "raise_hand",
        "silence",
        "share_screen",
    ];
    let hotline: Vec<&str> = CALLS.into_iter().chain(["set_presence", "can_seal"]).collect();
    for (kind, foreign) in [("head", &meeting[..]), ("chief", &meeting[..]), ("officer", &hotline[..])] {
        for message in messages().into_iter().filter(|m| foreign.contains(&m.kind())) {
            let (mut world, socket) = scene(kind);
            let acts = world.acts.len();
            world.says(socket, message.clone());
            assert_eq!(world.last_error(socket), Some(ErrorCode::OutOfTurn), "{} by {kind}", message.kind());
            assert_eq!(world.acts.len(), acts);
        }
    }
}

#[test]
fn a_refused_message_changes_nothing() {
    for kind in ["former officer", "former head", "nobody"] {
        // To leave is everybody's to do, and is written down.
        for message in messages().into_iter().filter(|m| m.kind() != "leave") {
            let (mut world, socket) = scene(kind);
            let acts = world.acts.len();
            world.says(socket, message);
            assert!(world.open.is_empty());
            let refusal = |act: &super::Act| matches!(act, super::Act::CallRefused { .. });
            assert!(world.acts[acts..].iter().all(refusal), "nothing is written but that it was refused");
        }
    }
}

#[test]
fn a_socket_that_never_said_hello_is_not_heard() {
    let (mut world, _) = scene("officer");
    for message in messages() {
        assert_eq!(world.says(SocketId(999), message), []);
    }
}
