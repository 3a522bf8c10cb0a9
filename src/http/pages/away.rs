//! «Away from … to …»: the form, the preview of whom it hits, the act, its undoing, and the press notice.
//!
//! The preview is a GET and changes nothing; the POST carries the mark of what was previewed.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::Channel;
use domain::diary::displacement::AwayReason;
use domain::id::{AbsenceId, PostId};
use domain::notice::Language;
use domain::office::ist;
use domain::text::Subject;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::book::Fields;
use super::view::{Choice, FieldError, Link};
use super::{Page, html};
use crate::app::directory;
use crate::app::displace::{self, Away, AwayWish, DisplaceError, Hit, Impact};
use crate::app::undo;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;
use crate::letter;

/// What was written into the form.
#[derive(Default, Clone)]
struct Written {
    from: String,
    to: String,
    reason: String,
    authority: String,
}

impl Written {
    fn of(fields: &Fields) -> Self {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self { from: field("from"), to: field("to"), reason: field("reason"), authority: field("authority") }
    }
}

#[derive(Template)]
#[template(path = "away.html")]
struct FormPage {
    page: Page,
    back_href: String,
    post: String,
    written: Written,
    reasons: Vec<Choice>,
    standing: Vec<Link>,
    errors: Vec<FieldError>,
}

/// One line of the preview.
struct HitView {
    name: String,
    reference: String,
    was: String,
    to: Option<String>,
    keeps_time: bool,
    before: Option<String>,
    channel: String,
}

#[derive(Template)]
#[template(path = "away_preview.html")]
struct PreviewPage {
    page: Page,
    action: String,
    post: String,
    note: Option<String>,
    span: String,
    reason: String,
    written: Written,
    mark: String,
    counts: Vec<String>,
    hits: Vec<HitView>,
}

#[derive(Template)]
#[template(path = "away_done.html")]
struct DonePage {
    page: Page,
    back_href: String,
    href: String,
    post: String,
    span: String,
    reason: String,
    authority: String,
    note: Option<String>,
    is_standing: bool,
    counts: Vec<String>,
    undo_until: Option<String>,
}

/// The notice in one language.
struct PressText {
    language: &'static str,
    title: String,
    body: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "press.html")]
struct PressPage {
    page: Page,
    back_href: String,
    texts: Vec<PressText>,
}

/// GET `/desk/away/{post}`: the form, or the preview once it is filled in.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    if !fields.contains_key("from") {
        return Ok(form_page(&edge, (&actor, post), (Written::default(), Vec::new()), page)
            .await?
            .into_response());
    }
    let written = Written::of(&fields);
    let wish = match wish_of(&post, &written, page.words) {
        Ok(wish) => wish,
        Err(errors) => {
            return Ok(refused(form_page(&edge, (&actor, post), (written, errors), page).await?));
        }
    };
    match displace::preview(&edge.desk, &actor, &wish).await {
        Ok(impact) => Ok(preview_page((&wish, &impact), (written, None), page)?.into_response()),
        Err(error) => {
            let errors = vec![FieldError { field: "from", text: mistake(&error, page.words)? }];
            Ok(refused(form_page(&edge, (&actor, post), (written, errors), page).await?))
        }
    }
}

