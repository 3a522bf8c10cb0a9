//! Diaries kept in memory: what each post offers and what of it is free.
//!
//! A diary is read again when a committed act has touched it, when the clock has passed something in it, and after
//! a bounded time in any case, for another node's acts leave no mark here. It only shows: whether a time is given away the
//! database decides.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use domain::diary::Caps;
use domain::diary::supply::{Category, Channels, Offer, Rules, Supply};
use domain::diary::{CELL_MINUTES, Cell, Slot, nearest};
use domain::id::PostId;
use domain::office::{BookingMode, Calendar, Holiday, Incumbent, holder_at, ist};
use domain::text::Bilingual;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use moka::Entry;
use moka::future::Cache;
use moka::ops::compute::Op;

use super::Desk;
use crate::limits;
use crate::store::claim::Claimant;
use crate::store::office::PostRow;
use crate::store::{Connection, StoreError, Watched, absence, cap, claim, office, supply};

/// A post's diary, ready to be asked: its supply, and whose minutes it takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Diary {
    pub(super) post: PostRow,
    pub(super) supply: Supply,
    pub(super) claimant: Claimant,
    pub(super) holder: Option<Incumbent>,
    pub(super) caps: Caps,
}

impl Diary {
    /// Reads it; `None` when the post is unknown.
    pub(super) async fn open(
        connection: &mut Connection,
        id: &PostId,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(post) = office::post(connection, id).await? else { return Ok(None) };
        let history = office::history(connection, id).await?;
        let week = supply::week(connection, id).await?;
        let mut exceptions = supply::extra_sittings(connection, id).await?;
        exceptions.extend(absence::exceptions(connection, id, now).await?);
        let rules = supply::rules(connection, &post).await?;
        let caps = cap::of(connection, id).await?;
        let calendar = Calendar::new(office::holidays_for(connection, &post.body).await?);
        let plan = Supply::new(week, exceptions, rules, calendar);
        let plan = plan.map_err(|_| StoreError::Corrupt { table: "post_rules", what: "plan of hours" })?;
        let holder = holder_at(&history, id, now);
        let claimant = Claimant { post: id.clone(), history };
        Ok(Some(Self { post, supply: plan, claimant, holder, caps }))
    }

    /// Can it be booked at all: does it take bookings, and does somebody hold it?
    #[must_use]
    pub fn is_bookable(&self) -> bool {
        self.post.mode != BookingMode::Closed && self.holder.is_some()
    }

    /// Does it offer this time now to somebody of these categories, taken or not?
    pub(super) fn offers(&self, slot: Slot, of: (Timestamp, &[Category])) -> bool {
        self.supply.offers(slot, &ist(), of)
    }

    /// The post.
    #[must_use]
    pub const fn post(&self) -> &PostRow {
        &self.post
    }

    /// Its plan of hours.
    #[must_use]
    pub const fn supply(&self) -> &Supply {
        &self.supply
    }
}

/// What a post offers, taken or not.
#[derive(Debug)]
struct Plan {
    diary: Diary,
    watched: Watched,
    /// The first day of its horizon.
    today: Date,
    was_read: AtomicBool,
    /// What it offers, for a diary in motion; a diary that nothing happens to is not kept twice.
    offered: OnceLock<Box<[Day]>>,
}

impl Plan {
    fn new(diary: Diary, today: Date) -> Self {
        let persons = diary.claimant.history.iter().filter_map(|row| row.person.as_ref());
        let watched = Watched::new(&diary.post.id, persons);
        Self { diary, watched, today, was_read: AtomicBool::new(false), offered: OnceLock::new() }
    }

    /// The days of the horizon with all that they offer.
    fn offered(&self) -> Cow<'_, [Day]> {
        if self.was_read.swap(true, Ordering::Relaxed) {
            Cow::Borrowed(self.offered.get_or_init(|| self.days()))
        } else {
            Cow::Owned(self.days().into_vec())
        }
    }

    fn days(&self) -> Box<[Day]> {
        let (supply, zone) = (&self.diary.supply, ist());
        let is_bookable = self.diary.is_bookable();
        let horizon = 0..=i64::from(supply.rules().horizon_days);
        let days = horizon.filter_map(|n| self.today.checked_add(n.days()).ok());
        let named = |day: &Holiday| Arc::new(Bilingual::new(day.name_hi.clone(), day.name_en.clone()));
        days.map(|date| Day {
            date,
            is_full: false,
            closed: supply.calendar().closed_on(date).map(named),
            free: match is_bookable {
                true => supply.offers_on(date, &zone).iter().filter_map(Packed::of).collect(),
                false => Box::default(),
            },
        })
        .collect()
    }
}

