//! The calls of the hotline, a row a call and a row a seat in it: also rings that failed at once.

use domain::hotline::{Act, Consent, Device, Finds, Outcome, Place, Ring};
use domain::id::{CallId, PersonId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// One seat's part in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Which call.
    pub call: CallId,
    /// Who opened it.
    pub opener: PostId,
    /// Which seat.
    pub post: PostId,
    /// When it was rung, or rang.
    pub rang_at: Timestamp,
    /// Who rang it; nobody for the opener.
    pub by: Option<PostId>,
    /// It was heard in the middle of another call or a meeting.
    pub broke_in: bool,
    /// The act by which it agreed to be seen.
    pub act: Option<Act>,
    /// At which device.
    pub device: Option<Device>,
    /// Who agreed.
    pub person: Option<PersonId>,
    /// When.
    pub agreed_at: Option<Timestamp>,
    /// When it ended for this seat.
    pub ended_at: Option<Timestamp>,
    /// How: an outcome's code.
    pub outcome: Option<String>,
}

/// A call was opened.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn open(
    connection: &mut Connection,
    id: &CallId,
    by: &Place,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into hotline_call (id, opener_post_id, opened_at_ms, seen_at_ms) values ($1, $2, $3, $3)",
    )
    .bind(id.as_str())
    .bind(by.post.as_str())
    .bind(at.as_millisecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into hotline_part (call_id, post_id, rang_at_ms, broke_in, act, device, person_id, agreed_at_ms) \
         values ($1, $2, $3, 0, 'rang', $4, $5, $3)",
    )
    .bind(id.as_str())
    .bind(by.post.as_str())
    .bind(at.as_millisecond())
    .bind(by.device.code())
    .bind(by.person.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// A seat was rung.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ring(
    connection: &mut Connection,
    (id, post): (&CallId, &PostId),
    ring: &Ring,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into hotline_part (call_id, post_id, rang_at_ms, by_post_id, broke_in) values ($1, $2, $3, $4, $5) \
         on conflict (call_id, post_id, rang_at_ms) do nothing",
    )
    .bind(id.as_str())
    .bind(post.as_str())
    .bind(ring.since.as_millisecond())
    .bind(ring.by.as_str())
    .bind(i64::from(ring.finds == Finds::Taken))
    .execute(connection)
    .await?;
    Ok(())
}

/// A seat agreed to be seen and heard.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn agree(connection: &mut Connection, consent: &Consent) -> Result<(), StoreError> {
    let place = consent.place();
    sqlx::query(
        "update hotline_part set act = $1, device = $2, person_id = $3, agreed_at_ms = $4 \
         where call_id = $5 and post_id = $6 and ended_at_ms is null",
    )
    .bind(consent.act().code())
    .bind(place.device.code())
    .bind(place.person.as_str())
    .bind(consent.at().as_millisecond())
    .bind(consent.call().as_str())
    .bind(place.post.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// A seat is out of a call.
///
/// * returns: whether it was in it until now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn go_out(
    connection: &mut Connection,
    (id, post): (&CallId, &PostId),
    outcome: Outcome,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update hotline_part set outcome = $1, ended_at_ms = $2 \
         where call_id = $3 and post_id = $4 and ended_at_ms is null",
    )
    .bind(outcome.code())
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .bind(post.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A call is sealed from now on, for good.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seal(connection: &mut Connection, id: &CallId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update hotline_call set sealed_at_ms = $1 where id = $2 and sealed_at_ms is null")
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Since when a call is sealed, if it is.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn sealed_at(connection: &mut Connection, id: &CallId) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(Option<i64>,)> = sqlx::query_as("select sealed_at_ms from hotline_call where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.and_then(|(at,)| at).map(|at| instant(at, "hotline_call")).transpose()
}

/// A call is over.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end(connection: &mut Connection, id: &CallId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update hotline_call set ended_at_ms = $1 where id = $2 and ended_at_ms is null")
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// These calls go on.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn go_on(connection: &mut Connection, ids: &[CallId], at: Timestamp) -> Result<(), StoreError> {
    for id in ids {
        sqlx::query("update hotline_call set seen_at_ms = $1 where id = $2 and ended_at_ms is null")
            .bind(at.as_millisecond())
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// A call is over if nobody has seen it since it was seen then.
///
/// * returns: whether it is over by this.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end_if_unseen(
    connection: &mut Connection,
    id: &CallId,
    seen_at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update hotline_call set ended_at_ms = $1 where id = $2 and ended_at_ms is null and seen_at_ms = $1",
    )
    .bind(seen_at.as_millisecond())
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Calls that have no end and have not been seen since `before`, at most `count`, with when they were seen last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn forsaken(
    connection: &mut Connection,
    before: Timestamp,
    count: i64,
) -> Result<Vec<(CallId, Timestamp)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select id, seen_at_ms from hotline_call where ended_at_ms is null and seen_at_ms < $1 \
         order by seen_at_ms, id limit $2",
    )
    .bind(before.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    let read = |(id, seen): (String, i64)| {
        Ok((sound(CallId::parse(&id).ok(), "hotline_call", "id")?, instant(seen, "hotline_call")?))
    };
    rows.into_iter().map(read).collect()
}

/// The parts of a seat in calls, newest first: what its occupant reads.
///
/// * `count`: at most so many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<PartRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(select(
        "p.post_id = $1",
        "p.rang_at_ms desc, p.call_id limit $2",
    )))
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

