//! Rows of how good a meeting was: the stretches of each stay.

use domain::id::MeetingId;
use domain::meeting::Guest;
use domain::quality::{Cause, Score, Stretch};

use super::meeting::{guest_code, guest_of};
use super::{Connection, StoreError, instant, sound};

/// Keeps the stretches of one stay; kept twice is kept once.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(
    connection: &mut Connection,
    (meeting, guest): (&MeetingId, &Guest),
    stretches: &[Stretch],
) -> Result<(), StoreError> {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    for stretch in stretches {
        sqlx::query(
            "insert into quality_stretch (meeting_id, participant, starts_at_ms, ends_at_ms, score_hundredths, \
             cause, lost_permille, round_trip_ms, up_bps, down_bps) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        )
        .bind(meeting.as_str())
        .bind(guest_code(guest))
        .bind(stretch.starts.as_millisecond())
        .bind(stretch.ends.as_millisecond())
        .bind(i64::from(stretch.score.hundredths()))
        .bind(stretch.cause.map(Cause::code))
        .bind(i64::from(stretch.lost_permille))
        .bind(stretch.round_trip_ms.map(i64::from))
        .bind(whole(stretch.up_bps))
        .bind(whole(stretch.down_bps))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The columns of a stretch, as they are read.
type Columns = (String, i64, i64, i64, Option<String>, i64, Option<i64>, i64, i64);

/// The stretches of a meeting, by participant, then in the order of time.
///
/// * `count`: at most so many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(
    connection: &mut Connection,
    meeting: &MeetingId,
    count: i64,
) -> Result<Vec<(Guest, Stretch)>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select participant, starts_at_ms, ends_at_ms, score_hundredths, cause, lost_permille, round_trip_ms, \
         up_bps, down_bps from quality_stretch where meeting_id = $1 \
         order by participant, starts_at_ms limit $2",
    )
    .bind(meeting.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

fn row_of(row: Columns) -> Result<(Guest, Stretch), StoreError> {
    let (participant, starts, ends, score, cause, lost, round_trip, up, down) = row;
    let table = "quality_stretch";
    let cause = cause.map(|code| sound(Cause::from_code(&code), table, "cause")).transpose()?;
    let round_trip = round_trip.map(|ms| sound(u32::try_from(ms).ok(), table, "round trip")).transpose()?;
    let stretch = Stretch {
        starts: instant(starts, table)?,
        ends: instant(ends, table)?,
        score: Score::from_hundredths(sound(u16::try_from(score).ok(), table, "score")?),
        cause,
        lost_permille: sound(u16::try_from(lost).ok(), table, "loss")?,
        round_trip_ms: round_trip,
        up_bps: sound(u64::try_from(up).ok(), table, "rate up")?,
        down_bps: sound(u64::try_from(down).ok(), table, "rate down")?,
    };
    Ok((sound(guest_of(&participant), table, "participant")?, stretch))
}
