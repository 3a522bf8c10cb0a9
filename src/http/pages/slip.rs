//! The slip: where an appointment stands, in words, with its number, QR and links.
//!
//! The link of the page is the key; what it opens is decided before this page is asked.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use domain::diary::{AppointmentState, Channel};
use domain::quality::{Receipt, Verdict};
use qrcode::{Color, EcLevel, QrCode};

use super::book::Fields;
use super::outcome::Decided;
use super::view::{TimeView, key_of, query_text};
use super::{Page, html};
use crate::app::gate;
use crate::app::outcome::Given;
use crate::app::report::Made;
use crate::app::slip::{self as reading, Slip};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;
use crate::letter;

/// White cells around the code. Source: ISO/IEC 18004 asks for four.
const QR_MARGIN: usize = 4;

/// The slip as the page shows it.
struct SlipView {
    href: String,
    tone: &'static str,
    icon: &'static str,
    state_line: String,
    next: Vec<String>,
    proposals: Vec<TimeView>,
    question: Option<String>,
    offer: Option<String>,
    may_wait: bool,
    waits: bool,
    may_agree: bool,
    can_switch: bool,
    can_telephone: bool,
    reference: String,
    post: String,
    body: String,
    when: String,
    channel: String,
    name: String,
    subject: String,
    decided: Option<Decided>,
    asks_done: bool,
    asks_later: Option<String>,
    receipt: Option<String>,
    is_liked: bool,
    is_disliked: bool,
    report: Option<String>,
    may_report: bool,
    qr: String,
    pass: Option<String>,
    group_href: Option<String>,
    hearing_href: Option<String>,
    draw_href: Option<String>,
    join_href: Option<String>,
    again_href: Option<String>,
    calendar_href: Option<String>,
    whatsapp_href: String,
    can_move: bool,
    can_cancel: bool,
    money: String,
    back: String,
}

impl SlipView {
    /// Whether anything of the appointment can be changed from here.
    fn may_change(&self) -> bool {
        self.can_move
            || self.may_wait
            || self.can_switch
            || self.can_telephone
            || self.can_cancel
            || self.group_href.is_some()
    }
}

#[derive(Template)]
#[template(path = "slip.html")]
struct SlipPage {
    page: Page,
    note: Option<String>,
    turn: Option<TurnView>,
    slip: SlipView,
}

/// The place in today's queue.
struct TurnView {
    number: u32,
    before: Option<String>,
    minutes: Option<String>,
    now: Option<String>,
    late: Option<String>,
    board_href: String,
}

/// Where the citizen stands in today's queue; `None` on any other day.
async fn turn(edge: &Edge, slip: &Slip, words: Words) -> Result<Option<TurnView>, Fault> {
    let is_today = ist_day(slip.slot.start()) == ist_day(edge.desk.now());
    if slip.state != AppointmentState::Confirmed || !is_today {
        return Ok(None);
    }
    let board = edge.boards.board(&slip.post.id).await.map_err(Fault::internal)?;
    let place = board.as_ref().and_then(|board| Some((board, board.number_of(&slip.appointment)?)));
    Ok(place.map(|(board, number)| TurnView {
        number: number.0,
        before: board.before.get(&number).map(|n| words.with("door-slip-before", &[("n", *n)])),
        minutes: board.ranges.get(&number).map(|range| super::now::minutes(*range, words)),
        now: if board.called == Some(number) {
            Some(words.t("door-slip-turn").into_owned())
        } else {
            (board.inside == Some(number)).then(|| words.t("door-slip-inside").into_owned())
        },
        late: board.late.until.map(|at| words.with("turn-late-now", &[("hour", words.hour(at))])),
        board_href: format!("/now/{}", slip.post.id),
    }))
}

fn ist_day(at: jiff::Timestamp) -> jiff::civil::Date {
    at.to_zoned(domain::office::ist()).date()
}