/// What of it is free, day by day.
#[derive(Debug)]
struct Free {
    days: Box<[Day]>,
    mark: u64,
    good_until: Timestamp,
}

/// A day of a diary.
#[derive(Debug, Clone)]
struct Day {
    date: Date,
    closed: Option<Arc<Bilingual>>,
    free: Box<[Packed]>,
    /// As many come as may: nothing is free then.
    is_full: bool,
}

/// A free offer in twelve bytes: thousands of diaries of months are kept. The rest follows from the post's rules.
#[derive(Debug, Clone, Copy)]
struct Packed {
    first_cell: u32,
    opens_minute: u32,
    channels: Channels,
    kept_for: Option<Category>,
}

/// One post's diary as it was at some moment.
#[derive(Debug, Clone)]
pub struct Kept {
    plan: Arc<Plan>,
    plan_mark: u64,
    plan_until: Timestamp,
    free: Arc<Free>,
}

/// One day as people are shown it.
#[derive(Debug, Clone, Copy)]
pub struct DayView<'a> {
    day: &'a Day,
    rules: &'a Rules,
}

impl<'a> DayView<'a> {
    /// The day, wall time.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.day.date
    }

    /// The holiday that closes it.
    #[must_use]
    pub fn closed(&self) -> Option<&'a Bilingual> {
        self.day.closed.as_deref()
    }

    /// What nobody has taken, ascending; not all of it may be taken now.
    pub fn free(&self) -> impl DoubleEndedIterator<Item = Offer> + use<'a> {
        let rules = self.rules;
        self.day.free.iter().filter_map(move |packed| packed.offer(rules))
    }
}

impl Packed {
    fn of(offer: &Offer) -> Option<Self> {
        let minutes = |at: Timestamp| u32::try_from(at.as_second().max(0) / 60).ok();
        Some(Self {
            first_cell: u32::try_from(offer.slot.cells().next()?.0).ok()?,
            opens_minute: minutes(offer.opens_at)?,
            channels: offer.channels,
            kept_for: offer.kept_for.map(|(category, _)| category),
        })
    }

    fn offer(&self, rules: &Rules) -> Option<Offer> {
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).ok();
        let start = Cell(self.first_cell.into()).start()?;
        let slot = Slot::starting(start, i64::from(rules.slot_minutes)).ok()?;
        Some(rules.offer((slot, self.channels, self.kept_for), at(i64::from(self.opens_minute))?))
    }
}

impl Kept {
    /// The diary.
    #[must_use]
    pub fn diary(&self) -> &Diary {
        &self.plan.diary
    }

