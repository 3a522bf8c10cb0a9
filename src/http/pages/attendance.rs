//! Who was present in a meeting: seconds that were measured, lost networks told apart from leaving, and what the office
//! corrected, with its reasons.
//!
//! Shows facts only. What was measured can't be changed here: a correction stands beside it.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::meeting::Evidence;
use domain::meeting::attendance::{CorrectError, Piece, Ruling, Says, Source, Statement, total};
use domain::office::ist;
use domain::text::{Noting, PersonName};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::attendance_table;
use super::book::Fields;
use super::view::{Choice, FieldError, key_of};
use super::{Page, html};
use crate::app::attendance::{self, AttendanceError, Called, Entry, Person, Sheet, Wish};
use crate::app::door::Door;
use crate::app::invite::word_of;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;

/// Parts of the bar, from the first moment to the last.
const BAR_PARTS: i128 = 1_000;
/// Heights of the bar's pieces: what is not presence is lower, so that colour is not needed to tell.
const BAR_HEIGHT: u32 = 24;
const BAR_LOW: u32 = 10;
/// A shorter gap between two stretches is the edge of a measurement and no absence.
const GAP_MIN: SignedDuration = SignedDuration::from_millis(500);

struct BarView {
    kind: &'static str,
    x: i128,
    width: i128,
    y: u32,
    height: u32,
}

struct LineView {
    kind: &'static str,
    when: String,
    what: String,
    length: String,
    /// The correction that says so.
    number: Option<u32>,
}

struct PersonView {
    name: String,
    total: String,
    /// Label and value of what is not presence.
    facts: Vec<(String, String)>,
    bars: Vec<BarView>,
    bar_text: String,
    lines: Vec<LineView>,
}

struct EntryView {
    number: u32,
    what: String,
    reason: String,
    by: String,
    /// That it was taken back, by which one.
    taken_back: Option<String>,
    can_be_taken_back: bool,
}

/// What was typed, so that nothing is lost when something must be mended.
#[derive(Default)]
struct Typed {
    participant: String,
    says: String,
    day: String,
    from: String,
    to: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "attendance.html")]
struct AttendancePage {
    page: Page,
    outcome_href: String,
    action: String,
    title: String,
    when: String,
    reference: String,
    as_of: Option<String>,
    note: Option<String>,
    people: Vec<PersonView>,
    span: Option<(String, String)>,
    bar_parts: i128,
    bar_height: u32,
    history: Vec<EntryView>,
    seen: u32,
    participants: Vec<Choice>,
    says: Vec<Choice>,
    days: Vec<Choice>,
    typed: Typed,
    errors: Vec<FieldError>,
}

async fn read(edge: &Edge, door: &Door) -> Result<(Sheet, String), Fault> {
    let id = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let sheet = attendance::sheet(&edge.desk, id).await.map_err(Fault::internal)?;
    Ok((sheet.ok_or(Fault::NotFound)?, id.to_string()))
}

/// GET `/meeting/{id}/attendance`.
pub async fn sheet(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let (sheet, id) = read(&edge, &door).await?;
    let is_done = query.get("done").is_some_and(|done| done == "corrected");
    let note = is_done.then(|| page.words.t("attendance-done").into_owned());
    html(&AttendancePage { note, ..view(&sheet, page, (id, Typed::default()), Vec::new()) })
}

/// GET `/meeting/{id}/attendance.csv`.
pub async fn table(
    State(edge): State<Edge>,
    Extension(door): Extension<Door>,
    page: Page,
) -> Result<Response, Fault> {
    let (sheet, _) = read(&edge, &door).await?;
    let name = format!("attachment; filename=\"attendance-{}.csv\"", sheet.reference);
    let kinds =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((kinds, attendance_table::table(&sheet, page.words)).into_response())
}

