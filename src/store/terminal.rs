//! Rows of terminals, of the codes that they show before they are enrolled, and of their sessions.

use domain::hotline::Device;
use domain::id::{PostId, SessionId, TerminalId};
use domain::terminal::Refusal;
use domain::text::Bilingual;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRow {
    /// Which.
    pub id: TerminalId,
    /// The post that it belongs to.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// The kind of device.
    pub device: Device,
    /// Its key: an uncompressed point of P-256 in base64url.
    pub public_key: String,
    /// The key's fingerprint.
    pub fingerprint: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was heard last.
    pub seen_at: Timestamp,
    /// The last refusal that was written down, and when.
    pub refused: Option<(Refusal, Timestamp)>,
    /// Since when it is revoked.
    pub revoked_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    post_id: String,
    title_hi: String,
    title_en: String,
    device: String,
    public_key: String,
    fingerprint: String,
    enrolled_at_ms: i64,
    seen_at_ms: i64,
    refused: Option<String>,
    refused_at_ms: Option<i64>,
    revoked_at_ms: Option<i64>,
}

const TABLE: &str = "terminal";
const SELECT: &str = "select t.id, t.post_id, p.title_hi, p.title_en, t.device, t.public_key, t.fingerprint, \
    t.enrolled_at_ms, t.seen_at_ms, t.refused, t.refused_at_ms, t.revoked_at_ms \
    from terminal t join post p on p.id = t.post_id";

impl TryFrom<Columns> for TerminalRow {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        let refused =
            row.refused.map(|code| sound(Refusal::from_code(&code), TABLE, "refused")).transpose()?;
        let refused_at = row.refused_at_ms.map(|ms| instant(ms, TABLE)).transpose()?;
        Ok(Self {
            id: sound(TerminalId::parse(&row.id).ok(), TABLE, "id")?,
            post: sound(PostId::parse(&row.post_id).ok(), TABLE, "post")?,
            title: Bilingual::new(&row.title_hi, &row.title_en),
            device: sound(Device::from_code(&row.device), TABLE, "device")?,
            public_key: row.public_key,
            fingerprint: row.fingerprint,
            enrolled_at: instant(row.enrolled_at_ms, TABLE)?,
            seen_at: instant(row.seen_at_ms, TABLE)?,
            refused: refused.zip(refused_at),
            revoked_at: row.revoked_at_ms.map(|ms| instant(ms, TABLE)).transpose()?,
        })
    }
}

async fn one(connection: &mut Connection, sql: &str, value: &str) -> Result<Option<TerminalRow>, StoreError> {
    let row: Option<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(value).fetch_optional(connection).await?;
    row.map(TerminalRow::try_from).transpose()
}

/// The terminal of this id, revoked or not.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &TerminalId) -> Result<Option<TerminalRow>, StoreError> {
    one(connection, &format!("{SELECT} where t.id = $1"), id.as_str()).await
}

/// The terminal of this key, revoked or not.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_key(
    connection: &mut Connection,
    fingerprint: &str,
) -> Result<Option<TerminalRow>, StoreError> {
    one(connection, &format!("{SELECT} where t.fingerprint = $1"), fingerprint).await
}

/// The terminal that stands at a seat as this kind of device now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn at_seat(
    connection: &mut Connection,
    (post, device): (&PostId, Device),
) -> Result<Option<TerminalRow>, StoreError> {
    let sql = format!("{SELECT} where t.post_id = $1 and t.device = $2 and t.revoked_at_ms is null");
    let row: Option<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(post.as_str())
        .bind(device.code())
        .fetch_optional(connection)
        .await?;
    row.map(TerminalRow::try_from).transpose()
}

/// All that are enrolled now, by post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all(connection: &mut Connection, count: i64) -> Result<Vec<TerminalRow>, StoreError> {
    let sql = format!("{SELECT} where t.revoked_at_ms is null order by t.post_id, t.device limit $1");
    let rows: Vec<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(count).fetch_all(connection).await?;
    rows.into_iter().map(TerminalRow::try_from).collect()
}

