//! The day's hearings of a grievance redressal officer: the cause list with names for the office, and its export.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use domain::hearing::{Evidence, LIMIT_WORKING_DAYS, Mark, Side, Stage};
use domain::id::PostId;
use domain::office::ist;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::book::Fields;
use super::slip::channel_text;
use super::view::{Link, key_of};
use super::{Page, html};
use crate::app::hearing::{self, DayList, Entered, Line, StepError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;
use crate::letter;

/// One case of the day.
struct LineView {
    number: usize,
    href: String,
    hour: String,
    name: String,
    case_number: String,
    authority: Option<String>,
    subject: String,
    nth: Option<String>,
    channel: String,
    age: Option<String>,
    is_late: bool,
    state: String,
    is_closed: bool,
}

#[derive(Template)]
#[template(path = "hearings.html")]
struct HearingsPage {
    page: Page,
    post: String,
    title: String,
    day: String,
    before: Link,
    after: Link,
    lines: Vec<LineView>,
    count: String,
    csv_href: String,
    json_href: String,
    list_href: String,
}

/// `/hearings`: the cases of a day, today's unless another is asked for.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = day_list(&edge, (&actor, &post), &query).await?;
    let words = page.words;
    let link = |day: Date| Link { href: format!("/hearings?post={post}&day={day}"), text: words.day(day) };
    let file = |kind: &str| format!("/hearings/day.{kind}?post={post}&day={}", list.day);
    html(&HearingsPage {
        title: words.pick(&list.title).to_owned(),
        day: words.day(list.day),
        before: link(list.day.saturating_sub(1.day())),
        after: link(list.day.saturating_add(1.day())),
        lines: list.lines.iter().map(|line| view(line, words)).collect(),
        count: words.with("hearing-list-count", &[("n", list.lines.len())]),
        csv_href: file("csv"),
        json_href: file("json"),
        list_href: format!("/list/{post}"),
        post: post.to_string(),
        page,
    })
}

async fn day_list(edge: &Edge, (actor, post): (&Actor, &PostId), query: &Fields) -> Result<DayList, Fault> {
    let today = edge.desk.now().to_zoned(ist()).date();
    let day = query.get("day").map_or(Ok(today), |day| day.parse().map_err(|_| Fault::NotFound))?;
    hearing::day(&edge.desk, actor, (post, day)).await.map_err(|error| match error {
        StepError::Denied(_) => Fault::NotYours,
        StepError::Store(error) => Fault::internal(error),
        _ => Fault::NotFound,
    })
}

fn view(line: &Line, words: Words) -> LineView {
    let shown = &line.hearing;
    let entered = shown.entered.as_ref();
    LineView {
        number: line.number,
        href: format!("/hearing/{}", shown.appointment),
        hour: words.clock(shown.slot.start()),
        name: shown.name.clone(),
        case_number: entered
            .map_or_else(|| shown.reference.clone(), |entered| entered.row.case.case_number.to_string()),
        authority: entered.map(|entered| words.pick(&entered.authority).to_owned()),
        subject: shown.subject.clone(),
        nth: entered.map(|entered| nth(entered, words)),
        channel: channel_text(shown.channel, words),
        age: entered.map(|entered| age(entered, words)),
        is_late: entered.is_some_and(|entered| entered.age > u32::from(LIMIT_WORKING_DAYS)),
        state: state(entered, words),
        is_closed: entered.is_some_and(|entered| matches!(entered.row.rules.stage(), Stage::Closed(_))),
    }
}

/// Which hearing of the case it is.
pub(super) fn nth(entered: &Entered, words: Words) -> String {
    words.with("hearing-nth", &[("n", entered.row.case.number)])
}

/// Working days of the limit.
pub(super) fn age(entered: &Entered, words: Words) -> String {
    words.with("hearing-age", &[("n", entered.age), ("of", u32::from(LIMIT_WORKING_DAYS))])
}

/// How far it is, in words.
fn state(entered: Option<&Entered>, words: Words) -> String {
    match entered.map(|entered| entered.row.rules.stage()) {
        None => words.t("hearing-state-new").into_owned(),
        Some(Stage::Listed) => words.t("hearing-state-listed").into_owned(),
        Some(Stage::Called { again: None, .. }) => words.t("hearing-state-called").into_owned(),
        Some(Stage::Called { .. }) => words.t("hearing-state-called-again").into_owned(),
        Some(Stage::Closed(closing)) => letter::disposal(words, closing.disposal.code()),
    }
}

