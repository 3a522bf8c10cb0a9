//! The check of terminals at the edge: a terminal's report of itself, and the list of what is red.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use domain::terminal_check::{DEAD_SILENCE_DB, Opening, Report};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::terminals::fault;
use super::view::key_of;
use crate::app::terminals::{self, CheckError, Red, State as Standing};
use crate::auth::Actor;
use crate::http::error::{Fault, nothing_to_say};
use crate::http::{Edge, assets};
use crate::i18n::Words;
use crate::limits;

/// The longest way there and back that a page waits for.
const ROUND_TRIP_MS_MAX: i64 = 10_000;

/// What a terminal says of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    camera: Opening,
    microphone: Opening,
    loudest_db: Option<i8>,
    has_speaker: bool,
    may_sound: bool,
    is_line_up: bool,
    version: String,
    /// Its own clock when it sent this, Unix milliseconds.
    clock_ms: i64,
    round_trip_ms: i64,
}

impl Told {
    /// The report, as the server heard it at `now`; nothing for what no page says.
    fn report(&self, now: Timestamp) -> Option<Report> {
        let is_loudness = |db: i8| (DEAD_SILENCE_DB..=0).contains(&db);
        let is_sound = self.loudest_db.is_none_or(is_loudness)
            && (0..=ROUND_TRIP_MS_MAX).contains(&self.round_trip_ms)
            && self.version.len() <= limits::TERMINAL_VERSION_BYTES_MAX;
        let clock = Timestamp::from_millisecond(self.clock_ms).ok().filter(|_| is_sound)?;
        let round_trip = SignedDuration::from_millis(self.round_trip_ms);
        Some(Report {
            at: now,
            camera: self.camera,
            microphone: self.microphone,
            loudest_db: self.loudest_db,
            has_speaker: self.has_speaker,
            may_sound: self.may_sound,
            is_line_up: self.is_line_up,
            is_page_current: self.version == assets::house_version(),
            // It was on its way for half of that.
            clock_ahead: clock.duration_since(now) + round_trip / 2,
            round_trip,
        })
    }
}

/// POST `/kiosk/check`: a terminal has checked itself, as it was asked by the answer to its beat.
pub async fn report(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Json(told): Json<Told>,
) -> Result<Response, Fault> {
    let terminal = actor.terminal().ok_or(Fault::SignInFirst)?;
    let report = told.report(edge.desk.now()).ok_or(Fault::Malformed)?;
    match terminals::report(&edge.desk, terminal, &report).await {
        Ok(()) => Ok(nothing_to_say()),
        Err(CheckError::Unasked) => Err(Fault::Conflict),
        Err(CheckError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// POST `/terminals/check`: all terminals check themselves now.
pub async fn ask(State(edge): State<Edge>, Extension(actor): Extension<Actor>) -> Result<Response, Fault> {
    terminals::ask(&edge.desk, &actor).await.map_err(fault)?;
    Ok(Redirect::to("/terminals?note=asked").into_response())
}

/// A terminal that is red, as it is shown.
pub(super) struct RedView {
    pub id: String,
    pub post: String,
    pub device: String,
    pub first: String,
    pub since: String,
    /// What is wrong, and the one thing to do.
    pub causes: Vec<(String, String)>,
}

impl RedView {
    fn of(red: &Red, now: Timestamp, words: Words) -> RedView {
        let said = |prefix: &str, code: &str| words.t(&key_of(prefix, code)).into_owned();
        let causes = red
            .causes
            .iter()
            .map(|cause| (said("morning-cause-", cause.code()), said("morning-action-", cause.code())));
        let first = red.need.first.map_or_else(
            || words.t("morning-first-none").into_owned(),
            |at| words.with("morning-first", &[("at", words.clock(at))]),
        );
        RedView {
            id: red.id.to_string(),
            post: words.pick(&red.title).to_owned(),
            device: said("terminal-device-", red.need.device.code()),
            first,
            since: how_long(now.duration_since(red.since), words),
            causes: causes.collect(),
        }
    }
}

/// How long something has been so: minutes, then hours, then days.
fn how_long(length: SignedDuration, words: Words) -> String {
    let minutes = length.as_mins().max(0);
    match minutes {
        0 => words.t("morning-since-now").into_owned(),
        1..60 => words.with("morning-since-minutes", &[("n", minutes.to_string())]),
        60..1_440 => words.with("morning-since-hours", &[("n", (minutes / 60).to_string())]),
        _ => words.with("morning-since-days", &[("n", (minutes / 1_440).to_string())]),
    }
}

/// The list of what is red, as it is shown.
pub(super) struct CheckView {
    /// `good`, `danger` or `notice`: how the first sentence looks.
    pub kind: &'static str,
    pub title: String,
    pub text: Option<String>,
    pub reds: Vec<RedView>,
    /// There is a terminal to check.
    pub is_shown: bool,
}

impl CheckView {
    /// * `now`: nothing when there is no terminal at all.
    pub(super) fn of(state: &Standing, now: Option<Timestamp>, words: Words) -> CheckView {
        let reds: Vec<RedView> = now
            .map(|now| state.reds.iter().map(|red| RedView::of(red, now, words)).collect())
            .unwrap_or_default();
        let count = |key: &str, n: usize| words.with(key, &[("n", n.to_string())]);
        let waiting = (state.checking > 0).then(|| count("morning-checking", state.checking));
        let (kind, title, text) = match (state.wanted_since, reds.len(), state.checking) {
            (None, ..) => ("notice", words.t("morning-resting").into_owned(), None),
            (_, 0, 0) => {
                ("good", words.t("morning-well").into_owned(), Some(count("morning-well-text", state.green)))
            }
            (_, 0, _) => ("notice", waiting.unwrap_or_default(), None),
            (_, n, _) => ("danger", count("morning-red", n), waiting),
        };
        CheckView { kind, title, text, reds, is_shown: now.is_some() }
    }
}