/// Everybody's part in a call, in the order of the rings.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn parts(connection: &mut Connection, id: &CallId) -> Result<Vec<PartRow>, StoreError> {
    let rows: Vec<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(select("p.call_id = $1", "p.rang_at_ms, p.post_id")))
            .bind(id.as_str())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(row_of).collect()
}

/// The devices of seats at which a call is on now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn devices_inside(connection: &mut Connection) -> Result<Vec<(PostId, Device)>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select p.post_id, p.device from hotline_part p join hotline_call c on c.id = p.call_id \
         where c.ended_at_ms is null and p.ended_at_ms is null and p.agreed_at_ms is not null \
         and p.device is not null",
    )
    .fetch_all(connection)
    .await?;
    let read = |(post, device): (String, String)| {
        let post = sound(PostId::parse(&post).ok(), "hotline_part", "post_id")?;
        Ok((post, sound(Device::from_code(&device), "hotline_part", "device")?))
    };
    rows.into_iter().map(read).collect()
}

fn select(which: &str, order: &str) -> String {
    format!(
        "select p.call_id, c.opener_post_id, p.post_id, p.by_post_id, p.act, p.device, p.person_id, p.outcome, \
         p.rang_at_ms, p.broke_in, p.agreed_at_ms, p.ended_at_ms \
         from hotline_part p join hotline_call c on c.id = p.call_id where {which} order by {order}"
    )
}

/// The columns of a part, as they are read.
type Columns = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
);

fn row_of(row: Columns) -> Result<PartRow, StoreError> {
    let (call, opener, post, by, act, device, person, outcome, rang, broke_in, agreed, ended) = row;
    let time = |ms: Option<i64>| ms.map(|ms| instant(ms, "hotline_part")).transpose();
    let known =
        |id: Option<String>| id.map(|id| sound(PostId::parse(&id).ok(), "hotline_part", "by_post_id"));
    let person = person.map(|id| sound(PersonId::parse(&id).ok(), "hotline_part", "person_id"));
    Ok(PartRow {
        call: sound(CallId::parse(&call).ok(), "hotline_part", "call_id")?,
        opener: sound(PostId::parse(&opener).ok(), "hotline_call", "opener_post_id")?,
        post: sound(PostId::parse(&post).ok(), "hotline_part", "post_id")?,
        rang_at: instant(rang, "hotline_part")?,
        by: known(by).transpose()?,
        broke_in: broke_in != 0,
        act: act.map(|code| sound(Act::from_code(&code), "hotline_part", "act")).transpose()?,
        device: device.map(|code| sound(Device::from_code(&code), "hotline_part", "device")).transpose()?,
        person: person.transpose()?,
        agreed_at: time(agreed)?,
        ended_at: time(ended)?,
        outcome,
    })
}
