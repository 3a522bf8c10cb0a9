//! What a queue shows: to everybody its numbers and ranges, to its desk also who they are. Reads only.

use std::collections::BTreeMap;

use domain::diary::expected::{LENGTHS_MAX, Pace, expected};
use domain::diary::queue::{Lateness, Number, Queue, Standing};
use domain::id::{AppointmentId, MeetingId, PostId};
use domain::text::Bilingual;
use jiff::Timestamp;

use super::{TicketKind, TurnError, Way, day_of, every, read};
use crate::app::Desk;
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::clock::Random;
use crate::limits;
use crate::store::office::PostRow;
use crate::store::queue::{TicketRow, lengths};
use crate::store::turn::{self, MoveRow};
use crate::store::{Connection, StoreError, office};

/// Somebody who waits, as everybody may see him: a number and when his turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The number on the slip.
    pub number: Number,
    /// In so many minutes, not before and not after, four times in five.
    pub minutes: Option<(u32, u32)>,
}

/// Who is called next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The number.
    pub number: Number,
    /// How he comes.
    pub way: Way,
    /// Where, if it is by video.
    pub meeting: Option<MeetingId>,
}

/// A queue as the wall shows it: no name, no matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// When it was read.
    pub at: Timestamp,
    /// Who is inside.
    pub inside: Option<Number>,
    /// Who has been called and is not in yet.
    pub called: Option<Number>,
    /// Who waits here, in the order of the calls; the first of them.
    pub next: Vec<Waiting>,
    /// How many wait here.
    pub waiting: usize,
    /// How many have a time and are not here yet.
    pub expected: usize,
    /// The range of everybody who waits or is expected.
    pub ranges: BTreeMap<Number, (u32, u32)>,
    /// How many go before each of them.
    pub before: BTreeMap<Number, usize>,
    /// Who is called next among those who are here.
    pub first: Option<First>,
    /// How late the officer is.
    pub late: Lateness,
    /// Somebody has been called today.
    pub has_begun: bool,
    /// What the post says to those who wait.
    pub message: Option<Bilingual>,
    /// The numbers of appointments.
    pub(in crate::app) numbers: BTreeMap<AppointmentId, Number>,
}

impl Board {
    /// The number of an appointment.
    #[must_use]
    pub fn number_of(&self, appointment: &AppointmentId) -> Option<Number> {
        self.numbers.get(appointment).copied()
    }

    /// Does the other say what this one says, whenever it was read?
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}

/// Reads the queue of a post; `None` when there is no such post.
///
/// * `known`: ranges that are new enough to be shown again; `None` works them out.
pub(super) async fn board(
    desk: &Desk,
    post: &PostId,
    known: Option<BTreeMap<Number, (u32, u32)>>,
) -> Result<Option<Board>, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let Some(row) = office::post(&mut connection, post).await? else { return Ok(None) };
    let (rows, queue) = read(&mut connection, &row, now).await?;
    let message = turn::message(&mut connection, post).await?;
    let ranges = match known {
        Some(ranges) => ranges,
        None => played(desk, connection, (&row, queue.clone()), now).await?,
    };
    Ok(Some(Board { message, ..shown(&rows, &queue, ranges, now) }))
}

/// The ranges of a queue, by how long meetings of its post take.
pub(super) async fn played(
    desk: &Desk,
    mut connection: impl std::ops::DerefMut<Target = Connection>,
    (post, queue): (&PostRow, Queue),
    now: Timestamp,
) -> Result<BTreeMap<Number, (u32, u32)>, StoreError> {
    let count = i64::try_from(LENGTHS_MAX).unwrap_or(i64::MAX);
    let pace = Pace::new(&lengths(&mut connection, &post.id, count).await?, every(post));
    drop(connection);
    Ok(ranges_of(queue, pace, (now, desk.random)).await)
}

/// Works the ranges out beside the tasks that serve.
async fn ranges_of(
    queue: Queue,
    pace: Pace,
    (now, random): (Timestamp, Random),
) -> BTreeMap<Number, (u32, u32)> {
    if queue.tickets().is_empty() {
        return BTreeMap::new();
    }
    let work = tokio::task::spawn_blocking(move || {
        let mut seed = u64::from_be_bytes(random.bytes());
        let mut chance = || uniform(&mut seed);
        let ranges = expected(&queue, &pace, now, &mut chance);
        ranges.into_iter().map(|one| (one.number, (one.from_minutes, one.to_minutes))).collect()
    });
    work.await.unwrap_or_default()
}

