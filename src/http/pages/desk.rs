//! The desk's worklist: requests in order of urgency, today, what comes; and the desk's answers.
//!
//! Who may decide for a post is the policy's matter; a page that was overtaken shows the list as it is now.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::{AppointmentState, Channel, DeclineReason, PROPOSALS_MAX};
use domain::id::PostId;
use domain::office::ist;
use jiff::Timestamp;

use super::book::{Fields, read_back};
use super::meeting::script_words;
use super::post::free_days;
use super::queue::LateView;
use super::slip::channel_text;
use super::view::{Choice, Days, FieldError, Link, key_of, query_text};
use super::{Page, html};
use crate::app::book::Draft;
use crate::app::directory;
use crate::app::hearing;
use crate::app::holidays;
use crate::app::outcome::Missing;
use crate::app::screen::{self, Card, ScreenError};
use crate::app::worklist::{Duplicate, Pressing, VoiceNote};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;

/// One appointment on the worklist.
struct CardView {
    href: String,
    name: String,
    mobile: String,
    mobile_said: String,
    subject: String,
    when: String,
    proposed: Vec<String>,
    channel: String,
    reference: String,
    state: String,
    id: String,
    marks: Vec<String>,
    due: Option<String>,
    questions: Vec<(String, Option<String>)>,
    duplicates: Vec<String>,
    is_waiting: bool,
    may_take_back: bool,
    meeting_href: Option<String>,
    /// Where its number is called, when they talk by telephone.
    dial_href: Option<String>,
}

impl CardView {
    fn of(card: &Card, words: Words) -> CardView {
        CardView {
            href: format!("/desk/{}", card.appointment),
            name: card.name.clone(),
            mobile: card.mobile.clone(),
            mobile_said: read_back(&card.mobile),
            subject: card.subject.clone(),
            when: words.moment(card.slot.start()),
            proposed: card.proposed.iter().map(|slot| words.moment(slot.start())).collect(),
            channel: channel_text(card.channel, words),
            reference: card.reference.clone(),
            state: words.t(&key_of("desk-state-", card.state.code())).into_owned(),
            id: card.appointment.to_string(),
            marks: marks(card, words),
            due: card.answer_due_at.map(|at| words.moment(at)),
            questions: card.questions.iter().map(|row| (row.question.clone(), row.answer.clone())).collect(),
            duplicates: card.duplicates.iter().map(|row| duplicate_line(row, words)).collect(),
            is_waiting: card.state == AppointmentState::Requested,
            may_take_back: matches!(card.state, AppointmentState::Confirmed | AppointmentState::Waiting),
            dial_href: (card.channel == Channel::Telephone && card.state == AppointmentState::Confirmed)
                .then(|| format!("/dial/{}", card.appointment)),
            meeting_href: card.meeting.as_ref().map(|meeting| format!("/meeting/{meeting}")),
        }
    }
}

/// The keys of the worklist and what they do; `web/static/js/desk.js` listens for them.
const KEYS: &[(&str, &str)] = &[
    ("j k ↓ ↑", "desk-key-move"),
    ("a", "desk-accept"),
    ("p", "desk-propose-next"),
    ("d", "desk-key-decline"),
    ("r", "desk-redirect"),
    ("q", "desk-ask"),
    ("u", "desk-key-undo"),
    ("?", "desk-keys"),
];

/// What must not be overlooked: it climbed here, it is late, its time was taken away before.
fn marks(card: &Card, words: Words) -> Vec<String> {
    let climbed = card.climbed_from.as_ref();
    let climbed = climbed.map(|post| words.with("desk-card-climbed", &[("post", words.pick(post))]));
    let late = (card.is_late && climbed.is_none()).then(|| words.t("desk-card-late").into_owned());
    let before = card.displaced_count;
    let before = (before > 0).then(|| words.with("day-away-before", &[("n", before)]));
    climbed.into_iter().chain(late).chain(before).collect()
}

fn duplicate_line(row: &Duplicate, words: Words) -> String {
    let key = if row.has_same_mobile { "desk-duplicate-mobile" } else { "desk-duplicate-name" };
    let state = words.t(&key_of("desk-state-", row.state.code())).into_owned();
    let values = [
        ("post", words.pick(&row.title).to_owned()),
        ("reference", row.reference.clone()),
        ("state", state),
        ("subject", row.subject.clone()),
    ];
    words.with(key, &values)
}

