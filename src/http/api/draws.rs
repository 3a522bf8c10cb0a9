//! Draws: what everybody may see and recompute, how one enters, and how an office announces and draws.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::id::{DrawId, PostId};
use domain::notice::Language;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::holds::{Hold, begun};
use super::{Moment, Sent, Span, json_headers, written};
use crate::app::draw::{self, Shown};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created};

/// A draw as everybody may see it; at each moment no more than belongs there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Draw {
    /// Its id.
    id: String,
    /// Whose times.
    post: String,
    /// The times, ascending.
    times: Vec<Span>,
    /// 64 hexadecimal digits, published before anybody entered.
    commitment: String,
    /// Entries are taken from then on.
    #[schema(value_type = String, format = DateTime)]
    opens_at: Timestamp,
    /// And until then.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    /// Are entries taken now?
    is_open: bool,
    /// How many have entered.
    entries: usize,
    /// Their reference numbers in ascending order, once the list is closed.
    references: Option<Vec<String>>,
    /// The secret behind the commitment, once it is drawn.
    secret: Option<String>,
    /// The public word, once it is drawn.
    word: Option<String>,
    /// The order, once it is drawn: the first have the times, the others wait.
    order: Option<Vec<String>>,
}

impl From<Shown> for Draw {
    fn from(one: Shown) -> Self {
        let (secret, word, order) = match one.drawn {
            Some((secret, word, order)) => (Some(secret), Some(word), Some(order)),
            None => (None, None, None),
        };
        Self {
            id: one.id.to_string(),
            post: one.post.id.to_string(),
            times: one.times.into_iter().map(Span::from).collect(),
            commitment: one.commitment,
            opens_at: one.opens_at,
            closes_at: one.closes_at,
            is_open: one.is_open,
            entries: one.count,
            references: one.references,
            secret,
            word,
            order,
        }
    }
}

async fn shown(edge: &Edge, id: &DrawId) -> Result<Draw, Fault> {
    Ok(draw::show(&edge.desk, id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?.into())
}

fn draw_id(text: &str) -> Result<DrawId, Fault> {
    DrawId::parse(text).map_err(|_| Fault::NotFound)
}

/// A draw.
#[utoipa::path(get, path = "/api/v1/draws/{draw}", tag = "draws",
    params(("draw" = String, Path, description = "The draw")),
    responses((status = 200, description = "The draw", body = Draw), (status = 404, description = "There is none")))]
pub async fn draw(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Json<Draw>, Fault> {
    Ok(Json(shown(&edge, &draw_id(&id)?).await?))
}

/// Begins an entry: a hold without a time. Its details and its code, as of any hold, make the entry count.
#[utoipa::path(post, path = "/api/v1/draws/{draw}/entries", tag = "draws", security((), ("session" = [])),
    params(("draw" = String, Path, description = "The draw")),
    responses(
        (status = 201, description = "It has begun", body = Hold,
            headers(("Location" = String, description = "The hold"))),
        (status = 404, description = "There is no such draw"),
        (status = 409, description = "`draw-closed`"),
        (status = 429, description = "`too-many-holds`"),
        (status = 503, description = "`busy`: as many have entered as may"),
    ))]
pub async fn enter(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(language): Extension<Language>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let session = match &actor {
        Actor::Citizen { session, .. } => Some(session),
        _ => None,
    };
    begun(&edge, draw::begin(&edge.desk, session, &draw_id(&id)?, language).await?).await
}

/// The draws of a post whose desk the token's post runs, the newest first.
#[utoipa::path(get, path = "/api/v1/draws", tag = "draws", security(("session" = [])),
    params(("post" = Option<String>, Query, description = "The post; the first that the token's post runs when absent")),
    responses((status = 200, description = "The draws", body = Vec<Draw>)))]
pub async fn of_post(
    State(edge): State<Edge>,
    Extension(post): Extension<PostId>,
) -> Result<Json<Vec<Draw>>, Fault> {
    let mut draws = Vec::new();
    for row in draw::of_post(&edge.desk, &post).await.map_err(Fault::internal)? {
        draws.push(shown(&edge, &row.id).await?);
    }
    Ok(Json(draws))
}

/// A draw that is wished.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraw {
    /// When each time begins.
    starts: Vec<Moment>,
    /// Until when entries are taken.
    closes_at: Moment,
}

/// Announces a draw of free times of a post.
#[utoipa::path(post, path = "/api/v1/draws/of/{post}", tag = "draws", security(("session" = [])),
    request_body = NewDraw, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 201, description = "It is announced", body = Draw,
            headers(("Location" = String, description = "The draw"))),
        (status = 409, description = "`closed`, `slot-taken`"),
        (status = 422, description = "`draw-count`, `draw-closing`"),
    ))]
pub async fn announce_draw(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Sent(sent): Sent<NewDraw>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let starts: Vec<Timestamp> = sent.starts.iter().map(Moment::instant).collect::<Result<_, _>>()?;
    let id = draw::announce(&edge.desk, &actor, &post, (&starts, sent.closes_at.instant()?)).await?;
    let mut headers = json_headers();
    let at = HeaderValue::from_str(&format!("/api/v1/draws/{id}")).map_err(Fault::internal)?;
    headers.insert(header::LOCATION, at);
    Ok(created(headers, written(&shown(&edge, &id).await?)?))
}

/// What was published after the list had closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicWord {
    /// One line.
    #[schema(max_length = 60)]
    word: String,
}

/// Draws: reveals the secret, gives the times by the order, and tells everybody.
#[utoipa::path(post, path = "/api/v1/draws/of/{post}/{draw}", tag = "draws", security(("session" = [])),
    request_body = PublicWord,
    params(("post" = String, Path, description = "The post"), ("draw" = String, Path, description = "The draw")),
    responses(
        (status = 200, description = "It is drawn", body = Draw),
        (status = 404, description = "There is no such draw"),
        (status = 409, description = "`draw-open`"),
        (status = 422, description = "`draw-word`"),
    ))]
pub async fn reveal(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((_, id)): Path<(String, String)>,
    Sent(sent): Sent<PublicWord>,
) -> Result<Json<Draw>, Fault> {
    let id = draw_id(&id)?;
    draw::reveal(&edge.desk, &actor, &id, &sent.word).await?;
    Ok(Json(shown(&edge, &id).await?))
}
