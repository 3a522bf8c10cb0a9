//! People who come together: a group that brings a petition with one who speaks for it, or a hearing with a seat for
//! each. Everybody has a link and a gate pass of his own; one may give his seat up, and the others stay.

use domain::diary::AppointmentState;
use domain::id::AppointmentId;
use domain::text::PersonName;

use super::carry_out::Case;
use super::desk::{Deed, from_store, settled};
use super::slip::Slip;
use super::{Desk, slip};
use crate::audit::{self, By, Line};
use crate::auth::token::{self, Purpose};
use crate::limits;
use crate::store::StoreError;
use crate::store::party::{self, SeatRow};

/// One who comes along.
#[derive(Debug, Clone)]
pub struct Seat {
    /// From 1 on.
    pub seat: u32,
    /// Who.
    pub name: String,
    /// Has he said that he does not come?
    pub is_given_up: bool,
    /// The token of his page.
    pub token: String,
}

/// Why the people were not written down.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// The link opens nothing.
    #[error("the link opens nothing")]
    UnknownLink,
    /// The appointment is not fixed.
    #[error("the appointment is not fixed")]
    NotFixed,
    /// Nobody was named, or more than may come.
    #[error("one to {} people can come along", limits::PARTY_MAX)]
    Count,
    /// A name has what does not stand in one; its line, from 1 on.
    #[error("the name in line {0} needs mending")]
    Name(usize),
    /// The people were named before.
    #[error("the people were named before")]
    NamedBefore,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(CompanyError);

/// The token of a seat's page: the same whenever it is made again.
fn seat_token(desk: &Desk, id: &AppointmentId, seat: u32) -> String {
    desk.settings.link_key.seat_link(id, seat)
}

/// Names those who come along, one a line; once.
///
/// # Errors
/// [`CompanyError`].
pub async fn name(desk: &Desk, slip_token: &str, lines: &str) -> Result<(), CompanyError> {
    let lines: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > limits::PARTY_MAX {
        return Err(CompanyError::Count);
    }
    let mut names = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        names.push(PersonName::parse(line).map_err(|_| CompanyError::Name(n + 1))?);
    }
    settled(|| name_once(desk, slip_token, &names)).await
}

async fn name_once(desk: &Desk, slip_token: &str, names: &[PersonName]) -> Result<(), CompanyError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let id = slip::opened(&mut tx, slip_token, Purpose::Slip).await?.ok_or(CompanyError::UnknownLink)?;
    let case = Case::read(&mut tx, &id).await?.ok_or(CompanyError::UnknownLink)?;
    if case.row.rules.state != AppointmentState::Confirmed {
        return Err(CompanyError::NotFixed);
    }
    for (seat, name) in (1..).zip(names) {
        let row =
            SeatRow { appointment: id.clone(), seat, name: name.as_str().to_owned(), is_given_up: false };
        let hash = token::hash(&seat_token(desk, &id, seat)).expect("a token of our own is a token");
        if !party::insert(&mut tx, &row, &hash, now).await? {
            return Err(CompanyError::NamedBefore);
        }
    }
    let detail = format!("people={}", names.len());
    let deed = Deed { desk, tx: &mut tx, now };
    let line = Line { by: By::Link(id.clone()), act: "party.name", object: id.as_str(), detail };
    audit::append(deed.tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// Those who come along with an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seats(desk: &Desk, id: &AppointmentId) -> Result<Vec<Seat>, StoreError> {
    let mut connection = desk.store.read().await?;
    let rows = party::of_appointment(&mut connection, id).await?;
    Ok(rows.into_iter().map(|row| seat_of(desk, row)).collect())
}

fn seat_of(desk: &Desk, row: SeatRow) -> Seat {
    let token = seat_token(desk, &row.appointment, row.seat);
    Seat { seat: row.seat, name: row.name, is_given_up: row.is_given_up, token }
}

/// The seat that a link opens, with the slip of its appointment as whoever booked reads it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_link(desk: &Desk, shown: &str) -> Result<Option<(Seat, Slip)>, StoreError> {
    let Some(hash) = token::hash(shown) else { return Ok(None) };
    let mut connection = desk.store.read().await?;
    let Some(row) = party::by_token(&mut connection, &hash).await? else { return Ok(None) };
    drop(connection);
    let own = desk.settings.link_key.link(Purpose::Slip, &row.appointment);
    let Some(slip) = slip::slip(desk, &own).await? else { return Ok(None) };
    Ok(Some((seat_of(desk, row), slip)))
}

/// Gives one seat up. Giving it up twice is giving it up once.
///
/// # Errors
/// [`CompanyError`].
pub async fn give_up(desk: &Desk, shown: &str) -> Result<(), CompanyError> {
    settled(|| give_up_once(desk, shown)).await
}

async fn give_up_once(desk: &Desk, shown: &str) -> Result<(), CompanyError> {
    let hash = token::hash(shown).ok_or(CompanyError::UnknownLink)?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = party::by_token(&mut tx, &hash).await?.ok_or(CompanyError::UnknownLink)?;
    if !party::give_up(&mut tx, &row).await? {
        return Ok(());
    }
    let (by, detail) = (By::Link(row.appointment.clone()), format!("seat={}", row.seat));
    let line = Line { by, act: "party.give_up", object: row.appointment.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}
