//! The door of a meeting and the meeting itself, for the citizen, the officer and the officer's desk.
//!
//! A page holds words and ids only: who is admitted, seen and heard is decided over the socket, never here.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{AppointmentId, MeetingId, SessionId};

use super::book::Fields;
use super::check::relays_of;
use super::view::{FieldError, Link};
use super::{Page, html};
use crate::app::change::{self, ChangeError};
use crate::app::door::{self, ComeInError, Door, DoorState};
use crate::app::resume;
use crate::app::shared_phone::{self, Household, Other};
use crate::auth::Actor;
use crate::auth::policy::{Act, allows};
use crate::auth::token::Purpose;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::http::gate::Place;
use crate::http::headers::{with_place, with_session};
use crate::i18n::Words;

/// On which side of the table somebody sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Waits and is admitted.
    Citizen,
    /// The same for somebody who was asked in.
    Guest,
    /// Admits, talks, ends.
    Officer,
    /// Sees the lobby alone.
    Desk,
}

impl Side {
    fn of(actor: &Actor, door: &Door) -> Side {
        match actor {
            Actor::Staff(_) if allows(actor, Act::EndMeeting, &door.inside()).is_ok() => Side::Officer,
            Actor::Staff(_) => Side::Desk,
            Actor::Citizen { appointments, .. } if !appointments.contains(&door.appointment) => Side::Guest,
            Actor::Citizen { .. } | Actor::Terminal(_) | Actor::Anyone => Side::Citizen,
        }
    }

    fn is_citizen(self) -> bool {
        matches!(self, Side::Citizen | Side::Guest)
    }

    fn is_guest(self) -> bool {
        self == Side::Guest
    }

    fn is_officer(self) -> bool {
        self == Side::Officer
    }

    fn is_desk(self) -> bool {
        self == Side::Desk
    }

    /// As the page's script knows it.
    fn code(self) -> &'static str {
        match self {
            Side::Citizen | Side::Guest => "citizen",
            Side::Officer => "officer",
            Side::Desk => "desk",
        }
    }
}

/// What a person reads of a door before anything else: with whom and when.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub post: String,
    pub meeting_with: String,
    pub moment: String,
}

impl Heading {
    pub(super) fn of(door: &Door, words: Words) -> Heading {
        let post = words.pick(&door.title).to_owned();
        Heading {
            meeting_with: words.with("live-join-with", &[("post", post.as_str())]),
            moment: words.moment(door.slot.start()),
            post,
        }
    }
}

#[derive(Template)]
#[template(path = "meeting.html")]
struct MeetingPage {
    page: Page,
    relays: String,
    side: Side,
    heading: Heading,
    meeting: String,
    /// With this the page comes in, also while the database is away.
    resume: String,
    closing: String,
    home: &'static str,
    home_text: String,
    /// What comes after the meeting: the outcome for the office, the slip for the citizen.
    next: Option<Link>,
    /// Who was present, for the office.
    attendance: Option<Link>,
    script_words: String,
    /// Recordings are offered.
    has_recordings: bool,
    /// The appointment, for the office that may have to call.
    appointment: String,
    /// Where a citizen asks to be called by telephone instead; empty where he cannot.
    telephone: String,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    page: Page,
    heading: Heading,
    action: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "join_closed.html")]
struct ClosedPage {
    page: Page,
    heading: Heading,
    reason: String,
}

#[derive(Template)]
#[template(path = "who.html")]
struct WhoPage {
    page: Page,
    heading: Heading,
    question: String,
    yes_href: String,
    action: String,
    others: Vec<OtherView>,
    errors: Vec<FieldError>,
}

/// Somebody else on the same number.
struct OtherView {
    id: String,
    text: String,
    is_chosen: bool,
}

/// GET `/j/{token}`: the meeting for a device that is known, the question for its owner's digits for another.
pub async fn join(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    (Path(token), Query(query), known): (Path<String>, Query<Fields>, Option<Extension<Place>>),
    page: Page,
) -> Result<Response, Fault> {
    if door.state != DoorState::Open {
        return Ok(closed(page, &door)?.into_response());
    }
    if allows(&actor, Act::EnterMeeting, &door.inside()).is_ok() {
        // Who has said so already is not asked again, and nobody is while the database is away.
        let is_asked = known.is_none() && !query.contains_key("me") && known_at(&actor, &door).is_some();
        if is_asked
            && let Some(house) = shared_phone::household(&edge.desk, &door).await.map_err(Fault::internal)?
        {
            return Ok(who(page, &door, (&token, house), None)?.into_response());
        }
        return inside(&edge, page, (&actor, &door), known).await;
    }
    Ok(ask(page, &door, (&token, None))?.into_response())
}