/// POST `/meeting/{id}/attendance`: a correction, or one that is taken back.
pub async fn correct(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let (sheet, id) = read(&edge, &door).await?;
    let meeting = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let wish = match wish_of(&fields, &sheet) {
        Ok(wish) => wish,
        Err(Unread::Field(field, key)) => {
            let errors = vec![FieldError { field, text: page.words.t(key).into_owned() }];
            return Ok(refused(html(&view(&sheet, page, (id, typed(&fields)), errors))?));
        }
        Err(Unread::Malformed) => return Err(Fault::Malformed),
    };
    let error = match attendance::correct(&edge.desk, &actor, meeting, &wish).await {
        Ok(_) => {
            return Ok(Redirect::to(&format!("/meeting/{id}/attendance?done=corrected")).into_response());
        }
        Err(error) => mended(error, page.words)?,
    };
    // Whoever was overtaken is shown how it stands now.
    let (sheet, id) = read(&edge, &door).await?;
    Ok(taken(html(&view(&sheet, page, (id, typed(&fields)), vec![error]))?))
}

/// What the form says of an error that a person can mend.
fn mended(error: AttendanceError, words: Words) -> Result<FieldError, Fault> {
    let (field, text) = match error {
        AttendanceError::Denied(_) => return Err(Fault::NotYours),
        AttendanceError::Unknown => return Err(Fault::NotFound),
        AttendanceError::Store(error) => return Err(Fault::internal(error)),
        AttendanceError::Overtaken => ("correct", words.t("attendance-error-overtaken").into_owned()),
        AttendanceError::Rule(CorrectError::Overlaps { number }) => {
            ("from", words.with("attendance-error-overlaps", &[("n", number)]))
        }
        AttendanceError::Rule(rule) => {
            let (field, key) = match rule {
                CorrectError::Ahead => ("to", "attendance-error-ahead"),
                CorrectError::Far => ("from", "attendance-error-far"),
                CorrectError::NothingToTakeBack => ("history", "attendance-error-taken-back"),
                CorrectError::Full => ("correct", "attendance-error-full"),
                CorrectError::Empty | CorrectError::Overlaps { .. } => ("to", "attendance-error-empty"),
            };
            (field, words.t(key).into_owned())
        }
    };
    Ok(FieldError { field, text })
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
    Typed {
        participant: field("participant"),
        says: field("says"),
        day: field("day"),
        from: field("from"),
        to: field("to"),
        // The reason why something is taken back was typed beside that.
        reason: if fields.contains_key("takes_back") { String::new() } else { field("reason") },
    }
}

fn wish_of(fields: &Fields, sheet: &Sheet) -> Result<Wish, Unread> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let seen: u32 = field("seen").parse().map_err(|_| Unread::Malformed)?;
    let reason_of =
        |name| Noting::parse(field("reason")).map_err(|_| Unread::Field(name, "attendance-error-reason"));
    if let Some(number) = fields.get("takes_back") {
        let number = number.parse().map_err(|_| Unread::Malformed)?;
        return Ok(Wish { ruling: Ruling::TakesBack(number), reason: reason_of("history")?, seen });
    }
    let chosen = sheet.people.iter().find(|person| person.code == field("participant"));
    let guest = chosen.ok_or(Unread::Field("participant", "attendance-error-who"))?.guest.clone();
    let says =
        Says::from_code(field("says")).ok_or(Unread::Field("says-present", "attendance-error-says"))?;
    let day: Date = field("day").parse().map_err(|_| Unread::Malformed)?;
    let moment = |name: &'static str| {
        let at = field(name).parse::<Time>().ok().and_then(|time| day.to_datetime(time).to_zoned(ist()).ok());
        at.map(|at| at.timestamp()).ok_or(Unread::Field(name, "attendance-error-time"))
    };
    let (from, to) = (moment("from")?, moment("to")?);
    let said = Statement { guest, says, from, to };
    Ok(Wish { ruling: Ruling::States(said), reason: reason_of("reason")?, seen })
}

