//! The page of a hearing: one column of steps in their order, for the officer who hears and for his office.
//!
//! Each step is a form of its own and a page of its own afterwards; no step needs a script.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::hearing::{
    Attendance, Block, CASE_NUMBER_CHARS_MAX, CaseNumber, DateError, Disposal, Evidence, Ground,
    HearingError, Mark, Reading, Reason, Side, Stage,
};
use domain::id::{AppointmentId, PostId};
use domain::office::ist;
use domain::text::{NOTING_CHARS_MAX, Noting, ORDER_CHARS_MAX, OrderText};
use jiff::Timestamp;

use super::book::Fields;
use super::hearings::{age, attendance, nth};
use super::outcome::pages_of;
use super::slip::channel_text;
use super::view::{Choice, FieldError, Link, TimeView, key_of};
use super::{Page, html};
use crate::app::directory::PostCard;
use crate::app::hearing::{self, Earlier, Entered, Entry, Next, Shown, StepError, Wish};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;
use crate::letter;

/// One party: how it stands, and the form by which it is marked.
struct PartyView {
    side: &'static str,
    name: String,
    standing: String,
    evidence: Option<String>,
    is_blank: bool,
    chosen: String,
    ground: String,
    note: String,
}

/// The order as it stands.
struct OrderView {
    text: String,
    reading: String,
}

/// An earlier hearing of the case.
struct EarlierView {
    title: String,
    rows: Vec<(String, String)>,
    order: String,
    href: String,
}

/// What has been typed, so that nothing is lost when something must be mended.
#[derive(Default)]
struct Typed {
    number: String,
    filed: String,
    authority: String,
    text: String,
    reading: String,
    why: String,
    disposal: String,
    start: String,
    day: String,
}

#[derive(Template)]
#[template(path = "hearing.html")]
struct HearingPage {
    page: Page,
    errors: Vec<FieldError>,
    note: Option<String>,
    back_href: String,
    action: String,
    name: String,
    authority: Option<String>,
    case_number: String,
    facts: Vec<(String, String)>,
    limit: Option<String>,
    is_late: bool,
    is_entered: bool,
    may_amend: bool,
    posts: Vec<Choice>,
    calls: Vec<String>,
    may_call: bool,
    is_open: bool,
    wait_to_call: Option<String>,
    not_today: Option<String>,
    meeting_href: Option<String>,
    pages: Vec<Link>,
    earlier: Vec<EarlierView>,
    parties: Vec<PartyView>,
    attendances: Vec<Choice>,
    grounds: Vec<Choice>,
    may_decide: bool,
    /// Both parties are marked, and there is no order yet.
    is_order_next: bool,
    order: Option<OrderView>,
    disposals: Vec<Choice>,
    times: Vec<TimeView>,
    blocks: Vec<Link>,
    version: i64,
    closed: Option<Vec<(String, String)>>,
    slips: Vec<Link>,
    typed: Typed,
    number_max: usize,
    order_max: usize,
    noting_max: usize,
}

/// `/hearing/{appointment}`: the hearing.
pub async fn hearing(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let note = match query.get("done").map(String::as_str) {
        Some("entered") => Some("hearing-done-entered"),
        Some("called") => Some("hearing-done-called"),
        Some("marked") => Some("hearing-done-marked"),
        Some("ordered") => Some("hearing-done-ordered"),
        Some("closed") => Some("hearing-done-closed"),
        _ => None,
    };
    let note = note.map(|key| page.words.t(key).into_owned());
    let shown = shown(&edge, &id).await?;
    let typed = Typed::of(&shown);
    html(&HearingPage { note, ..view((&edge, &actor), &shown, (typed, Vec::new()), page) })
}

