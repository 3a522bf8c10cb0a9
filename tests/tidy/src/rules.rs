//! The rules, one test each: its failure lists each breach with file and line and says what to do.
//!
//! The reasons stand in ARCHITECTURE.md; clippy.toml and the lints of Cargo.toml keep the rest. Never changes a file.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use crate::rust::{Source, sources};
use crate::tree::{self, assert_none, with_extension};
use crate::walls;
use crate::web::{self, is_devanagari, line_of, regex};
use regex::Regex;

const FUNCTION_LINES_MAX: usize = 70;
const PARAMETERS_MAX: usize = 4;
const FILE_BYTES_MAX: u64 = 512 * 1024;

/// Breaches in Rust files: `find` gives a line and what is wrong there.
fn in_rust(find: impl Fn(&Source) -> Vec<(usize, String)>) -> Vec<String> {
    sources()
        .iter()
        .flat_map(|source| {
            find(source)
                .into_iter()
                .map(|(line, what)| format!("{}  {what}", source.place(line)))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_room_keeps_its_walls() {
    assert_none(
        &walls::breaches(),
        "A room uses what its wall forbids (walls.rs has the table). Ask through the room that may.",
    );
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let silent: Vec<String> = with_extension(&["rs", "js", "mjs", "css"])
        .filter(|file| !file.path.ends_with(".d.ts"))
        .filter(|file| {
            let first = file.text.trim_start_matches("#!/usr/bin/env node\n").trim_start();
            let wanted = if file.has_extension(&["rs"]) { "//!" } else { "/*" };
            !first.starts_with(wanted)
        })
        .map(|file| format!("{}:1", file.path))
        .collect();
    assert_none(
        &silent,
        "A file begins by saying what it is for and what never happens there (//! in Rust, /** … */ elsewhere).",
    );
}

#[test]
fn each_migration_has_a_number_of_its_own() {
    let mut numbers = BTreeSet::new();
    let twice: Vec<String> = with_extension(&["sql"])
        .filter(|file| file.is_under(&["migrations/"]))
        .filter(|file| {
            let name = file.path.trim_start_matches("migrations/");
            !numbers.insert(name.split('_').next().unwrap_or(name).to_owned())
        })
        .map(|file| file.path.clone())
        .collect();
    assert_none(&twice, "Two migrations of one number open no database: take the next free number.");
}

#[test]
fn a_function_fits_a_screen() {
    let long = in_rust(|source| {
        let long = source.functions.iter().filter(|at| at.what.lines > FUNCTION_LINES_MAX);
        long.map(|at| (at.line, format!("{} has {} lines", at.what.name, at.what.lines))).collect()
    });
    assert_none(
        &long,
        &format!(
            "A function has at most {FUNCTION_LINES_MAX} lines: branch in the parent, work in the children."
        ),
    );
}

#[test]
fn a_function_takes_at_most_four_parameters() {
    let wide = in_rust(|source| {
        // The parameters of a page's handler are its extractors: what it takes from the request.
        let most = PARAMETERS_MAX + usize::from(source.file.is_under(&["src/http/"]));
        let wide = source.functions.iter().filter(|at| at.what.parameters > most);
        wide.map(|at| (at.line, format!("{} takes {}", at.what.name, at.what.parameters))).collect()
    });
    assert_none(
        &wide,
        "A function takes at most four parameters besides self: give what belongs together a name.",
    );
}

#[test]
fn a_parameter_is_never_a_bare_bool() {
    let unclear = in_rust(|source| {
        let unclear = source.functions.iter().filter(|at| at.what.has_bool && !source.is_test(at.line));
        unclear.map(|at| (at.line, at.what.name.clone())).collect()
    });
    assert_none(&unclear, "A bool parameter says nothing where it is called: use an enum or two functions.");
}

#[test]
fn only_the_clock_room_and_the_media_driver_read_the_clock() {
    let reads = in_rust(|source| {
        if source.file.is_under(&["src/media/src/driver/", "tests/", "benches/"])
            || source.file.path == "src/clock.rs"
        {
            return vec![];
        }
        let clocks = ["Instant", "SystemTime", "Timestamp", "Zoned", "UtcDateTime", "OffsetDateTime"];
        let reads = source.paths.iter().filter(|at| match at.what.as_slice() {
            [.., kind, call] => call == "now" && clocks.contains(&kind.as_str()),
            _ => false,
        });
        reads.filter(|at| !source.is_test(at.line)).map(|at| (at.line, at.what.join("::"))).collect()
    });
    assert_none(&reads, "Time comes from outside: take `now` as a parameter, or ask clock.rs at the edge.");
}

#[test]
fn a_test_never_sleeps() {
    let sleeps = in_rust(|source| {
        let sleeps = source.paths.iter().filter(|at| source.is_test(at.line) && at.what.len() > 1);
        let sleeps = sleeps.filter(|at| at.what.last().is_some_and(|last| last == "sleep"));
        sleeps.map(|at| (at.line, at.what.join("::"))).collect()
    });
    assert_none(
        &sleeps,
        "A test moves the hand clock or waits for the event itself (with a timeout); it never sleeps.",
    );
}

#[test]
fn sql_lives_in_the_store_and_is_lower_case() {
    static SQL: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|index|unique)|with\s+\w+\s+as\s*\(|pragma\s)",
        )
    });
    static SHOUTED: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|VALUES|ORDER BY|CREATE TABLE)\b")
    });
    let astray = in_rust(|source| {
        let is_store = source.file.is_under(&["src/store/", "src/store.rs"]);
        let sql = source.texts.iter().filter(|at| SQL.is_match(&at.what));
        let wrong = sql.filter(|at| {
            if is_store { SHOUTED.is_match(&at.what) } else { source.file.is_under(&["src/", "signaling/"]) }
        });
        wrong.map(|at| (at.line, at.what.lines().next().unwrap_or_default().trim().to_owned())).collect()
    });
    assert_none(&astray, "SQL stands in src/store only, in lower case.");
}

