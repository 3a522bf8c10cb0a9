//! A notice as a person reads it: subject, lines and links in one language; the text message; the calendar entry.
//!
//! Only chooses and fills in words of `web/locales`. Never sends, never escapes for a medium, never reads a row or the
//! clock: the outbox and the pages do that with what they get here.

mod calendar;
mod reds;
mod rings;
mod sms;

pub use calendar::{calendar, published};
pub use sms::sms;

use domain::diary::displacement::AwayReason;
use domain::direction::Impossible;
use domain::hearing::Disposal;
use domain::notice::{Decision, Notice, Visit, What};
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
    let kind = key_of(&notice.what);
    let values = values(words, &notice.what);
    let fill = |key: &str| words.with(&format!("notice-{key}-{kind}"), &values);
    let visit = notice.what.visit();
    let is_to_desk = notice.what.is_to_desk();
    let greeting = visit
        .filter(|_| !is_to_desk)
        .map(|visit| words.with("notice-greeting", &[("name", visit.citizen_name.as_str())]));
    Letter {
        subject: fill("subject"),
        greeting,
        lead: fill("lead"),
        rows: visit
            .map_or_else(|| rows_of_lists(words, &notice.what), |visit| rows(words, visit, &notice.what)),
        links: visit
            .map_or_else(|| links_of_lists(words, &notice.what), |visit| links(words, visit, &notice.what)),
        footer: footer(words, &notice.what),
    }
}

/// The rows of what tells of no visit but is a list.
fn rows_of_lists(words: Words, what: &What) -> Vec<(String, String)> {
    match what {
        What::TerminalReds { .. } => reds::rows(words, what),
        _ => rings::rows(words, what),
    }
}

fn links_of_lists(words: Words, what: &What) -> Vec<(String, String)> {
    match what {
        What::TerminalReds { .. } => reds::links(words, what),
        _ => rings::links(words, what),
    }
}

/// The part of the key that names what is told: the kind, or the way back of a switch.
fn key_of(what: &What) -> String {
    match what {
        What::Switched { visit, .. } if visit.channel == "telephone" => "switched-telephone".to_owned(),
        What::Switched { visit, .. } if visit.join_url.is_none() => "switched-back".to_owned(),
        What::Waiting { reason, .. } if reason == "draw" => "drawn".to_owned(),
        What::Outcome { outcome, .. } => format!("outcome-{}", outcome.replace('_', "-")),
        What::DeskDirection { is_reopened: true, .. } => "desk-reopened".to_owned(),
        what => what.kind().replace('_', "-"),
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
        What::Proposed { proposed, others, .. } => {
            values.push(("proposed", moments(words, *proposed, others)));
        }
        What::Displaced { was, reason, .. } => {
            values.push(("was", words.moment(*was)));
            values.push(("reason", away_reason(words, reason)));
        }
        What::Waiting { reason, .. } => values.push(("reason", away_reason(words, reason))),
        What::Redirected { from, reason: code, .. } => {
            values.push(("from", words.pick(from).to_owned()));
            values.push(("reason", reason(words, code)));
        }
        What::Question { question, .. } => values.push(("question", question.clone())),
        What::Offered { offered, until, .. } => {
            values.push(("offered", words.moment(*offered)));
            values.push(("until", words.moment(*until)));
        }
        What::Outcome { post, due, reason, .. } => {
            values.extend(post.as_ref().map(|post| ("acts", words.pick(post).to_owned())));
            values.extend(due.map(|due| ("due", words.day(due))));
            values.extend(reason.as_ref().map(|code| ("reason", impossible(words, code))));
        }
        What::OutcomeAsk { text, due, .. } | What::DeskDirection { text, due, .. } => {
            values.push(("text", text.clone()));
            values.push(("due", words.day(*due)));
        }
        What::Delayed { about, .. } => values.push(("about", words.clock(*about))),
        What::RingDay { post, day, looks, more, .. } => {
            values.push(("post", words.pick(post).to_owned()));
            values.push(("day", words.day(*day)));
            values.push(("n", (looks.len() + more).to_string()));
        }
        What::TerminalReds { day, reds, more, .. } => {
            values.push(("day", words.day(*day)));
            values.push(("n", (reds.len() + more).to_string()));
        }
        What::Heard { heard, .. } | What::DeskHeard { heard, .. } => {
            values.push(("disposal", disposal(words, &heard.disposal)));
        }
        _ => {}
    }
    values
}

/// Why something cannot be done; words of its own for a code that a newer version wrote.
pub fn impossible(words: Words, code: &str) -> String {
    let known = Impossible::from_code(code);
    let key = known.map_or("unknown", Impossible::code);
    words.t(&format!("notice-impossible-{}", key.replace('_', "-"))).into_owned()
}

/// What a hearing came to; words of its own for a code that a newer version wrote.
pub fn disposal(words: Words, code: &str) -> String {
    let known = Disposal::from_code(code);
    let key = known.map_or("unknown", Disposal::code);
    words.t(&format!("hearing-disposal-{}", key.replace('_', "-"))).into_owned()
}

/// Some moments, one after another.
fn moments(words: Words, first: Timestamp, others: &[Timestamp]) -> String {
    let all = std::iter::once(&first).chain(others);
    all.map(|at| words.moment(*at)).collect::<Vec<_>>().join("; ")
}

