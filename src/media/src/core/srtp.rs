//! SRTP of one peer: opens what comes, seals what goes.
//!
//! RTP goes out sealed in place by our own call of the AEAD (byte-equal to the component's, see the test), control
//! and everything inbound by the component. Sources: RFC 3711 §4.3, RFC 7714 §8 and §9.

use bytes::BytesMut;
use rtc_dtls::crypto_provider::{AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, RTCCrypto};
use rtc_rtp::Header;
use rtc_shared::error::{Error, Result};
use rtc_srtp::config::{Config, SessionKeys};
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_no_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

use super::dtls::Keys;
use super::hello::Profile;
use super::limits::{SRTCP_REPLAY_WINDOW, SRTP_REPLAY_WINDOW, SSRCS_MAX, TRIAL_SSRCS_MAX};

/// Bytes of an AEAD tag.
const GCM_TAG: usize = 16;

/// How RTP is sealed.
enum Sealer {
    Own { aead: Box<dyn AeadCipher>, salt: [u8; 12] },
    Component,
}

/// The SRTP state of one peer.
pub struct Srtp {
    profile: ProtectionProfile,
    inbound: Context,
    outbound: Context,
    sealer: Sealer,
    /// Opens packets of SSRCs that have not proved themselves: the component makes state for an SSRC before it
    /// has authenticated it, so a forger fills only this context, which is thrown away.
    trial: Context,
    trial_ssrcs: Vec<u32>,
    proven: Vec<u32>,
    keys: SessionKeys,
}

/// RFC 3711 §4.3.1 with the 12-byte salt of RFC 7714 and a key derivation rate of zero.
fn derive(crypto: &dyn RTCCrypto, key: &[u8], salt: &[u8], label: u8) -> Result<[u8; 16]> {
    let mut block = [0u8; 16];
    block[..12].copy_from_slice(salt.get(..12).ok_or(Error::ErrShortSrtpMasterSalt)?);
    block[7] ^= label;
    crypto
        .block_encrypt(BlockCipherAlgorithm::Aes128, key, &mut block)
        .map_err(|e| Error::Crypto(e.to_string()))?;
    Ok(block)
}

impl Sealer {
    fn make(profile: ProtectionProfile, keys: &SessionKeys, crypto: &dyn RTCCrypto) -> Result<Sealer> {
        if !matches!(profile, ProtectionProfile::AeadAes128Gcm) {
            return Ok(Sealer::Component);
        }
        let key = derive(crypto, &keys.local_master_key, &keys.local_master_salt, 0)?;
        let salted = derive(crypto, &keys.local_master_key, &keys.local_master_salt, 2)?;
        let mut salt = [0u8; 12];
        salt.copy_from_slice(&salted[..12]);
        let aead =
            crypto.new_aead(AeadAlgorithm::Aes128Gcm, &key).map_err(|e| Error::Crypto(e.to_string()))?;
        Ok(Sealer::Own { aead, salt })
    }
}

fn trial(profile: ProtectionProfile, keys: &SessionKeys, crypto: &dyn RTCCrypto) -> Result<Context> {
    let (key, salt) = (&keys.remote_master_key, &keys.remote_master_salt);
    Context::new(key, salt, profile, Some(srtp_no_replay_protection()), None, crypto)
}

