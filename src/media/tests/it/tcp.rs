//! Clients whose networks let no UDP through: ICE over TCP and the relay, over real sockets of loopback.
//! The relay's clients are those of `rtc-turn`.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use media::core::dtls::Identity;
use media::core::framing::{Found, Framing};
use media::{Caller, Kind, MediaConfig, MediaHandle, RelayConfig, RoomId, Sending, relay_credentials, start};
use rtc_shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc_turn::client::{Client as RelayClient, ClientConfig, Event};
use sansio::Protocol as _;
use str0m::change::SdpAnswer;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input};

use crate::udp::{config, wait};
use crate::world::{Client, instant, unix_seconds};

const SECRET: [u8; 32] = [7; 32];
const REALM: &str = "es.example.in";

/// An SFU with a relay, and whoever accepts its connections.
struct House {
    media: MediaHandle,
    listener: TcpListener,
}

impl House {
    fn open(threads: usize) -> House {
        let relay = Some(RelayConfig { secret: SECRET, realm: REALM.to_owned() });
        let config = MediaConfig { relay, ..config(threads, 16, Sending::Segmented) };
        let media = start(config, |_| {}).unwrap();
        House { media, listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    /// Accepts a connection as the front door does: after a look at its first bytes.
    fn call(&self) -> TcpStream {
        let socket = TcpStream::connect(self.listener.local_addr().unwrap()).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let accepted = self.listener.accept().unwrap().0;
        self.media.adopt(Caller { socket: accepted, tls: None, first: Vec::new() }).unwrap();
        socket
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.media.local_addr().port()))
    }
}

/// A client on a TCP connection.
struct Remote {
    client: Client,
    socket: TcpStream,
    inbox: Vec<u8>,
    relay: Option<Relayed>,
}

/// Its allocation.
struct Relayed {
    turn: RelayClient,
    address: SocketAddr,
}

impl Remote {
    fn join(house: &House, room: RoomId, relay: Option<Relayed>, socket: TcpStream) -> Remote {
        let (mut client, offer, pending) = Client::new(instant(), socket.local_addr().unwrap());
        let connected = wait(house.media.connect(room, offer)).unwrap();
        client.peer = connected.peer;
        client.slots = connected.slots;
        let answer = SdpAnswer::from_sdp_string(&connected.answer).unwrap();
        client.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        if let Some(relay) = &relay {
            let candidate = Candidate::host(relay.address, "udp").unwrap();
            client.rtc.add_local_candidate(candidate);
        }
        Remote { client, socket, inbox: Vec::new(), relay }
    }

    fn direct(house: &House, room: RoomId) -> Remote {
        let socket = house.call();
        Remote::join(house, room, None, socket)
    }

    fn relayed(house: &House, room: RoomId) -> Remote {
        let mut socket = house.call();
        let turn = allocate(&mut socket, house);
        Remote::join(house, room, Some(turn), socket)
    }

