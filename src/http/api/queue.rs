//! Today's queue of a post: its board for everybody, its list and its moves for its desk's programs.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::diary::queue::{Number, Standing};
use domain::diary::turn::{MoveReason, Step};
use domain::id::PostId;
use domain::text::Bilingual;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Sent, json_headers, written};
use crate::app::queue::{self, Joiner, Line, Move, Shift, TicketKind, Way};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created};
use crate::http::refusal::{Nature, Refusal};

/// A number that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingNumber {
    /// The number on the slip.
    number: u32,
    /// Its turn begins in so many minutes at the earliest, four times in five.
    from_minutes: Option<u32>,
    /// And at the latest.
    to_minutes: Option<u32>,
}

/// A queue as its wall shows it: numbers, never names.
#[derive(Debug, Serialize, ToSchema)]
pub struct Board {
    /// The post.
    post: String,
    /// Who is inside.
    inside: Option<u32>,
    /// Who is called and not in yet.
    called: Option<u32>,
    /// Who waits here, in the order of the calls; the first of them.
    next: Vec<WaitingNumber>,
    /// How many wait here.
    waiting: usize,
    /// How many have a time and are not here yet.
    expected: usize,
    /// When the officer begins or goes on, if he has said that he is late; RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    late_until: Option<Timestamp>,
    /// When it was read; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// The board of a post's queue of today. The same comes as server-sent events at `/now/{post}/events`.
#[utoipa::path(get, path = "/api/v1/posts/{id}/board", tag = "queue",
    params(("id" = String, Path, description = "The post")),
    responses((status = 200, description = "The board", body = Board), (status = 404, description = "No such post")))]
pub async fn board(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Json<Board>, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let board = edge.boards.board(&id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let next = board.next.iter().map(|one| WaitingNumber {
        number: one.number.0,
        from_minutes: one.minutes.map(|(from, _)| from),
        to_minutes: one.minutes.map(|(_, to)| to),
    });
    Ok(Json(Board {
        post: id.to_string(),
        inside: board.inside.map(|number| number.0),
        called: board.called.map(|number| number.0),
        next: next.collect(),
        waiting: board.waiting,
        expected: board.expected,
        late_until: board.late.until,
        as_of: board.at,
    }))
}

/// One person in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// The number.
    number: u32,
    /// By what: `time`, `token` or `caller`.
    kind: &'static str,
    /// How: `office`, `video` or `telephone`.
    way: &'static str,
    /// The meeting, if it is by video.
    meeting: Option<String>,
    /// `expected`, `here`, `called` or `inside`.
    standing: &'static str,
    /// When the turn is due; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// Calls in vain.
    calls: u8,
    /// Who; may be empty.
    name: String,
    /// What about; may be empty.
    subject: String,
}

impl From<&Line> for Place {
    fn from(line: &Line) -> Self {
        let standing = match line.standing {
            Standing::Expected => "expected",
            Standing::Here(_) => "here",
            Standing::Called(_) => "called",
            Standing::Inside(_) => "inside",
            Standing::Heard => "heard",
            Standing::Gone => "gone",
            Standing::Left => "left",
        };
        Self {
            number: line.number.0,
            kind: line.kind.code(),
            way: match line.way {
                Way::Office => "office",
                Way::Video => "video",
                Way::Telephone => "telephone",
            },
            meeting: line.meeting.as_ref().map(ToString::to_string),
            standing,
            due_at: line.due_at,
            calls: line.calls,
            name: line.name.clone(),
            subject: line.subject.clone(),
        }
    }
}

/// A queue as its desk reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queue {
    /// The post.
    post: String,
    /// Called or inside.
    at_door: Option<Place>,
    /// Who is here, in the order of the calls.
    waiting: Vec<Place>,
    /// Who has a time and is not here yet, by time.
    expected: Vec<Place>,
    /// Who went home without having been heard; `here` gives them a place again.
    left: Vec<Place>,
    /// How many have been heard.
    heard: usize,
    /// When the officer begins or goes on, if he has said that he is late; RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    late_until: Option<Timestamp>,
}

/// Today's queue of a post whose door the token's post runs.
#[utoipa::path(get, path = "/api/v1/queue", tag = "queue", security(("session" = [])),
    params(("post" = Option<String>, Query, description = "The post; the first that the token's post runs when absent")),
    responses((status = 200, description = "Who is in the queue", body = Queue)))]
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
) -> Result<Json<Queue>, Fault> {
    as_it_is_now(&edge, &actor, &post).await
}

async fn as_it_is_now(edge: &Edge, actor: &Actor, post: &PostId) -> Result<Json<Queue>, Fault> {
    let list = queue::list(&edge.desk, actor, post).await?;
    Ok(Json(Queue {
        post: post.to_string(),
        at_door: list.at_door.as_ref().map(Place::from),
        waiting: list.waiting.iter().map(Place::from).collect(),
        expected: list.expected.iter().map(Place::from).collect(),
        left: list.left.iter().map(Place::from).collect(),
        heard: list.heard,
        late_until: list.late.until,
    }))
}

/// Somebody without a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkIn {
    /// `token` at the door, or `caller` on the office's line.
    #[schema(example = "token")]
    kind: String,
    /// Who; may be empty.
    #[serde(default)]
    #[schema(max_length = 80)]
    name: String,
    /// What about; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    subject: String,
}

/// The number that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    /// The number.
    number: u32,
}

