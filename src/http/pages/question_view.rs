//! Questions over the hotline as templates are given them: the card to be answered, and the line of the sheet.

use domain::office::ist;
use domain::question_sheet::{Card, CardText, Counts, Reply, Standing};
use jiff::Timestamp;

use super::view::{FieldError, key_of};
use crate::app::question_sheet::{Asked, CardRow, Sheet};
use crate::i18n::Words;
use crate::limits;

/// An answer in words.
#[derive(Debug, Clone)]
pub struct CardView {
    /// What is said, with its label: whom, since when, why, what next, when.
    pub lines: Vec<(String, String)>,
    /// When it was sent.
    pub when: String,
}

/// A question as the asked seat sees it.
#[derive(Debug, Clone)]
pub struct ToSeat {
    /// Its id; in ids of the page, too.
    pub id: String,
    /// Where its answer goes.
    pub action: String,
    /// Who asks.
    pub asker: String,
    /// The asker's post.
    pub asker_post: String,
    /// What.
    pub text: String,
    /// Of which file.
    pub file: Option<String>,
    /// The set minute, in words.
    pub until: String,
    /// Milliseconds to it; below zero when it is over.
    pub left_ms: i64,
    /// When it was reminded last, as a mark of this reminder.
    pub reminded_ms: i64,
    /// Where this seat stands: a code.
    pub standing: &'static str,
    /// The same in words.
    pub standing_text: String,
    /// It takes answers.
    pub is_open: bool,
    /// It has not been answered.
    pub is_silent: bool,
    /// Which card the form has seen.
    pub seen: i64,
    /// What stands in the form.
    pub typed: CardText,
    /// That came from this office, which has not sent it.
    pub is_prepared: bool,
    /// The cards that were sent, the last one first.
    pub cards: Vec<CardView>,
    /// What must be mended.
    pub errors: Vec<FieldError>,
}

/// A seat on the sheet.
#[derive(Debug, Clone)]
pub struct SeatLine {
    /// Its post.
    pub post: String,
    /// Its number on the board.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Where it stands: a code.
    pub standing: &'static str,
    /// The same in words, with the hour of the answer.
    pub standing_text: String,
    /// It has not answered.
    pub is_silent: bool,
    /// Its cards, the last one first.
    pub cards: Vec<CardView>,
    /// A direction was made of its silence.
    pub is_directed: bool,
    /// The minute is over, and a direction may be made of its silence.
    pub may_direct: bool,
}

/// A question as its asker sees it.
#[derive(Debug, Clone)]
pub struct OwnView {
    /// Its id.
    pub id: String,
    /// Its sheet.
    pub href: String,
    /// What was asked.
    pub text: String,
    /// Of which file.
    pub file: Option<String>,
    /// When, in words.
    pub asked: String,
    /// The set minute, in words.
    pub until: String,
    /// Milliseconds to it; below zero when it is over.
    pub left_ms: i64,
    /// How many have answered, and how many not.
    pub counts: String,
    /// Posts that have not answered and are held, with spaces between.
    pub silent: String,
    /// It takes answers.
    pub is_open: bool,
    /// The seats.
    pub seats: Vec<SeatLine>,
}

/// The lines of an answer, each with its label.
#[must_use]
pub fn lines(reply: &Reply, words: Words) -> Vec<(String, String)> {
    let label = |key: &str| words.t(key).into_owned();
    let Reply::Card(card) = reply else {
        return vec![(label("asking-call"), label("asking-call-text"))];
    };
    let Card { with, since, why, next, next_day } = card.as_ref();
    let mut lines = vec![(label("asking-with"), with.as_str().to_owned())];
    lines.extend(since.map(|day| (label("asking-since"), words.day(day))));
    lines.extend(why.as_ref().map(|why| (label("asking-why"), why.as_str().to_owned())));
    lines.push((label("asking-next"), next.as_str().to_owned()));
    lines.extend(next_day.map(|day| (label("asking-next-day"), words.day(day))));
    lines
}

fn cards(sent: &[CardRow], words: Words) -> Vec<CardView> {
    let view = |card: &CardRow| CardView { lines: lines(&card.reply, words), when: words.moment(card.at) };
    sent.iter().rev().map(view).collect()
}

