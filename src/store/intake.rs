//! New appointments, many in one transaction: a statement a table, whatever their number.
//!
//! The unique keys decide here as for a single one: whoever does not get every cell of his slot is taken out again, with
//! all that was written for him.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::{Cell, Slot};
use domain::id::{AppointmentId, MeetingId, NoticeId, PersonId, PostId, SessionId};
use domain::notice::Notice;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use super::appointment::AppointmentRow;
use super::audit::AuditRow;
use super::citizen::CitizenRow;
use super::dialect::rows_of_places;
use super::{Connection, StoreError, Tx, appointment, notice};

/// All that is written for one new appointment.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its row.
    pub row: AppointmentRow,
    /// Who comes, where that is known.
    pub citizen: Option<CitizenRow>,
    /// Who holds the post at that time.
    pub person: Option<PersonId>,
    /// When its claim lapses.
    pub lapses_at: Option<Timestamp>,
    /// The citizen's device, which is let in.
    pub device: Option<Device>,
    /// Its links: the hash of a token and its purpose each.
    pub links: Vec<(String, &'static str)>,
    /// Its meeting, once it is fixed.
    pub meeting: Option<MeetingId>,
    /// What is told.
    pub notices: Vec<(NoticeId, String, Notice)>,
    /// The line of the audit chain, with its id.
    pub line: (String, AuditRow),
}

/// A citizen's device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its session.
    pub session: SessionId,
    /// The hash of a new session's token, and until when it is good; none for a session that is there already.
    pub fresh: Option<(String, Timestamp)>,
}

impl Entry {
    const fn id(&self) -> &AppointmentId {
        &self.row.rules.id
    }

    const fn post(&self) -> &PostId {
        &self.row.rules.post
    }

