//! The whole crate over real sockets on loopback: the handle, the driver with its threads, and clients of another make.

use std::future::Future;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use media::{
    ConnectError, Down, Event, Kind, MediaConfig, MediaHandle, OfferError, PeerId, RoomId, Sending,
    StartError, Totals, start,
};
use str0m::Input;
use str0m::change::SdpAnswer;
use str0m::net::{Protocol, Receive};

use crate::world::{Client, instant};

/// Waits for a future without a runtime.
pub fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// A running SFU for three peers.
fn running() -> (MediaHandle, Receiver<Event>) {
    running_on(2, 3, Sending::Segmented)
}

fn running_on(threads: usize, peers_max: usize, sending: Sending) -> (MediaHandle, Receiver<Event>) {
    let (tell, events) = channel();
    let media = start(config(threads, peers_max, sending), move |event| drop(tell.send(event)));
    (media.unwrap(), events)
}

pub fn config(threads: usize, peers_max: usize, sending: Sending) -> MediaConfig {
    MediaConfig {
        bind: "0.0.0.0:0".parse().unwrap(), // answers must come from the address that was asked
        advertise: vec!["127.0.0.1:0".parse().unwrap()],
        advertise_tcp: Vec::new(),
        relay: None,
        silence_max: Duration::from_secs(15),
        peers_max,
        threads,
        sending,
    }
}

/// A socket whose reads wait for two milliseconds.
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
    socket
}

/// A client with a socket of its own.
struct Remote {
    client: Client,
    socket: UdpSocket,
}

impl Remote {
    fn join(media: &MediaHandle) -> Remote {
        Remote::join_from(socket(), media, RoomId(1))
    }

    /// Joins a room from an address that may have been another's before.
    fn join_from(socket: UdpSocket, media: &MediaHandle, room: RoomId) -> Remote {
        let (mut client, offer, pending) = Client::new(instant(), socket.local_addr().unwrap());
        let connected = wait(media.connect(room, offer)).unwrap();
        client.peer = connected.peer;
        client.slots = connected.slots;
        let answer = SdpAnswer::from_sdp_string(&connected.answer).unwrap();
        client.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        Remote { client, socket }
    }

