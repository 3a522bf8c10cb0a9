//! Who is asked in to a meeting, for the office; and the first page of whoever was asked in.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{InviteId, MeetingId};
use domain::meeting::invited::{HALL_PEOPLE_MAX, INVITED_MAX};
use domain::meeting::{InviteError, InviteKind, Invited};

use super::book::Fields;
use super::meeting::{Heading, closed, inside};
use super::slip::qr;
use super::view::FieldError;
use super::{Page, html};
use crate::app::door::{Door, DoorState};
use crate::app::invite::{self, AskInError, Asked, word_of};
use crate::auth::Actor;
use crate::auth::policy::{Act, allows};
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::http::gate::Place;
use crate::http::headers::with_session;
use crate::i18n::Words;

/// One who is asked in.
struct AskedView {
    id: String,
    name: String,
    people: String,
    link: String,
    link_label: String,
    qr: String,
}

/// As what somebody can be asked in.
struct KindView {
    code: &'static str,
    text: String,
    hint: String,
}

/// What was typed, to stand in the form again.
#[derive(Default)]
struct Typed {
    kind: String,
    name: String,
    people: String,
}

#[derive(Template)]
#[template(path = "guests.html")]
struct GuestsPage {
    page: Page,
    meeting_with: String,
    moment: String,
    back_href: String,
    action: String,
    asked: Vec<AskedView>,
    kinds: Vec<KindView>,
    people_hint: String,
    typed: Typed,
    errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "invited.html")]
struct InvitedPage {
    page: Page,
    heading: Heading,
    called: String,
    people: Vec<String>,
    action: String,
    /// At an office of the house, whose session the invitation would take the place of.
    is_signed_in: bool,
}

/// GET `/meeting/{id}/people`: who is asked in, and the form to ask one more.
pub async fn list(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    page: Page,
) -> Result<Response, Fault> {
    Ok(shown(&edge, &door, (page, Typed::default(), Vec::new())).await?.into_response())
}

/// POST `/meeting/{id}/people`: asks somebody in.
pub async fn ask_in(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let typed = Typed { kind: field("kind"), name: field("name"), people: field("people") };
    let meeting = meeting_of(&door)?;
    let asked = match Invited::read(&typed.kind, &typed.name, &typed.people) {
        Ok(who) => invite::ask_in(&edge.desk, &actor, meeting, &who).await,
        Err(error) => Err(error.into()),
    };
    match asked {
        Ok(()) => Ok(Redirect::to(&format!("/meeting/{meeting}/people")).into_response()),
        Err(AskInError::Store(error)) => Err(Fault::internal(error)),
        Err(error) => {
            let errors = vec![words_of(&error, page.words)];
            Ok(refused(shown(&edge, &door, (page, typed, errors)).await?))
        }
    }
}

/// POST `/meeting/{id}/people/{invite}/withdraw`: takes an invitation back.
pub async fn withdraw(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let meeting = meeting_of(&door)?;
    let id = InviteId::parse(&id).map_err(|_| Fault::NotFound)?;
    invite::withdraw(&edge.desk, &actor, meeting, &id).await.map_err(Fault::internal)?;
    if let Some(live) = &edge.live {
        live.uninvited(meeting.clone(), id, actor.by(None)).await;
    }
    Ok(Redirect::to(&format!("/meeting/{meeting}/people")).into_response())
}

/// GET `/i/{token}`: what one was asked in to; the meeting itself on a device that has taken the invitation.
pub async fn invited(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    (asked, known): (Option<Extension<Asked>>, Option<Extension<Place>>),
    page: Page,
) -> Result<Response, Fault> {
    if door.state != DoorState::Open {
        return Ok(closed(page, &door)?.into_response());
    }
    let Some(Extension(asked)) = asked else { return inside(&edge, page, (&actor, &door), known).await };
    let has_taken = match &actor {
        Actor::Citizen { invites, .. } => invites.iter().any(|one| one.id == asked.id),
        Actor::Staff(_) => allows(&actor, Act::EnterMeeting, &door.inside()).is_ok(),
        Actor::Terminal(_) | Actor::Anyone => false,
    };
    if has_taken {
        return inside(&edge, page, (&actor, &door), known).await;
    }
    let words = page.words;
    let name = asked.invited.name.as_str();
    let called = match asked.invited.kind {
        InviteKind::Hall => words.with("guest-invited-hall", &[("name", name)]),
        kind => words.with("guest-invited-as", &[("name", name), ("kind", &words.t(word_of(kind)))]),
    };
    let people = asked.invited.people.iter().map(|one| one.as_str().to_owned()).collect();
    let action = format!("/i/{}", asked.token);
    let is_signed_in = actor.staff().is_some();
    let heading = Heading::of(&door, words);
    Ok(html(&InvitedPage { heading, called, people, action, is_signed_in, page })?.into_response())
}

