//! The page from which an office calls a citizen by telephone: the number hidden but for its ends, and one button.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Html;
use domain::id::AppointmentId;
use domain::text::Mobile;

use super::{Page, html};
use crate::app::dial::{self as calling, DialError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

#[derive(Template)]
#[template(path = "dial.html")]
struct DialPage {
    page: Page,
    name: String,
    reference: String,
    subject: String,
    post: String,
    mobile: Option<Mobile>,
}

/// POST `/dial/{appointment}`: the number, for whom it is to call; that it was asked for is written down.
pub async fn dial(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let id = AppointmentId::parse(&id).map_err(|_| Fault::NotFound)?;
    let callee = match calling::dial(&edge.desk, &actor, &id).await {
        Ok(callee) => callee,
        Err(DialError::Denied(_)) => return Err(Fault::NotYours),
        Err(DialError::Unknown) => return Err(Fault::NotFound),
        Err(DialError::Store(error)) => return Err(Fault::internal(error)),
    };
    html(&DialPage {
        post: page.words.pick(&callee.post).to_owned(),
        name: callee.name,
        reference: callee.reference,
        subject: callee.subject,
        mobile: callee.mobile,
        page,
    })
}
