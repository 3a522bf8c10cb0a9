//! A TURN server (RFC 8656) that has no relay sockets: what a client sends through an allocation goes into the plane of
//! our own media threads, and nowhere else.
//!
//! A relayed address is a name, never a socket, so that no message of a client can make a datagram leave for another
//! host: there is nothing here that could send one. Only our own media addresses, to the letter, are peers; every other
//! is refused (403), whatever form it is written in. Sans-IO and told the time.

mod ticket;

pub use ticket::credentials;

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rtc_dtls::crypto_provider::RTCCrypto;
use rtc_stun::attributes::{
    ATTR_DATA, ATTR_EVEN_PORT, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE, ATTR_REALM, ATTR_RESERVATION_TOKEN,
    ATTR_USERNAME, ATTR_XOR_PEER_ADDRESS, AttrType,
};
use rtc_stun::error_code::{
    CODE_ADDR_FAMILY_NOT_SUPPORTED, CODE_ALLOC_MISMATCH, CODE_ALLOC_QUOTA_REACHED, CODE_BAD_REQUEST,
    CODE_FORBIDDEN, CODE_INSUFFICIENT_CAPACITY, CODE_STALE_NONCE, CODE_UNAUTHORIZED,
    CODE_UNSUPPORTED_TRANS_PROTO, CODE_WRONG_CREDENTIALS, ErrorCode,
};
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    CLASS_ERROR_RESPONSE, CLASS_INDICATION, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE,
    METHOD_BINDING, METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_DATA, METHOD_REFRESH, METHOD_SEND,
    Message, MessageType, Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;
use rtc_turn::proto::channum::ChannelNumber;
use rtc_turn::proto::data::Data;
use rtc_turn::proto::lifetime::Lifetime;
use rtc_turn::proto::peeraddr::PeerAddress;
use rtc_turn::proto::relayaddr::RelayedAddress;
use rtc_turn::proto::reqfamily::{REQUESTED_FAMILY_IPV6, RequestedAddressFamily};
use rtc_turn::proto::reqtrans::RequestedTransport;
use rtc_turn::proto::{PROTO_UDP, chandata::ChannelData};

use self::ticket::Ticket;
use super::ice::Mark;
use super::limits::{
    ALLOCATION_CHANNELS_MAX, ALLOCATION_US, ALLOCATION_US_MAX, ALLOCATIONS_MAX, ALLOCATIONS_OF_ONE_MAX,
    CHANNEL_US, ENTRANCES_MAX, PERMISSION_US, RELAY_BYTES_MAX,
};
use super::now::Now;
use super::outbox::{End, Path, Via};
use crate::terms::RelayConfig;

/// First byte of a ChannelData message (RFC 8656 §12).
pub const CHANNEL_DATA: std::ops::RangeInclusive<u8> = 0x40..=0x4f;
/// Ports of relayed addresses, which are names only (RFC 8656 §7.2 asks for this range).
const NAMED_PORTS: std::ops::Range<u32> = 49_152..65_536;

/// What came of a client's message.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Nothing to do.
    Nothing,
    /// Send this back to the client.
    Reply(Vec<u8>),
    /// A datagram for the plane.
    Inside(Path, Cow<'a, [u8]>),
}

/// A channel that a client bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Channel {
    number: u16,
    entrance: u8,
    until_us: u64,
}

/// One client's allocation. A value: it can move to the thread on which its peer lives.
#[derive(Debug)]
pub struct Allocation {
    id: u32,
    client: End,
    username: String,
    key: Vec<u8>,
    relayed: SocketAddr,
    until_us: u64,
    /// Until when each entrance may be reached; 0 is never.
    permissions: Vec<u64>,
    channels: Vec<Channel>,
    /// The request that made it and its answer, for a client that did not hear the answer.
    born: (TransactionId, Vec<u8>),
}

impl Allocation {
    /// Whose it is.
    #[must_use]
    pub fn client(&self) -> End {
        self.client
    }

    fn entrance_of(&self, number: u16, now: Now) -> Option<u8> {
        let is_live = |channel: &&Channel| channel.number == number && channel.until_us > now.us;
        self.channels.iter().find(is_live).map(|channel| channel.entrance)
    }
}

