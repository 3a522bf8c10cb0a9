//! The day's list of a gate, and what a shown pass or a typed reference is worth today.

use domain::id::{AppointmentId, PostId};
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::app::Desk;
use crate::app::queue::day_of;
use crate::auth::Actor;
use crate::auth::gate_pass::GateKey;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::{StoreError, gate, office, party};

/// Somebody who is expected today: one who booked, or one who comes along.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The appointment.
    pub appointment: AppointmentId,
    /// 0 for the one who booked.
    pub seat: u32,
    /// The number that people say.
    pub reference: String,
    /// The SEQUENCE of good passes.
    pub sequence: u32,
    /// Whom he visits.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// When.
    pub starts_at: Timestamp,
    /// Who.
    pub name: String,
    /// His number in the queue.
    pub number: Option<u32>,
    /// When he went in last.
    pub went_in: Option<Timestamp>,
    /// When he came out last.
    pub came_out: Option<Timestamp>,
}

/// The list of a day.
#[derive(Debug, Clone)]
pub struct GateList {
    /// Which day.
    pub day: Date,
    /// The public point of the passes' key.
    pub key: Vec<u8>,
    /// Everybody who is expected, by time.
    pub visitors: Vec<Visitor>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a pass of this house, and no reference number of today.
    Unknown,
    /// A pass for another day.
    OtherDay,
    /// The appointment was taken back, or is not in this building.
    Withdrawn,
    /// The appointment has another time now; the pass is of the old one.
    Moved,
    /// This seat was given up.
    GivenUp,
}

/// What a gate sees.
pub type Checked = Result<Visitor, Refusal>;

/// Today's list of the gate from whose post `actor` acts.
///
/// # Errors
/// [`Denied`] for anybody else, or [`StoreError`] from the database.
pub async fn list(desk: &Desk, actor: &Actor) -> Result<Result<GateList, Denied>, StoreError> {
    if let Err(denied) = allows(actor, Act::KeepGate, &Object::House) {
        return Ok(Err(denied));
    }
    let Some(staff) = actor.staff() else { return Ok(Err(Denied::SignInFirst)) };
    let (day, bounds) = day_of(desk.now());
    let mut connection = desk.store.read().await?;
    let Some(post) = office::post(&mut connection, &staff.post).await? else {
        return Ok(Err(Denied::Forbidden));
    };
    let span = (day, bounds.0, bounds.1);
    let rows = gate::visitors(&mut connection, &post.body, span, limits::GATE_LIST_MAX).await?;
    let seats = party::between(&mut connection, bounds).await?;
    let passages = gate::marks(&mut connection, bounds, limits::GATE_MARKS_OF_DAY_MAX).await?;
    drop(connection);
    let mut visitors = Vec::with_capacity(rows.len() + seats.len());
    for row in rows {
        let along = seats.iter().filter(|seat| seat.appointment == row.appointment);
        let others: Vec<(u32, String)> = along.map(|seat| (seat.seat, seat.name.clone())).collect();
        for (seat, name) in std::iter::once((0, row.name.clone())).chain(others) {
            let last = |way: &str| {
                let own = passages.iter().filter(|(id, place, ..)| *id == row.appointment && *place == seat);
                own.filter(|(_, _, one, _)| one == way).map(|(.., at)| *at).next_back()
            };
            visitors.push(Visitor {
                appointment: row.appointment.clone(),
                seat,
                reference: row.reference.clone(),
                sequence: row.sequence,
                post: row.post.clone(),
                title: row.title.clone(),
                starts_at: row.starts_at,
                name,
                number: row.number,
                went_in: last("in"),
                came_out: last("out"),
            });
        }
    }
    let key = GateKey::of(&desk.settings.link_key).public_point().to_vec();
    Ok(Ok(GateList { day, key, visitors }))
}

/// What a shown pass, or a typed reference number, is worth by this list.
///
/// # Errors
/// [`Refusal`].
pub fn check(desk: &Desk, list: &GateList, shown: &str) -> Checked {
    let shown = shown.trim();
    if let Some(pass) = GateKey::of(&desk.settings.link_key).read(shown) {
        if pass.day != list.day {
            return Err(Refusal::OtherDay);
        }
        let mut own = list.visitors.iter().filter(|one| one.appointment == pass.appointment).peekable();
        let first = own.peek().ok_or(Refusal::Withdrawn)?;
        if first.sequence != pass.sequence || first.post != pass.post {
            return Err(Refusal::Moved);
        }
        return own.find(|one| one.seat == pass.seat).cloned().ok_or(Refusal::GivenUp);
    }
    let wanted: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
    let bare = |reference: &str| reference.replace('-', "");
    let found = list.visitors.iter().find(|one| bare(&one.reference).eq_ignore_ascii_case(&wanted));
    found.cloned().ok_or(Refusal::Unknown)
}
