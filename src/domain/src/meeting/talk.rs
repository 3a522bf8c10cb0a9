//! What is written in a meeting: lines of the talk and captions, each named by its moment.
//!
//! Pure, told the time. Who may write is decided elsewhere.

use super::gathering::Guest;
use crate::text::{Bilingual, Remark};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Said in writing.
    Chat,
    /// What is being spoken, typed along.
    Caption,
}

impl LineKind {
    /// The word that stands in rows.
    pub fn code(self) -> &'static str {
        match self {
            LineKind::Chat => "chat",
            LineKind::Caption => "caption",
        }
    }

    /// Reads the word of a row.
    pub fn from_code(code: &str) -> Option<LineKind> {
        [LineKind::Chat, LineKind::Caption].into_iter().find(|kind| kind.code() == code)
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When; its name within the meeting.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Guest,
    /// What for.
    pub kind: LineKind,
    /// What the writer is called.
    pub title: Bilingual,
    /// What was written.
    pub text: String,
}

/// What was written in one meeting. Invariants: no two lines have one millisecond; at most `lines_max`, of which the oldest give
/// way; each has the number with which it became known here, so that everybody can be told what is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    lines: BTreeMap<i64, (u64, Line)>,
    lines_max: usize,
    count: u64,
}

impl Talk {
    /// Nothing was written yet.
    ///
    /// * `lines_max`: at least 1.
    pub fn new(lines_max: usize) -> Talk {
        Talk { lines: BTreeMap::new(), lines_max: lines_max.max(1), count: 0 }
    }

    /// Somebody writes.
    ///
    /// * returns: the line, at this moment or at the first free one after the newest line.
    pub fn write(
        &mut self,
        (by, title): (Guest, Bilingual),
        (kind, text): (LineKind, &Remark),
        now: Timestamp,
    ) -> Line {
        let newest = self.lines.keys().next_back().copied();
        let at_ms = newest.map_or(now.as_millisecond(), |newest| now.as_millisecond().max(newest + 1));
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(now + SignedDuration::from_millis(1));
        let line = Line { at, by, kind, title, text: text.as_str().to_owned() };
        self.learn(line.clone());
        line
    }

    /// Takes up lines that the rows know; those that are known already stay as they are.
    pub fn recall(&mut self, lines: Vec<Line>) {
        lines.into_iter().for_each(|line| self.learn(line));
    }

    /// Lines that became known after the `known`-th, in the order of their moments, and how many are known now.
    pub fn since(&self, known: u64) -> (Vec<&Line>, u64) {
        let fresh = self.lines.values().filter(|(number, _)| *number > known).map(|(_, line)| line);
        (fresh.collect(), self.count)
    }

    fn learn(&mut self, line: Line) {
        let at_ms = line.at.as_millisecond();
        if self.lines.contains_key(&at_ms) {
            return;
        }
        self.count += 1;
        self.lines.insert(at_ms, (self.count, line));
        while self.lines.len() > self.lines_max {
            self.lines.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::id::PostId;

    fn by() -> (Guest, Bilingual) {
        (Guest::Officer(PostId::parse("sec-hlt").unwrap()), Bilingual::new("सचिव", "Secretary"))
    }

    fn says(talk: &mut Talk, text: &str, second: i64) -> Line {
        let at = Timestamp::from_second(1_795_585_500 + second).unwrap();
        talk.write(by(), (LineKind::Chat, &Remark::parse(text).unwrap()), at)
    }

    #[test]
    fn two_lines_of_one_moment_stand_one_after_the_other() {
        let mut talk = Talk::new(10);
        let (one, two) = (says(&mut talk, "एक", 5), says(&mut talk, "दो", 5));
        assert!(two.at > one.at);
        // A clock that is set back does not turn the order round.
        assert!(says(&mut talk, "तीन", 0).at > two.at);
        let (lines, count) = talk.since(0);
        assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["एक", "दो", "तीन"]);
        assert_eq!((count, talk.since(count).0.len()), (3, 0));
    }

    #[test]
    fn lines_that_are_recalled_late_are_news_to_everybody_and_stand_where_they_were_written() {
        let mut before = Talk::new(10);
        let old = vec![says(&mut before, "एक", 1), says(&mut before, "दो", 2)];
        let mut talk = Talk::new(10);
        says(&mut talk, "तीन", 9);
        let (_, known) = talk.since(0);
        talk.recall(old.clone());
        talk.recall(old);
        let texts = |lines: Vec<&Line>| lines.into_iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(talk.since(known).0), ["एक", "दो"]);
        assert_eq!(texts(talk.since(0).0), ["एक", "दो", "तीन"]);
    }

    #[test]
    fn the_oldest_give_way() {
        let mut talk = Talk::new(2);
        (0..5).for_each(|n| drop(says(&mut talk, &format!("{n}"), n)));
        assert_eq!(talk.since(0).0.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    }
}