/// POST `/desk/away/{post}`: the act; when something has changed since the preview, the preview as it is now.
pub async fn carry_out(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let written = Written::of(&fields);
    let wish = wish_of(&post, &written, page.words).map_err(|_| Fault::Malformed)?;
    let mark = fields.get("mark").ok_or(Fault::Malformed)?;
    match displace::carry_out(&edge.desk, &actor, &wish, mark).await {
        Ok(done) => {
            Ok(Redirect::to(&format!("/desk/away/{post}/{}?note=done", done.absence)).into_response())
        }
        Err(DisplaceError::Overtaken | DisplaceError::Changed) => {
            let note = page.words.t("day-away-overtaken").into_owned();
            let impact = displace::preview(&edge.desk, &actor, &wish).await?;
            Ok(taken(preview_page((&wish, &impact), (written, Some(note)), page)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// GET `/desk/away/{post}/{absence}`: what was done, and the way back while there is one.
pub async fn done(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((_, id)): Path<(String, String)>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let away = read(&edge, &actor, &id).await?;
    let words = page.words;
    let note = match fields.get("note").map(String::as_str) {
        Some("done") => Some("day-away-done"),
        Some("undone") => Some("day-away-undone"),
        Some("late") => Some("day-away-late"),
        _ => None,
    };
    let counts =
        [("day-away-count-moved", away.displaced - away.waiting), ("day-away-count-waiting", away.waiting)];
    html(&DonePage {
        back_href: format!("/desk?post={}", away.row.post),
        href: format!("/desk/away/{}/{}", away.row.post, away.row.id),
        post: words.pick(&away.title).to_owned(),
        span: span(words, away.row.from, away.row.to),
        reason: letter::away_reason(words, away.row.reason.code()),
        authority: away.row.authority.clone(),
        note: note.map(|key| words.t(key).into_owned()),
        is_standing: away.row.is_standing,
        counts: said(&counts, words),
        undo_until: away
            .undo_until
            .map(|at| words.with("day-away-undo-until", &[("clock", words.clock(at))])),
        page,
    })
}

/// POST `/desk/away/{post}/{absence}/undo`: everything back, within ten minutes.
pub async fn undo(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((post, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let id = AbsenceId::parse(&id).map_err(|_| Fault::NotFound)?;
    let note = match undo::undo(&edge.desk, &actor, &id).await {
        Ok(_) => "undone",
        Err(DisplaceError::TooLate | DisplaceError::Changed) => "late",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/desk/away/{post}/{id}?note={note}")).into_response())
}

/// GET `/desk/away/{post}/{absence}/press`: a notice to print, in Hindi and English.
pub async fn press(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((_, id)): Path<(String, String)>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let away = read(&edge, &actor, &id).await?;
    let today = edge.desk.now().to_zoned(ist()).date();
    let texts = [Language::Hindi, Language::English].map(|language| {
        let words = Words::of(language);
        let values = [
            ("post", words.pick(&away.title).to_owned()),
            ("span", span(words, away.row.from, away.row.to)),
            ("reason", letter::away_reason(words, away.row.reason.code())),
        ];
        let lines = ["day-press-away", "day-press-told", "day-press-again", "day-press-free"];
        let mut lines: Vec<String> = lines.iter().map(|key| words.with(key, &values)).collect();
        lines.push(words.with("day-press-authority", &[("authority", away.row.authority.as_str())]));
        lines.push(words.with("day-press-date", &[("day", words.day(today))]));
        PressText {
            language: language.code(),
            title: words.t("day-press-title").into_owned(),
            body: words.pick(&away.body).to_owned(),
            lines,
        }
    });
    let back_href = format!("/desk/away/{}/{}", away.row.post, away.row.id);
    html(&PressPage { page, back_href, texts: texts.into_iter().collect() })
}

async fn read(edge: &Edge, actor: &Actor, id: &str) -> Result<Away, Fault> {
    let id = AbsenceId::parse(id).map_err(|_| Fault::NotFound)?;
    Ok(displace::away(&edge.desk, actor, &id).await?)
}

async fn form_page(
    edge: &Edge,
    (actor, post): (&Actor, PostId),
    (written, errors): (Written, Vec<FieldError>),
    page: Page,
) -> Result<Html<String>, Fault> {
    let words = page.words;
    let card = directory::post(&edge.desk, &post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let standing = displace::standing(&edge.desk, actor, &post).await?;
    let reasons = AwayReason::of_desks().map(|reason| Choice {
        code: reason.code().to_owned(),
        text: letter::away_reason(words, reason.code()),
        hint: String::new(),
    });
    html(&FormPage {
        back_href: format!("/desk?post={post}"),
        post: words.pick(&card.title).to_owned(),
        reasons: reasons.collect(),
        standing: standing
            .iter()
            .map(|away| Link {
                href: format!("/desk/away/{post}/{}", away.id),
                text: span(words, away.from, away.to),
            })
            .collect(),
        written,
        errors,
        page,
    })
}

fn preview_page(
    (wish, impact): (&AwayWish, &Impact),
    (written, note): (Written, Option<String>),
    page: Page,
) -> Result<Html<String>, Fault> {
    let words = page.words;
    let count = |is: &dyn Fn(&Hit) -> bool| impact.hit.iter().filter(|hit| is(hit)).count();
    let counts = [
        ("day-away-count-hit", impact.hit.len()),
        ("day-away-count-before", count(&|hit| hit.displaced_before > 0)),
        ("day-away-count-video", count(&|hit| hit.channel == Channel::Video)),
        ("day-away-count-moved", count(&|hit| hit.to.is_some())),
        ("day-away-count-waiting", count(&|hit| hit.to.is_none() && !hit.keeps_time)),
    ];
    let hits = impact.hit.iter().map(|hit| HitView {
        name: hit.name.clone(),
        reference: hit.reference.clone(),
        was: words.moment(hit.was.start()),
        to: hit.to.map(|slot| words.moment(slot.start())),
        keeps_time: hit.keeps_time,
        before: (hit.displaced_before > 0)
            .then(|| words.with("day-away-before", &[("n", hit.displaced_before)])),
        channel: super::slip::channel_text(hit.channel, words),
    });
    html(&PreviewPage {
        action: format!("/desk/away/{}", wish.post),
        post: words.pick(&impact.title).to_owned(),
        note,
        span: span(words, wish.from, wish.to),
        reason: letter::away_reason(words, wish.reason.code()),
        written,
        mark: impact.mark.clone(),
        counts: said(&counts, words),
        hits: hits.collect(),
        page,
    })
}

/// Counts in words; the first always, the others when there are any.
fn said(counts: &[(&str, usize)], words: Words) -> Vec<String> {
    let told = counts.iter().enumerate().filter(|(place, (_, n))| *place == 0 || *n > 0);
    told.map(|(_, (key, n))| words.with(key, &[("n", *n)])).collect()
}

/// What the form says, or what must be mended.
fn wish_of(post: &PostId, written: &Written, words: Words) -> Result<AwayWish, Vec<FieldError>> {
    let mistake = |field, key: &str| FieldError { field, text: words.t(key).into_owned() };
    let mut errors = Vec::new();
    let (from, to) = (instant_of(&written.from), instant_of(&written.to));
    if from.is_none() {
        errors.push(mistake("from", "day-away-from-empty"));
    }
    if to.is_none() {
        errors.push(mistake("to", "day-away-to-empty"));
    }
    let reason = AwayReason::of_desks().find(|reason| reason.code() == written.reason);
    if reason.is_none() {
        errors.push(mistake("reason", "day-away-reason-empty"));
    }
    let authority = Subject::parse(&written.authority).ok();
    if authority.is_none() {
        errors.push(mistake("authority", "day-away-authority-empty"));
    }
    match (from, to, reason, authority) {
        (Some(from), Some(to), Some(reason), Some(authority)) => {
            Ok(AwayWish { post: post.clone(), from, to, reason, authority })
        }
        _ => Err(errors),
    }
}

/// `2026-11-23T10:00`, wall time in India.
pub(super) fn instant_of(text: &str) -> Option<Timestamp> {
    let wall: DateTime = text.trim().parse().ok()?;
    Some(wall.to_zoned(ist()).ok()?.timestamp())
}

/// From when to when, in words.
pub(super) fn span(words: Words, from: Timestamp, to: Timestamp) -> String {
    words.with("day-span", &[("from", words.moment(from)), ("to", words.moment(to))])
}

/// A mistake in the form, in words; any other refusal is a fault.
fn mistake(error: &DisplaceError, words: Words) -> Result<String, Fault> {
    match error {
        DisplaceError::Span => Ok(words.t("day-away-span").into_owned()),
        DisplaceError::TooMany => Ok(words.t("day-away-too-many").into_owned()),
        DisplaceError::Denied(_) => Err(Fault::NotYours),
        DisplaceError::Unknown => Err(Fault::NotFound),
        _ => Err(Fault::Conflict),
    }
}
