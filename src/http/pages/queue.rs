//! The queue as its officer and desk see it: one large button, who is at the door, who waits, who is expected.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::queue::{Number, QueueError, Standing};
use domain::diary::turn::{LATE_MINUTES, MoveReason, Step};
use domain::id::PostId;
use domain::text::Bilingual;
use jiff::Timestamp;

use super::book::Fields;
use super::view::key_of;
use super::{Page, html};
use crate::app::directory;
use crate::app::queue::{self, Board, Joiner, Line, List, Move, MoveRow, Shift, TicketKind, TurnError, Way};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

/// One person.
struct LineView {
    number: u32,
    name: String,
    subject: String,
    kind: String,
    when: String,
    minutes: Option<String>,
    moved: Option<String>,
    calls: Option<String>,
    room_href: Option<String>,
}

impl LineView {
    fn of(line: &Line, board: &Board, words: Words) -> LineView {
        let kind = match line.kind {
            TicketKind::Time => "door-queue-kind-time",
            TicketKind::Token => "door-queue-kind-token",
            TicketKind::Caller => "door-queue-kind-caller",
        };
        let way = match line.way {
            Way::Office => "turn-way-office",
            Way::Video => "turn-way-video",
            Way::Telephone => "turn-way-telephone",
        };
        let kind = match line.kind {
            TicketKind::Caller => words.t(kind).into_owned(),
            _ => format!("{} · {}", words.t(way), words.t(kind)),
        };
        let nameless = words.t("door-queue-nameless").into_owned();
        LineView {
            number: line.number.0,
            name: if line.name.is_empty() { nameless } else { line.name.clone() },
            subject: line.subject.clone(),
            kind,
            when: words.clock(line.due_at),
            minutes: board.ranges.get(&line.number).map(|range| super::now::minutes(*range, words)),
            moved: line.moved.as_ref().map(|one| moved(one, words)),
            calls: (line.calls > 0).then(|| words.with("door-queue-calls", &[("n", line.calls)])),
            room_href: line.meeting.as_ref().map(|meeting| format!("/meeting/{meeting}")),
        }
    }
}

/// How somebody was moved, and why.
fn moved(one: &MoveRow, words: Words) -> String {
    let key = match one.step {
        Step::Up => "turn-moved-up",
        Step::Down => "turn-moved-down",
    };
    let reason = words.t(&key_of("turn-reason-", one.reason.code())).into_owned();
    let reason = if one.note.is_empty() { reason } else { format!("{reason} · {}", one.note) };
    words.with(key, &[("reason", reason)])
}

/// The one tap by which everybody hears that the officer is late; on the queue and on the worklist.
pub(super) struct LateView {
    pub(super) action: String,
    /// Where the answer leads without a script.
    pub(super) back: &'static str,
    pub(super) said: Option<String>,
    /// Minutes, their button, and what stands there while it can be taken back.
    pub(super) choices: Vec<(i64, String, String)>,
}

