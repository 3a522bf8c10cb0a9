//! Who looks after the machines enrols them by the code on their screen, sees them, and revokes them.

use domain::hotline::Device;
use domain::id::{PostId, SessionId, TerminalId};
use domain::terminal::{DEVICES, code_of};
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};

use super::pair::SEALED_AS;
use crate::app::Desk;
use crate::app::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::{Actor, Staff};
use crate::limits;
use crate::store::terminal::TerminalRow;
use crate::store::{StoreError, Tx, attempt, office, terminal};

/// A post at whose seat terminals may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The post.
    pub post: PostId,
    /// What it is called.
    pub title: Bilingual,
}

/// What is to be enrolled.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The code, as it was typed.
    pub code: String,
    /// For whose seat.
    pub post: PostId,
    /// As which kind of device.
    pub device: Device,
    /// The terminal that stands there and is to be revoked by it, as the page showed it.
    pub replaces: Option<TerminalId>,
}

/// A terminal was enrolled.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Which.
    pub id: TerminalId,
    /// Its key's fingerprint, whose mark its screen showed.
    pub fingerprint: String,
    /// Sessions of the one before, which have ended.
    pub ended: Vec<SessionId>,
}

/// Why nothing was enrolled or revoked.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// Not this person's to do.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such post, one without a seat, or a kind of device that is no terminal.
    #[error("no terminal can stand there")]
    NoSeat,
    /// No machine shows this code, or not any more.
    #[error("no machine shows this code")]
    WrongCode,
    /// Too many wrong codes.
    #[error("too many wrong codes")]
    TooManyTries,
    /// A terminal of this kind stands there already.
    #[error("a terminal stands there already")]
    Taken {
        /// It.
        by: Box<TerminalRow>,
    },
    /// The installation has as many as it can have.
    #[error("there are {} terminals", limits::TERMINALS_MAX)]
    TooMany,
    /// There is no such terminal, or not any more.
    #[error("there is no such terminal")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ManageError);

impl ManageError {
    /// The stable word for the audit chain; nothing for what is no refusal of a wish.
    const fn code(&self) -> Option<&'static str> {
        match self {
            Self::NoSeat => Some("no_seat"),
            Self::WrongCode => Some("wrong_code"),
            Self::Taken { .. } => Some("seat_taken"),
            Self::TooMany => Some("too_many"),
            Self::Denied(_) | Self::TooManyTries | Self::Unknown | Self::Store(_) => None,
        }
    }
}

/// The terminals, and the posts at which one may stand.
///
/// # Errors
/// [`ManageError`].
pub async fn list(desk: &Desk, actor: &Actor) -> Result<(Vec<TerminalRow>, Vec<Place>), ManageError> {
    allows(actor, Act::ManageTerminals, &Object::House)?;
    let mut connection = desk.store.read().await?;
    let rows = terminal::all(&mut connection, limits::TERMINALS_MAX).await?;
    let posts = office::posts(&mut connection).await?;
    let seats = posts.into_iter().filter(|row| row.role.has_seat());
    Ok((rows, seats.map(|row| Place { post: row.id, title: row.title }).collect()))
}

/// Enrols the machine that shows the code.
///
/// # Errors
/// [`ManageError`]; nothing is enrolled then, and what was refused is written down.
pub async fn enrol(desk: &Desk, actor: &Actor, wish: &Wish) -> Result<Enrolled, ManageError> {
    allows(actor, Act::ManageTerminals, &Object::House)?;
    let staff = actor.staff().ok_or(Denied::SignInFirst)?;
    let done = settled(|| once(desk, staff, wish)).await;
    if let Some(code) = done.as_ref().err().and_then(ManageError::code) {
        refused(desk, actor, (wish, code)).await?;
    }
    done
}

