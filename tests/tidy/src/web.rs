//! Pages, style sheets, scripts and word lists as the rules see them.
//!
//! Never renders anything: works on the text of the files alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::tree::{self, File};

/// Expressions, comments, scripts, and the blocks of a page that fill an attribute of `base.html`.
static CODE_IN_TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?s)\{%\s*block (?:html_attributes|main_class)\s*%\}.*?\{%\s*endblock\s*%\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<!--.*?-->|<!doctype[^>]*>|<script.*?</script>",
    )
});
static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?s)<[a-zA-Z/](?:[^<>"']|"[^"]*"|'[^']*')*>"#));
static SPOKEN_ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?s)\s(?:alt|title|placeholder|aria-label|aria-description|aria-valuetext)="([^"]*)""#)
});
static ENTITY: LazyLock<Regex> = LazyLock::new(|| regex(r"&#?[a-zA-Z0-9]+;"));

pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a rule's pattern is well formed")
}

/// The line of a byte offset, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

pub fn is_devanagari(letter: char) -> bool {
    ('\u{0900}'..='\u{097F}').contains(&letter) && !['\u{0964}', '\u{0965}'].contains(&letter)
}

/// Words that stand in a template itself, with their lines: outside tags and expressions, or in an attribute that is read aloud.
pub fn words_in_template(text: &str) -> Vec<(usize, String)> {
    let without_code = blank(&CODE_IN_TEMPLATE, text);
    let mut found = Vec::new();
    for spoken in SPOKEN_ATTRIBUTE.captures_iter(&without_code).filter_map(|found| found.get(1)) {
        if has_word(spoken.as_str()) {
            found.push((line_of(&without_code, spoken.start()), spoken.as_str().trim().to_owned()));
        }
    }
    let without_tags = blank(&ENTITY, &blank(&TAG, &without_code));
    for (index, line) in without_tags.lines().enumerate().filter(|(_, line)| has_word(line)) {
        found.push((index + 1, line.trim().to_owned()));
    }
    found
}

fn has_word(text: &str) -> bool {
    text.chars().any(|letter| letter.is_alphabetic() || is_devanagari(letter))
}

/// Blanks out what matches; lines keep their numbers.
pub fn blank(pattern: &Regex, text: &str) -> String {
    pattern
        .replace_all(text, |found: &regex::Captures<'_>| {
            found[0].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }).collect::<String>()
        })
        .into_owned()
}

/// One word list: what each key says, with the line it stands at.
pub struct WordList {
    pub file: &'static File,
    pub words: BTreeMap<String, (usize, String)>,
}

impl WordList {
    /// The things that a text has filled in: `{ $name }`.
    pub fn blanks(&self, key: &str) -> BTreeSet<String> {
        static BLANK: LazyLock<Regex> = LazyLock::new(|| regex(r"\$([a-zA-Z][\w-]*)"));
        let said = self.words.get(key).map_or("", |(_, said)| said);
        BLANK.captures_iter(said).map(|found| found[1].to_owned()).collect()
    }
}

/// The word lists of a language by file name.
pub fn word_lists(language: &str) -> BTreeMap<String, WordList> {
    let folder = format!("web/locales/{language}/");
    tree::with_extension(&["ftl"])
        .filter(|file| file.path.starts_with(&folder))
        .map(|file| (file.stem().to_owned(), WordList { file, words: read_words(&file.text) }))
        .collect()
}

fn read_words(text: &str) -> BTreeMap<String, (usize, String)> {
    static ENTRY: LazyLock<Regex> = LazyLock::new(|| regex(r"^(-?[a-zA-Z][\w-]*)\s*=\s*(.*)$"));
    let mut words: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut key = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(entry) = ENTRY.captures(line) {
            key = Some(entry[1].to_owned());
            words.insert(entry[1].to_owned(), (index + 1, entry[2].to_owned()));
        } else if line.starts_with([' ', '\t']) || line.is_empty() {
            if let Some((_, said)) = key.as_ref().and_then(|key| words.get_mut(key)) {
                said.push('\n');
                said.push_str(line.trim());
            }
        } else {
            key = None;
        }
    }
    words
}

/// Keys that pages and code ask for by a literal name, with their places.
pub fn asked_for() -> Vec<(String, String)> {
    static ASKED: LazyLock<Regex> = LazyLock::new(|| regex(r#"\.(?:t|with)\(\s*"([a-z0-9][a-z0-9-]*)""#));
    let files =
        tree::with_extension(&["rs", "html"]).filter(|file| file.is_under(&["src/", "web/templates/"]));
    files
        .flat_map(|file| {
            ASKED.captures_iter(&file.text).filter_map(move |found| {
                let key = found.get(1)?;
                Some((key.as_str().to_owned(), format!("{}:{}", file.path, line_of(&file.text, key.start()))))
            })
        })
        .collect()
}