/// `/s/{token}`: the slip.
pub async fn slip(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let key = match query.get("note").map(String::as_str) {
        Some("moved") => Some("citizen-slip-moved"),
        Some("answer") => Some("day-slip-answer-empty"),
        Some("said") => Some("after-slip-said"),
        Some("impossible") => Some("citizen-slip-change-impossible"),
        _ => None,
    };
    let note = key.map(|key| page.words.t(key).into_owned());
    let turn = turn(&edge, &slip, page.words).await?;
    let entry = match slip.state {
        AppointmentState::Held => super::draw::entry_line(&edge, &slip.appointment, page.words).await?,
        AppointmentState::Waiting if slip.displaced.is_none() => {
            super::draw::entry_line(&edge, &slip.appointment, page.words).await?
        }
        _ => None,
    };
    let when = if slip.state == AppointmentState::Held { "door-draw-when" } else { "day-slip-waiting" };
    let mut slip = view(&edge, &slip, page.words);
    if let Some((line, href)) = entry {
        slip.state_line = line;
        slip.when = page.words.t(when).into_owned();
        slip.draw_href = Some(href);
    }
    html(&SlipPage { page, note, turn, slip })
}

/// `/s/{token}/invite.ics`: the visit as a calendar file, once it is fixed; its cancellation once it is off.
pub async fn calendar(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
) -> Result<Response, Fault> {
    let found = reading::visit(&edge.desk, &slip.slip_token).await.map_err(Fault::internal)?;
    let (visit, state) = found.ok_or(Fault::NotFound)?;
    let file = letter::published(&visit, state, (page.language, edge.desk.now()));
    let headers = [
        (header::CONTENT_TYPE, file.media_type()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"invite.ics\"".to_owned()),
    ];
    Ok((headers, file.as_str().to_owned()).into_response())
}

/// The message that says where an appointment stands.
pub(super) fn state_key(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Held => "citizen-slip-held",
        AppointmentState::Requested => "citizen-slip-requested",
        AppointmentState::Confirmed => "citizen-slip-confirmed",
        AppointmentState::Proposed => "citizen-slip-proposed",
        AppointmentState::Declined => "citizen-slip-declined",
        AppointmentState::Cancelled => "citizen-slip-cancelled",
        AppointmentState::Expired => "citizen-slip-expired",
        AppointmentState::Waiting => "day-slip-waiting",
    }
}

/// The words for how they meet.
pub(super) fn channel_text(channel: Channel, words: Words) -> String {
    words.t(&key_of("common-channel-", channel.code())).into_owned()
}

