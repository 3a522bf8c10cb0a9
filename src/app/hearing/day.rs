//! The hearings of one day of a post: its cause list with names, for its office, and what is exported of it.

use domain::id::PostId;
use domain::office::{RoleKey, ist};
use domain::text::Bilingual;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{Shown, StepError, read};
use crate::app::Desk;
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::limits;
use crate::store::{hearing, office};

/// A day's hearings.
#[derive(Debug, Clone)]
pub struct DayList {
    /// The post that hears.
    pub title: Bilingual,
    /// The day.
    pub day: Date,
    /// By time.
    pub lines: Vec<Line>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number on the list, from 1 on.
    pub number: usize,
    /// The hearing, without its record.
    pub hearing: Shown,
}

/// The hearings of a day, for the office of the post.
///
/// # Errors
/// [`StepError::Denied`] for whom they are not, [`StepError::Unknown`] for a post that hears no grievances.
pub async fn day(desk: &Desk, actor: &Actor, of: (&PostId, Date)) -> Result<DayList, StepError> {
    let (post, day) = of;
    allows(actor, Act::ReadHearings, &Object::Post(post.clone()))?;
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = office::post(&mut connection, post).await?;
    let row = row.filter(|row| row.role == RoleKey::GrievanceOfficer).ok_or(StepError::Unknown)?;
    let midnight = |day: Date| day.to_zoned(ist()).map_or(Timestamp::MAX, |at| at.timestamp());
    let bounds = (midnight(day), midnight(day.saturating_add(1.day())));
    let ids = hearing::listed(&mut connection, post, bounds, limits::CAUSE_LIST_MAX).await?;
    let calendar = super::calendar(&mut connection, &row).await?;
    let mut lines = Vec::with_capacity(ids.len());
    for (id, number) in ids.iter().zip(1..) {
        if let Some(hearing) = read::brief(&mut connection, (id, Some(&calendar)), now).await? {
            lines.push(Line { number, hearing });
        }
    }
    Ok(DayList { title: row.title, day, lines })
}