/// One of the desks that this person runs.
struct DeskLink {
    link: Link,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    page: Page,
    note: Option<String>,
    post: String,
    desks: Vec<DeskLink>,
    away_href: String,
    holidays_href: String,
    struck: Vec<Link>,
    emergency_href: String,
    caps_href: String,
    late: LateView,
    today: String,
    waiting: Option<String>,
    reasons: Vec<Choice>,
    script_words: String,
    keys: Vec<(&'static str, String)>,
    requests: Vec<CardView>,
    todays: Vec<CardView>,
    upcoming: Vec<CardView>,
    missing: Vec<MissingView>,
    voice_notes: Vec<MissingView>,
    reports: Option<String>,
    reports_href: String,
    directions_href: String,
    directions: Option<String>,
    hearings_href: Option<String>,
}

/// A meeting whose outcome is missing.
struct MissingView {
    href: String,
    name: String,
    said: String,
}

impl MissingView {
    fn of(row: &Missing, words: Words) -> MissingView {
        let when = words.moment(row.slot.start());
        MissingView {
            href: format!("/meeting/{}/outcome", row.meeting),
            name: row.name.clone(),
            said: format!("{when} · {} · {}", channel_text(row.channel, words), row.reference),
        }
    }
}

impl MissingView {
    fn of_note(row: &VoiceNote, words: Words) -> MissingView {
        MissingView {
            href: format!("/meeting/{}/outcome#voice", row.meeting),
            name: row.name.clone(),
            said: format!("{} · {}", words.moment(row.recorded_at), row.reference),
        }
    }
}

/// What presses among the directions; nothing when nothing does.
fn pressing(directions: Pressing, words: Words) -> Option<String> {
    if directions.open == 0 {
        return None;
    }
    let mut said = vec![words.with("after-desk-directions", &[("open", directions.open)])];
    let more = [("after-desk-overdue", directions.overdue), ("after-desk-reopened", directions.reopened)];
    said.extend(more.into_iter().filter(|(_, n)| *n > 0).map(|(key, n)| words.with(key, &[("n", n)])));
    Some(said.join(" · "))
}

#[derive(Template)]
#[template(path = "decline.html")]
struct DeclinePage {
    page: Page,
    back_href: String,
    name: String,
    when: String,
    action: String,
    reasons: Vec<Choice>,
    alternatives: Vec<Choice>,
    errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "propose.html")]
struct ProposePage {
    page: Page,
    back_href: String,
    note: Option<String>,
    text: String,
    action: String,
    days: Days,
}

