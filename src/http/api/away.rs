//! When the day changes: an officer is called away, or all meetings of an office go to video; each first as a preview.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::diary::displacement::AwayReason;
use domain::id::{AbsenceId, EmergencyId, PostId};
use domain::text::Subject;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Sent, Span, Text, json_headers, written};
use crate::app::displace::{self, AwayWish, Hit};
use crate::app::emergency::{self, SwitchWish};
use crate::app::undo;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created};
use crate::http::refusal::{Nature, Refusal};

/// An absence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// First instant away.
    from: Moment,
    /// First instant back.
    to: Moment,
    /// Why; a stable code, told to citizens.
    #[schema(example = "assembly")]
    reason: String,
    /// By whose order.
    #[schema(max_length = 200)]
    authority: String,
    /// Of the preview that was seen; refused as `overtaken` when anything has changed since. Not for the preview itself.
    #[serde(default)]
    mark: String,
}

impl Away {
    fn wish(&self, post: PostId) -> Result<AwayWish, Fault> {
        let reason = AwayReason::of_desks().find(|reason| reason.code() == self.reason).ok_or_else(|| {
            let known: Vec<&str> = AwayReason::of_desks().map(AwayReason::code).collect();
            Refusal::new(Nature::Invalid, "unknown-reason").and("reasons", known)
        })?;
        let authority =
            Subject::parse(&self.authority).map_err(|error| Refusal::field("authority", error))?;
        Ok(AwayWish { post, from: self.from.instant()?, to: self.to.instant()?, reason, authority })
    }
}

/// One appointment that an absence hits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fallen {
    /// The appointment.
    appointment: String,
    /// The number that people say.
    reference: String,
    /// Who comes.
    name: String,
    /// How they meet.
    channel: &'static str,
    /// The time that falls.
    was: Span,
    /// The other time; none for whoever stands first on the waiting list.
    to: Option<Span>,
    /// The wished time stands; only what was on offer falls.
    keeps_time: bool,
    /// How often it was displaced before.
    displaced_before: i64,
}

impl From<Hit> for Fallen {
    fn from(hit: Hit) -> Self {
        Self {
            appointment: hit.appointment.to_string(),
            reference: hit.reference,
            name: hit.name,
            channel: hit.channel.code(),
            was: hit.was.into(),
            to: hit.to.map(Span::from),
            keeps_time: hit.keeps_time,
            displaced_before: hit.displaced_before,
        }
    }
}

/// What an absence would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Impact {
    /// Whom it hits, in the order in which they are given other times.
    hit: Vec<Fallen>,
    /// To be sent along with the act.
    mark: String,
}

/// Whom an absence would hit, and what they would get. Changes nothing.
#[utoipa::path(post, path = "/api/v1/absences/{post}/preview", tag = "absences", security(("session" = [])),
    request_body = Away, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 200, description = "What it would do", body = Impact),
        (status = 404, description = "No such post"),
        (status = 422, description = "`span`, `too-many-hit`, `details`, `unknown-reason` (with the codes that there are)"),
    ))]
pub async fn preview(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Sent(sent): Sent<Away>,
) -> Result<Json<Impact>, Fault> {
    let impact = displace::preview(&edge.desk, &actor, &sent.wish(post)?).await?;
    Ok(Json(Impact { hit: impact.hit.into_iter().map(Fallen::from).collect(), mark: impact.mark }))
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Displaced {
    /// The absence.
    absence: String,
    /// How many have another time.
    moved: usize,
    /// How many stand first on the waiting list.
    waiting: usize,
}

/// Writes an absence down and gives everybody whom it hits another time, in one act; they are told.
#[utoipa::path(post, path = "/api/v1/absences/{post}", tag = "absences", security(("session" = [])),
    request_body = Away, params(("post" = String, Path, description = "The post")),
    responses(
        (status = 201, description = "It is done", body = Displaced),
        (status = 404, description = "No such post"),
        (status = 409, description = "`overtaken`, `changed`: nothing was done; look again"),
        (status = 422, description = "`span`, `too-many-hit`, `details`, `unknown-reason`"),
    ))]
pub async fn announce(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Sent(sent): Sent<Away>,
) -> Result<Response, Fault> {
    let done = displace::carry_out(&edge.desk, &actor, &sent.wish(post.clone())?, &sent.mark).await?;
    edge.boards.ring(&post);
    let told = Displaced { absence: done.absence.to_string(), moved: done.moved, waiting: done.waiting };
    Ok(created(json_headers(), written(&told)?))
}

/// An absence or a switch that stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Standing {
    /// Its id.
    id: String,
    /// First instant; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// First instant after; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Why, for an absence.
    reason: Option<&'static str>,
}

/// The absences of a post that stand and are not over.
#[utoipa::path(get, path = "/api/v1/absences/{post}", tag = "absences", security(("session" = [])),
    params(("post" = String, Path, description = "The post")),
    responses((status = 200, description = "They", body = Vec<Standing>)))]
