//! The slip of a hearing: what each party takes home, in the language of the booking, on paper as on the screen.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use domain::hearing::Side;
use domain::id::AppointmentId;

use super::book::Fields;
use super::hearing::{closed, evidence, reading};
use super::hearings::{attendance, nth};
use super::slip::channel_text;
use super::view::Link;
use super::{Page, html};
use crate::app::hearing::{self, Entered, Shown};
use crate::app::slip::Slip;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

#[derive(Template)]
#[template(path = "hearing_slip.html")]
struct SlipPage {
    page: Page,
    back: Option<Link>,
    title: String,
    party: String,
    rows: Vec<(String, String)>,
    present: Vec<(String, String, String)>,
    order: Option<(String, String)>,
    came: Vec<(String, String)>,
    list_href: String,
}

/// `/s/{token}/hearing`: the complainant's.
pub async fn of_complainant(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let shown = shown(&edge, &slip.appointment).await?;
    let text = page.words.t("citizen-slip-title").into_owned();
    let back = Link { href: format!("/s/{}", slip.slip_token), text };
    html(&view(&shown, (Side::Complainant, Some(back)), page)?)
}

/// `/hearing/{appointment}/notice`: that of the authority concerned.
pub async fn of_authority(
    State(edge): State<Edge>,
    Extension(id): Extension<AppointmentId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let shown = shown(&edge, &id).await?;
    let page = as_booked(page, &shown, &query);
    html(&view(&shown, (Side::Authority, None), page)?)
}

/// `/hearing/{appointment}/slip/{side}`: either one, for the office that hands it over.
pub async fn of_office(
    State(edge): State<Edge>,
    Extension(id): Extension<AppointmentId>,
    Path((_, side)): Path<(String, String)>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let side = Side::from_code(&side).ok_or(Fault::NotFound)?;
    let shown = shown(&edge, &id).await?;
    let back = Link { href: format!("/hearing/{id}"), text: page.words.t("hearing-title").into_owned() };
    let page = as_booked(page, &shown, &query);
    html(&view(&shown, (side, Some(back)), page)?)
}

async fn shown(edge: &Edge, id: &AppointmentId) -> Result<Shown, Fault> {
    hearing::shown(&edge.desk, id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// The page in the language of the booking, unless the other one is asked for here.
fn as_booked(page: Page, shown: &Shown, query: &Fields) -> Page {
    if query.contains_key("lang") {
        return page;
    }
    Page { words: Words::of(shown.language), language: shown.language, ..page }
}

fn view(shown: &Shown, (side, back): (Side, Option<Link>), page: Page) -> Result<SlipPage, Fault> {
    let words = page.words;
    let entered = shown.entered.as_ref().ok_or(Fault::NotFound)?;
    let came = closed(entered, words);
    let authority = words.pick(&entered.authority).to_owned();
    let title = if came.is_some() { "hearing-slip-title" } else { "hearing-summons-title" };
    Ok(SlipPage {
        back,
        title: words.t(title).into_owned(),
        party: match side {
            Side::Complainant => shown.name.clone(),
            Side::Authority => authority,
        },
        rows: rows(shown, entered, words),
        present: came.as_ref().map(|_| present(shown, entered, words)).unwrap_or_default(),
        order: came.as_ref().and_then(|_| {
            let order = entered.row.rules.order()?;
            Some((order.text.as_str().to_owned(), reading(&order.reading, words)))
        }),
        came: came.unwrap_or_default(),
        list_href: format!("/list/{}", shown.post),
        page,
    })
}

fn rows(shown: &Shown, entered: &Entered, words: Words) -> Vec<(String, String)> {
    let row = |key: &str, value: String| (words.t(key).into_owned(), value);
    let (title, body) = (words.pick(&shown.title), words.pick(&shown.body));
    let filed = entered.row.case.filed;
    vec![
        row("hearing-case-number", entered.row.case.case_number.to_string()),
        row("hearing-number-of", nth(entered, words)),
        row("citizen-slip-when", words.moment(shown.slot.start())),
        row("citizen-slip-channel", channel_text(shown.channel, words)),
        row("hearing-before", format!("{title}, {body}")),
        row("hearing-complainant", shown.name.clone()),
        row("hearing-authority", words.pick(&entered.authority).to_owned()),
        row("citizen-slip-subject", shown.subject.clone()),
        row("hearing-filed", format!("{} {}", words.day(filed), filed.year())),
    ]
}

/// Who was there, and by what that is known.
fn present(shown: &Shown, entered: &Entered, words: Words) -> Vec<(String, String, String)> {
    let line = |side: Side, name: String| {
        let mark = entered.attendance.of(side).as_ref();
        let by = mark.map(|mark| evidence(mark, words)).unwrap_or_default();
        (name, attendance(mark, words), by)
    };
    vec![
        line(Side::Complainant, shown.name.clone()),
        line(Side::Authority, words.pick(&entered.authority).to_owned()),
    ]
}
