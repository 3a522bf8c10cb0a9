//! New appointments, many in one transaction: a statement a table, whatever their number.
//!
//! The unique keys decide here as for a single one: whoever does not get every cell of his slot is taken out again, with
//! all that was written for him.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::{Caps, Full};
use domain::diary::{Cell, Slot};
use domain::id::{AppointmentId, MeetingId, NoticeId, PersonId, PostId, SessionId};
use domain::notice::Notice;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::appointment::AppointmentRow;
use super::audit::AuditRow;
use super::cap::Room;
use super::citizen::CitizenRow;
use super::dialect::Kind::{self, Number, Text};
use super::{Connection, StoreError, Tx, appointment, audit, notice};

/// All that is written for one new appointment.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its row.
    pub row: AppointmentRow,
    /// Who comes, where that is known.
    pub citizen: Option<CitizenRow>,
    /// Who holds the post at that time.
    pub person: Option<PersonId>,
    /// The caps of the post, as its diary knows them.
    pub caps: Caps,
    /// When its claim lapses.
    pub lapses_at: Option<Timestamp>,
    /// The citizen's device, which is let in from now on.
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

/// A citizen's device that comes for the first time.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its new session.
    pub session: SessionId,
    /// The hash of the session's token.
    pub token_hash: String,
    /// Until when the session is good.
    pub until: Timestamp,
}

impl Entry {
    /// In this order entries are written, so that two batches never wait for each other.
    pub fn order(&self) -> impl Ord + use<'_> {
        (self.post(), self.slot())
    }

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
    /// A cap of the post leaves no room.
    Full(Full),
    /// Its reference number is another's: draw another and try again.
    ReferenceTaken,
}

/// The rows of a batch, each table's as one text: made before the transaction begins, so that the writer only writes.
#[derive(Debug)]
pub struct Rows {
    citizens: String,
    appointments: String,
    claims: String,
    later: Later,
}

/// Rows of those who stand, written once it is known who they are.
#[derive(Debug)]
struct Later {
    sessions: String,
    granted: String,
    links: String,
    meetings: String,
    notices: String,
    lines: String,
}

fn text(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

fn cells_of<'a>(entries: &[&'a Entry]) -> impl Iterator<Item = (&'a Entry, Cell)> {
    entries.iter().flat_map(|entry| entry.slot().cells().map(|cell| (*entry, cell)))
}

impl Rows {
    /// The rows of these entries.
    #[must_use]
    pub fn of(entries: &[&Entry], now: Timestamp) -> Self {
        let citizens = entries.iter().filter_map(|entry| entry.citizen.as_ref());
        let citizen =
            |row: &CitizenRow| json!([row.id.as_str(), row.name, row.mobile, row.mail, now.as_millisecond()]);
        Self {
            citizens: text(citizens.map(citizen)),
            appointments: text(entries.iter().map(|entry| appointment::columns(&entry.row))),
            claims: Self::claims(entries),
            later: Later::of(entries, now),
        }
    }

    fn claims(entries: &[&Entry]) -> String {
        text(cells_of(entries).map(|(entry, cell)| {
            let person = entry.person.as_ref().map(PersonId::as_str);
            let lapses = entry.lapses_at.map(Timestamp::as_millisecond);
            json!([entry.post().as_str(), cell.0, person, entry.id().as_str(), lapses])
        }))
    }
}

