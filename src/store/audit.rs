//! Rows of the audit chain. Only [`crate::audit`] calls this; nothing here is ever updated or deleted
//! but the one row that names the head.

use super::{Connection, StoreError};

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

/// Takes the next place in the chain and the head's hash; others wait until this transaction ends.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_next(connection: &mut Connection) -> Result<(i64, String), StoreError> {
    Ok(sqlx::query_as("update audit_head set seq = seq + 1 where id = 1 returning seq, hash")
        .fetch_one(connection)
        .await?)
}

/// Appends a line and makes it the head.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn append(connection: &mut Connection, row: &AuditRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit (seq, at_ms, actor, act, object, detail, hash) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(row.seq)
    .bind(row.at_ms)
    .bind(&row.actor)
    .bind(&row.act)
    .bind(&row.object)
    .bind(&row.detail)
    .bind(&row.hash)
    .execute(&mut *connection)
    .await?;
    sqlx::query("update audit_head set hash = $1 where id = 1").bind(&row.hash).execute(connection).await?;
    Ok(())
}

/// Lines after `seq`, ascending, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn after(connection: &mut Connection, seq: i64, count: i64) -> Result<Vec<AuditRow>, StoreError> {
    type Columns = (i64, i64, String, String, String, String, String);
    let rows: Vec<Columns> = sqlx::query_as(
        "select seq, at_ms, actor, act, object, detail, hash from audit where seq > $1 order by seq limit $2",
    )
    .bind(seq)
    .bind(count)
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(seq, at_ms, actor, act, object, detail, hash)| AuditRow {
            seq,
            at_ms,
            actor,
            act,
            object,
            detail,
            hash,
        })
        .collect())
}