async fn once(desk: &Desk, staff: &Staff, wish: &Wish) -> Result<Enrolled, ManageError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let subject = tries_of(staff);
    if attempt::so_far(&mut tx, &subject, now).await? >= limits::TERMINAL_CODES_WRONG_MAX {
        return Err(ManageError::TooManyTries);
    }
    let post = office::post(&mut tx, &wish.post).await?.filter(|row| row.role.has_seat());
    let post = post.filter(|_| DEVICES.contains(&wish.device)).ok_or(ManageError::NoSeat)?;
    let code = code_of(&wish.code).ok_or(ManageError::WrongCode)?;
    let code_hash = desk.settings.link_key.sealed(SEALED_AS, &code);
    let waiting = terminal::take_waiting(&mut tx, &code_hash, now).await?.ok_or(ManageError::WrongCode)?;
    let (mut ended, mut replaced) = (Vec::new(), String::new());
    if let Some(there) = terminal::at_seat(&mut tx, (&wish.post, wish.device)).await? {
        if wish.replaces.as_ref() != Some(&there.id) {
            return Err(ManageError::Taken { by: Box::new(there) });
        }
        ended = end(&mut tx, &there.id, now).await?;
        replaced = format!(" replaces={}", there.id);
    } else if terminal::all(&mut tx, limits::TERMINALS_MAX).await?.len() as i64 >= limits::TERMINALS_MAX {
        return Err(ManageError::TooMany);
    }
    let row = TerminalRow {
        id: TerminalId::fresh(now, desk.random.bytes()),
        post: wish.post.clone(),
        title: post.title,
        device: wish.device,
        public_key: waiting.public_key,
        fingerprint: waiting.fingerprint,
        enrolled_at: now,
        seen_at: now,
        refused: None,
        revoked_at: None,
    };
    if !terminal::insert(&mut tx, &row).await? {
        // Somebody else was first, at this seat or with this key: what the page showed is not so any more.
        return match terminal::at_seat(&mut tx, (&wish.post, wish.device)).await? {
            Some(there) => Err(ManageError::Taken { by: Box::new(there) }),
            None => Err(ManageError::WrongCode),
        };
    }
    attempt::forget(&mut tx, &subject).await?;
    let detail = format!("post={} device={} key={}{replaced}", row.post, row.device.code(), row.fingerprint);
    let line = Line { by: by(staff), act: "terminal.enrol", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Enrolled { id: row.id, fingerprint: row.fingerprint, ended })
}

/// Revokes a terminal: its session is over at this moment, and its key never comes back.
///
/// * returns: the sessions that ended.
///
/// # Errors
/// [`ManageError`].
pub async fn revoke(desk: &Desk, actor: &Actor, id: &TerminalId) -> Result<Vec<SessionId>, ManageError> {
    allows(actor, Act::ManageTerminals, &Object::House)?;
    settled(|| revoke_once(desk, actor, id)).await
}

async fn revoke_once(desk: &Desk, actor: &Actor, id: &TerminalId) -> Result<Vec<SessionId>, ManageError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let ended = end(&mut tx, id, now).await?;
    let line =
        Line { by: actor.by(None), act: "terminal.revoke", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn end(tx: &mut Tx, id: &TerminalId, now: Timestamp) -> Result<Vec<SessionId>, ManageError> {
    if !terminal::revoke(tx, id, now).await? {
        return Err(ManageError::Unknown);
    }
    Ok(terminal::end_sessions(tx, id).await?)
}

/// Writes down what was refused; a wrong code also counts as a try.
async fn refused(desk: &Desk, actor: &Actor, (wish, code): (&Wish, &str)) -> Result<(), ManageError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if let Some(staff) = actor.staff().filter(|_| code == "wrong_code") {
        let window = now + SignedDuration::from_mins(limits::ATTEMPT_WINDOW_MINUTES);
        attempt::count(&mut tx, &tries_of(staff), window, now).await?;
    }
    let detail = format!("code={code} device={}", wish.device.code());
    let line = Line { by: actor.by(None), act: "terminal.refuse", object: wish.post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

fn tries_of(staff: &Staff) -> String {
    format!("terminal-code/{}", staff.user)
}

fn by(staff: &Staff) -> audit::By {
    audit::By::Staff(staff.user.clone(), staff.post.clone())
}
