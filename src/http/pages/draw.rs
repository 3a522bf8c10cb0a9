//! Draws: what everybody may see and recompute, how one enters, and how an office announces and draws.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form, Json};
use domain::id::{DrawId, PostId};
use jiff::{SignedDuration, Timestamp};

use super::book::Fields;
use super::post::free_days;
use super::view::{Days, Link, PostView};
use super::{Page, html};
use crate::app::directory;
use crate::app::draw::{self, AnnounceError, EnterError, RevealError, Shown};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::http::headers::with_session;
use crate::i18n::Words;

#[derive(Template)]
#[template(path = "draw.html")]
struct DrawPage {
    page: Page,
    post: PostView,
    enter: String,
    json_href: String,
    is_open: bool,
    state: String,
    count: String,
    times: Vec<String>,
    commitment: String,
    references: Option<Vec<String>>,
    drawn: Option<DrawnView>,
}

struct DrawnView {
    secret: String,
    word: String,
    first: Vec<String>,
    others: Vec<String>,
}

#[derive(Template)]
#[template(path = "draws.html")]
struct DrawsPage {
    page: Page,
    title: String,
    action: String,
    problem: Option<String>,
    draws: Vec<OwnDraw>,
    days: Days,
}

/// A draw as its office sees it.
struct OwnDraw {
    link: Link,
    action: String,
    is_ready: bool,
}

fn draw_id(text: &str) -> Result<DrawId, Fault> {
    DrawId::parse(text).map_err(|_| Fault::NotFound)
}

