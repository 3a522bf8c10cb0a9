//! Rows of staff logins and of the one-time links that sign them in.

use domain::id::{PersonId, PostId, UserId};
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// A login as it stands.
#[derive(Debug, Clone)]
pub struct StaffRow {
    /// Id.
    pub id: UserId,
    /// Whose login it is.
    pub person: PersonId,
    /// The name typed at the door.
    pub login: String,
    /// Argon2 hash in PHC form; absent until a password is set.
    pub password_hash: Option<String>,
    /// Shared secret of the code generator, base 32; absent until set.
    pub totp_secret: Option<String>,
    /// Last 30-second step whose code was used: no code works twice.
    pub totp_step_last: i64,
}

/// Writes a login. `false` when the name is taken.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &StaffRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into staff (id, person_id, login, password_hash, totp_secret, totp_step_last, failures, \
         locked_until_ms) values ($1, $2, $3, $4, $5, $6, 0, 0) on conflict do nothing",
    )
    .bind(row.id.as_str())
    .bind(row.person.as_str())
    .bind(&row.login)
    .bind(row.password_hash.as_deref())
    .bind(row.totp_secret.as_deref())
    .bind(row.totp_step_last)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

type Columns = (String, String, String, Option<String>, Option<String>, i64);

fn staff_of((id, person, login, password_hash, totp_secret, last): Columns) -> Result<StaffRow, StoreError> {
    Ok(StaffRow {
        id: sound(UserId::parse(&id).ok(), "staff", "id")?,
        person: sound(PersonId::parse(&person).ok(), "staff", "person")?,
        login,
        password_hash,
        totp_secret,
        totp_step_last: last,
    })
}

/// The login with this name.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_login(connection: &mut Connection, login: &str) -> Result<Option<StaffRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, person_id, login, password_hash, totp_secret, totp_step_last from staff where login = $1",
    )
    .bind(login)
    .fetch_optional(connection)
    .await?;
    row.map(staff_of).transpose()
}

/// The login with this id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &UserId) -> Result<Option<StaffRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, person_id, login, password_hash, totp_secret, totp_step_last from staff where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(staff_of).transpose()
}

/// Marks a code generator's step as used. `false` when it or a later one was used before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn use_totp_step(connection: &mut Connection, id: &UserId, step: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("update staff set totp_step_last = $2 where id = $1 and totp_step_last < $2")
        .bind(id.as_str())
        .bind(step)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a one-time sign-in link.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_link(
    connection: &mut Connection,
    token_hash: &str,
    (staff, post): (&UserId, &PostId),
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into sign_in_link (token_hash, staff_id, post_id, expires_at_ms) values ($1, $2, $3, $4)",
    )
    .bind(token_hash)
    .bind(staff.as_str())
    .bind(post.as_str())
    .bind(expires_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a sign-in link up: the first one who asks gets it, everybody later gets nothing.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn use_link(
    connection: &mut Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(UserId, PostId)>, StoreError> {
    let row: Option<(String, String)> = sqlx::query_as(
        "update sign_in_link set used_at_ms = $2 where token_hash = $1 and used_at_ms is null \
         and expires_at_ms > $2 returning staff_id, post_id",
    )
    .bind(token_hash)
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    row.map(|(staff, post)| {
        Ok((
            sound(UserId::parse(&staff).ok(), "sign_in_link", "staff")?,
            sound(PostId::parse(&post).ok(), "sign_in_link", "post")?,
        ))
    })
    .transpose()
}

/// Sets a login's password hash and generator secret.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn set_secrets(
    connection: &mut Connection,
    id: &UserId,
    (password_hash, totp_secret): (&str, &str),
) -> Result<(), StoreError> {
    sqlx::query("update staff set password_hash = $2, totp_secret = $3, totp_step_last = 0 where id = $1")
        .bind(id.as_str())
        .bind(password_hash)
        .bind(totp_secret)
        .execute(connection)
        .await?;
    Ok(())
}

/// The login of a person who holds this post now, for a link that an administrator prints.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_person(
    connection: &mut Connection,
    person: &PersonId,
) -> Result<Option<StaffRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, person_id, login, password_hash, totp_secret, totp_step_last from staff where person_id = $1",
    )
    .bind(person.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(staff_of).transpose()
}