async fn shown(edge: &Edge, id: &AppointmentId) -> Result<Shown, Fault> {
    hearing::shown(&edge.desk, id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}

/// A field that must be mended: its id on the page and the key of what is said.
type Mend = (&'static str, &'static str);

/// POST `/hearing/{appointment}/enter`: number, day of filing and authority.
pub async fn enter(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let entry = || {
        Ok::<_, Mend>(Entry {
            number: CaseNumber::parse(field("number")).ok_or(("number", "hearing-error-number"))?,
            filed: field("filed").parse().map_err(|_| ("filed", "hearing-error-filed"))?,
            authority: PostId::parse(field("authority"))
                .map_err(|_| ("authority", "hearing-error-authority"))?,
        })
    };
    let done = match entry() {
        Ok(entry) => hearing::enter(&edge.desk, &actor, &id, &entry).await,
        Err(mend) => return again((&edge, &actor, &id), (&fields, mend), page).await,
    };
    let done = done.map(|()| "entered#call");
    finish((&edge, &actor, &id), (&fields, "number"), done, page).await
}

/// POST `/hearing/{appointment}/call`: the case is called.
pub async fn call(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    page: Page,
) -> Result<Response, Fault> {
    let done = hearing::call(&edge.desk, &actor, &id).await.map(|()| "called#record");
    ring(&edge, &id).await?;
    finish((&edge, &actor, &id), (&Fields::new(), "call"), done, page).await
}

/// POST `/hearing/{appointment}/mark`: the attendance of one party.
pub async fn mark(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let side = Side::from_code(field("side")).ok_or(Fault::Malformed)?;
    let place = party_id(side);
    let Some(attendance) = Attendance::from_code(field("attendance")) else {
        let mend = (place, "hearing-error-attendance");
        return again((&edge, &actor, &id), (&fields, mend), page).await;
    };
    let note = match field("note") {
        "" => Ok(None),
        text => Noting::parse(text).map(Some),
    };
    let Ok(note) = note else {
        return again((&edge, &actor, &id), (&fields, (place, "hearing-error-note")), page).await;
    };
    let ground = Ground::from_code(field("ground"));
    let reason = ground.and_then(|ground| Reason::new(ground, note));
    let done = hearing::mark(&edge.desk, &actor, &id, &((side, attendance), reason)).await;
    let next = match side {
        Side::Complainant => "marked#authority-party",
        Side::Authority => "marked#order",
    };
    finish((&edge, &actor, &id), (&fields, place), done.map(|()| next), page).await
}

/// POST `/hearing/{appointment}/order`: the order, and that it was read aloud or why not.
pub async fn order(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let read = || {
        let text = OrderText::parse(field("text")).map_err(|_| ("text", "hearing-error-order"))?;
        let why = match field("reading") {
            "aloud" => None,
            "not_read" => Some(Noting::parse(field("why")).map_err(|_| ("why", "hearing-error-unread"))?),
            _ => return Err::<_, Mend>(("reading-aloud", "hearing-error-reading")),
        };
        Ok((text, why))
    };
    let (text, why) = match read() {
        Ok(read) => read,
        Err(mend) => return again((&edge, &actor, &id), (&fields, mend), page).await,
    };
    let done = hearing::write(&edge.desk, &actor, &id, (&text, why.as_ref())).await;
    finish((&edge, &actor, &id), (&fields, "text"), done.map(|()| "ordered#closing"), page).await
}

/// POST `/hearing/{appointment}/close`: what it comes to, and when it goes on.
pub async fn close(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<AppointmentId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let wish = match wish_of(&fields)? {
        Ok(wish) => wish,
        Err(mend) => return again((&edge, &actor, &id), (&fields, mend), page).await,
    };
    let done = hearing::close(&edge.desk, &actor, &id, &wish).await.map(|()| "closed#slips");
    ring(&edge, &id).await?;
    finish((&edge, &actor, &id), (&fields, "closing"), done, page).await
}

/// A day that is written goes before a time that is chosen.
fn wish_of(fields: &Fields) -> Result<Result<Wish, Mend>, Fault> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let seen = field("seen").parse().map_err(|_| Fault::Malformed)?;
    let Some(disposal) = Disposal::from_code(field("disposal")) else {
        return Ok(Err(("disposal-interim", "hearing-error-disposal")));
    };
    let next = match (field("day"), field("start")) {
        ("", "") => None,
        ("", start) => {
            let at = start.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            Some(Next::At(at.ok_or(Fault::Malformed)?))
        }
        (day, _) => match day.parse() {
            Ok(day) => Some(Next::On(day)),
            Err(_) => return Ok(Err(("day", "hearing-error-day"))),
        },
    };
    Ok(Ok(Wish { disposal, next, seen }))
}

