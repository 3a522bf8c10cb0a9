//! Rows of supply: the week of a post, its extra sittings, and the rules by which its windows are cut.

use domain::diary::supply::{Category, Channels, Exception, Hours, Rules, Sitting};
use domain::id::PostId;
use jiff::SignedDuration;
use jiff::civil::Weekday;

use super::office::PostRow;
use super::{Connection, StoreError, sound};

/// Writes a window of the week of a post.
///
/// # Errors
/// [`StoreError`], also when a window of that weekday begins there already.
pub async fn insert_window(
    connection: &mut Connection,
    post: &PostId,
    (weekday, sitting): (Weekday, Sitting),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into weekly_hours (post_id, weekday, from_minute, to_minute, channels, kept_for) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(post.as_str())
    .bind(i64::from(weekday.to_monday_one_offset()))
    .bind(i64::from(sitting.hours.from()))
    .bind(i64::from(sitting.hours.to()))
    .bind(i64::from(sitting.channels.bits()))
    .bind(sitting.kept_for.map(Category::code))
    .execute(connection)
    .await?;
    Ok(())
}

type SittingColumns = (i64, i64, i64, Option<String>);

fn sitting_of(
    (from, to, channels, kept_for): SittingColumns,
    table: &'static str,
) -> Result<Sitting, StoreError> {
    let minute = |minute: i64| sound(u16::try_from(minute).ok(), table, "minute");
    let hours = Hours::new(minute(from)?, minute(to)?);
    let channels = u8::try_from(channels).ok().and_then(Channels::from_bits);
    let kept_for = kept_for.map(|code| sound(Category::from_code(&code), table, "category")).transpose()?;
    Ok(Sitting {
        hours: sound(hours.ok(), table, "hours")?,
        channels: sound(channels, table, "channels")?,
        kept_for,
    })
}

/// The week of a post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn week(connection: &mut Connection, post: &PostId) -> Result<Vec<(Weekday, Sitting)>, StoreError> {
    let rows: Vec<(i64, i64, i64, i64, Option<String>)> = sqlx::query_as(
        "select weekday, from_minute, to_minute, channels, kept_for from weekly_hours where post_id = $1 \
         order by weekday, from_minute",
    )
    .bind(post.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(weekday, from, to, channels, kept_for)| {
            let weekday = i8::try_from(weekday).ok().and_then(|d| Weekday::from_monday_one_offset(d).ok());
            let sitting = sitting_of((from, to, channels, kept_for), "weekly_hours")?;
            Ok((sound(weekday, "weekly_hours", "weekday")?, sitting))
        })
        .collect()
}

/// The extra sittings of a post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn extra_sittings(
    connection: &mut Connection,
    post: &PostId,
) -> Result<Vec<Exception>, StoreError> {
    let rows: Vec<(String, i64, i64, i64, Option<String>)> = sqlx::query_as(
        "select day, from_minute, to_minute, channels, kept_for from extra_sitting where post_id = $1 order by day",
    )
    .bind(post.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(day, from, to, channels, kept_for)| {
            let day = sound(day.parse().ok(), "extra_sitting", "day")?;
            Ok(Exception::Extra {
                day,
                sitting: sitting_of((from, to, channels, kept_for), "extra_sitting")?,
            })
        })
        .collect()
}

/// The rules of a post, the house's where it has none of its own.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn rules(connection: &mut Connection, post: &PostRow) -> Result<Rules, StoreError> {
    type Columns = (i64, i64, i64, i64, i64);
    let row: Option<Columns> = sqlx::query_as(
        "select rest_minutes, horizon_days, release_minute, same_day_percent, falls_back_minutes from post_rules \
         where post_id = $1",
    )
    .bind(post.id.as_str())
    .fetch_optional(connection)
    .await?;
    let small = |n: i64| sound(u16::try_from(n).ok(), "post_rules", "number");
    let house = Rules::of_house(small(post.slot_minutes)?, SignedDuration::from_mins(post.notice_minutes));
    let Some((rest, horizon, release, percent, falls_back)) = row else { return Ok(house) };
    Ok(Rules {
        rest_minutes: small(rest)?,
        horizon_days: small(horizon)?,
        release_minute: small(release)?,
        same_day_percent: sound(u8::try_from(percent).ok(), "post_rules", "share")?,
        falls_back: SignedDuration::from_mins(falls_back),
        ..house
    })
}

/// Gives a post rules of its own, or other ones.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put_rules(connection: &mut Connection, post: &PostId, rules: &Rules) -> Result<(), StoreError> {
    sqlx::query(
        "insert into post_rules (post_id, rest_minutes, horizon_days, release_minute, same_day_percent, \
         falls_back_minutes) values ($1, $2, $3, $4, $5, $6) \
         on conflict (post_id) do update set rest_minutes = excluded.rest_minutes, \
         horizon_days = excluded.horizon_days, release_minute = excluded.release_minute, \
         same_day_percent = excluded.same_day_percent, falls_back_minutes = excluded.falls_back_minutes",
    )
    .bind(post.as_str())
    .bind(i64::from(rules.rest_minutes))
    .bind(i64::from(rules.horizon_days))
    .bind(i64::from(rules.release_minute))
    .bind(i64::from(rules.same_day_percent))
    .bind(rules.falls_back.as_mins())
    .execute(connection)
    .await?;
    Ok(())
}
