//! From a held time to a booked one: details, the one-time code, and what happens when the time is gone.
//!
//! What a person has typed comes back on every page until the booking stands.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::supply::Category;
use domain::diary::{AppointmentState, Channel, Slot};
use domain::id::{AppointmentId, PostId};
use jiff::{SignedDuration, Timestamp};

use super::view::{Choice, FieldError, PostView, TimeView, Typed, categories, key_of};
use super::{Page, html};
use crate::app::book::{self as booking, ConfirmError, DetailsError, Draft, FieldFault};
use crate::app::directory;
use crate::app::hold::{self as holding, HoldError, HoldWish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::http::headers::with_session;
use crate::i18n::Words;
use crate::limits;

/// The fields of a form; a repeated one counts once.
pub type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "details.html")]
struct DetailsPage {
    page: Page,
    post: PostView,
    when: String,
    safe_until: String,
    action: String,
    form: Typed,
    channels: Vec<Choice>,
    categories: Vec<Choice>,
    errors: Vec<FieldError>,
}

impl DetailsPage {
    fn of(page: Page, draft: &Draft, mut form: Typed, errors: Vec<FieldError>) -> DetailsPage {
        let words = page.words;
        if let Some(category) = draft.category.filter(|_| form.category.is_empty()) {
            form.category = category.code().to_owned();
        }
        let channels = [Channel::Video, Channel::InPerson]
            .map(|channel| Choice {
                code: channel.code().to_owned(),
                text: words.t(&key_of("common-channel-", channel.code())).into_owned(),
                hint: words
                    .t(&format!("{}-hint", key_of("citizen-details-channel-", channel.code())))
                    .into_owned(),
            })
            .to_vec();
        DetailsPage {
            post: PostView::of(&draft.post, words),
            when: match &draft.draw {
                Some(_) => words.t("door-draw-when").into_owned(),
                None => words.moment(draft.slot.start()),
            },
            safe_until: safe_until(draft, words),
            action: format!("/book/{}", draft.appointment),
            page,
            form,
            channels,
            categories: categories(words),
            errors,
        }
    }

    fn error_of(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.text.as_str())
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    details_href: String,
    action: String,
    sent: String,
    mobile: String,
    /// That it went by mail, too, if there is an address.
    mail_too: Option<String>,
    /// It was sent so long ago that it may not come at all.
    is_late: bool,
    safe_until: String,
    note: Option<String>,
    errors: Vec<FieldError>,
}

impl CodePage {
    fn of(page: Page, draft: &Draft, now: Timestamp) -> CodePage {
        let words = page.words;
        let late = SignedDuration::from_secs(limits::CODE_LATE_SECONDS);
        let mobile = draft.details.as_ref().map(|details| read_back(&details.mobile)).unwrap_or_default();
        let mail = draft.details.as_ref().map(|details| details.mail.clone()).filter(|mail| !mail.is_empty());
        CodePage {
            page,
            details_href: format!("/book/{}", draft.appointment),
            action: format!("/book/{}/code", draft.appointment),
            sent: words.t("help-code-sent").into_owned(),
            mobile,
            mail_too: mail.map(|mail| words.with("help-code-mail-too", &[("mail", mail)])),
            is_late: draft.code_sent_at.is_some_and(|at| now.duration_since(at) >= late),
            safe_until: safe_until(draft, words),
            note: None,
            errors: Vec::new(),
        }
    }

    /// The same page, which says what was wrong with a field.
    fn with_problem(self, field: &'static str, text: String) -> CodePage {
        CodePage { errors: vec![FieldError { field, text }], ..self }
    }

    fn error_of(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.text.as_str())
    }
}

#[derive(Template)]
#[template(path = "nearest.html")]
struct NearestPage {
    page: Page,
    title: String,
    text: String,
    post: PostView,
    action: String,
    all_href: String,
    kept: Option<Typed>,
    times: Vec<TimeView>,
}

/// Why the wished time can't be had; the words are `citizen-{…}-title` and `-text`.
#[derive(Clone, Copy)]
enum Lost {
    Taken,
    Past,
    NotOffered,
    Kept,
    DayFull,
    Expired,
}

