//! The attendance of a meeting as a table for spreadsheets: everything that was measured, every correction, and what counts.
//!
//! Comma-separated values (RFC 4180) in UTF-8 with a mark at its beginning, which spreadsheets need for Devanagari.

use domain::meeting::attendance::{Ruling, Source, total};
use domain::office::ist;
use jiff::{SignedDuration, Timestamp};

use super::attendance::{kind, name, said};
use super::view::key_of;
use crate::app::attendance::{Entry, Person, Sheet};
use crate::i18n::Words;

const COLUMNS: [&str; 9] = ["row", "who", "what", "from", "to", "seconds", "reason", "by", "written"];

/// The whole table.
pub fn table(sheet: &Sheet, words: Words) -> String {
    let mut text = String::from("\u{feff}");
    let head: Vec<String> =
        COLUMNS.iter().map(|one| words.t(&key_of("attendance-column-", one)).into_owned()).collect();
    line(&mut text, &head);
    for person in &sheet.people {
        measured(&mut text, person, words);
    }
    for entry in &sheet.history {
        correction(&mut text, (entry, sheet), words);
    }
    for person in &sheet.people {
        let seconds = seconds(total(&person.pieces, Source::is_present)).to_string();
        let what = words.t("attendance-total").into_owned();
        row(
            &mut text,
            ("counted", words),
            [name(person, words), what, String::new(), String::new(), seconds],
        );
    }
    text
}

/// Whole seconds, rounded to the nearest.
pub fn seconds(length: SignedDuration) -> i64 {
    i64::try_from((length.as_millis() + 500) / 1_000).unwrap_or(i64::MAX)
}

fn measured(text: &mut String, person: &Person, words: Words) {
    for one in &person.measured {
        let what = words.t(&key_of("attendance-kind-", kind(Source::Measured(one.evidence)))).into_owned();
        let length = seconds(one.to.duration_since(one.from)).to_string();
        row(text, ("measured", words), [name(person, words), what, moment(one.from), moment(one.to), length]);
    }
}

fn correction(text: &mut String, (entry, sheet): (&Entry, &Sheet), words: Words) {
    let what = said(&entry.row.rules.ruling, sheet, words);
    let what = match entry.taken_back_by {
        Some(n) => format!("{what} · {}", words.with("attendance-taken-back", &[("n", n)])),
        None => what,
    };
    let (from, to, long) = match &entry.row.rules.ruling {
        Ruling::States(said) => {
            let long = seconds(said.to.duration_since(said.from)).to_string();
            (moment(said.from), moment(said.to), long)
        }
        Ruling::TakesBack(_) => <(String, String, String)>::default(),
    };
    let number = words.with("attendance-number", &[("n", entry.row.rules.number)]);
    let kind = words.t("attendance-row-correction");
    let whose = match &entry.row.rules.ruling {
        Ruling::States(said) => sheet.people.iter().find(|person| person.guest == said.guest),
        Ruling::TakesBack(_) => None,
    };
    let cells = [
        format!("{kind} · {number}"),
        whose.map(|person| name(person, words)).unwrap_or_default(),
        what,
        from,
        to,
        long,
        entry.row.reason.as_str().to_owned(),
        words.pick(&entry.post).to_owned(),
        moment(entry.row.at),
    ];
    line(text, &cells);
}

/// A row that nobody wrote by hand.
fn row(text: &mut String, (kind, words): (&str, Words), cells: [String; 5]) {
    let kind = words.t(&key_of("attendance-row-", kind)).into_owned();
    let rest = [String::new(), String::new(), String::new()];
    let all: Vec<String> = std::iter::once(kind).chain(cells).chain(rest).collect();
    line(text, &all);
}

/// Day and time to the second, in India, as spreadsheets read them.
fn moment(at: Timestamp) -> String {
    at.to_zoned(ist()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// One line of the table.
pub(super) fn line(text: &mut String, cells: &[String]) {
    let quoted: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    text.push_str(&quoted.join(","));
    text.push_str("\r\n");
}

/// A cell in quotes. What a spreadsheet would take for a formula gets an apostrophe before it: names come from outside.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_formula_and_no_quote_ends_its_cell() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("राम, कुमार"), "\"राम, कुमार\"");
    }

    #[test]
    fn seconds_are_rounded_to_the_nearest() {
        let of = |ms: i64| seconds(SignedDuration::from_millis(ms));
        assert_eq!([of(0), of(499), of(500), of(1_499), of(59_500)], [0, 0, 1, 1, 60]);
    }
}
