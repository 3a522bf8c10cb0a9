//! The whole crate over real sockets on loopback: the handle, the driver, and two clients of another make.

use std::future::Future;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use media::{ConnectError, Down, Event, Kind, MediaConfig, MediaHandle, OfferError, PeerId, RoomId, start};
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

fn running() -> (MediaHandle, Receiver<Event>) {
    let (tell, events) = channel();
    let config = MediaConfig {
        bind: "0.0.0.0:0".parse().unwrap(), // answers must come from the address that was asked
        advertise: vec!["127.0.0.1:0".parse().unwrap()],
        silence_max: Duration::from_secs(15),
        peers_max: 3,
    };
    (start(config, move |event| drop(tell.send(event))).unwrap(), events)
}

/// A client with a socket of its own.
struct Remote {
    client: Client,
    socket: UdpSocket,
}

impl Remote {
    fn join(media: &MediaHandle) -> Remote {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let (mut client, offer, pending) = Client::new(instant(), socket.local_addr().unwrap());
        let connected = wait(media.connect(RoomId(1), offer)).unwrap();
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

/// Lets the clients work until the rule holds; fails after twenty seconds.
fn until(media: &MediaHandle, remotes: &mut [Remote], mut rule: impl FnMut(&mut [Remote]) -> bool) {
    let end = instant() + Duration::from_secs(20);
    while !rule(remotes) {
        assert!(instant() < end, "twenty seconds passed and it did not happen");
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
    let patience = Duration::from_secs(20);
    while events.recv_timeout(patience).unwrap() != (Event::Down { peer, why: Down::Removed }) {}
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
    assert!(media.open(PeerId(1), PeerId(2)).is_err());
    assert!(wait(media.totals()).is_none());
    assert!(wait(media.connect(RoomId(1), String::new())).is_err());
}
