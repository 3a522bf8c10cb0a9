//! Who went in or out. A mark may come hours late from a gate without a line, and twice; it counts once.

use domain::id::{AppointmentId, PostId};
use jiff::{SignedDuration, Timestamp};

use crate::app::Desk;
use crate::app::desk::{Deed, from_store, settled};
use crate::app::queue::Sheet;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::{StoreError, appointment, gate, office};

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Into the building.
    In,
    /// Out of it.
    Out,
}

impl Way {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// Reads a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::In, Self::Out].into_iter().find(|way| way.code() == code)
    }
}

/// One time through a gate.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Made at the gate; a mark with the same id is the same mark.
    pub id: String,
    /// Whose appointment.
    pub appointment: AppointmentId,
    /// Which of those who come together.
    pub seat: u32,
    /// Which way.
    pub way: Way,
    /// When, by the gate's clock.
    pub at: Timestamp,
}

/// Why a mark was not written.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// Not a gate's session.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such appointment.
    #[error("there is no such appointment")]
    Unknown,
    /// The id is no id, or the time is not of the last two days.
    #[error("the mark's id or time cannot be right")]
    Malformed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(MarkError);

/// Writes a mark, and says in the queue that whoever went in is here.
///
/// * returns: whose queue has changed; `None` when none has.
///
/// # Errors
/// [`MarkError`].
pub async fn mark(desk: &Desk, actor: &Actor, mark: &Mark) -> Result<Option<PostId>, MarkError> {
    allows(actor, Act::KeepGate, &Object::House)?;
    let now = desk.now();
    let is_id = (8..=limits::GATE_MARK_ID_CHARS_MAX).contains(&mark.id.len())
        && mark.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_recent =
        (now - SignedDuration::from_hours(48)..=now + SignedDuration::from_mins(10)).contains(&mark.at);
    if !is_id || !is_recent {
        return Err(MarkError::Malformed);
    }
    settled(|| mark_once(desk, actor, mark)).await
}

async fn mark_once(desk: &Desk, actor: &Actor, mark: &Mark) -> Result<Option<PostId>, MarkError> {
    let now = desk.now();
    let staff = actor.staff().ok_or(Denied::SignInFirst)?;
    let mut tx = desk.store.write().await?;
    let row = appointment::by_id(&mut tx, &mark.appointment).await?.ok_or(MarkError::Unknown)?;
    let written = gate::MarkRow {
        id: mark.id.clone(),
        gate: staff.post.clone(),
        appointment: mark.appointment.clone(),
        seat: mark.seat,
        way: mark.way.code(),
        at: mark.at,
    };
    if !gate::insert_mark(&mut tx, &written, now).await? {
        return Ok(None);
    }
    let mut changed = None;
    if mark.way == Way::In {
        let post = office::post(&mut tx, &row.rules.post).await?.ok_or(MarkError::Unknown)?;
        let mut deed = Deed { desk, tx: &mut tx, now };
        let mut sheet = Sheet::take(&mut deed, &post).await?;
        if let Some(number) = sheet.number_of(&mark.appointment) {
            // Whoever is here already, or has been heard, stays where he stands.
            let _ = sheet.queue.arrive(number, mark.at.min(now));
        }
        changed = (sheet.write(&mut deed).await? > 0).then_some(post.id);
    }
    let detail = format!("way={} seat={}", mark.way.code(), mark.seat);
    let line = Line { by: actor.by(None), act: "gate.mark", object: mark.appointment.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(changed)
}