/// Enrols a terminal.
///
/// * returns: `false` when its place or its key is taken already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &TerminalRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into terminal (id, post_id, device, public_key, fingerprint, enrolled_at_ms, seen_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(row.device.code())
    .bind(&row.public_key)
    .bind(&row.fingerprint)
    .bind(row.enrolled_at.as_millisecond())
    .bind(row.seen_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes a terminal.
///
/// * returns: `false` when it was revoked before, or there is none.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn revoke(
    connection: &mut Connection,
    id: &TerminalId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update terminal set revoked_at_ms = $2 where id = $1 and revoked_at_ms is null")
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends what sessions a terminal has.
///
/// * returns: which they were.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end_sessions(
    connection: &mut Connection,
    id: &TerminalId,
) -> Result<Vec<SessionId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as("delete from session where terminal_id = $1 returning id")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|(id,)| sound(SessionId::parse(&id).ok(), "session", "id")).collect()
}

/// Prolongs a session that would end soon.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn prolong(
    connection: &mut Connection,
    session: &SessionId,
    (soon, until): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query("update session set expires_at_ms = $3 where id = $1 and expires_at_ms < $2")
        .bind(session.as_str())
        .bind(soon.as_millisecond())
        .bind(until.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Asks a terminal this question, and no older one any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ask(
    connection: &mut Connection,
    id: &TerminalId,
    (challenge_hash, until): (&str, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query("update terminal set challenge_hash = $2, challenge_until_ms = $3 where id = $1")
        .bind(id.as_str())
        .bind(challenge_hash)
        .bind(until.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the question as answered; it cannot be answered again.
///
/// * returns: whether it was asked and is not too old.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn use_challenge(
    connection: &mut Connection,
    (id, challenge_hash): (&TerminalId, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update terminal set challenge_hash = null, challenge_until_ms = null \
         where id = $1 and challenge_hash = $2 and challenge_until_ms > $3",
    )
    .bind(id.as_str())
    .bind(challenge_hash)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// It was heard now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seen(connection: &mut Connection, id: &TerminalId, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update terminal set seen_at_ms = $2 where id = $1")
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// It was refused now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn refused(
    connection: &mut Connection,
    (id, why): (&TerminalId, Refusal),
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update terminal set refused = $2, refused_at_ms = $3 where id = $1")
        .bind(id.as_str())
        .bind(why.code())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// A key that waits to be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingRow {
    /// The key.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// Lets a key wait under a code; a code that it had before is worth nothing any more.
///
/// # Errors
/// [`StoreError`] from the database; a code that another key has is a double.
pub async fn wait(
    connection: &mut Connection,
    row: &PairingRow,
    (code_hash, until): (&str, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into terminal_pairing (fingerprint, public_key, code_hash, until_ms) values ($1, $2, $3, $4) \
         on conflict (fingerprint) do update set code_hash = excluded.code_hash, until_ms = excluded.until_ms",
    )
    .bind(&row.fingerprint)
    .bind(&row.public_key)
    .bind(code_hash)
    .bind(until.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets whose code is too old, and says how many still wait.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn still_waiting(connection: &mut Connection, now: Timestamp) -> Result<i64, StoreError> {
    sqlx::query("delete from terminal_pairing where until_ms <= $1")
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await?;
    let (count,): (i64,) =
        sqlx::query_as("select count(*) from terminal_pairing").fetch_one(connection).await?;
    Ok(count)
}

/// Takes the key that waits under this code; the code is used up with it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_waiting(
    connection: &mut Connection,
    code_hash: &str,
    now: Timestamp,
) -> Result<Option<PairingRow>, StoreError> {
    let row: Option<(String, String)> = sqlx::query_as(
        "delete from terminal_pairing where code_hash = $1 and until_ms > $2 returning fingerprint, public_key",
    )
    .bind(code_hash)
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(fingerprint, public_key)| PairingRow { public_key, fingerprint }))
}
