//! How good it is for each participant of a meeting, second by second: what the media plane counts and what the
//! page tells, judged by the rules of `domain::quality`, kept while somebody is there and written down at the end.
//!
//! Part of the floor, so pure: told the time and the figures. No words for people are here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::id::MeetingId;
use domain::meeting::Guest;
use domain::quality::{Judgement, Picture, Record, Second, Stretch, judge};
use jiff::{SignedDuration, Timestamp};
use media::{PeerId, PeerReport};
use signaling::value::{Limitation, PageQuality};

use super::floor::{Floor, Spot};
use super::turn::Output;

/// What a page told holds so long: it tells every five seconds, and one message may be late.
const PAGE_HOLDS: SignedDuration = SignedDuration::from_secs(8);
/// Length of the time of which a page tells.
const PAGE_MS: u32 = 5_000;
/// Share of a second for which a media thread may work before the server counts as being at its limit.
const BUSY_SHARE: f64 = 0.9;
/// Loss on somebody's way up that others can hear, in 1/1000.
const HEARD_PERMILLE: u16 = 20;

/// What the media plane counted, asked once a second.
#[derive(Debug)]
pub struct Measured {
    /// Each peer's counters.
    pub peers: Vec<(PeerId, PeerReport)>,
    /// Share of the last second for which the busiest media thread worked.
    pub busy: f64,
}

/// The stay of a participant, over now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub meeting: MeetingId,
    /// Who.
    pub guest: Guest,
    /// How good it was when.
    pub stretches: Vec<Stretch>,
}

/// One participant under watch.
#[derive(Debug)]
struct Watched {
    peer: PeerId,
    at: Timestamp,
    before: PeerReport,
    record: Record,
}

/// Everybody under watch. Bounded by the transports.
#[derive(Debug, Default)]
pub(super) struct Qualities {
    watched: BTreeMap<Spot, Watched>,
    pages: BTreeMap<Spot, (Timestamp, PageQuality)>,
}

impl Floor {
    /// A page tells what only it knows.
    pub(super) fn page_saw(&mut self, spot: &Spot, seen: PageQuality, now: Timestamp) {
        self.qualities.pages.insert(spot.clone(), (now, seen));
    }

    /// A second has passed on the media plane.
    pub(super) fn measured(&mut self, measured: Measured, now: Timestamp) {
        let reports: BTreeMap<PeerId, PeerReport> = measured.peers.into_iter().collect();
        self.transports.listen(&reports);
        self.look_at_presence(&reports, now);
        self.look_for_faint(&reports, now);
        let mut seconds: Vec<(Spot, Second)> = Vec::new();
        for spot in self.spots_inside() {
            let Some(peer) = self.transports.peer(&spot) else { continue };
            let Some(report) = reports.get(&peer).filter(|r| r.is_up) else { continue };
            let page =
                self.qualities.pages.get(&spot).filter(|(at, _)| now.duration_since(*at) <= PAGE_HOLDS);
            let page = page.map(|(_, seen)| *seen);
            let before = self.qualities.follow(&spot, (peer, report), now);
            if let Some((before, passed)) = before {
                let mut second = second_of((&before, report), passed, page);
                second.is_server_busy = measured.busy >= BUSY_SHARE;
                seconds.push((spot, second));
            }
        }
        blame_others(&mut seconds);
        let mut judged = Vec::with_capacity(seconds.len());
        for (spot, second) in seconds {
            let judgement = judge(&second);
            judged.push(judgement);
            if let Some(watched) = self.qualities.watched.get_mut(&spot) {
                watched.record.add(now, second, judgement);
            }
        }
        if !judged.is_empty() {
            self.put(Output::Judged(judged));
        }
    }

    /// The transport of a spot goes: what was seen of it is written down.
    pub(super) fn stay_ends(&mut self, spot: &Spot) {
        self.qualities.pages.remove(spot);
        let Some(watched) = self.qualities.watched.remove(spot) else { return };
        let Spot::Meeting(meeting, who) = spot else { return };
        let guest = self.meetings.get(meeting).and_then(|live| live.guest(*who));
        let stretches = watched.record.stretches();
        if let Some(guest) = guest.filter(|_| !stretches.is_empty()) {
            self.put(Output::Keep(Stay { meeting: meeting.clone(), guest, stretches }));
        }
    }