impl Later {
    fn of(entries: &[&Entry], now: Timestamp) -> Self {
        let at = now.as_millisecond();
        let devices =
            || entries.iter().filter_map(|entry| entry.device.as_ref().map(|device| (device, entry.id())));
        let links = entries.iter().flat_map(|entry| {
            entry.links.iter().map(move |(hash, purpose)| json!([hash, purpose, entry.id().as_str(), at]))
        });
        let meeting = |entry: &&Entry| {
            let meeting = entry.meeting.as_ref()?;
            Some(json!([meeting.as_str(), entry.id().as_str(), entry.post().as_str(), "planned"]))
        };
        let line = |entry: &&Entry| {
            let (id, row) = &entry.line;
            json!([id, row.at_ms, row.actor, row.act, row.object, row.detail])
        };
        let notices = entries.iter().flat_map(|entry| &entry.notices);
        Self {
            sessions: text(devices().map(|(device, _)| {
                let until = device.until.as_millisecond();
                json!([device.session.as_str(), device.token_hash, "citizen", at, until])
            })),
            granted: text(devices().map(|(device, id)| json!([device.session.as_str(), id.as_str()]))),
            links: text(links),
            meetings: text(entries.iter().filter_map(meeting)),
            notices: text(notices.map(|(id, key, told)| notice::columns((id, key), told, now))),
            lines: text(entries.iter().map(line)),
        }
    }

    async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sessions = "session (id, token_hash, kind, created_at_ms, expires_at_ms)";
        insert(tx, (sessions, &[Text, Text, Text, Number, Number], ""), &self.sessions).await?;
        let granted = "session_appointment (session_id, appointment_id)";
        insert(tx, (granted, &[Text, Text], "on conflict do nothing"), &self.granted).await?;
        let links = "link (token_hash, purpose, appointment_id, created_at_ms)";
        insert(tx, (links, &[Text, Text, Text, Number], "on conflict do nothing"), &self.links).await?;
        let meetings = "meeting (id, appointment_id, post_id, state)";
        let after = "on conflict (appointment_id) do nothing";
        insert(tx, (meetings, &[Text, Text, Text, Text], after), &self.meetings).await?;
        let kinds = &[Text, Text, Text, Text, Text, Text, Text, Number, Number, Number];
        let notices = "notice (id, idempotency_key, channel, recipient, language, payload, state, attempts, \
                       due_at_ms, created_at_ms)";
        insert(tx, (notices, kinds, "on conflict (idempotency_key) do nothing"), &self.notices).await?;
        let lines = "audit_open (id, at_ms, actor, act, object, detail)";
        insert(tx, (lines, &[Text, Number, Text, Text, Text, Text], ""), &self.lines).await
    }
}

/// Writes new appointments.
///
/// * `entries`: at most [`crate::limits::INTAKE_MAX`]; `rows`: theirs.
/// * returns: what became of each, in their order.
///
/// # Errors
/// [`StoreError`] from the database; the transaction must be dropped then.
pub async fn enter(
    tx: &mut Tx,
    (entries, rows): (&[&Entry], &Rows),
    now: Timestamp,
) -> Result<Vec<Entered>, StoreError> {
    for entry in entries {
        tx.touch_diary(entry.post(), entry.person.as_ref());
    }
    let mut room = Room::of(tx, entries, now).await?;
    drop_lapsed(tx, now).await?;
    let citizens = "citizen (id, name, mobile, mail, created_at_ms)";
    insert(tx, (citizens, &[Text, Text, Text, Text, Number], ""), &rows.citizens).await?;
    let written =
        appointment::insert_many(tx, entries.iter().map(|entry| &entry.row), &rows.appointments).await?;
    let named: Vec<&Entry> =
        entries.iter().filter(|entry| written.contains(entry.id().as_str())).copied().collect();
    let got = if named.len() == entries.len() {
        claim(tx, &named, &rows.claims).await?
    } else {
        claim(tx, &named, &Rows::claims(&named)).await?
    };
    let mut outcome = |entry: &&Entry| match got.get(entry.id()) {
        None => Entered::ReferenceTaken,
        Some(Entered::Stands) => room.take(entry).map_or(Entered::Stands, Entered::Full),
        Some(lost) => *lost,
    };
    let outcomes: Vec<Entered> = entries.iter().map(&mut outcome).collect();
    let which = |stands: bool| {
        let pairs = entries.iter().zip(&outcomes);
        let pairs = pairs.filter(move |(_, got)| (**got == Entered::Stands) == stands);
        pairs.map(|(entry, _)| *entry).collect::<Vec<_>>()
    };
    let (stand, fall) = (which(true), which(false));
    if fall.is_empty() {
        rows.later.write(tx).await?;
    } else {
        take_out(tx, &fall).await?;
        Later::of(&stand, now).write(tx).await?;
    }
    Ok(outcomes)
}

