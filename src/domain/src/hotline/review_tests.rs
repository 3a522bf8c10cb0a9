//! A review's rules, and a model test that lets anybody do anything in any order.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::*;
use proptest::prelude::*;

fn post(text: &str) -> PostId {
    PostId::parse(text).unwrap()
}

fn posts(names: &[&str]) -> BTreeSet<PostId> {
    names.iter().map(|name| post(name)).collect()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_585_500 + second).unwrap()
}

const MINUTES: SignedDuration = SignedDuration::from_mins(5);

fn review() -> (Review, BTreeSet<PostId>) {
    let call = CallId::parse("c1").unwrap();
    let review = Review::open(call, post("cs"), posts(&["a", "b", "late"]), at(0));
    (review, posts(&["cs", "a", "b"]))
}

#[test]
fn everybody_is_silent_but_the_chair_until_the_chair_gives_the_floor() {
    let (mut review, inside) = review();
    assert!(review.may_speak(&post("cs")) && !review.may_speak(&post("a")));
    let grab = Step::GiveFloor(post("a"), MINUTES);
    assert_eq!(review.take(&post("a"), grab.clone(), &inside, at(1)), Err(ReviewError::NotChair));
    review.take(&post("a"), Step::Hand(Ask::Up), &inside, at(1)).unwrap();
    assert_eq!(review.hands(), [post("a")]);
    review.take(&post("cs"), grab, &inside, at(2)).unwrap();
    assert!(review.may_speak(&post("a")) && review.hands().is_empty());
    let late = Step::GiveFloor(post("late"), MINUTES);
    assert_eq!(review.take(&post("cs"), late, &inside, at(2)), Err(ReviewError::NotInside));
}

#[test]
fn the_clock_counts_and_never_cuts() {
    let (mut review, inside) = review();
    for begin in [10, 2_000] {
        review.take(&post("cs"), Step::GiveFloor(post("a"), MINUTES), &inside, at(begin)).unwrap();
        review.look(&inside, &inside, at(begin + 600));
        assert!(review.may_speak(&post("a")), "twice its time, and still heard");
        review.take(&post("cs"), Step::TakeFloor(post("a")), &inside, at(begin + 600)).unwrap();
    }
    assert_eq!(review.spoken()[&post("a")], SignedDuration::from_secs(1_200));
}

#[test]
fn so_many_have_the_floor_that_all_of_them_are_heard() {
    let names: Vec<String> = (0..9).map(|n| format!("d{n}")).collect();
    let all: BTreeSet<PostId> = names.iter().map(|name| post(name)).collect();
    let mut review = Review::open(CallId::parse("c1").unwrap(), post("cs"), all.clone(), at(0));
    let inside: BTreeSet<PostId> = all.iter().cloned().chain([post("cs")]).collect();
    let given = all
        .iter()
        .filter(|who| {
            review.take(&post("cs"), Step::GiveFloor((*who).clone(), MINUTES), &inside, at(1)).is_ok()
        })
        .count();
    assert_eq!(given, FLOOR_MAX);
}

#[test]
fn a_word_aside_needs_both_and_parts_them_from_all_others() {
    let (mut review, inside) = review();
    let apart = |review: &Review| {
        [("cs", "b"), ("b", "a"), ("cs", "a")].map(|(one, other)| review.parts(&post(one), &post(other)))
    };
    review.take(&post("cs"), Step::AskAside(post("a")), &inside, at(1)).unwrap();
    assert_eq!(apart(&review), [false; 3], "nothing changes before the other agrees");
    let agree = Step::AnswerAside(Reply::Agrees);
    assert_eq!(review.take(&post("b"), agree.clone(), &inside, at(2)), Err(ReviewError::Passed));
    review.take(&post("a"), agree, &inside, at(2)).unwrap();
    assert_eq!(apart(&review), [true, true, false]);
    assert!(review.may_speak(&post("a")) && !review.may_speak(&post("b")));
    review.take(&post("a"), Step::EndAside, &inside, at(3)).unwrap();
    assert_eq!((apart(&review), review.may_speak(&post("a"))), ([false; 3], false));
}

#[test]
fn the_roll_is_called_from_who_is_seen_and_knows_the_gaps() {
    let (mut review, inside) = review();
    review.look(&inside, &posts(&["cs", "a"]), at(10));
    review.look(&inside, &posts(&["cs"]), at(100));
    review.look(&inside, &posts(&["cs", "a"]), at(130));
    let a = review.roll()[&post("a")];
    assert_eq!((a.came, a.here, a.gaps), (Some(at(10)), Some(at(130)), 1));
    assert_eq!(a.away, SignedDuration::from_secs(30));
    assert_eq!(review.roll()[&post("late")], Presence::default(), "expected, and never seen");
}