    /// The days from `first` on that are within the horizon, at most `count`.
    pub fn days(&self, first: Date, count: usize) -> impl Iterator<Item = DayView<'_>> {
        let rules = self.plan.diary.supply.rules();
        let start = self.free.days.partition_point(|day| day.date < first);
        self.free.days[start..].iter().take(count).map(move |day| DayView { day, rules })
    }

    /// All times that anybody may take now.
    #[must_use]
    pub fn open_slots(&self, now: Timestamp) -> Vec<Slot> {
        let free = self.days(Date::MIN, usize::MAX).flat_map(|day| day.free());
        free.filter(|offer| offer.is_open(now, &[])).map(|offer| offer.slot).collect()
    }

    /// The `count` times nearest to `wanted` that anybody may take now, in order of time.
    #[must_use]
    pub fn nearest(&self, wanted: Timestamp, count: usize, now: Timestamp) -> Vec<Slot> {
        let rules = self.plan.diary.supply.rules();
        let view = |day| DayView { day, rules };
        let until = self.free.days.partition_point(|day| day.date <= wanted.to_zoned(ist()).date());
        let (before, after) = self.free.days.split_at(until.saturating_sub(1));
        let is_open = |offer: &Offer| offer.is_open(now, &[]);
        let slot = |offer: Offer| offer.slot;
        // A day may lie on both sides of what is wanted; it stands at the head of those after.
        let later = after.iter().map(view).flat_map(|day| day.free()).filter(is_open).map(slot);
        let sooner = after.first().into_iter().chain(before.iter().rev()).map(view);
        let sooner = sooner.flat_map(|day| day.free().rev()).filter(is_open).map(slot);
        let mut near: Vec<Slot> = later.filter(|slot| slot.start() >= wanted).take(count).collect();
        near.extend(sooner.filter(|slot| slot.start() < wanted).take(count));
        nearest(&near, wanted, count)
    }

    /// Whether as many come on the day of this slot as may, as far as is known here.
    #[must_use]
    pub fn is_full(&self, slot: Slot) -> bool {
        let day = slot.start().to_zoned(ist()).date();
        self.days(day, 1).any(|view| view.day.date == day && view.day.is_full)
    }

    /// Whether nobody has taken this slot, as far as is known here.
    #[must_use]
    pub fn is_free(&self, slot: Slot) -> bool {
        let day = slot.start().to_zoned(ist()).date();
        self.days(day, 1).flat_map(|day| day.free()).any(|offer| offer.slot == slot)
    }
}

/// The diaries of a house.
#[derive(Debug, Clone)]
pub struct Diaries {
    kept: Cache<PostId, Kept>,
    /// Raised whenever a diary is read from the database; for figures and tests.
    readings: Arc<AtomicU64>,
}

impl Default for Diaries {
    fn default() -> Self {
        Self { kept: Cache::new(limits::DIARIES_KEPT_MAX), readings: Arc::default() }
    }
}

impl Diaries {
    /// How often a diary was read from the database.
    #[must_use]
    pub fn readings(&self) -> u64 {
        self.readings.load(Ordering::Relaxed)
    }

    /// The diary of a post whose plan is as it is now, and whose free times may be as they were a moment ago.
    ///
    /// For whoever asks the database next in any case.
    ///
    /// # Errors
    /// [`StoreError`] from the database.
    pub async fn lately(&self, desk: &Desk, id: &PostId) -> Result<Option<Kept>, StoreError> {
        let (now, mark) = (desk.now(), desk.store.marks().supply());
        let is_good = |kept: &Kept| kept.plan_mark == mark && now < kept.plan_until;
        match self.kept.get(id).await.filter(is_good) {
            Some(kept) => Ok(Some(kept)),
            None => self.of(desk, id).await,
        }
    }

    /// The diary of a post as it is now; `None` when there is no such post.
    ///
    /// # Errors
    /// [`StoreError`] from the database.
    pub async fn of(&self, desk: &Desk, id: &PostId) -> Result<Option<Kept>, StoreError> {
        let now = desk.now();
        if let Some(kept) = self.kept.get(id).await.filter(|kept| is_good(kept, desk, now)) {
            return Ok(Some(kept));
        }
        // Those who come at once take turns, and all but the first find it read.
        let known = self.kept.entry_by_ref(id).and_try_compute_with(async |entry| {
            let known = entry.map(Entry::into_value);
            if known.as_ref().is_some_and(|kept| is_good(kept, desk, now)) {
                return Ok(Op::Nop);
            }
            Ok::<_, StoreError>(self.read(desk, id, known).await?.map_or(Op::Remove, Op::Put))
        });
        Ok(known.await?.into_entry().map(Entry::into_value))
    }

