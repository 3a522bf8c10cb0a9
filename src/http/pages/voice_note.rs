//! The voice note of an outcome: kept from the page's recorder, played to the office, and written down by its desk.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::MeetingId;
use domain::text::Remark;

use super::book::Fields;
use crate::app::door::Door;
use crate::app::voice_note::{self, VoiceError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, nothing_to_say};

fn meeting(door: &Door) -> Result<&MeetingId, Fault> {
    door.meeting.as_ref().ok_or(Fault::NotFound)
}

fn fault(error: VoiceError) -> Fault {
    match error {
        VoiceError::Denied(_) => Fault::NotYours,
        VoiceError::Unknown => Fault::NotFound,
        VoiceError::NotVoice => Fault::Malformed,
        VoiceError::Store(error) => Fault::internal(error),
    }
}

/// POST `/meeting/{id}/outcome/voice`: the recording, as it is.
pub async fn keep(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    bytes: Bytes,
) -> Result<Response, Fault> {
    voice_note::keep(&edge.desk, &actor, meeting(&door)?, &bytes).await.map_err(fault)?;
    Ok(nothing_to_say())
}

/// GET `/meeting/{id}/outcome/voice`: the sound; nothing while there is none.
pub async fn play(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
) -> Result<Response, Fault> {
    let found = voice_note::sound(&edge.desk, &actor, meeting(&door)?).await.map_err(fault)?;
    Ok(match found {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => nothing_to_say(),
    })
}

/// POST `/meeting/{id}/outcome/voice/text`: what it says, as the desk has heard it.
pub async fn write_down(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let id = meeting(&door)?;
    let back = |note: &str| Redirect::to(&format!("/meeting/{id}/outcome?note={note}")).into_response();
    let Some(said) = fields.get("said").and_then(|text| Remark::parse(text).ok()) else {
        return Ok(back("text"));
    };
    match voice_note::write_down(&edge.desk, &actor, id, &said).await {
        Ok(()) => Ok(back("written")),
        Err(error) => Err(fault(error)),
    }
}
