//! Scenes of reviews: who may be heard, who comes in, what a word aside parts, and what is refused.

use super::*;
use signaling::value::{Posts, ReviewStep, Written};

fn names(posts: &[&str]) -> Posts {
    Posts::try_from(posts.iter().map(|post| Id::parse(post).unwrap()).collect::<Vec<_>>()).unwrap()
}

fn named(post: &str) -> Id {
    Id::parse(post).unwrap()
}

fn step(call: &Id, step: ReviewStep) -> ClientMessage {
    ClientMessage::ReviewStep { call: call.clone(), step }
}

fn floor_to(call: &Id, post: &str) -> ClientMessage {
    step(call, ReviewStep::GiveFloor { post: named(post), minutes: 5 })
}

/// A seat's page and its transport.
type Warm = (SocketId, PeerId);

/// The Chief Secretary reviews Health and Home; Health has come, Home has not.
fn sitting() -> (World, Warm, Warm, Warm, Id) {
    let mut world = World::new();
    let (chair, health, home) = (world.sits_warm(CS), world.sits_warm(HEALTH), world.sits_warm(HOME));
    world.says(chair.0, ClientMessage::OpenReview { posts: names(&[HEALTH, HOME]) });
    let call = world.last_call(chair.0).0;
    world.accepts(health.0, &call);
    (world, chair, health, home, call)
}

fn last_review(world: &World, socket: SocketId) -> Option<signaling::value::Review> {
    let review =
        |m: &ServerMessage| if let ServerMessage::Review(told) = m { Some(told.clone()) } else { None };
    world.told(socket).iter().rev().find_map(review)
}

fn is_heard(world: &World, peer: PeerId) -> bool {
    world.allowed.get(&peer).copied().unwrap_or_default().voice
}

#[test]
fn everybody_is_seen_and_only_whom_the_chair_gives_the_floor_is_heard() {
    let (mut world, chair, health, _, call) = sitting();
    let is_review = |m: &ServerMessage| matches!(m, ServerMessage::Incoming { review: true, .. });
    assert!(world.told(health.0).iter().any(is_review));
    assert!(world.is_open(chair.1, health.1) && world.is_open(health.1, chair.1));
    assert!(is_heard(&world, chair.1) && !is_heard(&world, health.1));
    world.says(health.0, step(&call, ReviewStep::Hand { up: true }));
    assert_eq!(last_review(&world, chair.0).unwrap().hands, [named(HEALTH)]);
    world.says(chair.0, floor_to(&call, HEALTH));
    assert!(is_heard(&world, health.1));
    world.pass(600);
    assert!(is_heard(&world, health.1), "a clock that is over cuts nobody");
    world.says(chair.0, step(&call, ReviewStep::TakeFloor { post: named(HEALTH) }));
    assert!(!is_heard(&world, health.1));
    let spoken = last_review(&world, health.0).unwrap().spoken;
    assert_eq!((spoken[0].post.as_str(), spoken[0].for_ms), (HEALTH, 600_000));
}

#[test]
fn a_forged_step_is_refused_and_written_down() {
    let (mut world, chair, health, home, call) = sitting();
    world.says(health.0, floor_to(&call, HEALTH));
    assert_eq!(world.last_error(health.0), Some(ErrorCode::NotAllowed));
    let direct = ReviewStep::Direct {
        post: named(CS),
        text: Written::try_from("सब करें".to_owned()).unwrap(),
        due_in_days: 3,
    };
    world.says(health.0, step(&call, direct));
    assert_eq!(world.last_error(health.0), Some(ErrorCode::NotAllowed));
    assert!(!is_heard(&world, health.1));
    // Home was asked and has not come: it has no word, and the chair gives it none.
    world.says(home.0, step(&call, ReviewStep::Hand { up: true }));
    assert_eq!(world.last_error(home.0), Some(ErrorCode::UnknownCall));
    world.says(chair.0, floor_to(&call, HOME));
    assert_eq!(world.last_error(chair.0), Some(ErrorCode::UnknownPost));
    let refused =
        world.acts.iter().filter(|act| matches!(act, Act::CallRefused { about: "review_step", .. }));
    assert_eq!(refused.count(), 4);
}