/// The relay of one media thread.
pub struct Relay {
    ticket: Ticket,
    /// Our media addresses, the only peers that there are. At most `ENTRANCES_MAX`.
    entrances: Vec<SocketAddr>,
    allocations: HashMap<u32, Allocation>,
    by_client: HashMap<End, u32>,
    /// Allocations of each credential.
    by_name: HashMap<String, usize>,
    last: u32,
    mark: Mark,
}

/// A request as far as it has been read.
struct Asked<'a> {
    now: Now,
    client: End,
    message: Message,
    crypto: &'a dyn RTCCrypto,
}

/// Why a request is refused, and what stands in the answer beside it.
struct Refusal(ErrorCode, Challenge);

/// Whether the client is told how to sign in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Challenge {
    Told,
    Untold,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Refusal {
        Refusal(code, Challenge::Untold)
    }
}

impl Relay {
    /// A relay without allocations.
    #[must_use]
    pub fn new(config: &RelayConfig, entrances: &[SocketAddr], mark: Mark) -> Relay {
        Relay {
            ticket: Ticket::new(config),
            entrances: entrances.iter().copied().take(ENTRANCES_MAX).collect(),
            allocations: HashMap::new(),
            by_client: HashMap::new(),
            by_name: HashMap::new(),
            last: 0,
            mark,
        }
    }

