//! A check of our own: whether the client is at an address from which its authentic packets come and no check of it.
//!
//! That is a NAT that gave it another port, or a network that changed under it: the client does not know, and its next
//! check may be seconds away. Whoever has copied its packets from the wire cannot answer (RFC 8445 §7.2, RFC 9000 §9.3).

use rtc_dtls::crypto_provider::RTCCrypto;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};

use super::{Check, Ice, Mark, Step};
use crate::core::limits::{CHALLENGE_INTERVAL_US, STUN_BYTES_MAX};
use crate::core::now::Now;
use crate::core::outbox::Path;

/// What we asked, and whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    id: TransactionId,
    path: Path,
    sent_us: u64,
}

impl Mark {
    /// The mark of the plane whose challenge a Binding response answers. Believes nothing else of the message.
    #[must_use]
    pub fn of_response(datagram: &[u8]) -> Option<Mark> {
        match datagram {
            [1, 1, _, _, _, _, _, _, mark, ..] if usize::from(*mark) < Mark::COUNT => {
                Some(Mark::new(usize::from(*mark)))
            }
            _ => None,
        }
    }
}

/// The transaction that a Binding response answers.
#[must_use]
pub fn transaction_of(datagram: &[u8]) -> Option<TransactionId> {
    let rest = datagram.strip_prefix(&[1, 1])?;
    rest.get(6..18)?.try_into().ok().map(TransactionId)
}

impl Ice {
    /// A check of ours to where an authentic packet came from; `None` if one is under way, if the client's password is
    /// not known, or if more would leave for there than has come: a copied packet can name a victim (RFC 9000 §8.1).
    ///
    /// * `bytes`: the length of the packet.
    /// * returns: the transaction, by which the answer is known, and the datagram.
    pub fn challenge(
        &mut self,
        (now, path, bytes): (Now, Path, usize),
        mark: Mark,
        crypto: &dyn RTCCrypto,
        chance: &mut dyn FnMut(&mut [u8]),
    ) -> Option<(TransactionId, Vec<u8>)> {
        let before = self.stray.filter(|(end, _)| *end == path.remote).map_or(0, |(_, bytes)| bytes);
        let credit = before + bytes;
        self.stray = Some((path.remote, credit));
        if self.challenge.is_some_and(|asked| now.us < asked.sent_us + CHALLENGE_INTERVAL_US) {
            return None;
        }
        let password = self.names.remote_password.clone()?;
        let mut id = TransactionId::default();
        chance(&mut id.0);
        id.0[0] = mark.index() as u8;
        let mut message = Message::new();
        let head: [Box<dyn Setter>; 2] = [Box::new(BINDING_REQUEST), Box::new(id)];
        message.build(&head).ok()?;
        let ufrags = format!("{}:{}", self.names.remote_ufrag, self.names.local.ufrag);
        message.add(ATTR_USERNAME, ufrags.as_bytes());
        // RFC 8445 §7.1.1: as a peer-reflexive candidate would have it.
        message.add(ATTR_PRIORITY, &((110u32 << 24) | (65_535 << 8) | 255).to_be_bytes());
        let mut tie = [0u8; 8];
        chance(&mut tie);
        message.add(ATTR_ICE_CONTROLLED, &tie);
        MessageIntegrity::new_short_term_integrity_with_provider(password, crypto)
            .add_to(&mut message)
            .ok()?;
        FINGERPRINT.add_to(&mut message).ok()?;
        self.stray = Some((path.remote, credit.checked_sub(message.raw.len())?));
        self.challenge = Some(Challenge { id, path, sent_us: now.us });
        Some((id, message.raw))
    }

    /// A Binding response came over `path`: if it answers our challenge, the client is there.
    pub fn proved(
        &mut self,
        (now, path): (Now, Path),
        datagram: &[u8],
        crypto: &dyn RTCCrypto,
    ) -> Option<Step> {
        let asked = self.challenge?;
        let length = datagram.len();
        let is_whole = (20..=STUN_BYTES_MAX).contains(&length)
            && usize::from(u16::from_be_bytes([datagram[2], datagram[3]])) + 20 == length;
        if asked.path.remote != path.remote || !is_whole {
            return None;
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        let of_integrity =
            |at: usize| message.attributes.0.get(at).map(|found| (found.typ, found.value.len()));
        let is_signed =
            (0..message.attributes.0.len()).any(|at| of_integrity(at) == Some((ATTR_MESSAGE_INTEGRITY, 20)));
        if message.typ != BINDING_SUCCESS || message.transaction_id != asked.id || !is_signed {
            return None;
        }
        let password = self.names.remote_password.as_ref()?;
        MessageIntegrity::check(&mut message, password.as_bytes(), crypto).ok()?;
        self.challenge = None;
        Some(self.checked(now, path, Check::Nominating))
    }
}