#[test]
fn a_silenced_lint_is_an_expectation_with_a_reason() {
    let silenced = in_rust(|source| {
        let wrong = source.silenced.iter().filter(|at| {
            let is_test_wide = at.what.starts_with("#![allow(") && source.is_test(at.line);
            !at.what.contains("reason=") || (at.what.contains("[allow(") && !is_test_wide)
        });
        wrong.map(|at| (at.line, at.what.clone())).collect()
    });
    assert_none(
        &silenced,
        "Write #[expect(lint, reason = \"…\")]: it speaks up when it is no longer needed. (A test file may allow a lint for the whole file, with a reason.)",
    );
}

#[test]
fn code_that_does_not_run_is_deleted() {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^\s*//\s*(?:(?:let|pub|use|fn|if|for|while|match|return|const|import|export|await|self\.|this\.)\b.*[;{}]|\}+[;)]*|[\w.:]+\(.*\);|[\w.]+\s*=\s*[^=]+;)\s*$",
        )
    });
    let dead: Vec<String> = with_extension(&["rs", "js", "mjs"])
        .flat_map(|file| {
            let lines = file.text.lines().enumerate().filter(|(_, line)| CODE.is_match(line));
            lines
                .map(|(index, line)| format!("{}:{}  {}", file.path, index + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(&dead, "Commented-out code is deleted: git remembers it. (A comment is a sentence.)");
}

#[test]
fn a_file_is_named_for_what_it_holds() {
    let vague: Vec<String> = with_extension(&["rs", "js", "mjs", "css", "html"])
        .filter(|file| {
            ["util", "utils", "common", "helper", "helpers", "manager", "types", "misc"]
                .contains(&file.stem())
        })
        .map(|file| file.path.clone())
        .collect();
    assert_none(&vague, "A file is named for the thing it holds: no utils, common, helpers, manager, types.");
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let places =
        regex(&format!(r#"(^|[\s"'`(=:])/({})/\w"#, ["work", "home", "root", "Users", "mnt"].join("|")));
    let found: Vec<String> = tree::files()
        .iter()
        .flat_map(|file| {
            let lines = file.text.lines().enumerate().filter(|(_, line)| places.is_match(line));
            lines
                .map(|(index, line)| format!("{}:{}  {}", file.path, index + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(
        &found,
        "An absolute path of one machine works nowhere else: find it from the repository or the configuration.",
    );
}

#[test]
fn both_languages_say_the_same_things() {
    let (hindi, english) = (web::word_lists("hi"), web::word_lists("en"));
    let mut breaches = Vec::new();
    for (one, other, language) in [(&hindi, &english, "en"), (&english, &hindi, "hi")] {
        for (name, list) in one {
            let Some(opposite) = other.get(name) else {
                breaches.push(format!("{}  has no counterpart in web/locales/{language}", list.file.path));
                continue;
            };
            for (key, (line, _)) in &list.words {
                if !opposite.words.contains_key(key) {
                    breaches.push(format!(
                        "{}:{line}  {key} is missing in {}",
                        list.file.path, opposite.file.path
                    ));
                } else if list.blanks(key) != opposite.blanks(key) {
                    breaches.push(format!(
                        "{}:{line}  {key} fills in other things than {}",
                        list.file.path, opposite.file.path
                    ));
                }
            }
        }
    }
    assert_none(&breaches, "Each text exists in Hindi and in English and fills in the same things.");
}

#[test]
fn hindi_is_written_in_hindi() {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z]{4,}(\s+[A-Za-z]+)+"));
    let filled = regex(r"\{[^}]*\}");
    let mut breaches = Vec::new();
    for list in web::word_lists("hi").values() {
        for (key, (line, said)) in &list.words {
            let said = filled.replace_all(said, "");
            if WORDS.is_match(&said) && !said.chars().any(is_devanagari) {
                breaches.push(format!("{}:{line}  {key} = {}", list.file.path, said.trim()));
            }
        }
    }
    assert_none(&breaches, "A Hindi text is Hindi.");
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let hindi = web::word_lists("hi");
    let known: BTreeSet<&str> =
        hindi.values().flat_map(|list| list.words.keys().map(String::as_str)).collect();
    let missing: Vec<String> = web::asked_for()
        .into_iter()
        .filter(|(key, _)| !known.contains(key.as_str()))
        .map(|(key, place)| format!("{place}  {key}"))
        .collect();
    assert_none(&missing, "A page asks for a text that no word list has.");
}

#[test]
fn words_that_people_read_stand_in_the_word_lists() {
    let mut breaches: Vec<String> = Vec::new();
    for file in with_extension(&["html"]).filter(|file| file.is_under(&["web/templates/"])) {
        let words = web::words_in_template(&file.text);
        breaches.extend(words.into_iter().map(|(line, words)| format!("{}:{line}  {words}", file.path)));
    }
    static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"(?:textContent|innerText|innerHTML|ariaLabel|placeholder|title)\s*=\s*['"`][^'"`$]*[A-Za-z]|\balert\(|\bconfirm\("#,
        )
    });
    for file in with_extension(&["js"]).filter(|file| file.is_under(&["web/static/js/"])) {
        for (index, line) in file.text.lines().enumerate() {
            let code = line.trim_start();
            let is_comment = code.starts_with(['*', '/']);
            if !is_comment && (SPOKEN.is_match(line) || line.chars().any(is_devanagari)) {
                breaches.push(format!("{}:{}  {}", file.path, index + 1, code));
            }
        }
    }
    breaches.extend(in_rust(|source| {
        let may_speak = source.file.is_under(&["tests/", "benches/", "src/demo", "src/domain/src/text"]);
        let spoken = source.texts.iter().filter(|at| !may_speak && !source.is_test(at.line));
        let spoken = spoken.filter(|at| at.what.chars().any(is_devanagari));
        spoken.map(|at| (at.line, at.what.clone())).collect()
    }));
    assert_none(&breaches, "Words that a person reads stand in web/locales/{hi,en}/*.ftl, nowhere else.");
}

#[test]
fn colours_and_sizes_are_tokens() {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch)\(|(?:^|[\s:(,-])(?:\d*\.)?\d+(?:px|rem|pt)\b",
        )
    });
    static SIDE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?:margin|padding|border)-(?:left|right)\b|^\s*(?:left|right)\s*:|text-align:\s*(?:left|right)\b|float:\s*(?:left|right)\b",
        )
    });
    static COMMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)/\*.*?\*/"));
    let mut breaches = Vec::new();
    for file in with_extension(&["css"]).filter(|file| file.is_under(&["web/"])) {
        let code = web::blank(&COMMENT, &file.text);
        for (index, line) in code.lines().enumerate() {
            let is_query =
                line.trim_start().starts_with("@media") || line.trim_start().starts_with("@container");
            let has_value = file.stem() != "tokens" && !is_query && VALUE.is_match(line);
            if has_value || SIDE.is_match(line) {
                breaches.push(format!("{}:{}  {}", file.path, index + 1, line.trim()));
            }
        }
    }
    assert_none(
        &breaches,
        "Colours and sizes come from tokens.css by var(--…) (queries may name a width); sides are logical (inline-start).",
    );
}