    /// How many allocations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.allocations.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allocations.is_empty()
    }

    /// Whether a client has an allocation here.
    #[must_use]
    pub fn knows(&self, client: End) -> bool {
        self.by_client.contains_key(&client)
    }

    /// Takes a message of a client: STUN, or ChannelData. What is malformed is dropped.
    pub fn receive<'a>(
        &mut self,
        now: Now,
        client: End,
        bytes: &'a [u8],
        crypto: &dyn RTCCrypto,
    ) -> Outcome<'a> {
        if bytes.len() > RELAY_BYTES_MAX {
            return Outcome::Nothing;
        }
        let outcome = match bytes.first() {
            Some(first) if CHANNEL_DATA.contains(first) => self.channel_data(now, client, bytes),
            Some(0..=3) => self.stun(now, client, bytes, crypto),
            _ => None,
        };
        outcome.unwrap_or(Outcome::Nothing)
    }

    fn channel_data<'a>(&self, now: Now, client: End, bytes: &'a [u8]) -> Option<Outcome<'a>> {
        let allocation = self.allocations.get(self.by_client.get(&client)?)?;
        let [a, b, c, d, rest @ ..] = bytes else { return None };
        let entrance = allocation.entrance_of(u16::from_be_bytes([*a, *b]), now)?;
        let data = rest.get(..usize::from(u16::from_be_bytes([*c, *d])))?;
        Some(Outcome::Inside(self.inside(allocation, entrance, now)?, Cow::Borrowed(data)))
    }

    /// The path of a datagram of an allocation to one of our addresses, while it is permitted.
    fn inside(&self, allocation: &Allocation, entrance: u8, now: Now) -> Option<Path> {
        let at = usize::from(entrance);
        let is_permitted = *allocation.permissions.get(at)? > now.us && allocation.until_us > now.us;
        let via = Via::Relay { allocation: allocation.id, entrance };
        let path = Path {
            remote: End { address: allocation.relayed, via },
            local: Some(self.entrances.get(at)?.ip()),
        };
        is_permitted.then_some(path)
    }

    fn stun(
        &mut self,
        now: Now,
        client: End,
        bytes: &[u8],
        crypto: &dyn RTCCrypto,
    ) -> Option<Outcome<'static>> {
        let mut message = Message::new();
        message.unmarshal_binary(bytes).ok()?;
        let MessageType { method, class } = message.typ;
        if (method, class) == (METHOD_SEND, CLASS_INDICATION) {
            return self.send(now, client, &message);
        }
        if (method, class) == (METHOD_BINDING, CLASS_REQUEST) {
            return echo(client, &message);
        }
        let is_ours = [METHOD_ALLOCATE, METHOD_REFRESH, METHOD_CREATE_PERMISSION, METHOD_CHANNEL_BIND]
            .contains(&method);
        if class != CLASS_REQUEST || !is_ours {
            return None;
        }
        let mut asked = Asked { now, client, message, crypto };
        let reply = match self.sign_in(&mut asked) {
            Err(refusal) => self.refuse(&asked, &refusal, None),
            Ok((username, key)) => {
                let done = match method {
                    METHOD_ALLOCATE => self.allocate(&asked, &username, &key),
                    METHOD_REFRESH => self.refresh(&asked, &username),
                    METHOD_CREATE_PERMISSION => self.permit(&asked, &username),
                    _ => self.bind(&asked, &username),
                };
                match done {
                    Ok(setters) => answer(&asked, &setters, &key),
                    Err(refusal) => self.refuse(&asked, &refusal, Some(&key)),
                }
            }
        }?;
        if method == METHOD_ALLOCATE
            && let Some(allocation) = self.by_client.get(&client).and_then(|id| self.allocations.get_mut(id))
            && allocation.born.1.is_empty()
        {
            allocation.born.1.clone_from(&reply);
        }
        Some(Outcome::Reply(reply))
    }

    /// Long-term credentials (RFC 8489 §9.2.4): whose the request is, and the key that signs the answer.
    fn sign_in(&self, asked: &mut Asked<'_>) -> Result<(String, Vec<u8>), Refusal> {
        let text = |message: &Message, kind| {
            TextAttribute::get_from_as(message, kind).map(|text| text.text).map_err(|_| CODE_BAD_REQUEST)
        };
        if !asked.message.contains(ATTR_MESSAGE_INTEGRITY) {
            return Err(Refusal(CODE_UNAUTHORIZED, Challenge::Told));
        }
        let username = text(&asked.message, ATTR_USERNAME)?;
        let (realm, nonce) = (text(&asked.message, ATTR_REALM)?, text(&asked.message, ATTR_NONCE)?);
        if realm != self.ticket.realm() {
            return Err(Refusal(CODE_UNAUTHORIZED, Challenge::Told));
        }
        if !self.ticket.is_fresh(&nonce, asked.client.address, asked.now) {
            return Err(Refusal(CODE_STALE_NONCE, Challenge::Told));
        }
        let known = self.by_client.get(&asked.client).and_then(|id| self.allocations.get(id));
        let key = match known.filter(|allocation| allocation.username == username) {
            // What is allocated lives on while it is refreshed, whatever became of the credential.
            Some(allocation) => allocation.key.clone(),
            None => self
                .ticket
                .key(&username, asked.now, asked.crypto)
                .ok_or(Refusal(CODE_UNAUTHORIZED, Challenge::Told))?,
        };
        MessageIntegrity::check(&mut asked.message, &key, asked.crypto)
            .map_err(|_| Refusal(CODE_UNAUTHORIZED, Challenge::Told))?;
        Ok((username, key))
    }

    fn allocate(&mut self, asked: &Asked<'_>, username: &str, key: &[u8]) -> Result<Setters, Refusal> {
        let (message, now) = (&asked.message, asked.now);
        if let Some(id) = self.by_client.get(&asked.client) {
            let allocation = &self.allocations[id];
            let is_again = allocation.born.0 == message.transaction_id;
            return if is_again {
                Ok(self.allocated(asked, allocation))
            } else {
                Err(CODE_ALLOC_MISMATCH.into())
            };
        }
        let mut transport = RequestedTransport::default();
        transport.get_from(message).map_err(|_| CODE_BAD_REQUEST)?;
        if transport.protocol != PROTO_UDP {
            return Err(CODE_UNSUPPORTED_TRANS_PROTO.into());
        }
        if message.contains(ATTR_EVEN_PORT) || message.contains(ATTR_RESERVATION_TOKEN) {
            return Err(CODE_INSUFFICIENT_CAPACITY.into());
        }
        let mut family = RequestedAddressFamily::default();
        let wants_v6 = family.get_from(message).is_ok() && family == REQUESTED_FAMILY_IPV6;
        let entrance = self.entrances.iter().find(|entrance| entrance.is_ipv6() == wants_v6);
        let ip = entrance.ok_or(CODE_ADDR_FAMILY_NOT_SUPPORTED)?.ip();
        let of_one = self.by_name.entry(username.to_owned()).or_default();
        if *of_one >= ALLOCATIONS_OF_ONE_MAX || self.allocations.len() >= ALLOCATIONS_MAX {
            if *of_one == 0 {
                self.by_name.remove(username);
            }
            return Err(CODE_ALLOC_QUOTA_REACHED.into());
        }
        *of_one += 1;
        self.last = self.last.wrapping_add(1) & (u32::MAX >> 6);
        let id = self.last << 6 | self.mark.index() as u32;
        let port = NAMED_PORTS.start + self.last % (NAMED_PORTS.end - NAMED_PORTS.start);
        let allocation = Allocation {
            id,
            client: asked.client,
            username: username.to_owned(),
            key: key.to_vec(),
            relayed: SocketAddr::new(ip, port as u16),
            until_us: now.us + lifetime_us(message),
            permissions: vec![0; self.entrances.len()],
            channels: Vec::new(),
            born: (message.transaction_id, Vec::new()),
        };
        let setters = self.allocated(asked, &allocation);
        self.by_client.insert(asked.client, id);
        self.allocations.insert(id, allocation);
        Ok(setters)
    }

    fn allocated(&self, asked: &Asked<'_>, allocation: &Allocation) -> Setters {
        let client = asked.client.address;
        let left = Duration::from_micros(allocation.until_us.saturating_sub(asked.now.us));
        vec![
            Box::new(RelayedAddress { ip: allocation.relayed.ip(), port: allocation.relayed.port() }),
            Box::new(Lifetime(left)),
            Box::new(XorMappedAddress { ip: client.ip().to_canonical(), port: client.port() }),
        ]
    }

    /// The allocation of the client that asks, if it is that of the same credential.
    fn own(&mut self, asked: &Asked<'_>, username: &str) -> Result<&mut Allocation, Refusal> {
        let id = self.by_client.get(&asked.client).ok_or(CODE_ALLOC_MISMATCH)?;
        let allocation = self.allocations.get_mut(id).ok_or(CODE_ALLOC_MISMATCH)?;
        if allocation.username == username { Ok(allocation) } else { Err(CODE_WRONG_CREDENTIALS.into()) }
    }

    fn refresh(&mut self, asked: &Asked<'_>, username: &str) -> Result<Setters, Refusal> {
        let us = lifetime_us(&asked.message);
        let allocation = self.own(asked, username)?;
        allocation.until_us = asked.now.us + us;
        if us == 0 {
            self.forget(asked.client);
        }
        Ok(vec![Box::new(Lifetime(Duration::from_micros(us)))])
    }

    fn permit(&mut self, asked: &Asked<'_>, username: &str) -> Result<Setters, Refusal> {
        let peers = peers_of(&asked.message);
        if peers.is_empty() {
            return Err(CODE_BAD_REQUEST.into());
        }
        let is_ours = |peer: &SocketAddr| self.entrances.iter().any(|entrance| entrance.ip() == peer.ip());
        if !peers.iter().all(is_ours) {
            return Err(CODE_FORBIDDEN.into());
        }
        let entrances: Vec<IpAddr> = self.entrances.iter().map(SocketAddr::ip).collect();
        let allocation = self.own(asked, username)?;
        for (permission, ip) in allocation.permissions.iter_mut().zip(entrances) {
            if peers.iter().any(|peer| peer.ip() == ip) {
                *permission = asked.now.us + PERMISSION_US;
            }
        }
        Ok(Vec::new())
    }

    fn bind(&mut self, asked: &Asked<'_>, username: &str) -> Result<Setters, Refusal> {
        let mut number = ChannelNumber::default();
        number.get_from(&asked.message).map_err(|_| CODE_BAD_REQUEST)?;
        let peers = peers_of(&asked.message);
        let [peer] = peers[..] else { return Err(CODE_BAD_REQUEST.into()) };
        let entrance = self.entrance(peer).ok_or(CODE_FORBIDDEN)?;
        let allocation = self.own(asked, username)?;
        let now_us = asked.now.us;
        let channels = &mut allocation.channels;
        channels.retain(|channel| channel.until_us > now_us);
        let is_other = |channel: &Channel| (channel.number == number.0) != (channel.entrance == entrance);
        // RFC 8656 §12 leaves numbers from 0x5000 on to others.
        if !(0x4000..0x5000).contains(&number.0) || channels.iter().any(is_other) {
            return Err(CODE_BAD_REQUEST.into());
        }
        channels.retain(|channel| channel.number != number.0);
        if channels.len() >= ALLOCATION_CHANNELS_MAX {
            return Err(CODE_INSUFFICIENT_CAPACITY.into());
        }
        channels.push(Channel { number: number.0, entrance, until_us: now_us + CHANNEL_US });
        allocation.permissions[usize::from(entrance)] = now_us + PERMISSION_US;
        Ok(Vec::new())
    }

    /// The place of a peer among our addresses: the same to the letter, or none.
    fn entrance(&self, peer: SocketAddr) -> Option<u8> {
        self.entrances.iter().position(|entrance| *entrance == peer).map(|at| at as u8)
    }

    fn send(&mut self, now: Now, client: End, message: &Message) -> Option<Outcome<'static>> {
        let allocation = self.allocations.get(self.by_client.get(&client)?)?;
        let peers = peers_of(message);
        let [peer] = peers[..] else { return None };
        let path = self.inside(allocation, self.entrance(peer)?, now)?;
        Some(Outcome::Inside(path, Cow::Owned(message.get(ATTR_DATA).ok()?)))
    }

    /// Wraps what the plane sends to a relayed peer.
    ///
    /// * returns: the client and the message for it; `None` when the allocation or its permission is over.
    #[must_use]
    pub fn wrap(&self, now: Now, path: Path, datagram: &[u8]) -> Option<(End, Vec<u8>)> {
        let Via::Relay { allocation, entrance } = path.remote.via else { return None };
        let allocation = self.allocations.get(&allocation)?;
        self.inside(allocation, entrance, now)?;
        let bound = |channel: &&Channel| channel.entrance == entrance && channel.until_us > now.us;
        let bytes = if let Some(channel) = allocation.channels.iter().find(bound) {
            let mut wrapped = ChannelData {
                number: ChannelNumber(channel.number),
                data: datagram.to_vec(),
                raw: Vec::new(),
            };
            wrapped.encode();
            wrapped.raw
        } else {
            let peer = self.entrances.get(usize::from(entrance))?;
            let mut message = Message::new();
            let mut id = TransactionId::default();
            id.0[..8].copy_from_slice(&now.us.to_be_bytes()); // nobody answers an indication
            let setters: Setters = vec![
                Box::new(MessageType::new(METHOD_DATA, CLASS_INDICATION)),
                Box::new(id),
                Box::new(PeerAddress { ip: peer.ip(), port: peer.port() }),
                Box::new(Data(datagram.to_vec())),
            ];
            message.build(&setters).ok()?;
            message.raw
        };
        Some((allocation.client, bytes))
    }

    fn refuse(&self, asked: &Asked<'_>, refusal: &Refusal, key: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut message = Message::new();
        let head: Setters = vec![
            Box::new(MessageType::new(asked.message.typ.method, CLASS_ERROR_RESPONSE)),
            Box::new(asked.message.transaction_id),
        ];
        message.build(&head).ok()?;
        refusal.0.add_to(&mut message).ok()?;
        if refusal.1 == Challenge::Told {
            let nonce = self.ticket.nonce(asked.client.address, asked.now);
            for (attr, text) in [(ATTR_REALM, self.ticket.realm().to_owned()), (ATTR_NONCE, nonce)] {
                TextAttribute { attr, text }.add_to(&mut message).ok()?;
            }
        }
        if let Some(key) = key {
            MessageIntegrity::new_raw_integrity_with_provider(key, asked.crypto).add_to(&mut message).ok()?;
        }
        Some(message.raw)
    }

    /// A client is gone.
    pub fn forget(&mut self, client: End) {
        let Some(id) = self.by_client.remove(&client) else { return };
        let Some(allocation) = self.allocations.remove(&id) else { return };
        self.release(&allocation.username);
    }

    fn release(&mut self, username: &str) {
        if let Some(count) = self.by_name.get_mut(username) {
            *count -= 1;
            if *count == 0 {
                self.by_name.remove(username);
            }
        }
    }

    /// Gives an allocation away, to the thread on which its peer lives.
    pub fn give(&mut self, client: End) -> Option<Allocation> {
        let allocation = self.allocations.remove(&self.by_client.remove(&client)?)?;
        self.release(&allocation.username);
        Some(allocation)
    }

    /// Takes an allocation over.
    pub fn take(&mut self, allocation: Allocation) {
        *self.by_name.entry(allocation.username.clone()).or_default() += 1;
        self.by_client.insert(allocation.client, allocation.id);
        self.allocations.insert(allocation.id, allocation);
    }

    /// Ends what was not refreshed.
    ///
    /// * returns: the clients whose allocations ended.
    pub fn expire(&mut self, now: Now) -> Vec<End> {
        let over = |allocation: &&Allocation| allocation.until_us <= now.us;
        let clients: Vec<End> = self.allocations.values().filter(over).map(|gone| gone.client).collect();
        clients.iter().for_each(|client| self.forget(*client));
        clients
    }
}