pub async fn absences(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
) -> Result<Json<Vec<Standing>>, Fault> {
    let rows = displace::standing(&edge.desk, &actor, &post).await?;
    let standing = rows.into_iter().map(|row| Standing {
        id: row.id.to_string(),
        from: row.from,
        to: row.to,
        reason: Some(row.reason.code()),
    });
    Ok(Json(standing.collect()))
}

/// What was undone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Undone {
    /// How many have again what they had.
    restored: usize,
    /// How many keep what they have: they changed it themselves, or the old time is gone.
    kept: usize,
}

/// Takes an absence back, within ten minutes.
#[utoipa::path(post, path = "/api/v1/absences/{post}/{absence}/undo", tag = "absences", security(("session" = [])),
    params(("post" = String, Path, description = "The post"), ("absence" = String, Path, description = "The absence")),
    responses(
        (status = 200, description = "It is undone", body = Undone),
        (status = 404, description = "No such absence"),
        (status = 409, description = "`too-late`, `changed`"),
    ))]
pub async fn undo_absence(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Undone>, Fault> {
    let id = AbsenceId::parse(&id).map_err(|_| Fault::NotFound)?;
    let done = undo::undo(&edge.desk, &actor, &id).await?;
    Ok(Json(Undone { restored: done.restored, kept: done.kept }))
}

/// From when to when all meetings in person go to video.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// First instant.
    from: Moment,
    /// First instant after.
    to: Moment,
}

impl Switch {
    fn wish(&self, post: PostId) -> Result<SwitchWish, Fault> {
        Ok(SwitchWish { post, from: self.from.instant()?, to: self.to.instant()? })
    }
}

/// What a switch would touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reach {
    /// The office at the top.
    scope: Text,
    /// Meetings that go to video.
    meetings: usize,
    /// Posts that give them.
    posts: usize,
}

/// How many meetings would go to video. Changes nothing.
#[utoipa::path(post, path = "/api/v1/emergencies/{post}/preview", tag = "emergencies", security(("session" = [])),
    request_body = Switch, params(("post" = String, Path, description = "The post")),
    responses((status = 200, description = "What it would touch", body = Reach),
        (status = 422, description = "`span`, `too-many-hit`")))]
pub async fn preview_switch(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Sent(sent): Sent<Switch>,
) -> Result<Json<Reach>, Fault> {
    let reach = emergency::preview(&edge.desk, &actor, &sent.wish(post)?).await?;
    Ok(Json(Reach { scope: (&reach.scope).into(), meetings: reach.meetings, posts: reach.posts }))
}

/// What was switched, there or back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Switched {
    /// The switch.
    emergency: String,
    /// Meetings that were touched.
    meetings: usize,
}

/// Moves all meetings in person of the post's office and of those below it to video, at their times; all are told.
#[utoipa::path(post, path = "/api/v1/emergencies/{post}", tag = "emergencies", security(("session" = [])),
    request_body = Switch, params(("post" = String, Path, description = "The post")),
    responses((status = 201, description = "It is done", body = Switched),
        (status = 409, description = "`changed`: nothing was done; look again"),
        (status = 422, description = "`span`, `too-many-hit`")))]
pub async fn switch(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Sent(sent): Sent<Switch>,
) -> Result<Response, Fault> {
    let done = emergency::carry_out(&edge.desk, &actor, &sent.wish(post)?).await?;
    let told = Switched { emergency: done.emergency.to_string(), meetings: done.meetings };
    Ok(created(json_headers(), written(&told)?))
}

/// The switches of a post that stand.
#[utoipa::path(get, path = "/api/v1/emergencies/{post}", tag = "emergencies", security(("session" = [])),
    params(("post" = String, Path, description = "The post")),
    responses((status = 200, description = "They", body = Vec<Standing>)))]
pub async fn switches(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
) -> Result<Json<Vec<Standing>>, Fault> {
    let rows = emergency::standing(&edge.desk, &actor, &post).await?;
    let standing = rows.into_iter().map(|row| Standing {
        id: row.id.to_string(),
        from: row.from,
        to: row.to,
        reason: None,
    });
    Ok(Json(standing.collect()))
}

/// Takes a switch back: what it moved and lies ahead is in person again.
#[utoipa::path(post, path = "/api/v1/emergencies/{post}/{emergency}/undo", tag = "emergencies",
    security(("session" = [])),
    params(("post" = String, Path, description = "The post"), ("emergency" = String, Path, description = "The switch")),
    responses((status = 200, description = "It is taken back", body = Switched),
        (status = 404, description = "No such switch"), (status = 409, description = "`changed`")))]
pub async fn undo_switch(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Switched>, Fault> {
    let id = EmergencyId::parse(&id).map_err(|_| Fault::NotFound)?;
    let meetings = emergency::undo(&edge.desk, &actor, &id).await?;
    Ok(Json(Switched { emergency: id.to_string(), meetings }))
}
