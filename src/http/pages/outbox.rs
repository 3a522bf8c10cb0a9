//! What was sent, newest first. Exists in a demonstration only.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use domain::notice::{Recipient, What};

use super::{Page, html};
use crate::app::outbox_page::{self, OutboxLine};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;
use crate::letter;

/// A stretch of text, or a link in it.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    text: String,
    href: Option<String>,
}

/// One message.
struct LineView {
    language: &'static str,
    subject: String,
    channel: String,
    to: String,
    at: String,
    state: String,
    code: Option<String>,
    paragraphs: Vec<Vec<Part>>,
    calendar: Option<String>,
    calendar_title: String,
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct OutboxPage {
    page: Page,
    lines: Vec<LineView>,
}

/// `/outbox`: every message, as its reader sees it.
pub async fn outbox(State(edge): State<Edge>, page: Page) -> Result<Html<String>, Fault> {
    let lines = outbox_page::recent(&edge.desk).await.map_err(Fault::internal)?;
    let lines = lines.iter().map(|line| view(line, page.words)).collect();
    html(&OutboxPage { page, lines })
}

fn view(line: &OutboxLine, words: Words) -> LineView {
    let mail = letter::letter(&line.notice);
    let text = match line.notice.to {
        Recipient::Mail { .. } => mail.text(),
        Recipient::Sms { .. } => letter::sms(&line.notice),
    };
    let calendar = match line.notice.to {
        Recipient::Mail { .. } => letter::calendar(&line.notice, line.created_at),
        Recipient::Sms { .. } => None,
    };
    let code = match &line.notice.what {
        What::Code { code, .. } if !code.is_empty() => Some(code.clone()),
        _ => None,
    };
    LineView {
        language: line.notice.language.code(),
        subject: mail.subject,
        channel: words.t(&format!("desk-outbox-{}", line.notice.to.channel())).into_owned(),
        to: line.notice.to.address().to_owned(),
        at: words.moment(line.created_at),
        state: words.t(&format!("desk-outbox-state-{}", line.state)).into_owned(),
        code,
        paragraphs: text.lines().filter(|line| !line.trim().is_empty()).map(linked).collect(),
        calendar: calendar.map(|file| file.as_str().to_owned()),
        calendar_title: words.with("desk-outbox-attachment", &[("name", "invite.ics")]),
    }
}

/// A line with its web addresses made links.
fn linked(line: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for word in line.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let is_link = bare.starts_with("https://") || bare.starts_with("http://");
        match parts.last_mut() {
            Some(last) if !is_link && last.href.is_none() => last.text.push_str(word),
            _ => parts.push(Part { text: word.to_owned(), href: is_link.then(|| bare.to_owned()) }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_message_become_links_and_nothing_else_does() {
        let parts = linked("जुड़ें: https://es.example.in/j/abc अभी");
        let hrefs: Vec<_> = parts.iter().map(|part| part.href.as_deref()).collect();
        assert_eq!(hrefs, [None, Some("https://es.example.in/j/abc"), None]);
        assert_eq!(parts[0].text, "जुड़ें: ");
        assert!(linked("javascript:alert(1)")[0].href.is_none());
    }
}
