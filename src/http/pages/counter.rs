//! The counter of a service centre: one page from the person's name to the printed slip, by keyboard.
//!
//! Each press shows the same page with a little more on it; nothing that was typed is lost.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use data_encoding::HEXLOWER;
use domain::diary::Full;
use domain::diary::supply::Category;
use domain::diary::{AppointmentState, Channel};
use domain::id::{AppointmentId, PostId};
use jiff::Timestamp;

use super::book::Fields;
use super::post::free_days_for;
use super::slip::{channel_text, pin_said, qr};
use super::view::{Choice, Days, FieldError, PostView, categories, key_of};
use super::{Page, html};
use crate::app::counter::{self, CounterError, Wish, WishFault};
use crate::app::{directory, gate, slip};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::i18n::Words;

/// Topics whose words are looked for in a subject, as they are numbered in the locales.
const TOPICS: u32 = 8;

#[derive(Template)]
#[template(path = "counter.html")]
struct CounterPage {
    page: Page,
    once: String,
    wish: Wish,
    channels: Vec<Choice>,
    categories: Vec<Choice>,
    errors: Vec<FieldError>,
    note: Option<String>,
    posts: Vec<PostView>,
    post: String,
    days: Days,
    read_back: Option<ReadBack>,
}

/// What the operator reads aloud before the slip is printed.
struct ReadBack {
    start: i64,
    post: String,
    body: String,
    when: String,
    channel: String,
}

impl CounterPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.text.as_str())
    }
}

#[derive(Template)]
#[template(path = "counter_slip.html")]
struct CounterSlipPage {
    page: Page,
    state: String,
    pin: String,
    reference: String,
    name: String,
    post: String,
    body: String,
    when: String,
    channel: String,
    qr: String,
    pass: Option<String>,
    money: String,
}

fn empty(edge: &Edge, page: Page) -> CounterPage {
    let words = page.words;
    let channels = [Channel::Video, Channel::InPerson, Channel::Telephone].into_iter();
    CounterPage {
        once: HEXLOWER.encode(&edge.desk.random.bytes::<16>()),
        wish: Wish { channel: Channel::InPerson.code().to_owned(), ..Wish::default() },
        channels: channels
            .map(|channel| Choice {
                code: channel.code().to_owned(),
                text: channel_text(channel, words),
                hint: String::new(),
            })
            .collect(),
        categories: categories(words),
        errors: Vec::new(),
        note: None,
        posts: Vec::new(),
        post: String::new(),
        days: Days::default(),
        read_back: None,
        page,
    }
}

/// GET `/counter`: an empty form for the next person.
pub async fn counter(State(edge): State<Edge>, page: Page) -> Result<Response, Fault> {
    Ok(html(&empty(&edge, page))?.into_response())
}

fn wish_of(fields: &Fields) -> Wish {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Wish {
        once: field("once"),
        name: field("name"),
        place: field("place"),
        mobile: field("mobile"),
        subject: field("subject"),
        channel: field("channel"),
        category: field("category"),
        has_consent: field("consent") == "1",
    }
}

/// POST `/counter`: looks for posts and times, reads back, or books; `do` says which.
pub async fn step(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let words = page.words;
    let mut shown = empty(&edge, page);
    shown.wish = wish_of(&fields);
    shown.once.clone_from(&shown.wish.once);
    if let Err(faults) = counter::look(&shown.wish) {
        shown.errors = faults.into_iter().map(|fault| field_error(fault, words)).collect();
        return Ok(refused(html(&shown)?));
    }
    let start = field("start").parse::<i64>().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match (field("do"), PostId::parse(field("post")).ok(), start) {
        ("book", Some(post), Some(start)) => {
            match counter::book(&edge.desk, &actor, &shown.wish, (&post, start)).await {
                Ok(id) => return Ok(Redirect::to(&format!("/counter/slip/{id}")).into_response()),
                Err(CounterError::Fields(faults)) => {
                    shown.errors = faults.into_iter().map(|fault| field_error(fault, words)).collect();
                    read_back(&edge, &mut shown, (&post, start)).await?;
                    return Ok(refused(html(&shown)?));
                }
                Err(CounterError::NotFree | CounterError::Closed) => {
                    shown.note = Some(words.t("door-counter-taken").into_owned());
                    times(&edge, &mut shown, Some(post)).await?;
                }
                Err(CounterError::Full(full)) => {
                    let key = match full {
                        Full::Day => "citizen-day-full-title",
                        Full::Citizen => "door-counter-citizen-full",
                    };
                    shown.note = Some(words.t(key).into_owned());
                    times(&edge, &mut shown, Some(post)).await?;
                }
                Err(CounterError::Denied(_)) => return Err(Fault::NotYours),
                Err(CounterError::Malformed) => return Err(Fault::Malformed),
                Err(CounterError::Store(error)) => return Err(Fault::internal(error)),
            }
        }
        ("look" | "change", post, _) => times(&edge, &mut shown, post).await?,
        (_, Some(post), Some(start)) => read_back(&edge, &mut shown, (&post, start)).await?,
        (_, post, _) => times(&edge, &mut shown, post).await?,
    }
    Ok(html(&shown)?.into_response())
}

