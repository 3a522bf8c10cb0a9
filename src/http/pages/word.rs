//! A word that is left to a post: taken from the page's recorder, opened by its occupant, and played to him, whole or in parts.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::hotline::missed::LeaveRefused;
use domain::id::{PostId, WordId};

use super::book::Fields;
use crate::app::word::{self, WordError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, in_parts, nothing_to_say};
use crate::http::refusal::{Nature, Refusal};

fn fault(error: WordError) -> Fault {
    let (nature, code) = match error {
        WordError::Denied(_) => return Fault::NotYours,
        WordError::Unknown => return Fault::NotFound,
        WordError::Store(error) if !error.is_away() => return Fault::internal(error),
        WordError::Store(_) => (Nature::Away, "word-away"),
        WordError::Refused(LeaveRefused::Oneself) => (Nature::Invalid, "word-oneself"),
        WordError::Refused(LeaveRefused::NotAllowed) => (Nature::Invalid, "word-not-allowed"),
        WordError::Refused(LeaveRefused::Vacant) => (Nature::Conflict, "word-vacant"),
        WordError::Refused(LeaveRefused::TooManyUnheard) => (Nature::Limit, "word-too-many-unheard"),
        WordError::Refused(LeaveRefused::TooManyKept) => (Nature::Limit, "word-too-many-kept"),
        WordError::NotWord => (Nature::Invalid, "word-not-word"),
        WordError::TooLarge => (Nature::Invalid, "word-too-large"),
        WordError::TooLong => (Nature::Invalid, "word-too-long"),
        WordError::Used => (Nature::Conflict, "word-used"),
        WordError::Unopened => (Nature::Conflict, "word-unopened"),
        WordError::Rival => return Fault::Busy,
    };
    Refusal::new(nature, code).into()
}

/// POST `/mesh/leave/{post}?id=…`: the recording, as it is.
pub async fn leave(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(to): Extension<PostId>,
    Query(query): Query<Fields>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    let id = query.get("id").and_then(|id| WordId::parse(id).ok()).ok_or(Fault::Malformed)?;
    let bytes = bytes.map_err(|_| fault(WordError::TooLarge))?;
    let from = word::leave(&edge.desk, &actor, (&id, &to), &bytes).await.map_err(fault)?;
    tell(&edge, vec![from, to]).await;
    Ok(nothing_to_say())
}

/// POST `/mesh/word/{word}/open`: what is played afterwards counts as heard.
pub async fn open(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<WordId>,
) -> Result<Response, Fault> {
    let row = word::open(&edge.desk, &actor, &id).await.map_err(fault)?;
    let back = format!("/mesh/missed?post={}#w-{id}", row.to);
    tell(&edge, vec![row.from, row.to]).await;
    Ok(Redirect::to(&back).into_response())
}

/// GET `/mesh/word/{word}`: the recording, once it was opened.
pub async fn play(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<WordId>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let found = word::recording(&edge.desk, &actor, &id).await.map_err(fault)?;
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    Ok(in_parts(found, range))
}

/// The seats of these posts read again what they have missed.
pub(super) async fn tell(edge: &Edge, posts: Vec<PostId>) {
    if let Some(live) = &edge.live {
        live.missed_moved(posts).await;
    }
}