/// The board of the post shows at once who was called.
async fn ring(edge: &Edge, id: &AppointmentId) -> Result<(), Fault> {
    if let Some(Object::Post(post)) = hearing::object(&edge.desk, id).await.map_err(Fault::internal)? {
        edge.boards.ring(&post);
    }
    Ok(())
}

/// The page after a step, or the page again with why the step was not made.
async fn finish(
    of: (&Edge, &Actor, &AppointmentId),
    (fields, place): (&Fields, &'static str),
    done: Result<&'static str, StepError>,
    page: Page,
) -> Result<Response, Fault> {
    let words = page.words;
    let error = match done {
        Ok(done) => return Ok(Redirect::to(&format!("/hearing/{}?done={done}", of.2)).into_response()),
        Err(StepError::Store(error)) => return Err(Fault::internal(error)),
        Err(StepError::Denied(_)) => return Err(Fault::NotYours),
        Err(StepError::Unknown) => return Err(Fault::NotFound),
        Err(error) => error,
    };
    let is_overtaken = matches!(error, StepError::Changed);
    let (field, text) = said(&error, place, words);
    let answer = page_again(of, (fields, vec![FieldError { field, text }]), page).await?;
    Ok(if is_overtaken { taken(answer) } else { refused(answer) })
}

/// Why a step was not made, in words, and at which field.
fn said(error: &StepError, place: &'static str, words: Words) -> (&'static str, String) {
    let (field, key) = match error {
        StepError::Refused(HearingError::Date(DateError::Outside { last })) => {
            let text = words.with("hearing-error-outside", &[("last", words.day(*last))]);
            return ("day", format!("{text} {}", last.year()));
        }
        StepError::Refused(HearingError::Blocked(blocks)) => {
            let first = blocks.first().copied().unwrap_or(Block::NoOrder);
            let Link { text, .. } = block(first, words);
            return ("closing", text);
        }
        StepError::Refused(HearingError::NotAbsent(side)) => {
            return ("closing", words.t(&key_of("hearing-error-not-absent-", side.code())).into_owned());
        }
        StepError::Refused(refused) => match refused {
            HearingError::NotToday => ("call", "hearing-error-not-today"),
            HearingError::NotCalled => (place, "hearing-error-not-called"),
            HearingError::CalledAlready => (place, "hearing-error-called"),
            HearingError::NeedsReason => (place, "hearing-error-reason"),
            HearingError::WasSeen => (place, "hearing-error-was-seen"),
            HearingError::NeedsNext => ("day", "hearing-error-needs-next"),
            HearingError::NoNext => ("day", "hearing-error-no-next"),
            HearingError::Date(_) => ("day", "hearing-error-not-ahead"),
            HearingError::Closed | HearingError::Blocked(_) | HearingError::NotAbsent(_) => {
                (place, "hearing-error-closed")
            }
        },
        StepError::Filed => ("filed", "hearing-error-filed"),
        StepError::Standing => ("number", "hearing-error-standing"),
        StepError::Authority => ("authority", "hearing-error-authority"),
        StepError::NotEntered => ("number", "hearing-error-not-entered"),
        StepError::Occupied => ("call", "hearing-error-occupied"),
        StepError::TooOften => (place, "hearing-error-often"),
        StepError::NotFree => ("day", "hearing-error-not-free"),
        StepError::Changed | StepError::Denied(_) | StepError::Unknown | StepError::Store(_) => {
            (place, "hearing-error-changed")
        }
    };
    (field, words.t(key).into_owned())
}

async fn again(
    of: (&Edge, &Actor, &AppointmentId),
    (fields, (field, key)): (&Fields, Mend),
    page: Page,
) -> Result<Response, Fault> {
    let text = page.words.t(key).into_owned();
    Ok(refused(page_again(of, (fields, vec![FieldError { field, text }]), page).await?))
}

async fn page_again(
    (edge, actor, id): (&Edge, &Actor, &AppointmentId),
    (fields, errors): (&Fields, Vec<FieldError>),
    page: Page,
) -> Result<Html<String>, Fault> {
    let shown = shown(edge, id).await?;
    let mut typed = Typed::of(&shown);
    typed.take(fields);
    let mut view = view((edge, actor), &shown, (typed, errors), page);
    let side = fields.get("side").map(String::as_str);
    if let Some(party) = view.parties.iter_mut().find(|party| Some(party.side) == side) {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        (party.chosen, party.ground, party.note) = (field("attendance"), field("ground"), field("note"));
    }
    html(&view)
}

impl Typed {
    /// What stands, so that it can be written anew.
    fn of(shown: &Shown) -> Typed {
        let Some(entered) = &shown.entered else {
            let (number, filed) = (shown.reference.clone(), shown.booked.to_string());
            return Typed { number, filed, ..Typed::default() };
        };
        let case = &entered.row.case;
        let order = entered.row.rules.order();
        let (reading, why) = match order.map(|order| &order.reading) {
            Some(Reading::Aloud { .. }) => ("aloud", String::new()),
            Some(Reading::NotRead { why }) => ("not_read", why.as_str().to_owned()),
            None => ("", String::new()),
        };
        Typed {
            number: case.case_number.to_string(),
            filed: case.filed.to_string(),
            authority: case.authority.to_string(),
            text: order.map(|order| order.text.as_str().to_owned()).unwrap_or_default(),
            reading: reading.to_owned(),
            why,
            ..Typed::default()
        }
    }

    /// What a form brought goes before what stands.
    fn take(&mut self, fields: &Fields) {
        let all = [
            ("number", &mut self.number),
            ("filed", &mut self.filed),
            ("authority", &mut self.authority),
            ("text", &mut self.text),
            ("reading", &mut self.reading),
            ("why", &mut self.why),
            ("disposal", &mut self.disposal),
            ("start", &mut self.start),
            ("day", &mut self.day),
        ];
        for (name, value) in all {
            if let Some(typed) = fields.get(name) {
                value.clone_from(typed);
            }
        }
    }
}

/// Where the form of a party stands on the page.
const fn party_id(side: Side) -> &'static str {
    match side {
        Side::Complainant => "complainant-party",
        Side::Authority => "authority-party",
    }
}