/// SplitMix64: playing a day through asks for chance a hundred thousand times, and nobody gains by guessing it.
fn uniform(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// How late the officer is; a moment that is past is shown to nobody any more.
fn still_late(queue: &Queue, now: Timestamp) -> Lateness {
    let late = queue.late();
    Lateness { until: late.until.filter(|until| *until > now), ..late }
}

fn shown(rows: &[TicketRow], queue: &Queue, ranges: BTreeMap<Number, (u32, u32)>, now: Timestamp) -> Board {
    let standing = |fits: fn(Standing) -> bool| {
        queue.tickets().iter().find(|ticket| fits(ticket.standing)).map(|ticket| ticket.number)
    };
    let waiting = queue.waiting();
    let numbers = rows.iter().filter_map(|row| Some((row.appointment.clone()?, row.rules.number)));
    Board {
        at: now,
        inside: standing(|one| matches!(one, Standing::Inside(_))),
        called: standing(|one| matches!(one, Standing::Called(_))),
        next: waiting
            .iter()
            .take(limits::BOARD_NUMBERS_MAX)
            .map(|ticket| Waiting { number: ticket.number, minutes: ranges.get(&ticket.number).copied() })
            .collect(),
        waiting: waiting.len(),
        expected: queue.tickets().iter().filter(|ticket| ticket.standing == Standing::Expected).count(),
        before: queue
            .tickets()
            .iter()
            .filter_map(|ticket| Some((ticket.number, queue.before(ticket.number)?)))
            .collect(),
        first: waiting.first().map(|ticket| {
            let row = &rows[ticket.number.0 as usize - 1];
            First { number: ticket.number, way: Way::of(row), meeting: row.meeting.clone() }
        }),
        late: still_late(queue, now),
        has_begun: queue.has_begun(),
        message: None,
        numbers: numbers.collect(),
        ranges,
    }
}

/// One person as the desk reads him.
#[derive(Debug, Clone)]
pub struct Line {
    /// His number.
    pub number: Number,
    /// By what he has his place.
    pub kind: TicketKind,
    /// How he comes.
    pub way: Way,
    /// Where, if it is by video.
    pub meeting: Option<MeetingId>,
    /// How the desk moved him last, and why.
    pub moved: Option<MoveRow>,
    /// Where he stands.
    pub standing: Standing,
    /// When his turn is due.
    pub due_at: Timestamp,
    /// Calls in vain.
    pub calls: u8,
    /// Who; may be empty.
    pub name: String,
    /// What about; may be empty.
    pub subject: String,
}

/// A queue as its desk reads it.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Inside or called.
    pub at_door: Option<Line>,
    /// Who waits, in the order of the calls.
    pub waiting: Vec<Line>,
    /// Who has a time and is not here yet, by time.
    pub expected: Vec<Line>,
    /// Who went home without having been heard, by number.
    pub left: Vec<Line>,
    /// How many have been heard.
    pub heard: usize,
    /// How late the officer is.
    pub late: Lateness,
}

/// The queue of a post, for its desk.
///
/// # Errors
/// [`TurnError`].
pub async fn list(desk: &Desk, actor: &Actor, post: &PostId) -> Result<List, TurnError> {
    allows(actor, Act::ReadQueue, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let row = office::post(&mut connection, post).await?.ok_or(TurnError::UnknownPost)?;
    let (rows, queue) = read(&mut connection, &row, desk.now()).await?;
    let moves = turn::moves(&mut connection, post, day_of(desk.now()).0).await?;
    let line = |number: Number| {
        let row = &rows[number.0 as usize - 1];
        Line {
            number,
            kind: row.kind,
            way: Way::of(row),
            meeting: row.meeting.clone(),
            moved: moves.iter().rfind(|one| one.number == number).cloned(),
            standing: row.rules.standing,
            due_at: row.rules.due_at,
            calls: row.rules.calls,
            name: row.name.clone(),
            subject: row.subject.clone(),
        }
    };
    let tickets = queue.tickets();
    let at_door = |ticket: &&domain::diary::queue::Ticket| {
        matches!(ticket.standing, Standing::Inside(_) | Standing::Called(_))
    };
    let all = |standing: Standing| -> Vec<Line> {
        let of = tickets.iter().filter(|ticket| ticket.standing == standing);
        of.map(|ticket| line(ticket.number)).collect()
    };
    let mut expected = all(Standing::Expected);
    expected.sort_by_key(|line| (line.due_at, line.number));
    Ok(List {
        at_door: tickets.iter().find(at_door).map(|ticket| line(ticket.number)),
        waiting: queue.waiting().iter().map(|ticket| line(ticket.number)).collect(),
        expected,
        left: all(Standing::Left),
        heard: tickets.iter().filter(|ticket| ticket.standing == Standing::Heard).count(),
        late: still_late(&queue, desk.now()),
    })
}
