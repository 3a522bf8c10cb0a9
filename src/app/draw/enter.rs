//! Entering a draw: by the booking's own form and code. An entry keeps no time, and one number enters once.

use domain::diary::{Appointment, AppointmentState};
use domain::id::{AppointmentId, DrawId, SessionId};
use domain::notice::Language;
use jiff::SignedDuration;

use crate::app::carry_out::{Case, put_links};
use crate::app::desk::{Deed, from_store, settled};
use crate::app::hold::{self, Held};
use crate::app::{Desk, session};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::draw;
use crate::store::{StoreError, Tx, appointment};

/// Why nobody entered.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// There is no such draw.
    #[error("there is no such draw")]
    Unknown,
    /// Entries are not taken yet, or no more.
    #[error("the draw takes no entries now")]
    Closed,
    /// As many have entered as may.
    #[error("the draw is full")]
    Full,
    /// This device has as many unfinished forms as one may.
    #[error("too many forms are unfinished on this device")]
    TooManyHolds,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(EnterError);

/// Begins an entry: the form of a booking follows, and its code makes the entry count.
///
/// # Errors
/// [`EnterError`].
pub async fn begin(
    desk: &Desk,
    known: Option<&SessionId>,
    id: &DrawId,
    language: Language,
) -> Result<Held, EnterError> {
    settled(|| begin_once(desk, known, id, language)).await
}

async fn begin_once(
    desk: &Desk,
    known: Option<&SessionId>,
    id: &DrawId,
    language: Language,
) -> Result<Held, EnterError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = draw::by_id(&mut tx, id).await?.ok_or(EnterError::Unknown)?;
    if now < row.opens_at || now >= row.closes_at {
        return Err(EnterError::Closed);
    }
    if let Some(session) = known
        && appointment::live_holds_of(&mut tx, session, now).await? >= limits::HOLDS_PER_SESSION_MAX
    {
        return Err(EnterError::TooManyHolds);
    }
    if draw::entries(&mut tx, id).await?.len() >= limits::DRAW_ENTRIES_MAX {
        return Err(EnterError::Full);
    }
    let times = draw::times(&mut tx, id).await?;
    let slot = times.first().copied().ok_or(EnterError::Unknown)?;
    let rules = Appointment {
        id: AppointmentId::fresh(now, desk.random.bytes()),
        post: row.post,
        state: AppointmentState::Held,
        slot,
        proposed: Vec::new(),
        sequence: 0,
        hold_expires_at: Some(now + SignedDuration::from_mins(limits::HOLD_MINUTES)),
    };
    let entry = hold::write_down(desk, &mut tx, rules, language).await?;
    draw::begin_entry(&mut tx, id, &entry).await?;
    let (session, cookie) = session::let_in(desk, &mut tx, known, &entry).await?;
    let detail = format!("draw={id}");
    let line = Line { by: By::Citizen(session), act: "draw.begin", object: entry.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Held { appointment: entry, cookie })
}

/// Makes the entry count whose code was right, if this appointment is one.
///
/// * returns: `None` for what is no entry; `Some(false)` when the list is closed already.
pub(in crate::app) async fn count_in(
    desk: &Desk,
    tx: &mut Tx,
    case: &mut Case,
    by: By,
) -> Result<Option<bool>, StoreError> {
    let now = desk.now();
    let id = case.row.rules.id.clone();
    let Some((draw_id, counts)) = draw::of_entry(tx, &id).await? else { return Ok(None) };
    if counts {
        return Ok(Some(true));
    }
    let Some(row) = draw::by_id(tx, &draw_id).await? else { return Ok(Some(false)) };
    if now >= row.closes_at {
        put_links(&mut Deed { desk, tx, now }, &id).await?;
        return Ok(Some(false));
    }
    let mobile = case.booked_by()?.mobile.clone();
    let person = desk.settings.link_key.sealed(&format!("draw|{draw_id}"), &mobile);
    let is_first = draw::enter(tx, (&draw_id, &id), &person, now).await?;
    let detail = format!("draw={draw_id} first={}", u8::from(is_first));
    audit::append(tx, Line { by, act: "draw.enter", object: id.as_str(), detail }, now).await?;
    put_links(&mut Deed { desk, tx, now }, &id).await?;
    if is_first {
        // It waits for the draw, not for ten minutes.
        let until = row.closes_at + SignedDuration::from_hours(24 * limits::DRAW_DAYS_MAX);
        case.row.rules.hold_expires_at = Some(until);
        appointment::update(tx, &case.row, now).await?;
        case.row.version += 1;
    }
    Ok(Some(is_first))
}
