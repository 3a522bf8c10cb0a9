//! Rows of who was present when: stretches of evidence, the one that lasts written again as it grows.

use domain::id::MeetingId;
use domain::meeting::{Evidence, Guest, Stretch};
use jiff::Timestamp;

use super::meeting::{guest_code, guest_of};
use super::{Connection, StoreError, instant, sound};

/// Keeps stretches; one that is known already, by its beginning, becomes this one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(
    connection: &mut Connection,
    (meeting, guest): (&MeetingId, &Guest),
    stretches: &[Stretch],
) -> Result<(), StoreError> {
    for stretch in stretches {
        sqlx::query(
            "insert into presence (meeting_id, participant, starts_at_ms, ends_at_ms, evidence) \
             values ($1, $2, $3, $4, $5) on conflict (meeting_id, participant, starts_at_ms) do update \
             set ends_at_ms = excluded.ends_at_ms, evidence = excluded.evidence",
        )
        .bind(meeting.as_str())
        .bind(guest_code(guest))
        .bind(stretch.from.as_millisecond())
        .bind(stretch.to.as_millisecond())
        .bind(stretch.evidence.code())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The stretches of a meeting, by participant, then in the order of time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(
    connection: &mut Connection,
    meeting: &MeetingId,
) -> Result<Vec<(Guest, Stretch)>, StoreError> {
    let rows: Vec<(String, i64, i64, String)> = sqlx::query_as(
        "select participant, starts_at_ms, ends_at_ms, evidence from presence where meeting_id = $1 \
         order by participant, starts_at_ms",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await?;
    let stretch = |(participant, from, to, evidence): (String, i64, i64, String)| {
        let guest = sound(guest_of(&participant), "presence", "participant")?;
        let evidence = sound(Evidence::from_code(&evidence), "presence", "evidence")?;
        Ok((guest, Stretch { from: instant(from, "presence")?, to: instant(to, "presence")?, evidence }))
    };
    rows.into_iter().map(stretch).collect()
}

/// Until when each participant of a meeting was written down last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn last_seen(
    connection: &mut Connection,
    meeting: &MeetingId,
) -> Result<Vec<(Guest, Timestamp)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select participant, max(ends_at_ms) from presence where meeting_id = $1 group by participant",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await?;
    let seen = |(participant, at): (String, i64)| {
        Ok((sound(guest_of(&participant), "presence", "participant")?, instant(at, "presence")?))
    };
    rows.into_iter().map(seen).collect()
}
