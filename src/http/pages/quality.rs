//! A meeting afterwards: who had which quality when, what most likely spoilt it, and what to do about it.
//!
//! For the officer and the desk. Names nobody: the roles say enough.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use domain::quality::{Grade, Stretch};

use super::view::key_of;
use super::{Page, html};
use crate::app::door::Door;
use crate::app::quality::{self, Stays};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

/// A time in which it was not good.
struct TroubleView {
    when: String,
    grade: &'static str,
    said: String,
    cause: String,
    advice: String,
}

/// One line of figures, for whoever looks after the network.
struct FigureView {
    when: String,
    score: String,
    lost: String,
    round_trip: String,
    up: u64,
    down: u64,
}

struct PersonView {
    role: String,
    grade: &'static str,
    said: String,
    troubles: Vec<TroubleView>,
    figures: Vec<FigureView>,
}

#[derive(Template)]
#[template(path = "quality.html")]
struct QualityPage {
    page: Page,
    post: String,
    moment: String,
    people: Vec<PersonView>,
}

/// GET `/meeting/{id}/quality`.
pub async fn quality(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let meeting = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let everybody = quality::of_meeting(&edge.desk, meeting).await.map_err(Fault::internal)?;
    let words = page.words;
    html(&QualityPage {
        post: words.pick(&door.title).to_owned(),
        moment: words.moment(door.slot.start()),
        people: everybody.iter().map(|stays| person(stays, words)).collect(),
        page,
    })
}

fn person(stays: &Stays, words: Words) -> PersonView {
    let grade = stays.score().grade();
    let is_bad = |stretch: &&Stretch| stretch.score.grade() != Grade::Good;
    PersonView {
        role: words.t(&key_of("quality-role-", stays.role.code())).into_owned(),
        grade: grade.code(),
        said: words.t(&key_of("quality-grade-", grade.code())).into_owned(),
        troubles: stays.stretches.iter().filter(is_bad).map(|stretch| trouble(stretch, words)).collect(),
        figures: stays.stretches.iter().map(|stretch| figures(stretch, words)).collect(),
    }
}

fn when(stretch: &Stretch, words: Words) -> String {
    let parts = [("from", words.hour(stretch.starts)), ("to", words.hour(stretch.ends))];
    words.with("quality-when", &parts)
}

fn trouble(stretch: &Stretch, words: Words) -> TroubleView {
    let grade = stretch.score.grade().code();
    let cause = stretch.cause.map_or("others", |cause| cause.code());
    TroubleView {
        when: when(stretch, words),
        grade,
        said: words.t(&key_of("quality-grade-", grade)).into_owned(),
        cause: words.t(&key_of("quality-cause-", cause)).into_owned(),
        advice: words.t(&key_of("quality-advice-", cause)).into_owned(),
    }
}

fn figures(stretch: &Stretch, words: Words) -> FigureView {
    let lost = f64::from(stretch.lost_permille) / 10.0;
    FigureView {
        when: when(stretch, words),
        score: format!("{:.1}", f64::from(stretch.score.hundredths()) / 100.0),
        lost: format!("{lost:.1} %"),
        round_trip: stretch.round_trip_ms.map_or_else(|| "–".to_owned(), |ms| ms.to_string()),
        up: stretch.up_bps / 1000,
        down: stretch.down_bps / 1000,
    }
}
