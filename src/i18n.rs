//! Words for people: Fluent messages from `web/locales`, and how dates and times are said in Hindi and English.
//!
//! Never holds a word itself: each one lives in a locale file, embedded in the binary. A key missing in one
//! language is shown in the other; in debug builds, and so in tests, it panics with the key's name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::notice::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::Timestamp;
use jiff::civil::Date;
use unic_langid::LanguageIdentifier;

/// A value put into a message: text or a number.
pub type Value<'a> = FluentValue<'a>;

/// The locale files as they stand in the repository; they are in the binary and never served.
#[derive(rust_embed::RustEmbed)]
#[folder = "web/locales"]
struct LocaleFiles;

/// All messages of one language.
struct Table {
    bundle: FluentBundle<FluentResource>,
    keys: Vec<String>,
}

static HINDI: LazyLock<Table> = LazyLock::new(|| Table::read("hi"));
static ENGLISH: LazyLock<Table> = LazyLock::new(|| Table::read("en"));

impl Table {
    fn read(language: &str) -> Table {
        let locale: LanguageIdentifier = language.parse().expect("a locale folder is named by its language");
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Both scripts run left to right; isolation marks would only trouble copy and paste.
        bundle.set_use_isolating(false);
        let mut keys = Vec::new();
        for path in LocaleFiles::iter()
            .filter(|path| path.split_once('/').is_some_and(|(folder, _)| folder == language))
        {
            let file = LocaleFiles::get(&path).expect("a listed locale file is embedded");
            let text = String::from_utf8(file.data.into_owned()).expect("locale files are UTF-8");
            keys.extend(text.lines().filter_map(message_key).map(str::to_owned));
            let resource = FluentResource::try_new(text)
                .unwrap_or_else(|(_, errors)| panic!("web/locales/{path} is not Fluent: {errors:?}"));
            if let Err(errors) = bundle.add_resource(resource) {
                panic!("web/locales/{path} repeats a key: {errors:?}");
            }
        }
        Table { bundle, keys }
    }

    fn say<'a>(&'a self, key: &str, args: Option<&'a FluentArgs<'_>>) -> Option<Cow<'a, str>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults = Vec::new();
        let said = self.bundle.format_pattern(pattern, args, &mut faults);
        debug_assert!(faults.is_empty(), "message `{key}`: {faults:?}");
        Some(said)
    }
}

/// The key of a line that begins a message: `key-name = …`.
fn message_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let is_key = key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_key.then_some(key)
}

/// The words of one language; as cheap to copy as the language itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of `language`.
    #[must_use]
    pub fn of(language: Language) -> Words {
        Words { language }
    }

    /// The language of these words.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The message `key`, which takes no values.
    ///
    /// # Panics
    /// In debug builds, if the key is in no file of this language.
    #[must_use]
    pub fn t(&self, key: &str) -> Cow<'static, str> {
        for table in self.tables() {
            if let Some(said) = table.say(key, None) {
                return said;
            }
            debug_assert!(false, "no message `{key}` in {}", self.language.code());
        }
        Cow::Owned(key.to_owned())
    }

    /// The message `key` with its values put in.
    ///
    /// # Panics
    /// In debug builds, if the key or a value that it names is missing.
    #[must_use]
    pub fn with<'a, V>(&self, key: &str, values: &[(&'a str, V)]) -> String
    where
        V: Clone + Into<Value<'a>>,
    {
        let args: FluentArgs<'a> = values.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        for table in self.tables() {
            if let Some(said) = table.say(key, Some(&args)) {
                return said.into_owned();
            }
            debug_assert!(false, "no message `{key}` in {}", self.language.code());
        }
        key.to_owned()
    }

    /// Every message whose key starts with `prefix`, for a page that hands words to its script.
    #[must_use]
    pub fn starting_with(&self, prefix: &str) -> BTreeMap<String, String> {
        let [table, _] = self.tables();
        table
            .keys
            .iter()
            .filter(|key| key.starts_with(prefix))
            .filter_map(|key| {
                let pattern = table.bundle.get_message(key)?.value()?;
                // A value is put in by the script, so its place is kept: `{ $n }` arrives as `{$n}`.
                let said = table.bundle.format_pattern(pattern, None, &mut Vec::new());
                Some((key.clone(), said.into_owned()))
            })
            .collect()
    }

    /// The text of the two that is in this language.
    #[must_use]
    pub fn pick<'t>(&self, text: &'t domain::text::Bilingual) -> &'t str {
        text.in_language(self.language)
    }

    /// The hour and minute in India: `11:15`.
    #[must_use]
    pub fn hour(&self, at: Timestamp) -> String {
        let local = at.to_zoned(domain::office::ist());
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// Hour, minute and second in India: `11:15:04`.
    #[must_use]
    pub fn second(&self, at: Timestamp) -> String {
        format!("{}:{:02}", self.hour(at), at.to_zoned(domain::office::ist()).second())
    }

    /// An hour as it is said: `11:15 बजे`.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        self.with("common-clock", &[("hour", self.hour(at))])
    }

    /// A day as it is said: `मंगलवार, 24 नवंबर`.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        let weekday = self.t(&format!("common-weekday-{}", date.weekday().to_monday_one_offset()));
        let month = self.t(&format!("common-month-{}", date.month()));
        let parts = [("weekday", weekday), ("day", Cow::Owned(date.day().to_string())), ("month", month)];
        self.with("common-day", &parts)
    }

    /// Day and hour in India: `मंगलवार, 24 नवंबर, 11:15 बजे`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let date = at.to_zoned(domain::office::ist()).date();
        self.with("common-moment", &[("day", self.day(date)), ("clock", self.clock(at))])
    }

    fn tables(&self) -> [&'static Table; 2] {
        match self.language {
            Language::Hindi => [&HINDI, &ENGLISH],
            Language::English => [&ENGLISH, &HINDI],
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T11:15:00+05:30".parse().unwrap()
    }

    #[test]
    fn a_moment_is_said_in_indian_time_in_both_languages() {
        assert_eq!(Words::of(Language::Hindi).moment(at()), "मंगलवार, 24 नवंबर, 11:15 बजे");
        assert_eq!(Words::of(Language::English).moment(at()), "Tuesday 24 November, 11:15");
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let mut hindi = HINDI.keys.clone();
        let mut english = ENGLISH.keys.clone();
        hindi.sort();
        english.sort();
        assert_eq!(hindi, english);
    }

    #[test]
    fn every_listed_key_is_a_message() {
        for table in [&HINDI, &ENGLISH] {
            for key in &table.keys {
                assert!(table.bundle.has_message(key), "{key} is not a message");
            }
        }
    }
}
