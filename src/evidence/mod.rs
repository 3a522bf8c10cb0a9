//! What can be shown of a recording afterwards: whether it is whole, all of it in one file, and the certificate that an
//! electronic record is filed with.
//!
//! Works on the files alone, without the server or its database. Holds no word itself; they are in `web/locales`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::notice::Language;
use jiff::Timestamp;
use recording::mix::{Empty, Names, plan};
use recording::verify::Unverifiable;
use recording::{Verdict, verify};

use crate::i18n::Words;

/// Why a mix was not made.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    /// The folder holds no recording.
    #[error(transparent)]
    Recording(#[from] Unverifiable),
    /// The recording has been changed.
    #[error("the recording has been changed since it was made: `recording verify` says where")]
    Changed,
    /// There is nothing to mix.
    #[error(transparent)]
    Empty(#[from] Empty),
    /// ffmpeg is not installed.
    #[error("ffmpeg is not on this machine: install it (Debian: apt-get install ffmpeg) and try again")]
    NoFfmpeg,
    /// The names could not be laid down for ffmpeg, or it could not be started.
    #[error("ffmpeg could not be started: {0}")]
    Start(#[source] io::Error),
    /// The file is there already.
    #[error("{0} is there already and is not overwritten")]
    Exists(PathBuf),
    /// ffmpeg ended with a fault.
    #[error("ffmpeg could not mix the tracks: {0}")]
    Ffmpeg(String),
}

/// The report of a recording, in words.
#[must_use]
pub fn report(verdict: &Verdict, language: Language) -> String {
    let words = Words::of(language);
    let begin = &verdict.begin;
    let mut lines = vec![
        words
            .with("recording-of", &[("post", words_of(&begin.title, language)), ("meeting", &begin.meeting)]),
        words.with("recording-begun", &[("at", &ist(begin.at))]),
    ];
    lines.push(match verdict.end {
        Some((at, why)) => {
            let why = words.t(&format!("recording-end-{}", why.code().replace('_', "-"))).into_owned();
            words.with("recording-ended", &[("at", &ist(at)), ("why", &why)])
        }
        None => words.with("recording-not-ended", &[("at", &ist(verdict.last_at))]),
    });
    for track in &verdict.tracks {
        let (whole, torn) = (track.whole.to_string(), track.torn.to_string());
        let seconds = format!("{}.{:03}", track.until_us / 1_000_000, track.until_us / 1_000 % 1_000);
        let values =
            [("file", track.file.as_str()), ("bytes", &whole), ("seconds", &seconds), ("torn", &torn)];
        lines
            .push(words.with(if track.torn > 0 { "recording-file-torn" } else { "recording-file" }, &values));
    }
    let torn = verdict.torn();
    if torn > 0 {
        lines.push(words.with("recording-torn", &[("bytes", &torn.to_string())]));
    }
    lines.extend(
        verdict.faults.iter().map(|fault| words.with("recording-fault", &[("fault", &fault.to_string())])),
    );
    let verdict_key = if verdict.is_unchanged() { "recording-unchanged" } else { "recording-changed" };
    lines.push(words.t(verdict_key).into_owned());
    lines.push(words.with("recording-head", &[("head", &verdict.head)]));
    lines.join("\n")
}

/// Part A of the certificate of Bharatiya Sakshya Adhiniyam 2023, section 63(4), as far as the facts are known: what
/// only a person can say is left open.
///
/// * `now`: when it is made out.
#[must_use]
pub fn certificate(verdict: &Verdict, language: Language, now: Timestamp) -> String {
    let words = Words::of(language);
    let begin = &verdict.begin;
    let ended = verdict.end.map_or(verdict.last_at, |(at, _)| at);
    let mut lines = vec![
        words.t("certificate-title").into_owned(),
        String::new(),
        words.t("certificate-person").into_owned(),
        words.with(
            "certificate-record",
            &[("post", words_of(&begin.title, language)), ("meeting", &begin.meeting)],
        ),
        words.with("certificate-recording", &[("recording", &begin.recording), ("reason", &begin.reason)]),
        words.with("certificate-times", &[("from", &ist(begin.at)), ("to", &ist(ended))]),
        words.with("certificate-software", &[("software", &begin.software)]),
        words.t("certificate-device").into_owned(),
        words.t("certificate-regular").into_owned(),
        words.t("certificate-algorithm").into_owned(),
        words.with("certificate-hash", &[("head", &verdict.head)]),
    ];
    for track in &verdict.tracks {
        let bytes = track.whole.to_string();
        lines.push(words.with("certificate-file", &[("file", &track.file), ("bytes", &bytes)]));
    }
    let found = match (verdict.is_unchanged(), verdict.torn()) {
        (false, _) => words.t("recording-changed").into_owned(),
        (true, 0) => words.t("recording-unchanged").into_owned(),
        (true, torn) => words.with("recording-torn", &[("bytes", &torn.to_string())]),
    };
    lines.extend([
        found,
        words.with("certificate-made", &[("at", &ist(now))]),
        words.t("certificate-sign").into_owned(),
    ]);
    lines.join("\n")
}

/// Makes one file of all tracks of a recording.
///
/// # Errors
/// [`MixError`].
pub fn mix(folder: &Path, out: &Path) -> Result<(), MixError> {
    if out.exists() {
        return Err(MixError::Exists(out.to_owned()));
    }
    let verdict = verify(folder)?;
    if !verdict.is_unchanged() {
        return Err(MixError::Changed);
    }
    let names_file = out.with_extension("names.ass");
    let plan = plan(&verdict, (folder, out), (&names_file, names()))?;
    std::fs::write(&names_file, &plan.names).map_err(MixError::Start)?;
    let ran = Command::new("ffmpeg").args(&plan.arguments).output();
    let _ = std::fs::remove_file(&names_file);
    let ran = ran.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => MixError::NoFfmpeg,
        _ => MixError::Start(error),
    })?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(MixError::Ffmpeg(said.lines().last().unwrap_or_default().to_owned()))
}

/// In which language this machine has a font to burn names with.
fn names() -> Names {
    let listed = Command::new("fc-list").args([":lang=hi", "family"]).output();
    if listed.is_ok_and(|said| !said.stdout.is_empty()) {
        return Names::Hindi;
    }
    let folders = ["/usr/share/fonts", "/usr/local/share/fonts"];
    let has_some = |folder: &&str| std::fs::read_dir(folder).is_ok_and(|mut found| found.next().is_some());
    if folders.iter().any(has_some) { Names::English } else { Names::LeftOut }
}

fn words_of(title: &recording::Title, language: Language) -> &str {
    match language {
        Language::Hindi => &title.hi,
        Language::English => &title.en,
    }
}

/// A moment as India's clocks have it, to the second.
fn ist(at: Timestamp) -> String {
    at.to_zoned(domain::office::ist()).strftime("%Y-%m-%d %H:%M:%S IST (UTC+05:30)").to_string()
}