fn view(
    (edge, actor): (&Edge, &Actor),
    shown: &Shown,
    (typed, errors): (Typed, Vec<FieldError>),
    page: Page,
) -> HearingPage {
    let words = page.words;
    let entered = shown.entered.as_ref();
    let stage = entered.map(|entered| entered.row.rules.stage());
    let day = shown.slot.start().to_zoned(ist()).date();
    let is_today = day == edge.desk.now().to_zoned(ist()).date();
    let is_open = matches!(stage, Some(Stage::Called { .. }));
    let second = entered.and_then(|entered| entered.second_call);
    let is_too_early = second.is_some_and(|at| edge.desk.now() < at);
    let choices = |prefix: &str, codes: Vec<&str>| -> Vec<Choice> {
        let choice = |code: &&str| Choice {
            code: (*code).to_owned(),
            text: words.t(&key_of(prefix, code)).into_owned(),
            hint: String::new(),
        };
        codes.iter().map(choice).collect()
    };
    HearingPage {
        errors,
        note: None,
        back_href: format!("/hearings?post={}&day={day}", shown.post),
        action: format!("/hearing/{}", shown.appointment),
        name: shown.name.clone(),
        authority: entered.map(|entered| words.pick(&entered.authority).to_owned()),
        case_number: entered
            .map_or_else(|| shown.reference.clone(), |entered| entered.row.case.case_number.to_string()),
        facts: facts(shown, words),
        limit: entered.map(|entered| limit(entered, words)),
        is_late: entered
            .is_some_and(|entered| entered.limit.has_passed(edge.desk.now().to_zoned(ist()).date())),
        is_entered: entered.is_some(),
        may_amend: stage == Some(Stage::Listed),
        posts: posts(shown, words),
        calls: entered.map(|entered| calls(entered, words)).unwrap_or_default(),
        may_call: is_today && (stage == Some(Stage::Listed) || (second.is_some() && !is_too_early)),
        is_open,
        wait_to_call: second
            .filter(|_| is_too_early)
            .map(|at| words.with("hearing-call-later", &[("hour", words.hour(at))])),
        not_today: (!is_today && stage == Some(Stage::Listed))
            .then(|| words.with("hearing-call-on", &[("day", words.day(day))])),
        meeting_href: shown.meeting.as_ref().map(|meeting| format!("/meeting/{meeting}")),
        pages: shown.meeting.iter().flat_map(|id| pages_of(shown.pages, id.as_str(), words)).collect(),
        earlier: shown.earlier.iter().map(|earlier| earlier_view(earlier, words)).collect(),
        parties: entered.map(|entered| parties(shown, entered, words)).unwrap_or_default(),
        attendances: choices("hearing-attendance-", Attendance::ALL.iter().map(|one| one.code()).collect()),
        grounds: choices("hearing-ground-", Ground::ALL.iter().map(|one| one.code()).collect()),
        may_decide: allows(actor, Act::DecideHearing, &Object::Post(shown.post.clone())).is_ok(),
        is_order_next: entered.is_some_and(|entered| entered.blocks == [Block::NoOrder]),
        order: entered.and_then(|entered| order_view(entered, words)),
        disposals: choices("hearing-disposal-", Disposal::ALL.iter().map(|one| one.code()).collect()),
        times: shown.times.iter().map(|slot| TimeView::of(slot.start(), words)).collect(),
        blocks: entered
            .map(|entered| entered.blocks.iter().map(|one| block(*one, words)).collect())
            .unwrap_or_default(),
        version: entered.map_or(0, |entered| entered.row.version),
        closed: entered.and_then(|entered| closed(entered, words)),
        slips: slips(shown, words),
        typed,
        number_max: CASE_NUMBER_CHARS_MAX,
        order_max: ORDER_CHARS_MAX,
        noting_max: NOTING_CHARS_MAX,
        page,
    }
}