impl Lost {
    fn key(self) -> &'static str {
        match self {
            Lost::Taken => "citizen-taken",
            Lost::Past => "citizen-past",
            Lost::NotOffered => "citizen-not-offered",
            Lost::Kept => "citizen-kept",
            Lost::DayFull => "citizen-day-full",
            Lost::Expired => "citizen-expired",
        }
    }
}

/// POST `/hold`: takes a time for ten minutes; what was typed for a lost time comes along.
pub async fn hold(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let post = fields.get("post").and_then(|id| PostId::parse(id).ok()).ok_or(Fault::NotFound)?;
    let start = start_of(&fields)?;
    let typed = Typed::of_form(&fields);
    let session = match &actor {
        Actor::Citizen { session, .. } => Some(session.clone()),
        _ => None,
    };
    let wish = HoldWish {
        session,
        post: post.clone(),
        start,
        language: page.language,
        category: Category::from_code(&typed.category),
    };
    match holding::hold(&edge.desk, wish).await {
        Ok(held) => {
            let next = carry_on(&edge, &actor, page, (&held.appointment, &typed)).await?;
            Ok(match held.cookie {
                Some(token) => with_session(next, &token, &edge),
                None => next,
            })
        }
        Err(HoldError::SlotTaken { nearest }) => {
            lost(&edge, page, (Lost::Taken, &post), (nearest, typed)).await
        }
        Err(HoldError::PastTime { nearest }) => {
            lost(&edge, page, (Lost::Past, &post), (nearest, typed)).await
        }
        Err(HoldError::NotOffered { nearest }) => {
            lost(&edge, page, (Lost::NotOffered, &post), (nearest, typed)).await
        }
        Err(HoldError::Kept { nearest, .. }) => {
            lost(&edge, page, (Lost::Kept, &post), (nearest, typed)).await
        }
        Err(HoldError::DayFull { nearest }) => {
            lost(&edge, page, (Lost::DayFull, &post), (nearest, typed)).await
        }
        Err(HoldError::CitizenFull) => Err(Fault::Conflict),
        Err(HoldError::UnknownPost) => Err(Fault::NotFound),
        // Its page says why it takes no bookings.
        Err(HoldError::Closed) => Ok(Redirect::to(&format!("/post/{post}")).into_response()),
        Err(HoldError::TooManyHolds) => Err(Fault::TooManyHolds),
        Err(HoldError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// After a hold: on to the form, or past it when the form was filled for another time already.
async fn carry_on(
    edge: &Edge,
    actor: &Actor,
    page: Page,
    (id, typed): (&AppointmentId, &Typed),
) -> Result<Response, Fault> {
    if typed.is_empty() {
        return Ok(Redirect::to(&format!("/book/{id}")).into_response());
    }
    take_details(edge, actor, page, (id, typed.clone())).await
}

/// GET `/book/{appointment}`: the form, with what was written before.
pub async fn details(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Response, Fault> {
    let draft = draft_of(&edge, &id).await?;
    let form = draft.details.as_ref().map(Typed::of_details).unwrap_or_default();
    if let Some(elsewhere) = no_longer_held(&edge, page.clone(), &draft, &form).await? {
        return Ok(elsewhere);
    }
    Ok(html(&DetailsPage::of(page, &draft, form, Vec::new()))?.into_response())
}

/// POST `/book/{appointment}`: takes the details and sends the code, or names what must be mended.
pub async fn give_details(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let id = AppointmentId::parse(&id).map_err(|_| Fault::NotFound)?;
    take_details(&edge, &actor, page, (&id, Typed::of_form(&fields))).await
}

async fn take_details(
    edge: &Edge,
    actor: &Actor,
    page: Page,
    (id, typed): (&AppointmentId, Typed),
) -> Result<Response, Fault> {
    match booking::give_details(&edge.desk, actor, id, &typed.details()).await {
        Ok(()) => Ok(Redirect::to(&format!("/book/{id}/code")).into_response()),
        Err(DetailsError::Fields(faults)) => {
            let draft = draft_of(edge, id.as_str()).await?;
            if let Some(elsewhere) = no_longer_held(edge, page.clone(), &draft, &typed).await? {
                return Ok(elsewhere);
            }
            let errors = faults.iter().map(|fault| field_error(*fault, page.words)).collect();
            Ok(refused(html(&DetailsPage::of(page, &draft, typed, errors))?))
        }
        Err(DetailsError::HoldExpired { post, nearest }) => {
            lost(edge, page, (Lost::Expired, &post), (nearest, typed)).await
        }
        Err(DetailsError::AlreadyBooked { slip_token }) => {
            Ok(Redirect::to(&format!("/s/{slip_token}")).into_response())
        }
        Err(DetailsError::TooManyCodes) => Err(Fault::TooManyCodes),
        Err(DetailsError::Unknown) => Err(Fault::NotFound),
        Err(DetailsError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// GET `/book/{appointment}/code`: where the code is typed.
pub async fn code(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    let draft = draft_of(&edge, &id).await?;
    let form = draft.details.as_ref().map(Typed::of_details).unwrap_or_default();
    if let Some(elsewhere) = no_longer_held(&edge, page.clone(), &draft, &form).await? {
        return Ok(elsewhere);
    }
    if draft.details.is_none() {
        return Ok(Redirect::to(&format!("/book/{id}")).into_response());
    }
    let note = query.contains_key("sent").then(|| page.words.t("citizen-code-again-sent").into_owned());
    let mut code_page = CodePage::of(page, &draft, edge.desk.now());
    code_page.note = note;
    Ok(html(&code_page)?.into_response())
}

/// POST `/book/{appointment}/code`: the right code makes the booking.
pub async fn confirm(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let draft = draft_of(&edge, &id).await?;
    let words = page.words;
    let again = |page: Page, text: String| {
        Ok(refused(html(&CodePage::of(page, &draft, edge.desk.now()).with_problem("code", text))?))
    };
    let code = digits(fields.get("code").map_or("", String::as_str));
    let code = match code {
        Some(code) if code.is_empty() => return again(page, words.t("citizen-code-empty").into_owned()),
        Some(code) if code.len() == 6 => code,
        _ => return again(page, words.t("citizen-code-malformed").into_owned()),
    };
    match booking::confirm(&edge.desk, &actor, &draft.appointment, &code).await {
        Ok(booked) => Ok(Redirect::to(&format!("/s/{}", booked.slip_token)).into_response()),
        Err(ConfirmError::WrongCode { tries_left }) => {
            again(page, words.with("citizen-code-wrong", &[("n", tries_left)]))
        }
        Err(ConfirmError::CodeExpired) => again(page, words.t("citizen-code-expired").into_owned()),
        Err(ConfirmError::TooManyTries) => again(page, words.t("citizen-code-too-many").into_owned()),
        Err(ConfirmError::CitizenFull) => again(page, words.t("citizen-code-citizen-full").into_owned()),
        Err(ConfirmError::DetailsFirst) => Ok(Redirect::to(&format!("/book/{id}")).into_response()),
        Err(ConfirmError::HoldExpired { post, nearest }) => {
            let typed = draft.details.as_ref().map(Typed::of_details).unwrap_or_default();
            lost(&edge, page, (Lost::Expired, &post), (nearest, typed)).await
        }
        Err(ConfirmError::Unknown) => Err(Fault::NotFound),
        Err(ConfirmError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// POST `/book/{appointment}/code/again`: sends another code; by mail, too, if an address comes with it.
pub async fn send_again(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let draft = draft_of(&edge, &id).await?;
    let id = &draft.appointment;
    let sent = match fields.get("mail") {
        Some(mail) => booking::send_code_by_mail(&edge.desk, &actor, id, mail).await,
        None => booking::send_code_again(&edge.desk, &actor, id).await,
    };
    let words = page.words;
    let refuse = |field: &'static str, text: String| {
        Ok(refused(html(&CodePage::of(page, &draft, edge.desk.now()).with_problem(field, text))?))
    };
    match sent {
        Ok(()) => Ok(Redirect::to(&format!("/book/{id}/code?sent=1")).into_response()),
        Err(DetailsError::TooManyCodes) => {
            refuse("code", words.t("citizen-code-too-many-sends").into_owned())
        }
        Err(DetailsError::Fields(faults)) => {
            let fault = faults.first().map(|fault| field_error(*fault, words));
            refuse("mail", fault.map(|fault| fault.text).unwrap_or_default())
        }
        Err(DetailsError::Store(error)) => Err(Fault::internal(error)),
        // Booked, expired or without details: the code's page knows where to go.
        Err(_) => Ok(Redirect::to(&format!("/book/{id}/code")).into_response()),
    }
}

async fn draft_of(edge: &Edge, id: &str) -> Result<Draft, Fault> {
    let id = AppointmentId::parse(id).map_err(|_| Fault::NotFound)?;
    booking::draft(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// Where a person belongs whose time is no longer held: at the slip when it is booked, else before other times.
async fn no_longer_held(
    edge: &Edge,
    page: Page,
    draft: &Draft,
    typed: &Typed,
) -> Result<Option<Response>, Fault> {
    let is_over = draft.expires_at.is_none_or(|at| at <= edge.desk.now());
    match draft.state {
        AppointmentState::Held if !is_over => Ok(None),
        AppointmentState::Held | AppointmentState::Expired => {
            let post = draft.post.id.clone();
            let nearest = directory::nearest(&edge.desk, &post, draft.slot.start(), 3).await;
            let nearest = nearest.map_err(Fault::internal)?;
            Ok(Some(lost(edge, page, (Lost::Expired, &post), (nearest, typed.clone())).await?))
        }
        _ => {
            let token = draft.slip_token.as_deref().ok_or(Fault::NotFound)?;
            Ok(Some(Redirect::to(&format!("/s/{token}")).into_response()))
        }
    }
}

async fn lost(
    edge: &Edge,
    page: Page,
    (why, post): (Lost, &PostId),
    (nearest, typed): (Vec<Slot>, Typed),
) -> Result<Response, Fault> {
    let card = directory::post(&edge.desk, post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    Ok(taken(html(&NearestPage {
        title: words.t(&format!("{}-title", why.key())).into_owned(),
        text: words.t(&format!("{}-text", why.key())).into_owned(),
        post: PostView::of(&card, words),
        action: "/hold".to_owned(),
        all_href: format!("/post/{post}"),
        kept: (!typed.is_empty()).then_some(typed),
        times: nearest.iter().map(|slot| TimeView::of(slot.start(), words)).collect(),
        page,
    })?))
}

fn safe_until(draft: &Draft, words: Words) -> String {
    let until = draft.expires_at.unwrap_or_else(|| draft.slot.start());
    let key = if draft.draw.is_some() { "door-draw-safe" } else { "citizen-details-safe" };
    words.with(key, &[("clock", words.clock(until))])
}

/// The time that a button sent, in Unix milliseconds.
pub(super) fn start_of(fields: &Fields) -> Result<Timestamp, Fault> {
    let sent = fields.get("start").and_then(|text| text.parse::<i64>().ok()).ok_or(Fault::Malformed)?;
    Timestamp::from_millisecond(sent).map_err(|_| Fault::Malformed)
}

fn field_error(fault: FieldFault, words: Words) -> FieldError {
    let (field, key) = match fault {
        FieldFault::Name(error) => ("name", format!("citizen-error-name-{}", error.code())),
        FieldFault::Mobile(error) => ("mobile", format!("citizen-error-mobile-{}", error.code())),
        FieldFault::Mail(error) => ("mail", format!("citizen-error-mail-{}", error.code())),
        FieldFault::Subject(error) => ("subject", format!("citizen-error-subject-{}", error.code())),
        FieldFault::Channel => ("channel", "citizen-error-channel".to_owned()),
        FieldFault::Category => ("category", "citizen-error-category".to_owned()),
    };
    FieldError { field, text: words.t(&key).into_owned() }
}

/// The number in two groups, as it is read aloud.
pub(super) fn read_back(mobile: &str) -> String {
    domain::text::Mobile::parse(mobile).map_or_else(|_| mobile.to_owned(), |mobile| mobile.grouped())
}

/// The ASCII digits of a typed code: Devanagari digits count, spaces and hyphens don't. `None` if anything else is there.
pub(super) fn digits(text: &str) -> Option<String> {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c {
            '0'..='9' => Some(c),
            '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_in_devanagari_and_with_spaces() {
        assert_eq!(digits("४८२ ९१३").as_deref(), Some("482913"));
        assert_eq!(digits("482-913").as_deref(), Some("482913"));
        assert_eq!(digits("48291x"), None);
    }
}
