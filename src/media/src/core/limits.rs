//! Every bound of the media core, with its reason. Passing one is a typed refusal or a silent drop, never a panic.

/// Bytes of an SDP offer. Twelve sections with every codec that Chromium knows make about 45 kB, and so do the 37 of a
/// review's wall, which name one codec each.
pub const OFFER_BYTES_MAX: usize = 64 * 1024;
/// Media sections of an offer: three that send, eight voices, 25 tiles and a data channel are 37; and some more, for
/// clients of another make.
pub const MEDIA_SECTIONS_MAX: usize = 48;
/// Bytes of a `mid`: what a one-byte header extension can carry (RFC 8285 §4.2).
pub const MID_BYTES_MAX: usize = 16;

/// Bytes of a simulcast layer's name: what a one-byte header extension can carry.
pub const RID_BYTES_MAX: usize = 16;
/// Simulcast layers of one track.
pub const LAYERS_MAX: usize = 4;

/// Bytes of a STUN message that we look at. Browsers send about 150.
pub const STUN_BYTES_MAX: usize = 1_200;
/// Validated addresses of one peer that are remembered: a few interfaces, both address families, a moving NAT.
pub const ADDRESSES_MAX: usize = 8;
/// After this silence of the old address any authenticated check moves the peer (Firefox never nominates again).
pub const MOVE_AFTER_SILENCE_US: u64 = 400_000;

/// After an ICE restart checks under the client's old name are answered for so long: it still sends where it was.
pub const OLD_NAME_US: u64 = 10_000_000;
/// A peer that is silent for so long where it was may have moved: what comes from elsewhere is looked at.
pub const STRAY_AFTER_SILENCE_US: u64 = 40_000;
/// Packets from unknown addresses that are tried with a peer's keys in a second: at most 1 in 1,000 of a core.
pub const STRAYS_PER_SECOND_MAX: u32 = 200;
/// Between two challenges of ours to an address.
pub const CHALLENGE_INTERVAL_US: u64 = 50_000;

/// Bytes of one message on a stream: a datagram of any client, a Send indication around it, and room.
pub const STREAM_MESSAGE_BYTES_MAX: usize = 4_096;
/// Bytes that wait for a stream beyond what the kernel holds: a keyframe at a low rate. What is more is dropped, as a
/// full router does, so that sound is never a second old.
pub const STREAM_WAITING_BYTES_MAX: usize = 48 * 1024;
/// Bytes of a stream that the kernel may hold before it has sent them.
pub const STREAM_UNSENT_BYTES_MAX: u32 = 16 * 1024;
/// A stream on which nothing that we know has come within this is closed.
pub const STREAM_TRUST_US_MAX: u64 = 10_000_000;
/// A stream on which nothing has come for this long is closed; clients check their paths every few seconds.
pub const STREAM_SILENCE_US_MAX: u64 = 60_000_000;
/// Streams of one media thread.
pub const STREAMS_MAX: usize = 8_192;

/// Bytes of a relay's message that are looked at: a datagram in a Send indication.
pub const RELAY_BYTES_MAX: usize = 2_048;
/// Our own addresses to which the relay leads.
pub const ENTRANCES_MAX: usize = 16;
/// Allocations of one media thread.
pub const ALLOCATIONS_MAX: usize = 8_192;
/// Allocations of one credential: UDP, TCP and TLS from a few interfaces, and the same again after a restart.
pub const ALLOCATIONS_OF_ONE_MAX: usize = 16;
/// Channels of one allocation: one for each entrance.
pub const ALLOCATION_CHANNELS_MAX: usize = ENTRANCES_MAX;
/// How long an allocation lives when nothing else is asked for (RFC 8656 §3.2).
pub const ALLOCATION_US: u64 = 600_000_000;
/// The longest.
pub const ALLOCATION_US_MAX: u64 = 3_600_000_000;
/// How long a permission lives (RFC 8656 §9).
pub const PERMISSION_US: u64 = 300_000_000;
/// How long a channel lives (RFC 8656 §12).
pub const CHANNEL_US: u64 = 600_000_000;
/// A credential that ends later than this was not made by us: ten minutes, and clocks that differ.
pub const CREDENTIAL_SECONDS_MAX: u64 = 660;
/// How long a nonce may be used (RFC 8656 §5 asks for an hour at most).
pub const NONCE_SECONDS: u64 = 3_600;

