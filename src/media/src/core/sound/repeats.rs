//! For receivers without RED: the last datagrams of each slot of sound, sent once more as they are.
//!
//! Only the very same bytes go out again, so that nothing is sealed twice; a receiver drops what came already
//! (RFC 3711 §3.3.2). The memory is used again, so a packet costs no allocation.

/// Datagrams that go out once more with one packet at most: each carries its headers and its tag again.
pub const REPEATS_MAX: usize = 2;

/// The last datagrams of one slot, the newest first; empty is none.
#[derive(Debug, Default)]
struct Row {
    slot: usize,
    kept: [Vec<u8>; REPEATS_MAX],
}

/// See the module.
#[derive(Debug, Default)]
pub struct Repeats {
    rows: Vec<Row>,
}

impl Repeats {
    /// What is remembered of a slot, the newest first.
    pub fn of(&self, slot: usize) -> impl Iterator<Item = &[u8]> {
        let row = self.rows.iter().find(move |row| row.slot == slot);
        row.into_iter().flat_map(|row| &row.kept).map(Vec::as_slice).filter(|kept| !kept.is_empty())
    }

    /// Remembers what went out in a slot.
    pub fn keep(&mut self, slot: usize, datagram: &[u8]) {
        let at = self.rows.iter().position(|row| row.slot == slot).unwrap_or_else(|| {
            self.rows.push(Row { slot, ..Row::default() });
            self.rows.len() - 1
        });
        let kept = &mut self.rows[at].kept;
        kept.rotate_right(1);
        kept[0].clear();
        kept[0].extend_from_slice(datagram);
    }

    /// A slot has another source, or none: what was in it must not go out again.
    pub fn forget(&mut self, slot: usize) {
        self.rows
            .iter_mut()
            .filter(|row| row.slot == slot)
            .flat_map(|row| &mut row.kept)
            .for_each(Vec::clear);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_datagrams_of_a_slot_are_kept_and_no_more() {
        let mut repeats = Repeats::default();
        (1..=9).for_each(|byte| repeats.keep(usize::from(byte % 2), &[byte, byte]));
        assert_eq!(repeats.of(1).collect::<Vec<_>>(), [[9, 9], [7, 7]]);
        assert_eq!(repeats.of(0).collect::<Vec<_>>(), [[8, 8], [6, 6]]);
    }

    #[test]
    fn what_another_source_said_does_not_go_out_again() {
        let mut repeats = Repeats::default();
        [0, 1].into_iter().for_each(|slot| repeats.keep(slot, &[1, 2]));
        repeats.forget(1);
        assert_eq!((repeats.of(0).count(), repeats.of(1).count()), (1, 0));
    }
}
