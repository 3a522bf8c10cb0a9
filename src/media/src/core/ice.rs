//! ICE-lite: answers the client's connectivity checks and follows it to the address from which they come.
//!
//! Sources: RFC 8445 §2.5 and §7.3, RFC 8489. Believes no address before a check from it carried our password, or the
//! client there has answered a check of ours (`challenge`): that alone is sent unasked, to an address from which its
//! authentic packets come. A malformed or foreign message is dropped unanswered.

use std::net::SocketAddr;

mod challenge;

pub use challenge::{Challenge, transaction_of};

use rtc_dtls::crypto_provider::RTCCrypto;
use rtc_stun::attributes::{
    ATTR_FINGERPRINT, ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY, ATTR_UNKNOWN_ATTRIBUTES,
    ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType,
};
use rtc_stun::error_code::{CODE_ROLE_CONFLICT, CODE_UNKNOWN_ATTRIBUTE, ErrorCode};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, Setter};
use rtc_stun::xoraddr::XorMappedAddress;

use super::limits::{ADDRESSES_MAX, MOVE_AFTER_SILENCE_US, OLD_NAME_US, STUN_BYTES_MAX};
use super::now::Now;
use super::outbox::{End, Path};

/// Bytes of a MESSAGE-INTEGRITY value (HMAC-SHA1).
const INTEGRITY_BYTES: usize = 20;
/// The alphabet of ICE tokens (RFC 8445 §5.3).
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Our side's name and password for one peer.
#[derive(Clone)]
pub struct Credentials {
    /// Eight ICE characters, unique among the peers by chance and by the plane's check.
    pub ufrag: String,
    /// Twenty-four ICE characters (144 bits).
    pub password: String,
}

impl Credentials {
    /// Makes credentials from chance; the first character of the ufrag is `mark`, so 42 bits of it are chance.
    pub fn make(mark: Mark, chance: &mut dyn FnMut(&mut [u8])) -> Credentials {
        let mut token = |length: usize| {
            let mut bytes = vec![0u8; length];
            chance(&mut bytes);
            bytes.iter().map(|byte| ICE_CHARS[usize::from(byte & 63)] as char).collect()
        };
        let (rest, password): (String, String) = (token(7), token(24));
        Credentials { ufrag: format!("{}{rest}", ICE_CHARS[mark.index()] as char), password }
    }
}

/// Which of several planes behind one address a peer belongs to: stands in our ufrag and in the peer's id.
/// Invariant: below [`Mark::COUNT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark(u8);

impl Mark {
    /// How many planes can be told apart: one for each ICE character.
    pub const COUNT: usize = ICE_CHARS.len();

    /// The mark of the plane `index`, which wraps at [`Mark::COUNT`].
    #[must_use]
    pub fn new(index: usize) -> Mark {
        Mark((index % Mark::COUNT) as u8)
    }

    /// The plane.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The mark in the ufrag to which a STUN Binding request is addressed. Believes nothing else of the message.
    #[must_use]
    pub fn of_request(datagram: &[u8]) -> Option<Mark> {
        if datagram.len() > STUN_BYTES_MAX {
            return None;
        }
        let mut attributes = datagram.strip_prefix(&[0, 1]).and_then(|rest| rest.get(18..))?;
        loop {
            let (head, rest) = attributes.split_at_checked(4)?;
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            if u16::from_be_bytes([head[0], head[1]]) == ATTR_USERNAME.value() {
                let first = rest.get(..length)?.first()?;
                return ICE_CHARS.iter().position(|char| char == first).map(Mark::new);
            }
            attributes = rest.get(length.next_multiple_of(4)..)?;
        }
    }
}

/// A well-formed Binding request that nobody has authenticated yet.
pub struct Request {
    message: Message,
    ufrags: String,
}