    /// Sends what waits and takes what comes within two milliseconds.
    fn turn(&mut self, media: &MediaHandle) {
        let server = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, media.local_addr().port()));
        let client = &mut self.client;
        if client.deadline() <= instant() {
            client.rtc.handle_input(Input::Timeout(instant())).unwrap();
        }
        for bytes in client.drain() {
            self.socket.send_to(&bytes, server).unwrap();
        }
        let mut bytes = [0u8; 2_048];
        loop {
            match self.socket.recv_from(&mut bytes) {
                Ok((length, source)) => {
                    let receive =
                        Receive::new(Protocol::Udp, source, client.address, &bytes[..length]).unwrap();
                    client.rtc.handle_input(Input::Receive(instant(), receive)).unwrap();
                    for bytes in client.drain() {
                        self.socket.send_to(&bytes, server).unwrap();
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// How long a test waits for what must happen: much longer than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lets the clients work until the rule holds; fails when patience ends.
fn until(media: &MediaHandle, remotes: &mut [Remote], mut rule: impl FnMut(&mut [Remote]) -> bool) {
    let end = instant() + PATIENCE;
    while !rule(remotes) {
        assert!(instant() < end, "it did not happen in time");
        remotes.iter_mut().for_each(|remote| remote.turn(media));
    }
}

/// One sound and one picture from each sending client, each turn.
fn perform(remotes: &mut [Remote]) {
    for client in remotes.iter_mut().map(|remote| &mut remote.client).filter(|client| client.is_sending) {
        client.speak(instant());
        client.show(instant());
        client.rtc.handle_input(Input::Timeout(instant())).unwrap();
    }
}

#[test]
fn sound_and_pictures_cross_real_sockets_only_after_the_route_is_opened() {
    let (media, events) = running();
    let mut remotes = [Remote::join(&media), Remote::join(&media)];
    let (a, b) = (remotes[0].client.peer, remotes[1].client.peer);
    until(&media, &mut remotes, |remotes| remotes.iter().all(|remote| remote.client.is_connected));
    remotes[0].client.is_sending = true;
    let received = |peer: PeerId| wait(media.report(peer)).map_or(0, |report| report.rtp_received);
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        received(a) > 100
    });
    assert_eq!(wait(media.report(a)).unwrap().rtp_forwarded_from, 0);
    assert!(remotes[1].client.got.is_empty());

    media.open(a, b).unwrap();
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        let client = &remotes[1].client;
        client.tags(a, Kind::Audio).len() > 20 && client.tags(a, Kind::Video).len() > 60
    });
    let report = wait(media.report(a)).unwrap();
    assert!(report.rtp_forwarded_from > 80 && report.up_after.is_some());
    assert!(wait(media.totals()).unwrap().rtp_sent >= report.rtp_forwarded_from);

    media.shut(a, b).unwrap();
    let at_shut = wait(media.report(a)).unwrap().rtp_forwarded_from;
    let before = received(a);
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        received(a) > before + 50
    });
    assert_eq!(wait(media.report(a)).unwrap().rtp_forwarded_from, at_shut);

    media.stop();
    let events: Vec<Event> = events.try_iter().collect();
    for event in
        [Event::Up { peer: a }, Event::Up { peer: b }, Event::FirstMedia { peer: a, kind: Kind::Audio }]
    {
        assert!(events.contains(&event), "{event:?} in {events:?}");
    }
    for peer in [a, b] {
        assert!(events.contains(&Event::Down { peer, why: Down::Removed }));
    }
}

#[test]
fn a_removed_client_is_told_as_down() {
    let (media, events) = running();
    let mut remotes = [Remote::join(&media)];
    let peer = remotes[0].client.peer;
    until(&media, &mut remotes, |remotes| remotes[0].client.is_connected);
    media.remove(peer).unwrap();
    assert!(wait(media.report(peer)).is_none());
    while events.recv_timeout(PATIENCE).unwrap() != (Event::Down { peer, why: Down::Removed }) {}
}

#[test]
fn bad_offers_and_a_full_house_are_refused_with_their_reason() {
    let (media, _events) = running();
    let refusal = wait(media.connect(RoomId(1), "hello".to_owned())).unwrap_err();
    assert_eq!(refusal, ConnectError::Offer(OfferError::Malformed));
    let _remotes: Vec<_> = (0..3).map(|_| Remote::join(&media)).collect();
    let (_, offer, _) = Client::new(instant(), "127.0.0.1:9".parse().unwrap());
    assert_eq!(wait(media.connect(RoomId(1), offer)).unwrap_err(), ConnectError::Full);
}

#[test]
fn a_stopped_plane_takes_no_commands_and_can_be_stopped_again() {
    let (media, _events) = running();
    media.stop();
    media.stop();
    assert!(media.open(PeerId(64), PeerId(128)).is_err());
    assert!(wait(media.totals()).is_none());
    assert!(wait(media.connect(RoomId(1), String::new())).is_err());
}

fn totals(media: &MediaHandle) -> Totals {
    wait(media.totals()).unwrap()
}

/// Whether a client heard and saw this much of another since it had got `before` packets.
fn has_got(remote: &Remote, from: PeerId, before: usize) -> bool {
    let got = &remote.client.got[before..];
    let count = |kind: &str| got.iter().filter(|got| got.tag.starts_with(&format!("{from}/{kind}/"))).count();
    count("audio") > 20 && count("video") > 60
}

/// The other client of a room of two.
fn partner(place: usize) -> usize {
    place ^ 1
}

