//! What a post has missed, as a page and as the strip of a seat, which its page reads again whenever the socket says so.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{CallId, PostId};
use domain::recorded::RecordedKind;
use jiff::{SignedDuration, Timestamp};

use super::book::Fields;
use super::view::{Link, key_of};
use super::{Page, html};
use crate::app::mesh_use::is_centre;
use crate::app::missed::{self, Entry, LeftWord, List, MissedError, Which};
use crate::app::screen;
use crate::app::word::WordRow;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;
use crate::limits;

struct WordView {
    id: String,
    has_picture: bool,
    is_heard: bool,
    /// What it is and how long.
    what: String,
}

struct RingView {
    call: String,
    rang_ms: i64,
}

struct EntryView {
    by: String,
    who: String,
    when: String,
    how: String,
    is_new: bool,
    /// The ring that can be marked as seen; nothing when it is.
    unseen: Option<RingView>,
    words: Vec<WordView>,
    back_href: Option<String>,
}

struct LeftView {
    who: String,
    when: String,
    what: String,
    heard: Option<String>,
}

struct PostLink {
    link: Link,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "missed.html")]
struct MissedPage {
    page: Page,
    post: String,
    title: String,
    posts: Vec<PostLink>,
    is_occupant: bool,
    entries: Vec<EntryView>,
    left: Vec<LeftView>,
    rings_new: usize,
    /// What was rung up to then is on this page.
    until_ms: i64,
    days: i64,
}

#[derive(Template)]
#[template(path = "missed_strip.html")]
struct Strip {
    page: Page,
    href: String,
    /// How much of what, in words; nothing when there is nothing.
    badge: Option<String>,
    count: usize,
    /// Each word that was not heard: its id, and the sentence.
    words: Vec<(String, String)>,
    /// Words of one's own that were heard a moment ago.
    heard: Vec<String>,
}

/// GET `/mesh/missed`.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = read(&edge, &actor, &post).await?;
    let words = page.words;
    let posts = screen::desks_of(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let links = posts.iter().map(|(id, title)| PostLink {
        link: Link { href: format!("/mesh/missed?post={id}"), text: words.pick(title).to_owned() },
        is_shown: *id == post,
    });
    let newest = list.entries.iter().filter_map(|entry| entry.ring.as_ref()).map(|ring| ring.rang_at).max();
    html(&MissedPage {
        title: words.pick(&list.title).to_owned(),
        posts: links.collect(),
        entries: list.entries.iter().map(|entry| entry_view(entry, &list, words)).collect(),
        left: list.left.iter().map(|left| left_view(left, words)).collect(),
        is_occupant: list.is_occupant,
        rings_new: list.rings_new,
        until_ms: newest.map_or(0, Timestamp::as_millisecond),
        days: limits::WORD_DAYS,
        post: post.to_string(),
        page,
    })
}

/// GET `/mesh/missed/strip`.
pub async fn strip(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = read(&edge, &actor, &post).await?;
    let words = page.words;
    let unheard = list.entries.iter().flat_map(|entry| entry.words.iter().map(move |word| (entry, word)));
    let unheard = unheard.filter(|(_, word)| word.heard_at.is_none()).take(limits::MISSED_NAMED_MAX);
    let sentence = |(entry, word): (&Entry, &WordRow)| {
        let post = words.pick(&entry.called).to_owned();
        (word.id.to_string(), words.with("word-was-left", &[("post", post)]))
    };
    let told = SignedDuration::try_from(limits::WORD_HEARD_TOLD).unwrap_or(SignedDuration::ZERO);
    let since = edge.desk.now() - told;
    let heard = list.left.iter().filter_map(|left| left.word.heard_at.map(|at| (left, at)));
    let heard = heard.filter(|(_, at)| *at >= since).take(limits::MISSED_NAMED_MAX).map(|(left, at)| {
        let post = words.pick(&left.called).to_owned();
        words.with("word-was-heard", &[("post", post), ("hour", words.hour(at))])
    });
    html(&Strip {
        href: format!("/mesh/missed?post={post}"),
        badge: badge((list.rings_new, list.words_new), words),
        count: list.rings_new + list.words_new,
        words: unheard.map(sentence).collect(),
        heard: heard.collect(),
        page,
    })
}

