//! Rows of bodies as the public face reads them: the tree's names, and which posts of a body take bookings.

use domain::id::{BodyId, PostId};
use domain::office::BodyKind;
use domain::text::Bilingual;

use super::{Connection, StoreError, sound};

/// A body's id, code, kind and name.
#[derive(Debug, Clone)]
pub struct NamedBody {
    /// Id.
    pub id: BodyId,
    /// Short code: `HLT`.
    pub code: String,
    /// What kind of body it is.
    pub kind: BodyKind,
    /// Name.
    pub name: Bilingual,
}

type Columns = (String, String, String, String, String);

fn body_of((id, code, kind, hi, en): Columns) -> Result<NamedBody, StoreError> {
    let kind = sound(BodyKind::from_code(&kind), "body", "kind")?;
    let id = sound(BodyId::parse(&id).ok(), "body", "id")?;
    Ok(NamedBody { id, code, kind, name: Bilingual { hi, en } })
}

/// One body.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &BodyId) -> Result<Option<NamedBody>, StoreError> {
    let row: Option<Columns> =
        sqlx::query_as("select id, code, kind, name_hi, name_en from body where id = $1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(body_of).transpose()
}

/// The bodies that have a post which takes bookings, in the order of their seats and ids.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn that_meet(connection: &mut Connection) -> Result<Vec<NamedBody>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select b.id, b.code, b.kind, b.name_hi, b.name_en from body b join post p on p.body_id = b.id \
         where p.booking_mode <> 'closed' group by b.id, b.code, b.kind, b.name_hi, b.name_en \
         order by min(coalesce(p.seat_number, 1000000)), b.id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(body_of).collect()
}

/// The posts of a body that take bookings, seats first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn posts_that_meet(connection: &mut Connection, id: &BodyId) -> Result<Vec<PostId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select id from post where body_id = $1 and booking_mode <> 'closed' \
         order by coalesce(seat_number, 1000000), id",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id,)| sound(PostId::parse(&id).ok(), "post", "id")).collect()
}
