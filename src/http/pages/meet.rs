//! «कौन, कब मिलेंगे»: who of an office meets people and when, and the same as a poster for the wall.
//!
//! The same for everybody: no cookie is read or set, the address alone says the language, and any cache may keep it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::diary::week::Group;
use domain::id::{BodyId, PostId};
use domain::notice::Language;
use domain::office::BodyKind;
use jiff::civil::Weekday;

use super::Page;
use super::slip::qr;
use super::view::Link;
use crate::app::face::{self, Meets, Office};
use crate::http::Edge;
use crate::http::error::{Fault, not_modified};
use crate::http::headers::{has_version, version_of};
use crate::i18n::Words;

/// So long any cache may show it without asking again; then it asks by the version.
const KEPT: &str = "public, max-age=60";
/// Closed days that are named for one post.
const CLOSED_MAX: usize = 4;

/// When one post meets people, in words.
struct PostView {
    id: String,
    title: String,
    week: Vec<String>,
    next: String,
    notes: Vec<String>,
    href: Option<String>,
    list_href: String,
}

#[derive(Template)]
#[template(path = "meet.html")]
struct MeetPage {
    page: Page,
    office: String,
    back_href: String,
    poster_href: String,
    posts: Vec<PostView>,
}

#[derive(Template)]
#[template(path = "poster.html")]
struct PosterPage {
    page: Page,
    office: String,
    posts: Vec<PostView>,
    qr: String,
    address: String,
}

#[derive(Template)]
#[template(path = "offices.html")]
struct OfficesPage {
    page: Page,
    groups: Vec<OfficeGroup>,
}

/// Offices of one kind, under their heading.
struct OfficeGroup {
    title: String,
    offices: Vec<Link>,
}

/// The headings of the offices, in the order of the page.
const KINDS: &[(&[BodyKind], &str)] = &[
    (&[BodyKind::State, BodyKind::Apex], "face-kind-top"),
    (&[BodyKind::Minister], "face-kind-minister-office"),
    (&[BodyKind::Department], "face-kind-department"),
    (&[BodyKind::District, BodyKind::Board], "face-kind-district"),
    (&[BodyKind::Division], "face-kind-division"),
];

/// `/meet`: every office that meets people.
pub async fn offices(State(edge): State<Edge>, headers: HeaderMap, page: Page) -> Result<Response, Fault> {
    let found = face::offices(&edge.desk).await.map_err(Fault::internal)?;
    let groups = KINDS.iter().filter_map(|(kinds, title)| {
        let of_kind = found.iter().filter(|body| kinds.contains(&body.kind));
        let links = of_kind.map(|body| Link {
            href: in_language(format!("/meet/{}", body.id), page.language),
            text: page.words.pick(&body.name).to_owned(),
        });
        let offices: Vec<Link> = links.collect();
        (!offices.is_empty()).then(|| OfficeGroup { title: page.words.t(title).into_owned(), offices })
    });
    let groups = groups.collect();
    shown(&headers, &OfficesPage { page, groups })
}

/// `/meet/{body}`: one office.
pub async fn office(
    State(edge): State<Edge>,
    Path(body): Path<String>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let office = office_of(&edge, &body).await?;
    shown(&headers, &meet_page(page, &office))
}

/// `/meet/{body}/{post}`: one post of it.
pub async fn post(
    State(edge): State<Edge>,
    Path((body, post)): Path<(String, String)>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let mut office = office_of(&edge, &body).await?;
    office.posts.retain(|one| one.card.id == post);
    if office.posts.is_empty() {
        return Err(Fault::NotFound);
    }
    shown(&headers, &meet_page(page, &office))
}

/// `/meet/{body}/poster`: one office on a sheet of A3, with a QR code.
pub async fn poster(
    State(edge): State<Edge>,
    Path(body): Path<String>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let office = office_of(&edge, &body).await?;
    let words = page.words;
    let address = format!("{}/meet/{}", edge.desk.settings.public_url, office.id);
    let poster = PosterPage {
        office: words.pick(&office.name).to_owned(),
        posts: office.posts.iter().map(|one| view(one, words)).collect(),
        qr: qr(&address, &words.t("face-poster-qr")),
        address: address.trim_start_matches("https://").to_owned(),
        page,
    };
    shown(&headers, &poster)
}

async fn office_of(edge: &Edge, body: &str) -> Result<Office, Fault> {
    let body = BodyId::parse(body).map_err(|_| Fault::NotFound)?;
    let office = face::office(&edge.desk, &body).await.map_err(Fault::internal)?;
    office.filter(|office| !office.posts.is_empty()).ok_or(Fault::NotFound)
}

fn meet_page(page: Page, office: &Office) -> MeetPage {
    let words = page.words;
    MeetPage {
        office: words.pick(&office.name).to_owned(),
        back_href: in_language("/meet".to_owned(), page.language),
        poster_href: in_language(format!("/meet/{}/poster", office.id), page.language),
        posts: office.posts.iter().map(|one| view(one, words)).collect(),
        page,
    }
}

fn view(one: &Meets, words: Words) -> PostView {
    let language = words.language();
    let away = one.away.iter().map(|(from, to)| {
        words.with("face-away", &[("from", words.moment(*from)), ("to", words.moment(*to))])
    });
    let closed = one.closed.iter().take(CLOSED_MAX).map(|(date, why)| {
        words.with("face-closed", &[("day", words.day(*date)), ("name", words.pick(why).to_owned())])
    });
    let is_vacant = one.card.held.is_none();
    let next = match one.next {
        _ if is_vacant => words.t("face-vacant").into_owned(),
        Some(slot) => words.moment(slot.start()),
        None => words.t("face-none-free").into_owned(),
    };
    PostView {
        id: one.card.id.to_string(),
        title: words.pick(&one.card.title).to_owned(),
        week: one.week.iter().map(|group| week_line(group, words)).collect(),
        next,
        notes: away.chain(closed).collect(),
        href: (!is_vacant).then(|| in_language(format!("/post/{}", one.card.id), language)),
        list_href: in_language(format!("/list/{}", one.card.id), language),
    }
}

/// `सोमवार से शुक्रवार: 11:00–13:00, 15:00–17:00`
fn week_line(group: &Group, words: Words) -> String {
    let name = |day: Weekday| words.t(&format!("common-weekday-{}", day.to_monday_one_offset())).into_owned();
    let days = match group.run() {
        Some((first, last)) => words.with("face-days", &[("first", name(first)), ("last", name(last))]),
        None => group.days.iter().map(|day| name(*day)).collect::<Vec<_>>().join(", "),
    };
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let hours = group.hours.iter().map(|hours| format!("{}–{}", clock(hours.from()), clock(hours.to())));
    words.with("face-hours", &[("days", days), ("hours", hours.collect::<Vec<_>>().join(", "))])
}

/// An address of the same language: these pages remember none.
pub(super) fn in_language(href: String, language: Language) -> String {
    match language {
        Language::Hindi => href,
        Language::English => format!("{href}?lang=en"),
    }
}

fn shown(headers: &HeaderMap, page: &impl Template) -> Result<Response, Fault> {
    let text = page.render().map_err(Fault::internal)?;
    Ok(kept(headers, "text/html; charset=utf-8", text))
}

/// An answer that any cache may keep, with its version; nothing but the version for whoever has it.
pub(super) fn kept(headers: &HeaderMap, kind: &'static str, text: String) -> Response {
    let tag = version_of(&text);
    let mut response = if has_version(headers, &tag) { not_modified() } else { text.into_response() };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    out.insert(header::ETAG, HeaderValue::from_str(&tag).expect("a hash is ASCII"));
    response
}