/// The suggested posts, and the times of the chosen one.
async fn times(edge: &Edge, shown: &mut CounterPage, chosen: Option<PostId>) -> Result<(), Fault> {
    let words = shown.page.words;
    let queries = queries_of(&shown.wish.subject, words);
    let mut cards = counter::suggested(&edge.desk, &queries).await.map_err(Fault::internal)?;
    if let Some(id) = &chosen
        && !cards.iter().any(|card| card.id == *id)
        && let Some(card) = directory::post(&edge.desk, id).await.map_err(Fault::internal)?
    {
        cards.insert(0, card);
    }
    if cards.is_empty() {
        shown.note = Some(words.t("door-counter-no-post").into_owned());
    }
    let post = chosen.or_else(|| cards.first().map(|card| card.id.clone()));
    shown.posts = cards.iter().map(|card| PostView::of(card, words)).collect();
    if let Some(post) = post {
        let category = Category::from_code(&shown.wish.category);
        shown.days = free_days_for(edge, &post, (category, words)).await?;
        shown.post = post.to_string();
    }
    Ok(())
}

/// What is looked up for a subject: the office of each topic that it names, then its words.
fn queries_of(subject: &str, words: Words) -> Vec<String> {
    let topics = (1..=TOPICS).filter(|n| {
        let topic = words.t(&format!("citizen-topic-{n}"));
        domain::text::search_key(subject).contains(&domain::text::search_key(&topic))
    });
    let offices = topics.map(|n| words.t(&format!("citizen-topic-{n}-query")).into_owned());
    let long = subject.split_whitespace().filter(|word| word.chars().count() > 2).map(str::to_owned);
    offices.chain(long).collect()
}

async fn read_back(
    edge: &Edge,
    shown: &mut CounterPage,
    (post, start): (&PostId, Timestamp),
) -> Result<(), Fault> {
    let words = shown.page.words;
    let card = directory::post(&edge.desk, post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let channel = Channel::from_code(&shown.wish.channel).ok_or(Fault::Malformed)?;
    shown.post = post.to_string();
    shown.read_back = Some(ReadBack {
        start: start.as_millisecond(),
        post: words.pick(&card.title).to_owned(),
        body: words.pick(&card.body).to_owned(),
        when: words.moment(start),
        channel: channel_text(channel, words),
    });
    Ok(())
}

fn field_error(fault: WishFault, words: Words) -> FieldError {
    let (field, key) = match fault {
        WishFault::Name(error) => ("name", format!("citizen-error-name-{}", error.code())),
        WishFault::Place(error) => ("place", format!("citizen-error-subject-{}", error.code())),
        WishFault::Mobile(error) => ("mobile", format!("citizen-error-mobile-{}", error.code())),
        WishFault::Subject(error) => ("subject", format!("citizen-error-subject-{}", error.code())),
        WishFault::Channel => ("channel", "citizen-error-channel".to_owned()),
        WishFault::Category => ("category", "citizen-error-category".to_owned()),
        WishFault::Consent => ("consent", "door-counter-consent-missing".to_owned()),
    };
    FieldError { field, text: words.t(&key).into_owned() }
}

/// `/counter/slip/{appointment}`: the slip to be printed, with its PIN in large type.
pub async fn printed(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Response, Fault> {
    let id = AppointmentId::parse(&id).map_err(|_| Fault::NotFound)?;
    let found = counter::printed(&edge.desk, &actor, &id).await.map_err(Fault::internal)?;
    let (token, pin) = found.ok_or(Fault::NotFound)?;
    let slip = slip::slip(&edge.desk, &token).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    let url = format!("{}/s/{token}", edge.desk.settings.public_url);
    let pass = gate::pass_of(&edge.desk, &slip, 0);
    let state = if slip.state == AppointmentState::Requested { "requested" } else { "confirmed" };
    let shown = CounterSlipPage {
        state: words.t(&key_of("citizen-slip-", state)).into_owned(),
        pin: pin_said(&pin),
        name: slip.name.clone(),
        post: words.pick(&slip.post.title).to_owned(),
        body: words.pick(&slip.post.body).to_owned(),
        when: words.moment(slip.slot.start()),
        channel: channel_text(slip.channel, words),
        qr: qr(&url, &words.t("citizen-slip-qr")),
        pass: pass.map(|pass| qr(&pass, &words.t("door-pass-qr"))),
        money: words.with("citizen-slip-money", &[("reference", slip.reference.as_str())]),
        reference: slip.reference,
        page,
    };
    Ok(html(&shown)?.into_response())
}
