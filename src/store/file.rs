//! Rows of small files. Bounds and kinds are the use case's matter; what a file is was found out from its bytes.

use domain::file::FileKind;
use domain::id::FileId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Connection, StoreError};

/// A small file.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its identity.
    pub id: FileId,
    /// What for.
    pub kind: FileKind,
    /// Its media type.
    pub mime: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// SHA-256 of that, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl FileRow {
    /// A file that was found to be of its kind.
    #[must_use]
    pub fn of(id: FileId, (kind, mime): (FileKind, &'static str), bytes: &[u8]) -> Self {
        let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
        Self { id, kind, mime: mime.to_owned(), bytes: bytes.to_vec(), sha256 }
    }
}

/// Writes a file.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &FileRow, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "insert into file (id, kind, mime, bytes, sha256, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.id.as_str())
    .bind(row.kind.code())
    .bind(&row.mime)
    .bind(row.bytes.clone())
    .bind(&row.sha256)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Media type and bytes of a file.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn content(
    connection: &mut Connection,
    id: &FileId,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let row: Option<(String, Vec<u8>)> = sqlx::query_as("select mime, bytes from file where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row)
}

/// Drops a file that nothing names any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn remove(connection: &mut Connection, id: &FileId) -> Result<(), StoreError> {
    sqlx::query("delete from file where id = $1").bind(id.as_str()).execute(connection).await?;
    Ok(())
}