/// A length of time in words, to the second: `18 मिनट 40 सेकंड`.
pub(super) fn length(length: SignedDuration, words: Words) -> String {
    let seconds = attendance_table::seconds(length);
    let parts = [
        ("attendance-hours", seconds / 3_600),
        ("attendance-minutes", seconds / 60 % 60),
        ("attendance-seconds", seconds % 60),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(_, n)| *n > 0).map(|(key, n)| words.with(key, &[("n", *n)])).collect();
    if said.is_empty() { words.with("attendance-seconds", &[("n", 0)]) } else { said.join(" ") }
}

/// How people call somebody.
pub(super) fn name(person: &Person, words: Words) -> String {
    match &person.called {
        Called::Post(title) => words.pick(title).to_owned(),
        Called::Visitor(name) if name.is_empty() => words.t("attendance-visitor").into_owned(),
        Called::Visitor(name) => format!("{} · {name}", words.t("attendance-visitor")),
        Called::Invited(one) => {
            let people: Vec<&str> = one.people.iter().map(PersonName::as_str).collect();
            let called = [("name", one.name.as_str()), ("kind", &words.t(word_of(one.kind)))];
            let called = words.with("guest-called", &called);
            if people.is_empty() { called } else { format!("{called}: {}", people.join(", ")) }
        }
        Called::Role => words.t(&key_of("attendance-role-", person.guest.role().code())).into_owned(),
    }
}

/// What a piece is, as a word of the style sheet and of the locales.
pub(super) fn kind(source: Source) -> &'static str {
    match source {
        Source::Measured(Evidence::Present) => "present",
        Source::Measured(Evidence::NetworkLoss) => "network",
        Source::Measured(Evidence::HouseFault) => "house",
        Source::Manual(_, Says::Present) => "said-present",
        Source::Manual(_, Says::Absent) => "said-absent",
    }
}

fn when((from, to): (Timestamp, Timestamp), words: Words) -> String {
    words.with("quality-when", &[("from", words.second(from)), ("to", words.second(to))])
}

fn view(sheet: &Sheet, page: Page, (id, typed): (String, Typed), errors: Vec<FieldError>) -> AttendancePage {
    let words = page.words;
    let choice = |code: &str, text: String| Choice { code: code.to_owned(), text, hint: String::new() };
    let span = sheet.span();
    let people = sheet.people.iter();
    AttendancePage {
        outcome_href: format!("/meeting/{id}/outcome"),
        action: format!("/meeting/{id}/attendance"),
        title: words.pick(&sheet.title).to_owned(),
        when: words.moment(sheet.slot.start()),
        reference: sheet.reference.clone(),
        as_of: (!sheet.is_ended)
            .then(|| words.with("attendance-as-of", &[("when", words.second(sheet.read_at))])),
        note: None,
        people: people.clone().map(|one| person(one, span, words)).collect(),
        span: span.map(|(from, to)| (words.second(from), words.second(to))),
        bar_parts: BAR_PARTS,
        bar_height: BAR_HEIGHT,
        history: sheet.history.iter().map(|one| entry(one, sheet, words)).collect(),
        seen: sheet.seen,
        participants: people.map(|one| choice(&one.code, name(one, words))).collect(),
        says: Says::ALL
            .iter()
            .map(|one| choice(one.code(), words.t(&key_of("attendance-says-", one.code())).into_owned()))
            .collect(),
        days: days(sheet).into_iter().map(|day| choice(&day.to_string(), words.day(day))).collect(),
        typed,
        errors,
        page,
    }
}

/// The days on which the meeting was, or was to be.
fn days(sheet: &Sheet) -> BTreeSet<Date> {
    let measured = || sheet.people.iter().flat_map(|person| &person.measured);
    let day = |at: Timestamp| at.to_zoned(ist()).date();
    let mut days: BTreeSet<Date> = measured().flat_map(|one| [day(one.from), day(one.to)]).collect();
    if days.is_empty() {
        days.insert(day(sheet.slot.start()));
    }
    days
}