impl Srtp {
    /// State from the keys of a DTLS handshake in which the client was the client.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn new(keys: &Keys, crypto: &dyn RTCCrypto) -> Result<Srtp> {
        let profile = match keys.profile {
            Profile::Gcm128 => ProtectionProfile::AeadAes128Gcm,
            Profile::Sha1 => ProtectionProfile::Aes128CmHmacSha1_80,
        };
        let mut config = Config { profile, ..Default::default() };
        config.set_session_keys_from_keying_material(keys.material.as_ref(), false)?;
        let keys = config.keys;
        let replay = Some(srtp_replay_protection(SRTP_REPLAY_WINDOW));
        let control = Some(srtcp_replay_protection(SRTCP_REPLAY_WINDOW));
        Ok(Srtp {
            profile,
            inbound: Context::new(
                &keys.remote_master_key,
                &keys.remote_master_salt,
                profile,
                replay,
                control,
                crypto,
            )?,
            outbound: Context::new(
                &keys.local_master_key,
                &keys.local_master_salt,
                profile,
                None,
                None,
                crypto,
            )?,
            sealer: Sealer::make(profile, &keys, crypto)?,
            trial: trial(profile, &keys, crypto)?,
            trial_ssrcs: Vec::new(),
            proven: Vec::new(),
            keys,
        })
    }

    /// Opens an RTP packet; returns header and payload as they were before sealing.
    ///
    /// # Errors
    /// Not authentic, a replay, or one SSRC too many.
    pub fn open(&mut self, packet: &[u8], header: &Header, crypto: &dyn RTCCrypto) -> Result<BytesMut> {
        self.prove(header.ssrc, crypto, |trial| trial.decrypt_rtp_with_header(packet, header))?;
        self.inbound.decrypt_rtp_with_header(packet, header)
    }

    /// Whether an authentic packet of this SSRC has come.
    #[must_use]
    pub fn knows(&self, ssrc: u32) -> bool {
        self.proven.contains(&ssrc)
    }

    /// Opens an RTCP packet.
    ///
    /// # Errors
    /// Not authentic, a replay, or one SSRC too many.
    pub fn open_control(&mut self, packet: &[u8], crypto: &dyn RTCCrypto) -> Result<BytesMut> {
        let ssrc = packet.get(4..8).ok_or(Error::ErrTooShortRtcp)?;
        let ssrc = u32::from_be_bytes([ssrc[0], ssrc[1], ssrc[2], ssrc[3]]);
        self.prove(ssrc, crypto, |trial| trial.decrypt_rtcp(packet))?;
        self.inbound.decrypt_rtcp(packet)
    }

    /// Lets an SSRC prove itself with an authentic packet, away from the context that matters.
    fn prove(
        &mut self,
        ssrc: u32,
        crypto: &dyn RTCCrypto,
        open: impl FnOnce(&mut Context) -> Result<BytesMut>,
    ) -> Result<()> {
        if self.proven.contains(&ssrc) {
            return Ok(());
        }
        if self.proven.len() >= SSRCS_MAX {
            return Err(Error::ErrTooShortRtp);
        }
        if !self.trial_ssrcs.contains(&ssrc) {
            if self.trial_ssrcs.len() >= TRIAL_SSRCS_MAX {
                self.trial = trial(self.profile, &self.keys, crypto)?;
                self.trial_ssrcs.clear();
            }
            self.trial_ssrcs.push(ssrc);
        }
        open(&mut self.trial)?;
        self.proven.push(ssrc);
        Ok(())
    }

    /// Seals an RTP packet in place: `buffer[start..]` is header and payload, the tag is appended.
    ///
    /// * `header`: bytes of the header.
    /// * `index`: the packet's 48-bit index (rollover count and sequence number). The caller owns its uniqueness
    ///   per SSRC: sealing two packets under one index gives the key away.
    ///
    /// # Errors
    /// The cryptographic library refuses; the buffer is then to be thrown away.
    pub fn seal(&mut self, buffer: &mut Vec<u8>, start: usize, header: usize, index: u64) -> Result<()> {
        match &mut self.sealer {
            Sealer::Own { aead, salt } => {
                let packet = buffer.get(start..).ok_or(Error::ErrTooShortRtp)?;
                let ssrc = packet.get(8..12).ok_or(Error::ErrTooShortRtp)?;
                let mut nonce = *salt;
                nonce[2..6].iter_mut().zip(ssrc).for_each(|(place, byte)| *place ^= byte);
                nonce[6..12]
                    .iter_mut()
                    .zip(&index.to_be_bytes()[2..])
                    .for_each(|(place, byte)| *place ^= byte);
                let mut tag = [0u8; GCM_TAG];
                let (head, body) =
                    buffer[start..].split_at_mut_checked(header).ok_or(Error::ErrTooShortRtp)?;
                aead.seal_in_place(&nonce, head, body, &mut tag).map_err(|e| Error::Crypto(e.to_string()))?;
                buffer.extend_from_slice(&tag);
            }
            Sealer::Component => {
                let sealed = self.outbound.encrypt_rtp(&buffer[start..])?;
                buffer.truncate(start);
                buffer.extend_from_slice(&sealed);
            }
        }
        Ok(())
    }

    /// Seals an RTCP packet.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn seal_control(&mut self, packet: &[u8]) -> Result<BytesMut> {
        self.outbound.encrypt_rtcp(packet)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::*;
    use rtc_dtls::crypto_provider::{SecretVec, default_provider};

    fn material(profile: Profile) -> Vec<u8> {
        let length = if profile == Profile::Gcm128 { 56 } else { 60 };
        (0..length).collect()
    }

    fn srtp(profile: Profile, material: Vec<u8>) -> Srtp {
        let keys = Keys { profile, material: SecretVec::new(material) };
        Srtp::new(&keys, default_provider().unwrap().crypto()).unwrap()
    }

    /// What the other end has: the same material with the halves swapped.
    fn other_end(profile: Profile) -> Srtp {
        let m = material(profile);
        let (keys, salts) = m.split_at(32);
        let (a, b) = salts.split_at(salts.len() / 2);
        srtp(profile, [&keys[16..], &keys[..16], b, a].concat())
    }

    fn packet(index: u64, ssrc: u32) -> Vec<u8> {
        let mut bytes = vec![0x90, 96, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0x31, 1, 2, 0];
        bytes[2..4].copy_from_slice(&(index as u16).to_be_bytes());
        bytes[8..12].copy_from_slice(&ssrc.to_be_bytes());
        bytes.extend([index as u8; 300]);
        bytes
    }

    #[test]
    fn our_seal_is_byte_equal_to_the_component_across_a_sequence_wrap() {
        let provider = default_provider().unwrap();
        for profile in [Profile::Gcm128, Profile::Sha1] {
            let (mut own, mut component, mut client) =
                (srtp(profile, material(profile)), srtp(profile, material(profile)), other_end(profile));
            component.sealer = Sealer::Component;
            for index in 65_000u64..66_200 {
                let plain = packet(index, 7);
                let (mut ours, mut theirs) = (vec![1, 2, 3], vec![]);
                ours.extend(&plain);
                theirs.extend(&plain);
                own.seal(&mut ours, 3, 20, index).unwrap();
                component.seal(&mut theirs, 0, 20, index).unwrap();
                assert_eq!(ours[3..], theirs[..]);
                let header = rtc_shared::marshal::Unmarshal::unmarshal(&mut &theirs[..]).unwrap();
                assert_eq!(client.open(&theirs, &header, provider.crypto()).unwrap()[..], plain[..]);
            }
        }
    }

    #[test]
    fn forged_ssrcs_use_up_neither_memory_nor_the_place_of_a_real_one() {
        let provider = default_provider().unwrap();
        let (mut server, mut client) =
            (srtp(Profile::Gcm128, material(Profile::Gcm128)), other_end(Profile::Gcm128));
        for ssrc in 0..5_000 {
            let forged = packet(1, ssrc);
            let header = rtc_shared::marshal::Unmarshal::unmarshal(&mut &forged[..]).unwrap();
            assert!(server.open(&forged, &header, provider.crypto()).is_err());
            assert!(server.trial_ssrcs.len() <= TRIAL_SSRCS_MAX && server.proven.is_empty());
        }
        let mut real = packet(1, 77);
        client.seal(&mut real, 0, 20, 1).unwrap();
        let header = rtc_shared::marshal::Unmarshal::unmarshal(&mut &real[..]).unwrap();
        assert!(server.open(&real, &header, provider.crypto()).is_ok());
        assert!(server.open(&real, &header, provider.crypto()).is_err(), "a replay is refused");
    }

    #[test]
    fn an_authentic_sender_is_refused_ssrcs_beyond_the_bound() {
        let provider = default_provider().unwrap();
        let (mut server, mut client) =
            (srtp(Profile::Gcm128, material(Profile::Gcm128)), other_end(Profile::Gcm128));
        for ssrc in 0..2 * SSRCS_MAX as u32 {
            let mut sealed = packet(1, ssrc);
            client.seal(&mut sealed, 0, 20, 1).unwrap();
            let header = rtc_shared::marshal::Unmarshal::unmarshal(&mut &sealed[..]).unwrap();
            assert_eq!(server.open(&sealed, &header, provider.crypto()).is_ok(), (ssrc as usize) < SSRCS_MAX);
        }
    }
}
