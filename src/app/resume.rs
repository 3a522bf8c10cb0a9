//! The token with which a page comes back to its place: who it is, where it sits and until when, sealed.
//!
//! Only this installation makes and reads one. It holds no more rights than its one place needs, and while the database
//! answers, the session behind it is asked each time that it is shown.

use std::sync::Arc;

use domain::diary::Slot;
use domain::hotline::Device;
use domain::id::{AppointmentId, InviteId, MeetingId, PersonId, PostId, SessionId, TerminalId, UserId};
use domain::meeting::{Departure, Guest, Returning, Visit};
use domain::office::RoleKey;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use signaling::limits::MEETING_RETURN_WINDOW;
use signaling::value::{Id, Page, ResumeToken};

use super::door::{Door, DoorState};
use super::live::turn::{Entry, EntryPlace, MeetingEntry};
use super::{Desk, enter};
use crate::auth::seal::Seal;
use crate::auth::token::LinkKey;
use crate::auth::{Actor, Invite, Staff, Terminal};
use crate::clock::Random;
use crate::limits;
use crate::store::StoreError;

/// Names the purpose of the key, so that no other sealed text is taken for a token.
const PURPOSE: &str = "resume";
/// The form of what is inside; another form has another key.
const FORM: &str = "2";

/// Seals tokens and reads them. Cheap to clone.
#[derive(Clone)]
pub struct ResumeKey(Arc<Seal>);

impl std::fmt::Debug for ResumeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResumeKey(…)")
    }
}

