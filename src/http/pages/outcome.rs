//! The outcome of a meeting, written down in at most three taps: a direction, another post, a next date, or not possible.
//!
//! One form; the button that is pressed says which of the four it is. What was decided before is shown above it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::direction::{Impossible, Outcome};
use domain::id::PostId;
use domain::report::Abuse;
use domain::text::Noting;
use jiff::Timestamp;

use super::book::Fields;
use super::meeting::script_words;
use super::view::{Choice, FieldError, Link, TimeView, key_of};
use super::{Page, html};
use crate::app::door::Door;
use crate::app::hearing;
use crate::app::outcome::{self, Form as Shown, Given, OutcomeError, Ruling, Wish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;
use crate::letter;

/// Directions that are given most often; the words are `after-text-…`.
const TEXTS: [&str; 6] = ["report", "resolve", "visit", "pay", "paper", "hear"];

/// The keys that open the four, in their order; `web/static/js/outcome.js` listens for them.
const KEYS: [&str; 4] = ["d", "f", "n", "x"];

/// Days ahead that are one tap away.
const DUE_DAYS: [i64; 4] = [0, 1, 3, 7];

/// What was decided, in lines.
pub(super) struct Decided {
    /// One line that says all that matters.
    pub title: String,
    /// Label and value.
    pub rows: Vec<(String, String)>,
    /// The slip of the appointment that follows.
    pub next_href: Option<String>,
    /// When, and why the one before was corrected.
    pub note: String,
}

impl Decided {
    pub(super) fn of(given: &Given, words: Words) -> Decided {
        let post = given.post.as_ref().map(|post| words.pick(post).to_owned()).unwrap_or_default();
        let row = |key: &str, value: String| (words.t(key).into_owned(), value);
        let mut rows = Vec::new();
        if let Some((direction, _)) = &given.direction {
            rows.push(row("notice-row-direction", direction.text.as_str().to_owned()));
            rows.push(row("notice-row-acts", post.clone()));
            rows.push(row("notice-row-due", words.day(direction.due)));
            let state = key_of("after-state-", direction.state.code());
            rows.push(row("after-state", words.t(&state).into_owned()));
        }
        if matches!(given.outcome, Outcome::Forward { .. }) {
            rows.push(row("after-forwarded-to", post));
        }
        if let Some((slot, _)) = &given.next {
            rows.push(row("after-next-date", words.moment(slot.start())));
        }
        if let Outcome::NotPossible(reason) = &given.outcome {
            rows.push(row("after-reason", letter::impossible(words, reason.code())));
        }
        let at = [("when", words.moment(given.at))];
        let mut note = words.with("after-given-at", &at);
        if let Some(why) = &given.why {
            note = format!("{note} · {}", words.with("after-corrected", &[("why", why.as_str())]));
        }
        Decided {
            title: words.t(&key_of("after-kind-", given.outcome.kind().code())).into_owned(),
            rows,
            next_href: given.next.as_ref().map(|(_, token)| format!("/s/{token}")),
            note,
        }
    }
}

/// What was typed, so that nothing is lost when something must be mended.
#[derive(Default)]
struct Typed {
    text: String,
    own: String,
    owner: String,
    why: String,
}

#[derive(Template)]
#[template(path = "outcome.html")]
struct OutcomePage {
    page: Page,
    back_href: String,
    action: String,
    attendance_href: String,
    name: String,
    when: String,
    subject: String,
    reference: String,
    decided: Option<Decided>,
    earlier: Vec<Decided>,
    seen: u32,
    note: Option<String>,
    voice: Option<String>,
    pages: Vec<Link>,
    reported: Vec<String>,
    abuses: Vec<Choice>,
    script_words: String,
    typed: Typed,
    keys: [&'static str; 4],
    texts: Vec<Choice>,
    owners: Vec<Choice>,
    dues: Vec<Choice>,
    likely: Vec<Choice>,
    posts: Vec<Choice>,
    times: Vec<TimeView>,
    reasons: Vec<Choice>,
    errors: Vec<FieldError>,
}

/// GET `/meeting/{id}/outcome`.
pub async fn form(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    if hearing::hears(&edge.desk, &door.post).await.map_err(Fault::internal)? {
        return Ok(to_hearing(&door));
    }
    let key = match query.get("note").map(String::as_str) {
        Some("written") => Some("after-voice-written"),
        Some("text") => Some("after-voice-empty"),
        Some("reported") => Some("after-abuse-done"),
        Some("reason") => Some("after-abuse-empty"),
        _ => None,
    };
    let note = key.map(|key| page.words.t(key).into_owned());
    let (shown, id) = shown(&edge, &door).await?;
    Ok(html(&OutcomePage { note, ..view(&shown, page, (id, Typed::default()), Vec::new()) })?.into_response())
}

/// What comes of a hearing is written on its own page.
fn to_hearing(door: &Door) -> Response {
    Redirect::to(&format!("/hearing/{}", door.appointment)).into_response()
}

async fn shown(edge: &Edge, door: &Door) -> Result<(Shown, String), Fault> {
    let id = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let shown = outcome::form(&edge.desk, id).await.map_err(Fault::internal)?;
    Ok((shown.ok_or(Fault::NotFound)?, id.to_string()))
}

/// POST `/meeting/{id}/outcome`: what was decided.
pub async fn give(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let (shown, id) = shown(&edge, &door).await?;
    let meeting = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let wish = match wish_of(&fields, &shown) {
        Ok(wish) => wish,
        Err(Unread::Field(field, key)) => {
            let errors = vec![FieldError { field, text: page.words.t(key).into_owned() }];
            return Ok(refused(html(&view(&shown, page, (id, typed(&fields)), errors))?));
        }
        Err(Unread::Malformed) => return Err(Fault::Malformed),
    };
    let told = outcome::give(&edge.desk, &actor, meeting, &wish).await;
    if told.is_ok() {
        edge.boards.ring(&door.post);
        return Ok(Redirect::to(&format!("/desk?post={}&done=outcome", door.post)).into_response());
    }
    let (field, key) = match told {
        Ok(_) => return Err(Fault::Malformed),
        Err(OutcomeError::Store(error)) => return Err(Fault::internal(error)),
        Err(OutcomeError::Denied(_)) => return Err(Fault::NotYours),
        Err(OutcomeError::Unknown) => return Err(Fault::NotFound),
        Err(OutcomeError::UnknownPost | OutcomeError::Due) => return Err(Fault::Malformed),
        Err(OutcomeError::IsHearing) => return Ok(to_hearing(&door)),
        Err(OutcomeError::TooEarly) => ("outcome", "after-error-early"),
        Err(OutcomeError::Overtaken) => ("outcome", "after-error-overtaken"),
        Err(OutcomeError::TooOften) => ("outcome", "after-error-often"),
        Err(OutcomeError::NeedsReason) => ("why", "after-error-why"),
        Err(OutcomeError::NotFree) => ("outcome", "after-error-time"),
    };
    // Whoever was overtaken is shown how it stands now.
    let errors = vec![FieldError { field, text: page.words.t(key).into_owned() }];
    let (shown, id) = self::shown(&edge, &door).await?;
    Ok(taken(html(&view(&shown, page, (id, typed(&fields)), errors))?))
}

/// Why a form was not read.
enum Unread {
    /// This field must be mended.
    Field(&'static str, &'static str),
    /// No form of ours sends this.
    Malformed,
}

fn typed(fields: &Fields) -> Typed {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Typed { text: field("text"), own: field("own"), owner: field("owner"), why: field("why") }
}

fn wish_of(fields: &Fields, shown: &Shown) -> Result<Wish, Unread> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let seen: u32 = field("seen").parse().map_err(|_| Unread::Malformed)?;
    let post = |id: &str| PostId::parse(id).map_err(|_| Unread::Malformed);
    let ruling = if fields.contains_key("due") {
        let due_in_days = field("due").parse().map_err(|_| Unread::Malformed)?;
        Ruling::Direction {
            text: text_of(field("text"), field("own"), shown)?,
            owner: post(field("owner"))?,
            due_in_days,
        }
    } else if fields.contains_key("to") {
        Ruling::Forward(post(field("to"))?)
    } else if fields.contains_key("forward") {
        match field("other") {
            "" => return Err(Unread::Field("other", "after-error-post")),
            id => Ruling::Forward(post(id)?),
        }
    } else if fields.contains_key("start") {
        let start = field("start").parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Ruling::NextDate(start.ok_or(Unread::Malformed)?)
    } else {
        Ruling::NotPossible(Impossible::from_code(field("reason")).ok_or(Unread::Malformed)?)
    };
    let why = match field("why") {
        "" if seen > 0 => return Err(Unread::Field("why", "after-error-why")),
        "" => None,
        text => Some(Noting::parse(text).map_err(|_| Unread::Field("why", "after-error-why"))?),
    };
    Ok(Wish { ruling, seen, why })
}

/// The officer's own words, or a common direction in the language in which the citizen is written to.
fn text_of(chosen: &str, own: &str, shown: &Shown) -> Result<Noting, Unread> {
    let common = TEXTS.iter().find(|code| **code == chosen);
    let text = match (own, common) {
        ("", Some(code)) => Words::of(shown.language).t(&format!("after-text-{code}")).into_owned(),
        (own, _) => own.to_owned(),
    };
    Noting::parse(&text).map_err(|_| Unread::Field("own", "after-error-text"))
}

/// The pictures of the pages that were given.
pub(super) fn pages_of(count: i64, meeting: &str, words: Words) -> Vec<Link> {
    let link = |n: i64| Link {
        href: format!("/meeting/{meeting}/pages/{n}"),
        text: words.with("after-page-number", &[("n", n)]),
    };
    (1..=count).map(link).collect()
}

fn view(shown: &Shown, page: Page, (id, typed): (String, Typed), errors: Vec<FieldError>) -> OutcomePage {
    let words = page.words;
    let choice = |code: &str, text: String| Choice { code: code.to_owned(), text, hint: String::new() };
    let said = |prefix: &str, code: &str| words.t(&key_of(prefix, code)).into_owned();
    let title =
        |card: &crate::app::directory::PostCard| choice(card.id.as_str(), words.pick(&card.title).to_owned());
    let others = || shown.posts.iter().filter(|card| card.id != shown.post);
    let own = choice(shown.post.as_str(), words.pick(&shown.title).to_owned());
    let rest = others().filter(|card| shown.likely.iter().all(|one| one.id != card.id)).map(title);
    let mut decided: Vec<Decided> = shown.given.iter().map(|given| Decided::of(given, words)).collect();
    let standing = decided.pop();
    decided.reverse();
    OutcomePage {
        back_href: format!("/desk?post={}", shown.post),
        action: format!("/meeting/{id}/outcome"),
        attendance_href: format!("/meeting/{id}/attendance"),
        name: shown.name.clone(),
        when: words.moment(shown.slot.start()),
        subject: shown.subject.clone(),
        reference: shown.reference.clone(),
        seen: shown.given.last().map_or(0, |given| given.number),
        decided: standing,
        earlier: decided,
        texts: TEXTS.iter().map(|code| choice(code, said("after-text-", code))).collect(),
        owners: std::iter::once(own).chain(shown.likely.iter().map(title)).chain(rest).collect(),
        dues: DUE_DAYS
            .iter()
            .map(|n| choice(&n.to_string(), words.t(&format!("after-due-{n}")).into_owned()))
            .collect(),
        likely: shown.likely.iter().map(title).collect(),
        posts: others().map(title).collect(),
        times: shown.times.iter().map(|slot| TimeView::of(slot.start(), words)).collect(),
        reasons: Impossible::ALL
            .iter()
            .map(|one| choice(one.code(), said("notice-impossible-", one.code())))
            .collect(),
        note: None,
        pages: pages_of(shown.pages, &id, words),
        voice: shown
            .voice
            .as_ref()
            .map(|row| row.said.as_ref().map(|said| said.as_str().to_owned()).unwrap_or_default()),
        reported: shown
            .reported
            .iter()
            .map(|row| words.with("after-abuse-made", &[("when", words.moment(row.created_at))]))
            .collect(),
        abuses: Abuse::ALL.iter().map(|one| choice(one.code(), said("after-abuse-", one.code()))).collect(),
        script_words: script_words(words, "after-js-"),
        typed,
        keys: KEYS,
        errors,
        page,
    }
}
