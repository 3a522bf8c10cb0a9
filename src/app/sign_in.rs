//! Staff sign in and out: by password and code, or by a one-time link that an administrator printed.

use domain::id::{PersonId, PostId, SessionId, UserId};
use domain::office::holder_at;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::desk::from_store;
use crate::audit::{self, By, Line};
use crate::auth::{Actor, password, token};
use crate::limits;
use crate::store::session::Bearer;
use crate::store::staff::StaffRow;
use crate::store::{StoreError, Tx, attempt, office, session, staff};

/// Longest login or password that is even looked at, in bytes.
const SECRET_BYTES_MAX: usize = 256;

/// A session begun.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The new cookie's token.
    pub cookie: String,
    /// The post from which it acts.
    pub post: PostId,
}

/// Why nobody was signed in. Never says which part was wrong.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login, password or code are not right.
    #[error("login, password or code are not right")]
    Wrong,
    /// Too many tries; wait for the window to end.
    #[error("too many tries")]
    TooManyTries,
    /// The link was used or is too old.
    #[error("the link was used or is too old")]
    LinkUsed,
    /// The person holds no post now.
    #[error("this person holds no post now")]
    HoldsNoPost,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(SignInError);

/// What is typed at the door.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
    /// The generator's six digits.
    pub code: String,
}

/// Signs in by login, password and code. A code works once; tries are counted per login.
///
/// # Errors
/// [`SignInError`].
pub async fn by_password(desk: &Desk, typed: Typed) -> Result<SignedIn, SignInError> {
    let now = desk.now();
    if [&typed.login, &typed.password, &typed.code].iter().any(|text| text.len() > SECRET_BYTES_MAX) {
        return Err(SignInError::Wrong);
    }
    let login = typed.login.trim().to_lowercase();
    let subject = format!("sign_in/{login}");
    let row = counted(desk, &login, &subject, now).await?;
    let (stored, given) = (row.as_ref().and_then(|r| r.password_hash.clone()), typed.password);
    let fits = tokio::task::spawn_blocking(move || password::is_right(&given, stored.as_deref()))
        .await
        .unwrap_or(false);
    let row = row.filter(|_| fits).ok_or(SignInError::Wrong)?;
    let secret = row.totp_secret.as_deref().ok_or(SignInError::Wrong)?;
    let step = password::totp_step(secret, &typed.code, now).ok().flatten().ok_or(SignInError::Wrong)?;
    let mut tx = desk.store.write().await?;
    if !staff::use_totp_step(&mut tx, &row.id, step).await? {
        return Err(SignInError::Wrong);
    }
    attempt::forget(&mut tx, &subject).await?;
    let post = first_post(&mut tx, &row.person, now).await?.ok_or(SignInError::HoldsNoPost)?;
    begin(desk, tx, (row.id, post), "password").await
}

async fn counted(
    desk: &Desk,
    login: &str,
    subject: &str,
    now: Timestamp,
) -> Result<Option<StaffRow>, SignInError> {
    let mut tx = desk.store.write().await?;
    let window = now + SignedDuration::from_mins(limits::ATTEMPT_WINDOW_MINUTES);
    let tries = attempt::count(&mut tx, subject, window, now).await?;
    let row = staff::by_login(&mut tx, login).await?;
    tx.commit().await?;
    if tries > limits::ATTEMPTS_MAX { Err(SignInError::TooManyTries) } else { Ok(row) }
}

/// The post a person acts from when he names none: his weightiest seat.
async fn first_post(tx: &mut Tx, person: &PersonId, now: Timestamp) -> Result<Option<PostId>, StoreError> {
    let history = office::incumbencies(tx).await?;
    let posts = office::posts(tx).await?;
    let holds = |post: &PostId| holder_at(&history, post, now).is_some_and(|held| held.person == *person);
    Ok(posts.into_iter().find(|post| holds(&post.id)).map(|post| post.id))
}

/// Signs in by a one-time link, from the post that it was printed for.
///
/// # Errors
/// [`SignInError::LinkUsed`] for a wrong, used or old one.
pub async fn by_link(desk: &Desk, shown: &str) -> Result<SignedIn, SignInError> {
    let hash = token::hash(shown).ok_or(SignInError::LinkUsed)?;
    let mut tx = desk.store.write().await?;
    let who = staff::use_link(&mut tx, &hash, desk.now()).await?.ok_or(SignInError::LinkUsed)?;
    begin(desk, tx, who, "link").await
}

async fn begin(
    desk: &Desk,
    mut tx: Tx,
    (user, post): (UserId, PostId),
    way: &str,
) -> Result<SignedIn, SignInError> {
    let now = desk.now();
    let id = SessionId::fresh(now, desk.random.bytes());
    let (cookie, hash) = token::fresh(desk.random);
    let until = now + SignedDuration::from_hours(limits::STAFF_SESSION_HOURS);
    session::insert(&mut tx, (&id, &hash), &Bearer::Staff(user.clone(), post.clone()), (now, until)).await?;
    let line = Line {
        by: By::Staff(user, post.clone()),
        act: "session.begin",
        object: id.as_str(),
        detail: format!("by={way}"),
    };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(SignedIn { cookie, post })
}

/// Prints a one-time sign-in link for a login and a post.
///
/// * returns: the token; the page is `/sign-in/TOKEN`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn print_link(desk: &Desk, user: &UserId, post: &PostId) -> Result<String, StoreError> {
    let now = desk.now();
    let (shown, hash) = token::fresh(desk.random);
    let mut tx = desk.store.write().await?;
    let until = now + SignedDuration::from_hours(limits::SIGN_IN_LINK_HOURS);
    staff::insert_link(&mut tx, &hash, (user, post), until).await?;
    let line = Line {
        by: By::House,
        act: "sign_in_link.print",
        object: user.as_str(),
        detail: format!("post={post}"),
    };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Ends the session of whoever asks.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn sign_out(desk: &Desk, actor: &Actor) -> Result<(), StoreError> {
    let Some(id) = actor.session() else { return Ok(()) };
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    session::revoke(&mut tx, id, now).await?;
    let line = Line { by: actor.by(None), act: "session.end", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await
}
