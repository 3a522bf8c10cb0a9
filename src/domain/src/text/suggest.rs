//! From a subject to who can help: a table of words, departments and levels, the nearest level first.
//!
//! Data is `subjects.tsv`; both scripts meet by the folding of `search`. Never decides who answers, only whom to show.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::search::words_of_key;
use super::search_key;
use crate::office::RoleKey;

const TABLE: &str = include_str!("subjects.tsv");

/// Words of a subject that are looked at; the rest is ignored.
const WORDS_MAX: usize = 40;

/// Who can help with a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Code of the department, as in its body's row.
    pub department: &'static str,
    /// At which levels, the nearest first.
    pub levels: &'static [RoleKey],
}

/// A line of the table.
struct Line {
    department: &'static str,
    levels: Vec<RoleKey>,
    /// Folded words of each phrase.
    phrases: Vec<BTreeSet<String>>,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| TABLE.lines().skip(1).filter_map(line).collect());

fn line(text: &'static str) -> Option<Line> {
    let mut columns = text.split('\t');
    let department = columns.next()?;
    let levels = columns.next()?.split(',').filter_map(RoleKey::from_code).collect();
    let phrases = columns.next()?.split('|').map(folded_words).collect();
    Some(Line { department, levels, phrases })
}

/// The folded words of a text.
#[must_use]
pub fn folded_words(text: &str) -> BTreeSet<String> {
    words_of_key(&search_key(text)).take(WORDS_MAX).map(str::to_owned).collect()
}

/// Who can help with what is written: the line whose longest phrase stands in it.
#[must_use]
pub fn suggest(subject: &str) -> Option<Suggestion> {
    let words = folded_words(subject);
    let longest = |line: &Line| {
        let stands = |phrase: &&BTreeSet<String>| !phrase.is_empty() && phrase.is_subset(&words);
        line.phrases.iter().filter(stands).map(BTreeSet::len).max()
    };
    let lines: Vec<_> = LINES.iter().filter_map(|line| Some((longest(line)?, line))).collect();
    // Of equal ones the first of the table.
    let (_, best) = lines.into_iter().rev().max_by_key(|(length, _)| *length)?;
    Some(Suggestion { department: best.department, levels: &best.levels })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn department(subject: &str) -> Option<&'static str> {
        suggest(subject).map(|found| found.department)
    }

    #[test]
    fn a_subject_in_either_script_and_spelling_finds_its_department() {
        for (subject, wanted) in [
            ("ज़मीन का दाखिल खारिज नहीं हुआ", "RLR"),
            ("जमीन", "RLR"),
            ("jameen ka dakhil kharij", "RLR"),
            ("land mutation pending", "RLR"),
            ("राशन कार्ड में नाम जोड़ना", "FCP"),
            ("raashan card", "FCP"),
            ("वृद्धा पेन्शन बंद है", "SWD"),
            ("bijlee ka transformer jal gaya", "ENR"),
            ("गांव की सड़क टूटी है", "RWD"),
            ("सड़क", "RCD"),
            ("हैंड पंप, पानी नहीं", "PHE"),
            ("थाने में FIR", "HOM"),
        ] {
            assert_eq!(department(subject), Some(wanted), "{subject}");
        }
        for nothing in ["", "   ", "मुख्य सचिव", "नमस्ते", "?!"] {
            assert_eq!(department(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn every_line_names_a_level_and_the_nearest_comes_first() {
        assert!(LINES.len() >= 20);
        for line in LINES.iter() {
            assert!(!line.levels.is_empty() && !line.phrases.is_empty(), "{}", line.department);
            assert!(line.phrases.iter().all(|phrase| !phrase.is_empty()), "{}", line.department);
            let place = |role: RoleKey| line.levels.iter().position(|level| *level == role);
            if let (Some(near), Some(far)) = (place(RoleKey::DistrictHead), place(RoleKey::DepartmentHead)) {
                assert!(near < far, "{}", line.department);
            }
        }
        assert_eq!(LINES.len(), TABLE.lines().count() - 1, "every line of the table is read");
    }
}
