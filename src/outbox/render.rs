//! The parts of a mail: subject, plain text, HTML and calendar text of a notice.
//!
//! Pure. HTML is escaped by the template, calendar lines by `domain::invite`; nothing here builds either by hand.

use askama::Template;
use domain::invite::CalendarText;
use domain::notice::{Language, Notice};
use jiff::Timestamp;

use crate::letter::{Letter, calendar, letter};

/// What a mail is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailParts {
    /// The subject line, without controls.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The letter as HTML.
    pub html: String,
    /// The invitation or cancellation that goes with it.
    pub calendar: Option<CalendarText>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    letter: Letter,
    language: Language,
}

/// Renders a notice as a mail; the same notice and stamp give the same parts.
#[must_use]
pub fn mail_parts(notice: &Notice, stamp: Timestamp) -> MailParts {
    let letter = letter(notice);
    let subject = one_line(&letter.subject);
    let text = letter.text();
    let html = MailPage { letter, language: notice.language }
        .render()
        .expect("the template of a mail only writes text into a string");
    MailParts { subject, text, html, calendar: calendar(notice, stamp) }
}

/// A header's value: whatever could end the line is a space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}