fn view(edge: &Edge, slip: &Slip, words: Words) -> SlipView {
    let href = format!("/s/{}", slip.slip_token);
    let url = format!("{}{href}", edge.desk.settings.public_url);
    let when = words.moment(slip.slot.start());
    let post = words.pick(&slip.post.title).to_owned();
    let (tone, icon) = tone(slip.state);
    let is_over = matches!(
        slip.state,
        AppointmentState::Declined | AppointmentState::Cancelled | AppointmentState::Expired
    );
    let has_outcome = slip.outcome.is_some();
    let has_calendar = slip.state == AppointmentState::Confirmed && !has_outcome;
    let shared = [("post", post.as_str()), ("when", &when), ("reference", &slip.reference), ("url", &url)];
    SlipView {
        tone,
        icon,
        state_line: words
            .t(if has_outcome { "after-slip-title" } else { state_key(slip.state) })
            .into_owned(),
        next: slip
            .outcome
            .as_ref()
            .map_or_else(|| next_lines(slip, words), |given| outcome_line(given, words)),
        decided: slip.outcome.as_ref().map(|given| Decided::of(given, words)),
        asks_done: slip.may_say_done,
        asks_later: asks_later(slip, words),
        receipt: slip.receipt.map(|receipt| receipt_line(receipt, words)),
        is_liked: slip.verdict == Some(Verdict::Good),
        is_disliked: slip.verdict == Some(Verdict::Bad),
        report: slip.report.as_ref().map(|made| report_line(made, words)),
        may_report: slip.state != AppointmentState::Held && slip.state != AppointmentState::Expired,
        proposals: slip.proposed.iter().map(|slot| TimeView::of(slot.start(), words)).collect(),
        offer: slip.offer.map(|(slot, until)| {
            let values = [("when", words.moment(slot.start())), ("until", words.moment(until))];
            words.with("day-slip-offer", &values)
        }),
        may_wait: slip.can_move && slip.state != AppointmentState::Waiting,
        waits: slip.waits_for_earlier,
        question: slip.question.as_ref().filter(|row| row.answer.is_none()).map(|row| row.question.clone()),
        may_agree: is_moved_by_absence(slip) && slip.displaced.as_ref().is_some_and(|d| !d.is_answered),
        can_switch: slip.can_switch,
        can_telephone: slip.can_telephone,
        reference: slip.reference.clone(),
        body: words.pick(&slip.post.body).to_owned(),
        channel: channel_text(slip.channel, words),
        name: slip.name.clone(),
        subject: slip.subject.clone(),
        qr: qr(&url, &words.t("citizen-slip-qr")),
        pass: gate::pass_of(&edge.desk, slip, 0).map(|pass| qr(&pass, &words.t("door-pass-qr"))),
        draw_href: None,
        hearing_href: slip.is_hearing.then(|| format!("{href}/hearing")),
        group_href: has_calendar.then(|| format!("{href}/group")),
        join_href: slip.join_token.as_ref().map(|token| format!("/j/{token}")),
        again_href: is_over.then(|| again_href(slip)),
        calendar_href: has_calendar.then(|| format!("{href}/invite.ics")),
        // The application itself is opened; nothing goes by way of another host.
        whatsapp_href: format!(
            "whatsapp://send?text={}",
            query_text(&words.with("citizen-slip-whatsapp-text", &shared))
        ),
        can_move: slip.can_move,
        can_cancel: slip.can_cancel && slip.state != AppointmentState::Proposed,
        money: words.with("citizen-slip-money", &[("reference", &slip.reference)]),
        back: words
            .with("citizen-slip-back", &[("reference", &slip.reference), ("pin", &pin_said(&slip.pin))]),
        href,
        post,
        when,
    }
}

/// What was decided, in one line.
fn outcome_line(given: &Given, words: Words) -> Vec<String> {
    vec![words.t(&key_of("after-slip-", given.outcome.kind().code())).into_owned()]
}

/// When the citizen will be asked, while a direction is on its way.
fn asks_later(slip: &Slip, words: Words) -> Option<String> {
    let (direction, _) = slip.outcome.as_ref()?.direction.as_ref()?;
    let is_later = direction.is_open() && !slip.may_say_done;
    is_later.then(|| words.with("after-slip-later", &[("due", words.day(direction.due))]))
}

/// How good the meeting was, in plain words.
fn receipt_line(receipt: Receipt, words: Words) -> String {
    match receipt {
        Receipt::Good => words.t("after-receipt-good").into_owned(),
        Receipt::Spoilt { minutes, cause } => {
            words.with(&key_of("after-receipt-", cause.code()), &[("minutes", minutes)])
        }
    }
}

/// Who reads the citizen's report, or what was done about it.
fn report_line(made: &Made, words: Words) -> String {
    let to = ("to", words.pick(&made.to).to_owned());
    match &made.note {
        Some(note) => words.with("after-money-answered", &[to, ("note", note.as_str().to_owned())]),
        None => words.with("after-money-made", &[to]),
    }
}

/// `123 456`: a PIN as it is read out.
pub(super) fn pin_said(pin: &str) -> String {
    let (first, second) = pin.split_at(pin.len() / 2);
    format!("{first} {second}")
}

/// Where a new time is chosen: with the post that can help, if one was named.
fn again_href(slip: &Slip) -> String {
    let post = slip.alternative.as_ref().map_or(&slip.post.id, |(post, _)| post);
    format!("/post/{post}")
}

