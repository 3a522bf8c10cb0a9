//! Figures: percentiles of one run, median and range over runs, and the tables that show them.
//!
//! Pure arithmetic and text; never measures anything.

use std::fmt::Write;

/// What one run measured: names in the order of the table, with their values.
#[derive(Clone, Debug, Default)]
pub struct Figures(pub Vec<(&'static str, f64)>);

impl Figures {
    /// Adds a figure.
    pub fn put(&mut self, name: &'static str, value: f64) {
        self.0.push((name, value));
    }

    /// A figure by its name; `NaN` when the run has none such.
    pub fn get(&self, name: &str) -> f64 {
        self.0.iter().find(|(other, _)| *other == name).map_or(f64::NAN, |(_, value)| *value)
    }
}

/// The value below which `share` (0 to 1) of the values lie, by the nearest rank; `NaN` of nothing. Sorts the values.
pub fn percentile(values: &mut [u64], share: f64) -> f64 {
    values.sort_unstable();
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.clamp(1, values.len().max(1)) - 1).map_or(f64::NAN, |value| *value as f64)
}

/// The middle of the values, with the least and the greatest; `NaN`s of nothing.
pub fn median_and_range(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return (f64::NAN, f64::NAN, f64::NAN);
    };
    let middle = sorted.len() / 2;
    let median =
        if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
    (median, *first, *last)
}

/// A number with as many digits as it deserves.
fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "–".to_owned(),
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// The values of one figure over the runs.
fn over_runs(runs: &[Figures], name: &str) -> (f64, f64, f64) {
    median_and_range(&runs.iter().map(|run| run.get(name)).collect::<Vec<_>>())
}

fn cell(runs: &[Figures], name: &str) -> String {
    let (median, least, most) = over_runs(runs, name);
    if median.is_nan() {
        return "–".to_owned();
    }
    format!("{} ({} … {})", number(median), number(least), number(most))
}

/// A table in Markdown: a line for each figure, a column for each server, and with two servers their ratio.
pub fn table(columns: &[(&str, Vec<Figures>)]) -> String {
    let mut text = String::from("| figure |");
    for (name, runs) in columns {
        let _ = write!(text, " {name}, {} runs |", runs.len());
    }
    let has_ratio = columns.len() == 2;
    text.push_str(if has_ratio { " first / second |\n" } else { "\n" });
    text.push_str(&"|---".repeat(1 + columns.len() + usize::from(has_ratio)));
    text.push_str("|\n");
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in columns.iter().flat_map(|(_, runs)| runs).flat_map(|run| &run.0) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    for name in names {
        let _ = write!(text, "| {name} |");
        for (_, runs) in columns {
            let _ = write!(text, " {} |", cell(runs, name));
        }
        if has_ratio {
            let ratio = over_runs(&columns[0].1, name).0 / over_runs(&columns[1].1, name).0;
            let _ = write!(text, " {} |", number(ratio));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let mut values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut values, 0.5), 50.0);
        assert_eq!(percentile(&mut values, 0.95), 95.0);
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(percentile(&mut values, 1.0), 100.0);
        assert_eq!(percentile(&mut values, 0.0), 1.0);
        assert_eq!(percentile(&mut [7], 0.99), 7.0);
        assert!(percentile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn the_median_of_an_even_number_of_runs_lies_between_the_middle_two() {
        assert_eq!(median_and_range(&[3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert_eq!(median_and_range(&[4.0, 1.0, 2.0, 3.0]), (2.5, 1.0, 4.0));
        assert_eq!(median_and_range(&[f64::NAN, 5.0]), (5.0, 5.0, 5.0));
        assert!(median_and_range(&[]).0.is_nan());
    }

    #[test]
    fn a_table_of_two_servers_shows_their_ratio_and_marks_what_only_one_has() {
        let ours = Figures(vec![("cost", 2.0), ("heap", 64.0)]);
        let other = Figures(vec![("cost", 20.0)]);
        let text = table(&[("ours", vec![ours.clone(), ours]), ("other", vec![other])]);
        assert!(text.contains("| cost | 2.000 (2.000 … 2.000) | 20.0 (20.0 … 20.0) | 0.100 |"), "{text}");
        assert!(text.contains("| heap | 64.0 (64.0 … 64.0) | – | – |"), "{text}");
    }
}
