//! A notice as a person reads it: subject, lines and links in one language; the text message; the calendar entry.
//!
//! Only chooses and fills in words of `web/locales`. Never sends, never escapes for a medium, never reads a row or the
//! clock: the outbox and the pages do that with what they get here.

mod calendar;
mod sms;

pub use calendar::{calendar, published};
pub use sms::sms;

use domain::notice::{Notice, Visit, What};
use jiff::Timestamp;

use crate::i18n::Words;

/// A notice in words. Texts are plain: whoever puts them into a page or a mail escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line that says all that matters.
    pub subject: String,
    /// To whom.
    pub greeting: Option<String>,
    /// What has happened, in one or two sentences.
    pub lead: String,
    /// Label and value.
    pub rows: Vec<(String, String)>,
    /// What it is called, and where it leads.
    pub links: Vec<(String, String)>,
    /// Small print.
    pub footer: Vec<String>,
}

impl Letter {
    /// The whole letter as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut parts: Vec<String> = self.greeting.iter().cloned().collect();
        parts.push(self.lead.clone());
        if !self.rows.is_empty() {
            parts.push(labelled(&self.rows));
        }
        if !self.links.is_empty() {
            parts.push(labelled(&self.links));
        }
        parts.push(self.footer.join("\n"));
        parts.join("\n\n") + "\n"
    }
}

/// Each pair as a line of its own.
fn labelled(pairs: &[(String, String)]) -> String {
    let lines: Vec<String> = pairs.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    lines.join("\n")
}

/// Puts a notice into words.
#[must_use]
pub fn letter(notice: &Notice) -> Letter {
    let words = Words::of(notice.language);
    let kind = notice.what.kind().replace('_', "-");
    let values = values(words, &notice.what);
    let fill = |key: &str| words.with(&format!("notice-{key}-{kind}"), &values);
    let visit = notice.what.visit();
    let is_to_desk = matches!(notice.what, What::DeskRequest { .. });
    let greeting = visit
        .filter(|_| !is_to_desk)
        .map(|visit| words.with("notice-greeting", &[("name", visit.citizen_name.as_str())]));
    Letter {
        subject: fill("subject"),
        greeting,
        lead: fill("lead"),
        rows: visit.map(|visit| rows(words, visit, &notice.what)).unwrap_or_default(),
        links: visit.map(|visit| links(words, visit, &notice.what)).unwrap_or_default(),
        footer: footer(words, &notice.what),
    }
}

/// Everything that a sentence of this notice may fill in.
fn values(words: Words, what: &What) -> Vec<(&'static str, String)> {
    let mut values = Vec::new();
    if let Some(visit) = what.visit() {
        values.push(("post", post(words, visit)));
        values.push(("when", words.moment(begin(visit, what))));
        values.push(("name", visit.citizen_name.clone()));
    }
    match what {
        What::Code { code, minutes } => {
            values.push(("code", code.clone()));
            values.push(("minutes", minutes.to_string()));
        }
        What::Moved { was, .. } => values.push(("was", words.moment(*was))),
        What::Declined { reason: code, .. } => values.push(("reason", reason(words, code))),
        What::Proposed { proposed, .. } => values.push(("proposed", words.moment(*proposed))),
        _ => {}
    }
    values
}

/// The time that the notice is about: the offered one of a proposal, else that of the visit.
fn begin(visit: &Visit, what: &What) -> Timestamp {
    match what {
        What::Proposed { proposed, .. } => *proposed,
        _ => visit.start,
    }
}

/// The post with its body. A title that is written with its office («सचिव, गृह विभाग») or names it stands alone.
fn post(words: Words, visit: &Visit) -> String {
    let (title, body) = (words.pick(&visit.post_title), words.pick(&visit.body));
    if body.is_empty() || title.contains(body) || title.contains(',') {
        return title.to_owned();
    }
    words.with("notice-post", &[("title", title), ("body", body)])
}

/// The words of a reason; those of an unknown one when a newer version wrote it.
fn reason(words: Words, code: &str) -> String {
    let key = match code {
        "other_office" => "notice-reason-other-office",
        "engaged" => "notice-reason-engaged",
        "decided" => "notice-reason-decided",
        "incomplete" => "notice-reason-incomplete",
        _ => "notice-reason-unknown",
    };
    words.t(key).into_owned()
}

/// How they meet.
fn channel(words: Words, visit: &Visit) -> String {
    let key = match visit.channel.as_str() {
        "video" => "common-channel-video",
        "telephone" => "common-channel-telephone",
        _ => "common-channel-in-person",
    };
    words.t(key).into_owned()
}

fn rows(words: Words, visit: &Visit, what: &What) -> Vec<(String, String)> {
    let row = |key: &str, value: String| (words.t(key).into_owned(), value);
    let minutes = visit.end.duration_since(visit.start).as_mins();
    let moment = words.moment(begin(visit, what));
    let first = match what {
        What::DeskRequest { .. } => row("notice-row-from", visit.citizen_name.clone()),
        _ => row("notice-row-with", post(words, visit)),
    };
    let mut rows = vec![
        first,
        row(
            "notice-row-when",
            words.with("notice-when", &[("moment", moment), ("minutes", minutes.to_string())]),
        ),
        row("notice-row-how", channel(words, visit)),
        row("notice-row-about", visit.subject.clone()),
        row("notice-row-reference", visit.reference.clone()),
    ];
    if let What::Declined { alternative: Some(alternative), .. } = what {
        rows.push(row("notice-row-alternative", words.pick(alternative).to_owned()));
    }
    rows
}

fn links(words: Words, visit: &Visit, what: &What) -> Vec<(String, String)> {
    let link = |key: &str, url: &str| (words.t(key).into_owned(), url.to_owned());
    let slip = visit.slip_url.as_str();
    match what {
        What::Code { .. } => Vec::new(),
        What::DeskRequest { .. } => vec![link("notice-link-desk", &desk_url(visit))],
        What::Requested { .. } => vec![link("notice-link-change", slip)],
        What::Confirmed { .. } | What::Moved { .. } => {
            let join = visit.join_url.as_deref().map(|url| link("notice-link-join", url));
            join.into_iter().chain([link("notice-link-change", slip)]).collect()
        }
        What::Cancelled { .. } | What::Declined { .. } => vec![link("notice-link-again", slip)],
        What::Proposed { .. } => vec![link("notice-link-answer", slip)],
    }
}

/// The worklist's page on the host of the slip. The slip's own link is the citizen's secret and never goes to a desk.
fn desk_url(visit: &Visit) -> String {
    let host = visit.slip_url.split("/s/").next().unwrap_or_default();
    format!("{host}/desk")
}

fn footer(words: Words, what: &What) -> Vec<String> {
    let mut keys = Vec::new();
    if matches!(what, What::Confirmed { .. } | What::Moved { .. }) {
        keys.push("notice-footer-calendar");
    }
    if !matches!(what, What::DeskRequest { .. }) {
        keys.push("common-no-money");
    }
    keys.push("notice-footer-automatic");
    keys.into_iter().map(|key| words.t(key).into_owned()).collect()
}

#[cfg(test)]
pub(crate) mod tests;
