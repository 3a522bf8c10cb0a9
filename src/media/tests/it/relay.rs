//! The relay's own rules: whom it lets in, for how long, and that it leads to our media addresses and nowhere else.

use std::net::SocketAddr;
use std::time::Duration;

use media::core::dtls::Identity;
use media::core::ice::Mark;
use media::core::limits::ALLOCATIONS_OF_ONE_MAX;
use media::core::now::Now;
use media::core::outbox::{End, Path, Via};
use media::core::relay::{Outcome, Relay};
use media::{RelayConfig, relay_credentials};
use rtc_stun::attributes::{ATTR_NONCE, ATTR_REALM, ATTR_USERNAME};
use rtc_stun::error_code::ErrorCodeAttribute;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    CLASS_INDICATION, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE, METHOD_BINDING,
    METHOD_CHANNEL_BIND, METHOD_CREATE_PERMISSION, METHOD_REFRESH, METHOD_SEND, Message, MessageType, Method,
    Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;
use rtc_turn::proto::PROTO_UDP;
use rtc_turn::proto::channum::ChannelNumber;
use rtc_turn::proto::data::Data;
use rtc_turn::proto::lifetime::Lifetime;
use rtc_turn::proto::peeraddr::PeerAddress;
use rtc_turn::proto::relayaddr::RelayedAddress;
use rtc_turn::proto::reqtrans::RequestedTransport;

use crate::world::instant;

const SECRET: [u8; 32] = [3; 32];
const REALM: &str = "es.example.in";
const START_S: u64 = 1_795_000_000;
const OURS: &str = "192.0.2.10:3478";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn client(last: u8) -> End {
    End { address: address(&format!("198.51.100.{last}:4000")), via: Via::Stream(last.into()) }
}

/// A relay and its clock.
struct World {
    relay: Relay,
    identity: Identity,
    now: Now,
    requests: u8,
}

/// Who a client says that it is.
#[derive(Clone)]
struct Pass {
    username: String,
    password: String,
    nonce: String,
}

/// What a client was answered.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Refused(u16),
    Nothing,
}