/// POST `/j/{token}`: the four digits that make a device known.
pub async fn come_in(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    Path(token): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let known = match &actor {
        Actor::Citizen { session, .. } => Some(session),
        Actor::Staff(_) | Actor::Terminal(_) | Actor::Anyone => None,
    };
    let typed = fields.get("digits").map_or("", String::as_str);
    let error = match door::come_in(&edge.desk, known, &token, typed).await {
        Ok(cookie) => {
            let answer = Redirect::to(&format!("/j/{token}")).into_response();
            return Ok(match cookie {
                Some(cookie) => with_session(answer, &cookie, &edge),
                None => answer,
            });
        }
        Err(ComeInError::Store(error)) => return Err(Fault::internal(error)),
        Err(ComeInError::NoDoor) => return Err(Fault::NotFound),
        Err(ComeInError::NotDigits) => page.words.t("live-join-digits-empty").into_owned(),
        Err(ComeInError::TooManyTries) => page.words.t("live-join-digits-locked").into_owned(),
        Err(ComeInError::Wrong { tries_left }) => {
            page.words.with("live-join-digits-wrong", &[("n", tries_left)])
        }
    };
    Ok(refused(ask(page, &door, (&token, Some(error)))?))
}

/// POST `/j/{token}/other`: somebody else of the house, who has a meeting of their own and the PIN of its slip.
pub async fn go_over(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    Path(token): Path<String>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let back = Redirect::to(&format!("/j/{token}")).into_response();
    let to = fields.get("appointment").and_then(|id| AppointmentId::parse(id).ok());
    let Some((session, to)) = known_at(&actor, &door).zip(to) else { return Ok(back) };
    let typed = fields.get("pin").map_or("", String::as_str);
    let error = match shared_phone::go_over(&edge.desk, (session, &door), (&to, typed)).await {
        Ok(token) => return Ok(Redirect::to(&format!("/j/{token}?me=1")).into_response()),
        Err(ComeInError::NoDoor) => return Ok(back),
        Err(ComeInError::Store(error)) => return Err(Fault::internal(error)),
        Err(ComeInError::NotDigits) => page.words.t("help-who-pin-empty").into_owned(),
        Err(ComeInError::TooManyTries) => page.words.t("live-join-digits-locked").into_owned(),
        Err(ComeInError::Wrong { tries_left }) => page.words.with("help-who-pin-wrong", &[("n", tries_left)]),
    };
    let house = shared_phone::household(&edge.desk, &door).await.map_err(Fault::internal)?;
    let Some(house) = house else { return Ok(back) };
    Ok(refused(who(page, &door, (&token, house), Some((to, error)))?))
}

/// POST `/j/{token}/telephone`: a call by telephone in the place of the video, at the same time.
pub async fn by_telephone(
    State(edge): State<Edge>,
    (Extension(actor), Extension(door)): (Extension<Actor>, Extension<Door>),
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    if known_at(&actor, &door).is_some() {
        match change::by_telephone_at_door(&edge.desk, &door).await {
            // Where it could not be, the page of the door says how things stand.
            Ok(()) | Err(ChangeError::Impossible(_) | ChangeError::Changed) => {}
            Err(error) => return Err(Fault::internal(error)),
        }
    }
    Ok(Redirect::to(&format!("/j/{token}")).into_response())
}

/// The session of a device that is known at this door; whoever was asked in is known as a guest, not as the citizen.
fn known_at<'a>(actor: &'a Actor, door: &Door) -> Option<&'a SessionId> {
    match actor {
        Actor::Citizen { session, appointments, .. } if appointments.contains(&door.appointment) => {
            Some(session)
        }
        _ => None,
    }
}

fn who(
    page: Page,
    door: &Door,
    (token, house): (&str, Household),
    refusal: Option<(AppointmentId, String)>,
) -> Result<Html<String>, Fault> {
    let words = page.words;
    let is_alone = house.others.len() == 1;
    let other = |other: Other| OtherView {
        is_chosen: is_alone || refusal.as_ref().is_some_and(|(chosen, _)| *chosen == other.appointment),
        id: other.appointment.to_string(),
        text: format!("{} · {}", other.letters, words.clock(other.start)),
    };
    html(&WhoPage {
        heading: Heading::of(door, words),
        question: words.with("help-who", &[("name", house.name)]),
        yes_href: format!("/j/{token}?me=1"),
        action: format!("/j/{token}/other"),
        others: house.others.into_iter().map(other).collect(),
        errors: refusal.iter().map(|(_, text)| FieldError { field: "pin", text: text.clone() }).collect(),
        page,
    })
}