/// Posts that may be the authority concerned.
fn posts(shown: &Shown, words: Words) -> Vec<Choice> {
    let choice = |card: &PostCard| Choice {
        code: card.id.to_string(),
        text: words.pick(&card.title).to_owned(),
        hint: String::new(),
    };
    shown.posts.iter().map(choice).collect()
}

/// What the record says of the case.
fn facts(shown: &Shown, words: Words) -> Vec<(String, String)> {
    let row = |key: &str, value: String| (words.t(key).into_owned(), value);
    let mut rows = vec![
        row("citizen-slip-subject", shown.subject.clone()),
        row("citizen-slip-when", words.moment(shown.slot.start())),
        row("citizen-slip-channel", channel_text(shown.channel, words)),
        row("citizen-slip-reference", shown.reference.clone()),
    ];
    if let Some(entered) = &shown.entered {
        let filed = entered.row.case.filed;
        rows.push(row("hearing-filed", format!("{} {}", words.day(filed), filed.year())));
        rows.push(row("hearing-number-of", nth(entered, words)));
    }
    rows
}

/// How old the case is, and until when it is to be decided.
fn limit(entered: &Entered, words: Words) -> String {
    let last = entered.limit.last();
    let last = format!("{} {}", words.day(last), last.year());
    format!("{} · {}", age(entered, words), words.with("hearing-last-day", &[("day", last)]))
}

fn calls(entered: &Entered, words: Words) -> Vec<String> {
    let Stage::Called { first, again } = entered.row.rules.stage() else { return Vec::new() };
    let again = again.map(|at| words.with("hearing-called-again", &[("hour", words.hour(at))]));
    let first = words.with("hearing-called-first", &[("hour", words.hour(first))]);
    std::iter::once(first).chain(again).collect()
}

fn parties(shown: &Shown, entered: &Entered, words: Words) -> Vec<PartyView> {
    let party = |side: Side| {
        let mark = entered.attendance.of(side).as_ref();
        let name = match side {
            Side::Complainant => shown.name.clone(),
            Side::Authority => words.pick(&entered.authority).to_owned(),
        };
        let by_hand = mark.and_then(|mark| match &mark.evidence {
            Evidence::ByHand(reason) => Some(reason),
            Evidence::Joined { .. } => None,
        });
        let note = by_hand.and_then(Reason::note).map(|note| note.as_str().to_owned());
        PartyView {
            side: side.code(),
            name,
            standing: attendance(mark, words),
            evidence: mark.map(|mark| evidence(mark, words)),
            is_blank: mark.is_none(),
            chosen: mark.map(|mark| mark.attendance.code().to_owned()).unwrap_or_default(),
            ground: by_hand.map(|reason| reason.ground().code().to_owned()).unwrap_or_default(),
            note: note.unwrap_or_default(),
        }
    };
    Side::ALL.iter().map(|side| party(*side)).collect()
}

