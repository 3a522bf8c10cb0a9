//! The evening of a seat in words: each ring with what came of it, and each time in which the seat was seen.

use domain::notice::{RingLine, RingSeen, What};

use crate::i18n::Words;

/// A row a ring: when and who, then the rest.
pub(super) fn rows(words: Words, what: &What) -> Vec<(String, String)> {
    let What::RingDay { looks, more, .. } = what else { return Vec::new() };
    let further = (*more > 0).then(|| {
        let n = words.with("notice-ring-more-n", &[("n", more.to_string())]);
        (words.t("notice-ring-more").into_owned(), n)
    });
    looks.iter().map(|look| row(words, look)).chain(further).collect()
}

/// Where the whole ledger stands.
pub(super) fn links(words: Words, what: &What) -> Vec<(String, String)> {
    let What::RingDay { url, .. } = what else { return Vec::new() };
    vec![(words.t("ledger-title").into_owned(), url.clone())]
}

fn row(words: Words, look: &RingLine) -> (String, String) {
    let own = || words.t("ledger-own").into_owned();
    let who = look.by.as_ref().map_or_else(own, |by| words.pick(by).to_owned());
    let outcome = words.t(&key_of("ledger-outcome-", &look.outcome)).into_owned();
    let seen = match &look.seen[..] {
        [] => words.t("ledger-unseen").into_owned(),
        all => all.iter().map(|seen| time(words, seen)).collect::<Vec<_>>().join(" "),
    };
    let label = words.with("notice-ring-label", &[("hour", words.moment(look.at)), ("who", who)]);
    (label, words.with("notice-ring-value", &[("outcome", outcome), ("seen", seen)]))
}

fn time(words: Words, seen: &RingSeen) -> String {
    let to = seen.to.map_or_else(|| words.t("ledger-now").into_owned(), |to| words.second(to));
    let device = words.t(&key_of("ledger-device-", &seen.device)).into_owned();
    let mut values = vec![("from", words.second(seen.from)), ("to", to), ("device", device)];
    match &seen.act {
        None => words.with("ledger-frosted", &values),
        Some(act) => {
            values.push(("act", words.t(&key_of("ledger-act-", act)).into_owned()));
            words.with("ledger-seen", &values)
        }
    }
}

/// The key of a stable code.
pub(super) fn key_of(prefix: &str, code: &str) -> String {
    format!("{prefix}{}", code.replace('_', "-"))
}