/// Gives somebody without a time the next number.
#[utoipa::path(post, path = "/api/v1/queue/{post}/tickets", tag = "queue", security(("session" = [])),
    request_body = WalkIn, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 201, description = "The number", body = Ticket),
        (status = 400, description = "`malformed`: the kind, the name or the subject"),
        (status = 404, description = "No such post"),
        (status = 409, description = "`queue-full`"),
    ))]
pub async fn join(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<WalkIn>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let malformed = || Refusal::new(Nature::Malformed, "malformed").and("reason", "kind");
    let kind = TicketKind::from_code(&sent.kind).filter(|kind| *kind != TicketKind::Time);
    let who = Joiner { kind: kind.ok_or_else(malformed)?, name: sent.name, subject: sent.subject };
    let number = queue::join(&edge.desk, &actor, &post, &who).await?;
    edge.boards.ring(&post);
    Ok(created(json_headers(), written(&Ticket { number: number.0 })?))
}

/// What is done at the door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// `next`, or with a number: `enter`, `miss` (called in vain), `leave`, `here` (has come), `go` (went home unheard).
    #[schema(example = "next")]
    r#move: String,
    /// Whom it is about; absent for `next`.
    number: Option<u32>,
}

impl Turn {
    fn wished(&self) -> Option<Move> {
        let number = self.number.map(Number);
        match self.r#move.as_str() {
            "next" => Some(Move::Next),
            "enter" => number.map(Move::Enter),
            "miss" => number.map(Move::Miss),
            "leave" => number.map(Move::Leave),
            "here" => number.map(Move::Here),
            "go" => number.map(Move::Go),
            _ => None,
        }
    }
}

/// Carries one move out, and tells the queue as it is then.
#[utoipa::path(post, path = "/api/v1/queue/{post}/moves", tag = "queue", security(("session" = [])),
    request_body = Turn, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 200, description = "The queue after it", body = Queue),
        (status = 400, description = "`malformed`"),
        (status = 404, description = "No such post"),
        (status = 409, description = "`queue-unknown`: no such number, or nobody waits; `queue-out-of-turn`"),
    ))]
pub async fn turn(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<Turn>,
) -> Result<Json<Queue>, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let malformed = || Refusal::new(Nature::Malformed, "malformed").and("reason", "move or number");
    queue::carry(&edge.desk, &actor, &post, sent.wished().ok_or_else(malformed)?).await?;
    edge.boards.ring(&post);
    as_it_is_now(&edge, &actor, &post).await
}

/// A move in the order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderMove {
    /// Who; waits here.
    number: u32,
    /// One place `up` or `down`.
    #[schema(example = "up")]
    step: String,
    /// Why: `infirm`, `bound`, `urgent`, `wish`, `unready` or `mistake`.
    #[schema(example = "infirm")]
    reason: String,
    /// A few words; may be empty.
    #[serde(default)]
    #[schema(max_length = 120)]
    note: String,
}

/// Moves somebody who waits by one place, with a reason, and tells the queue as it is then.
#[utoipa::path(post, path = "/api/v1/queue/{post}/order", tag = "queue", security(("session" = [])),
    request_body = OrderMove, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 200, description = "The queue after it", body = Queue),
        (status = 400, description = "`malformed`: the step, the reason or the note"),
        (status = 404, description = "No such post"),
        (status = 409, description = "`queue-unknown`: does not wait here; `queue-out-of-turn`: nobody is on that side"),
    ))]
pub async fn order(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<OrderMove>,
) -> Result<Json<Queue>, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let malformed = || Refusal::new(Nature::Malformed, "malformed").and("reason", "step or reason");
    let wished = Shift {
        number: Number(sent.number),
        step: Step::from_code(&sent.step).ok_or_else(malformed)?,
        reason: MoveReason::from_code(&sent.reason).ok_or_else(malformed)?,
        note: sent.note,
    };
    queue::shift(&edge.desk, &actor, &post, &wished).await?;
    edge.boards.ring(&post);
    as_it_is_now(&edge, &actor, &post).await
}

/// How late the officer is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// 10, 20 or 30.
    #[schema(example = 20)]
    minutes: i64,
}

/// Tells everybody who waits or is still expected that the officer is late, and the queue as it is then. Nobody loses a turn.
#[utoipa::path(post, path = "/api/v1/queue/{post}/delay", tag = "queue", security(("session" = [])),
    request_body = Delay, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 200, description = "The queue after it", body = Queue),
        (status = 400, description = "`malformed`: other minutes"),
        (status = 404, description = "No such post"),
    ))]
pub async fn delay(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<Delay>,
) -> Result<Json<Queue>, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    queue::be_late(&edge.desk, &actor, &post, sent.minutes).await?;
    edge.boards.ring(&post);
    as_it_is_now(&edge, &actor, &post).await
}

/// What a post says to those who wait.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// In Hindi; where it is empty, the other stands for it.
    #[schema(max_length = 200)]
    hi: String,
    /// In English.
    #[schema(max_length = 200)]
    en: String,
}

/// Shows a line to those who wait by video; none when both are empty.
#[utoipa::path(post, path = "/api/v1/queue/{post}/message", tag = "queue", security(("session" = [])),
    request_body = Message, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 200, description = "The queue", body = Queue),
        (status = 400, description = "`malformed`: a character that does not stand in a line, or too long"),
        (status = 404, description = "No such post"),
    ))]
pub async fn message(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<Message>,
) -> Result<Json<Queue>, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    queue::say(&edge.desk, &actor, &post, &Bilingual { hi: sent.hi, en: sent.en }).await?;
    edge.boards.ring(&post);
    as_it_is_now(&edge, &actor, &post).await
}
