//! The load tool runs: packets of its publishers reach its receivers through the plane. No time is asserted.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::process::Command;

/// Runs our plane with few clients for a moment; gives what was printed.
fn printed(more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["plane", "--runs", "1", "--warm", "1", "--seconds", "1"])
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The median of a figure.
fn figure(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(&format!("| {name} |"))).expect(text);
    line.split('|').nth(2).unwrap().trim().split(' ').next().unwrap().parse().expect(line)
}

#[test]
fn five_receivers_of_one_publisher_get_its_packets_through_the_plane() {
    let text = printed(&["--scene", "one-to-many", "--people", "5", "--checking", "2"]);
    assert!(figure(&text, "forwarded packets/s") > 50.0, "{text}");
    assert!(figure(&text, "packets whose delay was read") > 10.0, "{text}");
    assert_eq!(figure(&text, "peers lost"), 0.0, "{text}");
}

#[test]
fn three_people_who_all_send_get_each_others_packets_through_the_plane() {
    let text = printed(&["--scene", "meeting", "--people", "3", "--sounds", "2"]);
    assert!(figure(&text, "forwarded packets/s") > 50.0, "{text}");
    assert_eq!(figure(&text, "peers lost"), 0.0, "{text}");
}