/// The time that the notice is about: the offered one, else that of the visit.
fn begin(visit: &Visit, what: &What) -> Timestamp {
    match what {
        What::Proposed { proposed, .. } => *proposed,
        What::Offered { offered, .. } => *offered,
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

/// Why an officer is away; words of its own for a code that a newer version wrote.
pub fn away_reason(words: Words, code: &str) -> String {
    let known = AwayReason::from_code(code);
    known
        .map_or_else(
            || words.t("notice-away-unknown"),
            |reason| words.t(&format!("notice-away-{}", reason.code())),
        )
        .into_owned()
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
        what if what.is_to_desk() => row("notice-row-from", visit.citizen_name.clone()),
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
    if let What::Outcome { text, post, due, .. } = what {
        rows.extend(text.as_ref().map(|text| row("notice-row-direction", text.clone())));
        rows.extend(post.as_ref().map(|post| row("notice-row-acts", words.pick(post).to_owned())));
        rows.extend(due.map(|due| row("notice-row-due", words.day(due))));
    }
    if let What::OutcomeAsk { text, due, .. } | What::DeskDirection { text, due, .. } = what {
        rows.push(row("notice-row-direction", text.clone()));
        rows.push(row("notice-row-due", words.day(*due)));
    }
    match what {
        What::DeskHearing { case_number, .. } | What::DeskHearingOff { case_number, .. } => {
            rows.push(row("hearing-case-number", case_number.clone()))
        }
        What::Heard { heard, .. } | What::DeskHeard { heard, .. } => {
            rows.extend(decided(words, heard).map(|(key, value)| row(key, value)));
        }
        _ => {}
    }
    rows
}

/// What came of a hearing, each with the key of its label.
fn decided(words: Words, heard: &Decision) -> impl Iterator<Item = (&'static str, String)> {
    let next = heard.next.map(|at| ("hearing-next", words.moment(at)));
    let all = [
        ("hearing-case-number", heard.case_number.clone()),
        ("hearing-disposal", disposal(words, &heard.disposal)),
        ("hearing-order", heard.order.clone()),
    ];
    all.into_iter().chain(next)
}

fn links(words: Words, visit: &Visit, what: &What) -> Vec<(String, String)> {
    let link = |key: &str, url: &str| (words.t(key).into_owned(), url.to_owned());
    let slip = visit.slip_url.as_str();
    match what {
        What::Code { .. } | What::RingDay { .. } | What::TerminalReds { .. } => Vec::new(),
        What::DeskRequest { .. } | What::DeskAnswer { .. } | What::DeskLate { .. } => {
            vec![link("notice-link-desk", &desk_url(visit))]
        }
        What::DeskDirection { .. } | What::DeskHearingOff { .. } => {
            vec![link("notice-link-desk", &desk_url(visit))]
        }
        What::DeskHearing { url, .. } | What::DeskHeard { url, .. } => {
            vec![link("notice-link-slip", url), link("notice-link-desk", &desk_url(visit))]
        }
        What::Outcome { .. } | What::Heard { .. } => vec![link("notice-link-slip", slip)],
        What::Requested { .. } => vec![link("notice-link-change", slip)],
        What::Displaced { is_fixed: false, .. }
        | What::Switched { is_fixed: false, .. }
        | What::Redirected { is_fixed: false, .. } => vec![link("notice-link-change", slip)],
        What::Waiting { .. } => vec![link("notice-link-choose", slip)],
        What::Confirmed { .. }
        | What::Moved { .. }
        | What::Displaced { .. }
        | What::Switched { .. }
        | What::Redirected { .. } => {
            let join = visit.join_url.as_deref().map(|url| link("notice-link-join", url));
            join.into_iter().chain([link("notice-link-change", slip)]).collect()
        }
        What::Cancelled { .. } | What::Declined { .. } => vec![link("notice-link-again", slip)],
        What::Proposed { .. } | What::Question { .. } | What::Offered { .. } | What::OutcomeAsk { .. } => {
            vec![link("notice-link-answer", slip)]
        }
        What::Delayed { .. } => {
            let join = visit.join_url.as_deref().map(|url| link("notice-link-join", url));
            join.into_iter().chain([link("notice-link-turn", slip)]).collect()
        }
    }
}

/// The worklist's page on the host of the slip. The slip's own link is the citizen's secret and never goes to a desk.
fn desk_url(visit: &Visit) -> String {
    let host = visit.slip_url.split("/s/").next().unwrap_or_default();
    format!("{host}/desk")
}

/// Does it carry an invitation: to a fixed visit, or to one that changed?
fn is_invitation(what: &What) -> bool {
    matches!(
        what,
        What::Confirmed { .. }
            | What::Moved { .. }
            | What::Displaced { is_fixed: true, .. }
            | What::Switched { is_fixed: true, .. }
            | What::Redirected { is_fixed: true, .. }
    )
}

fn footer(words: Words, what: &What) -> Vec<String> {
    let mut keys = Vec::new();
    if is_invitation(what) {
        keys.push("notice-footer-calendar");
    }
    if !what.is_to_desk() && !matches!(what, What::RingDay { .. } | What::TerminalReds { .. }) {
        keys.push("common-no-money");
    }
    keys.push("notice-footer-automatic");
    keys.into_iter().map(|key| words.t(key).into_owned()).collect()
}

#[cfg(test)]
pub(crate) mod tests;
