//! The ledger of a seat's rings, for its occupant alone.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use domain::office::ist;
use jiff::civil::Date;

use super::view::key_of;
use super::{Page, html};
use crate::app::ring_ledger::{self, AutoChange, How, Look, Seen};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

struct LookView {
    hour: String,
    who: String,
    broke_in: bool,
    sealed: bool,
    outcome: String,
    /// From when to when, and where the seat was seen, each time; nothing if it never was.
    seen: Vec<String>,
}

struct DayView {
    day: String,
    looks: Vec<LookView>,
}

#[derive(Template)]
#[template(path = "ring_ledger.html")]
struct LedgerPage {
    page: Page,
    post: String,
    days: Vec<DayView>,
    refused: usize,
    /// Each change of auto-answer, in words.
    changes: Vec<String>,
    line: i64,
    hash: String,
}

/// GET `/chamber/ledger`.
pub async fn ledger(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let staff = actor.staff().ok_or(Fault::SignInFirst)?;
    let read = ring_ledger::read(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let read = read.ok_or(Fault::NotYours)?;
    let words = page.words;
    let mut days: Vec<(Date, Vec<LookView>)> = Vec::new();
    for look in &read.looks {
        let day = look.at.to_zoned(ist()).date();
        let view = view(look, words);
        match days.last_mut() {
            Some((last, looks)) if *last == day => looks.push(view),
            _ => days.push((day, vec![view])),
        }
    }
    html(&LedgerPage {
        post: words.pick(&staff.title).to_owned(),
        days: days.into_iter().map(|(day, looks)| DayView { day: words.day(day), looks }).collect(),
        refused: read.refused,
        changes: read.changes.iter().map(|change| changed(change, words)).collect(),
        line: read.head.0,
        hash: read.head.1,
        page,
    })
}

fn view(look: &Look, words: Words) -> LookView {
    let who = match (&look.by, &look.called) {
        (None, _) => words.t("ledger-own").into_owned(),
        (Some(by), None) => by.to_string(),
        (Some(_), Some(title)) => words.pick(title).to_owned(),
    };
    let outcome = look.over.as_ref().map_or("now", |(_, outcome)| outcome);
    LookView {
        hour: words.hour(look.at),
        who,
        broke_in: look.broke_in,
        sealed: look.sealed,
        outcome: words.t(&key_of("ledger-outcome-", outcome)).into_owned(),
        seen: look.seen.iter().map(|seen| in_words(seen, words)).collect(),
    }
}

fn changed(change: &AutoChange, words: Words) -> String {
    let when = words.moment(change.at);
    match &change.to {
        None => words.with("ledger-auto-off", &[("when", when)]),
        Some((hours, callers)) => {
            let posts = callers.iter().map(|title| words.pick(title)).collect::<Vec<_>>().join(", ");
            words.with("ledger-auto-on", &[("when", when), ("hours", hours.clone()), ("posts", posts)])
        }
    }
}

fn in_words(seen: &Seen, words: Words) -> String {
    let to = seen.to.map_or_else(|| words.t("ledger-now").into_owned(), |to| words.second(to));
    let device = words.t(&key_of("ledger-device-", seen.device.code())).into_owned();
    let mut parts = vec![("from", words.second(seen.from)), ("to", to), ("device", device)];
    match seen.how {
        How::Frosted => words.with("ledger-frosted", &parts),
        How::Clear(act) => {
            parts.push(("act", words.t(&key_of("ledger-act-", act.code())).into_owned()));
            words.with("ledger-seen", &parts)
        }
    }
}
