//! The text message of a notice: one sentence, one link.
//!
//! Devanagari goes as UCS-2, 70 units in one part and 67 in each of several, so every word costs. Never a name of a
//! citizen: a telephone is shared.

use domain::notice::{Notice, Visit, What};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{away_reason, begin, desk_url, disposal, impossible, key_of, post, reason};
use crate::i18n::Words;

/// The text message of a notice.
#[must_use]
pub fn sms(notice: &Notice) -> String {
    let words = Words::of(notice.language);
    let say = |key: &str, values: &[(&'static str, String)]| words.with(key, values);
    match &notice.what {
        What::Code { code, minutes } => {
            say("notice-sms-code", &[("code", code.clone()), ("minutes", minutes.to_string())])
        }
        What::Requested { visit } => {
            say("notice-sms-requested", &[("reference", visit.reference.clone()), link(&visit.slip_url)])
        }
        What::Confirmed { visit } => match &visit.join_url {
            Some(url) => say("notice-sms-confirmed-video", &about(words, visit, (&notice.what, url))),
            None => say("notice-sms-confirmed", &about(words, visit, (&notice.what, &visit.slip_url))),
        },
        What::Moved { visit, .. } => {
            say("notice-sms-moved", &about(words, visit, (&notice.what, &visit.slip_url)))
        }
        What::Cancelled { visit } => {
            say("notice-sms-cancelled", &about(words, visit, (&notice.what, &visit.slip_url)))
        }
        What::Proposed { visit, .. } => {
            say("notice-sms-proposed", &about(words, visit, (&notice.what, &visit.slip_url)))
        }
        What::Declined { visit, reason: code, alternative } => {
            let said = [("reason", reason(words, code)), link(&visit.slip_url)];
            match alternative {
                Some(other) => {
                    let [reason, link] = said;
                    let other = ("alternative", words.pick(other).to_owned());
                    say("notice-sms-declined-alternative", &[reason, other, link])
                }
                None => say("notice-sms-declined", &said),
            }
        }
        What::DeskRequest { visit } | What::DeskAnswer { visit } | What::DeskLate { visit } => {
            let when = ("when", moment_short(words, visit.start));
            let key = format!("notice-sms-{}", key_of(&notice.what));
            say(&key, &[("reference", visit.reference.clone()), when, link(&desk_url(visit))])
        }
        What::RingDay { day, looks, more, url, .. } => {
            let n = ("n", (looks.len() + more).to_string());
            say("notice-sms-ring-day", &[("day", words.day(*day)), n, link(url)])
        }
        What::TerminalReds { day, reds, more, url } => {
            let n = ("n", (reds.len() + more).to_string());
            say("notice-sms-terminal-reds", &[("day", words.day(*day)), n, link(url)])
        }
        What::Outcome { .. } | What::OutcomeAsk { .. } | What::DeskDirection { .. } => {
            after_the_meeting(words, &notice.what)
        }
        What::DeskHearing { .. }
        | What::DeskHearingOff { .. }
        | What::Heard { .. }
        | What::DeskHeard { .. } => of_a_hearing(words, &notice.what),
        what => of_the_day(words, what),
    }
}

/// What follows a meeting: its outcome, whether it was done, what a post has to do.
fn after_the_meeting(words: Words, what: &What) -> String {
    let Some(visit) = what.visit() else { return String::new() };
    let url = if what.is_to_desk() { desk_url(visit) } else { visit.slip_url.clone() };
    let mut values = vec![("reference", visit.reference.clone()), link(&url)];
    match what {
        What::Outcome { post, due, reason, .. } => {
            values.extend(post.as_ref().map(|post| ("acts", words.pick(post).to_owned())));
            values.extend(due.map(|due| ("due", day_short(words, due))));
            values.extend(reason.as_ref().map(|code| ("reason", impossible(words, code))));
        }
        What::DeskDirection { due, .. } => values.push(("due", day_short(words, *due))),
        _ => {}
    }
    words.with(&format!("notice-sms-{}", key_of(what)), &values)
}

/// A case is listed, or was heard.
fn of_a_hearing(words: Words, what: &What) -> String {
    let Some(visit) = what.visit() else { return String::new() };
    let (url, decision) = match what {
        What::DeskHearing { url, .. } => (url.clone(), None),
        What::DeskHearingOff { .. } => (desk_url(visit), None),
        What::DeskHeard { url, heard, .. } => (url.clone(), Some(heard)),
        What::Heard { heard, .. } => (visit.slip_url.clone(), Some(heard)),
        _ => return String::new(),
    };
    let when = ("when", moment_short(words, visit.start));
    let mut values = vec![("reference", visit.reference.clone()), when, link(&url)];
    values.extend(decision.map(|heard| ("disposal", disposal(words, &heard.disposal))));
    words.with(&format!("notice-sms-{}", key_of(what)), &values)
}

/// What the day brings: the officer is away, another way to meet, another post, a question, an earlier time.
fn of_the_day(words: Words, what: &What) -> String {
    let Some(visit) = what.visit() else { return String::new() };
    let key = format!("notice-sms-{}", key_of(what));
    let url = match (what, &visit.join_url) {
        (What::Switched { is_fixed: true, .. }, Some(door)) => door,
        _ => &visit.slip_url,
    };
    let mut values = about(words, visit, (what, url)).to_vec();
    match what {
        What::Displaced { reason: code, .. } | What::Waiting { reason: code, .. } => {
            values.push(("reason", away_reason(words, code)));
        }
        What::Offered { until, .. } => values.push(("until", moment_short(words, *until))),
        What::Delayed { about, .. } => values.push(("about", words.hour(*about))),
        What::Question { .. } => values.push(("reference", visit.reference.clone())),
        _ => {}
    }
    words.with(&key, &values)
}

/// The link as it is sent. A telephone finds `es.example.in/s/…` without the scheme, which costs eight letters; a host
/// with a port or a bare number keeps it.
fn link(url: &str) -> (&'static str, String) {
    let bare = url.strip_prefix("https://").unwrap_or_default();
    let host = bare.split('/').next().unwrap_or_default();
    let last_label = host.rsplit_once('.').map(|(_, label)| label);
    let is_plain =
        last_label.is_some_and(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphabetic()));
    ("link", if is_plain { bare } else { url }.to_owned())
}

/// With whom, when, and where it leads.
fn about(words: Words, visit: &Visit, (what, url): (&What, &str)) -> [(&'static str, String); 3] {
    [("post", post(words, visit)), ("when", moment_short(words, begin(visit, what))), link(url)]
}

/// `24 नवं. 11:15`
fn moment_short(words: Words, at: Timestamp) -> String {
    let date = at.to_zoned(domain::office::ist()).date();
    let month = words.t(&format!("notice-month-short-{}", date.month())).into_owned();
    let values = [("day", date.day().to_string()), ("month", month), ("hour", words.hour(at))];
    words.with("notice-moment-short", &values)
}

/// `24 नवं.`
fn day_short(words: Words, date: Date) -> String {
    let month = words.t(&format!("notice-month-short-{}", date.month())).into_owned();
    words.with("notice-day-short", &[("day", date.day().to_string()), ("month", month)])
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn a_link_loses_its_scheme_only_where_a_telephone_finds_it_without() {
        for (url, sent) in [
            ("https://es.example.in/s/ABC", "es.example.in/s/ABC"),
            ("https://localhost:8443/s/ABC", "https://localhost:8443/s/ABC"),
            ("https://192.0.2.7/s/ABC", "https://192.0.2.7/s/ABC"),
            ("http://es.example.in/s/ABC", "http://es.example.in/s/ABC"),
        ] {
            assert_eq!(link(url).1, sent);
        }
    }
}
