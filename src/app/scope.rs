//! For whom a post speaks: the body below which an order of it holds.

use domain::id::PostId;
use domain::office::RoleKey;

use crate::store::office::BodyRow;
use crate::store::{Connection, StoreError, office, sound};

/// The whole state for the Chief Secretary, its own body for any other post; `None` when there is no such post.
pub(super) async fn of(connection: &mut Connection, post: &PostId) -> Result<Option<BodyRow>, StoreError> {
    let Some(post) = office::post(connection, post).await? else { return Ok(None) };
    let own = sound(office::body(connection, &post.body).await?, "post", "body")?;
    match (post.role, &own.parent) {
        (RoleKey::ChiefSecretary, Some(state)) => {
            Ok(Some(sound(office::body(connection, state).await?, "body", "parent")?))
        }
        _ => Ok(Some(own)),
    }
}