    const fn slot(&self) -> Slot {
        self.row.rules.slot
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It stands once the transaction is committed.
    Stands,
    /// Somebody has the time.
    Taken,
    /// Somebody of the same transaction stood in its way and was taken out himself: try again.
    Again,
    /// Its reference number is another's: draw another and try again.
    ReferenceTaken,
}

/// Writes new appointments.
///
/// * `entries`: at most [`crate::limits::INTAKE_MAX`].
/// * returns: what became of each, in their order.
///
/// # Errors
/// [`StoreError`] from the database; the transaction must be dropped then.
pub async fn enter(tx: &mut Tx, entries: &[&Entry], now: Timestamp) -> Result<Vec<Entered>, StoreError> {
    for entry in entries {
        tx.touch_diary(entry.post(), entry.person.as_ref());
    }
    drop_lapsed(tx, now).await?;
    insert_citizens(tx, entries, now).await?;
    let written = appointment::insert_many(tx, entries.iter().map(|entry| &entry.row)).await?;
    let of_reference = |entry: &&&Entry| written.contains(entry.id().as_str());
    let named: Vec<&Entry> = entries.iter().filter(of_reference).copied().collect();
    let got = claim(tx, &named).await?;
    let outcomes: Vec<Entered> =
        entries
            .iter()
            .map(|entry| {
                if written.contains(entry.id().as_str()) { got[entry.id()] } else { Entered::ReferenceTaken }
            })
            .collect();
    let with = |stands: bool| {
        let pairs = entries.iter().zip(&outcomes);
        pairs
            .filter(move |(_, got)| (**got == Entered::Stands) == stands)
            .map(|(entry, _)| *entry)
            .collect::<Vec<_>>()
    };
    take_out(tx, &with(false)).await?;
    let standing = with(true);
    insert_sessions(tx, &standing, now).await?;
    insert_links(tx, &standing, now).await?;
    insert_meetings(tx, &standing).await?;
    let told: Vec<_> = standing.iter().flat_map(|entry| entry.notices.iter().cloned()).collect();
    notice::insert_many(tx, &told, now).await?;
    insert_lines(tx, &standing).await?;
    Ok(outcomes)
}

type Values<'q> = Query<'q, sqlx::Any, AnyArguments>;

/// One statement for many rows; none for no rows.
async fn insert<'q, T>(
    connection: &mut Connection,
    (into, after): (&str, &str),
    (rows, columns): (&'q [T], usize),
    bind: impl Fn(Values<'q>, &'q T) -> Values<'q>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = format!("insert into {into} values {} {after}", rows_of_places(rows.len(), columns));
    // Its length differs from batch to batch: kept prepared it would only push others out.
    let query = rows.iter().fold(sqlx::query(AssertSqlSafe(text)).persistent(false), bind);
    query.execute(connection).await?;
    Ok(())
}

async fn drop_lapsed(connection: &mut Connection, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("delete from claim_cell where expires_at_ms <= $1")
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_citizens(
    connection: &mut Connection,
    entries: &[&Entry],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows: Vec<&CitizenRow> = entries.iter().filter_map(|entry| entry.citizen.as_ref()).collect();
    let into = ("citizen (id, name, mobile, mail, created_at_ms)", "");
    insert(connection, into, (&rows, 5), |query, row| {
        let query = query.bind(row.id.as_str()).bind(&row.name).bind(&row.mobile).bind(row.mail.as_deref());
        query.bind(now.as_millisecond())
    })
    .await
}

/// A cell of a post or of a person.
type Key<'a> = (&'a str, Cell);

/// Claims the cells of all of them in one statement, and says who got every one of his own.
async fn claim<'a>(
    connection: &mut Connection,
    entries: &[&'a Entry],
) -> Result<BTreeMap<&'a AppointmentId, Entered>, StoreError> {
    let cells: Vec<(&Entry, Cell)> =
        entries.iter().flat_map(|entry| entry.slot().cells().map(|cell| (*entry, cell))).collect();
    if cells.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!(
        "insert into claim_cell (post_id, cell, person_id, appointment_id, expires_at_ms) values {} \
         on conflict do nothing returning appointment_id, cell",
        rows_of_places(cells.len(), 5)
    );
    let mut query = sqlx::query_as(AssertSqlSafe(text)).persistent(false);
    for (entry, cell) in &cells {
        query = query.bind(entry.post().as_str()).bind(cell.0);
        query = query.bind(entry.person.as_ref().map(PersonId::as_str)).bind(entry.id().as_str());
        query = query.bind(entry.lapses_at.map(Timestamp::as_millisecond));
    }
    let got: Vec<(String, i64)> = query.fetch_all(connection).await?;
    let got: BTreeSet<(&str, i64)> = got.iter().map(|(id, cell)| (id.as_str(), *cell)).collect();
    let has = |entry: &Entry, cell: Cell| got.contains(&(entry.id().as_str(), cell.0));
    let stands = |entry: &Entry| entry.slot().cells().all(|cell| has(entry, cell));
    // What those hold who are taken out again: it stood in the way of others, and is free in a moment.
    let mut passing: BTreeSet<Key<'_>> = BTreeSet::new();
    for (entry, cell) in cells.iter().filter(|(entry, cell)| has(entry, *cell) && !stands(entry)) {
        passing.insert((entry.post().as_str(), *cell));
        passing.extend(entry.person.as_ref().map(|person| (person.as_str(), *cell)));
    }
    let was_in_passing = |entry: &Entry| {
        let missing = entry.slot().cells().filter(|cell| !has(entry, *cell));
        let whose = [Some(entry.post().as_str()), entry.person.as_ref().map(PersonId::as_str)];
        missing.into_iter().any(|cell| whose.iter().flatten().any(|key| passing.contains(&(*key, cell))))
    };
    let outcome = |entry: &Entry| match () {
        () if stands(entry) => Entered::Stands,
        () if was_in_passing(entry) => Entered::Again,
        () => Entered::Taken,
    };
    Ok(entries.iter().map(|entry| (entry.id(), outcome(entry))).collect())
}