/// The words for the attendance of a party; those for a blank one when it has none.
pub(super) fn attendance(mark: Option<&Mark>, words: Words) -> String {
    mark.map_or_else(
        || words.t("hearing-attendance-blank"),
        |mark| words.t(&key_of("hearing-attendance-", mark.attendance.code())),
    )
    .into_owned()
}

/// What is exported of one case: number, day, attendance and order, and no person.
struct Row {
    /// In the order of [`HEAD`].
    cells: [Value; 14],
}

impl Row {
    fn of(line: &Line, day: Date) -> Option<Row> {
        let shown = &line.hearing;
        let entered = shown.entered.as_ref()?;
        let (case, rules) = (&entered.row.case, &entered.row.rules);
        let mark = |side| entered.attendance.of(side).as_ref();
        let code = |side| mark(side).map(|mark| mark.attendance.code());
        let by = |side| mark(side).map(|mark| evidence(mark));
        let closing = match rules.stage() {
            Stage::Closed(closing) => Some(closing),
            Stage::Listed | Stage::Called { .. } => None,
        };
        let order = rules.order();
        let is_aloud = order.map(|order| matches!(order.reading, domain::hearing::Reading::Aloud { .. }));
        Some(Row {
            cells: [
                json!(case.case_number.as_str()),
                json!(shown.reference),
                json!(day.to_string()),
                json!(case.number),
                json!(case.filed.to_string()),
                json!(code(Side::Complainant)),
                json!(by(Side::Complainant)),
                json!(case.authority.as_str()),
                json!(code(Side::Authority)),
                json!(by(Side::Authority)),
                json!(closing.map(|closing| closing.disposal.code())),
                json!(order.map(|order| order.text.as_str())),
                json!(is_aloud),
                json!(closing.and_then(|closing| closing.next).map(|day| day.to_string())),
            ],
        })
    }
}

/// By what a mark is known: the ground, or that the meeting proves it.
fn evidence(mark: &Mark) -> &'static str {
    match &mark.evidence {
        Evidence::Joined { .. } => "joined",
        Evidence::ByHand(reason) => reason.ground().code(),
    }
}

/// `/hearings/day.json`: the entered cases of a day, for programs.
pub async fn as_json(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
) -> Result<Response, Fault> {
    let list = day_list(&edge, (&actor, &post), &query).await?;
    let rows = list.lines.iter().filter_map(|line| Row::of(line, list.day));
    let objects = rows.map(|row| HEAD.iter().map(|key| (*key).to_owned()).zip(row.cells).collect());
    let hearings: Vec<Value> = objects.map(Value::Object).collect();
    let text = json!({ "post": post.as_str(), "day": list.day.to_string(), "hearings": hearings });
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, attached(&list, "json")),
    ];
    Ok((headers, text.to_string()).into_response())
}

/// `/hearings/day.csv`: the same as a table (RFC 4180), with the mark by which spreadsheets know UTF-8.
pub async fn as_csv(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
) -> Result<Response, Fault> {
    let list = day_list(&edge, (&actor, &post), &query).await?;
    let rows: Vec<Row> = list.lines.iter().filter_map(|line| Row::of(line, list.day)).collect();
    let mut text = format!("\u{FEFF}{}\r\n", HEAD.join(","));
    for row in rows {
        let cells: Vec<String> = row.cells.iter().map(cell).collect();
        text.push_str(&format!("{}\r\n", cells.join(",")));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, attached(&list, "csv")),
    ];
    Ok((headers, text).into_response())
}

/// The names of the columns, in their order; what reads the file branches on them.
const HEAD: [&str; 14] = [
    "case_number",
    "reference",
    "hearing_date",
    "hearing_number",
    "filed_on",
    "complainant_attendance",
    "complainant_evidence",
    "authority_post",
    "authority_attendance",
    "authority_evidence",
    "outcome",
    "order_text",
    "read_aloud",
    "next_date",
];

fn attached(list: &DayList, kind: &str) -> String {
    format!("attachment; filename=\"hearings-{}.{kind}\"", list.day)
}

/// A cell: quoted, and with an apostrophe before what a spreadsheet would take for a formula (OWASP ASVS 5.0, 1.2.10).
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_ends_where_it_ends() {
        assert_eq!(cell(&json!("=cmd|' /C calc'!A0")), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(cell(&json!("-1")), "\"'-1\"");
        assert_eq!(cell(&json!("वह बोले: \"हाँ\"\nठीक")), "\"वह बोले: \"\"हाँ\"\"\nठीक\"");
        assert_eq!(cell(&Value::Null), "\"\"");
        assert_eq!(cell(&json!(2)), "\"2\"");
    }
}
