//! What pages and server say of media: sections, the size at which they are shown, what a page knows of its line.

use crate::limits::{MID_CHARS_MAX, VIEWS_MAX};
use crate::value::ValueError;
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// One receiving media section of the answer, which any participant's media may come to fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct SlotInfo {
    /// The section's `mid` (RFC 9143).
    pub mid: String,
    /// What it carries.
    pub kind: MediaKind,
}

/// The name of a media section (RFC 9143). Invariant: 1..=16 token characters (RFC 4566).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Mid(String);

impl TryFrom<String> for Mid {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Mid, ValueError> {
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&b);
        let fits = (1..=MID_CHARS_MAX).contains(&text.len());
        if fits && text.bytes().all(is_token) { Ok(Mid(text)) } else { Err(ValueError::Mid) }
    }
}

impl From<Mid> for String {
    fn from(mid: Mid) -> String {
        mid.0
    }
}

/// How large a receiving video section is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The section.
    pub mid: Mid,
    /// Device pixels from left to right; 0 when it is not to be seen.
    pub width: u16,
    /// Device pixels from top to bottom; 0 when it is not to be seen.
    pub height: u16,
}

/// The views of a page. Invariant: at most `VIEWS_MAX`, each section once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "Array<View>"))]
#[serde(try_from = "Vec<View>", into = "Vec<View>")]
pub struct Views(Vec<View>);

impl TryFrom<Vec<View>> for Views {
    type Error = ValueError;

    fn try_from(views: Vec<View>) -> Result<Views, ValueError> {
        let is_twice = |(n, view): (usize, &View)| views[..n].iter().any(|other| other.mid == view.mid);
        let fits = views.len() <= VIEWS_MAX && !views.iter().enumerate().any(is_twice);
        if fits { Ok(Views(views)) } else { Err(ValueError::Views) }
    }
}

impl From<Views> for Vec<View> {
    fn from(views: Views) -> Vec<View> {
        views.0
    }
}

/// What holds the sender of a page's camera back, as the browser says it (`qualityLimitationReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Limitation {
    /// Nothing.
    None,
    /// The machine is too slow.
    Cpu,
    /// The path up is too narrow.
    Bandwidth,
    /// Something else.
    Other,
}

/// What only the page knows of the last seconds. Every number has the bound of its type and is believed of nobody
/// but the page itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct PageQuality {
    /// Pictures of others that are shown and move.
    pub pictures: u8,
    /// Frames a second of the slowest of them.
    pub frames_per_second: u8,
    /// Lines of the largest of them.
    pub lines: u16,
    /// Times that one of them stood still.
    pub freezes: u16,
    /// How long they stood still, together.
    pub frozen_ms: u16,
    /// How long sound waits in the receiver.
    pub sound_delay_ms: u16,
    /// Sound that was missing and was made up, in 1/1000.
    pub sound_missing_permille: u16,
    /// Frames a second of the page's own camera as it is sent; 0 without one.
    pub sent_frames_per_second: u8,
    /// What holds it back.
    pub limitation: Limitation,
}
