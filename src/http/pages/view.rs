//! What templates are given: words, links and values of one page, and nothing that could be asked for more.

use std::collections::BTreeMap;

use domain::diary::Slot;
use domain::diary::supply::Category;
use jiff::Timestamp;

use crate::app::book::Details;
use crate::app::directory::{FreeDay, PostCard};
use crate::i18n::Words;

/// Days with free times that stand open on the page; the rest are behind "more days".
const NEAR_DAYS: usize = 3;

/// A link with its text.
#[derive(Debug, Clone)]
pub struct Link {
    /// The address, a path of this service.
    pub href: String,
    /// What it is called.
    pub text: String,
}

/// A post as citizens see it.
#[derive(Debug, Clone)]
pub struct PostView {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The body that it belongs to.
    pub body: String,
    /// That it is vacant, or gives no times.
    pub note: Option<String>,
}

impl PostView {
    /// The view of a post.
    #[must_use]
    pub fn of(card: &PostCard, words: Words) -> PostView {
        PostView {
            id: card.id.to_string(),
            href: format!("/post/{}", card.id),
            title: words.pick(&card.title).to_owned(),
            body: words.pick(&card.body).to_owned(),
            note: super::post::obstacle_of(card, words),
        }
    }
}

/// A value that can be chosen, with its words.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form sends.
    pub code: String,
    /// What the person reads.
    pub text: String,
    /// A line below it.
    pub hint: String,
}

/// The categories of which somebody may say that he is one.
#[must_use]
pub fn categories(words: Words) -> Vec<Choice> {
    let choice = |category: &Category| Choice {
        code: category.code().to_owned(),
        text: words.t(&key_of("citizen-category-", category.code())).into_owned(),
        hint: String::new(),
    };
    Category::ALL.iter().map(choice).collect()
}

/// A field that must be mended, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id on the page.
    pub field: &'static str,
    /// What to do.
    pub text: String,
}

/// A time that can be taken.
#[derive(Debug, Clone)]
pub struct TimeView {
    /// What the form sends: Unix milliseconds.
    pub value: i64,
    /// `11:15`
    pub hour: String,
    /// `मंगलवार, 24 नवंबर, 11:15 बजे`
    pub said: String,
    /// It is kept for whoever asked.
    pub is_kept: bool,
}

impl TimeView {
    /// The view of a time that begins at `start`.
    #[must_use]
    pub fn of(start: Timestamp, words: Words) -> TimeView {
        TimeView {
            value: start.as_millisecond(),
            hour: words.hour(start),
            said: words.moment(start),
            is_kept: false,
        }
    }
}

/// One day and its free times, or why there are none.
#[derive(Debug, Clone)]
pub struct DayView {
    /// The id of its heading.
    pub id: String,
    /// `मंगलवार, 24 नवंबर`
    pub title: String,
    /// Why it has no times.
    pub note: Option<String>,
    /// The free times.
    pub times: Vec<TimeView>,
}

impl DayView {
    /// A day with its times.
    #[must_use]
    pub fn of(day: &FreeDay, words: Words) -> DayView {
        let closed = day.closed.as_ref().map(|name| words.pick(name));
        let time =
            |slot: &Slot| TimeView { is_kept: day.kept.contains(slot), ..TimeView::of(slot.start(), words) };
        DayView {
            id: day.date.to_string(),
            title: words.day(day.date),
            note: closed.map(|name| words.with("citizen-day-closed", &[("name", name)])),
            times: day.times.iter().map(time).collect(),
        }
    }
}

/// The days of a page: those that stand open and those behind "more days".
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// Up to and including the third day with free times.
    pub near: Vec<DayView>,
    /// The rest.
    pub far: Vec<DayView>,
}

impl Days {
    /// Parts the days. A day without free times is left out unless a holiday explains it; when no day has any,
    /// nothing is left.
    #[must_use]
    pub fn of(mut days: Vec<DayView>) -> Days {
        if days.iter().all(|day| day.times.is_empty()) {
            return Days::default();
        }
        days.retain(|day| !day.times.is_empty() || day.note.is_some());
        let open = days.iter().enumerate().filter(|(_, day)| !day.times.is_empty());
        let cut = open.take(NEAR_DAYS).last().map_or(days.len(), |(index, _)| index + 1);
        let far = days.split_off(cut);
        Days { near: days, far }
    }
}

/// What a citizen has typed, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Name.
    pub name: String,
    /// Mobile number.
    pub mobile: String,
    /// Mail address; empty when not given.
    pub mail: String,
    /// What about.
    pub subject: String,
    /// The channel's code.
    pub channel: String,
    /// The code of what he says of himself.
    pub category: String,
}

impl Typed {
    /// Takes the fields out of a form.
    #[must_use]
    pub fn of_form(form: &BTreeMap<String, String>) -> Typed {
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        Typed {
            name: field("name"),
            mobile: field("mobile"),
            mail: field("mail"),
            subject: field("subject"),
            channel: field("channel"),
            category: field("category"),
        }
    }

    /// What the booking has on record.
    #[must_use]
    pub fn of_details(details: &Details) -> Typed {
        Typed {
            name: details.name.clone(),
            mobile: details.mobile.clone(),
            mail: details.mail.clone(),
            subject: details.subject.clone(),
            channel: details.channel.clone(),
            category: details.category.clone(),
        }
    }

    /// For the use case, as typed.
    #[must_use]
    pub fn details(&self) -> Details {
        Details {
            name: self.name.clone(),
            mobile: self.mobile.clone(),
            mail: self.mail.clone(),
            subject: self.subject.clone(),
            channel: self.channel.clone(),
            category: self.category.clone(),
        }
    }

    /// Whether anything was typed; a category alone was chosen with the time.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Typed { category: self.category.clone(), ..Typed::default() }
    }
}

/// `text` as a value in an address.
#[must_use]
pub fn query_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The locale's word for a stable code: codes have `_` where keys have `-`.
#[must_use]
pub fn key_of(prefix: &str, code: &str) -> String {
    format!("{prefix}{}", code.replace('_', "-"))
}
