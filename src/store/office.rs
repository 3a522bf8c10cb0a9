//! Rows of the office: bodies, posts, persons, incumbencies, delegations, holidays, weekly hours.

use std::collections::BTreeMap;

use domain::id::{BodyId, PersonId, PostId};
use domain::office::{
    BodyKind, BookingMode, Charge, DelegatedAct, Delegation, Holiday, HolidayKind, Incumbency, Rank, RoleKey,
};
use domain::text::Bilingual;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A body as it stands in its row.
#[derive(Debug, Clone)]
pub struct BodyRow {
    /// Id.
    pub id: BodyId,
    /// The body above it.
    pub parent: Option<BodyId>,
    /// Kind.
    pub kind: BodyKind,
    /// Short code, unique enough for people ("HLT").
    pub code: String,
    /// Name.
    pub name: Bilingual,
}

/// A post as it stands in its row, with its body's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostRow {
    /// Id.
    pub id: PostId,
    /// Its body.
    pub body: BodyId,
    /// Its body's name; read back, not written.
    pub body_name: Bilingual,
    /// Part it plays.
    pub role: RoleKey,
    /// Rank of its officer.
    pub rank: Rank,
    /// Its title.
    pub title: Bilingual,
    /// Its mailbox: the organizer of its invitations.
    pub mail: String,
    /// What a booking becomes.
    pub mode: BookingMode,
    /// Slot length, minutes.
    pub slot_minutes: i64,
    /// Notice period, minutes.
    pub notice_minutes: i64,
    /// The number under which the board dials it.
    pub seat_number: Option<i64>,
}

/// Writes a body.
///
/// # Errors
/// [`StoreError`], also when the id is taken.
pub async fn insert_body(connection: &mut Connection, body: &BodyRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into body (id, parent_id, kind, code, name_hi, name_en) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(body.id.as_str())
    .bind(body.parent.as_ref().map(BodyId::as_str))
    .bind(body.kind.code())
    .bind(&body.code)
    .bind(&body.name.hi)
    .bind(&body.name.en)
    .execute(connection)
    .await?;
    Ok(())
}

/// One body.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn body(connection: &mut Connection, id: &BodyId) -> Result<Option<BodyRow>, StoreError> {
    type Columns = (String, Option<String>, String, String, String, String);
    let row: Option<Columns> =
        sqlx::query_as("select id, parent_id, kind, code, name_hi, name_en from body where id = $1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, parent, kind, code, hi, en)| {
        Ok(BodyRow {
            id: sound(BodyId::parse(&id).ok(), "body", "id")?,
            parent: parent.map(|id| sound(BodyId::parse(&id).ok(), "body", "parent")).transpose()?,
            kind: sound(BodyKind::from_code(&kind), "body", "kind")?,
            code,
            name: Bilingual { hi, en },
        })
    })
    .transpose()
}

/// The body above each body.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn parents(connection: &mut Connection) -> Result<BTreeMap<BodyId, Option<BodyId>>, StoreError> {
    let rows: Vec<(String, Option<String>)> =
        sqlx::query_as("select id, parent_id from body").fetch_all(connection).await?;
    rows.into_iter()
        .map(|(id, parent)| {
            let id = sound(BodyId::parse(&id).ok(), "body", "id")?;
            let parent = parent.map(|id| sound(BodyId::parse(&id).ok(), "body", "parent")).transpose()?;
            Ok((id, parent))
        })
        .collect()
}

