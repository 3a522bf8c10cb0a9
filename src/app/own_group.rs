//! Own groups: named lists of seats that a post makes for itself on the board, to ring them or ask them together.
//!
//! The id of a group is made with its form, so that a form that is sent twice makes one. A seat that is gone is left out.

use std::collections::BTreeSet;

use domain::hotline::may_ring;
use domain::id::{OwnGroupId, PostId};
use domain::text::GroupName;

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::own_group as rows;
pub use crate::store::own_group::OwnGroupRow;
use crate::store::{Connection, StoreError, office};

/// What is done with a group.
#[derive(Debug, Clone)]
pub enum Move {
    /// It is made of these seats.
    Make(GroupName, Vec<PostId>),
    /// It is called otherwise.
    Rename(GroupName),
    /// It is no more.
    Delete,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The post has no such group.
    #[error("there is no such group of this post")]
    Unknown,
    /// No seats, more than may be, or one that the post may not ring.
    #[error("these seats make no group of this post")]
    Seats,
    /// The post has a group of that name.
    #[error("the post has a group of that name")]
    Named,
    /// The post has as many groups as it may.
    #[error("as many groups as may be")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(GroupError);

/// The groups of a post, by name.
///
/// # Errors
/// [`GroupError::Denied`] for whose post it is not, [`GroupError::Store`] from the database.
pub async fn list(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Vec<OwnGroupRow>, GroupError> {
    allows(actor, Act::KeepGroups, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    Ok(rows::of_post(&mut connection, post).await?)
}

/// Makes, renames or deletes a group of a post.
///
/// # Errors
/// [`GroupError`].
pub async fn carry(
    desk: &Desk,
    actor: &Actor,
    (post, id, wished): (&PostId, &OwnGroupId, &Move),
) -> Result<(), GroupError> {
    settled(|| carry_once(desk, actor, (post, id, wished))).await
}

async fn carry_once(
    desk: &Desk,
    actor: &Actor,
    (post, id, wished): (&PostId, &OwnGroupId, &Move),
) -> Result<(), GroupError> {
    allows(actor, Act::KeepGroups, &Object::Post(post.clone()))?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let groups = rows::of_post(&mut tx, post).await?;
    let is_named = |name: &GroupName| groups.iter().any(|one| one.id != *id && one.name == name.as_str());
    let (act, detail) = match wished {
        Move::Make(name, _) | Move::Rename(name) if is_named(name) => return Err(GroupError::Named),
        Move::Make(name, _) if groups.iter().any(|one| one.id == *id && one.name == name.as_str()) => {
            return Ok(());
        }
        Move::Make(..) if groups.len() >= limits::OWN_GROUPS_MAX => return Err(GroupError::TooMany),
        Move::Make(name, seats) => {
            let seats = checked(&mut tx, (post, seats)).await?;
            let detail = format!("seats={}", seats.len());
            let row =
                OwnGroupRow { id: id.clone(), post: post.clone(), name: name.as_str().to_owned(), seats };
            if !rows::insert(&mut tx, &row, now).await? {
                return Err(GroupError::Unknown);
            }
            ("group.make", detail)
        }
        Move::Rename(name) if rows::rename(&mut tx, (id, post), name.as_str()).await? => {
            ("group.rename", String::new())
        }
        Move::Delete if rows::delete(&mut tx, (id, post)).await? => ("group.delete", String::new()),
        Move::Rename(_) | Move::Delete => return Err(GroupError::Unknown),
    };
    audit::append(&mut tx, Line { by: actor.by(None), act, object: id.as_str(), detail }, now).await?;
    Ok(tx.commit().await?)
}

/// Each seat once, and only what the post may ring.
async fn checked(
    connection: &mut Connection,
    (post, seats): (&PostId, &[PostId]),
) -> Result<Vec<PostId>, GroupError> {
    let seats: BTreeSet<&PostId> = seats.iter().collect();
    if seats.is_empty() || seats.len() > limits::QUESTION_SEATS_MAX {
        return Err(GroupError::Seats);
    }
    let posts = office::posts(connection).await?;
    let find = |id: &PostId| posts.iter().find(|row| row.id == *id);
    let own = find(post).ok_or(GroupError::Unknown)?;
    let may = |id: &PostId| {
        id != post
            && find(id).is_some_and(|row| row.seat_number.is_some() && may_ring(own.role, row.role).is_ok())
    };
    if seats.iter().all(|id| may(id)) {
        Ok(seats.into_iter().cloned().collect())
    } else {
        Err(GroupError::Seats)
    }
}