/// By what a mark is known, in words.
pub(super) fn evidence(mark: &Mark, words: Words) -> String {
    match &mark.evidence {
        Evidence::Joined { seconds } => {
            let parts = [("minutes", seconds / 60), ("seconds", seconds % 60)];
            words.with("hearing-evidence-joined", &parts)
        }
        Evidence::ByHand(reason) => {
            let ground = words.t(&key_of("hearing-ground-", reason.ground().code())).into_owned();
            match (reason.ground(), reason.note()) {
                (Ground::Other, Some(note)) => note.as_str().to_owned(),
                (_, Some(note)) => format!("{ground} · {note}"),
                (_, None) => ground,
            }
        }
    }
}

fn order_view(entered: &Entered, words: Words) -> Option<OrderView> {
    let order = entered.row.rules.order()?;
    Some(OrderView { text: order.text.as_str().to_owned(), reading: reading(&order.reading, words) })
}

/// How the order became known, in words.
pub(super) fn reading(reading: &Reading, words: Words) -> String {
    match reading {
        Reading::Aloud { at, .. } => words.with("hearing-read-aloud", &[("when", words.moment(*at))]),
        Reading::NotRead { why } => words.with("hearing-not-read", &[("why", why.as_str())]),
    }
}

/// What stands in the way, with the way to it.
fn block(block: Block, words: Words) -> Link {
    let (key, place) = match block {
        Block::NotCalled => ("hearing-block-not-called", "call"),
        Block::Blank(side) => match side {
            Side::Complainant => ("hearing-block-complainant", party_id(side)),
            Side::Authority => ("hearing-block-authority", party_id(side)),
        },
        Block::NoOrder => ("hearing-block-order", "order"),
        Block::NobodyHeard => ("hearing-block-nobody", "order"),
    };
    Link { href: format!("#{place}"), text: words.t(key).into_owned() }
}

/// What a closed hearing came to.
pub(super) fn closed(entered: &Entered, words: Words) -> Option<Vec<(String, String)>> {
    let Stage::Closed(closing) = entered.row.rules.stage() else { return None };
    let row = |key: &str, value: String| (words.t(key).into_owned(), value);
    let mut rows = vec![row("hearing-disposal", letter::disposal(words, closing.disposal.code()))];
    rows.extend(entered.next.map(|slot| row("hearing-next", words.moment(slot.start()))));
    rows.push(row("hearing-closed-at", words.moment(closing.at)));
    Some(rows)
}

fn earlier_view(earlier: &Earlier, words: Words) -> EarlierView {
    let rules = &earlier.row.rules;
    let when = words.moment(earlier.slot.start());
    let row = |key: &str, value: String| (words.t(key).into_owned(), value);
    let of = |side| attendance(rules.marked(side), words);
    let mut rows = vec![
        row("hearing-complainant", of(Side::Complainant)),
        row("hearing-authority", of(Side::Authority)),
    ];
    if let Stage::Closed(closing) = rules.stage() {
        rows.push(row("hearing-disposal", letter::disposal(words, closing.disposal.code())));
    }
    EarlierView {
        title: format!("{} · {when}", words.with("hearing-nth", &[("n", earlier.number)])),
        rows,
        order: rules.order().map(|order| order.text.as_str().to_owned()).unwrap_or_default(),
        href: format!("/hearing/{}", earlier.appointment),
    }
}

/// The slips of both parties, once the case is entered.
fn slips(shown: &Shown, words: Words) -> Vec<Link> {
    if shown.entered.is_none() {
        return Vec::new();
    }
    let slip = |side: &Side| Link {
        href: format!("/hearing/{}/slip/{}", shown.appointment, side.code()),
        text: words.t(&key_of("hearing-slip-", side.code())).into_owned(),
    };
    Side::ALL.iter().map(slip).collect()
}