    /// Everybody who is inside a meeting.
    fn spots_inside(&self) -> Vec<Spot> {
        let of = |(id, live): (&MeetingId, &super::meetings::LiveMeeting)| -> Vec<Spot> {
            live.gathering.inside().into_iter().map(|who| Spot::Meeting(id.clone(), who)).collect()
        };
        self.meetings.iter().flat_map(of).collect()
    }
}

impl Qualities {
    /// Takes the newest counters of a spot.
    ///
    /// * returns: the ones before and the time since; nothing at the first look at a transport.
    fn follow(
        &mut self,
        spot: &Spot,
        (peer, report): (PeerId, &PeerReport),
        now: Timestamp,
    ) -> Option<(PeerReport, Duration)> {
        let fresh = || Watched { peer, at: now, before: report.clone(), record: Record::default() };
        let watched = self.watched.entry(spot.clone()).or_insert_with(fresh);
        let passed = Duration::try_from(now.duration_since(watched.at)).unwrap_or_default();
        let is_same = watched.peer == peer && !passed.is_zero();
        let before = std::mem::replace(&mut watched.before, report.clone());
        (watched.peer, watched.at) = (peer, now);
        is_same.then_some((before, passed))
    }
}

/// The difference of two reports and what the page told, as the rules want it.
fn second_of(
    (before, now): (&PeerReport, &PeerReport),
    passed: Duration,
    page: Option<PageQuality>,
) -> Second {
    let rate = |before: u64, now: u64| {
        let bits = now.saturating_sub(before).saturating_mul(8) as f64;
        (bits / passed.as_secs_f64()) as u64
    };
    let came = now.rtp_received.saturating_sub(before.rtp_received);
    let missed = now.given_up.saturating_sub(before.given_up);
    let permille = |part: u64, whole: u64| (part * 1000).checked_div(whole).unwrap_or(0).min(1000) as u16;
    let mut second = Second {
        lost_down_permille: permille(now.lost_share.into(), 256),
        lost_up_permille: permille(missed, came + missed),
        round_trip_ms: now.round_trip.map(|d| u32::try_from(d.as_millis()).unwrap_or(u32::MAX)),
        up_bps: rate(before.bytes_received, now.bytes_received),
        down_bps: rate(before.bytes_sent, now.bytes_sent),
        is_line_narrow: now.estimate_bps * 4 < now.wanted_bps * 3,
        ..Second::default()
    };
    if let Some(page) = page {
        let frozen = permille(page.frozen_ms.into(), u64::from(PAGE_MS) * u64::from(page.pictures.max(1)));
        second.picture = (page.pictures > 0).then_some(Picture {
            frames_per_second: page.frames_per_second,
            lines: page.lines,
            frozen_permille: frozen,
        });
        second.sound_delay_ms = page.sound_delay_ms;
        second.sound_missing_permille = Some(page.sound_missing_permille);
        second.is_device_slow = page.limitation == Limitation::Cpu;
        second.is_line_narrow |= page.limitation == Limitation::Bandwidth;
    }
    second
}

/// Whoever sits in one meeting with somebody whose line up is bad hears that.
fn blame_others(seconds: &mut [(Spot, Second)]) {
    let is_heard = |second: &Second| second.lost_up_permille >= HEARD_PERMILLE;
    let lossy: BTreeSet<Spot> =
        seconds.iter().filter(|(_, s)| is_heard(s)).map(|(spot, _)| spot.clone()).collect();
    for (spot, second) in seconds {
        let Spot::Meeting(here, _) = &*spot else { continue };
        second.are_others_lossy = lossy
            .iter()
            .any(|other| *other != *spot && matches!(other, Spot::Meeting(there, _) if there == here));
    }
}

/// Share of `passed` for which the busiest thread worked, by the processor time of each before and now.
pub(super) fn busiest(before: &[Duration], now: &[Duration], passed: Duration) -> f64 {
    let worked = now.iter().zip(before).map(|(now, before)| now.saturating_sub(*before)).max();
    worked.unwrap_or_default().as_secs_f64() / passed.as_secs_f64()
}

/// Counts what was judged, for the monitor: never who.
pub(super) fn count(judged: &[Judgement]) {
    for judgement in judged {
        metrics::histogram!("sachivalaya_quality_score")
            .record(f64::from(judgement.score.hundredths()) / 100.0);
        let (grade, cause) = (judgement.score.grade().code(), judgement.cause.map_or("none", |c| c.code()));
        metrics::counter!("sachivalaya_quality_seconds_total", "grade" => grade, "cause" => cause)
            .increment(1);
    }
}
