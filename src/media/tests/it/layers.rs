//! Layers of a camera as their encoder makes them, and what of them the receivers see.

use media::{Kind, View};

use crate::sim::client::Manner;
use crate::sim::dice::Dice;
use crate::sim::link::Weather;
use crate::sim::seeded;
use crate::sim::town::Town;

const MS: u64 = 1_000;

/// A camera with three layers, and somebody who is shown its highest.
fn shown() -> (Town, usize, usize) {
    let mut town = Town::new(Dice::new(7));
    let manner = |layers| Manner { slots: (1, 1), layers, sound_us: 20 * MS, picture_us: 33 * MS, parts: 2 };
    let fair = || (Weather::fair(20 * MS), Weather::fair(20 * MS));
    let (from, to) = (town.join(manner(3), fair()), town.join(manner(1), fair()));
    until(&mut town, 1_000 * MS);
    town.open(from, to);
    let mid = town.residents[to].slots[0].clone();
    town.view(to, &[View { mid, width: 1_280, height: 720 }]);
    until(&mut town, 6_000 * MS);
    (town, from, to)
}

fn until(town: &mut Town, end_us: u64) {
    while town.us < end_us {
        town.step(end_us);
    }
}

/// The layer that somebody is shown.
fn layer(town: &Town, to: usize) -> Option<u8> {
    let report = town.plane.report(town.peer(to)).unwrap();
    report.slots.iter().find(|slot| slot.kind == Kind::Video)?.layer
}

/// The longest time without a picture.
fn pause_us(town: &Town, from: usize, to: usize) -> u64 {
    town.judge.heard(town.peer(from), town.peer(to), Kind::Video).pause_us
}

#[test]
fn a_layer_that_its_encoder_leaves_out_is_replaced_before_anybody_takes_the_picture_for_a_still() {
    seeded::apart(7, || {
        let (mut town, from, to) = shown();
        assert_eq!(layer(&town, to), Some(2), "the highest is shown");
        town.residents[from].client.left_out = Some(2);
        let us = town.us;
        town.judge.listen(us);
        until(&mut town, us + 3_000 * MS);
        let pause = pause_us(&town, from, to);
        assert!(pause < 550 * MS, "{pause} µs without a picture");
        assert!(town.judge.faults.is_empty(), "{:?}", town.judge.faults);
    })
    .unwrap();
}

#[test]
fn who_is_shown_a_lower_layer_has_the_highest_again_when_it_comes_back() {
    seeded::apart(7, || {
        let (mut town, from, to) = shown();
        town.residents[from].client.left_out = Some(2);
        let us = town.us;
        until(&mut town, us + 1_000 * MS);
        town.residents[from].client.left_out = None;
        town.judge.listen(town.us);
        until(&mut town, us + 6_000 * MS);
        assert_eq!(layer(&town, to), Some(2));
        let pause = pause_us(&town, from, to);
        assert!(pause < 550 * MS, "{pause} µs without a picture");
    })
    .unwrap();
}
