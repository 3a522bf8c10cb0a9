//! Pages of a paper that were given in a meeting: handed in from the page of the meeting, read by the office.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::door::Door;
use crate::app::kept_page::{self, PageError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, nothing_to_say};

/// POST `/meeting/{id}/pages`: the picture, as it is.
pub async fn give(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    bytes: Bytes,
) -> Result<Response, Fault> {
    let meeting = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    match kept_page::keep(&edge.desk, &actor, meeting, &bytes).await {
        Ok(()) => Ok(nothing_to_say()),
        Err(PageError::Unknown) => Err(Fault::NotFound),
        Err(PageError::Outside) => Err(Fault::NotYours),
        Err(PageError::NotPage | PageError::Full) => Err(Fault::Malformed),
        Err(PageError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// GET `/meeting/{id}/pages/{number}`: the picture.
pub async fn picture(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    Path((_, number)): Path<(String, i64)>,
) -> Result<Response, Fault> {
    let found = kept_page::picture(&edge.desk, &door.appointment, number).await.map_err(Fault::internal)?;
    let (mime, bytes) = found.ok_or(Fault::NotFound)?;
    Ok(([(header::CONTENT_TYPE, mime)], bytes).into_response())
}
