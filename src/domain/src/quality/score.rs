//! One second: measurements in, score and cause out.

/// A mean opinion score in hundredths: 100 is bad, 450 is as good as it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

impl Score {
    /// Rounds and bounds an opinion of 1 to 4.5.
    #[must_use]
    pub fn from_opinion(opinion: f64) -> Score {
        let bounded = if opinion.is_finite() { opinion.clamp(1.0, 4.5) } else { 1.0 };
        Score((bounded * 100.0).round() as u16)
    }

    /// In hundredths; bounded.
    #[must_use]
    pub fn from_hundredths(hundredths: u16) -> Score {
        Score(hundredths.clamp(100, 450))
    }

    /// In hundredths.
    #[must_use]
    pub fn hundredths(self) -> u16 {
        self.0
    }

    /// In words. The bounds are those of user satisfaction in ITU-T G.107 Annex B: satisfied from 4.03 on, some
    /// dissatisfied from 3.60 on, nearly all dissatisfied below 2.58.
    #[must_use]
    pub fn grade(self) -> Grade {
        match self.0 {
            403.. => Grade::Good,
            360..=402 => Grade::Fair,
            258..=359 => Grade::Poor,
            _ => Grade::Bad,
        }
    }
}

/// A score in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Nobody minds.
    Good,
    /// Some notice.
    Fair,
    /// Many are annoyed.
    Poor,
    /// Hardly of use.
    Bad,
}

impl Grade {
    /// Every grade, best first.
    pub const ALL: [Grade; 4] = [Grade::Good, Grade::Fair, Grade::Poor, Grade::Bad];

    /// Stable, for rows and keys of words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Grade::Good => "good",
            Grade::Fair => "fair",
            Grade::Poor => "poor",
            Grade::Bad => "bad",
        }
    }
}

/// What most likely spoilt a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The participant's own machine is too slow.
    Device,
    /// The participant's own line loses, delays or is too narrow.
    Network,
    /// What came from the others was spoilt before it came to us.
    Others,
    /// Our server was at its limit.
    Server,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 4] = [Cause::Device, Cause::Network, Cause::Others, Cause::Server];

    /// Stable, for rows and keys of words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Cause::Device => "device",
            Cause::Network => "network",
            Cause::Others => "others",
            Cause::Server => "server",
        }
    }

    /// The cause of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.code() == code)
    }
}

/// What the page shows of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Frames a second of the slowest.
    pub frames_per_second: u8,
    /// Lines of the largest.
    pub lines: u16,
    /// Share of the time in which one stood still, in 1/1000.
    pub frozen_permille: u16,
}

/// What was measured of one participant in one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second {
    /// Packets to the participant that were lost, in 1/1000.
    pub lost_down_permille: u16,
    /// Packets of the participant that were lost, in 1/1000.
    pub lost_up_permille: u16,
    /// There and back.
    pub round_trip_ms: Option<u32>,
    /// Bits a second from the participant.
    pub up_bps: u64,
    /// Bits a second to the participant.
    pub down_bps: u64,
    /// How long sound waits in the receiver against jitter.
    pub sound_delay_ms: u16,
    /// Sound that the page had to make up, in 1/1000; unknown until the page has told.
    pub sound_missing_permille: Option<u16>,
    /// What the page shows; nothing when it shows no picture or has not told.
    pub picture: Option<Picture>,
    /// The page says that its machine is too slow.
    pub is_device_slow: bool,
    /// The page says that its line up is too narrow, or our estimate of the line down is below what is wanted.
    pub is_line_narrow: bool,
    /// Somebody else's line up loses so much that it is heard here.
    pub are_others_lossy: bool,
    /// The server was at its limit.
    pub is_server_busy: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// How good.
    pub score: Score,
    /// What spoilt it, if it was not good.
    pub cause: Option<Cause>,
}

/// Share of the score that is sound: who is heard can work, who is only seen can't.
const SOUND_SHARE: f64 = 0.6;
/// Loss from which a line is the likely cause, in 1/1000.
const LOSSY_PERMILLE: u16 = 20;
/// Round trip from which a line is the likely cause.
const SLOW_ROUND_TRIP_MS: u32 = 400;

