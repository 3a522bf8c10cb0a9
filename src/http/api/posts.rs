//! Posts: found by words, and one by its id.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use domain::id::PostId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Text;
use crate::app::directory::{self, PostCard};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::http::refusal::{Nature, Refusal};
use crate::limits;

/// A post that people can ask for a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Post {
    /// Its id.
    #[schema(example = "sec-hlt")]
    id: String,
    /// Its title.
    title: Text,
    /// The body that it belongs to.
    body: Text,
    /// The part that it plays.
    role: &'static str,
    /// The rank of its officer.
    rank: &'static str,
    /// What a booking becomes: `confirm` at once, `request` first, or `closed`.
    booking: &'static str,
    /// Whether somebody holds it now; a vacant post gives no times.
    is_held: bool,
}

impl From<&PostCard> for Post {
    fn from(card: &PostCard) -> Self {
        Self {
            id: card.id.to_string(),
            title: (&card.title).into(),
            body: (&card.body).into(),
            role: card.role.code(),
            rank: card.rank.code(),
            booking: card.mode.code(),
            is_held: card.held.is_some(),
        }
    }
}

/// Posts, the best match first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Posts {
    /// The posts.
    posts: Vec<Post>,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Words of a title, a department or a district, in either script; at most 100 characters.
    #[param(example = "स्वास्थ्य")]
    q: String,
}

/// Finds posts by words in Devanagari or Latin letters, the best match first, twenty at most.
#[utoipa::path(get, path = "/api/v1/posts", tag = "posts", params(Asked), responses(
    (status = 200, description = "The posts that meet the words", body = Posts),
    (status = 400, description = "No words, or too many"),
))]
pub async fn search(
    State(edge): State<Edge>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Posts>, Fault> {
    let malformed = |reason: &str| Refusal::new(Nature::Malformed, "malformed").and("reason", reason);
    let Ok(Query(Asked { q })) = asked else { return Err(malformed("q").into()) };
    if q.chars().count() > limits::SEARCH_CHARS_MAX {
        return Err(malformed("q is too long").into());
    }
    let cards = directory::search(&edge.desk, &q).await.map_err(Fault::internal)?;
    Ok(Json(Posts { posts: cards.iter().map(Post::from).collect() }))
}

/// One post.
#[utoipa::path(get, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The post", body = Post),
        (status = 404, description = "There is none"),
    ))]
pub async fn post(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Json<Post>, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let card = directory::post(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    Ok(Json(Post::from(&card)))
}