/// Plain handshake bytes of one DTLS association. A browser needs under 6 kB, three times over at bad loss.
pub const HANDSHAKE_BYTES_MAX: usize = 48 * 1024;
/// Plain handshake records of one association. The component recurses once per fragment, so this bounds its stack.
pub const HANDSHAKE_RECORDS_MAX: usize = 256;
/// Datagrams of one association before its handshake is done: the component queues records of the next epoch.
pub const HANDSHAKE_DATAGRAMS_MAX: usize = 512;
/// Bytes of a ClientHello. With a post-quantum key share browsers send about 1.7 kB.
pub const CLIENT_HELLO_BYTES_MAX: usize = 8 * 1024;
/// Datagrams kept until the ClientHello is complete: it comes in two.
pub const CLIENT_HELLO_DATAGRAMS_MAX: usize = 16;
/// How often one stored flight is sent again for repeated ClientHellos; bounds the answer to a forged flood.
pub const FLIGHT_REPEATS_MAX: u32 = 32;
/// Least time between two repeats of a flight: one ClientHello comes in two datagrams.
pub const FLIGHT_REPEAT_INTERVAL_US: u64 = 20_000;
/// First interval after which an unanswered flight is sent again.
pub const FLIGHT_INTERVAL_US: u64 = 400_000;
/// How often that interval doubles: to 3.2 s, so that a client on a bad line is sent a dozen flights at most.
pub const FLIGHT_DOUBLINGS_MAX: u32 = 3;
/// Handshake datagrams of all peers that wait for their turn; a lost one is repeated by its client.
pub const HANDSHAKES_WAITING_MAX: usize = 1_024;
/// From the offer to the end of the handshake; slower clients start again.
pub const HANDSHAKE_US_MAX: u64 = 30_000_000;

/// Authenticated SSRCs of one peer: sound, picture, retransmissions, the receivers' own, and once again after a restart.
pub const SSRCS_MAX: usize = 32;
/// Unauthenticated SSRCs that the trial context holds before it is made anew (about 260 bytes each).
pub const TRIAL_SSRCS_MAX: usize = 64;
/// Window of the SRTP replay check, in packets.
pub const SRTP_REPLAY_WINDOW: usize = 1_024;
/// Window of the SRTCP replay check, in packets.
pub const SRTCP_REPLAY_WINDOW: usize = 128;

/// Packets of one track that are remembered for de-duplication: about two seconds of video.
pub const SEEN_PACKETS: usize = 2_048;
/// Packets of one layer that are kept for retransmission, at first. A power of two.
pub const CACHE_PACKETS_MIN: usize = 128;
/// The same at most: a second at a thousand a second. A power of two times the least.
pub const CACHE_PACKETS_MAX: usize = 1_024;
/// For so long a packet is kept while there is room: longer than anybody asks for one again.
pub const CACHE_KEPT_US: u64 = 1_500_000;
/// Packets of one slot whose new numbers are remembered for retransmission, at first. A power of two.
pub const SLOT_RECORDS_MIN: usize = 64;
/// The same at most: half a second at full load, five at rest. A power of two times the least.
pub const SLOT_RECORDS_MAX: usize = 512;
/// A number that was given out less than this ago is not forgotten while there is room.
pub const RECORD_KEPT_MS: u32 = 500;
/// Changes of offset that a slot remembers: two seconds of pictures that are left out, a packet each.
pub const OFFSETS_MAX: usize = 128;
/// Between two stills, when the path carries no moving picture.
pub const STILL_INTERVAL_US: u64 = 2_000_000;
/// A gap longer than this is not asked for packet by packet; a keyframe is cheaper.
pub const GAP_PACKETS_MAX: u64 = 300;
/// How often one packet is asked for again, by us and of us.
pub const RETRANSMIT_TRIES_MAX: u8 = 5;
/// A gap is not asked for until this has passed, because packets overtake each other.
pub const NACK_DELAY_US: u64 = 5_000;
/// Least time between two requests for the same packet.
pub const NACK_INTERVAL_US_MIN: u64 = 25_000;
/// Most time between two requests for the same packet, and the guess before the round trip is known.
pub const NACK_INTERVAL_US_MAX: u64 = 200_000;
/// A packet older than this is not worth asking for.
pub const NACK_AGE_US_MAX: u64 = 1_000_000;
/// Least time between two answers to requests for the same packet.
pub const RTX_INTERVAL_US_MIN: u64 = 20_000;
/// Packets sent again for one RTCP datagram.
pub const RTX_PER_DATAGRAM_MAX: usize = 256;
/// Packets replayed from the cache when a slot starts at a keyframe whose first packet came late.
pub const REPLAY_PACKETS_MAX: u64 = 200;
/// Packets of a slot that carry the `mid`, counted from each change of source.
pub const MID_PACKETS: u64 = 200;

