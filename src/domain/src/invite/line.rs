//! One calendar line: escaping, quoting and folding. The only way by which a given text gets into a calendar.
//!
//! The crate below writes values and parameters as they are given and folds at 76 octets; nothing reaches it from
//! outside this file. Text is never rejected here: what may not stand in a line is taken out.

use crate::text::MailAddress;
use ics::components::{Parameter, Property};
use std::fmt::Write;

/// Longest line in octets, without its CRLF. Source: RFC 5545 §3.1.
const LINE_OCTETS_MAX: usize = 75;

/// A line with parameters; the value is finished, the parameters are given as they are.
pub fn property(name: &'static str, value: String, parameters: &[(&'static str, &str)]) -> Property<'static> {
    let mut line = Property::new(name, value);
    for (key, value) in parameters {
        line.add(Parameter::new(*key, parameter(value)));
    }
    line
}

/// A TEXT value: without controls, line ends as `\n`, backslash, semicolon and comma escaped. Source: RFC 5545 §3.3.11.
pub fn text(given: &str) -> String {
    let mut out = String::with_capacity(given.len() + 8);
    for c in plain(given).chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A parameter's value: without controls, caret-encoded, in quotes unless it is a plain word. Source: RFC 6868 §3.
fn parameter(given: &str) -> String {
    let mut out = String::with_capacity(given.len() + 2);
    for c in plain(given).chars() {
        match c {
            '\n' => out.push_str("^n"),
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            _ => out.push(c),
        }
    }
    let is_word = !out.is_empty() && out.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'/');
    if is_word { out } else { format!("\"{out}\"") }
}

/// A URI value: whatever no URI holds is percent-encoded. Source: RFC 3986 §2.
pub fn uri(given: &str) -> String {
    let mut out = String::with_capacity(given.len());
    for b in plain(given).bytes() {
        if b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b) {
            out.push(char::from(b));
        } else {
            write!(out, "%{b:02X}").expect("a string takes what is written to it");
        }
    }
    out
}

/// A mailbox as a URI. Source: RFC 6068 §2, which keeps `%`, `?`, `&` and `#` for itself.
pub fn mailto(address: &MailAddress) -> String {
    let encoded =
        address.as_str().replace('%', "%25").replace('?', "%3F").replace('&', "%26").replace('#', "%23");
    format!("mailto:{}", uri(&encoded))
}

/// The text without C0 and C1 controls; all ways to end a line become `\n`, a tab becomes a space.
pub(super) fn plain(given: &str) -> String {
    let mut out = String::with_capacity(given.len());
    let mut chars = given.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// Takes the crate's folds out and puts folds in after at most 75 octets, never inside a character.
pub fn fold(calendar: &str) -> String {
    let unfolded = calendar.replace("\r\n ", "");
    let mut out = String::with_capacity(unfolded.len() + unfolded.len() / 16);
    for line in unfolded.split_terminator("\r\n") {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                out.push_str("\r\n ");
                octets = 1;
            }
            out.push(c);
            octets += c.len_utf8();
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_quoted_and_its_quotes_are_carets() {
        assert_eq!(parameter("hi"), "hi");
        assert_eq!(parameter("Sharma, Ram: \"PA\"; ^"), "\"Sharma, Ram: ^'PA^'; ^^\"");
        assert_eq!(parameter("a\r\nATTENDEE:mailto:x@y.in"), "\"a^nATTENDEE:mailto:x@y.in\"");
        assert_eq!(parameter(""), "\"\"");
    }

    #[test]
    fn text_keeps_its_line_ends_and_loses_its_controls() {
        assert_eq!(text("a\r\nb\rc\u{85}d\te\u{0}\u{1b}\u{9f}f"), "a\\nb\\nc\\nd ef");
        assert_eq!(text("1,2;3\\4"), "1\\,2\\;3\\\\4");
    }

    #[test]
    fn a_uri_holds_only_what_a_uri_may_hold() {
        assert_eq!(uri("https://es.example.in/j/A?x=1&y=2"), "https://es.example.in/j/A?x=1&y=2");
        assert_eq!(uri("https://x/अ b\r\n\"<"), "https://x/%E0%A4%85%20b%0A%22%3C");
    }

    #[test]
    fn a_line_of_75_octets_is_left_and_one_of_76_is_folded() {
        let line = |octets: usize| format!("{}\r\n", "x".repeat(octets));
        assert_eq!(fold(&line(75)), line(75));
        assert_eq!(fold(&line(76)), format!("{}\r\n x\r\n", "x".repeat(75)));
        assert_eq!(fold(&line(75 + 74)), format!("{}\r\n {}\r\n", "x".repeat(75), "x".repeat(74)));
    }

    #[test]
    fn a_fold_does_not_cut_a_character() {
        let folded = fold(&format!("{}{}\r\n", "x".repeat(74), "क".repeat(30)));
        let lines: Vec<&str> = folded.split("\r\n").collect();
        assert_eq!(lines[0], "x".repeat(74));
        assert_eq!(lines[1], format!(" {}", "क".repeat(24)));
    }
}
