//! Rows of notices: the outbox. Written in the transaction of the act, claimed by one worker, kept as evidence.
//!
//! Never decides what to send or how often to try; that is the outbox's. A claim is a lease: while it runs no other
//! worker gets the row, and when a worker dies the row comes back. Every later word about it names the claim, so a
//! worker whose lease has run out changes nothing.

use domain::id::NoticeId;
use domain::notice::Notice;
use jiff::Timestamp;

use super::{Connection, StoreError, batch, instant, sound};

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// Waits for its time.
    Due,
    /// A worker has it.
    Sending,
    /// Gone out.
    Sent,
    /// Given up; stands in the list until somebody looks.
    Dead,
}

impl NoticeState {
    /// The stable code in the row.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Due, Self::Sending, Self::Sent, Self::Dead].into_iter().find(|state| state.code() == code)
    }
}

/// A notice as it stands.
#[derive(Debug, Clone)]
pub struct NoticeRow {
    /// Its id.
    pub id: NoticeId,
    /// What it tells.
    pub notice: Notice,
    /// Where it stands.
    pub state: NoticeState,
    /// Tries so far, the running one among them.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it went out.
    pub sent_at: Option<Timestamp>,
    /// Stable code of what went wrong last; never personal data.
    pub last_error: Option<String>,
}

/// One worker's hold on a notice.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The notice.
    pub id: &'a NoticeId,
    /// The try it was claimed for.
    pub attempt: i64,
}

impl NoticeRow {
    /// This row's claim.
    #[must_use]
    pub fn claim(&self) -> Claim<'_> {
        Claim { id: &self.id, attempt: self.attempts }
    }
}

const COLUMNS: &str = "id, payload, state, attempts, created_at_ms, sent_at_ms, last_error";

type Columns = (String, String, String, i64, i64, Option<i64>, Option<String>);

fn row(columns: Columns) -> Result<NoticeRow, StoreError> {
    let (id, payload, state, attempts, created_at, sent_at, last_error) = columns;
    Ok(NoticeRow {
        id: sound(NoticeId::parse(&id).ok(), "notice", "id")?,
        notice: sound(serde_json::from_str(&payload).ok(), "notice", "payload")?,
        state: sound(NoticeState::from_code(&state), "notice", "state")?,
        attempts,
        created_at: instant(created_at, "notice")?,
        sent_at: sent_at.map(|at| instant(at, "notice")).transpose()?,
        last_error,
    })
}

fn payload(notice: &Notice) -> String {
    serde_json::to_string(notice).expect("a notice holds only text, numbers and times")
}

/// Writes a notice that is due at once. `false` if one with this key (what, version, recipient) stands already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    (id, idempotency_key): (&NoticeId, &str),
    notice: &Notice,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into notice (id, idempotency_key, channel, recipient, language, payload, state, attempts, \
         due_at_ms, created_at_ms) values ($1, $2, $3, $4, $5, $6, 'due', 0, $7, $7) \
         on conflict (idempotency_key) do nothing",
    )
    .bind(id.as_str())
    .bind(idempotency_key)
    .bind(notice.to.channel())
    .bind(notice.to.address())
    .bind(notice.language.code())
    .bind(payload(notice))
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A notice that is due at once, as its row.
pub(super) fn columns((id, key): (&NoticeId, &str), notice: &Notice, now: Timestamp) -> serde_json::Value {
    let (channel, recipient) = (notice.to.channel(), notice.to.address());
    let (language, payload, now) = (notice.language.code(), payload(notice), now.as_millisecond());
    serde_json::json!([id.as_str(), key, channel, recipient, language, payload, "due", 0, now, now])
}