impl Request {
    /// Reads a datagram; `None` for everything that is not a Binding request of the one shape a browser sends:
    /// USERNAME, one MESSAGE-INTEGRITY of 20 bytes, FINGERPRINT last and right.
    #[must_use]
    pub fn read(datagram: &[u8]) -> Option<Request> {
        let length = datagram.len();
        if !(20..=STUN_BYTES_MAX).contains(&length) || !length.is_multiple_of(4) {
            return None;
        }
        if usize::from(u16::from_be_bytes([datagram[2], datagram[3]])) + 20 != length {
            return None;
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        if message.typ != BINDING_REQUEST {
            return None;
        }
        let attributes = &message.attributes.0;
        let last = attributes.last()?;
        if last.typ != ATTR_FINGERPRINT || last.value.len() != 4 || FINGERPRINT.check(&message).is_err() {
            return None;
        }
        let mut integrity = attributes.iter().filter(|attribute| attribute.typ == ATTR_MESSAGE_INTEGRITY);
        if integrity.next()?.value.len() != INTEGRITY_BYTES || integrity.next().is_some() {
            return None;
        }
        let name = attributes.iter().find(|attribute| attribute.typ == ATTR_USERNAME)?;
        let ufrags = String::from_utf8(name.value.clone()).ok()?;
        ufrags.contains(':').then_some(Request { message, ufrags })
    }

    /// Our ufrag as the client wrote it: only for finding the peer.
    #[must_use]
    pub fn local_ufrag(&self) -> &str {
        self.ufrags.split_once(':').map_or("", |ufrags| ufrags.0)
    }

    /// Attributes that the integrity value covers.
    fn covered(&self) -> impl Iterator<Item = AttrType> {
        self.message
            .attributes
            .0
            .iter()
            .map(|attribute| attribute.typ)
            .take_while(|typ| *typ != ATTR_MESSAGE_INTEGRITY)
    }

    fn has(&self, wanted: AttrType) -> bool {
        self.covered().any(|typ| typ == wanted)
    }

    /// A covered attribute that must be understood and is not (RFC 8489 §6.3.1).
    fn unknown(&self) -> Option<AttrType> {
        self.covered()
            .find(|typ| typ.required() && ![ATTR_USERNAME, ATTR_PRIORITY, ATTR_USE_CANDIDATE].contains(typ))
    }
}

/// What an authenticated check means.
pub struct Verdict {
    /// The response to send to where the check came from.
    pub reply: Vec<u8>,
    /// Whether the check was good; a role conflict or an unknown attribute gets an error and moves nothing.
    pub is_valid: bool,
    /// Whether the client nominates this address.
    pub check: Check,
}

/// What an authentic check says of the address that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It works.
    Ordinary,
    /// It is the one to use (USE-CANDIDATE).
    Nominating,
    /// It still works, says a client that has begun ICE anew since.
    Old,
}

/// The ICE state of one peer.
pub struct Ice {
    names: Names,
    /// The names before ICE began anew, and until when they are good.
    before: Option<(Names, u64)>,
    path: Option<Path>,
    /// When something authentic last came over `path`.
    heard_us: u64,
    /// Ends from which a valid check came, oldest first. At most `ADDRESSES_MAX`.
    validated: Vec<End>,
    /// What we asked the client at an end that it may have moved to.
    challenge: Option<Challenge>,
    /// Where its packets come from without a check, and how many bytes more than we have sent there.
    stray: Option<(End, usize)>,
}

/// How both sides call themselves.
struct Names {
    local: Credentials,
    remote_ufrag: String,
    /// The client's password; a client that began anew by name alone has none that we know.
    remote_password: Option<String>,
}

/// What a valid check changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// An end that is now validated and was not before.
    pub added: Option<End>,
    /// An end that is no longer remembered.
    pub dropped: Option<End>,
    /// Whether the peer is now reached at another address than before (or at one for the first time).
    pub moved: bool,
}

impl Ice {
    /// State before any check; name and password of the client come from the offer.
    #[must_use]
    pub fn new(local: Credentials, remote_ufrag: String, remote_password: Option<String>) -> Ice {
        let names = Names { local, remote_ufrag, remote_password };
        Ice {
            names,
            before: None,
            path: None,
            heard_us: 0,
            validated: Vec::new(),
            challenge: None,
            stray: None,
        }
    }

    /// Begins anew with other names (RFC 8445 §9). Ends that were validated stay good for what is already agreed, and
    /// checks under the old names are answered for a while, so that nothing stops while the client checks; the first
    /// good check under the new name may move the peer.
    ///
    /// * returns: our ufrag of the time before last, which is good no more.
    pub fn restart(
        &mut self,
        now: Now,
        local: Credentials,
        (remote_ufrag, remote_password): (String, Option<String>),
    ) -> Option<String> {
        let names = Names { local, remote_ufrag, remote_password };
        let old = std::mem::replace(&mut self.names, names);
        let forgotten = self.before.replace((old, now.us + OLD_NAME_US));
        self.heard_us = 0;
        self.challenge = None;
        forgotten.map(|(names, _)| names.local.ufrag)
    }

    /// Where to send, once a check was valid.
    #[must_use]
    pub fn path(&self) -> Option<Path> {
        self.path
    }

    /// Our ufrags for this peer: the present one, and the one before.
    pub fn local_ufrags(&self) -> impl Iterator<Item = &str> {
        let before = self.before.as_ref().map(|(names, _)| names);
        std::iter::once(&self.names).chain(before).map(|names| &*names.local.ufrag)
    }

    /// Ends to forget with the peer.
    #[must_use]
    pub fn validated(&self) -> &[End] {
        &self.validated
    }