/// Judges one second.
#[must_use]
pub fn judge(second: &Second) -> Judgement {
    let sound = sound_opinion(second);
    let opinion = match second.picture {
        Some(picture) => SOUND_SHARE * sound + (1.0 - SOUND_SHARE) * picture_opinion(picture),
        None => sound,
    };
    let score = Score::from_opinion(opinion);
    let cause = (score.grade() != Grade::Good).then(|| cause_of(second));
    Judgement { score, cause }
}

/// ITU-T G.107 (06/2015) with its default values, in the short form of Cole and Rosenbluth (2001):
/// `R = 93.2 − Id − Ie,eff`, `Id = 0.024 d + 0.11 (d − 177.3) H(d − 177.3)` with `d` the way from mouth to ear in
/// ms, `Ie,eff = Ie + (95 − Ie) · Ppl / (Ppl + Bpl)` (G.107 §7.3.1), and R to opinion by Annex B.
///
/// Opus at speech rates: `Ie` = 0; `Bpl` = 20, for RED and in-band FEC repair most single losses (plain G.711 with
/// concealment has 25.1 by G.113 Appendix I, measured against its own `Ie`). What a receiver says it had to make up
/// is loss after repair; without its word the loss on the line counts.
fn sound_opinion(second: &Second) -> f64 {
    let way = f64::from(second.round_trip_ms.unwrap_or(0)) / 2.0;
    let delay = way + f64::from(second.sound_delay_ms) + CODEC_DELAY_MS;
    let late = (delay - 177.3).max(0.0);
    let delay_impairment = 0.024 * delay + 0.11 * late;
    let lost = f64::from(second.sound_missing_permille.unwrap_or(second.lost_down_permille)) / 10.0;
    let loss_impairment = 95.0 * lost / (lost + ROBUSTNESS);
    let rating = (93.2 - delay_impairment - loss_impairment).clamp(0.0, 100.0);
    1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
}

/// A frame of Opus and its look-ahead.
const CODEC_DELAY_MS: f64 = 26.5;
/// `Bpl` of the E-model, in per cent of loss.
const ROBUSTNESS: f64 = 20.0;

/// `1 + 3.5 · sharpness · flow · stillness`, a product of three shares as in the structure of ITU-T G.1070 §7 (coding,
/// frame rate, loss), with constants of our own: sharpness rises by the logarithm of the lines from 0.6 at 90 to 1 at
/// 720, flow is the root of frames/25, and a quarter of a second of standstill in a second leaves nothing.
fn picture_opinion(picture: Picture) -> f64 {
    let lines = f64::from(picture.lines.clamp(90, 720));
    let sharpness = 0.6 + 0.4 * (lines / 90.0).log2() / 3.0;
    let flow = (f64::from(picture.frames_per_second) / 25.0).min(1.0).sqrt();
    let stillness = (1.0 - 4.0 * f64::from(picture.frozen_permille) / 1000.0).max(0.0);
    1.0 + 3.5 * sharpness * flow * stillness
}

