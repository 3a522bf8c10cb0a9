//! What the media plane counts, as figures for the monitor. Sums only: never who.

use media::{PeerId, PeerReport, SlotShare, Totals};

/// Puts the totals where `/metrics` finds them.
pub(super) fn tell(totals: &Totals) {
    let gauge = |name: &'static str, value: usize| {
        metrics::gauge!("sachivalaya_media", "of" => name).set(u32::try_from(value).unwrap_or(u32::MAX));
    };
    gauge("peers", totals.peers);
    gauge("peers_up", totals.peers_up);
    gauge("routes", totals.routes);
    gauge("streams", totals.streams);
    gauge("allocations", totals.allocations);
    gauge("pictures_percent", usize::try_from(totals.pictures_percent).unwrap_or(100));
    let count = |name: &'static str, value: u64| {
        metrics::counter!("sachivalaya_media_total", "of" => name).absolute(value);
    };
    count("rtp_received", totals.rtp_received);
    count("rtp_sent", totals.rtp_sent);
    count("datagrams_received", totals.datagrams_received);
    count("datagrams_dropped", totals.datagrams_dropped);
    count("datagrams_sent", totals.datagrams_sent);
    count("send_errors", totals.send_errors);
    count("handed_over", totals.handed_over);
    count("hand_over_lost", totals.hand_over_lost);
    for (n, cpu) in totals.cpu_by_thread.iter().enumerate() {
        let milliseconds = u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
        metrics::counter!("sachivalaya_media_cpu_milliseconds_total", "thread" => n.to_string())
            .absolute(milliseconds);
    }
}

/// The same of what the paths carry and what is sent over them.
pub(super) fn tell_paths(peers: &[(PeerId, PeerReport)]) {
    let (mut moving, mut stills, mut nothing) = (0u32, 0u32, 0u32);
    for (_, report) in peers.iter().filter(|(_, report)| report.is_up) {
        if report.estimate_bps > 0 {
            metrics::histogram!("sachivalaya_estimate_kbps").record(report.estimate_bps as f64 / 1000.0);
        }
        if let Some(round_trip) = report.round_trip {
            metrics::histogram!("sachivalaya_round_trip_seconds").record(round_trip.as_secs_f64());
        }
        for slot in &report.slots {
            match slot.share {
                SlotShare::Moving => moving += 1,
                SlotShare::Stills => stills += 1,
                SlotShare::Nothing => nothing += 1,
            }
        }
    }
    for (share, count) in [("moving", moving), ("stills", stills), ("nothing", nothing)] {
        metrics::gauge!("sachivalaya_slots", "share" => share).set(count);
    }
}