/// How the state looks, beside its words.
fn tone(state: AppointmentState) -> (&'static str, &'static str) {
    match state {
        AppointmentState::Confirmed => ("banner-good", "✔"),
        AppointmentState::Held | AppointmentState::Requested => ("", "⏳"),
        AppointmentState::Proposed | AppointmentState::Waiting => ("banner-notice", "⟳"),
        AppointmentState::Declined | AppointmentState::Cancelled | AppointmentState::Expired => {
            ("banner-danger", "✖")
        }
    }
}

/// It was displaced, and has a time again.
fn is_moved_by_absence(slip: &Slip) -> bool {
    slip.displaced.is_some()
        && matches!(slip.state, AppointmentState::Confirmed | AppointmentState::Requested)
}

/// Which time fell, and why.
fn fallen_line(slip: &Slip, words: Words) -> Option<String> {
    let displaced = slip.displaced.as_ref().filter(|displaced| !displaced.is_answered)?;
    let was = words.moment(displaced.was.start());
    let reason = letter::away_reason(words, displaced.reason.code());
    Some(words.with("day-slip-fallen", &[("was", was), ("reason", reason)]))
}

/// What happens next, a line each.
fn next_lines(slip: &Slip, words: Words) -> Vec<String> {
    let fallen = fallen_line(slip, words);
    let now = fallen.as_ref().filter(|_| is_moved_by_absence(slip));
    let now = now.map(|_| words.with("day-slip-now", &[("when", words.moment(slip.slot.start()))]));
    fallen.into_iter().chain(now).chain(lines_of_state(slip, words)).collect()
}

fn lines_of_state(slip: &Slip, words: Words) -> Vec<String> {
    match slip.state {
        AppointmentState::Confirmed => {
            vec![words.t(&key_of("citizen-slip-confirmed-", slip.channel.code())).into_owned()]
        }
        AppointmentState::Requested => {
            let due = slip.answer_due_at.map(|at| words.with("day-slip-due", &[("when", words.moment(at))]));
            std::iter::once(words.t("citizen-slip-requested-next").into_owned()).chain(due).collect()
        }
        AppointmentState::Waiting => vec![words.t("day-slip-waiting-next").into_owned()],
        AppointmentState::Proposed => {
            let wished = words.moment(slip.slot.start());
            let offered = slip.proposed.iter().map(|slot| {
                let proposed = words.moment(slot.start());
                words.with("citizen-slip-proposed-offered", &[("proposed", proposed)])
            });
            std::iter::once(words.with("citizen-slip-proposed-wished", &[("wished", wished)]))
                .chain(offered)
                .chain([words.t("citizen-slip-proposed-next").into_owned()])
                .collect()
        }
        AppointmentState::Declined => {
            let reason = slip.reason.map(|reason| words.t(&key_of("citizen-reason-", reason.code())));
            let reason =
                reason.map(|reason| words.with("citizen-slip-declined-reason", &[("reason", reason)]));
            let other = match &slip.alternative {
                Some((_, title)) => words.with("citizen-slip-alternative", &[("post", words.pick(title))]),
                None => words.t("citizen-slip-declined-next").into_owned(),
            };
            reason.into_iter().chain([other]).collect()
        }
        AppointmentState::Cancelled => vec![words.t("citizen-slip-cancelled-next").into_owned()],
        AppointmentState::Expired => vec![words.t("citizen-slip-expired-next").into_owned()],
        AppointmentState::Held => Vec::new(),
    }
}

/// `text` as a QR code in SVG: one path, a run of dark cells a stroke, so that it stays small on the wire.
pub(super) fn qr(text: &str, label: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (row, cells) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in cells.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let (x, y) = (column + QR_MARGIN, row + QR_MARGIN);
                path.push_str(&format!("M{x} {y}h{0}v1h-{0}z", run.len()));
            }
            column += run.len();
        }
    }
    let side = width + 2 * QR_MARGIN;
    format!(
        r##"<svg viewBox="0 0 {side} {side}" role="img" aria-label="{}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#14213d" d="{path}"/></svg>"##,
        label
    )
}
