//! The free times of a post, written straight from the diary into the answer.
//!
//! The most asked of all routes: no value tree is built, and whoever asks again with the version gets nothing.

use std::fmt::Write;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::diary::Slot;
use domain::diary::supply::Category;
use domain::id::PostId;
use domain::office::ist;
use domain::text::Bilingual;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Text, json_headers};
use crate::app::diaries::DayView;
use crate::http::Edge;
use crate::http::error::{Fault, not_modified};
use crate::http::headers::{has_version, version_of};
use crate::http::refusal::{Nature, Refusal};
use crate::limits;

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `window` reads")]
pub struct Window {
    /// The first day, in India; today when absent. At most 90 days ahead.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-24")]
    from: Option<String>,
    /// How many days; 14 when absent.
    #[param(minimum = 1, maximum = 90)]
    days: Option<u8>,
    /// Also the times that are kept for such people: `women`, `senior`, `divyang`, `representative`.
    #[param(value_type = Option<String>, rename = "for", example = "women")]
    kept_for: Option<String>,
}

/// The free times of a post. Days without a free time are left out unless a holiday explains it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Times {
    /// The post.
    #[schema(example = "sec-hlt")]
    post: String,
    /// Where its days are days.
    #[schema(example = "Asia/Kolkata")]
    zone: String,
    /// The days.
    days: Vec<Day>,
}

/// A day with its free times.
#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    /// The day, in India.
    #[schema(format = Date, example = "2026-11-24")]
    date: String,
    /// The holiday that closes it.
    closed: Option<Text>,
    /// How long each time is, in minutes.
    minutes: Option<u16>,
    /// When each free time begins, in Unix milliseconds, ascending.
    #[schema(example = json!([1_795_583_700_000_i64]))]
    starts: Vec<i64>,
    /// Those among them that are kept for whom it was asked; only where `for` was given.
    kept: Option<Vec<i64>>,
}

/// The free times of a post in a window of days. Ask again with `If-None-Match`: 304 while nothing has changed.
#[utoipa::path(get, path = "/api/v1/posts/{id}/times", tag = "posts",
    params(("id" = String, Path, description = "The post"), Window),
    responses(
        (status = 200, description = "The free times", body = Times,
            headers(("ETag" = String, description = "The version of these times"))),
        (status = 304, description = "Nothing has changed"),
        (status = 400, description = "No such window"),
        (status = 404, description = "No such post"),
    ))]
pub async fn times(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let today = edge.desk.now().to_zoned(ist()).date();
    let (from, count, category) = window(query.as_deref().unwrap_or_default(), today)?;
    let kept =
        edge.desk.diaries.of(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    // A post that nobody holds, or that takes no bookings, offers nothing on any day.
    let count = if kept.diary().is_bookable() { count } else { 0 };
    let body = body((&id, edge.desk.now(), category), kept.days(from, count));
    let tag = version_of(&body);
    let mut response =
        if has_version(&headers, &tag) { not_modified() } else { (json_headers(), body).into_response() };
    response.headers_mut().insert(header::ETAG, HeaderValue::from_str(&tag).expect("a hash is ASCII"));
    Ok(response)
}

/// What somebody says of himself, by its stable code.
pub(super) fn category_of(code: &str) -> Result<Category, Fault> {
    let refused = || Refusal::new(Nature::Malformed, "malformed").and("reason", "there is no such category");
    Category::from_code(code).ok_or_else(|| refused().into())
}

/// The first day that is wanted, how many, and for whom.
fn window(query: &str, today: Date) -> Result<(Date, usize, Option<Category>), Fault> {
    let refused = |reason: &str| Refusal::new(Nature::Malformed, "malformed").and("reason", reason);
    let (mut from, mut days, mut category) = (today, limits::HORIZON_DAYS, None);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("from", text)) => from = text.parse().map_err(|_| refused("from is no date"))?,
            Some(("days", text)) => days = text.parse().map_err(|_| refused("days is no number"))?,
            Some(("for", text)) => category = Some(category_of(text)?),
            _ => {}
        }
    }
    let last = today.saturating_add(limits::TIMES_AHEAD_DAYS_MAX.days());
    if !(today..=last).contains(&from) {
        return Err(refused("from must be today or one of the next 90 days").into());
    }
    let days = usize::try_from(days).ok().filter(|days| (1..=limits::TIMES_DAYS_MAX).contains(days));
    Ok((from, days.ok_or_else(|| refused("days must be 1 to 90"))?, category))
}

/// Bytes of a day with many starts: 14 each, and what stands around them.
const DAY_BYTES: usize = 320;