/// POST `/mesh/missed/{post}/seen`: one ring (`call`, `rang`), or all up to `until`.
pub async fn notice(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let time = |name: &str| -> Option<Timestamp> {
        fields.get(name)?.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok())
    };
    let which = match (fields.get("call"), time("rang"), time("until")) {
        (Some(call), Some(rang), _) => Which::One(CallId::parse(call).map_err(|_| Fault::Malformed)?, rang),
        (None, _, Some(until)) => Which::Until(until),
        _ => return Err(Fault::Malformed),
    };
    missed::notice(&edge.desk, &actor, (&post, &which)).await.map_err(fault)?;
    super::word::tell(&edge, vec![post.clone()]).await;
    Ok(Redirect::to(&format!("/mesh/missed?post={post}")).into_response())
}

fn fault(error: MissedError) -> Fault {
    match error {
        MissedError::Denied(_) => Fault::NotYours,
        MissedError::Store(error) => Fault::internal(error),
    }
}

async fn read(edge: &Edge, actor: &Actor, post: &PostId) -> Result<List, Fault> {
    missed::read(&edge.desk, actor, post).await.map_err(fault)
}

/// «3 missed rings · 1 word»; nothing when there is neither.
fn badge((rings, unheard): (usize, usize), words: Words) -> Option<String> {
    let part = |[one, many]: [&'static str; 2], n: usize| match n {
        0 => None,
        1 => Some(words.t(one).into_owned()),
        n => Some(words.with(many, &[("n", n.to_string())])),
    };
    let rings = part(["word-badge-ring", "word-badge-rings"], rings);
    let unheard = part(["word-badge-word", "word-badge-words"], unheard);
    let parts: Vec<String> = [rings, unheard].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn what(word: &WordRow, words: Words) -> String {
    let key = match word.kind {
        RecordedKind::Sound => "word-kind-sound",
        RecordedKind::Picture => "word-kind-picture",
    };
    let seconds = (word.length_ms + 500).max(1_000) / 1_000;
    words.with(key, &[("length", format!("{}:{:02}", seconds / 60, seconds % 60))])
}

fn entry_view(entry: &Entry, list: &List, words: Words) -> EntryView {
    let word = |word: &WordRow| WordView {
        id: word.id.to_string(),
        has_picture: word.kind == RecordedKind::Picture,
        is_heard: word.heard_at.is_some(),
        what: what(word, words),
    };
    let how = entry
        .ring
        .as_ref()
        .map_or("word-alone".to_owned(), |ring| key_of("ledger-outcome-", ring.outcome.code()));
    let seat = if is_centre(list.role) { "/board" } else { "/chamber" };
    let unseen = entry.ring.as_ref().filter(|ring| list.is_occupant && missed::is_new(ring));
    EntryView {
        by: entry.by.to_string(),
        who: words.pick(&entry.called).to_owned(),
        when: words.moment(entry.at),
        how: words.t(&how).into_owned(),
        is_new: entry.is_new,
        unseen: unseen
            .map(|ring| RingView { call: ring.call.to_string(), rang_ms: ring.rang_at.as_millisecond() }),
        words: entry.words.iter().map(word).collect(),
        back_href: (list.is_occupant && entry.may_ring).then(|| format!("{seat}?back={}", entry.by)),
    }
}

fn left_view(left: &LeftWord, words: Words) -> LeftView {
    LeftView {
        who: words.pick(&left.called).to_owned(),
        when: words.moment(left.word.left_at),
        what: what(&left.word, words),
        heard: left.word.heard_at.map(|at| words.with("word-heard-at", &[("when", words.moment(at))])),
    }
}
