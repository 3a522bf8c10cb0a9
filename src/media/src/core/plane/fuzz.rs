//! For fuzz targets alone: a transport that is up without a handshake, so that an input costs microseconds and
//! reaches what stands behind the keys. Compiled only with the feature `fuzz`, which the server never has.

use rtc_dtls::crypto_provider::SecretVec;

use super::Plane;
use crate::core::dtls::Keys;
use crate::core::hello::Profile;
use crate::core::ice::Check;
use crate::core::now::Now;
use crate::core::outbox::Path;
use crate::core::srtp::Srtp;
use crate::terms::PeerId;

impl Plane {
    /// Brings a peer's transport up at an address.
    ///
    /// * `material`: 56 bytes for AES-128-GCM, as RFC 5764 §4.2 lays them out.
    pub fn bring_up(&mut self, now: Now, peer: PeerId, path: Path, material: &[u8]) {
        let Some(&place) = self.by_id.get(&peer) else { return };
        let keys = Keys { profile: Profile::Gcm128, material: SecretVec::new(material.to_vec()) };
        let srtp = Srtp::new(&keys, self.identity.crypto());
        let Some(peer) = self.peers[place].as_mut() else { return };
        peer.srtp = srtp.ok();
        peer.report.is_up = true;
        peer.ice.checked(now, path, Check::Nominating);
        peer.hear(now, path);
        self.by_end.insert(path.remote, place);
        self.touch(place);
        self.schedule(now);
    }
}