/// Writes a post.
///
/// # Errors
/// [`StoreError`], also when the id or the seat number is taken.
pub async fn insert_post(connection: &mut Connection, post: &PostRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into post (id, body_id, role_key, rank, title_hi, title_en, mail, booking_mode, slot_minutes, \
         notice_minutes, seat_number) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(post.id.as_str())
    .bind(post.body.as_str())
    .bind(post.role.code())
    .bind(post.rank.code())
    .bind(&post.title.hi)
    .bind(&post.title.en)
    .bind(&post.mail)
    .bind(post.mode.code())
    .bind(post.slot_minutes)
    .bind(post.notice_minutes)
    .bind(post.seat_number)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a person.
///
/// # Errors
/// [`StoreError`], also when the id is taken.
pub async fn insert_person(
    connection: &mut Connection,
    id: &PersonId,
    name: &Bilingual,
) -> Result<(), StoreError> {
    sqlx::query("insert into person (id, name_hi, name_en) values ($1, $2, $3)")
        .bind(id.as_str())
        .bind(&name.hi)
        .bind(&name.en)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a start row (or a vacancy). `false` when that post, charge and start is already taken: two
/// regular holders cannot begin at one instant.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_incumbency(connection: &mut Connection, row: &Incumbency) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into incumbency (post_id, charge, starts_at_ms, person_id) values ($1, $2, $3, $4) \
         on conflict do nothing",
    )
    .bind(row.post.as_str())
    .bind(row.charge.code())
    .bind(row.starts_at.as_millisecond())
    .bind(row.person.as_ref().map(PersonId::as_str))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a delegation.
///
/// # Errors
/// [`StoreError`], also when the id is taken.
pub async fn insert_delegation(
    connection: &mut Connection,
    id: &str,
    row: &Delegation,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into delegation (id, principal_post_id, delegate_post_id, act, starts_at_ms, ends_at_ms) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(row.principal.as_str())
    .bind(row.delegate.as_str())
    .bind(row.act.code())
    .bind(row.starts_at.as_millisecond())
    .bind(row.ends_at.map(Timestamp::as_millisecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a holiday.
///
/// # Errors
/// [`StoreError`], also when that body already has that day by that schedule.
pub async fn insert_holiday(connection: &mut Connection, holiday: &Holiday) -> Result<(), StoreError> {
    sqlx::query("insert into holiday (body_id, day, kind, name_hi, name_en) values ($1, $2, $3, $4, $5)")
        .bind(holiday.body.as_str())
        .bind(holiday.day.to_string())
        .bind(holiday.kind.code())
        .bind(&holiday.name_hi)
        .bind(&holiday.name_en)
        .execute(connection)
        .await?;
    Ok(())
}

/// Is the directory still empty?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_empty(connection: &mut Connection) -> Result<bool, StoreError> {
    let (posts,): (i64,) = sqlx::query_as("select count(*) from post").fetch_one(connection).await?;
    Ok(posts == 0)
}

type PostColumns =
    (String, String, String, String, String, String, String, String, String, String, i64, i64, Option<i64>);

const POSTS: &str = "select p.id, p.body_id, b.name_hi, b.name_en, p.role_key, p.rank, p.title_hi, p.title_en, \
     p.mail, p.booking_mode, p.slot_minutes, p.notice_minutes, p.seat_number \
     from post p join body b on b.id = p.body_id order by p.seat_number, p.id";
const POST: &str = "select p.id, p.body_id, b.name_hi, b.name_en, p.role_key, p.rank, p.title_hi, p.title_en, \
     p.mail, p.booking_mode, p.slot_minutes, p.notice_minutes, p.seat_number \
     from post p join body b on b.id = p.body_id where p.id = $1";

fn post_of(row: PostColumns) -> Result<PostRow, StoreError> {
    let (id, body, body_hi, body_en, role, rank, title_hi, title_en, mail, mode, slot, notice, seat) = row;
    let text = |hi, en| Bilingual { hi, en };
    Ok(PostRow {
        id: sound(PostId::parse(&id).ok(), "post", "id")?,
        body: sound(BodyId::parse(&body).ok(), "post", "body")?,
        body_name: text(body_hi, body_en),
        role: sound(RoleKey::from_code(&role), "post", "role")?,
        rank: sound(Rank::from_code(&rank), "post", "rank")?,
        title: text(title_hi, title_en),
        mail,
        mode: sound(BookingMode::from_code(&mode), "post", "booking mode")?,
        slot_minutes: slot,
        notice_minutes: notice,
        seat_number: seat,
    })
}

/// Every post, seats first in the order of their numbers.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn posts(connection: &mut Connection) -> Result<Vec<PostRow>, StoreError> {
    let rows: Vec<PostColumns> = sqlx::query_as(POSTS).fetch_all(connection).await?;
    rows.into_iter().map(post_of).collect()
}

/// One post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn post(connection: &mut Connection, id: &PostId) -> Result<Option<PostRow>, StoreError> {
    let row: Option<PostColumns> = sqlx::query_as(POST).bind(id.as_str()).fetch_optional(connection).await?;
    row.map(post_of).transpose()
}

/// Every start row of the house, for who holds what.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn incumbencies(connection: &mut Connection) -> Result<Vec<Incumbency>, StoreError> {
    let rows: Vec<(String, String, i64, Option<String>)> =
        sqlx::query_as("select post_id, charge, starts_at_ms, person_id from incumbency")
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(incumbency_of).collect()
}

