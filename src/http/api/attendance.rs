//! Who was present in a meeting, for staff's programs: what was measured, what was corrected, and what counts.

use axum::Json;
use axum::extract::{Extension, State};
use domain::meeting::Stretch;
use domain::meeting::attendance::{Ruling, Source, Statement, total};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::attendance::{self, Called, Entry, Person, Sheet};
use crate::app::door::Door;
use crate::http::Edge;
use crate::http::error::Fault;

/// A stretch that the server measured.
#[derive(Debug, Serialize, ToSchema)]
pub struct Measured {
    /// RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// First instant after; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// `present`, `network` (the line was gone) or `house` (the server was).
    evidence: &'static str,
}

impl From<&Stretch> for Measured {
    fn from(one: &Stretch) -> Self {
        Self { from: one.from, to: one.to, evidence: one.evidence.code() }
    }
}

/// A participant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Participant {
    /// `citizen:…`, `officer:…`, `desk:…` or `guest:…`.
    participant: String,
    /// The post, or the visitor's name.
    name: Option<String>,
    /// What was measured, ascending. It never changes, but for its last stretch while the meeting lasts.
    measured: Vec<Measured>,
    /// Milliseconds of presence that count: what was measured, with the corrections that stand.
    present_ms: i64,
}

impl From<&Person> for Participant {
    fn from(person: &Person) -> Self {
        let name = match &person.called {
            Called::Post(title) => Some(title.en.clone()),
            Called::Visitor(name) => Some(name.clone()),
            Called::Invited(one) => Some(one.name.as_str().to_owned()),
            Called::Role => None,
        };
        let present = total(&person.pieces, Source::is_present).as_millis();
        Self {
            participant: person.code.clone(),
            name,
            measured: person.measured.iter().map(Measured::from).collect(),
            present_ms: i64::try_from(present).unwrap_or(i64::MAX),
        }
    }
}

/// What an office says beside what was measured.
#[derive(Debug, Serialize, ToSchema)]
pub struct Corrected {
    /// From 1 on.
    number: u32,
    /// Of whom; absent when it takes another back.
    participant: Option<String>,
    /// `present` or `absent`.
    says: Option<&'static str>,
    /// RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// First instant after; RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// The correction that it takes back.
    takes_back: Option<u32>,
    /// The correction that takes it back.
    taken_back_by: Option<u32>,
    /// Why.
    reason: String,
    /// The post that wrote it.
    by: String,
    /// When; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl Corrected {
    fn of(entry: &Entry, sheet: &Sheet) -> Self {
        let (said, takes_back): (Option<&Statement>, _) = match &entry.row.rules.ruling {
            Ruling::States(said) => (Some(said), None),
            Ruling::TakesBack(number) => (None, Some(*number)),
        };
        let whose = said.and_then(|said| sheet.people.iter().find(|person| person.guest == said.guest));
        Self {
            number: entry.row.rules.number,
            participant: whose.map(|person| person.code.clone()),
            says: said.map(|said| said.says.code()),
            from: said.map(|said| said.from),
            to: said.map(|said| said.to),
            takes_back,
            taken_back_by: entry.taken_back_by,
            reason: entry.row.reason.as_str().to_owned(),
            by: entry.row.by.1.to_string(),
            at: entry.row.at,
        }
    }
}

/// Who was present in a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attendance {
    /// The number of the appointment that people say.
    reference: String,
    /// The officer has ended the meeting.
    is_ended: bool,
    /// The officer, the visitor, then whoever else was there.
    participants: Vec<Participant>,
    /// Corrections, the first first.
    corrections: Vec<Corrected>,
}

/// Who was present in a meeting of a post whose desk the token's post runs.
#[utoipa::path(get, path = "/api/v1/meetings/{id}/attendance", tag = "desk", security(("session" = [])),
    params(("id" = String, Path, description = "The meeting")),
    responses(
        (status = 200, description = "Who was present", body = Attendance),
        (status = 404, description = "No such meeting"),
    ))]
pub async fn of_meeting(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
) -> Result<Json<Attendance>, Fault> {
    let id = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let sheet = attendance::sheet(&edge.desk, id).await.map_err(Fault::internal)?;
    let sheet = sheet.ok_or(Fault::NotFound)?;
    Ok(Json(Attendance {
        reference: sheet.reference.clone(),
        is_ended: sheet.is_ended,
        participants: sheet.people.iter().map(Participant::from).collect(),
        corrections: sheet.history.iter().map(|entry| Corrected::of(entry, &sheet)).collect(),
    }))
}