/// Bits a second of one source's sound: Opus at its best, three times over for what is repeated in it.
pub const SOUND_BPS_MAX: u64 = 512_000;
/// Packets a second of one source's sound: frames of 5 ms.
pub const SOUND_PACKETS_MAX: u64 = 200;
/// Bits a second of one layer of pictures: a large screen, sharp and moving.
pub const PICTURE_BPS_MAX: u64 = 40_000_000;
/// Packets a second of one layer of pictures.
pub const PICTURE_PACKETS_MAX: u64 = 5_000;
/// A packet that seems to be captured longer ago than this, or in the future, has a clock that is not believed.
pub const CAPTURE_AGE_US_MAX: u64 = 2_000_000;

/// The estimate of a path of which nothing is known.
pub const ESTIMATE_BPS_START: u64 = 300_000;
/// The least that an estimate says: sound alone at its narrowest.
pub const ESTIMATE_BPS_MIN: u64 = 16_000;
/// The most that an estimate says: a whole room of pictures.
pub const ESTIMATE_BPS_MAX: u64 = 100_000_000;
/// Packets whose acknowledgement is waited for, at first: a second of a meeting of two.
pub const HISTORY_PACKETS_MIN: usize = 128;
/// The same at most: a second at two thousand a second. A power of two times the least, and below 65,536.
pub const HISTORY_PACKETS_MAX: usize = 2_048;
/// A packet whose acknowledgement has not come within this is forgotten when its place is needed.
pub const ACKNOWLEDGED_WITHIN_US: u64 = 500_000;
/// A receiver that has acknowledged nothing for this long while packets went out gets half.
pub const SILENT_FEEDBACK_US: u64 = 1_000_000;
/// The shortest time between two probes after one that failed.
pub const PROBE_INTERVAL_US_MIN: u64 = 700_000;
/// The longest time between two probes of a path that is not narrow.
pub const PROBE_INTERVAL_US_MAX: u64 = 2_000_000;
/// The pacer lets this many times the estimate out: a keyframe must not take seconds.
pub const PACE_TIMES: u64 = 3;
/// What it lets out at once: a picture at a good rate.
pub const PACE_BURST_US: u64 = 40_000;
/// The least that goes out at once: a small keyframe.
pub const PACE_BURST_BYTES_MIN: u64 = 12_000;
/// Packets of one slot that the pacer holds back; more are dropped and will be asked for again.
pub const PACE_PACKETS_MAX: usize = 256;
/// Between two allocations of a receiver's estimate.
pub const ALLOCATE_INTERVAL_US: u64 = 200_000;
/// What the headers of a voice take on top of its payload: fifty packets a second.
pub const VOICE_HEADERS_BPS: u64 = 15_000;
/// What stills take.
pub const STILLS_BPS: u64 = 30_000;
/// After less for want of rate, more is not tried for this long at least; doubled each time it fails soon.
pub const HOLD_US_MIN: u64 = 2_000_000;
/// The longest time for which more is not tried.
pub const HOLD_US_MAX: u64 = 16_000_000;
/// A layer that nobody receives is told to rest after this.
pub const LAYER_REST_US: u64 = 3_000_000;
/// A layer of which nothing came for so long, while another of its camera went on, has been left out by its encoder.
pub const LAYER_LEFT_OUT_US: u64 = 300_000;
/// A layer that was called comes within this: one encoder begun anew, on a slow machine.
pub const LAYER_COMES_US: u64 = 2_000_000;
/// A layer that was called and did not come is called again after this.
pub const LAYER_AGAIN_US: u64 = 10_000_000;

