//! The PIN on a slip that was printed at a counter: opens the slip for a person who has no telephone.
//!
//! Made from the installation's key, so that the same slip can be printed again; only its keyed hash stands in a row.

use domain::id::AppointmentId;
use subtle::ConstantTimeEq;

use super::otp::digits;
use super::token::LinkKey;

/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;

/// The PIN of an appointment.
#[must_use]
pub fn of(key: &LinkKey, appointment: &AppointmentId) -> String {
    let bytes = key.derived(&format!("pin|{appointment}"));
    // 64 bits over a million: no six digits are likelier than others by more than one in ten billion.
    let number = bytes[..8].iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte)) % 1_000_000;
    format!("{number:06}")
}

/// What is stored of it.
#[must_use]
pub fn hash(key: &LinkKey, appointment: &AppointmentId, pin: &str) -> String {
    key.sealed(&format!("pin|{appointment}"), pin)
}

/// Is `typed` the PIN whose hash is `stored`? Spaces and Devanagari digits are understood.
#[must_use]
pub fn is_right(key: &LinkKey, appointment: &AppointmentId, typed: &str, stored: &str) -> bool {
    let pin = digits(typed);
    pin.len() == PIN_DIGITS && bool::from(hash(key, appointment, &pin).as_bytes().ct_eq(stored.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_pin_opens_its_own_slip_and_no_other() {
        let key = LinkKey::new(&[7; 32]);
        let (mine, other) = (AppointmentId::parse("a1").unwrap(), AppointmentId::parse("a2").unwrap());
        let pin = of(&key, &mine);
        assert_eq!((pin.len(), of(&key, &mine)), (6, pin.clone()));
        assert_ne!(pin, of(&key, &other));
        let stored = hash(&key, &mine, &pin);
        assert!(is_right(&key, &mine, &format!(" {} {}", &pin[..3], &pin[3..]), &stored));
        assert!(!is_right(&key, &other, &pin, &stored));
        assert!(!is_right(&key, &mine, &pin[..5], &stored));
    }
}
