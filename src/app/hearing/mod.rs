//! Hearing grievances: a case is entered, called, both parties are marked, the order is written and read, and the hearing is
//! closed with what follows from it. One act a step; the rules are `domain::hearing`.

mod call;
mod changed;
mod close;
mod day;
mod enter;
mod mark;
mod order;
mod pending;
mod read;

use domain::hearing::{HearingError, Limit};
use domain::id::{AppointmentId, PostId};
use domain::office::{Calendar, RoleKey, WorkingWeek, ist};
use jiff::Timestamp;
use jiff::civil::Date;

pub use call::call;
pub(in crate::app) use changed::{Stays, leaves_room, tell_changed};
pub use close::{Next, Wish, close};
pub use day::{DayList, Line, day};
pub use enter::{Entry, enter};
pub use mark::mark;
pub use order::write;
pub use pending::{Pending, take_over};
pub use read::{Earlier, Entered, Shown, hears, notice_object, object, shown};

use super::carry_out::Case;
use super::desk::from_store;
use super::outcome::OutcomeError;
use super::queue::TurnError;
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::store::hearing::{self, HearingRow};
use crate::store::office::PostRow;
use crate::store::{Connection, StoreError, office, sound};

/// Why a step was not made.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Not this person's hearing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such hearing.
    #[error("there is no such hearing")]
    Unknown,
    /// The case was not entered yet.
    #[error("the case is not entered yet")]
    NotEntered,
    /// The day of filing is ahead, after the day of the hearing or too long ago.
    #[error("that is no day of filing")]
    Filed,
    /// The case was heard before: its number and its day of filing stand.
    #[error("the number and the day of filing stand since the first hearing")]
    Standing,
    /// The authority is no post, or it is the one that hears.
    #[error("that is no authority")]
    Authority,
    /// The rules of a hearing say no.
    #[error(transparent)]
    Refused(#[from] HearingError),
    /// Somebody else is inside with the officer.
    #[error("somebody else is inside")]
    Occupied,
    /// It was marked as often as may be.
    #[error("it was marked as often as may be")]
    TooOften,
    /// No time is free then.
    #[error("no time is free then")]
    NotFree,
    /// Somebody else made a step meanwhile; look again.
    #[error("somebody else made a step at the same moment")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(StepError);

impl From<TurnError> for StepError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Store(error) => Self::Store(error),
            _ => Self::Occupied,
        }
    }
}

impl From<OutcomeError> for StepError {
    fn from(error: OutcomeError) -> Self {
        match error {
            OutcomeError::Store(error) => Self::Store(error),
            _ => Self::NotFree,
        }
    }
}

/// A case with everything that a step needs.
pub(super) struct Listed {
    case: Case,
    row: HearingRow,
}

impl Listed {
    /// Reads it and asks the policy.
    async fn read(
        connection: &mut Connection,
        (actor, act): (&Actor, Act),
        id: &AppointmentId,
    ) -> Result<Self, StepError> {
        let case = Case::read(connection, id).await?.ok_or(StepError::Unknown)?;
        allows(actor, act, &Object::Post(case.post.id.clone()))?;
        if !is_hearing(&case) {
            return Err(StepError::Unknown);
        }
        let row = hearing::of(connection, id).await?.ok_or(StepError::NotEntered)?;
        Ok(Self { case, row })
    }
}

/// Is this an appointment at which a grievance is heard: fixed, and with an officer who hears?
fn is_hearing(case: &Case) -> bool {
    case.post.role == RoleKey::GrievanceOfficer
        && case.row.rules.state == domain::diary::AppointmentState::Confirmed
}

/// The day in India.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(ist()).date()
}

/// The calendar by which a post's office reckons its limits.
async fn calendar(
    connection: &mut Connection,
    post: &PostRow,
) -> Result<(Calendar, WorkingWeek), StoreError> {
    let body = sound(office::body(connection, &post.body).await?, "post", "body")?;
    let holidays = office::holidays_for(connection, &post.body).await?;
    Ok((Calendar::new(holidays), domain::hearing::week_of(body.kind)))
}

fn limit_of(filed: Date, (calendar, week): &(Calendar, WorkingWeek)) -> Result<Limit, StoreError> {
    sound(Limit::of(filed, calendar, *week), "hearing", "day of filing")
}

/// The address of the authority's own slip.
fn notice_url(desk: &super::Desk, id: &AppointmentId) -> String {
    format!("{}/hearing/{id}/notice", desk.settings.public_url)
}

/// The post of the authority.
async fn authority(connection: &mut Connection, post: &PostId) -> Result<PostRow, StoreError> {
    sound(office::post(connection, post).await?, "hearing", "authority")
}