    /// Authenticates a check and writes the answer; `None` when it is not for this peer or not authentic.
    #[must_use]
    pub fn verify(
        &self,
        now: Now,
        (mut request, from): (Request, SocketAddr),
        crypto: &dyn RTCCrypto,
    ) -> Option<Verdict> {
        let (local, remote) = request.ufrags.split_once(':')?;
        let is_named = |names: &&Names| local == names.local.ufrag && remote == names.remote_ufrag;
        let before = self.before.as_ref().filter(|(_, until_us)| now.us < *until_us).map(|(names, _)| names);
        let is_old = !is_named(&&self.names);
        let names = std::iter::once(&self.names).chain(before).find(is_named)?;
        MessageIntegrity::check(&mut request.message, names.local.password.as_bytes(), crypto).ok()?;
        let refusal = if let Some(unknown) = request.unknown() {
            Some((CODE_UNKNOWN_ATTRIBUTE, Some(unknown)))
        } else if request.has(ATTR_ICE_CONTROLLED) {
            Some((CODE_ROLE_CONFLICT, None)) // a lite agent is always controlled
        } else {
            None
        };
        let is_valid = refusal.is_none();
        let reply = names.reply(&request.message, from, refusal, crypto)?;
        let check = match request.has(ATTR_USE_CANDIDATE) {
            _ if is_old => Check::Old,
            true => Check::Nominating,
            false => Check::Ordinary,
        };
        Some(Verdict { reply, is_valid, check })
    }

    /// A valid check came over `path`: remembers the end, and moves there if it is the first, if it is nominated, or if
    /// the old one has been silent.
    pub fn checked(&mut self, now: Now, path: Path, check: Check) -> Step {
        let mut step = Step::default();
        if !self.validated.contains(&path.remote) {
            if self.validated.len() >= ADDRESSES_MAX {
                let current = self.path.map(|path| path.remote);
                let oldest = self.validated.iter().position(|end| Some(*end) != current).unwrap_or(0);
                step.dropped = Some(self.validated.remove(oldest));
            }
            self.validated.push(path.remote);
            step.added = Some(path.remote);
        }
        if self.path == Some(path) {
            self.heard_us = now.us;
            return step;
        }
        let is_silent = check != Check::Old && self.is_silent(now, MOVE_AFTER_SILENCE_US);
        if self.path.is_none() || check == Check::Nominating || is_silent {
            self.path = Some(path);
            self.heard_us = now.us;
            step.moved = true;
        }
        step
    }

    /// Whether nothing authentic has come for so long from where the peer is.
    #[must_use]
    pub fn is_silent(&self, now: Now, for_us: u64) -> bool {
        now.us.saturating_sub(self.heard_us) > for_us
    }

    /// Something authentic came over `path`. Moves there when it is validated and the old one has been silent: a client
    /// sends where it has chosen to, even if its word on that was lost.
    ///
    /// * returns: whether the peer is now reached at another end.
    pub fn heard(&mut self, now: Now, path: Path) -> Moved {
        if self.path.is_some_and(|current| current.remote == path.remote) {
            self.heard_us = now.us;
        } else if self.path.is_some()
            && self.validated.contains(&path.remote)
            && self.is_silent(now, MOVE_AFTER_SILENCE_US)
        {
            self.path = Some(path);
            self.heard_us = now.us;
            return Moved::Yes;
        }
        Moved::No
    }

    /// An end is no more, such as a connection that closed: whatever comes from another one moves the peer there.
    pub fn lost(&mut self, end: End) {
        if self.path.is_some_and(|path| path.remote == end) {
            self.heard_us = 0;
        }
    }
}

/// Whether a peer is now reached elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is.
    Yes,
    /// It is where it was.
    No,
}

impl Names {
    fn reply(
        &self,
        request: &Message,
        from: SocketAddr,
        refusal: Option<(ErrorCode, Option<AttrType>)>,
        crypto: &dyn RTCCrypto,
    ) -> Option<Vec<u8>> {
        let integrity =
            MessageIntegrity::new_short_term_integrity_with_provider(self.local.password.clone(), crypto);
        let mut reply = Message::new();
        let typ = if refusal.is_some() { BINDING_ERROR } else { BINDING_SUCCESS };
        let head: [Box<dyn Setter>; 2] = [Box::new(typ), Box::new(request.transaction_id)];
        reply.build(&head).ok()?;
        match refusal {
            None => XorMappedAddress { ip: from.ip().to_canonical(), port: from.port() }
                .add_to(&mut reply)
                .ok()?,
            Some((code, unknown)) => {
                code.add_to(&mut reply).ok()?;
                if let Some(typ) = unknown {
                    reply.add(ATTR_UNKNOWN_ATTRIBUTES, &typ.value().to_be_bytes());
                }
            }
        }
        integrity.add_to(&mut reply).ok()?;
        FINGERPRINT.add_to(&mut reply).ok()?;
        Some(reply.raw)
    }
}