fn body<'a>(
    (post, now, category): (&PostId, Timestamp, Option<Category>),
    days: impl Iterator<Item = DayView<'a>>,
) -> String {
    let mut out = String::with_capacity(DAY_BYTES * (1 + days.size_hint().1.unwrap_or(1)));
    out.push_str("{\"post\":\"");
    out.push_str(post.as_str());
    out.push_str("\",\"zone\":\"Asia/Kolkata\",\"days\":[");
    for day in days {
        let free = || day.free().filter(|offer| offer.is_open(now, category.as_slice()));
        let length = out.len();
        write_day(&mut out, (day.date(), day.closed()), free().map(|offer| offer.slot));
        if category.is_some() && out.len() > length {
            let kept = free().filter(|offer| offer.kept_now(now).is_some());
            write_kept(&mut out, kept.map(|offer| offer.slot));
        }
    }
    drop_comma(&mut out);
    out.push_str("]}");
    out
}

/// One day and a comma; nothing for a day without free times that no holiday explains.
fn write_day(out: &mut String, (date, closed): (Date, Option<&Bilingual>), open: impl Iterator<Item = Slot>) {
    let mut open = open.peekable();
    if closed.is_none() && open.peek().is_none() {
        return;
    }
    // Writing into a string cannot fail.
    let _ = write!(out, "{{\"date\":\"{date}\"");
    if let Some(closed) = closed {
        let closed = serde_json::to_string(&Text::from(closed)).unwrap_or_default();
        let _ = write!(out, ",\"closed\":{closed}");
    }
    if let Some(first) = open.peek() {
        let length = first.end().duration_since(first.start());
        let _ = write!(out, ",\"minutes\":{}", length.as_mins());
    }
    out.push_str(",\"starts\":[");
    for slot in open {
        let _ = write!(out, "{},", slot.start().as_millisecond());
    }
    drop_comma(out);
    out.push_str("]},");
}

/// Which of the day that was just written are kept for him.
fn write_kept(out: &mut String, kept: impl Iterator<Item = Slot>) {
    drop_comma(out);
    out.pop();
    out.push_str(",\"kept\":[");
    for slot in kept {
        let _ = write!(out, "{},", slot.start().as_millisecond());
    }
    drop_comma(out);
    out.push_str("]},");
}

fn drop_comma(out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_window_begins_today_or_later_and_ends_somewhere() {
        let today: Date = "2026-11-24".parse().unwrap();
        let from = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(window("", today).unwrap(), (today, 14, None));
        assert_eq!(window("from=2026-11-24&days=90", today).unwrap(), (today, 90, None));
        assert_eq!(window("days=1&from=2027-02-22", today).unwrap(), (from("2027-02-22"), 1, None));
        assert_eq!(window("for=women", today).unwrap(), (today, 14, Some(Category::Women)));
        for wrong in [
            "for=men",
            "from=2026-11-23",
            "from=2027-02-23",
            "from=soon",
            "days=0",
            "days=91",
            "days=-1",
            "days=x",
        ] {
            assert!(window(wrong, today).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_is_written_as_the_document_describes_it() {
        let slots = ["2026-11-24T05:45:00Z", "2026-11-24T06:00:00Z"]
            .map(|start| Slot::starting(start.parse().unwrap(), 15).unwrap());
        let feast = Bilingual::new("पर्व", "A \"feast\"");
        let mut out = String::new();
        write_day(&mut out, ("2026-11-24".parse().unwrap(), None), slots.into_iter());
        write_day(&mut out, ("2026-11-25".parse().unwrap(), None), std::iter::empty());
        write_day(&mut out, ("2026-11-26".parse().unwrap(), Some(&feast)), std::iter::empty());
        assert_eq!(
            out,
            "{\"date\":\"2026-11-24\",\"minutes\":15,\"starts\":[1795499100000,1795500000000]},\
             {\"date\":\"2026-11-26\",\"closed\":{\"hi\":\"पर्व\",\"en\":\"A \\\"feast\\\"\"},\"starts\":[]},"
        );
        write_kept(&mut out, slots.into_iter().take(1));
        assert!(out.ends_with(",\"starts\":[],\"kept\":[1795499100000]},"), "{out}");
        let (post, now) = (PostId::parse("sec-hlt").unwrap(), "2026-11-24T05:00:00Z".parse().unwrap());
        let nothing = "{\"post\":\"sec-hlt\",\"zone\":\"Asia/Kolkata\",\"days\":[]}";
        assert_eq!(body((&post, now, None), std::iter::empty()), nothing);
    }
}
