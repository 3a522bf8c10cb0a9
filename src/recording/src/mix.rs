//! All tracks of a recording in one file: a filter graph for the ffmpeg of this machine.
//!
//! Sounds are mixed at their times; each participant has a tile with the name of the post below. Only says what ffmpeg
//! is to do; whoever calls runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::manifest::Title;
use crate::verify::{Track, Verdict};

/// The picture's pixels.
const SIZE: (u32, u32) = (1_280, 720);
/// Pixels below each tile for its name.
const NAME_HEIGHT: u32 = 36;

/// What ffmpeg is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The names as subtitles (ASS), which lay out Devanagari; to be written to the file that the plan was told.
    pub names: String,
}

/// There is neither sound nor picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recording holds neither sound nor pictures")]
pub struct Empty;

/// Whether names are burnt into the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// In Hindi.
    Hindi,
    /// In English: this machine has no font for Devanagari.
    English,
    /// This machine has no font at all.
    LeftOut,
}

/// What makes one file of a recording.
///
/// * `folder`: the recording's; `out`: the file to make; `names_file`: where the names will lie.
///
/// # Errors
/// [`Empty`].
pub fn plan(
    verdict: &Verdict,
    (folder, out): (&Path, &Path),
    (names_file, names): (&Path, Names),
) -> Result<Plan, Empty> {
    let tracks: Vec<&Track> = verdict.tracks.iter().filter(|track| track.whole > 0).collect();
    let zero_us = tracks.iter().map(|track| track.at_us).min().ok_or(Empty)?;
    let end_us = tracks.iter().map(|track| track.at_us + track.until_us).max().ok_or(Empty)?;
    let seconds = seconds(end_us - zero_us + 40_000);
    let tiles = Tiles::of(&tracks);
    let (mut graph, mut sounds) = (Vec::new(), Vec::new());
    if !tiles.places.is_empty() {
        graph.push(format!("color=c=0x0f172a:s={}x{}:r=25:d={seconds}[p0]", SIZE.0, SIZE.1));
    }
    let mut pictures = 0;
    for (input, track) in tracks.iter().enumerate() {
        let after_us = track.at_us - zero_us;
        if track.codec == "opus" {
            let ms = (after_us + 500) / 1_000;
            graph.push(format!("[{input}:a]aresample=48000:async=1:first_pts=0,adelay={ms}:all=1[a{input}]"));
            sounds.push(format!("[a{input}]"));
        } else {
            let (x, y) = tiles.place(&track.participant);
            let (w, h) = (tiles.width, tiles.height - NAME_HEIGHT);
            graph.push(format!(
                "[{input}:v]setpts=PTS-STARTPTS+{}/TB,fps=25,scale={w}:{h}:force_original_aspect_ratio=decrease,\
                 pad={w}:{h}:(ow-iw)/2:(oh-ih)/2:color=0x0f172a[v{input}]",
                self::seconds(after_us),
            ));
            graph.push(format!("[p{pictures}][v{input}]overlay={x}:{y}:eof_action=pass[p{}]", pictures + 1));
            pictures += 1;
        }
    }
    let mut ends: Vec<&str> = Vec::new();
    if pictures > 0 {
        let filter = match names {
            Names::Hindi | Names::English => format!("ass=f='{}'", escaped(names_file)),
            Names::LeftOut => "null".to_owned(),
        };
        graph.push(format!("[p{pictures}]{filter},format=yuv420p[picture]"));
        ends.push("[picture]");
    }
    if !sounds.is_empty() {
        graph.push(format!(
            "{}amix=inputs={}:normalize=0:duration=longest[sound]",
            sounds.concat(),
            sounds.len()
        ));
        ends.push("[sound]");
    }
    let arguments = arguments((&tracks, folder), (&graph.join(";"), &ends), out);
    Ok(Plan { arguments, names: tiles.names(&verdict.people, &seconds, names) })
}

fn arguments(
    (tracks, folder): (&[&Track], &Path),
    (graph, ends): (&str, &[&str]),
    out: &Path,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-loglevel", "error", "-n"].map(OsString::from).to_vec();
    for track in tracks {
        arguments.extend(["-i".into(), folder.join(&track.file).into_os_string()]);
    }
    arguments.extend(["-filter_complex".into(), graph.into()]);
    for end in ends {
        arguments.extend(["-map".into(), (*end).into()]);
    }
    let coding = "-c:v libvpx -b:v 2M -deadline realtime -cpu-used 4 -g 125 -c:a libopus -b:a 64k";
    arguments.extend(coding.split(' ').map(OsString::from));
    // The end of a recording that a crash cut may hold half a frame; what is whole is mixed.
    arguments.extend(["-f".into(), "matroska".into(), out.as_os_str().to_owned()]);
    arguments
}

fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// A path inside a filter's quotes.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "\\\\").replace('\'', "'\\\\\\''").replace(':', "\\:")
}

/// A tile for each participant with pictures.
struct Tiles {
    width: u32,
    height: u32,
    places: BTreeMap<String, (u32, u32)>,
}

impl Tiles {
    fn of(tracks: &[&Track]) -> Tiles {
        let mut people: Vec<&str> = Vec::new();
        for track in tracks.iter().filter(|track| track.codec != "opus") {
            if !people.contains(&track.participant.as_str()) {
                people.push(&track.participant);
            }
        }
        let columns = (1..).find(|side| side * side >= people.len()).unwrap_or(1).max(1);
        let rows = people.len().div_ceil(columns).max(1);
        let even = |pixels: u32| pixels / 2 * 2;
        let (width, height) = (even(SIZE.0 / columns as u32), even(SIZE.1 / rows as u32));
        let place = |(at, person): (usize, &&str)| {
            let (row, column) = (at / columns, at % columns);
            ((*person).to_owned(), (column as u32 * width, row as u32 * height))
        };
        Tiles { width, height, places: people.iter().enumerate().map(place).collect() }
    }

    fn place(&self, participant: &str) -> (u32, u32) {
        self.places.get(participant).copied().unwrap_or_default()
    }

    /// The names below the tiles.
    fn names(&self, people: &BTreeMap<String, Title>, seconds: &str, names: Names) -> String {
        let mut text = format!(
            "[Script Info]\nScriptType: v4.00+\nPlayResX: {}\nPlayResY: {}\n\n[V4+ Styles]\nFormat: Name, Fontname, \
             Fontsize, PrimaryColour, OutlineColour, Outline, Alignment\nStyle: N,Noto Sans Devanagari,22,\
             &H00FFFFFF,&H00000000,1,2\n\n[Events]\nFormat: Start, End, Style, Text\n",
            SIZE.0, SIZE.1
        );
        let end: u64 = seconds.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0) + 1;
        for (participant, (x, y)) in &self.places {
            let in_language = |title: &Title| match names {
                Names::Hindi => title.hi.clone(),
                Names::English | Names::LeftOut => title.en.clone(),
            };
            let title = people.get(participant).map_or_else(|| participant.clone(), in_language);
            // Braces and backslashes are signs of the form itself.
            let title: String = title.chars().filter(|c| !"{}\\\n\r".contains(*c)).collect();
            let (x, y) = (x + self.width / 2, y + self.height - 6);
            let (hours, minutes, rest) = (end / 3_600, end / 60 % 60, end % 60);
            text.push_str(&format!(
                "Dialogue: 0:00:00.00,{hours}:{minutes:02}:{rest:02}.00,N,{{\\pos({x},{y})}}{title}\n"
            ));
        }
        text
    }
}