/// Eight clients in four rooms of two, who hear and see each other; the ways out of the rooms were opened in vain.
fn four_rooms(media: &MediaHandle) -> Vec<Remote> {
    let mut remotes: Vec<Remote> =
        (0..8).map(|place| Remote::join_from(socket(), media, RoomId(place / 2))).collect();
    let peers: Vec<PeerId> = remotes.iter().map(|remote| remote.client.peer).collect();
    for from in &peers {
        for to in &peers {
            media.open(*from, *to).unwrap();
        }
    }
    until(media, &mut remotes, |remotes| remotes.iter().all(|remote| remote.client.is_connected));
    remotes.iter_mut().for_each(|remote| remote.client.is_sending = true);
    until(media, &mut remotes, |remotes| {
        perform(remotes);
        (0..8).all(|place| has_got(&remotes[place], peers[partner(place)], 0))
    });
    remotes
}

fn four_rooms_flow_on(threads: usize) {
    let (media, events) = running_on(threads, 64, Sending::Segmented);
    assert_eq!(media.threads(), threads);
    let mut remotes = four_rooms(&media);
    let peers: Vec<PeerId> = remotes.iter().map(|remote| remote.client.peer).collect();
    for (place, remote) in remotes.iter().enumerate() {
        let own = format!("{}/", peers[partner(place)]);
        assert!(remote.client.got.iter().all(|got| got.tag.starts_with(&own)), "nothing crosses rooms");
    }
    assert_eq!((totals(&media).peers, totals(&media).peers_up, totals(&media).routes), (8, 8, 8));
    let mut reported: Vec<PeerId> = wait(media.reports()).into_iter().map(|(peer, _)| peer).collect();
    reported.sort_unstable();
    let mut sorted = peers.clone();
    sorted.sort_unstable();
    assert_eq!(reported, sorted);

    // The kernel chooses the socket by a hash, so sooner or later it is a wrong one.
    while threads > 1 && totals(&media).handed_over == 0 && remotes.len() < 40 {
        remotes.push(Remote::join_from(socket(), &media, RoomId(0)));
        until(&media, &mut remotes, |remotes| remotes.iter().all(|remote| remote.client.is_connected));
    }
    assert_eq!(totals(&media).handed_over > 0, threads > 1);
    assert_eq!((totals(&media).hand_over_lost, totals(&media).send_errors), (0, 0));

    media.stop();
    let events: Vec<Event> = events.try_iter().collect();
    for peer in peers {
        assert!(events.contains(&Event::Down { peer, why: Down::Removed }), "{peer} in {events:?}");
    }
    assert!(wait(media.totals()).is_none() && wait(media.reports()).is_empty());
}

#[test]
fn on_one_thread_each_room_hears_itself_and_nobody_else() {
    four_rooms_flow_on(1);
}

#[test]
fn on_two_threads_each_room_hears_itself_and_nobody_else() {
    four_rooms_flow_on(2);
}

#[test]
fn on_four_threads_each_room_hears_itself_and_nobody_else() {
    four_rooms_flow_on(4);
}

#[test]
fn sent_one_by_one_the_same_sound_and_pictures_arrive() {
    let (media, _events) = running_on(2, 8, Sending::Plain);
    four_rooms(&media);
    assert_eq!(totals(&media).send_errors, 0);
}

#[test]
fn clients_that_move_to_another_port_stay_connected_on_every_thread() {
    let (media, events) = running_on(4, 8, Sending::Segmented);
    let mut remotes = four_rooms(&media);
    let peers: Vec<PeerId> = remotes.iter().map(|remote| remote.client.peer).collect();
    let movers = [0, 2, 4, 6];
    for mover in movers {
        remotes[mover].socket = socket();
    }
    let moves = |mover: usize| wait(media.report(peers[mover])).unwrap().moves;
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        movers.iter().all(|mover| moves(*mover) == 1)
    });
    let before: Vec<usize> = remotes.iter().map(|remote| remote.client.got.len()).collect();
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        (0..8).all(|place| has_got(&remotes[place], peers[partner(place)], before[place]))
    });
    assert!(events.try_iter().all(|event| !matches!(event, Event::Down { .. })));
}

