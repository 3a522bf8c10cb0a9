//! Rows of citizens: who booked, as he wrote it himself.

use domain::id::CitizenId;
use jiff::Timestamp;

use super::{Connection, StoreError, batch, sound};

/// A citizen as he stands in his row.
#[derive(Debug, Clone)]
pub struct CitizenRow {
    /// Id.
    pub id: CitizenId,
    /// Name, any script.
    pub name: String,
    /// Mobile number, `+91…`.
    pub mobile: String,
    /// Mail address, if he has one.
    pub mail: Option<String>,
}

/// Writes a citizen, or what he has corrected.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(connection: &mut Connection, row: &CitizenRow, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "insert into citizen (id, name, mobile, mail, created_at_ms) values ($1, $2, $3, $4, $5) \
         on conflict (id) do update set name = excluded.name, mobile = excluded.mobile, mail = excluded.mail",
    )
    .bind(row.id.as_str())
    .bind(&row.name)
    .bind(&row.mobile)
    .bind(row.mail.as_deref())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// One citizen.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &CitizenId) -> Result<Option<CitizenRow>, StoreError> {
    let row: Option<(String, String, String, Option<String>)> =
        sqlx::query_as("select id, name, mobile, mail from citizen where id = $1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, name, mobile, mail)| {
        Ok(CitizenRow { id: sound(CitizenId::parse(&id).ok(), "citizen", "id")?, name, mobile, mail })
    })
    .transpose()
}

/// These citizens, in whatever order.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_ids(connection: &mut Connection, ids: &[&CitizenId]) -> Result<Vec<CitizenRow>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(batch::ROWS_MAX) {
        let places = batch::places(ids.len(), 1);
        let text = format!("select id, name, mobile, mail from citizen where id in ({places})");
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        for id in ids {
            query = query.bind(id.as_str());
        }
        let rows: Vec<(String, String, String, Option<String>)> = query.fetch_all(&mut *connection).await?;
        for (id, name, mobile, mail) in rows {
            let id = sound(CitizenId::parse(&id).ok(), "citizen", "id")?;
            found.push(CitizenRow { id, name, mobile, mail });
        }
    }
    Ok(found)
}