type Setters = Vec<Box<dyn Setter>>;

fn answer(asked: &Asked<'_>, setters: &Setters, key: &[u8]) -> Option<Vec<u8>> {
    let mut message = Message::new();
    let head: Setters = vec![
        Box::new(MessageType::new(asked.message.typ.method, CLASS_SUCCESS_RESPONSE)),
        Box::new(asked.message.transaction_id),
    ];
    message.build(&head).ok()?;
    setters.iter().try_for_each(|setter| setter.add_to(&mut message)).ok()?;
    MessageIntegrity::new_raw_integrity_with_provider(key, asked.crypto).add_to(&mut message).ok()?;
    Some(message.raw)
}

/// The answer to a client that asks only whether there is a way, and from where it comes (RFC 8489 §7.3.1).
fn echo(client: End, asked: &Message) -> Option<Outcome<'static>> {
    let at = client.address;
    let parts: Setters = vec![
        Box::new(MessageType::new(METHOD_BINDING, CLASS_SUCCESS_RESPONSE)),
        Box::new(asked.transaction_id),
        Box::new(XorMappedAddress { ip: at.ip().to_canonical(), port: at.port() }),
    ];
    let mut message = Message::new();
    message.build(&parts).ok()?;
    asked.attributes.0.is_empty().then_some(Outcome::Reply(message.raw))
}