/// The nearest thing that is known to be wrong, ours first: nobody is told to mend a line while we are at fault.
fn cause_of(second: &Second) -> Cause {
    let is_lossy = second.lost_down_permille.max(second.lost_up_permille) >= LOSSY_PERMILLE;
    let is_far = second.round_trip_ms.is_some_and(|ms| ms >= SLOW_ROUND_TRIP_MS);
    if second.is_server_busy {
        Cause::Server
    } else if is_lossy || is_far {
        Cause::Network
    } else if second.is_device_slow {
        Cause::Device
    } else if second.are_others_lossy {
        Cause::Others
    } else if second.is_line_narrow {
        Cause::Network
    } else {
        // The line is clean, and yet pictures stand still or sound is missing here: the machine can't keep up, or
        // what the others send was spoilt on their side.
        if second.sound_missing_permille.is_some_and(|p| p >= LOSSY_PERMILLE) {
            Cause::Device
        } else {
            Cause::Others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine() -> Second {
        let picture = Picture { frames_per_second: 30, lines: 360, frozen_permille: 0 };
        Second { round_trip_ms: Some(40), sound_delay_ms: 40, picture: Some(picture), ..Second::default() }
    }

    #[test]
    fn a_clean_line_is_good_and_has_no_cause() {
        let judged = judge(&fine());
        assert_eq!((judged.score.grade(), judged.cause), (Grade::Good, None), "{judged:?}");
        assert_eq!(judge(&Second { picture: None, ..fine() }).score.grade(), Grade::Good);
    }

    #[test]
    fn the_e_model_gives_the_figures_of_the_recommendation() {
        // R = 93.2 without delay and loss is an opinion of 4.41 (G.107 Annex B).
        let none = Second::default();
        assert!((sound_opinion(&none) - 4.40).abs() < 0.02, "{}", sound_opinion(&none));
        // 400 ms from mouth to ear takes away 0.024·400 + 0.11·222.7 = 34.1: R = 59.1, opinion 3.05.
        let far = Second { round_trip_ms: Some(747), ..none };
        assert!((sound_opinion(&far) - 3.05).abs() < 0.03, "{}", sound_opinion(&far));
    }

    #[test]
    fn more_of_what_is_bad_never_scores_better() {
        let steps = [0, 5, 10, 50, 100, 300, 1000];
        let score = |second: Second| judge(&second).score;
        for pair in steps.windows(2) {
            let (less, more) = (pair[0], pair[1]);
            let lost = |n| score(Second { lost_down_permille: n, ..fine() });
            assert!(lost(less) >= lost(more));
            let late = |n: u16| score(Second { round_trip_ms: Some(n.into()), ..fine() });
            assert!(late(less) >= late(more));
            let still = |frozen_permille| {
                score(Second { picture: fine().picture.map(|p| Picture { frozen_permille, ..p }), ..fine() })
            };
            assert!(still(less) >= still(more));
        }
    }

    #[test]
    fn sound_that_was_repaired_does_not_count_as_lost() {
        let line = Second { lost_down_permille: 100, ..fine() };
        let repaired = Second { sound_missing_permille: Some(5), ..line };
        assert!(judge(&repaired).score > judge(&line).score);
        assert_eq!(judge(&repaired).score.grade(), Grade::Good);
    }

    #[test]
    fn the_server_is_blamed_first_and_the_others_last() {
        let bad = Second {
            sound_missing_permille: Some(15),
            round_trip_ms: Some(399),
            sound_delay_ms: 400,
            ..fine()
        };
        let all = Second {
            lost_up_permille: 200,
            is_device_slow: true,
            are_others_lossy: true,
            is_server_busy: true,
            ..bad
        };
        let cause = |second: Second| judge(&second).cause;
        assert_eq!(cause(all), Some(Cause::Server));
        assert_eq!(cause(Second { is_server_busy: false, ..all }), Some(Cause::Network));
        let clean = Second { is_server_busy: false, lost_up_permille: 0, ..all };
        assert_eq!(cause(clean), Some(Cause::Device));
        assert_eq!(cause(Second { is_device_slow: false, ..clean }), Some(Cause::Others));
        assert_eq!(cause(bad), Some(Cause::Others));
    }

    #[test]
    fn any_measurement_gives_a_score_within_its_bounds() {
        let most = Second {
            lost_down_permille: u16::MAX,
            round_trip_ms: Some(u32::MAX),
            sound_delay_ms: u16::MAX,
            sound_missing_permille: Some(u16::MAX),
            picture: Some(Picture { frames_per_second: 255, lines: u16::MAX, frozen_permille: u16::MAX }),
            ..Second::default()
        };
        assert!((100..=450).contains(&judge(&most).score.hundredths()));
        assert_eq!(Score::from_opinion(f64::NAN).hundredths(), 100);
    }
}
