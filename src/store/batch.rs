//! Many rows in one statement: the text of `values (…), (…)` with its numbered places.
//!
//! One round trip for two hundred rows instead of two hundred. Never holds a value.

/// Rows of one statement: with the widest row (nine columns) well below the 32,766 places that SQLite takes.
pub const ROWS_MAX: usize = 500;

/// `(cast($n as text), cast($n+1 as bigint)), (…)`: so many rows of these types, the first place being `first`.
///
/// The casts tell PostgreSQL what a lone `values` list holds.
#[must_use]
pub fn rows(count: usize, types: &[&str], first: usize) -> String {
    let mut text = String::with_capacity(count * types.len() * 24);
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for (column, kind) in types.iter().enumerate() {
            let place = first + row * types.len() + column;
            let comma = if column == 0 { "" } else { ", " };
            text.push_str(&format!("{comma}cast(${place} as {kind})"));
        }
        text.push(')');
    }
    text
}

/// `$n, $n+1, …`: so many places of a list, the first being `first`.
#[must_use]
pub fn places(count: usize, first: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_a_number_of_its_own() {
        assert_eq!(
            rows(2, &["text", "bigint"], 3),
            "(cast($3 as text), cast($4 as bigint)), (cast($5 as text), cast($6 as bigint))"
        );
        assert_eq!(places(3, 2), "$2, $3, $4");
    }
}
