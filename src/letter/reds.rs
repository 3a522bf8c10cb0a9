//! The terminals that are red this morning in words: each with what is wrong and what to do.

use domain::notice::{RedLine, What};

use super::rings::key_of;
use crate::i18n::Words;

/// A row a terminal: where it stands, then each cause with its action.
pub(super) fn rows(words: Words, what: &What) -> Vec<(String, String)> {
    let What::TerminalReds { reds, more, .. } = what else { return Vec::new() };
    let further = (*more > 0).then(|| {
        let n = words.with("notice-reds-more-n", &[("n", more.to_string())]);
        (words.t("notice-reds-more").into_owned(), n)
    });
    reds.iter().map(|red| row(words, red)).chain(further).collect()
}

/// Where the whole list stands.
pub(super) fn links(words: Words, what: &What) -> Vec<(String, String)> {
    let What::TerminalReds { url, .. } = what else { return Vec::new() };
    vec![(words.t("terminal-title").into_owned(), url.clone())]
}

fn row(words: Words, red: &RedLine) -> (String, String) {
    let device = words.t(&key_of("terminal-device-", &red.device)).into_owned();
    let label = format!("{} · {device}", words.pick(&red.post));
    let first = red.first.map(|at| words.with("morning-first", &[("at", words.clock(at))]));
    let causes = red.causes.iter().map(|code| {
        let cause = words.t(&key_of("morning-cause-", code)).into_owned();
        let action = words.t(&key_of("morning-action-", code)).into_owned();
        words.with("notice-reds-value", &[("cause", cause), ("action", action)])
    });
    (label, first.into_iter().chain(causes).collect::<Vec<_>>().join(" "))
}
