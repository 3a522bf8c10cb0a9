//! Connectivity checks: who is answered, and when a peer is followed to another address.

use std::net::SocketAddr;
use std::time::Duration;

use media::core::dtls::Identity;
use media::core::ice::{Check, Credentials, Ice, Mark, Request, Step};
use media::core::limits::ADDRESSES_MAX;
use media::core::now::Now;
use media::core::outbox::Path;
use media::core::plane::Claim;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
};
use rtc_stun::attributes::{AttrType, RawAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter, TransactionId,
};
use rtc_stun::xoraddr::XorMappedAddress;

use crate::world::{World, instant};

fn now() -> Now {
    Now { at: instant(), us: 1_795_000_000_000_000 }
}

fn path(last: u8) -> Path {
    Path::udp(SocketAddr::from(([198, 51, 100, last], 4_000)), None)
}

fn ice() -> Ice {
    let credentials = Credentials { ufrag: "ours".to_owned(), password: "correct horse battery".to_owned() };
    Ice::new(credentials, "theirs".to_owned(), None)
}

/// A check as a browser writes it, with more attributes before the integrity value.
fn check(identity: &Identity, user: &str, password: &str, more: &[(AttrType, Vec<u8>)]) -> Vec<u8> {
    let mut message = Message::new();
    let raw = |typ, value: Vec<u8>| Box::new(RawAttribute { typ, length: value.len() as u16, value });
    let mut setters: Vec<Box<dyn Setter + '_>> = vec![
        Box::new(BINDING_REQUEST),
        Box::new(TransactionId([7; 12])),
        raw(ATTR_USERNAME, user.as_bytes().to_vec()),
        raw(ATTR_PRIORITY, vec![0x6e, 0, 1, 0xff]),
        raw(AttrType(0xc057), vec![0, 1, 0, 10]),
    ];
    more.iter().for_each(|(typ, value)| setters.push(raw(*typ, value.clone())));
    let key = password.to_owned();
    setters.push(Box::new(MessageIntegrity::new_short_term_integrity_with_provider(key, identity.crypto())));
    setters.push(Box::new(FINGERPRINT));
    message.build(&setters).unwrap();
    message.raw
}

const PASSWORD: &str = "correct horse battery";

fn reply_to(bytes: &[u8], identity: &Identity) -> Option<(Message, bool, bool)> {
    let verdict = ice().verify(now(), (Request::read(bytes)?, path(9).remote.address), identity.crypto())?;
    let mut reply = Message::new();
    reply.unmarshal_binary(&verdict.reply).unwrap();
    FINGERPRINT.check(&reply).unwrap();
    MessageIntegrity::check(&mut reply, PASSWORD.as_bytes(), identity.crypto()).unwrap();
    Some((reply, verdict.is_valid, verdict.check == Check::Nominating))
}

#[test]
fn a_check_with_our_password_is_answered_with_the_address_it_came_from() {
    let identity = Identity::make().unwrap();
    let more = [(ATTR_ICE_CONTROLLING, vec![1; 8]), (ATTR_USE_CANDIDATE, Vec::new())];
    let (reply, is_valid, nominates) =
        reply_to(&check(&identity, "ours:theirs", PASSWORD, &more), &identity).unwrap();
    assert_eq!(reply.typ, BINDING_SUCCESS);
    assert!(is_valid && nominates);
    let mut address = XorMappedAddress::default();
    address.get_from(&reply).unwrap();
    assert_eq!(SocketAddr::new(address.ip, address.port), path(9).remote.address);
}

#[test]
fn a_check_with_another_name_or_password_is_not_answered() {
    let identity = Identity::make().unwrap();
    for (user, password) in
        [("ours:theirs", "wrong"), ("ours:other", PASSWORD), ("other:theirs", PASSWORD), ("ours", PASSWORD)]
    {
        assert!(reply_to(&check(&identity, user, password, &[]), &identity).is_none(), "{user} {password}");
    }
}

#[test]
fn a_client_that_calls_itself_controlled_gets_a_role_conflict() {
    let identity = Identity::make().unwrap();
    let bytes = check(&identity, "ours:theirs", PASSWORD, &[(ATTR_ICE_CONTROLLED, vec![1; 8])]);
    let (reply, is_valid, _) = reply_to(&bytes, &identity).unwrap();
    assert!(reply.typ == BINDING_ERROR && !is_valid);
}

#[test]
fn an_attribute_that_must_be_understood_and_is_not_gets_an_error() {
    let identity = Identity::make().unwrap();
    let bytes = check(&identity, "ours:theirs", PASSWORD, &[(AttrType(0x0055), vec![1; 4])]);
    let (reply, is_valid, _) = reply_to(&bytes, &identity).unwrap();
    assert!(reply.typ == BINDING_ERROR && !is_valid);
}

#[test]
fn every_changed_byte_and_every_cut_makes_a_check_worthless() {
    let identity = Identity::make().unwrap();
    let bytes = check(&identity, "ours:theirs", PASSWORD, &[(ATTR_USE_CANDIDATE, Vec::new())]);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x15;
        assert!(reply_to(&changed, &identity).is_none(), "byte {at}");
        assert!(reply_to(&bytes[..at], &identity).is_none(), "cut at {at}");
    }
}

