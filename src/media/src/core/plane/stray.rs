//! Peers that move without a word: what comes from an address that nobody has proved to be at, and the proof.
//!
//! A packet that opens with a peer's keys is that peer's, wherever it comes from, and is taken. Where the peer is sent
//! to changes only when it has answered a check of ours from there, for a copied packet can come from anywhere.

use super::Plane;
use crate::core::ice::transaction_of;
use crate::core::limits::STUN_BYTES_MAX;
use crate::core::now::Now;
use crate::core::outbox::Path;

/// Peers whose keys are tried on one stray packet: SSRCs are drawn by chance, so that two peers seldom share one; the
/// reports of browsers that send nothing all have the number 1.
const TRIED_MAX: usize = 4;

impl Plane {
    /// RTP or RTCP from an unknown end: tried with the keys of those who may have sent it.
    pub(super) fn serve_stray(&mut self, now: Now, path: Path, datagram: &[u8]) -> Option<()> {
        let at = match datagram {
            [128..=191, 192..=223, ..] => 4,
            [128..=191, ..] => 8,
            _ => return None,
        };
        let ssrc = u32::from_be_bytes(*datagram.get(at..)?.first_chunk()?);
        let places = 0..self.peers.len();
        let mut may =
            |place: &usize| self.peers[*place].as_mut().is_some_and(|peer| peer.may_have_sent(now, ssrc));
        let candidates: Vec<usize> = places.filter(&mut may).take(TRIED_MAX).collect();
        candidates.into_iter().find_map(|place| self.try_stray(now, (place, path), datagram))
    }

    fn try_stray(&mut self, now: Now, (place, path): (usize, Path), datagram: &[u8]) -> Option<()> {
        let refused = self.peers[place].as_ref()?.report.refused;
        self.work_on(now, place, path, datagram);
        let peer = self.peers[place].as_mut()?;
        if peer.report.refused != refused {
            return None;
        }
        peer.report.strays += 1;
        let (mark, crypto) = (self.settings.mark, self.identity.crypto());
        if let Some((id, bytes)) =
            peer.ice.challenge((now, path, datagram.len()), mark, crypto, &mut *self.chance)
        {
            peer.report.bytes_sent += bytes.len() as u64;
            self.by_challenge.retain(|_, asked| *asked != place);
            self.by_challenge.insert(id, place);
            self.outbox.push(path, &bytes);
        }
        Some(())
    }

    /// A Binding response: if a peer answers our challenge with it, it is where it came from.
    pub(super) fn prove(&mut self, now: Now, path: Path, datagram: &[u8]) -> Option<()> {
        if datagram.len() > STUN_BYTES_MAX {
            return None;
        }
        let id = transaction_of(datagram)?;
        let place = *self.by_challenge.get(&id)?;
        let peer = self.peers[place].as_mut()?;
        let step = peer.ice.proved((now, path), datagram, self.identity.crypto())?;
        self.by_challenge.remove(&id);
        peer.report.moves += u64::from(step.moved);
        self.validated(now, (place, path), step);
        Some(())
    }
}