#[test]
fn whoever_was_asked_comes_late_by_his_own_button_and_whoever_was_not_finds_no_review() {
    let (mut world, _, health, home, call) = sitting();
    world.pass(31);
    assert_eq!(world.last_call(home.0).1, CallState::Missed);
    assert!(!world.is_seen(home.1));
    let expected = |world: &World, of: SocketId| {
        let on =
            |m: &ServerMessage| if let ServerMessage::Expected { on, .. } = m { Some(*on) } else { None };
        world.told(of).iter().rev().find_map(on)
    };
    assert_eq!(expected(&world, home.0), Some(true));
    world.says(home.0, ClientMessage::JoinReview { call: call.clone() });
    assert_eq!(expected(&world, home.0), Some(false));
    assert_eq!(world.last_call(home.0).1, CallState::Accepted);
    assert!(world.is_open(home.1, health.1) && world.is_open(health.1, home.1) && !is_heard(&world, home.1));
    assert!(last_review(&world, home.0).is_some());
    world.says(home.0, ClientMessage::JoinReview { call: call.clone() });
    assert_eq!(world.last_error(home.0), Some(ErrorCode::CallPassed));
    // A review of Health alone: to Home there is no such thing.
    let mut world = World::new();
    let (other, _, stranger) = (world.sits_warm(CS), world.sits_warm(HEALTH), world.sits_warm(HOME));
    world.says(other.0, ClientMessage::OpenReview { posts: names(&[HEALTH]) });
    let call = world.last_call(other.0).0;
    world.says(stranger.0, ClientMessage::JoinReview { call });
    assert_eq!(world.last_error(stranger.0), Some(ErrorCode::UnknownCall));
    assert!(!world.is_seen(stranger.1));
}

#[test]
fn the_chairs_page_may_go_and_the_chair_comes_back_as_the_chair() {
    let (mut world, chair, health, home, call) = sitting();
    world.says(home.0, ClientMessage::JoinReview { call: call.clone() });
    world.step(Input::Gone(chair.0, Parting::Lost));
    world.pass(11);
    assert!(world.is_open(health.1, home.1), "the review goes on");
    let chair = world.sits_warm(CS);
    assert!(!world.is_seen(chair.1), "nobody is put back unasked");
    world.says(chair.0, ClientMessage::JoinReview { call: call.clone() });
    assert!(world.is_open(chair.1, health.1));
    world.says(chair.0, floor_to(&call, HEALTH));
    assert!(is_heard(&world, health.1), "still the chair");
}

#[test]
fn a_word_aside_is_between_two_who_agreed_and_the_others_see_that_it_goes_on() {
    let (mut world, chair, health, home, call) = sitting();
    world.says(home.0, ClientMessage::JoinReview { call: call.clone() });
    world.says(chair.0, step(&call, ReviewStep::AskAside { post: named(HEALTH) }));
    assert!(world.is_open(chair.1, home.1), "asking parts nobody");
    world.says(home.0, step(&call, ReviewStep::AnswerAside { agrees: true }));
    assert_eq!(world.last_error(home.0), Some(ErrorCode::CallPassed));
    world.says(health.0, step(&call, ReviewStep::AnswerAside { agrees: true }));
    assert!(
        world.is_open(chair.1, health.1) && world.is_open(health.1, chair.1) && is_heard(&world, health.1)
    );
    let others = [(chair.1, home.1), (home.1, chair.1), (health.1, home.1), (home.1, health.1)];
    assert!(others.iter().all(|(from, to)| !world.is_open(*from, *to)));
    assert!(last_review(&world, home.0).unwrap().aside.unwrap().on);
    world.says(health.0, step(&call, ReviewStep::EndAside {}));
    assert!(others.iter().all(|(from, to)| world.is_open(*from, *to)) && !is_heard(&world, health.1));
}

#[test]
fn a_direction_is_seen_as_it_is_typed_and_is_a_row_when_it_is_given() {
    let (mut world, chair, health, _, call) = sitting();
    let draft = signaling::value::Draft::try_from("दवा".to_owned()).unwrap();
    world.says(chair.0, step(&call, ReviewStep::Draft { text: draft }));
    let line = |m: &ServerMessage| matches!(m, ServerMessage::ReviewLine { text, .. } if text == "दवा");
    assert!(world.told(health.0).iter().any(line));
    let direct = |text: &str, due_in_days| ReviewStep::Direct {
        post: named(HEALTH),
        text: Written::try_from(text.to_owned()).unwrap(),
        due_in_days,
    };
    world.says(chair.0, step(&call, direct("दवा पहुँचाएँ", 7)));
    let given = last_review(&world, health.0).unwrap().directions;
    assert_eq!((given[0].post.as_str(), given[0].text.as_str()), (HEALTH, "दवा पहुँचाएँ"));
    let rows = world.acts.iter().filter(|act| matches!(act, Act::Directed(_))).count();
    assert_eq!(rows, 1);
    for (text, days) in [("क".repeat(301), 7), ("…".to_owned(), 7), ("ठीक".to_owned(), 400)] {
        world.says(chair.0, step(&call, direct(&text, days)));
        assert_eq!(world.last_error(chair.0), Some(ErrorCode::TextRefused));
    }
    assert_eq!(last_review(&world, chair.0).unwrap().directions.len(), 1);
}

