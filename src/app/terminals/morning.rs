//! The morning: at 09:30 of a working day the terminals are asked, and ten minutes later whoever looks after them is told by
//! mail what is red.
//!
//! A row a day says what was done, so that of several servers one does it. When nothing is red nobody is told anything.

use domain::notice::{RedLine, What};
use domain::office::{Calendar, RoleKey, ist};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::check::{State, day_of, read};
use crate::app::desk::{Deed, FromStore, settled};
use crate::app::{Desk, tell};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::office::{self, PostRow};
use crate::store::{Connection, StoreError, sound, terminal_check as rows};

/// Asks the terminals when it is time, and tells of those that are red, each once a day.
///
/// * returns: how many posts were told.
///
/// # Errors
/// [`StoreError`] from the database.
pub(in crate::app) async fn morning(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let here = now.to_zoned(ist());
    if i32::from(here.hour()) * 60 + i32::from(here.minute()) < limits::TERMINAL_CHECK_AT_MINUTE {
        return Ok(0);
    }
    let day = day_of(now);
    let mut connection = desk.store.read().await?;
    let row = rows::of_day(&mut connection, day).await?;
    let is_late = |began: Timestamp| {
        now.duration_since(began) >= SignedDuration::from_mins(limits::TERMINAL_MAIL_AFTER_MINUTES)
    };
    match (row.morning_at, row.mailed_at) {
        (None, _) => {
            let managers = managers(&mut connection, day).await?;
            drop(connection);
            if !managers.is_empty() {
                settled(|| begin(desk, day, now)).await?;
            }
            Ok(0)
        }
        (Some(began), None) if is_late(began) => {
            drop(connection);
            Ok(settled(|| tell_once(desk, day, now)).await?)
        }
        _ => Ok(0),
    }
}

/// The posts that look after the terminals and whose offices work on this day.
async fn managers(connection: &mut Connection, day: Date) -> Result<Vec<PostRow>, StoreError> {
    let posts = office::posts(connection).await?;
    let mut at_work = Vec::new();
    for post in posts.into_iter().filter(|post| post.role == RoleKey::ItManager) {
        let body = sound(office::body(connection, &post.body).await?, "post", "body")?;
        let calendar = Calendar::new(office::holidays_for(connection, &post.body).await?);
        if calendar.works_on(domain::hearing::week_of(body.kind), day) {
            at_work.push(post);
        }
    }
    Ok(at_work)
}

async fn begin(desk: &Desk, day: Date, now: Timestamp) -> Result<(), Failed> {
    let mut tx = desk.store.write().await?;
    if !rows::begin(&mut tx, day, now).await? {
        return Ok(());
    }
    rows::forget(&mut tx, day.saturating_sub(limits::TERMINAL_REPORTS_DAYS.days())).await?;
    let object = day.to_string();
    let line = Line { by: By::House, act: "terminal.ask", object: &object, detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

async fn tell_once(desk: &Desk, day: Date, now: Timestamp) -> Result<usize, Failed> {
    let mut tx = desk.store.write().await?;
    if !rows::settle_mail(&mut tx, day, now).await? {
        return Ok(0);
    }
    let state = read(&mut tx, now).await?;
    let managers = if state.reds.is_empty() { Vec::new() } else { managers(&mut tx, day).await? };
    for post in &managers {
        let mut deed = Deed { desk, tx: &mut tx, now };
        tell::post(&mut deed, (post, format!("terminal_reds/{day}")), what(desk, &state, day)).await?;
        let detail = format!("reds={}", state.reds.len());
        let line = Line { by: By::House, act: "terminal.mail", object: post.id.as_str(), detail };
        audit::append(&mut tx, line, now).await?;
    }
    tx.commit().await?;
    Ok(managers.len())
}

fn what(desk: &Desk, state: &State, day: Date) -> What {
    let shown = limits::TERMINAL_MAIL_LINES_MAX;
    let reds = state.reds.iter().take(shown).map(|red| RedLine {
        post: red.title.clone(),
        device: red.need.device.code().to_owned(),
        first: red.need.first,
        causes: red.causes.iter().map(|cause| cause.code().to_owned()).collect(),
    });
    What::TerminalReds {
        day,
        reds: reds.collect(),
        more: state.reds.len().saturating_sub(shown),
        url: format!("{}/terminals", desk.settings.public_url),
    }
}

/// Only the database can fail here.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] StoreError);

impl FromStore for Failed {
    fn store_error(&self) -> Option<&StoreError> {
        Some(&self.0)
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> StoreError {
        failed.0
    }
}
