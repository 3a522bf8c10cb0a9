//! Filling the directory: bodies, posts, persons, charges, hours, holidays and logins of an installation.
//!
//! One transaction: a directory is there as a whole or not at all.

use domain::diary::supply::Sitting;
use domain::id::{PersonId, PostId, UserId};
use domain::office::{Delegation, Holiday, Incumbency};
use domain::text::Bilingual;
use jiff::civil::Weekday;

use super::Desk;
use crate::audit::{self, By, Line};
use crate::auth::password;
use crate::store::office::{BodyRow, PostRow};
use crate::store::staff::StaffRow;
use crate::store::{StoreError, office, staff, supply};

/// A directory to be written down.
#[derive(Debug, Default)]
pub struct Directory {
    /// Bodies, parents before children.
    pub bodies: Vec<BodyRow>,
    /// Posts with the windows of their week.
    pub posts: Vec<(PostRow, Vec<(Weekday, Sitting)>)>,
    /// Persons.
    pub persons: Vec<(PersonId, Bilingual)>,
    /// Who holds what from when.
    pub incumbencies: Vec<Incumbency>,
    /// Who may act for whom.
    pub delegations: Vec<Delegation>,
    /// Closed days.
    pub holidays: Vec<Holiday>,
    /// Logins without a password yet: user, person, login name.
    pub logins: Vec<(UserId, PersonId, String)>,
}

/// Why a directory was not written.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// There is one already.
    #[error("there is a directory already")]
    AlreadyThere,
    /// Two rows begin one charge of one post at one instant.
    #[error("{0} would have two holders of one charge from one instant")]
    TwoHolders(PostId),
    /// A login name is taken.
    #[error("the login {0:?} is taken")]
    LoginTaken(String),
    /// There is no such login.
    #[error("there is no login {0:?}")]
    UnknownLogin(String),
    /// The password could not be hashed.
    #[error(transparent)]
    Secret(#[from] password::SecretError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a whole directory into an empty house.
///
/// # Errors
/// [`EnrolError`]; nothing is written then.
pub async fn directory(desk: &Desk, given: &Directory) -> Result<(), EnrolError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    tx.touch_supply();
    if !office::is_empty(&mut tx).await? {
        return Err(EnrolError::AlreadyThere);
    }
    for body in &given.bodies {
        office::insert_body(&mut tx, body).await?;
    }
    for (post, week) in &given.posts {
        office::insert_post(&mut tx, post).await?;
        for window in week {
            supply::insert_window(&mut tx, &post.id, *window).await?;
        }
    }
    for (id, name) in &given.persons {
        office::insert_person(&mut tx, id, name).await?;
    }
    for row in &given.incumbencies {
        if !office::insert_incumbency(&mut tx, row).await? {
            return Err(EnrolError::TwoHolders(row.post.clone()));
        }
    }
    for (n, delegation) in given.delegations.iter().enumerate() {
        office::insert_delegation(&mut tx, &format!("d-{n}"), delegation).await?;
    }
    for holiday in &given.holidays {
        office::insert_holiday(&mut tx, holiday).await?;
    }
    for (id, person, login) in &given.logins {
        let row = StaffRow {
            id: id.clone(),
            person: person.clone(),
            login: login.clone(),
            password_hash: None,
            totp_secret: None,
            totp_step_last: 0,
        };
        if !staff::insert(&mut tx, &row).await? {
            return Err(EnrolError::LoginTaken(login.clone()));
        }
    }
    let detail = format!("posts={} persons={}", given.posts.len(), given.persons.len());
    audit::append(&mut tx, Line { by: By::House, act: "directory.enrol", object: "house", detail }, now)
        .await?;
    Ok(tx.commit().await?)
}

/// A login's secrets, shown once.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The login's id.
    pub user: UserId,
    /// Shared secret for the code generator, base 32.
    pub totp_secret: String,
}

/// Gives a login its password and a fresh secret for the code generator.
///
/// # Errors
/// [`EnrolError::UnknownLogin`] when there is no such login; the others as they say.
pub async fn set_secrets(desk: &Desk, login: &str, new_password: &str) -> Result<Secrets, EnrolError> {
    let now = desk.now();
    let password_hash = password::hash(new_password)?;
    let totp_secret = password::fresh_totp_secret(desk.random);
    let mut tx = desk.store.write().await?;
    let row = staff::by_login(&mut tx, login).await?;
    let row = row.ok_or_else(|| EnrolError::UnknownLogin(login.to_owned()))?;
    staff::set_secrets(&mut tx, &row.id, (&password_hash, &totp_secret)).await?;
    let line =
        Line { by: By::House, act: "staff.set_secrets", object: row.id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Secrets { user: row.id, totp_secret })
}
