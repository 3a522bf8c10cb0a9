//! What the server says of itself: log lines and counters. Never personal data: ids and codes only.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogForm {
    /// For a person at a terminal.
    Terminal,
    /// One JSON object a line, for a collector.
    Json,
}

/// Starts the log on standard error; `RUST_LOG` chooses what is said.
pub fn start_log(form: LogForm) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,rtc_dtls=error"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match form {
        LogForm::Terminal => lines.compact().try_init(),
        LogForm::Json => lines.json().flatten_event(true).try_init(),
    };
    // A second start in one process (a test) keeps the first.
    drop(started);
}

/// Upper bounds of the buckets of opinion scores: the bounds of the grades and some between.
const SCORES: [f64; 8] = [1.5, 2.0, 2.58, 3.1, 3.6, 4.03, 4.3, 4.5];

/// Upper bounds of the buckets of estimated rates.
const KILOBITS: [f64; 10] = [32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0];
/// Upper bounds of the buckets of round trips.
const SECONDS: [f64; 8] = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6];

/// Starts the counters.
///
/// * returns: what renders them for `/metrics`; `None` when they were started before in this process.
#[must_use]
pub fn start_counters() -> Option<PrometheusHandle> {
    let histograms: [(&str, &[f64]); 3] = [
        ("sachivalaya_quality_score", &SCORES),
        ("sachivalaya_estimate_kbps", &KILOBITS),
        ("sachivalaya_round_trip_seconds", &SECONDS),
    ];
    let mut builder = PrometheusBuilder::new();
    for (name, bounds) in histograms {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds).ok()?;
    }
    builder.install_recorder().ok()
}