/// POST `/i/{token}`: this device comes as whoever was asked in.
pub async fn take(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let known = match &actor {
        Actor::Citizen { session, .. } => Some(session),
        Actor::Staff(_) | Actor::Terminal(_) | Actor::Anyone => None,
    };
    let back = Redirect::to(&format!("/i/{token}")).into_response();
    match invite::take(&edge.desk, known, &token).await {
        Ok(Some(cookie)) => Ok(with_session(back, &cookie, &edge)),
        Ok(None) => Ok(back),
        Err(AskInError::NoInvitation) => Err(Fault::NotFound),
        Err(error) => Err(Fault::internal(error)),
    }
}

fn meeting_of(door: &Door) -> Result<&MeetingId, Fault> {
    door.meeting.as_ref().ok_or(Fault::NotFound)
}

async fn shown(
    edge: &Edge,
    door: &Door,
    (page, typed, errors): (Page, Typed, Vec<FieldError>),
) -> Result<axum::response::Html<String>, Fault> {
    let (meeting, words) = (meeting_of(door)?, page.words);
    let asked = invite::of_meeting(&edge.desk, meeting).await.map_err(Fault::internal)?;
    let kinds = invite::kinds(&edge.desk, &door.post).await.map_err(Fault::internal)?;
    let heading = Heading::of(door, words);
    let kind = |kind: InviteKind| KindView {
        code: kind.code(),
        text: words.t(word_of(kind)).into_owned(),
        hint: words.t(&format!("guest-hint-{}", kind.code())).into_owned(),
    };
    html(&GuestsPage {
        meeting_with: heading.meeting_with,
        moment: heading.moment,
        back_href: format!("/meeting/{meeting}"),
        action: format!("/meeting/{meeting}/people"),
        asked: asked.iter().map(|one| view(edge, one, words)).collect(),
        kinds: kinds.into_iter().map(kind).collect(),
        people_hint: words.with("guest-people-hint", &[("n", HALL_PEOPLE_MAX)]),
        typed,
        errors,
        page,
    })
}

fn view(edge: &Edge, one: &Asked, words: Words) -> AskedView {
    let link = format!("{}/i/{}", edge.desk.settings.public_url, one.token);
    let name = one.invited.name.as_str();
    let kind = words.t(word_of(one.invited.kind));
    let people: Vec<&str> = one.invited.people.iter().map(domain::text::PersonName::as_str).collect();
    AskedView {
        id: one.id.to_string(),
        name: words.with("guest-called", &[("name", name), ("kind", &kind)]),
        people: people.join(", "),
        link_label: words.with("guest-link-label", &[("name", name)]),
        qr: qr(&link, &words.with("guest-qr", &[("name", name)])),
        link,
    }
}

fn words_of(error: &AskInError, words: Words) -> FieldError {
    let (field, text) = match error {
        AskInError::Typed(InviteError::Name(_)) => ("name", words.t("guest-error-name").into_owned()),
        AskInError::Typed(InviteError::People) => {
            ("people", words.with("guest-error-people", &[("n", HALL_PEOPLE_MAX)]))
        }
        AskInError::Typed(InviteError::PersonOfHall(line)) => {
            ("people", words.with("guest-error-person", &[("line", *line)]))
        }
        AskInError::NotEntered => ("kind", words.t("guest-error-not-entered").into_owned()),
        AskInError::Full => ("kind", words.with("guest-error-full", &[("n", INVITED_MAX)])),
        _ => ("kind", words.t("guest-error-kind").into_owned()),
    };
    FieldError { field, text }
}