/// What a form begins with: what the office has prepared, or the card that stands.
fn typed(asked: &Asked) -> CardText {
    let reply = asked.prepared.as_ref().or_else(|| asked.cards.last().map(|card| &card.reply));
    let Some(Reply::Card(card)) = reply else { return CardText::default() };
    CardText {
        with: card.with.as_str().to_owned(),
        since: card.since.map(|day| day.to_string()).unwrap_or_default(),
        why: card.why.as_ref().map(|why| why.as_str().to_owned()).unwrap_or_default(),
        next: card.next.as_str().to_owned(),
        next_day: card.next_day.map(|day| day.to_string()).unwrap_or_default(),
    }
}

fn is_silent(standing: Standing) -> bool {
    !matches!(standing, Standing::Answered | Standing::Late)
}

/// An instant of today by its hour, another with its day.
#[must_use]
pub fn minute(at: Timestamp, now: Timestamp, words: Words) -> String {
    let day = |at: Timestamp| at.to_zoned(ist()).date();
    if day(at) == day(now) { words.hour(at) } else { words.moment(at) }
}

/// The question to one seat: the sheet holds that seat alone.
#[must_use]
pub fn to_seat(sheet: &Sheet, words: Words) -> Option<ToSeat> {
    let asked = sheet.asked.first()?;
    let row = &sheet.row;
    Some(ToSeat {
        id: row.id.to_string(),
        action: format!("/mesh/question/{}/answer/{}", row.id, asked.row.post),
        asker: words.pick(&sheet.asker).to_owned(),
        asker_post: row.post.to_string(),
        text: row.text.as_str().to_owned(),
        file: row.file.as_ref().map(|number| number.as_str().to_owned()),
        until: minute(row.times.until, sheet.read_at, words),
        left_ms: left_ms(sheet),
        reminded_ms: asked.row.reminded_at.map_or(0, Timestamp::as_millisecond),
        standing: asked.standing.code(),
        standing_text: words.t(&key_of("asking-stands-", asked.standing.code())).into_owned(),
        is_open: row.times.is_open(sheet.read_at, limits::QUESTION_DAYS),
        is_silent: is_silent(asked.standing),
        seen: asked.row.cards,
        typed: typed(asked),
        is_prepared: asked.prepared.is_some(),
        cards: cards(&asked.cards, words),
        errors: Vec::new(),
    })
}

fn left_ms(sheet: &Sheet) -> i64 {
    sheet.row.times.until.as_millisecond() - sheet.read_at.as_millisecond()
}

/// A question of one's own.
#[must_use]
pub fn own(sheet: &Sheet, words: Words) -> OwnView {
    let row = &sheet.row;
    let rung = sheet.asked.iter().filter(|one| matches!(one.standing, Standing::Waiting | Standing::Due));
    let silent: Vec<&str> = rung.map(|one| one.row.post.as_str()).collect();
    OwnView {
        id: row.id.to_string(),
        href: format!("/mesh/question/{}", row.id),
        text: row.text.as_str().to_owned(),
        file: row.file.as_ref().map(|number| number.as_str().to_owned()),
        asked: words.moment(row.times.asked_at),
        until: minute(row.times.until, sheet.read_at, words),
        left_ms: left_ms(sheet),
        counts: counted(&sheet.counts, words),
        silent: silent.join(" "),
        is_open: row.times.is_open(sheet.read_at, limits::QUESTION_DAYS),
        seats: sheet.asked.iter().map(|one| seat(one, words)).collect(),
    }
}

fn counted(counts: &Counts, words: Words) -> String {
    let all = counts.answered + counts.open + counts.vacant;
    let said = words.with("asking-counts", &[("n", counts.answered), ("all", all)]);
    match counts.vacant {
        0 => said,
        n => format!("{said} · {}", words.with("asking-counts-vacant", &[("n", n)])),
    }
}

fn seat(asked: &Asked, words: Words) -> SeatLine {
    let stands = words.t(&key_of("asking-stands-", asked.standing.code())).into_owned();
    let standing_text = match asked.cards.first() {
        Some(first) => format!("{stands} · {}", words.hour(first.at)),
        None => stands,
    };
    SeatLine {
        post: asked.row.post.to_string(),
        number: asked.number,
        title: words.pick(&asked.title).to_owned(),
        standing: asked.standing.code(),
        standing_text,
        is_silent: is_silent(asked.standing),
        cards: cards(&asked.cards, words),
        is_directed: asked.row.direction.is_some(),
        may_direct: asked.standing == Standing::Due && asked.row.direction.is_none(),
    }
}