#[test]
fn a_page_of_the_wall_is_sent_the_pictures_that_it_shows_and_whoever_speaks() {
    let (mut world, chair, health, home, call) = sitting();
    world.says(home.0, ClientMessage::JoinReview { call: call.clone() });
    world.says(home.0, step(&call, ReviewStep::Look { posts: names(&[CS]) }));
    assert!(!world.is_open(health.1, home.1) && world.is_open(chair.1, home.1));
    assert!(world.is_open(home.1, health.1), "what one looks at is his own matter");
    world.says(chair.0, floor_to(&call, HEALTH));
    assert!(world.is_open(health.1, home.1), "who speaks is heard at every page of every wall");
}

#[test]
fn the_roll_is_called_from_the_lines_that_are_up() {
    let (mut world, chair, health, _, _) = sitting();
    world.pass(2);
    let roll = |world: &World| {
        let lines = |m: &ServerMessage| {
            if let ServerMessage::Roll { lines, .. } = m { Some(lines.clone()) } else { None }
        };
        world.told(chair.0).iter().rev().find_map(lines).expect("the chair is told the roll")
    };
    let here =
        |world: &World, post: &str| roll(world).iter().find(|line| line.post == named(post)).unwrap().here;
    assert!(here(&world, CS) && here(&world, HEALTH) && !here(&world, HOME));
    world.loses_transport(health.1);
    world.pass(2);
    assert!(!here(&world, HEALTH));
    assert!(!world.told(health.0).iter().any(|m| matches!(m, ServerMessage::Roll { .. })), "the chair alone");
}

/// A floor of so many more departments.
fn many(count: u16) -> (World, Vec<String>) {
    let mut world = World::new();
    let posts: Vec<String> = (0..count).map(|n| format!("sec-{n}")).collect();
    let card = |(n, post): (usize, &String)| SeatCard {
        post: id(post),
        number: 10 + n as u16,
        title: Bilingual { hi: post.clone(), en: post.clone() },
        part: RoleKey::DepartmentHead,
        holders: vec![person_of(post)],
        answers: Vec::new(),
    };
    let mut cards = seats();
    cards.extend(posts.iter().enumerate().map(card));
    world.step(Input::Seats(cards));
    (world, posts)
}

#[test]
fn a_review_of_a_hundred_leaves_the_hotline_what_it_needs() {
    let (mut world, posts) = many(100);
    let chair = world.sits_warm(HOME);
    let seats: Vec<(SocketId, PeerId)> = posts.iter().map(|post| world.sits_warm(post)).collect();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let asked: Vec<&str> = posts.iter().map(String::as_str).collect();
    world.says(chair.0, ClientMessage::OpenReview { posts: names(&asked) });
    let call = world.last_call(chair.0).0;
    for (socket, _) in &seats {
        world.accepts(*socket, &call);
    }
    let inside: Vec<PeerId> = seats.iter().map(|seat| seat.1).chain([chair.1]).collect();
    let common = |world: &World, peer: &PeerId| world.ranks.get(peer) == Some(&media::Rank::Common);
    assert!(inside.iter().all(|peer| common(&world, peer)), "a review is not spared");
    assert!(inside.iter().filter(|peer| is_heard(&world, **peer)).count() == 1);
    // A call of the Chief Secretary goes through beside it, and into it.
    let own = world.rings(cs.0, HEALTH);
    world.accepts(health.0, &own);
    assert!(world.is_open(cs.1, health.1) && world.is_open(health.1, cs.1));
    assert!(![cs.1, health.1].iter().any(|peer| common(&world, peer)), "and is spared");
    world.says(cs.0, ClientMessage::HangUp { call: own });
    let own = world.rings(cs.0, &posts[0]);
    assert_eq!(world.last_call(cs.0).1, CallState::Ringing, "precedence is heard in the middle of a review");
    world.accepts(seats[0].0, &own);
    assert!(world.is_open(cs.1, seats[0].1) && !world.is_open(chair.1, seats[0].1));
    assert_eq!(world.ranks.get(&seats[0].1), Some(&media::Rank::Preferred), "spared again in the small call");
    assert!(is_heard(&world, seats[0].1), "the silence of the review is not that of the call");
}

#[test]
fn only_so_many_reviews_are_on_at_once() {
    let (mut world, posts) = many(30);
    let max = crate::limits::REVIEWS_MAX;
    for n in 0..=max {
        let chair = world.sits_warm(&posts[2 * n]);
        world.sits_warm(&posts[2 * n + 1]);
        world.says(chair.0, ClientMessage::OpenReview { posts: names(&[&posts[2 * n + 1]]) });
        let refused = world.last_error(chair.0);
        assert_eq!(refused, (n == max).then_some(ErrorCode::Overloaded), "review {n}");
    }
}