/// Writes many notices that are due at once; those whose key stands already are left out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_many(
    connection: &mut Connection,
    told: &[(NoticeId, String, Notice)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let types = ["text", "text", "text", "text", "text", "text"];
    for told in told.chunks(batch::ROWS_MAX) {
        let values = batch::rows(told.len(), &types, 2);
        let text = format!(
            "insert into notice (id, idempotency_key, channel, recipient, language, payload, state, attempts, \
             due_at_ms, created_at_ms) select v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, \
             'due', 0, $1, $1 from (values {values}) as v where true on conflict (idempotency_key) do nothing",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(now.as_millisecond());
        for (id, key, notice) in told {
            query = query
                .bind(id.as_str())
                .bind(key)
                .bind(notice.to.channel())
                .bind(notice.to.address())
                .bind(notice.language.code())
                .bind(payload(notice));
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Since when the notice has been due that has waited longest; nothing when none is due, which spares the writer a
/// claim for nothing.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn oldest_due(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let (oldest,): (Option<i64>,) = sqlx::query_as(
        "select min(due_at_ms) from notice where state in ('due', 'sending') and due_at_ms <= $1",
    )
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await?;
    oldest.map(|ms| instant(ms, "notice")).transpose()
}

/// Takes up to `count` notices that are due, oldest first, until `lease_ends`: no other claim gets them before.
/// A row that cannot be read is given up at once, so that it does not hold up the others.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn claim(
    connection: &mut Connection,
    (now, lease_ends): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<NoticeRow>, StoreError> {
    // On PostgreSQL two claims may choose the same rows; the later one waits for the row and then looks at the outer
    // conditions again, which no longer hold. On SQLite there is one writer.
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "update notice set state = 'sending', attempts = attempts + 1, due_at_ms = $2 \
         where state in ('due', 'sending') and due_at_ms <= $1 and id in (select id from notice \
         where state in ('due', 'sending') and due_at_ms <= $1 order by due_at_ms, id limit $3) \
         returning {COLUMNS}",
    )))
    .bind(now.as_millisecond())
    .bind(lease_ends.as_millisecond())
    .bind(count)
    .fetch_all(&mut *connection)
    .await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for columns in rows {
        let id = columns.0.clone();
        match row(columns) {
            Ok(row) => claimed.push(row),
            Err(_) => bury_unreadable(connection, &id).await?,
        }
    }
    claimed.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(claimed)
}

async fn bury_unreadable(connection: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("update notice set state = 'dead', last_error = 'unreadable' where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// It has gone out; `kept` is what stays in the row. `false` if the claim has run out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn mark_sent(
    connection: &mut Connection,
    claim: Claim<'_>,
    kept: &Notice,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update notice set state = 'sent', sent_at_ms = $3, payload = $4, last_error = null \
         where id = $1 and attempts = $2 and state = 'sending'",
    )
    .bind(claim.id.as_str())
    .bind(claim.attempt)
    .bind(now.as_millisecond())
    .bind(payload(kept))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// It did not go out and is tried again at `due_at`. `false` if the claim has run out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn retry(
    connection: &mut Connection,
    claim: Claim<'_>,
    error: &str,
    due_at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update notice set state = 'due', due_at_ms = $3, last_error = $4 \
         where id = $1 and attempts = $2 and state = 'sending'",
    )
    .bind(claim.id.as_str())
    .bind(claim.attempt)
    .bind(due_at.as_millisecond())
    .bind(error)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// It is given up and stands in the list; `kept` is what stays in the row. `false` if the claim has run out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn give_up(
    connection: &mut Connection,
    claim: Claim<'_>,
    error: &str,
    kept: &Notice,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update notice set state = 'dead', last_error = $3, payload = $4 \
         where id = $1 and attempts = $2 and state = 'sending'",
    )
    .bind(claim.id.as_str())
    .bind(claim.attempt)
    .bind(error)
    .bind(payload(kept))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The latest notices first, in whatever state. Rows that cannot be read are left out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn recent(connection: &mut Connection, count: i64) -> Result<Vec<NoticeRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from notice order by created_at_ms desc, id desc limit $1",
    )))
    .bind(count)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|columns| row(columns).ok()).collect())
}

/// The sequence that the appointment of this reference has now: a notice with a lower one is out of date.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn sequence_now(connection: &mut Connection, reference: &str) -> Result<Option<i64>, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as("select sequence from appointment where reference = $1")
        .bind(reference)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(sequence,)| sequence))
}