impl World {
    fn new() -> World {
        let config = RelayConfig { secret: SECRET, realm: REALM.to_owned() };
        let entrances = [address(OURS), address("[2001:db8::10]:3478")];
        World {
            relay: Relay::new(&config, &entrances, Mark::new(5)),
            identity: Identity::make().unwrap(),
            now: Now { at: instant(), us: START_S * 1_000_000 },
            requests: 0,
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    fn say(&mut self, from: End, bytes: &[u8]) -> Option<Message> {
        match self.relay.receive(self.now, from, bytes, self.identity.crypto()) {
            Outcome::Reply(bytes) => {
                let mut message = Message::new();
                message.unmarshal_binary(&bytes).unwrap();
                Some(message)
            }
            _ => None,
        }
    }

    fn message(
        &mut self,
        (method, class): (Method, rtc_stun::message::MessageClass),
        parts: &[&dyn Setter],
    ) -> Message {
        self.requests = self.requests.wrapping_add(1);
        let mut message = Message::new();
        let head: [Box<dyn Setter>; 2] =
            [Box::new(MessageType::new(method, class)), Box::new(TransactionId([self.requests; 12]))];
        message.build(&head).unwrap();
        parts.iter().for_each(|part| part.add_to(&mut message).unwrap());
        message
    }

    /// A signed request.
    fn ask(&mut self, from: End, pass: &Pass, method: Method, parts: &[&dyn Setter]) -> (Answer, Message) {
        let text = |attr, text: &str| TextAttribute { attr, text: text.to_owned() };
        let (username, realm, nonce) =
            (text(ATTR_USERNAME, &pass.username), text(ATTR_REALM, REALM), text(ATTR_NONCE, &pass.nonce));
        let mut all = parts.to_vec();
        all.extend([&username as &dyn Setter, &realm, &nonce]);
        let mut message = self.message((method, CLASS_REQUEST), &all);
        MessageIntegrity::new_long_term_integrity_with_provider(
            pass.username.clone(),
            REALM.to_owned(),
            pass.password.clone(),
            self.identity.crypto(),
        )
        .unwrap()
        .add_to(&mut message)
        .unwrap();
        let answer = self.say(from, &message.raw);
        let told = match &answer {
            None => Answer::Nothing,
            Some(reply) if reply.typ.class == CLASS_SUCCESS_RESPONSE => Answer::Done,
            Some(reply) => Answer::Refused(code_of(reply)),
        };
        (told, answer.unwrap_or_default())
    }

    /// What the relay says to a client that has not signed.
    fn challenge(&mut self, from: End) -> String {
        let transport = RequestedTransport { protocol: PROTO_UDP };
        let request = self.message((METHOD_ALLOCATE, CLASS_REQUEST), &[&transport]);
        let reply = self.say(from, &request.raw).unwrap();
        assert_eq!(code_of(&reply), 401);
        TextAttribute::get_from_as(&reply, ATTR_NONCE).unwrap().text
    }

    fn sign_in(&mut self, from: End, name: &str, until_s: u64) -> Pass {
        let nonce = self.challenge(from);
        let (username, password) = relay_credentials(&SECRET, name, until_s);
        Pass { username, password, nonce }
    }

    fn allocate(&mut self, from: End, pass: &Pass) -> Answer {
        self.ask(from, pass, METHOD_ALLOCATE, &[&RequestedTransport { protocol: PROTO_UDP }]).0
    }

    /// An allocation with a permission for our IPv4 address.
    fn allocated(&mut self, from: End) -> Pass {
        let pass = self.sign_in(from, "a-session", START_S + 600);
        assert_eq!(self.allocate(from, &pass), Answer::Done);
        assert_eq!(self.ask(from, &pass, METHOD_CREATE_PERMISSION, &[&peer(OURS)]).0, Answer::Done);
        pass
    }

    /// What of a Send indication comes out inside.
    fn send(&mut self, from: End, to: SocketAddr) -> Option<Path> {
        let parts: [&dyn Setter; 2] = [&PeerAddress { ip: to.ip(), port: to.port() }, &Data(vec![9; 40])];
        let message = self.message((METHOD_SEND, CLASS_INDICATION), &parts);
        match self.relay.receive(self.now, from, &message.raw, self.identity.crypto()) {
            Outcome::Inside(path, _) => Some(path),
            Outcome::Nothing => None,
            Outcome::Reply(_) => panic!("an indication is never answered"),
        }
    }
}

fn code_of(reply: &Message) -> u16 {
    let mut code = ErrorCodeAttribute::default();
    code.get_from(reply).unwrap();
    code.code.0
}

fn peer(text: &str) -> PeerAddress {
    let at = address(text);
    PeerAddress { ip: at.ip(), port: at.port() }
}

/// Addresses to which nobody may be led: ours in other forms, this machine, its network, and others.
const HOSTILE: &[&str] = &[
    // This machine.
    "127.0.0.1:3478",
    "127.0.0.1:5432",
    "127.0.0.2:3478",
    "127.1.2.3:80",
    "0.0.0.0:3478",
    "0.1.2.3:3478",
    "[::1]:3478",
    "[::]:3478",
    // Its networks.
    "10.0.0.1:3478",
    "10.255.255.255:22",
    "172.16.0.1:3478",
    "172.31.255.1:443",
    "192.168.0.1:3478",
    "192.168.255.1:80",
    "100.64.0.1:3478",
    "100.127.1.1:3478",
    "169.254.1.1:3478",
    "[fc00::1]:3478",
    "[fd12:3456::1]:3478",
    "[fe80::1]:3478",
    "[fec0::1]:3478",
    // What clouds keep at fixed addresses.
    "169.254.169.254:80",
    "[fd00:ec2::254]:80",
    // Groups, broadcasts, reserved and documentation ranges.
    "224.0.0.1:3478",
    "239.255.255.250:1900",
    "255.255.255.255:3478",
    "240.0.0.1:3478",
    "[ff02::1]:3478",
    "198.18.0.1:3478",
    "192.0.0.1:3478",
    "203.0.113.5:3478",
    "[2001:db8::11]:3478",
    "[100::1]:3478",
    // Our own and private ones inside of IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "[::ffff:192.0.2.10]:3478",
    "[::ffff:127.0.0.1]:3478",
    "[::ffff:10.0.0.1]:3478",
    "[::192.0.2.10]:3478",
    "[64:ff9b::192.0.2.10]:3478",
    "[64:ff9b::127.0.0.1]:80",
    "[64:ff9b:1::10.0.0.1]:3478",
    "[2002:c000:20a::1]:3478",
    "[2002:7f00:1::1]:80",
    "[2001:0:c000:20a::1]:3478",
    // The whole world, and our neighbour.
    "8.8.8.8:53",
    "192.0.2.11:3478",
    "[2001:4860:4860::8888]:53",
];

#[test]
fn whoever_asks_only_for_the_way_is_told_from_where_it_comes_and_costs_nothing() {
    let mut world = World::new();
    let request = world.message((METHOD_BINDING, CLASS_REQUEST), &[]);
    let reply = world.say(client(1), &request.raw).unwrap();
    let mut seen = XorMappedAddress::default();
    seen.get_from(&reply).unwrap();
    assert_eq!((reply.typ.class, reply.transaction_id), (CLASS_SUCCESS_RESPONSE, request.transaction_id));
    assert_eq!(SocketAddr::new(seen.ip, seen.port), client(1).address);
    assert!(world.relay.is_empty());
    let name = TextAttribute { attr: ATTR_USERNAME, text: "a-check".to_owned() };
    let check = world.message((METHOD_BINDING, CLASS_REQUEST), &[&name]);
    assert!(world.say(client(1), &check.raw).is_none(), "a check is not the relay's");
}

#[test]
fn nothing_is_relayed_to_any_of_forty_six_hostile_addresses_by_any_message() {
    let mut world = World::new();
    let from = client(1);
    let pass = world.allocated(from);
    assert_eq!(HOSTILE.len(), 46);
    for hostile in HOSTILE {
        let named = peer(hostile);
        assert_eq!(
            world.ask(from, &pass, METHOD_CREATE_PERMISSION, &[&named]).0,
            Answer::Refused(403),
            "{hostile}"
        );
        let both = world.ask(from, &pass, METHOD_CREATE_PERMISSION, &[&peer(OURS), &named]).0;
        assert_eq!(both, Answer::Refused(403), "{hostile} beside ours");
        let channel = ChannelNumber(0x4001);
        assert_eq!(
            world.ask(from, &pass, METHOD_CHANNEL_BIND, &[&channel, &named]).0,
            Answer::Refused(403),
            "{hostile}"
        );
        assert_eq!(world.send(from, address(hostile)), None, "{hostile}");
        let data = [&[0x40, 1, 0, 4][..], &[9; 4]].concat();
        assert_eq!(
            world.relay.receive(world.now, from, &data, world.identity.crypto()),
            Outcome::Nothing,
            "no channel was bound to {hostile}"
        );
    }
}

#[test]
fn other_ports_of_our_own_address_are_not_reached() {
    let mut world = World::new();
    let from = client(1);
    let pass = world.allocated(from);
    assert!(world.send(from, address(OURS)).is_some());
    for port in [1, 22, 80, 443, 3_477, 3_479, 5_432, 65_535] {
        let mut other = address(OURS);
        other.set_port(port);
        assert_eq!(world.send(from, other), None);
        let named = PeerAddress { ip: other.ip(), port };
        let bound = world.ask(from, &pass, METHOD_CHANNEL_BIND, &[&ChannelNumber(0x4000), &named]).0;
        assert_eq!(bound, Answer::Refused(403));
    }
}

#[test]
fn what_goes_in_comes_out_at_the_plane_and_what_the_plane_answers_comes_back() {
    let mut world = World::new();
    let from = client(1);
    let pass = world.allocated(from);
    let path = world.send(from, address(OURS)).unwrap();
    assert_eq!((path.local, path.remote.address.ip()), (Some(address(OURS).ip()), address(OURS).ip()));
    let (to, indication) = world.relay.wrap(world.now, path, &[5; 33]).unwrap();
    let mut message = Message::new();
    message.unmarshal_binary(&indication).unwrap();
    let mut data = Data::default();
    data.get_from(&message).unwrap();
    assert_eq!((to, data.0), (from, vec![5; 33]));

    assert_eq!(
        world.ask(from, &pass, METHOD_CHANNEL_BIND, &[&ChannelNumber(0x4abc), &peer(OURS)]).0,
        Answer::Done
    );
    let data = [&[0x4a, 0xbc, 0, 5][..], &[8; 5], &[0; 3]].concat();
    let outcome = world.relay.receive(world.now, from, &data, world.identity.crypto());
    assert_eq!(outcome, Outcome::Inside(path, vec![8; 5].into()));
    let (_, wrapped) = world.relay.wrap(world.now, path, &[7; 6]).unwrap();
    assert_eq!(wrapped, [&[0x4a, 0xbc, 0, 6][..], &[7; 6], &[0; 2]].concat());
}

#[test]
fn a_credential_is_good_for_its_ten_minutes_and_an_allocation_for_as_long_as_it_is_refreshed() {
    let mut world = World::new();
    let pass = world.allocated(client(1));
    for until in [START_S, START_S - 1, START_S + 3_600, u64::MAX] {
        let pass = world.sign_in(client(2), "a-session", until);
        assert_eq!(world.allocate(client(2), &pass), Answer::Refused(401), "{until}");
    }
    world.pass(599);
    let refreshed = world.ask(client(1), &pass, METHOD_REFRESH, &[&Lifetime(Duration::from_secs(600))]);
    assert_eq!(refreshed.0, Answer::Done);
    world.pass(2);
    let late = world.sign_in(client(2), "a-session", START_S + 600);
    assert_eq!(world.allocate(client(2), &late), Answer::Refused(401));
    assert_eq!(world.ask(client(1), &pass, METHOD_CREATE_PERMISSION, &[&peer(OURS)]).0, Answer::Done);
    world.pass(600);
    assert_eq!(world.relay.expire(world.now), [client(1)]);
    assert!(world.relay.is_empty());
    assert_eq!(world.send(client(1), address(OURS)), None);
}

#[test]
fn forged_and_stolen_credentials_open_nothing() {
    let mut world = World::new();
    let good = world.sign_in(client(1), "a-session", START_S + 600);
    let forged = [
        Pass { password: "wrong".to_owned(), ..good.clone() },
        Pass { username: format!("{}:another", START_S + 600), ..good.clone() },
        Pass { username: "no-time".to_owned(), ..good.clone() },
        Pass { username: String::new(), ..good.clone() },
    ];
    for pass in forged {
        assert_eq!(world.allocate(client(1), &pass), Answer::Refused(401), "{}", pass.username);
    }
    for nonce in ["", "x", "ffffffff-00", &good.nonce.replace('-', "")] {
        let pass = Pass { nonce: nonce.to_owned(), ..good.clone() };
        assert_eq!(world.allocate(client(1), &pass), Answer::Refused(438), "{nonce}");
    }
    // Taken from the wire and said from elsewhere, a request is stale.
    assert_eq!(world.allocate(client(2), &good), Answer::Refused(438));
    assert!(world.relay.is_empty());
}

#[test]
fn an_allocation_is_its_clients_and_its_credentials_alone() {
    let mut world = World::new();
    world.allocated(client(1));
    let other = world.sign_in(client(1), "another", START_S + 600);
    assert_eq!(world.allocate(client(1), &other), Answer::Refused(437));
    assert_eq!(world.ask(client(1), &other, METHOD_REFRESH, &[]).0, Answer::Refused(441));
    let elsewhere = world.sign_in(client(2), "a-session", START_S + 600);
    assert_eq!(world.ask(client(2), &elsewhere, METHOD_REFRESH, &[]).0, Answer::Refused(437));
    assert_eq!(world.send(client(2), address(OURS)), None);
}

#[test]
fn one_credential_has_so_many_allocations_and_ending_one_makes_room() {
    let mut world = World::new();
    for last in 0..ALLOCATIONS_OF_ONE_MAX as u8 {
        let pass = world.sign_in(client(last), "a-session", START_S + 600);
        assert_eq!(world.allocate(client(last), &pass), Answer::Done);
    }
    let more = world.sign_in(client(200), "a-session", START_S + 600);
    assert_eq!(world.allocate(client(200), &more), Answer::Refused(486));
    let first = world.sign_in(client(0), "a-session", START_S + 600);
    assert_eq!(world.ask(client(0), &first, METHOD_REFRESH, &[&Lifetime(Duration::ZERO)]).0, Answer::Done);
    assert_eq!(world.allocate(client(200), &more), Answer::Done);
}

#[test]
fn a_repeated_request_gets_the_same_address_again() {
    let mut world = World::new();
    let pass = world.sign_in(client(1), "a-session", START_S + 600);
    let relayed = |message: &Message| {
        let mut relayed = RelayedAddress::default();
        relayed.get_from(message).unwrap();
        SocketAddr::new(relayed.ip, relayed.port)
    };
    let transport = RequestedTransport { protocol: PROTO_UDP };
    let (_, first) = world.ask(client(1), &pass, METHOD_ALLOCATE, &[&transport]);
    world.requests -= 1; // the same transaction
    let (again, second) = world.ask(client(1), &pass, METHOD_ALLOCATE, &[&transport]);
    assert_eq!((again, relayed(&first)), (Answer::Done, relayed(&second)));
    assert_eq!(world.relay.len(), 1);
}

#[test]
fn an_allocation_moves_to_another_thread_with_its_permissions() {
    let mut world = World::new();
    world.allocated(client(1));
    let path = world.send(client(1), address(OURS)).unwrap();
    let allocation = world.relay.give(client(1)).unwrap();
    assert_eq!(world.send(client(1), address(OURS)), None);
    let mut other = World::new();
    other.relay.take(allocation);
    assert_eq!(other.send(client(1), address(OURS)), Some(path));
    assert!(other.relay.wrap(other.now, path, &[1]).is_some());
}

#[test]
fn no_cut_or_changed_message_does_anything() {
    let mut world = World::new();
    let pass = world.sign_in(client(1), "a-session", START_S + 600);
    let text = |attr, text: &str| TextAttribute { attr, text: text.to_owned() };
    let parts: [&dyn Setter; 4] = [
        &RequestedTransport { protocol: PROTO_UDP },
        &text(ATTR_USERNAME, &pass.username),
        &text(ATTR_REALM, REALM),
        &text(ATTR_NONCE, &pass.nonce),
    ];
    let mut message = world.message((METHOD_ALLOCATE, CLASS_REQUEST), &parts);
    let identity = Identity::make().unwrap();
    MessageIntegrity::new_long_term_integrity_with_provider(
        pass.username.clone(),
        REALM.to_owned(),
        pass.password.clone(),
        identity.crypto(),
    )
    .unwrap()
    .add_to(&mut message)
    .unwrap();
    for at in 0..message.raw.len() {
        let mut changed = message.raw.clone();
        changed[at] ^= 0x15;
        world.say(client(1), &changed);
        world.say(client(1), &message.raw[..at]);
        assert!(world.relay.is_empty(), "byte {at}");
    }
    assert!(world.say(client(1), &message.raw).is_some());
    assert_eq!(world.relay.len(), 1);
}