/// GET `/meeting/{id}`: the officer's page, or the desk's.
pub async fn meeting(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    (Extension(door), known): (Extension<Door>, Option<Extension<Place>>),
    page: Page,
) -> Result<Response, Fault> {
    match door.state {
        DoorState::Open => inside(&edge, page, (&actor, &door), known).await,
        _ => Ok(closed(page, &door)?.into_response()),
    }
}

/// The page of the meeting; for whom the database could not be asked about, with the token that he showed.
pub(super) async fn inside(
    edge: &Edge,
    page: Page,
    (actor, door): (&Actor, &Door),
    known: Option<Extension<Place>>,
) -> Result<Response, Fault> {
    let meeting = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let resume = match known {
        Some(Extension(Place(token))) => Some(token),
        None => resume::for_page(&edge.desk, actor, meeting).await.map_err(Fault::internal)?,
    };
    let side = Side::of(actor, door);
    let words = page.words;
    let (closing, home, home_text) = match side {
        Side::Citizen => ("live-ended-text", "/", "common-start-again"),
        Side::Guest => ("guest-ended-text", "/", "common-start-again"),
        Side::Officer | Side::Desk => ("live-ended-text-officer", "/desk", "common-desk"),
    };
    let path = page.path.split_once('?').map_or(page.path.as_str(), |(path, _)| path).to_owned();
    let answer = html(&MeetingPage {
        relays: relays_of(edge, actor),
        side,
        heading: Heading::of(door, words),
        meeting: meeting.to_string(),
        resume: resume.clone().map(String::from).unwrap_or_default(),
        closing: words.t(closing).into_owned(),
        home,
        home_text: words.t(home_text).into_owned(),
        next: next(edge, side, (door, meeting), words),
        attendance: (!side.is_citizen()).then(|| Link {
            href: format!("/meeting/{meeting}/attendance"),
            text: words.t("attendance-link").into_owned(),
        }),
        has_recordings: edge.desk.settings.recordings.is_some(),
        script_words: script_words_of(words, &["live-js-", "turn-js-", "help-js-"]),
        appointment: door.appointment.to_string(),
        telephone: path.strip_prefix("/j/").map(|token| format!("/j/{token}/telephone")).unwrap_or_default(),
        page,
    })?;
    Ok(match resume {
        Some(token) => with_place(answer.into_response(), (&path, &token), edge),
        None => answer.into_response(),
    })
}

/// Where whoever leaves goes on.
fn next(edge: &Edge, side: Side, (door, meeting): (&Door, &MeetingId), words: Words) -> Option<Link> {
    let (href, key) = match side {
        Side::Guest => return None,
        Side::Citizen => {
            let token = edge.desk.settings.link_key.link(Purpose::Slip, &door.appointment);
            (format!("/s/{token}"), "after-see-slip")
        }
        Side::Officer | Side::Desk => (format!("/meeting/{meeting}/outcome"), "after-desk-write"),
    };
    Some(Link { href, text: words.t(key).into_owned() })
}

fn ask(page: Page, door: &Door, (token, error): (&str, Option<String>)) -> Result<Html<String>, Fault> {
    html(&JoinPage { heading: Heading::of(door, page.words), action: format!("/j/{token}"), error, page })
}

pub(super) fn closed(page: Page, door: &Door) -> Result<Html<String>, Fault> {
    let key = match door.state {
        DoorState::NotYet => "live-join-not-confirmed",
        DoorState::Elsewhere => "live-join-not-video",
        DoorState::ByTelephone => "help-telephone-done",
        DoorState::Never | DoorState::Open => "live-join-over",
    };
    let reason = page.words.t(key).into_owned();
    html(&ClosedPage { heading: Heading::of(door, page.words), reason, page })
}

/// The words that a page's script shows, as JSON that can stand inside a `script` element.
pub(super) fn script_words(words: Words, prefix: &str) -> String {
    script_words_of(words, &[prefix])
}

/// The same for words that begin in one of several ways.
pub(super) fn script_words_of(words: Words, prefixes: &[&str]) -> String {
    let table: BTreeMap<String, String> =
        prefixes.iter().flat_map(|prefix| words.starting_with(prefix)).collect();
    let json = serde_json::to_string(&table).expect("a table of text is JSON");
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use domain::notice::Language;

    use super::*;

    #[test]
    fn the_words_of_a_script_cannot_end_its_element_and_keep_their_blanks() {
        for language in [Language::Hindi, Language::English] {
            let json = script_words(Words::of(language), "live-js-");
            assert!(!json.contains('<'));
            let table: std::collections::BTreeMap<String, String> =
                serde_json::from_str(&json).expect("JSON");
            assert!(table["live-js-place"].contains("{$n}"), "{}", table["live-js-place"]);
        }
    }
}