#[test]
fn the_first_check_is_followed_and_a_later_one_only_if_nominated_or_after_silence() {
    let (mut ice, start) = (ice(), now());
    let later = |ms| start.after(Duration::from_millis(ms));
    assert!(ice.checked(later(0), path(1), Check::Ordinary).moved);
    assert_eq!(
        ice.checked(later(100), path(2), Check::Ordinary),
        Step { added: Some(path(2).remote), ..Step::default() }
    );
    assert_eq!(ice.path(), Some(path(1)));
    assert!(ice.checked(later(200), path(3), Check::Nominating).moved, "nominated");
    ice.heard(later(700), path(3));
    assert!(!ice.checked(later(900), path(2), Check::Ordinary).moved, "the current address spoke 200 ms ago");
    ice.heard(later(1_000), path(1));
    assert!(
        ice.checked(later(1_101), path(2), Check::Ordinary).moved,
        "the current address is silent; another's voice is not its"
    );
}

#[test]
fn only_so_many_addresses_are_remembered_and_never_the_current_one_forgotten() {
    let mut ice = ice();
    ice.checked(now(), path(1), Check::Ordinary);
    for last in 2..40 {
        let step = ice.checked(now(), path(last), Check::Ordinary);
        assert_ne!(step.dropped, Some(path(1).remote));
        assert!(ice.validated().len() <= ADDRESSES_MAX);
    }
    assert!(ice.validated().contains(&path(1).remote));
}

#[test]
fn a_client_whose_address_changes_under_it_is_followed_without_a_new_offer() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(Duration::from_secs(2));
    world.clients[a].outside = "203.0.113.7:999".parse().unwrap();
    world.run(Duration::from_millis(100));
    let lost = world.clients[b].got.len();
    world.run(Duration::from_secs(8));
    assert!(world.clients[b].got.len() > lost + 300, "media came back");
    assert_eq!(world.report(a).moves, 1);
}

#[test]
fn after_a_restart_the_old_names_move_nobody_and_are_good_for_ten_seconds_only() {
    let identity = Identity::make().unwrap();
    let (mut ice, start) = (ice(), now());
    ice.checked(start, path(1), Check::Nominating);
    let fresh = || Credentials { ufrag: "newer".to_owned(), password: "battery horse".to_owned() };
    assert_eq!(ice.restart(start, fresh(), ("theirs-again".to_owned(), None)), None);
    assert_eq!(ice.path(), Some(path(1)), "nothing stops while the client checks");
    assert_eq!(ice.local_ufrags().collect::<Vec<_>>(), ["newer", "ours"]);
    let answer = |ice: &Ice, after: u64, user: &str, password: &str| {
        let request =
            Request::read(&check(&identity, user, password, &[(ATTR_USE_CANDIDATE, Vec::new())])).unwrap();
        let now = start.after(Duration::from_secs(after));
        let verdict = ice.verify(now, (request, path(2).remote.address), identity.crypto())?;
        verdict.is_valid.then_some(verdict.check)
    };
    assert_eq!(answer(&ice, 0, "newer:theirs-again", "battery horse"), Some(Check::Nominating));
    assert_eq!(answer(&ice, 9, "ours:theirs", PASSWORD), Some(Check::Old));
    assert_eq!(answer(&ice, 10, "ours:theirs", PASSWORD), None);
    for (user, password) in
        [("newer:theirs", "battery horse"), ("ours:theirs-again", PASSWORD), ("newer:theirs-again", PASSWORD)]
    {
        assert_eq!(answer(&ice, 0, user, password), None, "{user}");
    }
    assert!(!ice.checked(start, path(2), Check::Old).moved);
    assert!(ice.checked(start, path(2), Check::Ordinary).moved);
    assert_eq!(ice.restart(start, fresh(), ("third".to_owned(), None)).as_deref(), Some("ours"));
}

#[test]
fn the_plane_of_a_check_can_be_told_from_our_ufrag_alone() {
    let identity = Identity::make().unwrap();
    for index in 0..Mark::COUNT {
        let credentials = Credentials::make(Mark::new(index), &mut |bytes| bytes.fill(9));
        let user = format!("{}:theirs", credentials.ufrag);
        assert_eq!((credentials.ufrag.len(), credentials.password.len()), (8, 24));
        assert_eq!(Mark::of_request(&check(&identity, &user, PASSWORD, &[])), Some(Mark::new(index)));
    }
}

#[test]
fn an_address_that_another_plane_took_over_is_ours_again_with_the_next_check() {
    let (mut world, a, _) = World::pair();
    let (address, peer) = (world.clients[a].outside, world.clients[a].peer);
    assert!(world.plane.claims.contains(&Claim::Taken(address)));
    world.plane.claims.clear();
    world.plane.give_up(address);
    let dropped = world.plane.totals().datagrams_dropped;
    world.clients[a].is_sending = true;
    world.run(Duration::from_millis(100));
    assert!(world.plane.totals().datagrams_dropped > dropped, "it is not believed until then");
    world.run(Duration::from_secs(10));
    assert_eq!(world.plane.claims, [Claim::Taken(address)], "said once, not at each check");
    let dropped = world.plane.totals().datagrams_dropped;
    world.run(Duration::from_secs(1));
    assert_eq!(world.plane.totals().datagrams_dropped, dropped);
    world.plane.remove(world.now, peer);
    assert_eq!(world.plane.claims.last(), Some(&Claim::Left(address)));
}
