//! The data channel: SCTP over DTLS, one channel labelled `ping` whose messages come back as they are.
//!
//! The page measures its path with it. Other channels are accepted and not answered. Everything is bounded.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use rtc_datachannel::data_channel::{DataChannel, DataChannelConfig};
use rtc_sctp::{
    Association, AssociationHandle, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ServerConfig, StreamEvent, TransportConfig,
};
use rtc_shared::TransportProtocol;
use sansio::Protocol;

use super::limits::{CHANNELS_MAX, ECHO_BYTES_WAITING_MAX, PING_BYTES_MAX, SCTP_RECEIVE_BYTES_MAX};
use super::now::Now;

/// The label of the channel that echoes.
const PING_LABEL: &str = "ping";
/// The component keys associations by address; ours must survive a change of address, so it sees a constant one.
const PEER_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 1);

/// SCTP's common header, and the chunks that list causes (RFC 9260 §3).
const HEADER_BYTES: usize = 12;
const CHUNK_ABORT: u8 = 6;
const CHUNK_ERROR: u8 = 9;
/// The message that opens a channel (RFC 8832 §8.2.1).
const OPEN_CHANNEL: u8 = 3;

/// Whether every chunk ends where its packet does or before, and every cause within its chunk: the component reads
/// causes beyond their chunk and panics (rtc-sctp 0.21.1, `chunk/mod.rs`).
fn is_whole(packet: &[u8]) -> bool {
    let Some(mut chunks) = packet.get(HEADER_BYTES..) else { return false };
    while let [kind, _, high, low, ..] = *chunks {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(mut causes) = chunks.get(4..length) else { return false };
        while let ([_, _, high, low, ..], CHUNK_ABORT | CHUNK_ERROR) = (causes, kind) {
            let Some(rest) = causes.get(usize::from(u16::from_be_bytes([*high, *low])).max(4)..) else {
                return false;
            };
            causes = rest;
        }
        chunks = chunks.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    true
}

/// The SCTP association of one peer and its channels.
pub struct DataChannels {
    endpoint: Endpoint,
    association: Option<(AssociationHandle, Association)>,
    channels: HashMap<u16, DataChannel>,
    /// The component panicked on what the client sent.
    is_broken: bool,
    /// Messages echoed.
    pub echoes: u64,
}

impl DataChannels {
    /// Waits for the client's association on the port of its offer.
    #[must_use]
    pub fn new(port: u16) -> DataChannels {
        let transport = TransportConfig::default()
            .with_sctp_port(port)
            .with_max_message_size(PING_BYTES_MAX as u32)
            .with_max_receive_buffer_size(SCTP_RECEIVE_BYTES_MAX)
            .with_max_num_inbound_streams(1_024)
            .with_max_num_outbound_streams(1_024);
        let server = Arc::new(ServerConfig::new(transport));
        let endpoint = Endpoint::new(
            PEER_ADDRESS,
            TransportProtocol::UDP,
            Arc::new(EndpointConfig::new()),
            Some(server),
        );
        DataChannels { endpoint, association: None, channels: HashMap::new(), is_broken: false, echoes: 0 }
    }

    /// Takes a packet that came through DTLS.
    pub fn receive(&mut self, now: Now, packet: Bytes) {
        if is_whole(&packet) {
            self.guard(|data| data.take(now, packet));
        }
    }

    /// Works with the component. It walks a packet by what it read of a chunk, not by the chunk's length, so that no
    /// look at the packet beforehand finds everything that makes it panic: then the channel has ended, and nothing
    /// else, for media does not need it.
    fn guard(&mut self, work: impl FnOnce(&mut DataChannels)) {
        if !self.is_broken && catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            (self.association, self.is_broken) = (None, true);
            self.channels.clear();
        }
    }

    fn take(&mut self, now: Now, packet: Bytes) {
        match self.endpoint.handle(now.at, PEER_ADDRESS, None, packet) {
            Some((handle, DatagramEvent::NewAssociation(association))) if self.association.is_none() => {
                self.association = Some((handle, association));
            }
            Some((handle, DatagramEvent::AssociationEvent(event))) => {
                if let Some((ours, association)) = &mut self.association
                    && *ours == handle
                {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.settle(now);
    }

    /// Handles what the association has to say.
    fn settle(&mut self, now: Now) {
        let mut readable = Vec::new();
        let Some((handle, association)) = &mut self.association else { return };
        while let Some(event) = association.poll() {
            if let Event::Stream(StreamEvent::Readable { id }) = event {
                readable.push(id);
            }
        }
        let handle = *handle;
        for id in readable {
            self.read(now, handle, id);
        }
        let Some((_, association)) = &mut self.association else { return };
        let mut is_gone = false;
        while let Some(event) = association.poll_endpoint_event() {
            self.endpoint.handle_event(handle, event);
            is_gone = true;
        }
        if is_gone {
            self.association = None;
            self.channels.clear();
        }
    }

    /// Reads everything that waits in a stream: opens the channel, or echoes.
    fn read(&mut self, now: Now, handle: AssociationHandle, id: u16) {
        loop {
            let Some((_, association)) = &mut self.association else { return };
            let Ok(mut stream) = association.stream(id) else { return };
            let Ok(Some(chunks)) = stream.read_sctp() else { return };
            let ppi = chunks.ppi;
            let Ok(message) = chunks.to_payload(PING_BYTES_MAX) else { return };
            if ppi == PayloadProtocolIdentifier::Dcep {
                // The component panics on some messages that are cut short, and we need no other than this one.
                if !is_open(&message) {
                    continue;
                }
                if self.channels.contains_key(&id) || self.channels.len() >= CHANNELS_MAX {
                    continue;
                }
                let opened = DataChannel::accept(DataChannelConfig::default(), handle.0, id, ppi, &message);
                let Ok(mut channel) = opened else { continue };
                let config = channel.config();
                let (is_unordered, reliability) = DataChannel::get_reliability_params(config.channel_type);
                let _ =
                    stream.set_reliability_params(is_unordered, reliability, config.reliability_parameter);
                while let Some(reply) = channel.poll_write() {
                    let _ = stream.write_with_ppi(now.at, &reply.payload, reply.ppi);
                }
                self.channels.insert(id, channel);
                continue;
            }
            let is_ping = self.channels.get(&id).is_some_and(|channel| channel.config().label == PING_LABEL);
            let has_room = stream.buffered_amount().is_ok_and(|waiting| waiting <= ECHO_BYTES_WAITING_MAX);
            if is_ping && has_room && stream.write_with_ppi(now.at, &message, ppi).is_ok() {
                self.echoes += 1;
            }
        }
    }

    /// Hands every packet that wants to leave to `seal`.
    pub fn transmit(&mut self, now: Now, mut seal: impl FnMut(&[u8])) {
        self.guard(|data| {
            let Some((_, association)) = &mut data.association else { return };
            while let Some(transmit) = association.poll_transmit(now.at) {
                if let Payload::RawEncode(packets) = transmit.message {
                    packets.iter().for_each(|packet| seal(packet));
                }
            }
        });
    }

    /// When [`DataChannels::timeout`] wants to be called.
    #[must_use]
    pub fn deadline(&self, now: Now) -> Option<u64> {
        self.association.as_ref()?.1.poll_timeout().map(|at| now.us_of(at))
    }

    /// Lets the association resend and expire.
    pub fn timeout(&mut self, now: Now) {
        if let Some((_, association)) = &self.association
            && association.poll_timeout().is_some_and(|at| at <= now.at)
        {
            self.guard(|data| {
                if let Some((_, association)) = &mut data.association {
                    association.handle_timeout(now.at);
                }
                data.settle(now);
            });
        }
    }
}

/// Whether a message asks for a channel and is whole (RFC 8832 §5.1).
fn is_open(message: &[u8]) -> bool {
    let [OPEN_CHANNEL, _, _, _, _, _, _, _, l0, l1, p0, p1, rest @ ..] = message else { return false };
    let length = |high: &u8, low: &u8| usize::from(u16::from_be_bytes([*high, *low]));
    length(l0, l1) + length(p0, p1) <= rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_question_for_a_channel_is_read() {
        let open = [&[3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0][..], b"ping"].concat();
        assert!(is_open(&open) && !is_open(&open[..15]) && !is_open(&open[..11]));
        assert!(!is_open(&[4, 0, 0]) && !is_open(&[2]) && !is_open(&[]));
    }

    #[test]
    fn where_the_component_panics_the_channel_ends_and_nothing_else() {
        let mut data = DataChannels::new(5_000);
        data.guard(|_| panic!("as the component does"));
        data.guard(|_| unreachable!("it has ended"));
        data.receive(Now::for_test(), Bytes::from_static(&[0; 64]));
        data.timeout(Now::for_test());
        assert!(data.is_broken && data.association.is_none() && data.deadline(Now::for_test()).is_none());
    }

    #[test]
    fn a_cause_that_ends_beyond_its_chunk_is_refused() {
        let packet = |chunk: &[u8]| [&[0; HEADER_BYTES], chunk].concat();
        assert!(is_whole(&packet(&[CHUNK_ERROR, 0, 0, 12, 0, 1, 0, 8, 1, 2, 3, 4])));
        assert!(!is_whole(&packet(&[CHUNK_ERROR, 0, 0, 12, 0, 1, 0, 9, 1, 2, 3, 4])));
        assert!(!is_whole(&packet(&[CHUNK_ABORT, 0, 0, 8, 0, 1, 0, 5])));
        assert!(!is_whole(&packet(&[4, 0, 0, 9, 0, 0, 0, 0])), "a chunk that ends beyond its packet");
    }
}