impl LateView {
    pub(super) fn of(post: &PostId, back: &'static str, until: Option<Timestamp>, words: Words) -> LateView {
        let choice = |n: i64| {
            let held = [("n", n.to_string()), ("seconds", "{seconds}".to_owned())];
            (n, words.with("turn-late-minutes", &[("n", n)]), words.with("turn-late-held", &held))
        };
        LateView {
            action: format!("/queue/{post}"),
            back,
            said: until.map(|at| words.with("turn-late-said", &[("hour", words.hour(at))])),
            choices: LATE_MINUTES.into_iter().map(choice).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    page: Page,
    action: String,
    post: String,
    board_href: String,
    events: String,
    note: Option<String>,
    title: String,
    at_door: Option<LineView>,
    is_inside: bool,
    waiting: Vec<LineView>,
    expected: Vec<LineView>,
    left: Vec<LineView>,
    count: String,
    late: LateView,
    message: Bilingual,
    reasons: Vec<(&'static str, String)>,
    held: [String; 2],
    /// For the script: the sentence of a range with its places kept.
    range: String,
}

/// `/queue`: today's queue of the post that the gate let this person see.
pub async fn queue(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = queue::list(&edge.desk, &actor, &post).await?;
    let message = queue::message(&edge.desk, &actor, &post).await?;
    let board = edge.boards.board(&post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let card = directory::post(&edge.desk, &post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    let lines =
        |lines: &[Line]| lines.iter().map(|line| LineView::of(line, &board, words)).collect::<Vec<_>>();
    let blanks = [("n", "{n}"), ("seconds", "{seconds}")];
    html(&QueuePage {
        action: format!("/queue/{post}"),
        board_href: format!("/now/{post}"),
        events: format!("/now/{post}/events"),
        note: query.get("done").and_then(|done| note(done, words)),
        title: words.pick(&card.title).to_owned(),
        is_inside: list.at_door.as_ref().is_some_and(|line| matches!(line.standing, Standing::Inside(_))),
        count: count(&list, words),
        at_door: list.at_door.as_ref().map(|line| LineView::of(line, &board, words)),
        waiting: lines(&list.waiting),
        expected: lines(&list.expected),
        left: lines(&list.left),
        late: LateView::of(&post, "queue", list.late.until, words),
        message: message.unwrap_or_else(|| Bilingual::new("", "")),
        reasons: MoveReason::ALL
            .map(|one| (one.code(), words.t(&key_of("turn-reason-", one.code())).into_owned()))
            .to_vec(),
        held: [words.with("turn-order-held-up", &blanks), words.with("turn-order-held-down", &blanks)],
        range: words.with("door-now-range", &[("from", "{from}"), ("to", "{to}")]),
        post: post.to_string(),
        page,
    })
}

/// What has just been done.
fn note(done: &str, words: Words) -> Option<String> {
    let key = match done {
        "back" => "door-queue-moved-back",
        "nobody" => "door-queue-nobody",
        "already" => "door-queue-already",
        "full" => "door-queue-full",
        "malformed" => "door-queue-malformed",
        "said" => "turn-say-done",
        "edge" => "turn-order-edge",
        done => return counted(done, words),
    };
    Some(words.t(key).into_owned())
}

/// The same for what has numbers: a number that was given, a place in the order, how many were told.
pub(super) fn counted(done: &str, words: Words) -> Option<String> {
    let mut parts = done.split('-');
    let mut count = || parts.next()?.parse::<u32>().ok();
    if let Ok(number) = done.parse::<u32>() {
        return Some(words.with("door-queue-given", &[("number", number)]));
    }
    if let Some(told) = done.strip_prefix("late-").and_then(|told| told.parse::<u32>().ok()) {
        return Some(words.with("turn-late-done", &[("told", told)]));
    }
    let (number, before) = (count()?, count()?);
    Some(words.with("turn-order-done", &[("n", number), ("before", before)]))
}

fn count(list: &List, words: Words) -> String {
    let numbers = [
        ("waiting", list.waiting.len().to_string()),
        ("expected", list.expected.len().to_string()),
        ("heard", list.heard.to_string()),
    ];
    words.with("door-queue-count", &numbers)
}

/// POST `/queue/{post}`: one act; `move` names it and `number` whom it is about.
pub async fn turn(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let wished = wished(&fields)?;
    let done = match act(&edge, &actor, &post, &wished).await {
        Ok(done) => done,
        Err(error) => refusal(error, &wished)?.to_owned(),
    };
    edge.boards.ring(&post);
    // Whoever is called and waits by video is one tap away: the officer goes where he is.
    if let (Wished::Move(Move::Next), Some(number)) = (&wished, done.strip_prefix("called-")) {
        let number = Number(number.parse().map_err(|_| Fault::Malformed)?);
        if let Some(meeting) = queue::room(&edge.desk, &actor, &post, number).await? {
            return Ok(Redirect::to(&format!("/meeting/{meeting}")).into_response());
        }
    }
    let back = if fields.get("back").is_some_and(|back| back == "desk") { "desk" } else { "queue" };
    let done = if done.starts_with("called-") { "" } else { &done };
    Ok(Redirect::to(&format!("/{back}?post={post}&done={done}")).into_response())
}

async fn act(edge: &Edge, actor: &Actor, post: &PostId, wished: &Wished) -> Result<String, TurnError> {
    let desk = &edge.desk;
    Ok(match wished {
        Wished::Move(one) => match queue::carry(desk, actor, post, *one).await? {
            None => "nobody".to_owned(),
            Some(number) if *one == Move::Next => format!("called-{}", number.0),
            Some(_) => String::new(),
        },
        Wished::Join(who) => queue::join(desk, actor, post, who).await?.0.to_string(),
        Wished::Shift(shift) => {
            let before = queue::shift(desk, actor, post, shift).await?;
            format!("{}-{before}", shift.number.0)
        }
        Wished::Late(minutes) => format!("late-{}", queue::be_late(desk, actor, post, *minutes).await?),
        Wished::Say(text) => {
            queue::say(desk, actor, post, text).await?;
            "said".to_owned()
        }
    })
}

enum Wished {
    Move(Move),
    Join(Joiner),
    Shift(Shift),
    Late(i64),
    Say(Bilingual),
}

fn wished(fields: &Fields) -> Result<Wished, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let number = field("number").parse().map(Number).map_err(|_| Fault::Malformed);
    let shift = |step: Step| {
        let reason = MoveReason::from_code(&field("reason")).ok_or(Fault::Malformed)?;
        let number = field("number").parse().map(Number).map_err(|_| Fault::Malformed)?;
        Ok::<_, Fault>(Wished::Shift(Shift { number, step, reason, note: field("note") }))
    };
    Ok(match field("move").as_str() {
        "next" => Wished::Move(Move::Next),
        "enter" => Wished::Move(Move::Enter(number?)),
        "miss" => Wished::Move(Move::Miss(number?)),
        "leave" => Wished::Move(Move::Leave(number?)),
        "here" => Wished::Move(Move::Here(number?)),
        "go" => Wished::Move(Move::Go(number?)),
        "join" => {
            let kind = if field("kind") == "caller" { TicketKind::Caller } else { TicketKind::Token };
            Wished::Join(Joiner { kind, name: field("name"), subject: field("subject") })
        }
        "up" => shift(Step::Up)?,
        "down" => shift(Step::Down)?,
        "late" => Wished::Late(field("minutes").parse().map_err(|_| Fault::Malformed)?),
        "say" => Wished::Say(Bilingual { hi: field("hi"), en: field("en") }),
        _ => return Err(Fault::Malformed),
    })
}

/// What a refusal says on the page; a move that somebody else made first is no fault.
fn refusal(error: TurnError, wished: &Wished) -> Result<&'static str, Fault> {
    match (error, wished) {
        (TurnError::Refused(QueueError::Unknown), Wished::Move(Move::Next)) => Ok("nobody"),
        (TurnError::Refused(QueueError::OutOfTurn), Wished::Shift(_)) => Ok("edge"),
        (TurnError::Refused(QueueError::Full), _) => Ok("full"),
        (TurnError::Refused(_), _) => Ok("already"),
        (TurnError::Malformed, _) => Ok("malformed"),
        (other, _) => Err(other.into()),
    }
}
