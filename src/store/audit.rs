//! Rows of the audit chain. Only [`crate::audit`] writes by this; nothing here is ever updated or deleted
//! but the one row that names the head.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dialect::Kind::{Number, Text};
use super::{Connection, StoreError, Tx, sound};

/// One line as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Place in the chain, from 1, without gaps.
    pub seq: i64,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// Did what.
    pub act: String,
    /// To what.
    pub object: String,
    /// With which particulars; never personal data.
    pub detail: String,
    /// Hash of this line and the one before it, hex.
    pub hash: String,
}

/// Writes a line that waits for its place in the chain.
///
/// * `id`: ascending in the order in which lines shall stand.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_open(connection: &mut Connection, id: &str, row: &AuditRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit_open (id, at_ms, actor, act, object, detail) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(row.at_ms)
    .bind(&row.actor)
    .bind(&row.act)
    .bind(&row.object)
    .bind(&row.detail)
    .execute(connection)
    .await?;
    Ok(())
}

/// The head of the chain: its place and its hash. Other sealers wait until this transaction ends.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_head(connection: &mut Connection) -> Result<(i64, String), StoreError> {
    Ok(sqlx::query_as("update audit_head set seq = seq where id = 1 returning seq, hash")
        .fetch_one(connection)
        .await?)
}

/// Makes this line the head.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put_head(connection: &mut Connection, seq: i64, hash: &str) -> Result<(), StoreError> {
    sqlx::query("update audit_head set seq = $1, hash = $2 where id = 1")
        .bind(seq)
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Is no line waiting?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_all_sealed(connection: &mut Connection) -> Result<bool, StoreError> {
    let first: Option<(String,)> =
        sqlx::query_as("select id from audit_open order by id limit 1").fetch_optional(connection).await?;
    Ok(first.is_none())
}

/// Lines that wait, in order, at most `count`, with their ids; `seq` and `hash` are not given yet.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn open_lines(tx: &mut Tx, count: i64) -> Result<Vec<(String, AuditRow)>, StoreError> {
    type Columns = (String, i64, String, String, String, String);
    let text = tx.dialect().select_one_text(
        "id, at_ms, actor, act, object, detail",
        "select id, at_ms, actor, act, object, detail from audit_open order by id limit $1",
    );
    let (lines,): (String,) =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(count).fetch_one(&mut **tx).await?;
    let lines: Option<Vec<Columns>> = serde_json::from_str(&lines).ok();
    Ok(sound(lines, "audit_open", "line")?
        .into_iter()
        .map(|(id, at_ms, actor, act, object, detail)| {
            (id, AuditRow { seq: 0, at_ms, actor, act, object, detail, hash: String::new() })
        })
        .collect())
}

/// Moves lines that waited to their places in the chain.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seal(tx: &mut Tx, lines: &[(String, AuditRow)]) -> Result<(), StoreError> {
    let places = lines.iter().map(|(id, row)| json!([id, row.seq, row.hash]));
    let places = Value::Array(places.collect()).to_string();
    let rows = tx.dialect().select_rows(&[Text, Number, Text]);
    let insert = format!(
        "with place(id, seq, hash) as ({rows}) insert into audit (seq, at_ms, actor, act, object, detail, hash) \
         select place.seq, o.at_ms, o.actor, o.act, o.object, o.detail, place.hash \
         from place join audit_open as o on o.id = place.id",
    );
    sqlx::query(sqlx::AssertSqlSafe(insert)).bind(&places).execute(&mut **tx).await?;
    let delete = format!("delete from audit_open where id in ({})", tx.dialect().select_rows(&[Text]));
    sqlx::query(sqlx::AssertSqlSafe(delete)).bind(places).execute(&mut **tx).await?;
    Ok(())
}

/// The last line of the chain: its place and its hash.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn head(connection: &mut Connection) -> Result<(i64, String), StoreError> {
    Ok(sqlx::query_as("select seq, hash from audit_head where id = 1").fetch_one(connection).await?)
}

/// The lines of calls that concern a seat since an instant, oldest first; of more than `count` the newest.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_calls(
    connection: &mut Connection,
    seat: &str,
    (since, count): (Timestamp, i64),
) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select seq, at_ms, actor, act, object, detail, hash from audit \
         where act like 'call.%' and object = $1 and at_ms >= $2 order by seq desc limit $3",
    )
    .bind(seat)
    .bind(since.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().rev().map(row_of).collect())
}

/// Lines after `seq`, ascending, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn after(connection: &mut Connection, seq: i64, count: i64) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select seq, at_ms, actor, act, object, detail, hash from audit where seq > $1 order by seq limit $2",
    )
    .bind(seq)
    .bind(count)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(row_of).collect())
}

/// The columns of a line, as they are read.
type Columns = (i64, i64, String, String, String, String, String);

fn row_of((seq, at_ms, actor, act, object, detail, hash): Columns) -> AuditRow {
    AuditRow { seq, at_ms, actor, act, object, detail, hash }
}
