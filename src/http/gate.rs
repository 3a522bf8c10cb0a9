//! The gate before every route: who asks, what it is about, and whether the policy table allows it.
//!
//! No handler runs before this has said yes. It decides nothing itself: the rule is `auth::policy`.

use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::{AppointmentId, DirectionId, MeetingId, PostId, QuestionId, ReportId, WordId};
use signaling::value::ResumeToken;

use super::Edge;
use super::error::Fault;
use super::headers::{self, bearer, cookie};
use crate::app::door::Door;
use crate::app::{self, session};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};

/// The token by which somebody is known whom the database could not be asked about.
#[derive(Debug, Clone)]
pub struct Place(pub ResumeToken);

/// Middleware of one route: lets a request through if the policy allows `act` on what the path names.
///
/// Whoever passes finds the [`Actor`], and what was looked up on the way, among the request's extensions.
pub async fn gate(
    State((edge, act)): State<(Edge, Act)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    match examine(&edge, act, &params, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

/// Middleware of one route for programs: who asks is said by a bearer token; cookies are not read.
///
/// Whoever shows no token costs the database nothing. A token that is no session's is refused even where none is
/// needed: the program would believe to be known.
pub async fn gate_of_programs(
    State((edge, act)): State<(Edge, Act)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    match examine_program(&edge, act, &params, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

async fn examine_program(
    edge: &Edge,
    act: Act,
    params: &RawPathParams,
    request: &mut Request,
) -> Result<(), Fault> {
    let token = bearer(request.headers()).map(str::to_owned);
    let actor = session::actor(&edge.desk, token.as_deref()).await.map_err(Fault::internal)?;
    if token.is_some() && actor == Actor::Anyone {
        return Err(Fault::TokenRefused);
    }
    let object = object(edge, act, params, &actor, request).await?;
    match allows(&actor, act, &object) {
        Ok(()) => {
            request.extensions_mut().insert(actor);
            Ok(())
        }
        // What may not be known of is not there.
        Err(_) if matches!(act, Act::FillForm | Act::ReadSlip | Act::ChangeByLink) => Err(Fault::NotFound),
        Err(Denied::SignInFirst) => Err(Fault::SignInFirst),
        Err(Denied::Forbidden) => Err(Fault::NotYours),
    }
}

async fn examine(
    edge: &Edge,
    act: Act,
    params: &RawPathParams,
    request: &mut Request,
) -> Result<(), Response> {
    let is_page = matches!(act, Act::OpenDoor | Act::EnterMeeting | Act::TakeInvitation)
        && request.method() == Method::GET;
    let place = cookie(request.headers(), headers::PLACE).filter(|_| is_page);
    if let Some((place, actor, door)) = place_while_away(edge, place).await
        && allows(&actor, Act::EnterMeeting, &door.inside()).is_ok()
    {
        request.extensions_mut().insert(actor);
        request.extensions_mut().insert(door);
        request.extensions_mut().insert(place);
        return Ok(());
    }
    let actor = actor(edge, request.headers()).await.map_err(Fault::into_response)?;
    let object = object(edge, act, params, &actor, request).await.map_err(Fault::into_response)?;
    match allows(&actor, act, &object) {
        Ok(()) => {
            request.extensions_mut().insert(actor);
            Ok(())
        }
        Err(denied) => Err(refusal(denied, act, request)),
    }
}

/// The page of a meeting is loaded again while the database is away: who its token says it is.
async fn place_while_away(edge: &Edge, token: Option<String>) -> Option<(Place, Actor, Door)> {
    let token = token?;
    let (actor, door) = edge.live.as_ref()?.while_away(&token).await?;
    Some((Place(ResumeToken::try_from(token).ok()?), actor, door))
}

/// Who sends these headers.
async fn actor(edge: &Edge, headers: &HeaderMap) -> Result<Actor, Fault> {
    let token = cookie(headers, session::COOKIE);
    session::actor(&edge.desk, token.as_deref()).await.map_err(Fault::internal)
}

/// What the path is about. What does not exist and what may not be known of look the same: not found.
async fn object(
    edge: &Edge,
    act: Act,
    params: &RawPathParams,
    actor: &Actor,
    request: &mut Request,
) -> Result<Object, Fault> {
    let param = |name: &str| {
        params.iter().find(|(key, _)| *key == name).map(|(_, value)| value).ok_or(Fault::NotFound)
    };
    let appointment = || AppointmentId::parse(param("appointment")?).map_err(|_| Fault::NotFound);
    match act {
        Act::FillForm => appointment().map(Object::Appointment),
        Act::ReadSlip | Act::ChangeByLink => {
            let slip = app::slip::slip(&edge.desk, param("token")?).await.map_err(Fault::internal)?;
            let slip = slip.ok_or(Fault::NotFound)?;
            let object = slip.object();
            request.extensions_mut().insert(slip);
            Ok(object)
        }
        Act::ReadDesk
        | Act::ReadQueue
        | Act::ReadDirections
        | Act::ReadReports
        | Act::ReadHearings
        | Act::ReadQuestions
        | Act::ReadUse
        | Act::ReadMissed => desk(edge, actor, request).await,
        Act::ReadHearing | Act::RunHearing | Act::DecideHearing | Act::ReadHearingNotice => {
            hearing(edge, act, appointment()?, request).await
        }
        Act::AnswerReport => report(edge, param("report")?, request).await,
        Act::CarryDirection | Act::WithdrawDirection => {
            direction(edge, act, param("direction")?, request).await
        }
        Act::RunQueue | Act::HoldDraw => of_post(param("post")?),
        Act::ReadSheet | Act::AskSeats | Act::AnswerQuestion | Act::KeepGroups => {
            asking(edge, act, (param("question").ok(), param("post").ok()), request).await
        }
        Act::Displace
        | Act::SwitchToVideo
        | Act::SetCaps
        | Act::DeclareHoliday
        | Act::LeaveWord
        | Act::NoteMissed => named_post(param("post")?, request),
        Act::HearWord => word(edge, actor, param("word")?, request).await,
        Act::Screen => {
            let id = appointment()?;
            let draft = app::book::draft(&edge.desk, &id).await.map_err(Fault::internal)?;
            let draft = draft.ok_or(Fault::NotFound)?;
            let object = draft.screened_by(actor);
            request.extensions_mut().insert(draft);
            Ok(object)
        }
        Act::OpenDoor => linked_door(edge, param("token")?, request).await,
        Act::TakeInvitation => invitation(edge, param("token")?, request).await,
        Act::Dial => dialled(edge, &appointment()?).await,
        Act::EnterMeeting
        | Act::AskIn
        | Act::TakePart
        | Act::ReadQuality
        | Act::GiveOutcome
        | Act::ReadAttendance
        | Act::CorrectAttendance => meeting(edge, param("id")?, request).await,
        Act::ReadOutbox if edge.is_demo() => Ok(Object::Demo),
        Act::ReadOutbox => Err(Fault::NotFound),
        _ => Ok(Object::House),
    }
}

/// A question that stands is its asker's matter; one that is to be asked, and an answer, that of the post in the path.
async fn asking(
    edge: &Edge,
    act: Act,
    (id, post): (Option<&str>, Option<&str>),
    request: &mut Request,
) -> Result<Object, Fault> {
    match (act, id) {
        (Act::ReadSheet | Act::AskSeats, Some(id)) => question(edge, id, request).await,
        (Act::AnswerQuestion, Some(id)) => {
            let id = QuestionId::parse(id).map_err(|_| Fault::NotFound)?;
            request.extensions_mut().insert(id);
            named_post(post.ok_or(Fault::NotFound)?, request)
        }
        (Act::AskSeats | Act::KeepGroups, None) => named_post(post.ok_or(Fault::NotFound)?, request),
        _ => Err(Fault::NotFound),
    }
}

/// A hearing is the matter of the office that hears; the slip of the authority is that of its own.
async fn hearing(edge: &Edge, act: Act, id: AppointmentId, request: &mut Request) -> Result<Object, Fault> {
    let object = match act {
        Act::ReadHearingNotice => app::hearing::notice_object(&edge.desk, &id).await,
        _ => app::hearing::object(&edge.desk, &id).await,
    };
    request.extensions_mut().insert(id);
    object.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

async fn report(edge: &Edge, id: &str, request: &mut Request) -> Result<Object, Fault> {
    let id = ReportId::parse(id).map_err(|_| Fault::NotFound)?;
    let object = app::report::object_of(&edge.desk, &id).await.map_err(Fault::internal)?;
    request.extensions_mut().insert(id);
    object.ok_or(Fault::NotFound)
}

/// The meeting of this id, by its door.
async fn meeting(edge: &Edge, id: &str, request: &mut Request) -> Result<Object, Fault> {
    let id = MeetingId::parse(id).map_err(|_| Fault::NotFound)?;
    let door = app::door::of_meeting(&edge.desk, &id).await.map_err(Fault::internal)?;
    let door = door.ok_or(Fault::NotFound)?;
    let object = door.inside();
    request.extensions_mut().insert(door);
    Ok(object)
}

/// The door behind a link.
async fn linked_door(edge: &Edge, token: &str, request: &mut Request) -> Result<Object, Fault> {
    let door = app::door::by_link(&edge.desk, token).await.map_err(Fault::internal)?;
    let door = door.ok_or(Fault::NotFound)?;
    let object = door.by_link();
    request.extensions_mut().insert(door);
    Ok(object)
}

/// The invitation behind a link, and the door that it leads to.
async fn invitation(edge: &Edge, token: &str, request: &mut Request) -> Result<Object, Fault> {
    let found = app::invite::by_link(&edge.desk, token).await.map_err(Fault::internal)?;
    let (asked, door) = found.ok_or(Fault::NotFound)?;
    let object = door.by_link();
    request.extensions_mut().insert(asked);
    request.extensions_mut().insert(door);
    Ok(object)
}

/// A word is the matter of the post to which it was left: for staff of others it is not there.
async fn word(edge: &Edge, actor: &Actor, id: &str, request: &mut Request) -> Result<Object, Fault> {
    let id = WordId::parse(id).map_err(|_| Fault::NotFound)?;
    let to = app::word::addressee(&edge.desk, &id).await.map_err(Fault::internal)?;
    request.extensions_mut().insert(id);
    // Whoever is not signed in is sent to the door, whether there is such a word or not.
    let Some(own) = actor.post() else { return Ok(Object::House) };
    to.filter(|to| to == own).map(Object::Post).ok_or(Fault::NotFound)
}

async fn question(edge: &Edge, id: &str, request: &mut Request) -> Result<Object, Fault> {
    let id = QuestionId::parse(id).map_err(|_| Fault::NotFound)?;
    let asker = app::question_sheet::asker_of(&edge.desk, &id).await.map_err(Fault::internal)?;
    request.extensions_mut().insert(id);
    asker.map(Object::Post).ok_or(Fault::NotFound)
}

/// The post of this id, which the page is given, too.
fn named_post(id: &str, request: &mut Request) -> Result<Object, Fault> {
    let post = PostId::parse(id).map_err(|_| Fault::NotFound)?;
    request.extensions_mut().insert(post.clone());
    Ok(Object::Post(post))
}

/// What is done to a direction is its owner's matter; taking it back is its giver's.
async fn direction(edge: &Edge, act: Act, id: &str, request: &mut Request) -> Result<Object, Fault> {
    let id = DirectionId::parse(id).map_err(|_| Fault::NotFound)?;
    let posts = app::direction::posts_of(&edge.desk, &id).await.map_err(Fault::internal)?;
    let (owner, giver) = posts.ok_or(Fault::NotFound)?;
    request.extensions_mut().insert(id);
    Ok(Object::Post(if act == Act::CarryDirection { owner } else { giver }))
}

/// The appointment whose number is asked for, with the post that may ask.
async fn dialled(edge: &Edge, id: &AppointmentId) -> Result<Object, Fault> {
    app::dial::object(&edge.desk, id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// What the post of this id decides.
fn of_post(id: &str) -> Result<Object, Fault> {
    PostId::parse(id).map(Object::Post).map_err(|_| Fault::NotFound)
}

/// A list of a post is that post's matter, and the house's for whoever runs none.
async fn desk(edge: &Edge, actor: &Actor, request: &mut Request) -> Result<Object, Fault> {
    let Some(post) = chosen_desk(edge, actor, request.uri()).await? else { return Ok(Object::House) };
    request.extensions_mut().insert(post.clone());
    Ok(Object::Post(post))
}

/// The post whose worklist is asked for: the one named in the query, or the first that this person runs.
async fn chosen_desk(edge: &Edge, actor: &Actor, uri: &Uri) -> Result<Option<PostId>, Fault> {
    let named = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("post="));
    if let Some(id) = named {
        return PostId::parse(id).map(Some).map_err(|_| Fault::NotFound);
    }
    let desks = app::screen::desks_of(&edge.desk, actor).await.map_err(Fault::internal)?;
    Ok(desks.into_iter().next().map(|(id, _)| id))
}

/// A person who may come in after signing in is sent to the door; anybody else sees that nothing is there.
fn refusal(denied: Denied, act: Act, request: &Request) -> Response {
    let is_door =
        !matches!(act, Act::FillForm | Act::ReadSlip | Act::ChangeByLink | Act::OpenDoor | Act::ReadOutbox);
    match denied {
        // No person reads the answer: a script asks.
        Denied::SignInFirst if act == Act::AskRelay => Fault::SignInFirst.into_response(),
        Denied::SignInFirst if is_door && request.method() == Method::GET => {
            Redirect::to(&format!("/sign-in?next={}", request.uri().path())).into_response()
        }
        Denied::SignInFirst if is_door => Fault::SignInFirst.into_response(),
        Denied::Forbidden if is_door => Fault::NotYours.into_response(),
        _ => Fault::NotFound.into_response(),
    }
}
