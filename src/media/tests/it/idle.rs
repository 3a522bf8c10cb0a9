//! A warm seat that nobody calls costs next to nothing: it wakes the thread a few times a minute and sends little.

use std::time::Duration;

use crate::world::World;

#[test]
fn an_idle_seat_wakes_the_thread_and_sends_only_a_few_times_a_minute() {
    let (mut world, a, b) = World::pair();
    world.run(Duration::from_secs(10));
    let (before, wakes) = (world.report(a).bytes_sent, world.wakes);
    world.run(Duration::from_secs(60));
    let wakes_per_seat = (world.wakes - wakes) / 2;
    assert!(wakes_per_seat <= 30, "{wakes_per_seat} timers a minute and seat");
    let bits_per_second = (world.report(a).bytes_sent - before) * 8 / 60;
    assert!(bits_per_second <= 1_000, "{bits_per_second} b/s to a seat that nobody calls");
    assert!(world.report(b).is_up);
}

#[test]
fn a_slot_whose_source_fell_silent_costs_no_timer() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(Duration::from_secs(5));
    world.clients[a].is_sending = false;
    world.run(Duration::from_secs(5));
    let wakes = world.wakes;
    world.run(Duration::from_secs(60));
    assert!(world.wakes - wakes <= 80, "{} timers a minute", world.wakes - wakes);
}