/// Does this entry stand already, from a try of which nobody heard what became of it? Until the transaction ends no audit
/// line is sealed, so that one that is written a second time is found out by its id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn stands(tx: &mut Tx, entry: &Entry) -> Result<bool, StoreError> {
    audit::take_head(tx).await?;
    let found: Option<(String,)> = sqlx::query_as("select id from appointment where id = $1")
        .bind(entry.id().as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.is_some())
}

/// No rows at all, as JSON.
const NO_ROWS: &str = "[]";

/// One statement for many rows; none for no rows.
async fn insert(
    tx: &mut Tx,
    (into, kinds, after): (&str, &[Kind], &str),
    rows: &str,
) -> Result<(), StoreError> {
    if rows == NO_ROWS {
        return Ok(());
    }
    let text = format!("insert into {into} {} {after}", tx.dialect().select_rows(kinds));
    sqlx::query(AssertSqlSafe(text)).bind(rows).execute(&mut **tx).await?;
    Ok(())
}

async fn drop_lapsed(connection: &mut Connection, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("delete from claim_cell where expires_at_ms <= $1")
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// A cell of a post or of a person.
type Key<'a> = (&'a str, Cell);

/// Claims the cells of all of them in one statement, and says who got every one of his own.
async fn claim<'a>(
    tx: &mut Tx,
    entries: &[&'a Entry],
    rows: &str,
) -> Result<BTreeMap<&'a AppointmentId, Entered>, StoreError> {
    let cells: Vec<(&Entry, Cell)> = cells_of(entries).collect();
    if cells.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!(
        "insert into claim_cell (post_id, cell, person_id, appointment_id, expires_at_ms) {} \
         on conflict do nothing",
        tx.dialect().select_rows(&[Text, Number, Text, Text, Number])
    );
    let done = sqlx::query(AssertSqlSafe(text)).bind(rows).execute(&mut **tx).await?;
    if done.rows_affected() == cells.len() as u64 {
        return Ok(entries.iter().map(|entry| (entry.id(), Entered::Stands)).collect());
    }
    let got = claimed(tx, entries).await?;
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

/// The cells that these entries hold.
async fn claimed(tx: &mut Tx, entries: &[&Entry]) -> Result<Vec<(String, i64)>, StoreError> {
    let text = format!(
        "select appointment_id, cell from claim_cell where appointment_id in ({})",
        tx.dialect().select_rows(&[Text])
    );
    let ids: Vec<Value> = entries.iter().map(|entry| json!([entry.id().as_str()])).collect();
    let ids = Value::Array(ids).to_string();
    Ok(sqlx::query_as(AssertSqlSafe(text)).bind(ids).fetch_all(&mut **tx).await?)
}

/// Takes out again what was written for those who do not stand.
async fn take_out(tx: &mut Tx, entries: &[&Entry]) -> Result<(), StoreError> {
    let citizens =
        entries.iter().filter_map(|entry| entry.citizen.as_ref()).map(|row| json!([row.id.as_str()]));
    let appointments: Vec<Value> = entries.iter().map(|entry| json!([entry.id().as_str()])).collect();
    let of = [
        ("claim_cell", "appointment_id", appointments.clone()),
        ("appointment", "id", appointments),
        ("citizen", "id", citizens.collect()),
    ];
    for (table, column, ids) in of.into_iter().filter(|(_, _, ids)| !ids.is_empty()) {
        let text = format!("delete from {table} where {column} in ({})", tx.dialect().select_rows(&[Text]));
        sqlx::query(AssertSqlSafe(text)).bind(Value::Array(ids).to_string()).execute(&mut **tx).await?;
    }
    Ok(())
}
