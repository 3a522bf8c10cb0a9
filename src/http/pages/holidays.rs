//! Holidays by order: what stands for the office of a post, a form to declare a day, and taking one back.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::PostId;
use domain::text::Subject;
use jiff::civil::Date;

use super::book::Fields;
use super::view::FieldError;
use super::{Page, html};
use crate::app::holidays::{self, Declaration, HolidayError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};

/// A holiday that stands.
struct HolidayView {
    date: String,
    day: String,
    name: String,
    order: Option<String>,
}

#[derive(Template)]
#[template(path = "holidays.html")]
struct HolidaysPage {
    page: Page,
    back_href: String,
    action: String,
    scope: String,
    note: Option<String>,
    day: String,
    name_hi: String,
    name_en: String,
    order: String,
    errors: Vec<FieldError>,
    days: Vec<HolidayView>,
}

async fn shown(
    edge: &Edge,
    (actor, post): (&Actor, &PostId),
    fields: &Fields,
    page: Page,
) -> Result<HolidaysPage, Fault> {
    let words = page.words;
    let own = holidays::own(&edge.desk, actor, post).await?;
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let note = match fields.get("note").map(String::as_str) {
        Some("withdrawn") => Some(words.t("day-holiday-withdrawn").into_owned()),
        Some(n) => n.parse::<u32>().ok().map(|n| words.with("day-holiday-declared", &[("n", n)])),
        None => None,
    };
    let days = own.days.into_iter().map(|row| HolidayView {
        date: row.day.to_string(),
        day: format!("{} {}", words.day(row.day), row.day.year()),
        name: words.pick(&row.name).to_owned(),
        order: row.order,
    });
    Ok(HolidaysPage {
        back_href: format!("/desk?post={post}"),
        action: format!("/desk/holidays/{post}"),
        scope: words.pick(&own.scope).to_owned(),
        note,
        day: field("day"),
        name_hi: field("name_hi"),
        name_en: field("name_en"),
        order: field("order"),
        errors: Vec::new(),
        days: days.collect(),
        page,
    })
}

/// GET `/desk/holidays/{post}`: what stands, and the form.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&shown(&edge, (&actor, &post), &fields, page).await?)
}

/// POST `/desk/holidays/{post}`: declares a day, or takes one back; `do` says which.
pub async fn change(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let done = match (text("do"), read(&fields)) {
        ("withdraw", (Some(day), _, Some(order))) => {
            let outcome = holidays::withdraw(&edge.desk, &actor, (&post, day), &order).await;
            outcome.map(|()| "withdrawn".to_owned())
        }
        ("declare", (Some(day), Some(name), Some(order))) => {
            let wish = Declaration { post: post.clone(), day, name, order };
            holidays::declare(&edge.desk, &actor, &wish).await.map(|done| done.meetings.to_string())
        }
        _ => return mistaken(&edge, (&actor, &post), (&fields, "day-holiday-empty"), page).await,
    };
    let key = match done {
        Ok(note) => {
            return Ok(Redirect::to(&format!("/desk/holidays/{post}?note={note}")).into_response());
        }
        Err(HolidayError::Day) => "day-holiday-day",
        Err(HolidayError::Standing) => "day-holiday-standing",
        Err(other) => return Err(other.into()),
    };
    mistaken(&edge, (&actor, &post), (&fields, key), page).await
}

/// The day, its names and the order, as far as they can be read.
fn read(fields: &Fields) -> (Option<Date>, Option<(Subject, Subject)>, Option<Subject>) {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let line = |name: &str| Subject::parse(text(name)).ok();
    (text("day").parse().ok(), line("name_hi").zip(line("name_en")), line("order"))
}

async fn mistaken(
    edge: &Edge,
    whose: (&Actor, &PostId),
    (fields, key): (&Fields, &str),
    page: Page,
) -> Result<Response, Fault> {
    let text = page.words.t(key).into_owned();
    let mut again = shown(edge, whose, fields, page).await?;
    again.errors = vec![FieldError { field: "day", text }];
    Ok(refused(html(&again)?))
}
