//! Rows of draws: what is drawn, who entered, and in which order they were drawn.

use domain::diary::Slot;
use domain::diary::draw::Commitment;
use domain::id::{AppointmentId, DrawId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A draw.
#[derive(Debug, Clone)]
pub struct DrawRow {
    /// Its id.
    pub id: DrawId,
    /// Whose times.
    pub post: PostId,
    /// The appointment that keeps the times.
    pub keeper: AppointmentId,
    /// What was published before anybody entered.
    pub commitment: Commitment,
    /// Entries are taken from then on.
    pub opens_at: Timestamp,
    /// And until then.
    pub closes_at: Timestamp,
    /// The public word, once it is drawn.
    pub word: Option<String>,
    /// When it was drawn.
    pub drawn_at: Option<Timestamp>,
}

type Columns = (String, String, String, String, i64, i64, Option<String>, Option<i64>);

fn draw((id, post, keeper, commitment, opens, closes, word, drawn): Columns) -> Result<DrawRow, StoreError> {
    Ok(DrawRow {
        id: sound(DrawId::parse(&id).ok(), "draw", "id")?,
        post: sound(PostId::parse(&post).ok(), "draw", "post")?,
        keeper: sound(AppointmentId::parse(&keeper).ok(), "draw", "keeper")?,
        commitment: sound(Commitment::parse(&commitment), "draw", "commitment")?,
        opens_at: instant(opens, "draw")?,
        closes_at: instant(closes, "draw")?,
        word,
        drawn_at: drawn.map(|ms| instant(ms, "draw")).transpose()?,
    })
}

/// Writes a new draw and its times.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &DrawRow,
    times: &[Slot],
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into draw (id, post_id, keeper_id, commitment, opens_at_ms, closes_at_ms, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(row.keeper.as_str())
    .bind(row.commitment.as_str())
    .bind(row.opens_at.as_millisecond())
    .bind(row.closes_at.as_millisecond())
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await?;
    for slot in times {
        sqlx::query("insert into draw_time (draw_id, starts_at_ms, ends_at_ms) values ($1, $2, $3)")
            .bind(row.id.as_str())
            .bind(slot.start().as_millisecond())
            .bind(slot.end().as_millisecond())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// One draw.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &DrawId) -> Result<Option<DrawRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, post_id, keeper_id, commitment, opens_at_ms, closes_at_ms, word, drawn_at_ms from draw \
         where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(draw).transpose()
}

/// The newest draws of a post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<DrawRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, post_id, keeper_id, commitment, opens_at_ms, closes_at_ms, word, drawn_at_ms from draw \
         where post_id = $1 order by closes_at_ms desc, id limit $2",
    )
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(draw).collect()
}

/// The times of a draw, ascending.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn times(connection: &mut Connection, id: &DrawId) -> Result<Vec<Slot>, StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select starts_at_ms, ends_at_ms from draw_time where draw_id = $1 order by starts_at_ms",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(starts, ends)| {
            let slot = Slot::new(instant(starts, "draw_time")?, instant(ends, "draw_time")?);
            sound(slot.ok(), "draw_time", "slot")
        })
        .collect()
}

/// Begins an entry; it counts once its number is proved.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin_entry(
    connection: &mut Connection,
    draw: &DrawId,
    appointment: &AppointmentId,
) -> Result<(), StoreError> {
    sqlx::query("insert into draw_entry (appointment_id, draw_id) values ($1, $2)")
        .bind(appointment.as_str())
        .bind(draw.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The draw that an appointment is an entry of, and whether it counts already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_entry(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<(DrawId, bool)>, StoreError> {
    let row: Option<(String, Option<i64>)> =
        sqlx::query_as("select draw_id, entered_at_ms from draw_entry where appointment_id = $1")
            .bind(appointment.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, at)| Ok((sound(DrawId::parse(&id).ok(), "draw_entry", "draw")?, at.is_some()))).transpose()
}

/// Makes an entry count; `false` when this person has one that counts in the same draw.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn enter(
    connection: &mut Connection,
    (draw, appointment): (&DrawId, &AppointmentId),
    person_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into draw_person (draw_id, person_hash, appointment_id) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(draw.as_str())
    .bind(person_hash)
    .bind(appointment.as_str())
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    let done =
        sqlx::query("update draw_entry set entered_at_ms = $3 where appointment_id = $2 and draw_id = $1")
            .bind(draw.as_str())
            .bind(appointment.as_str())
            .bind(now.as_millisecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Entries that count: their appointments and reference numbers, and their place once they are drawn.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn entries(
    connection: &mut Connection,
    draw: &DrawId,
) -> Result<Vec<(AppointmentId, String, Option<i64>)>, StoreError> {
    let rows: Vec<(String, String, Option<i64>)> = sqlx::query_as(
        "select e.appointment_id, a.reference, e.place from draw_entry e join appointment a on a.id = e.appointment_id \
         where e.draw_id = $1 and e.entered_at_ms is not null order by a.reference",
    )
    .bind(draw.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, reference, place)| {
            Ok((sound(AppointmentId::parse(&id).ok(), "draw_entry", "appointment")?, reference, place))
        })
        .collect()
}

/// Writes the word down; `false` when it was drawn before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn reveal(
    connection: &mut Connection,
    draw: &DrawId,
    word: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done =
        sqlx::query("update draw set word = $2, drawn_at_ms = $3 where id = $1 and drawn_at_ms is null")
            .bind(draw.as_str())
            .bind(word)
            .bind(now.as_millisecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes down in which place an entry was drawn, from 1 on.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn place(
    connection: &mut Connection,
    appointment: &AppointmentId,
    place: i64,
) -> Result<(), StoreError> {
    sqlx::query("update draw_entry set place = $2 where appointment_id = $1")
        .bind(appointment.as_str())
        .bind(place)
        .execute(connection)
        .await?;
    Ok(())
}
