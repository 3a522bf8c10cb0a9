//! The cause list: tomorrow's fixed appointments from 18:00 on, numbered, names masked; as a page, a calendar and JSON.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::PostId;
use domain::invite::{Invitation, Party, write_list};
use domain::office::ist;
use domain::text::MailAddress;
use serde_json::json;

use super::Page;
use super::meet::{in_language, kept};
use super::slip::channel_text;
use crate::app::cause_list::{self as lists, CauseList, Item};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

/// One line.
struct ItemView {
    number: usize,
    hour: String,
    name: String,
    channel: String,
}

#[derive(Template)]
#[template(path = "cause_list.html")]
struct ListPage {
    page: Page,
    post: String,
    body: String,
    day: String,
    items: Vec<ItemView>,
    count: String,
    calendar_href: String,
    json_href: String,
    meet_href: String,
}

/// `/list/{post}`: the list that is out.
pub async fn list(
    State(edge): State<Edge>,
    Path(post): Path<String>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let list = list_of(&edge, &post).await?;
    let words = page.words;
    let shown = ListPage {
        post: words.pick(&list.post.title).to_owned(),
        body: words.pick(&list.post.body).to_owned(),
        day: words.day(list.day),
        items: list.items.iter().map(|item| view(item, words)).collect(),
        count: words.with("face-list-count", &[("n", list.items.len())]),
        calendar_href: in_language(format!("/list/{post}/list.ics"), page.language),
        json_href: format!("/list/{post}/list.json"),
        meet_href: in_language("/meet".to_owned(), page.language),
        page,
    };
    let text = shown.render().map_err(Fault::internal)?;
    Ok(kept(&headers, "text/html; charset=utf-8", text))
}

/// `/list/{post}/list.json`: the same for programs.
pub async fn as_json(
    State(edge): State<Edge>,
    Path(post): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let list = list_of(&edge, &post).await?;
    let items = list.items.iter().map(|item| {
        json!({
            "number": item.number,
            "start": item.slot.start().to_string(),
            "end": item.slot.end().to_string(),
            "channel": item.channel.code(),
            "name": item.name,
        })
    });
    let text = json!({
        "post": list.post.id.as_str(),
        "title": { "hi": list.post.title.hi, "en": list.post.title.en },
        "day": list.day.to_string(),
        "items": items.collect::<Vec<_>>(),
    });
    Ok(kept(&headers, "application/json", text.to_string()))
}

/// `/list/{post}/list.ics`: the same for calendars.
pub async fn as_calendar(
    State(edge): State<Edge>,
    Path(post): Path<String>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let list = list_of(&edge, &post).await?;
    let domain = &edge.desk.settings.domain;
    let visits = list.items.iter().filter_map(|item| visit(&list, item, (page.words, domain)));
    let text = write_list(&visits.collect::<Vec<_>>()).as_str().to_owned();
    Ok(kept(&headers, "text/calendar; charset=utf-8; method=PUBLISH", text))
}

async fn list_of(edge: &Edge, post: &str) -> Result<CauseList, Fault> {
    let post = PostId::parse(post).map_err(|_| Fault::NotFound)?;
    lists::cause_list(&edge.desk, &post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

fn view(item: &Item, words: Words) -> ItemView {
    ItemView {
        number: item.number,
        hour: words.hour(item.slot.start()),
        name: item.name.clone(),
        channel: channel_text(item.channel, words),
    }
}

/// The item as a calendar shows it. The same list gives the same text, so its stamp is the midnight of its day.
fn visit(list: &CauseList, item: &Item, (words, domain): (Words, &str)) -> Option<Invitation> {
    let post = words.pick(&list.post.title);
    let number = item.number.to_string();
    let said = [("number", number.as_str()), ("name", item.name.as_str()), ("post", post)];
    Some(Invitation {
        uid: format!("list-{}-{}-{number}@{domain}", list.post.id, list.day),
        sequence: 0,
        stamp: list.day.to_zoned(ist()).ok()?.timestamp(),
        start: item.slot.start(),
        end: item.slot.end(),
        organizer: Party {
            name: post.to_owned(),
            address: MailAddress::parse(&format!("no-reply@{domain}")).ok()?,
        },
        summary: words.with("face-list-summary", &said),
        description: channel_text(item.channel, words),
        location: None,
        conference: None,
        reminder: None,
        language: words.language(),
    })
}
