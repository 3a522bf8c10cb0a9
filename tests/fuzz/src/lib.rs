//! What the fuzz targets share: an input cut into pieces, a time that only they move, and a stage with two peers whose
//! transports are up, so that what a target composes is sealed as a client would and reaches the plane authentic.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use media::PeerId;
use media::core::dtls::{Identity, Keys};
use media::core::hello::Profile;
use media::core::ice::Mark;
use media::core::now::Now;
use media::core::outbox::Path;
use media::core::plane::{Plane, Settings};
use media::core::srtp::Srtp;
use rtc_dtls::crypto_provider::SecretVec;
use rtc_shared::marshal::{MarshalSize, Unmarshal};

/// The offer of a client that publishes and receives, with one slot of each kind: an input that begins with a new plane
/// costs little.
pub const OFFER: &str = include_str!("../corpus/sdp/small.sdp");

/// Cuts an input into pieces: two bytes of length before each. What is left over is a piece, too.
pub fn pieces(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = input;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(after.len());
        let (piece, after) = after.split_at(length);
        rest = after;
        Some(piece)
    })
    .take(64)
}

/// When everything begins.
pub fn begin() -> Now {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    Now { at: *BEGIN.get_or_init(Instant::now), us: 1_795_000_000_000_000 }
}

/// Chance that is the same each time.
pub fn chance() -> Box<dyn FnMut(&mut [u8]) + Send> {
    let mut state = 88_172_645_463_325_252u64;
    Box::new(move |bytes| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = (state >> 24) as u8;
        }
    })
}

/// Our certificate; making one for each input would be most of the work.
pub fn identity() -> Identity {
    thread_local! {
        static IDENTITY: Identity = Identity::make().expect("the library makes a certificate");
    }
    IDENTITY.with(Identity::clone)
}

/// An address of the documentation range.
pub fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, last], 4_000))
}

/// A plane without peers.
pub fn plane() -> Plane {
    let settings = Settings {
        candidates_tcp: Vec::new(),
        candidates: vec![address(1)],
        silence_max: Duration::from_secs(15),
        peers_max: 8,
        mark: Mark::default(),
    };
    Plane::new(identity(), settings, chance())
}

/// One end of the keys of a peer: what the client seals with.
fn client_end(material: &[u8], plane: &Plane) -> Srtp {
    let (keys, salts) = material.split_at(32);
    let (client, server) = salts.split_at(12);
    let swapped = [&keys[16..], &keys[..16], server, client].concat();
    let keys = Keys { profile: Profile::Gcm128, material: SecretVec::new(swapped) };
    Srtp::new(&keys, plane.crypto()).expect("the library takes the keys")
}

/// A peer whose transport is up, and its client's keys.
pub struct Actor {
    /// Its name in the plane.
    pub peer: PeerId,
    path: Path,
    srtp: Srtp,
}

/// Two peers, the ways between them open.
pub struct Stage {
    /// The plane.
    pub plane: Plane,
    /// The time.
    pub now: Now,
    actors: Vec<Actor>,
    sealed: HashSet<(SocketAddr, u32, u16)>,
}

impl Stage {
    /// Sets it up; nothing was sent yet.
    pub fn new() -> Stage {
        let (mut plane, now) = (plane(), begin());
        let mut actors = Vec::new();
        for number in 0..2u8 {
            let material: Vec<u8> = (0..56u8).map(|byte| byte ^ (number << 6)).collect();
            let peer = plane.connect(now, OFFER).expect("the offer is a client's").peer;
            let path = Path::udp(address(100 + number), None);
            plane.bring_up(now, peer, path, &material);
            let srtp = client_end(&material, &plane);
            actors.push(Actor { peer, path, srtp });
        }
        plane.open(now, actors[0].peer, actors[1].peer);
        plane.open(now, actors[1].peer, actors[0].peer);
        Stage { plane, now, actors, sealed: HashSet::new() }
    }

    /// Time passes.
    pub fn pass(&mut self, ms: u64) {
        self.now = self.now.after(Duration::from_millis(ms));
    }

    /// An actor sends an RTP packet: sealed under its sequence number, the rollover is nought.
    pub fn rtp(&mut self, actor: usize, plain: &[u8]) {
        let Some(header) = plain.get(..12) else { return };
        let index = u64::from(u16::from_be_bytes([header[2], header[3]]));
        let length = rtc_rtp::Header::unmarshal(&mut &plain[..]).map_or(12, |header| header.marshal_size());
        let mut bytes = plain.to_vec();
        let actor = &mut self.actors[actor];
        if actor.srtp.seal(&mut bytes, 0, length.min(plain.len()), index).is_ok() {
            self.plane.receive(self.now, actor.path, &bytes);
        }
    }

    /// An actor sends control packets.
    pub fn rtcp(&mut self, actor: usize, plain: &[u8]) {
        let actor = &mut self.actors[actor];
        if plain.len() >= 8
            && let Ok(sealed) = actor.srtp.seal_control(plain)
        {
            self.plane.receive(self.now, actor.path, &sealed);
        }
    }

    /// Ends a turn and looks at what leaves: nothing for strangers, and no number twice.
    pub fn turn(&mut self) {
        self.plane.tick(self.now);
        self.plane.finish(self.now, &mut |_| self.now);
        while self.plane.shake(self.now) {}
        for (path, bytes) in self.plane.outbox.iter() {
            assert!(
                self.actors.iter().any(|actor| actor.path.remote == path.remote),
                "a stranger is sent to"
            );
            if let [128..=191, second, a, b, _, _, _, _, ssrc @ ..] = bytes
                && !(192..224).contains(second)
            {
                let ssrc = u32::from_be_bytes([ssrc[0], ssrc[1], ssrc[2], ssrc[3]]);
                let is_new = self.sealed.insert((path.remote.address, ssrc, u16::from_be_bytes([*a, *b])));
                assert!(is_new, "a number was sealed twice");
            }
        }
        self.plane.outbox.clear();
        self.plane.events.clear();
        self.plane.claims.clear();
    }
}

impl Default for Stage {
    fn default() -> Stage {
        Stage::new()
    }
}