    fn turn(&mut self, house: &House) {
        if self.client.deadline() <= instant() {
            self.client.rtc.handle_input(Input::Timeout(instant())).unwrap();
        }
        self.send(house);
        let mut bytes = [0u8; 16_384];
        match self.socket.read(&mut bytes) {
            Ok(0) => panic!("the connection was closed"),
            Ok(count) => self.inbox.extend_from_slice(&bytes[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        let framing = if self.relay.is_some() { Framing::Relay } else { Framing::Datagrams };
        while let Found::Message { start, end, next } = framing.find(&self.inbox) {
            let message = self.inbox[start..end].to_vec();
            self.inbox.drain(..next);
            for datagram in self.unwrap(message, house) {
                let at = self.relay.as_ref().map_or(self.client.address, |relay| relay.address);
                let receive = Receive::new(Protocol::Udp, house.address(), at, &datagram).unwrap();
                self.client.rtc.handle_input(Input::Receive(instant(), receive)).unwrap();
            }
            self.send(house);
        }
    }

    fn unwrap(&mut self, message: Vec<u8>, house: &House) -> Vec<Vec<u8>> {
        let Some(relay) = &mut self.relay else { return vec![message] };
        relay.turn.handle_read(arrived(&message, house.address())).unwrap();
        let mut inside = Vec::new();
        while let Some(event) = relay.turn.poll_event() {
            if let Event::DataIndicationOrChannelData(_, from, bytes) = event {
                assert_eq!(from, house.address());
                inside.push(bytes.to_vec());
            }
        }
        inside
    }

    fn send(&mut self, house: &House) {
        let mut out = Vec::new();
        for datagram in self.client.drain() {
            match &mut self.relay {
                None => Framing::Datagrams.put(&datagram, &mut out),
                Some(relay) => {
                    relay
                        .turn
                        .relay(relay.address)
                        .unwrap()
                        .send_to(instant(), &datagram, house.address())
                        .unwrap();
                }
            }
        }
        if let Some(relay) = &mut self.relay {
            while let Some(message) = relay.turn.poll_write() {
                Framing::Relay.put(&message.message, &mut out);
            }
        }
        self.socket.write_all(&out).unwrap();
    }
}

fn arrived(message: &[u8], from: SocketAddr) -> TransportMessage<bytes::BytesMut> {
    TransportMessage {
        now: instant(),
        transport: TransportContext {
            local_addr: "127.0.0.1:9".parse().unwrap(),
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        },
        message: bytes::BytesMut::from(message),
    }
}

/// An allocation with a permission for the SFU.
fn allocate(socket: &mut TcpStream, house: &House) -> Relayed {
    let (username, password) = relay_credentials(&SECRET, "a-session", unix_seconds() + 600);
    let config = ClientConfig {
        stun_serv_addr: String::new(),
        turn_serv_addr: house.address().to_string(),
        local_addr: socket.local_addr().unwrap(),
        transport_protocol: TransportProtocol::UDP,
        username,
        password,
        realm: REALM.to_owned(),
        software: String::new(),
        rto_in_ms: 0,
        allocation_refresh_interval_cap: None,
    };
    let mut turn = RelayClient::new(config, Identity::make().unwrap().provider()).unwrap();
    turn.allocate(instant()).unwrap();
    let mut address = None;
    let mut inbox = Vec::new();
    let end = instant() + Duration::from_secs(20);
    loop {
        assert!(instant() < end, "no allocation in time");
        while let Some(message) = turn.poll_write() {
            let mut out = Vec::new();
            Framing::Relay.put(&message.message, &mut out);
            socket.write_all(&out).unwrap();
        }
        let mut bytes = [0u8; 4_096];
        if let Ok(count) = socket.read(&mut bytes) {
            inbox.extend_from_slice(&bytes[..count]);
        }
        while let Found::Message { start, end, next } = Framing::Relay.find(&inbox) {
            turn.handle_read(arrived(&inbox[start..end], house.address())).unwrap();
            inbox.drain(..next);
        }
        match turn.poll_event() {
            Some(Event::AllocateResponse(_, relayed)) => {
                address = Some(relayed);
                turn.relay(relayed).unwrap().create_permission(instant(), house.address()).unwrap();
            }
            Some(Event::CreatePermissionResponse(..)) => {
                return Relayed { turn, address: address.unwrap() };
            }
            Some(Event::AllocateError(_, error) | Event::CreatePermissionError(_, error)) => {
                panic!("{error}")
            }
            _ => {}
        }
    }
}

/// Two clients of one room, each on whatever it came, hear and see each other.
fn talk(house: &House, mut remotes: [Remote; 2]) {
    let end = instant() + Duration::from_secs(60);
    let until = |remotes: &mut [Remote; 2], rule: &dyn Fn(&[Remote; 2]) -> bool| {
        while !rule(remotes) {
            assert!(instant() < end, "it did not happen in time");
            for remote in remotes.iter_mut() {
                if remote.client.is_sending {
                    remote.client.speak(instant());
                    remote.client.show(instant());
                    remote.client.rtc.handle_input(Input::Timeout(instant())).unwrap();
                }
                remote.turn(house);
            }
        }
    };
    until(&mut remotes, &|remotes| remotes.iter().all(|remote| remote.client.is_connected));
    let [a, b] = [remotes[0].client.peer, remotes[1].client.peer];
    house.media.open(a, b).unwrap();
    house.media.open(b, a).unwrap();
    remotes.iter_mut().for_each(|remote| remote.client.is_sending = true);
    until(&mut remotes, &|remotes| {
        let sees = |at: usize, from| {
            let client = &remotes[at].client;
            client.tags(from, Kind::Audio).len() > 20 && client.tags(from, Kind::Video).len() > 60
        };
        sees(1, a) && sees(0, b)
    });
}

#[test]
fn two_talk_over_tcp_on_one_thread_and_on_several() {
    for threads in [1, 3] {
        let house = House::open(threads);
        for room in 0..threads as u64 {
            talk(&house, [Remote::direct(&house, RoomId(room)), Remote::direct(&house, RoomId(room))]);
        }
        let end = instant() + Duration::from_secs(20);
        while wait(house.media.totals()).unwrap().streams > 0 {
            assert!(instant() < end, "whoever hung up is gone");
        }
    }
}

#[test]
fn two_talk_through_the_relay_on_one_thread_and_on_several() {
    for threads in [1, 3] {
        let house = House::open(threads);
        for room in 0..threads as u64 {
            talk(&house, [Remote::relayed(&house, RoomId(room)), Remote::direct(&house, RoomId(room))]);
        }
    }
}

#[test]
fn a_connection_that_says_nothing_that_we_know_is_closed() {
    let house = House::open(2);
    for said in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 4_096], &[0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x43, 0, 0]]
    {
        let mut socket = house.call();
        socket.write_all(said).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let closed = socket.read(&mut [0u8; 16]);
        assert!(matches!(closed, Ok(0)) || closed.is_err_and(|e| e.kind() == ErrorKind::ConnectionReset));
    }
}

#[test]
fn who_does_not_read_harms_nobody_else() {
    let house = House::open(1);
    let (mut reader, writer) = (Remote::direct(&house, RoomId(1)), Remote::direct(&house, RoomId(1)));
    let mut remotes = [writer, Remote::direct(&house, RoomId(1))];
    let end = instant() + Duration::from_secs(60);
    while !(reader.client.is_connected && remotes.iter().all(|remote| remote.client.is_connected)) {
        assert!(instant() < end);
        reader.turn(&house);
        remotes.iter_mut().for_each(|remote| remote.turn(&house));
    }
    let peers = [remotes[0].client.peer, remotes[1].client.peer, reader.client.peer];
    for to in &peers[1..] {
        house.media.open(peers[0], *to).unwrap();
    }
    remotes[0].client.is_sending = true;
    // The reader reads no more; the other one goes on.
    while remotes[1].client.tags(peers[0], Kind::Video).len() < 2_000 {
        assert!(instant() < end, "{}", remotes[1].client.tags(peers[0], Kind::Video).len());
        remotes[0].client.speak(instant());
        remotes[0].client.show(instant());
        remotes[0].client.rtc.handle_input(Input::Timeout(instant())).unwrap();
        remotes.iter_mut().for_each(|remote| remote.turn(&house));
    }
}