fn person(person: &Person, span: Option<(Timestamp, Timestamp)>, words: Words) -> PersonView {
    let pieces = &person.pieces;
    let said = length(total(pieces, Source::is_present), words);
    let facts: Vec<(String, String)> = ["network", "house", "said-present", "said-absent"]
        .into_iter()
        .filter_map(|one| {
            let times = pieces.iter().filter(|piece| kind(piece.source) == one).count();
            let whole = length(total(pieces, |source| kind(source) == one), words);
            let value = words.with("attendance-times", &[("n", times.to_string()), ("length", whole)]);
            (times > 0).then(|| (words.t(&key_of("attendance-kind-", one)).into_owned(), value))
        })
        .collect();
    let more = facts.iter().map(|(label, value)| format!("{label}: {value}"));
    let all: Vec<String> =
        std::iter::once(format!("{}: {said}", words.t("attendance-total"))).chain(more).collect();
    PersonView {
        name: name(person, words),
        total: said,
        facts,
        bars: span.map(|span| pieces.iter().map(|piece| bar(piece, span)).collect()).unwrap_or_default(),
        bar_text: all.join("; "),
        lines: lines(pieces, words),
    }
}

fn bar(piece: &Piece, (start, end): (Timestamp, Timestamp)) -> BarView {
    let whole = end.duration_since(start).as_millis().max(1);
    let part = |at: Timestamp| at.duration_since(start).as_millis() * BAR_PARTS / whole;
    let x = part(piece.from);
    let height = if piece.source.is_present() { BAR_HEIGHT } else { BAR_LOW };
    // The shortest piece is still seen.
    let width = (part(piece.to) - x).max(2);
    BarView { kind: kind(piece.source), x, width, y: BAR_HEIGHT - height, height }
}

/// What was when, with the absences between.
fn lines(pieces: &[Piece], words: Words) -> Vec<LineView> {
    let mut lines = Vec::new();
    let line = |kind, from: Timestamp, to: Timestamp, number| LineView {
        kind,
        when: when((from, to), words),
        what: words.t(&key_of("attendance-kind-", kind)).into_owned(),
        length: length(to.duration_since(from), words),
        number,
    };
    let mut before: Option<Timestamp> = None;
    for piece in pieces {
        if let Some(before) = before.filter(|before| piece.from.duration_since(*before) >= GAP_MIN) {
            lines.push(line("outside", before, piece.from, None));
        }
        let number = if let Source::Manual(number, _) = piece.source { Some(number) } else { None };
        lines.push(line(kind(piece.source), piece.from, piece.to, number));
        before = Some(piece.to);
    }
    lines
}

fn entry(entry: &Entry, sheet: &Sheet, words: Words) -> EntryView {
    let by = [("post", words.pick(&entry.post).to_owned()), ("when", words.moment(entry.row.at))];
    EntryView {
        number: entry.row.rules.number,
        what: said(&entry.row.rules.ruling, sheet, words),
        reason: entry.row.reason.as_str().to_owned(),
        by: words.with("attendance-by", &by),
        taken_back: entry.taken_back_by.map(|n| words.with("attendance-taken-back", &[("n", n)])),
        can_be_taken_back: entry.taken_back_by.is_none()
            && matches!(entry.row.rules.ruling, Ruling::States(_)),
    }
}

/// A correction in words: of whom, what, from when to when.
pub(super) fn said(ruling: &Ruling, sheet: &Sheet, words: Words) -> String {
    let Statement { guest, says, from, to } = match ruling {
        Ruling::TakesBack(number) => return words.with("attendance-takes-back", &[("n", *number)]),
        Ruling::States(said) => said,
    };
    let whose = sheet.people.iter().find(|person| person.guest == *guest);
    let whose = whose.map(|person| name(person, words)).unwrap_or_default();
    let what = words.t(&key_of("attendance-says-", says.code()));
    format!("{whose}: {what}, {} ({})", when((*from, *to), words), length(to.duration_since(*from), words))
}