/// The start rows of one post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn history(connection: &mut Connection, post: &PostId) -> Result<Vec<Incumbency>, StoreError> {
    let rows: Vec<(String, String, i64, Option<String>)> =
        sqlx::query_as("select post_id, charge, starts_at_ms, person_id from incumbency where post_id = $1")
            .bind(post.as_str())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(incumbency_of).collect()
}

fn incumbency_of(row: (String, String, i64, Option<String>)) -> Result<Incumbency, StoreError> {
    let (post, charge, starts_at_ms, person) = row;
    Ok(Incumbency {
        post: sound(PostId::parse(&post).ok(), "incumbency", "post")?,
        person: person.map(|p| sound(PersonId::parse(&p).ok(), "incumbency", "person")).transpose()?,
        charge: sound(Charge::from_code(&charge), "incumbency", "charge")?,
        starts_at: instant(starts_at_ms, "incumbency")?,
    })
}

/// What has been handed to `delegate`, whenever it holds.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn delegations_to(
    connection: &mut Connection,
    delegate: &PostId,
) -> Result<Vec<Delegation>, StoreError> {
    let rows: Vec<(String, String, String, i64, Option<i64>)> = sqlx::query_as(
        "select principal_post_id, delegate_post_id, act, starts_at_ms, ends_at_ms from delegation \
         where delegate_post_id = $1",
    )
    .bind(delegate.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(principal, delegate, act, starts, ends)| {
            Ok(Delegation {
                principal: sound(PostId::parse(&principal).ok(), "delegation", "principal")?,
                delegate: sound(PostId::parse(&delegate).ok(), "delegation", "delegate")?,
                act: sound(DelegatedAct::from_code(&act), "delegation", "act")?,
                starts_at: instant(starts, "delegation")?,
                ends_at: ends.map(|ms| instant(ms, "delegation")).transpose()?,
            })
        })
        .collect()
}

/// The closed days of a body and of every body above it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn holidays_for(connection: &mut Connection, body: &BodyId) -> Result<Vec<Holiday>, StoreError> {
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "with recursive line(id, parent_id) as (\
           select id, parent_id from body where id = $1 \
           union all select b.id, b.parent_id from body b join line l on b.id = l.parent_id) \
         select h.body_id, h.day, h.kind, h.name_hi, h.name_en from holiday h join line l on l.id = h.body_id \
         where h.withdrawn_by is null order by h.day",
    )
    .bind(body.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(body, day, kind, name_hi, name_en)| {
            Ok(Holiday {
                body: sound(BodyId::parse(&body).ok(), "holiday", "body")?,
                day: sound(day.parse().ok(), "holiday", "day")?,
                kind: sound(HolidayKind::from_code(&kind), "holiday", "kind")?,
                name_hi,
                name_en,
            })
        })
        .collect()
}
