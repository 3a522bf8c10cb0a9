//! Who says hello: by the session of its cookie, and where that is not to be had, by the token of its place.
//!
//! The database is asked with a bound. While it is away, and for a page that shows a good token, nobody waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::id::{OutsideId, SessionId};
use signaling::ErrorCode;
use signaling::value::{Id, Page, ResumeToken, Sdp};

use super::lapsed::Lapse;
use super::outside::{Arrival, OutsideError, Reply, Request};
use super::turn::{Entry, EntryPlace, SocketId};
use super::{Command, Live, Outbox};
use crate::app::door::Door;
use crate::app::resume::Resume;
use crate::app::{enter, session};
use crate::auth::Actor;
use crate::auth::pass::Pass;
use crate::limits;
use crate::store::StoreError;

/// What a socket shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Who its cookie says it is; nothing while the database could not be asked.
    pub actor: Option<&'a Actor>,
    /// The cookie, to ask again.
    pub cookie: Option<&'a str>,
    /// The token of its place.
    pub resume: Option<&'a ResumeToken>,
    /// It spoke with the opening of the socket, where no token stands: refused, it comes again and shows what it has.
    pub may_have_more: bool,
}

/// The database said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// It is away, or so slow that it may as well be.
    Away,
    /// It answered what cannot be.
    Fault,
}

/// Whether the database was away when it was asked last.
#[derive(Debug, Default)]
pub(super) struct Lately {
    is_away: AtomicBool,
}

impl Lately {
    /// Asks the database, and gives up after a while. While it was away the last time, whoever need not wait for it
    /// waits for a moment only; anybody else waits as ever, for a database that is only slow must refuse nobody.
    async fn ask<T>(
        &self,
        patience: Duration,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, Silence> {
        let was_away = self.is_away.load(Ordering::Relaxed);
        let is_short = was_away && patience <= limits::STORE_PATIENCE;
        let wait = if is_short { limits::STORE_AWAY_WAIT } else { patience };
        let (is_away, heard) = match tokio::time::timeout(wait, question).await {
            Ok(Ok(found)) => (false, Ok(found)),
            Ok(Err(error)) if error.is_away() || error.is_transient() => (true, Err(Silence::Away)),
            Ok(Err(error)) => {
                tracing::error!(%error, "the store could not say who may enter");
                (was_away, Err(Silence::Fault))
            }
            Err(_) => (true, Err(Silence::Away)),
        };
        if is_away && !was_away {
            tracing::warn!("the database is away: tokens are trusted until it is back");
        }
        self.is_away.store(is_away, Ordering::Relaxed);
        heard
    }
}

impl Live {
    /// Who shows this cookie; nothing while the database is away.
    ///
    /// # Errors
    /// `internal` for a fault that is no absence.
    pub async fn who(&self, cookie: Option<&str>) -> Result<Option<Actor>, ErrorCode> {
        let asked = session::actor(&self.parts.desk, cookie);
        match self.lately.ask(limits::STORE_PATIENCE, asked).await {
            Ok(actor) => Ok(Some(actor)),
            Err(Silence::Away) => Ok(None),
            Err(Silence::Fault) => Err(ErrorCode::Internal),
        }
    }

    /// Whom the token of a meeting's page was made for, while the database cannot be asked who he is.
    ///
    /// * returns: nothing while the database answers, and for a token that opens nothing.
    pub async fn while_away(&self, token: &str) -> Option<(Actor, Door)> {
        let desk = &self.parts.desk;
        let now = desk.now();
        let resume = self.resume.open_meeting(token, now)?;
        match self.lately.ask(limits::STORE_PATIENCE, desk.ready()).await {
            Ok(()) | Err(Silence::Fault) => None,
            Err(Silence::Away) => Some((self.by_token(&resume).ok()?.actor, resume.door()?)),
        }
    }

    /// A socket said hello: may it come in, and where to?
    ///
    /// * returns: whom it was let in as.
    ///
    /// # Errors
    /// The code to refuse it with; `overloaded` while nobody can say who it is.
    pub async fn enter(
        &self,
        (socket, outbox): (SocketId, Outbox),
        shown: Shown<'_>,
        page: &Page,
    ) -> Result<Actor, ErrorCode> {
        let now = self.parts.desk.now();
        let resume = shown.resume.and_then(|token| self.resume.open(token, page, now));
        let mut entry = self.way_in(shown, page, resume.as_ref()).await?;
        self.parts.lapsed.correct(&mut entry, now);
        let actor = entry.actor.clone();
        let entered = Command::Enter(socket, outbox, Box::new(entry));
        self.mailbox.send(entered).await.map_err(|_| ErrorCode::GoingAway)?;
        Ok(actor)
    }