/// How long an allocation is asked for, within bounds; 0 ends it.
fn lifetime_us(message: &Message) -> u64 {
    let mut wanted = Lifetime::default();
    if wanted.get_from(message).is_err() {
        return ALLOCATION_US;
    }
    match wanted.0.as_micros() as u64 {
        0 => 0,
        us => us.clamp(ALLOCATION_US, ALLOCATION_US_MAX),
    }
}

/// All peers that a message names, at most as many as there can be entrances; one that can't be read makes none.
fn peers_of(message: &Message) -> Vec<SocketAddr> {
    let named = message.attributes.0.iter().filter(|attribute| attribute.typ == ATTR_XOR_PEER_ADDRESS);
    let read = |value: &[u8]| {
        let mut one = Message::new();
        one.transaction_id = message.transaction_id;
        one.write_header();
        one.add(AttrType(ATTR_XOR_PEER_ADDRESS.0), value);
        let mut peer = PeerAddress::default();
        peer.get_from(&one).ok().map(|()| SocketAddr::new(peer.ip, peer.port))
    };
    let all: Option<Vec<SocketAddr>> =
        named.take(ENTRANCES_MAX + 1).map(|found| read(&found.value)).collect();
    all.filter(|all| all.len() <= ENTRANCES_MAX).unwrap_or_default()
}