/// What a page may come back with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    who: Who,
    place: Place,
    /// Where its guest stood when it was made; nothing before the first welcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stood: Option<Stood>,
    /// The meeting was confidential when it was made.
    #[serde(default, skip_serializing_if = "is_false")]
    sealed: bool,
    /// Unix milliseconds from which on it opens nothing.
    until_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Who {
    Citizen {
        session: SessionId,
    },
    Guest {
        session: SessionId,
        invite: InviteId,
    },
    Staff {
        session: SessionId,
        user: UserId,
        person: PersonId,
        post: PostId,
        title: Bilingual,
        role: RoleKey,
    },
    Terminal {
        session: SessionId,
        terminal: TerminalId,
        device: Device,
        post: PostId,
        title: Bilingual,
        role: RoleKey,
        person: PersonId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Place {
    Seat(Device),
    Meeting(Box<Appointed>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Appointed {
    meeting: MeetingId,
    appointment: AppointmentId,
    post: PostId,
    title: Bilingual,
    starts_ms: i64,
    ends_ms: i64,
    name: Bilingual,
}

/// Where a citizen stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Stood {
    /// In the lobby, since this Unix millisecond.
    Waits(i64),
    /// Inside, at this Unix millisecond.
    Inside(i64),
}

impl ResumeKey {
    /// The key of this installation.
    #[must_use]
    pub fn of(key: &LinkKey) -> ResumeKey {
        ResumeKey(Arc::new(Seal::of(key, PURPOSE, FORM)))
    }

    /// The token; nothing for a place whose names are longer than a token may be.
    #[must_use]
    pub fn close(&self, resume: &Resume, random: Random) -> Option<ResumeToken> {
        let text = serde_json::to_string(resume).expect("ids, names and numbers are JSON");
        ResumeToken::try_from(self.0.close(&text, random)).ok()
    }

    /// Reads a token of whatever meeting. One that is forged, expired or of a seat is none.
    #[must_use]
    pub fn open_meeting(&self, token: &str, now: Timestamp) -> Option<Resume> {
        let resume: Resume = serde_json::from_str(&self.0.open(token)?).ok()?;
        let is_good = now.as_millisecond() < resume.until_ms && matches!(resume.place, Place::Meeting(_));
        is_good.then_some(resume)
    }

    /// Reads a token of `page`. One that is forged, expired or of another page is none.
    #[must_use]
    pub fn open(&self, token: &ResumeToken, page: &Page, now: Timestamp) -> Option<Resume> {
        let resume: Resume = serde_json::from_str(&self.0.open(token.as_str())?).ok()?;
        let is_good = now.as_millisecond() < resume.until_ms && resume.is_of(page);
        is_good.then_some(resume)
    }
}

impl Resume {
    /// The token of a way in, before anybody took it.
    ///
    /// * `closes_after`: how long after its end a meeting's door stays open.
    /// * returns: nothing for nobody.
    #[must_use]
    pub fn of(entry: &Entry, closes_after: SignedDuration, now: Timestamp) -> Option<Resume> {
        let (place, ends) = match &entry.place {
            EntryPlace::Seat(_, device) => {
                (Place::Seat(*device), now + SignedDuration::from_hours(limits::SEAT_RESUME_HOURS))
            }
            EntryPlace::Meeting(meeting) => {
                (appointed(meeting), last_token(meeting.times.1 + closes_after, now))
            }
        };
        Some(Resume {
            who: who(entry)?,
            place,
            stood: None,
            sealed: is_sealed(entry),
            until_ms: ends.as_millisecond(),
        })
    }

    /// The same for a guest who stands there now.
    #[must_use]
    pub fn standing(&self, visit: Visit, now: Timestamp) -> Resume {
        let stood = match visit {
            Visit::Waiting { since } => Some(Stood::Waits(since.as_millisecond())),
            Visit::Inside { .. } => Some(Stood::Inside(now.as_millisecond())),
            _ => None,
        };
        Resume { stood, ..self.clone() }
    }

    /// The same for a meeting that is confidential.
    #[must_use]
    pub fn of_sealed(&self) -> Resume {
        Resume { sealed: true, ..self.clone() }
    }

    /// The session behind it.
    #[must_use]
    pub fn session(&self) -> &SessionId {
        match &self.who {
            Who::Citizen { session }
            | Who::Guest { session, .. }
            | Who::Staff { session, .. }
            | Who::Terminal { session, .. } => session,
        }
    }

    /// The door of its meeting, as its page shows it.
    #[must_use]
    pub fn door(&self) -> Option<Door> {
        let Place::Meeting(at) = &self.place else { return None };
        let time = |ms| Timestamp::from_millisecond(ms).ok();
        Some(Door {
            appointment: at.appointment.clone(),
            post: at.post.clone(),
            title: at.title.clone(),
            slot: Slot::new(time(at.starts_ms)?, time(at.ends_ms)?).ok()?,
            state: DoorState::Open,
            meeting: Some(at.meeting.clone()),
            language: None,
        })
    }

    fn device(&self) -> Option<Device> {
        if let Place::Seat(device) = self.place { Some(device) } else { None }
    }

    fn is_of(&self, page: &Page) -> bool {
        match (&self.place, page) {
            (Place::Meeting(at), Page::Meeting { meeting }) => at.meeting.as_str() == meeting.as_str(),
            (Place::Seat(device), page) => enter::device_of(page) == Some(*device),
            _ => false,
        }
    }

    /// Whom it was made for, in its own place and with no right beyond it.
    #[must_use]
    pub fn entry(&self, now: Timestamp) -> Option<Entry> {
        let at = match &self.place {
            Place::Seat(_) => None,
            Place::Meeting(at) => Some(at),
        };
        let actor = self.actor(at.map(|at| (&at.appointment, &at.post)));
        let place = match at {
            None => EntryPlace::Seat(actor.post()?.clone(), self.device()?),
            Some(at) => {
                let guest = enter::guest(&actor, (&at.appointment, &at.post));
                EntryPlace::Meeting(Box::new(MeetingEntry {
                    meeting: at.meeting.clone(),
                    appointment: at.appointment.clone(),
                    post: at.post.clone(),
                    title: at.title.clone(),
                    times: (
                        Timestamp::from_millisecond(at.starts_ms).ok()?,
                        Timestamp::from_millisecond(at.ends_ms).ok()?,
                    ),
                    claim: self.claim(&guest, now),
                    guest,
                    name: at.name.clone(),
                    people: Vec::new(),
                    ended: false,
                    sealed: self.sealed,
                    past: Vec::new(),
                    lines: Vec::new(),
                    left_inside: Vec::new(),
                    expected: 1,
                }))
            }
        };
        Some(Entry { actor, place })
    }

    /// Where the guest stood, for a server that no longer knows it: the turn in the lobby, or inside for as long as a
    /// place is kept for somebody who is away.
    #[must_use]
    pub fn claim(&self, guest: &Guest, now: Timestamp) -> Option<Returning> {
        let at = |ms| Timestamp::from_millisecond(ms).ok();
        let visit = match self.stood? {
            _ if !guest.role().waits() => return None,
            Stood::Waits(since) => Visit::AwayFromLobby { since: at(since)?, away: now },
            Stood::Inside(then) => Visit::AwayFromInside { away: at(then)?, why: Departure::Lost },
        };
        Some(Returning { guest: guest.clone(), visit })
    }

    fn actor(&self, at: Option<(&AppointmentId, &PostId)>) -> Actor {
        match &self.who {
            Who::Citizen { session } => {
                let appointments = at.map(|(appointment, _)| appointment.clone()).into_iter().collect();
                Actor::Citizen { session: session.clone(), appointments, invites: Vec::new() }
            }
            Who::Guest { session, invite } => {
                let invited = |(to, _): (&AppointmentId, &PostId)| Invite {
                    id: invite.clone(),
                    appointment: to.clone(),
                };
                let invites = at.map(invited).into_iter().collect();
                Actor::Citizen { session: session.clone(), appointments: Vec::new(), invites }
            }
            Who::Staff { session, user, person, post, title, role } => Actor::Staff(Box::new(Staff {
                session: session.clone(),
                user: user.clone(),
                person: person.clone(),
                post: post.clone(),
                title: title.clone(),
                role: *role,
                is_holder: true,
                screens: Vec::new(),
                admits: at.map(|(_, post)| post.clone()).into_iter().collect(),
            })),
            Who::Terminal { session, terminal, device, post, title, role, person } => {
                Actor::Terminal(Box::new(Terminal {
                    session: session.clone(),
                    id: terminal.clone(),
                    device: *device,
                    post: post.clone(),
                    title: title.clone(),
                    role: *role,
                    person: Some(person.clone()),
                }))
            }
        }
    }
}

/// The first token of the page of a meeting, for somebody who may come in; nothing for whoever may not.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn for_page(
    desk: &Desk,
    actor: &Actor,
    meeting: &MeetingId,
) -> Result<Option<ResumeToken>, StoreError> {
    let Ok(meeting) = Id::parse(meeting.as_str()) else { return Ok(None) };
    let (now, settings) = (desk.now(), &desk.settings);
    let found = enter::find(&desk.store, actor, &Page::Meeting { meeting }, now).await?;
    let resume = found.ok().and_then(|entry| Resume::of(&entry, settings.door_closes_after, now));
    Ok(resume.and_then(|resume| ResumeKey::of(&settings.link_key).close(&resume, desk.random)))
}

/// How long a token of a meeting that is made now opens it: until its door closes, and in one that runs late for as long
/// as a place is kept for whoever is away.
#[must_use]
pub fn last_token(door_closes: Timestamp, now: Timestamp) -> Timestamp {
    let kept = SignedDuration::try_from(MEETING_RETURN_WINDOW).unwrap_or(SignedDuration::ZERO);
    door_closes.max(now + kept)
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_sealed(entry: &Entry) -> bool {
    matches!(&entry.place, EntryPlace::Meeting(meeting) if meeting.sealed)
}

fn who(entry: &Entry) -> Option<Who> {
    match &entry.actor {
        Actor::Anyone => None,
        Actor::Citizen { session, .. } => {
            let session = session.clone();
            let EntryPlace::Meeting(at) = &entry.place else { return Some(Who::Citizen { session }) };
            Some(match &at.guest {
                Guest::Invited(invite) => Who::Guest { session, invite: invite.clone() },
                _ => Who::Citizen { session },
            })
        }
        Actor::Staff(staff) if !staff.is_holder => None,
        Actor::Staff(staff) => Some(Who::Staff {
            session: staff.session.clone(),
            user: staff.user.clone(),
            person: staff.person.clone(),
            post: staff.post.clone(),
            title: staff.title.clone(),
            role: staff.role,
        }),
        Actor::Terminal(terminal) => Some(Who::Terminal {
            session: terminal.session.clone(),
            terminal: terminal.id.clone(),
            device: terminal.device,
            post: terminal.post.clone(),
            title: terminal.title.clone(),
            role: terminal.role,
            person: terminal.person.clone()?,
        }),
    }
}

fn appointed(entry: &MeetingEntry) -> Place {
    Place::Meeting(Box::new(Appointed {
        meeting: entry.meeting.clone(),
        appointment: entry.appointment.clone(),
        post: entry.post.clone(),
        title: entry.title.clone(),
        starts_ms: entry.times.0.as_millisecond(),
        ends_ms: entry.times.1.as_millisecond(),
        name: entry.name.clone(),
    }))
}
