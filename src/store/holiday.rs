//! Rows of holidays as orders made them: an order adds a day or takes it back, and no row is ever deleted.

use domain::id::{BodyId, PostId};
use domain::office::Holiday;
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, Tx, sound};

/// A standing holiday of one body, with the order that added it.
#[derive(Debug, Clone)]
pub struct HolidayRow {
    /// The day.
    pub day: Date,
    /// Its name.
    pub name: Bilingual,
    /// The order; none for what stood at the beginning.
    pub order: Option<String>,
}

/// Adds a holiday by an order. `false` when the day is one by the same schedule already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn add(tx: &mut Tx, holiday: &Holiday, order: &str) -> Result<bool, StoreError> {
    tx.touch_supply();
    let done = sqlx::query(
        "insert into holiday (body_id, day, kind, entry, name_hi, name_en, ordered_by) \
         select $1, $2, $3, coalesce(max(entry), 0) + 1, $4, $5, $6 from holiday \
         where body_id = $1 and day = $2 and kind = $3 on conflict do nothing",
    )
    .bind(holiday.body.as_str())
    .bind(holiday.day.to_string())
    .bind(holiday.kind.code())
    .bind(&holiday.name_hi)
    .bind(&holiday.name_en)
    .bind(order)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes every standing holiday of a body on a day back by an order. `false` when there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn withdraw(tx: &mut Tx, (body, day): (&BodyId, Date), order: &str) -> Result<bool, StoreError> {
    tx.touch_supply();
    let done = sqlx::query(
        "update holiday set withdrawn_by = $3 where body_id = $1 and day = $2 and withdrawn_by is null",
    )
    .bind(body.as_str())
    .bind(day.to_string())
    .bind(order)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The standing holidays of one body from a day on, by day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn standing(
    connection: &mut Connection,
    body: &BodyId,
    from: Date,
) -> Result<Vec<HolidayRow>, StoreError> {
    let rows: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
        "select day, name_hi, name_en, ordered_by from holiday \
         where body_id = $1 and day >= $2 and withdrawn_by is null order by day, kind",
    )
    .bind(body.as_str())
    .bind(from.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(day, hi, en, order)| {
            let day = sound(day.parse().ok(), "holiday", "day")?;
            Ok(HolidayRow { day, name: Bilingual { hi, en }, order })
        })
        .collect()
}

/// The posts of a body and of all below it with meetings between two instants that are asked for or fixed, and how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn meetings_below(
    connection: &mut Connection,
    body: &BodyId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<(PostId, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "with recursive below(id) as (\
           select id from body where id = $1 \
           union all select b.id from body b join below on b.parent_id = below.id) \
         select p.id, count(*) from below join post p on p.body_id = below.id \
         join appointment a on a.post_id = p.id \
         where a.state in ('requested', 'confirmed', 'proposed') and a.starts_at_ms >= $2 and a.starts_at_ms < $3 \
         group by p.id order by p.id",
    )
    .bind(body.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id, n)| Ok((sound(PostId::parse(&id).ok(), "post", "id")?, n))).collect()
}