    /// Reads what is out of date.
    async fn read(&self, desk: &Desk, id: &PostId, known: Option<Kept>) -> Result<Option<Kept>, StoreError> {
        self.readings.fetch_add(1, Ordering::Relaxed);
        let now = desk.now();
        // Marks are read before the rows: an act that comes between makes the copy old, never the other way round.
        let mark = desk.store.marks().supply();
        let today = now.to_zoned(ist()).date();
        let mut connection = desk.store.read().await?;
        let good = known.as_ref().filter(|kept| kept.plan_mark == mark && now < kept.plan_until);
        let (plan, plan_until) = match good {
            Some(kept) => (kept.plan.clone(), kept.plan_until),
            None => {
                let Some(diary) = Diary::open(&mut connection, id, now).await? else { return Ok(None) };
                let until = good_until(&diary, now).min(most_kept(desk, now));
                // Most often it is as it was, and so is all that follows from it.
                let same =
                    known.map(|kept| kept.plan).filter(|plan| plan.today == today && plan.diary == diary);
                (same.unwrap_or_else(|| Arc::new(Plan::new(diary, today))), until)
            }
        };
        let free = Arc::new(free_of(&mut connection, desk, &plan, now).await?);
        Ok(Some(Kept { plan, plan_mark: mark, plan_until, free }))
    }
}

fn is_good(kept: &Kept, desk: &Desk, now: Timestamp) -> bool {
    let marks = desk.store.marks();
    kept.plan_mark == marks.supply()
        && kept.free.mark == marks.diary(&kept.plan.watched)
        && now < kept.plan_until.min(kept.free.good_until)
}

/// Until when a copy is trusted at most.
fn most_kept(desk: &Desk, now: Timestamp) -> Timestamp {
    let most = match desk.store.marks().is_alone() {
        true => limits::DIARY_KEPT_ALONE_MAX,
        false => limits::DIARY_KEPT_AMONG_MANY_MAX,
    };
    now.checked_add(most).unwrap_or(Timestamp::MAX)
}

/// When the clock alone changes a diary: somebody takes the post over, or the day ends.
fn good_until(diary: &Diary, now: Timestamp) -> Timestamp {
    let tomorrow = now.to_zoned(ist()).date().tomorrow().ok();
    let midnight = tomorrow.and_then(|day| day.to_datetime(Time::midnight()).to_zoned(ist()).ok());
    let handovers = diary.claimant.history.iter().map(|row| row.starts_at).filter(|at| *at > now);
    handovers.chain(midnight.map(|at| at.timestamp())).min().unwrap_or(Timestamp::MAX)
}

async fn free_of(
    connection: &mut Connection,
    desk: &Desk,
    plan: &Plan,
    now: Timestamp,
) -> Result<Free, StoreError> {
    let (mark, most) = (desk.store.marks().diary(&plan.watched), most_kept(desk, now));
    let slot_cells = i64::from(plan.diary.supply.rules().slot_minutes) / CELL_MINUTES;
    let cells = |packed: &Packed| {
        let first = i64::from(packed.first_cell);
        Cell(first)..Cell(first + slot_cells)
    };
    let offered = plan.offered();
    let all = || offered.iter().flat_map(|day| &day.free).map(cells);
    let window = all().map(|cells| cells.start).min().zip(all().map(|cells| cells.end).max());
    let window = window.and_then(|(from, to)| from.start().zip(to.start()));
    let full = match (plan.diary.caps.day, window) {
        (Some(most), Some(window)) => full_days(connection, (&plan.diary.post.id, most), window, now).await?,
        _ => BTreeSet::new(),
    };
    let taken = match window {
        Some(window) => claim::taken(connection, &plan.diary.claimant, window, now).await?,
        None => BTreeMap::new(),
    };
    let is_free = |packed: &&Packed| taken.range(cells(packed)).next().is_none();
    let days = offered.iter().map(|day| Day {
        free: day.free.iter().filter(|_| !full.contains(&day.date)).filter(is_free).copied().collect(),
        closed: day.closed.clone(),
        date: day.date,
        is_full: full.contains(&day.date),
    });
    let good_until = taken.values().flatten().copied().chain([most]).min().unwrap_or(most);
    Ok(Free { days: days.collect(), mark, good_until })
}

/// The days between two instants on which as many come as may.
async fn full_days(
    connection: &mut Connection,
    (post, most): (&PostId, u16),
    window: (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<BTreeSet<Date>, StoreError> {
    let mut days: BTreeMap<Date, u32> = BTreeMap::new();
    for (day, _) in cap::counted(connection, post, window, now).await? {
        *days.entry(day).or_default() += 1;
    }
    Ok(days.into_iter().filter(|(_, count)| *count >= u32::from(most)).map(|(day, _)| day).collect())
}
