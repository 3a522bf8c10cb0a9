//! The pages: what a person sees, as askama templates over plain view structs.
//!
//! A view holds words and links only; rules and rows stay in `app`. No page decides a status code.

use domain::notice::Language;

use crate::i18n::Words;

/// What every page knows: whose words, which address, and the bar of a signed-in post.
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
pub struct StaffBar {
    /// The post's title in the person's language.
    pub title: String,
    /// The rooms of this post.
    pub links: Vec<Link>,
}

/// A link with its text.
pub struct Link {
    /// The address, a path of this service.
    pub href: String,
    /// What it is called.
    pub text: String,
}

impl Page {
    /// A page at `path` (with query) in `language`, for nobody in particular.
    #[must_use]
    pub fn at(path: &str, language: Language) -> Page {
        Page { words: Words::of(language), language, path: without_language(path), staff: None, is_demo: false }
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
}

/// `path` without its `lang` parameter, so that switching twice does not pile them up.
fn without_language(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
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
