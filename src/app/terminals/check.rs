//! The check of terminals by themselves: who is asked for a report, the report, and the list of what is red.
//!
//! A report is taken only from a terminal of which one is wanted, so that none fills the chain of its own accord.

use std::collections::BTreeMap;

use domain::hotline::Device;
use domain::id::{PostId, TerminalId};
use domain::office::{RoleKey, holder_at, ist};
use domain::terminal_check::{self, Cause, Known, Need, Report, Verdict, verdict};
use domain::text::Bilingual;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::ManageError;
use crate::app::Desk;
use crate::app::desk::{from_store, settled};
use crate::audit::{self, By, Line};
use crate::auth::policy::{Act, Object, allows};
use crate::auth::{Actor, Terminal};
use crate::limits;
use crate::store::terminal::TerminalRow;
use crate::store::{Connection, StoreError, call, cause_list, office, terminal, terminal_check as rows};

/// A terminal that is red.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Red {
    /// Which.
    pub id: TerminalId,
    /// Who needs it, and when.
    pub need: Need,
    /// What its post is called.
    pub title: Bilingual,
    /// What is wrong: at least one thing.
    pub causes: Vec<Cause>,
    /// Since when.
    pub since: Timestamp,
}

/// How the terminals stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Since when reports of this day are wanted; nothing on a day on which none are.
    pub wanted_since: Option<Timestamp>,
    /// Those with which all is well.
    pub green: usize,
    /// Those that have not answered yet.
    pub checking: usize,
    /// The others, by who needs them first.
    pub reds: Vec<Red>,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// None is wanted of this terminal now.
    #[error("no report is wanted of this terminal")]
    Unasked,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(CheckError);

/// The day in India.
pub(super) fn day_of(now: Timestamp) -> Date {
    now.to_zoned(ist()).date()
}

/// Is a report of this terminal wanted now?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_wanted(desk: &Desk, who: &Terminal) -> Result<bool, StoreError> {
    let mut connection = desk.store.read().await?;
    let since = rows::of_day(&mut connection, day_of(desk.now())).await?.wanted_since();
    if since.is_none() {
        return Ok(false);
    }
    let last = rows::last(&mut connection, &who.id).await?;
    Ok(terminal_check::is_wanted(since, last.map(|(report, _)| report.at)))
}

/// Takes a terminal's report of itself; it stands in the place of an earlier one of this day.
///
/// # Errors
/// [`CheckError`].
pub async fn report(desk: &Desk, who: &Terminal, report: &Report) -> Result<(), CheckError> {
    settled(|| once(desk, who, report)).await
}

async fn once(desk: &Desk, who: &Terminal, report: &Report) -> Result<(), CheckError> {
    let day = day_of(report.at);
    let mut tx = desk.store.write().await?;
    let since = rows::of_day(&mut tx, day).await?.wanted_since();
    let last = rows::last(&mut tx, &who.id).await?;
    if !terminal_check::is_wanted(since, last.as_ref().map(|(last, _)| last.at)) {
        return Err(CheckError::Unasked);
    }
    let red_since = report.red_since(last.and_then(|(_, red_since)| red_since));
    rows::put(&mut tx, (&who.id, day), (report, red_since)).await?;
    let causes: Vec<&str> = report.causes().iter().map(|cause| cause.code()).collect();
    let detail = if causes.is_empty() { "green".to_owned() } else { format!("red={}", causes.join(",")) };
    let by = By::Terminal(who.id.clone(), who.post.clone());
    let line = Line { by, act: "terminal.check", object: who.id.as_str(), detail };
    audit::append(&mut tx, line, report.at).await?;
    Ok(tx.commit().await?)
}

/// Asks all terminals to check themselves now.
///
/// # Errors
/// [`ManageError`].
pub async fn ask(desk: &Desk, actor: &Actor) -> Result<(), ManageError> {
    allows(actor, Act::ManageTerminals, &Object::House)?;
    settled(|| ask_once(desk, actor)).await
}

async fn ask_once(desk: &Desk, actor: &Actor) -> Result<(), ManageError> {
    let now = desk.now();
    let (day, before) = (day_of(now), now - SignedDuration::from_secs(limits::TERMINAL_ASK_SECONDS));
    let mut tx = desk.store.write().await?;
    if !rows::ask(&mut tx, day, (now, before)).await? {
        return Ok(());
    }
    let (by, object) = (actor.by(None), day.to_string());
    let line = Line { by, act: "terminal.ask", object: &object, detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// How the terminals stand now.
///
/// # Errors
/// [`ManageError`].
pub async fn state(desk: &Desk, actor: &Actor) -> Result<State, ManageError> {
    allows(actor, Act::ManageTerminals, &Object::House)?;
    let mut connection = desk.store.read().await?;
    Ok(read(&mut connection, desk.now()).await?)
}

/// The same for whoever asks in the name of the house.
pub(super) async fn read(connection: &mut Connection, now: Timestamp) -> Result<State, StoreError> {
    let day = day_of(now);
    let wanted_since = rows::of_day(connection, day).await?.wanted_since();
    if wanted_since.is_none() {
        return Ok(State::default());
    }
    let reports = rows::all_of_day(connection, day).await?;
    let posts = office::posts(connection).await?;
    let roles: BTreeMap<&PostId, RoleKey> = posts.iter().map(|post| (&post.id, post.role)).collect();
    let history = office::incumbencies(connection).await?;
    let inside = call::devices_inside(connection).await?;
    let end = day.saturating_add(1.day()).to_zoned(ist()).map_or(Timestamp::MAX, |at| at.timestamp());
    let firsts = cause_list::first_at_terminals(connection, (now, end)).await?;
    let mut state = State { wanted_since, ..State::default() };
    for row in terminal::all(connection, limits::TERMINALS_MAX).await? {
        let report = reports.get(&row.id).map(|(report, red_since)| (report, *red_since));
        let known = Known {
            is_held: holder_at(&history, &row.post, now).is_some(),
            is_in_call: is_inside(&inside, &row),
            enrolled_at: row.enrolled_at,
            seen_at: row.seen_at,
            wanted_since,
            report,
        };
        match verdict(&known, now) {
            Verdict::Resting => {}
            Verdict::Checking => state.checking += 1,
            Verdict::Green => state.green += 1,
            Verdict::Red { causes, since } => {
                let Some(role) = roles.get(&row.post).copied() else { continue };
                let first = firsts.get(&row.post).copied();
                let need = Need { first, role, post: row.post, device: row.device };
                state.reds.push(Red { id: row.id, need, title: row.title, causes, since });
            }
        }
    }
    state.reds.sort_by(|a, b| a.need.place().cmp(&b.need.place()));
    Ok(state)
}

fn is_inside(inside: &[(PostId, Device)], row: &TerminalRow) -> bool {
    inside.iter().any(|(post, device)| *post == row.post && *device == row.device)
}
