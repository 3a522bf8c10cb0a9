//! Where peers are: the checks by which they prove it, and the ends at which they are reached.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::{Claim, Plane};
use crate::core::ice::{Request, Step};
use crate::core::now::Now;
use crate::core::outbox::{End, Path, Via};
use crate::core::peer::Turn;

impl Plane {
    /// A STUN message: answers an authentic check and follows the client. `None` if it is dropped.
    pub(super) fn check(&mut self, now: Now, path: Path, datagram: &[u8]) -> Option<()> {
        let request = Request::read(datagram)?;
        let place = *self.by_ufrag.get(request.local_ufrag())?;
        let peer = self.peers[place].as_mut()?;
        let verdict = peer.ice.verify(now, (request, path.remote.address), self.identity.crypto())?;
        peer.report.bytes_received += datagram.len() as u64;
        peer.report.bytes_sent += verdict.reply.len() as u64;
        self.outbox.push(path, &verdict.reply);
        if !verdict.is_valid {
            return Some(());
        }
        let was_reached = peer.ice.path().is_some();
        let step = peer.ice.checked(now, path, verdict.check);
        peer.report.moves += u64::from(step.moved && was_reached);
        self.validated(now, (place, path), step);
        if !was_reached {
            self.foresee(now, place);
        }
        Some(())
    }

    /// A peer has proved to be at an end.
    pub(super) fn validated(&mut self, now: Now, (place, path): (usize, Path), step: Step) {
        let Some(peer) = self.peers[place].as_mut() else { return };
        peer.hear(now, path);
        if let Some(dropped) = step.dropped {
            leave(&mut self.by_end, &mut self.claims, (dropped, place));
        }
        if self.by_end.insert(path.remote, place).is_none() && path.remote.via == Via::Udp {
            self.claims.push(Claim::Taken(path.remote.address));
        }
        if step.moved {
            let mut turn =
                Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
            peer.pump(&mut turn);
        }
        self.touch(place);
    }

    /// Another plane validated this address after us. Whoever of us was there must pass a check to be heard again.
    pub fn give_up(&mut self, address: SocketAddr) {
        self.by_end.remove(&End::udp(address));
    }

    /// An end is no more: a connection closed, or an allocation ended. Whoever was there is not taken down; its next
    /// sign from anywhere else moves it.
    pub fn end_lost(&mut self, end: End) {
        if let Some(place) = self.by_end.remove(&end)
            && let Some(peer) = self.peers[place].as_mut()
        {
            peer.ice.lost(end);
        }
    }
}

/// The peer at `place` is at `end` no more; another that took it over keeps it.
pub(super) fn leave(by_end: &mut HashMap<End, usize>, claims: &mut Vec<Claim>, (end, place): (End, usize)) {
    if by_end.get(&end) == Some(&place) {
        by_end.remove(&end);
        if end.via == Via::Udp {
            claims.push(Claim::Left(end.address));
        }
    }
}