/// Between two looks at how long a thread was awake.
pub const AWAKE_INTERVAL_US: u64 = 100_000;
/// A thread that is awake for so many percent has no time left: what comes now waits in the kernel, and is lost there.
pub const AWAKE_PERCENT_FULL: u64 = 98;
/// A thread that is awake for so many percent soon has none.
pub const AWAKE_PERCENT_OVER: u64 = 92;
/// A thread that is awake for less has time for more pictures.
pub const AWAKE_PERCENT_ROOM: u64 = 75;
/// The least share of receivers that get all the pictures that they can, in percent.
pub const PICTURES_PERCENT_MIN: u64 = 1;
/// By how much that share rises at a look.
pub const PICTURES_PERCENT_STEP: u64 = 3;
/// What the other receivers get of their wish, in percent: a low layer, or stills.
pub const PICTURES_HELD_PERCENT: u64 = 25;

/// Between two looks at who is loudest.
pub const VOICES_INTERVAL_US: u64 = 200_000;
/// A voice is at least this loud: 55 decibels below full scale, counted from the threshold of hearing.
pub const VOICE_LOUDNESS_MIN: f32 = 72.0;
/// Another must be louder by this many decibels to take the place of one who is heard.
pub const LOUDER_BY: f32 = 6.0;

/// A keyframe so young will still do for somebody whose handshake has just begun.
pub const KEYFRAME_FRESH_US: u64 = 300_000;
/// A keyframe so old is still worth sending with all that followed it, to somebody who has no picture.
pub const KEYFRAME_KEPT_US: u64 = 700_000;
/// Least time between two keyframe requests to one source.
pub const KEYFRAME_INTERVAL_US_MIN: u64 = 400_000;
/// A source that has not sent for this long is not asked for keyframes: its camera is off.
pub const CAMERA_SILENCE_US: u64 = 1_000_000;
/// Between two transport-wide feedbacks to a sender.
pub const TWCC_INTERVAL_US: u64 = 50_000;
/// Packets in one transport-wide feedback.
pub const TWCC_PACKETS_MAX: u64 = 1_000;
/// How often it is looked whether a recorder could have a better layer: a layer that was called comes within a second.
pub const RECORDER_LOOK_US: u64 = 500_000;
/// Between two receiver reports, and between two sender reports.
pub const REPORT_INTERVAL_US: u64 = 1_000_000;

/// Bytes of one message on the `ping` channel.
pub const PING_BYTES_MAX: usize = 16 * 1024;
/// Data channels of one peer.
pub const CHANNELS_MAX: usize = 4;
/// Bytes that may wait in a channel for the client before its messages are no longer echoed.
pub const ECHO_BYTES_WAITING_MAX: usize = 64 * 1024;
/// Bytes that SCTP may hold for one peer.
pub const SCTP_RECEIVE_BYTES_MAX: u32 = 128 * 1024;

const _: () =
    assert!(GAP_PACKETS_MAX < SEEN_PACKETS as u64 / 2, "a gap must fit into the memory of seen packets");
const _: () = assert!(REPLAY_PACKETS_MAX < CACHE_PACKETS_MAX as u64, "a replay must fit into the cache");
const _: () =
    assert!(CLIENT_HELLO_BYTES_MAX < HANDSHAKE_BYTES_MAX, "a ClientHello must fit into a handshake");