#[test]
fn a_new_client_at_the_address_of_another_threads_client_takes_it_over() {
    let (media, _events) = running_on(2, 8, Sending::Segmented);
    let mut remotes = vec![Remote::join_from(socket(), &media, RoomId(1))];
    let listener = Remote::join_from(socket(), &media, RoomId(2));
    remotes.push(listener);
    until(&media, &mut remotes, |remotes| remotes.iter().all(|remote| remote.client.is_connected));
    let old = remotes.remove(0);
    let address = old.socket.try_clone().unwrap();
    drop(old); // without a goodbye: its thread still believes that the address is its
    remotes.push(Remote::join_from(address, &media, RoomId(2)));
    let (to, from) = (remotes[0].client.peer, remotes[1].client.peer);
    media.open(from, to).unwrap();
    until(&media, &mut remotes, |remotes| remotes[1].client.is_connected);
    remotes[1].client.is_sending = true;
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        has_got(&remotes[0], from, 0)
    });
    assert_eq!(totals(&media).peers_up, 3);
}

#[test]
fn commands_about_peers_that_never_were_are_ignored() {
    let (media, _events) = running_on(2, 8, Sending::Segmented);
    for peer in [PeerId(0), PeerId(1), PeerId(63), PeerId(u64::MAX)] {
        for other in [PeerId(0), PeerId(65), PeerId(u64::MAX)] {
            media.open(peer, other).unwrap();
            media.shut(peer, other).unwrap();
        }
        media.view(peer, Vec::new()).unwrap();
        media.remove(peer).unwrap();
        assert!(wait(media.report(peer)).is_none());
    }
    assert_eq!(totals(&media).peers, 0);
}

#[test]
fn a_port_that_another_program_has_is_not_shared_with_it() {
    let (media, _events) = running_on(2, 8, Sending::Segmented);
    let config = MediaConfig { bind: media.local_addr(), ..config(2, 8, Sending::Segmented) };
    assert!(matches!(start(config, |_| {}), Err(StartError::Bind(..))));
}

#[test]
fn a_thread_that_ends_by_a_fault_takes_its_own_rooms_with_it_and_no_others() {
    let (tell, events) = channel();
    let victim = Arc::new(OnceLock::new());
    let to_fail = victim.clone();
    let media = start(config(2, 8, Sending::Segmented), move |event| {
        let is_fault =
            matches!(event, Event::Down { peer, why: Down::Removed } if to_fail.get() == Some(&peer));
        let _ = tell.send(event);
        assert!(!is_fault, "a fault that a test made");
    });
    let media = media.unwrap();
    let room = |room| Remote::join_from(socket(), &media, RoomId(room));
    let mut remotes = [room(1), room(2), room(1), room(2)];
    until(&media, &mut remotes, |remotes| remotes.iter().all(|remote| remote.client.is_connected));
    let peers: Vec<PeerId> = remotes.iter().map(|remote| remote.client.peer).collect();
    victim.set(peers[0]).unwrap();
    media.remove(peers[0]).unwrap();
    while events.recv_timeout(PATIENCE).unwrap() != (Event::Down { peer: peers[2], why: Down::Failed }) {}

    media.open(peers[1], peers[3]).unwrap();
    remotes[1].client.is_sending = true;
    until(&media, &mut remotes, |remotes| {
        perform(remotes);
        has_got(&remotes[3], peers[1], 0)
    });
    assert_eq!(totals(&media).peers, 2);
    let again = Remote::join_from(socket(), &media, RoomId(1));
    assert_eq!(again.client.peer.0 % 2, peers[1].0 % 2, "on the thread that is left");
    media.stop();
}