    /// A client from outside comes with a pass and an offer. While the database is away it comes into what runs here.
    ///
    /// * `ufrag`: the ICE name in the offer.
    /// * `only`: the one participant that a player wants; all when absent.
    ///
    /// # Errors
    /// [`OutsideError`]; `Busy` while nobody can say whether there is such a meeting.
    pub async fn arrive(
        &self,
        pass: Pass,
        (offer, ufrag): (Sdp, String),
        only: Option<Id>,
    ) -> Result<Reply, OutsideError> {
        let desk = &self.parts.desk;
        let client = OutsideId::fresh(desk.now(), desk.random.bytes());
        let mut arrival = Arrival { client, pass, ground: None, offer, ufrag, only };
        for patience in [limits::STORE_PATIENCE, limits::DATABASE_WAIT] {
            match self.lately.ask(patience, enter::ground(desk, &arrival.pass.meeting)).await {
                Ok(ground) => {
                    arrival.ground = Some(ground?);
                    return self.ask(Request::Arrive(Box::new(arrival))).await;
                }
                Err(Silence::Fault) => return Err(OutsideError::Busy),
                Err(Silence::Away) => {}
            }
            // For a meeting that does not run here a database that is only slow is waited for.
            let arrived = self.ask(Request::Arrive(Box::new(arrival.clone()))).await;
            if arrived != Err(OutsideError::Busy) {
                return arrived;
            }
        }
        Err(OutsideError::Busy)
    }

    async fn way_in(
        &self,
        shown: Shown<'_>,
        page: &Page,
        resume: Option<&Resume>,
    ) -> Result<Entry, ErrorCode> {
        // Whoever has a token need not wait long; anybody else can only wait.
        let has_more = resume.is_some() || shown.may_have_more;
        let patience = if has_more { limits::STORE_PATIENCE } else { limits::DATABASE_WAIT };
        let by_cookie = self.by_cookie(shown, page, patience).await;
        let Some(resume) = resume else { return by_cookie.map_err(code_of)? };
        match by_cookie {
            Ok(Ok(entry)) => Ok(self.with_claim(entry, resume)),
            Ok(Err(_)) => match self.by_session(resume, page).await {
                Ok(found) => Ok(self.with_claim(found?, resume)),
                Err(Silence::Away) => self.by_token(resume),
                Err(Silence::Fault) => Err(ErrorCode::Internal),
            },
            Err(Silence::Away) => self.by_token(resume),
            Err(Silence::Fault) => Err(ErrorCode::Internal),
        }
    }

    async fn by_cookie(
        &self,
        shown: Shown<'_>,
        page: &Page,
        patience: Duration,
    ) -> Result<Result<Entry, ErrorCode>, Silence> {
        let asked;
        let actor = match shown.actor {
            Some(actor) => actor,
            None => {
                asked = self.lately.ask(patience, session::actor(&self.parts.desk, shown.cookie)).await?;
                &asked
            }
        };
        if *actor == Actor::Anyone {
            return Ok(Err(ErrorCode::SignInNeeded));
        }
        self.find(actor, page, patience).await
    }

    /// The page has no cookie that leads here: the session behind its token decides.
    async fn by_session(&self, resume: &Resume, page: &Page) -> Result<Result<Entry, ErrorCode>, Silence> {
        let asked = session::of(&self.parts.desk, resume.session());
        let actor = self.lately.ask(limits::STORE_PATIENCE, asked).await?;
        if actor == Actor::Anyone {
            return Ok(Err(ErrorCode::SessionEnded));
        }
        self.find(&actor, page, limits::STORE_PATIENCE).await
    }

    /// Nobody can be asked: the token alone says who it is.
    fn by_token(&self, resume: &Resume) -> Result<Entry, ErrorCode> {
        let now = self.parts.desk.now();
        if self.parts.lapsed.holds(&Lapse::Session(resume.session().clone()), now) {
            return Err(ErrorCode::SessionEnded);
        }
        resume.entry(now).ok_or(ErrorCode::Overloaded)
    }

    async fn find(
        &self,
        actor: &Actor,
        page: &Page,
        patience: Duration,
    ) -> Result<Result<Entry, ErrorCode>, Silence> {
        let desk = &self.parts.desk;
        self.lately.ask(patience, enter::find(&desk.store, actor, page, desk.now())).await
    }

    /// The rows do not know the turn in the lobby; the guest's own token does.
    fn with_claim(&self, mut entry: Entry, resume: &Resume) -> Entry {
        if let EntryPlace::Meeting(meeting) = &mut entry.place
            && entry.actor.session() == Some(resume.session())
        {
            meeting.claim = resume.claim(&meeting.guest, self.parts.desk.now());
        }
        entry
    }

    /// Does the session still hold? Nothing while nobody can say.
    pub async fn session_now(&self, session: &SessionId) -> Option<Actor> {
        let asked = session::of(&self.parts.desk, session);
        self.lately.ask(limits::STORE_PATIENCE, asked).await.ok()
    }
}

fn code_of(silence: Silence) -> ErrorCode {
    match silence {
        Silence::Away => ErrorCode::Overloaded,
        Silence::Fault => ErrorCode::Internal,
    }
}