#[test]
fn whoever_leaves_takes_nothing_along_and_the_chair_stays_the_chair() {
    let (mut review, inside) = review();
    let chair = post("cs");
    review.take(&chair, Step::GiveFloor(post("a"), MINUTES), &inside, at(1)).unwrap();
    review.take(&chair, Step::Spotlight(Some(post("a"))), &inside, at(1)).unwrap();
    review.take(&post("b"), Step::Hand(Ask::Up), &inside, at(1)).unwrap();
    let alone = posts(&["b"]);
    assert!(review.look(&alone, &alone, at(61)).is_state_new);
    assert!(!review.may_speak(&post("a")) && review.spotlight().is_none());
    assert_eq!(review.spoken()[&post("a")], SignedDuration::from_secs(60));
    assert_eq!((review.chair(), review.hands()), (&chair, &[post("b")][..]), "the review goes on");
    assert!(review.expects(&chair) && review.expects(&post("late")) && !review.expects(&post("stranger")));
}

#[test]
fn the_agenda_has_a_bound_and_only_what_is_on_it_is_taken_up() {
    let (mut review, inside) = review();
    let item = || {
        Step::AddItem(Item { text: Noting::parse("सड़क निर्माण").unwrap(), post: None })
    };
    for _ in 0..ITEMS_MAX {
        review.take(&post("cs"), item(), &inside, at(1)).unwrap();
    }
    assert_eq!(review.take(&post("cs"), item(), &inside, at(1)), Err(ReviewError::Full));
    assert_eq!(
        review.take(&post("cs"), Step::TakeUp(Some(ITEMS_MAX)), &inside, at(1)),
        Err(ReviewError::Passed)
    );
    review.take(&post("cs"), Step::TakeUp(Some(3)), &inside, at(1)).unwrap();
    assert_eq!(review.taken_up(), Some(3));
}

const ANYBODY: [&str; 5] = ["cs", "a", "b", "late", "stranger"];

fn anybody() -> impl Strategy<Value = PostId> {
    prop::sample::select(ANYBODY.to_vec()).prop_map(post)
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (anybody(), 0i64..100)
            .prop_map(|(who, minutes)| Step::GiveFloor(who, SignedDuration::from_mins(minutes))),
        anybody().prop_map(Step::TakeFloor),
        prop::option::of(anybody()).prop_map(Step::Spotlight),
        prop::option::of(0usize..3).prop_map(Step::TakeUp),
        anybody().prop_map(Step::LowerHand),
        anybody().prop_map(Step::AskAside),
        prop::sample::select(vec![Reply::Agrees, Reply::Refuses]).prop_map(Step::AnswerAside),
        Just(Step::EndAside),
        prop::sample::select(vec![Ask::Up, Ask::Down]).prop_map(Step::Hand),
    ]
}

proptest! {
    #[test]
    fn whatever_anybody_does_only_the_chair_gives_voices_and_a_refused_step_changes_nothing(
        deeds in prop::collection::vec((anybody(), any_step(), prop::sample::subsequence(ANYBODY.to_vec(), 0..=4)), 0..60),
    ) {
        let (mut review, _) = review();
        let mut time = 0;
        for (by, step, inside) in deeds {
            time += 7;
            let inside: BTreeSet<PostId> = inside.into_iter().map(post).collect();
            review.look(&inside, &inside, at(time));
            let before = review.clone();
            let done = review.take(&by, step.clone(), &inside, at(time));
            if done.is_err() {
                prop_assert_eq!(&review, &before);
            } else {
                prop_assert!(inside.contains(&by));
            }
            let may = |review: &Review| ANYBODY.iter().filter(|who| review.may_speak(&post(who))).count();
            let agreed = matches!(step, Step::AnswerAside(Reply::Agrees)) && before.aside() == &Aside::Asked(by.clone());
            if may(&review) > may(&before) {
                prop_assert!(by == post("cs") || agreed, "{} gave a voice by {:?}", by, step);
            }
            prop_assert!(review.floor().len() <= FLOOR_MAX && !review.floor().contains_key(&post("cs")));
            prop_assert!(review.floor().keys().chain(review.hands()).all(|who| inside.contains(who)));
            if let (Aside::On(with), false) = (review.aside(), before.aside() == review.aside()) {
                prop_assert!(agreed && *with == by);
            }
            let elapsed = SignedDuration::from_secs(time);
            prop_assert!(review.spoken().values().all(|spoken| *spoken <= elapsed));
            prop_assert!(review.roll().values().all(|of| of.away <= elapsed));
        }
    }
}