/// `/desk`: the worklist of the post that the gate let this person see.
pub async fn worklist(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = match screen::worklist(&edge.desk, &actor, &post).await {
        Ok(list) => list,
        Err(ScreenError::Store(error)) => return Err(Fault::internal(error)),
        Err(_) => return Err(Fault::NotYours),
    };
    let desks = screen::desks_of(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let words = page.words;
    let title = desks.iter().find(|(id, _)| *id == post).map(|(_, title)| words.pick(title).to_owned());
    let links = desks.iter().map(|(id, title)| DeskLink {
        link: Link { href: format!("/desk?post={id}"), text: words.pick(title).to_owned() },
        is_shown: *id == post,
    });
    let note = match query.get("done").map(String::as_str) {
        Some("accepted") => Some("desk-done-accepted"),
        Some("declined") => Some("desk-done-declined"),
        Some("proposed") => Some("desk-done-proposed"),
        Some("redirected") => Some("desk-done-redirected"),
        Some("asked") => Some("desk-done-asked"),
        Some("outcome") => Some("after-desk-done"),
        Some("already") => Some("desk-done-already"),
        _ => None,
    };
    let cards = |cards: &[Card]| cards.iter().map(|card| CardView::of(card, words)).collect::<Vec<_>>();
    let note = note.map(|key| words.t(key).into_owned());
    let board = edge.boards.board(&post).await.map_err(Fault::internal)?;
    let until = board.and_then(|board| board.late.until);
    html(&DeskPage {
        note: note.or_else(|| super::queue::counted(query.get("done")?, words)),
        late: LateView::of(&post, "desk", until, words),
        post: title.unwrap_or_default(),
        desks: links.collect(),
        away_href: format!("/desk/away/{post}"),
        holidays_href: format!("/desk/holidays/{post}"),
        struck: struck(&edge, &post, words).await?,
        emergency_href: format!("/desk/emergency/{post}"),
        caps_href: format!("/desk/caps/{post}"),
        today: words.day(edge.desk.now().to_zoned(ist()).date()),
        waiting: (!list.requests.is_empty())
            .then(|| words.with("desk-count-requests", &[("n", list.requests.len())])),
        reasons: reasons(words),
        script_words: script_words(words, "desk-js-"),
        keys: KEYS.iter().map(|(key, text)| (*key, words.t(text).into_owned())).collect(),
        requests: cards(&list.requests),
        todays: cards(&list.today),
        upcoming: cards(&list.upcoming),
        missing: list.without_outcome.iter().map(|row| MissingView::of(row, words)).collect(),
        voice_notes: list.voice_notes.iter().map(|row| MissingView::of_note(row, words)).collect(),
        reports: (list.reports > 0).then(|| words.with("after-desk-reports", &[("n", list.reports)])),
        reports_href: format!("/reports?post={post}"),
        directions_href: format!("/directions?post={post}"),
        directions: pressing(list.directions, words),
        hearings_href: hearing::hears(&edge.desk, &post)
            .await
            .map_err(Fault::internal)?
            .then(|| format!("/hearings?post={post}")),
        page,
    })
}

/// Holidays on which this post has meetings, each with the way to the displacement that is proposed.
async fn struck(edge: &Edge, post: &PostId, words: Words) -> Result<Vec<Link>, Fault> {
    let days = holidays::struck(&edge.desk, post).await.map_err(Fault::internal)?;
    let links = days.into_iter().map(|one| {
        let name = words.pick(&one.name).to_owned();
        let values = [("day", words.day(one.day)), ("name", name.clone()), ("n", one.meetings.to_string())];
        let back = one.day.tomorrow().unwrap_or(one.day);
        Link {
            href: format!(
                "/desk/away/{post}?from={}T00:00&to={back}T00:00&reason=holiday&authority={}",
                one.day,
                query_text(&name)
            ),
            text: words.with("day-holiday-struck", &values),
        }
    });
    Ok(links.collect())
}

/// POST `/desk/{appointment}/accept`: gives the wished time.
pub async fn accept(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
) -> Result<Response, Fault> {
    let outcome = screen::accept(&edge.desk, &actor, &draft.appointment).await;
    told(outcome.map(|_| "accepted"), &draft)
}

/// GET `/desk/{appointment}/decline`: asks for the reason.
pub async fn ask_decline(
    State(edge): State<Edge>,
    Extension(draft): Extension<Draft>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&decline_page(&edge, &draft, page, Vec::new()).await?)
}

/// POST `/desk/{appointment}/decline`: declines with a reason, and perhaps another post to go to.
pub async fn decline(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let Some(reason) = fields.get("reason").and_then(|code| DeclineReason::from_code(code)) else {
        let text = page.words.t("desk-decline-empty").into_owned();
        let errors = vec![FieldError { field: "reason", text }];
        return Ok(refused(html(&decline_page(&edge, &draft, page, errors).await?)?));
    };
    let alternative = match fields.get("alternative").map(String::as_str) {
        None | Some("") => None,
        Some(id) => Some(PostId::parse(id).map_err(|_| Fault::Malformed)?),
    };
    let outcome = screen::decline(&edge.desk, &actor, &draft.appointment, (reason, alternative)).await;
    told(outcome.map(|_| "declined"), &draft)
}

async fn decline_page(
    edge: &Edge,
    draft: &Draft,
    page: Page,
    errors: Vec<FieldError>,
) -> Result<DeclinePage, Fault> {
    let words = page.words;
    Ok(DeclinePage {
        page,
        back_href: list_href(draft),
        name: name_of(draft),
        when: words.moment(draft.slot.start()),
        action: format!("/desk/{}/decline", draft.appointment),
        reasons: reasons(words),
        alternatives: other_posts(edge, draft, words).await?,
        errors,
    })
}