#[test]
fn pages_carry_no_inline_style_or_script() {
    static INLINE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style\b|<script(?:\s+type="(?:text/javascript|module)")?\s*>|(?:src|href|action)\s*=\s*["'](?:https?:)?//"#,
        )
    });
    let mut breaches = Vec::new();
    for file in with_extension(&["html"]).filter(|file| file.is_under(&["web/templates/"])) {
        // A mail carries its style in itself: mail programs take nothing else.
        if file.path.contains("mail") || file.path.contains("notice") {
            continue;
        }
        for found in INLINE.find_iter(&file.text) {
            breaches.push(format!(
                "{}:{}  {}",
                file.path,
                line_of(&file.text, found.start()),
                found.as_str().trim()
            ));
        }
    }
    assert_none(&breaches, "The content security policy forbids inline style and script and other hosts.");
}

#[test]
fn what_is_committed_is_small_and_no_key() {
    let Ok(listed) = Command::new("git").args(["ls-files", "-z"]).current_dir(tree::root()).output() else {
        return;
    };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut breaches = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let size = std::fs::metadata(tree::root().join(path)).map_or(0, |about| about.len());
        if size > FILE_BYTES_MAX {
            breaches.push(format!("{path}  {} KB", size / 1024));
        }
        if [".pem", ".key", ".sqlite", ".p12"].iter().any(|end| path.ends_with(end)) {
            breaches.push(format!("{path}  belongs to one installation"));
        }
    }
    assert_none(&breaches, "A committed file has at most 512 KB and is no key, certificate or database.");
}
