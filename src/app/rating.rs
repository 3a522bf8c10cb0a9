//! What the citizen thought of his meeting, in one tap on his slip.

use domain::quality::Verdict;

use super::desk::{from_store, settled};
use super::{Desk, slip};
use crate::audit::{self, By, Line};
use crate::auth::token::Purpose;
use crate::store::{StoreError, rating};

/// Why no verdict was kept.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// The link opens nothing.
    #[error("the link opens nothing")]
    UnknownLink,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(RateError);

/// Keeps the citizen's verdict; the last one counts.
///
/// # Errors
/// [`RateError`].
pub async fn rate(desk: &Desk, token: &str, verdict: Verdict) -> Result<(), RateError> {
    settled(|| rate_once(desk, token, verdict)).await
}

async fn rate_once(desk: &Desk, token: &str, verdict: Verdict) -> Result<(), RateError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = slip::opened(&mut tx, token, Purpose::Slip).await?.ok_or(RateError::UnknownLink)?;
    rating::put(&mut tx, (&of, verdict), now).await?;
    let (by, detail) = (By::Link(of.clone()), format!("verdict={}", verdict.code()));
    audit::append(&mut tx, Line { by, act: "meeting.rate", object: of.as_str(), detail }, now).await?;
    Ok(tx.commit().await?)
}