/// The coded reasons.
pub(super) fn reasons(words: Words) -> Vec<Choice> {
    let reasons = DeclineReason::ALL.iter().map(|reason| Choice {
        code: reason.code().to_owned(),
        text: words.t(&key_of("citizen-reason-", reason.code())).into_owned(),
        hint: String::new(),
    });
    reasons.collect()
}

/// The other posts that can be met.
pub(super) async fn other_posts(edge: &Edge, draft: &Draft, words: Words) -> Result<Vec<Choice>, Fault> {
    let others = directory::bookable(&edge.desk).await.map_err(Fault::internal)?;
    let others = others.iter().filter(|card| card.id != draft.post.id && card.held.is_some());
    let choices = others.map(|card| Choice {
        code: card.id.to_string(),
        text: words.pick(&card.title).to_owned(),
        hint: String::new(),
    });
    Ok(choices.collect())
}

/// GET `/desk/{appointment}/propose`: the post's free times.
pub async fn ask_propose(
    State(edge): State<Edge>,
    Extension(draft): Extension<Draft>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&propose_page(&edge, &draft, page, None).await?)
}

/// POST `/desk/{appointment}/propose`: suggests up to three other times, or the next free one.
pub async fn propose(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    page: Page,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let starts: Vec<&str> =
        fields.iter().filter(|(name, _)| name == "start").map(|(_, value)| value.as_str()).collect();
    let outcome = if starts == ["next"] {
        screen::propose_next(&edge.desk, &actor, &draft.appointment).await
    } else {
        let starts: Option<Vec<Timestamp>> =
            starts.iter().map(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok()).collect();
        let starts = starts.ok_or(Fault::Malformed)?;
        if starts.is_empty() || starts.len() > PROPOSALS_MAX {
            let note = page.words.t("desk-propose-count").into_owned();
            return Ok(refused(html(&propose_page(&edge, &draft, page, Some(note)).await?)?));
        }
        screen::propose(&edge.desk, &actor, &draft.appointment, &starts).await
    };
    match outcome {
        Err(ScreenError::SlotTaken { .. } | ScreenError::NotOffered { .. }) => {
            let note = page.words.t("desk-propose-taken").into_owned();
            Ok(taken(html(&propose_page(&edge, &draft, page, Some(note)).await?)?))
        }
        outcome => told(outcome.map(|_| "proposed"), &draft),
    }
}

async fn propose_page(
    edge: &Edge,
    draft: &Draft,
    page: Page,
    note: Option<String>,
) -> Result<ProposePage, Fault> {
    let words = page.words;
    Ok(ProposePage {
        page,
        back_href: list_href(draft),
        note,
        text: words.with("desk-propose-text", &[("name", name_of(draft))]),
        action: format!("/desk/{}/propose", draft.appointment),
        days: free_days(edge, &draft.post.id, words).await?,
    })
}

pub(super) fn name_of(draft: &Draft) -> String {
    draft.details.as_ref().map(|details| details.name.clone()).unwrap_or_default()
}

pub(super) fn list_href(draft: &Draft) -> String {
    format!("/desk?post={}", draft.post.id)
}

/// Back to the list, which says what was done or that somebody was faster.
pub(super) fn told(outcome: Result<&'static str, ScreenError>, draft: &Draft) -> Result<Response, Fault> {
    let done = match outcome {
        Ok(done) => done,
        Err(ScreenError::Store(error)) => return Err(Fault::internal(error)),
        Err(ScreenError::Denied(_)) => return Err(Fault::NotYours),
        Err(ScreenError::Unknown) => return Err(Fault::NotFound),
        Err(ScreenError::UnknownPost) => return Err(Fault::Malformed),
        Err(
            ScreenError::Impossible(_)
            | ScreenError::Changed
            | ScreenError::SlotTaken { .. }
            | ScreenError::NotOffered { .. },
        ) => "already",
    };
    Ok(Redirect::to(&format!("{}&done={done}", list_href(draft))).into_response())
}
