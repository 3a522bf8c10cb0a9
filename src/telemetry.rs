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

/// Starts the counters.
///
/// * returns: what renders them for `/metrics`; `None` when they were started before in this process.
#[must_use]
pub fn start_counters() -> Option<PrometheusHandle> {
    let scores = Matcher::Full("sachivalaya_quality_score".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(scores, &SCORES).ok()?;
    builder.install_recorder().ok()
}