/// Takes out again what was written for those who do not stand.
async fn take_out(connection: &mut Connection, entries: &[&Entry]) -> Result<(), StoreError> {
    let citizens: Vec<&str> =
        entries.iter().filter_map(|entry| entry.citizen.as_ref()).map(|row| row.id.as_str()).collect();
    let appointments: Vec<&str> = entries.iter().map(|entry| entry.id().as_str()).collect();
    let of = [
        ("claim_cell", "appointment_id", &appointments),
        ("appointment", "id", &appointments),
        ("citizen", "id", &citizens),
    ];
    for (table, column, ids) in of.into_iter().filter(|(_, _, ids)| !ids.is_empty()) {
        let text = format!("delete from {table} where {column} in {}", rows_of_places(1, ids.len()));
        let query =
            ids.iter().fold(sqlx::query(AssertSqlSafe(text)).persistent(false), |query, id| query.bind(*id));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_sessions(
    connection: &mut Connection,
    entries: &[&Entry],
    now: Timestamp,
) -> Result<(), StoreError> {
    let devices: Vec<(&SessionId, &AppointmentId, Option<&(String, Timestamp)>)> = entries
        .iter()
        .filter_map(|entry| {
            entry.device.as_ref().map(|device| (&device.session, entry.id(), device.fresh.as_ref()))
        })
        .collect();
    let fresh: Vec<(&SessionId, &(String, Timestamp))> =
        devices.iter().filter_map(|(session, _, fresh)| fresh.map(|fresh| (*session, fresh))).collect();
    let into = ("session (id, token_hash, kind, created_at_ms, expires_at_ms)", "");
    insert(connection, into, (&fresh, 5), |query, (session, (hash, until))| {
        let query = query.bind(session.as_str()).bind(hash).bind("citizen").bind(now.as_millisecond());
        query.bind(until.as_millisecond())
    })
    .await?;
    let into = ("session_appointment (session_id, appointment_id)", "on conflict do nothing");
    insert(connection, into, (&devices, 2), |query, (session, appointment, _)| {
        query.bind(session.as_str()).bind(appointment.as_str())
    })
    .await
}

async fn insert_links(
    connection: &mut Connection,
    entries: &[&Entry],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows: Vec<(&str, &str, &AppointmentId)> = entries
        .iter()
        .flat_map(|entry| entry.links.iter().map(|(hash, purpose)| (hash.as_str(), *purpose, entry.id())))
        .collect();
    let into = ("link (token_hash, purpose, appointment_id, created_at_ms)", "on conflict do nothing");
    insert(connection, into, (&rows, 4), |query, (hash, purpose, id)| {
        query.bind(*hash).bind(*purpose).bind(id.as_str()).bind(now.as_millisecond())
    })
    .await
}

async fn insert_meetings(connection: &mut Connection, entries: &[&Entry]) -> Result<(), StoreError> {
    let rows: Vec<(&MeetingId, &Entry)> =
        entries.iter().filter_map(|entry| entry.meeting.as_ref().map(|meeting| (meeting, *entry))).collect();
    let into = ("meeting (id, appointment_id, post_id, state)", "on conflict (appointment_id) do nothing");
    insert(connection, into, (&rows, 4), |query, (meeting, entry)| {
        query.bind(meeting.as_str()).bind(entry.id().as_str()).bind(entry.post().as_str()).bind("planned")
    })
    .await
}

async fn insert_lines(connection: &mut Connection, entries: &[&Entry]) -> Result<(), StoreError> {
    let rows: Vec<&(String, AuditRow)> = entries.iter().map(|entry| &entry.line).collect();
    let into = ("audit_open (id, at_ms, actor, act, object, detail)", "");
    insert(connection, into, (&rows, 6), |query, (id, row)| {
        let query = query.bind(id).bind(row.at_ms).bind(&row.actor).bind(&row.act);
        query.bind(&row.object).bind(&row.detail)
    })
    .await
}