async fn shown(edge: &Edge, id: &str) -> Result<Shown, Fault> {
    draw::show(&edge.desk, &draw_id(id)?).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// `/draw/{draw}`: what everybody may see.
pub async fn draw(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let one = shown(&edge, &id).await?;
    let words = page.words;
    let state = if one.drawn.is_some() {
        words.t("door-draw-state-drawn").into_owned()
    } else if one.is_open {
        words.with("door-draw-state-open", &[("until", words.moment(one.closes_at))])
    } else {
        words.t("door-draw-state-closed").into_owned()
    };
    let times = one.times.len();
    html(&DrawPage {
        post: PostView::of(&one.post, words),
        enter: format!("/draw/{}/enter", one.id),
        json_href: format!("/draw/{}/draw.json", one.id),
        is_open: one.is_open,
        state,
        count: words.with("door-draw-count", &[("n", one.count), ("times", times)]),
        times: one.times.iter().map(|slot| words.moment(slot.start())).collect(),
        commitment: one.commitment,
        references: one.references,
        drawn: one.drawn.map(|(secret, word, mut order)| {
            let others = order.split_off(times.min(order.len()));
            DrawnView { secret, word, first: order, others }
        }),
        page,
    })
}

/// `/draw/{draw}/draw.json`: all that a program needs to draw again.
pub async fn as_json(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Response, Fault> {
    let one = shown(&edge, &id).await?;
    let (secret, word, order) = match one.drawn {
        Some((secret, word, order)) => (Some(secret), Some(word), Some(order)),
        None => (None, None, None),
    };
    let content = serde_json::json!({
        "id": one.id,
        "post": one.post.id,
        "times": one.times.iter().map(|slot| slot.start().to_string()).collect::<Vec<_>>(),
        "opens_at": one.opens_at.to_string(),
        "closes_at": one.closes_at.to_string(),
        "commitment": one.commitment,
        "entries": one.count,
        "references": one.references,
        "secret": secret,
        "word": word,
        "order": order,
    });
    Ok(Json(content).into_response())
}

/// POST `/draw/{draw}/enter`: begins an entry; the form of a booking follows.
pub async fn enter(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Response, Fault> {
    let session = match &actor {
        Actor::Citizen { session, .. } => Some(session),
        _ => None,
    };
    match draw::begin(&edge.desk, session, &draw_id(&id)?, page.language).await {
        Ok(begun) => {
            let next = Redirect::to(&format!("/book/{}", begun.appointment)).into_response();
            Ok(match begun.cookie {
                Some(token) => with_session(next, &token, &edge),
                None => next,
            })
        }
        Err(EnterError::Closed) => Ok(Redirect::to(&format!("/draw/{id}")).into_response()),
        Err(other) => Err(other.into()),
    }
}

/// `/draws`: the draws of a post, and a form to announce another.
pub async fn draws(
    State(edge): State<Edge>,
    Extension(post): Extension<PostId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&own(&edge, &post, page, None).await?)
}

async fn own(edge: &Edge, post: &PostId, page: Page, problem: Option<&str>) -> Result<DrawsPage, Fault> {
    let words = page.words;
    let now = edge.desk.now();
    let card = directory::post(&edge.desk, post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let rows = draw::of_post(&edge.desk, post).await.map_err(Fault::internal)?;
    Ok(DrawsPage {
        title: words.pick(&card.title).to_owned(),
        action: format!("/draws/{post}"),
        problem: problem.map(|key| words.t(key).into_owned()),
        draws: rows
            .iter()
            .map(|row| OwnDraw {
                link: Link {
                    href: format!("/draw/{}", row.id),
                    text: words.with("door-draw-until", &[("until", words.moment(row.closes_at))]),
                },
                action: format!("/draws/{post}/{}", row.id),
                is_ready: row.drawn_at.is_none() && row.closes_at <= now,
            })
            .collect(),
        days: free_days(edge, post, words).await?,
        page,
    })
}

/// POST `/draws/{post}`: announces a draw of the ticked times.
pub async fn announce(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let ticked = fields.keys().filter_map(|name| name.strip_prefix("start-")?.parse::<i64>().ok());
    let starts: Vec<Timestamp> = ticked.filter_map(|ms| Timestamp::from_millisecond(ms).ok()).collect();
    let hours = fields.get("hours").and_then(|text| text.parse::<i64>().ok()).ok_or(Fault::Malformed)?;
    let closes_at = edge.desk.now() + SignedDuration::from_hours(hours.clamp(1, 24 * 30));
    let key = match draw::announce(&edge.desk, &actor, &post, (&starts, closes_at)).await {
        Ok(id) => return Ok(Redirect::to(&format!("/draw/{id}")).into_response()),
        Err(AnnounceError::Count) => "door-draw-error-count",
        Err(AnnounceError::Closing) => "door-draw-error-closing",
        Err(AnnounceError::NotFree) => "door-draw-error-not-free",
        Err(other) => return Err(other.into()),
    };
    Ok(refused(html(&own(&edge, &post, page, Some(key)).await?)?))
}

/// POST `/draws/{post}/{draw}`: draws with the public word.
pub async fn reveal(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((post, id)): Path<(String, String)>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let word = fields.get("word").map(String::as_str).unwrap_or_default();
    let key = match draw::reveal(&edge.desk, &actor, &draw_id(&id)?, word).await {
        Ok(()) => return Ok(Redirect::to(&format!("/draw/{id}")).into_response()),
        Err(RevealError::StillOpen) => "door-draw-error-open",
        Err(RevealError::Refused(_)) => "door-draw-error-word",
        Err(other) => return Err(other.into()),
    };
    Ok(refused(html(&own(&edge, &post, page, Some(key)).await?)?))
}

/// What the slip of an entry says; `None` for what is none, or was booked since.
pub(super) async fn entry_line(
    edge: &Edge,
    id: &domain::id::AppointmentId,
    words: Words,
) -> Result<Option<(String, String)>, Fault> {
    let Some((draw, counts)) = draw::of_entry(&edge.desk, id).await.map_err(Fault::internal)? else {
        return Ok(None);
    };
    let one = draw::show(&edge.desk, &draw).await.map_err(Fault::internal)?;
    let is_drawn = one.is_some_and(|one| one.drawn.is_some());
    let key = match (counts, is_drawn) {
        (false, _) => "door-draw-slip-not",
        (true, false) => "door-draw-slip-in",
        (true, true) => "door-draw-slip-waits",
    };
    Ok(Some((words.t(key).into_owned(), format!("/draw/{draw}"))))
}
