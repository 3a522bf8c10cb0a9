//! The pages: what a person sees, as askama templates over plain view structs.
//!
//! A view holds words and links only; rules and rows stay in `app`. No page decides a status code.

pub mod attendance;
mod attendance_table;
pub mod auto_answer;
pub mod away;
pub mod board;
pub mod book;
pub mod caps;
pub mod cause_list;
pub mod chamber;
pub mod check;
pub mod counter;
pub mod desk;
pub mod desk_ways;
pub mod dial;
pub mod direction;
pub mod draw;
pub mod emergency;
pub mod gate;
pub mod guests;
pub mod hearing;
pub mod hearing_slip;
pub mod hearings;
pub mod holidays;
pub mod kept_page;
pub mod kiosk;
pub mod manage;
pub mod meet;
pub mod meeting;
pub mod mesh_use;
pub mod missed;
pub mod now;
pub mod outbox;
pub mod outcome;
pub mod own_group;
pub mod party;
pub mod post;
pub mod quality;
pub mod question_answer;
pub mod question_ask;
pub mod question_list;
pub mod question_sheet;
mod question_view;
pub mod queue;
pub mod report;
pub mod review;
pub mod ring_ledger;
pub mod search;
pub mod sign_in;
pub mod slip;
pub mod start;
pub mod terminal_check;
pub mod terminals;
pub mod view;
pub mod voice_note;
pub mod word;

use std::convert::Infallible;

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, Uri};
use axum::response::Html;
use domain::notice::Language;
use domain::office::RoleKey;

use super::error::Fault;
use super::headers::Chosen;
use super::{Edge, assets};
use crate::app::door::Door;
use crate::app::slip::Slip;
use crate::auth::{Actor, Staff};
use crate::i18n::Words;
use view::Link;

/// What every page knows: whose words, which address, and the bar of a signed-in post.
#[derive(Debug, Clone)]
pub struct Page {
    /// The words of the person's language.
    pub words: Words,
    /// The person's language, for the `lang` attribute.
    pub language: Language,
    /// Path and query of this page, without `lang`.
    pub path: String,
    /// The bar of staff; nobody else sees one.
    pub staff: Option<StaffBar>,
    /// Whether this house is a demonstration; the footer says so.
    pub is_demo: bool,
}

/// Which post is signed in, and where it may go.
#[derive(Debug, Clone)]
pub struct StaffBar {
    /// The post's title in the person's language.
    pub title: String,
    /// The rooms of this post.
    pub links: Vec<Link>,
}

impl Page {
    /// A page at `path` (with query) in `language`, for nobody in particular.
    #[must_use]
    pub fn at(path: &str, language: Language) -> Page {
        Page {
            words: Words::of(language),
            language,
            path: without_language(path),
            staff: None,
            is_demo: false,
        }
    }

    /// The page that a request asks for.
    #[must_use]
    pub fn of_request(edge: &Edge, request: &Request) -> Page {
        Page::of_parts(edge, request.uri(), request.extensions())
    }

    fn of_parts(edge: &Edge, uri: &Uri, extensions: &Extensions) -> Page {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let language = language_of(extensions);
        let mut page = Page::at(path, language);
        page.is_demo = edge.is_demo();
        page.staff =
            extensions.get::<Actor>().and_then(Actor::staff).map(|staff| StaffBar::of(staff, page.words));
        page
    }

    /// The language that this page is not in.
    #[must_use]
    pub fn other_language(&self) -> Language {
        match self.language {
            Language::Hindi => Language::English,
            Language::English => Language::Hindi,
        }
    }

    /// This page in the other language.
    #[must_use]
    pub fn other_language_href(&self) -> String {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{mark}lang={}", self.path, self.other_language().code())
    }

    /// The address of a static file, with its version.
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        assets::href(path)
    }
}

impl StaffBar {
    fn of(staff: &Staff, words: Words) -> StaffBar {
        let link = |href: &str, key: &str| Link { href: href.to_owned(), text: words.t(key).into_owned() };
        let mut links = Vec::new();
        if !staff.screens.is_empty() {
            links.push(link("/desk", "common-desk"));
            links.push(link("/queue", "common-queue"));
            links.push(link("/directions", "after-directions-title"));
        }
        if !staff.screens.is_empty() && (staff.role.has_seat() || staff.role == RoleKey::Desk) {
            links.push(link("/mesh/questions", "asking-title"));
            links.push(link("/mesh/missed", "word-title"));
        }
        if crate::app::mesh_use::is_centre(staff.role) {
            links.push(link("/mesh/use", "asking-use"));
        }
        if staff.role.has_seat() {
            links.push(link("/board", "common-board"));
            links.push(link("/chamber", "common-chamber"));
            links.push(link("/phone", "common-phone"));
        }
        match staff.role {
            RoleKey::Gate => links = vec![link("/gate", "door-gate-title")],
            RoleKey::GrievanceOfficer => links.insert(0, link("/hearings", "hearing-list-title")),
            RoleKey::ServiceCentre => links = vec![link("/counter", "door-counter-next")],
            RoleKey::ItManager => {
                links = vec![link("/terminals", "terminal-title"), link("/mesh/use", "asking-use")];
            }
            _ => {}
        }
        StaffBar { title: words.pick(&staff.title).to_owned(), links }
    }
}

impl FromRequestParts<Edge> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Page, Infallible> {
        Ok(Page::of_parts(edge, &parts.uri, &parts.extensions))
    }
}

/// Renders a page.
///
/// # Errors
/// [`Fault::Internal`] if the template fails, which only a bug can cause.
pub fn html(page: &impl Template) -> Result<Html<String>, Fault> {
    page.render().map(Html).map_err(Fault::internal)
}

/// The language that the person has chosen; who has chosen none reads an appointment in the language of its booking.
fn language_of(extensions: &Extensions) -> Language {
    let of_request = extensions.get::<Language>().copied().unwrap_or_default();
    if extensions.get::<Chosen>().is_some() {
        return of_request;
    }
    let of_door = extensions.get::<Door>().and_then(|door| door.language);
    of_door.or_else(|| extensions.get::<Slip>().map(|slip| slip.language)).unwrap_or(of_request)
}

/// `path` without its `lang` parameter, so that switching twice does not pile them up.
fn without_language(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_link_keeps_the_query_and_names_one_language() {
        let page = Page::at("/find?q=a&lang=hi", Language::Hindi);
        assert_eq!(page.other_language_href(), "/find?q=a&lang=en");
        assert_eq!(Page::at("/?lang=en", Language::English).other_language_href(), "/?lang=hi");
    }
}
