//! The PIN of a slip: with the slip's number it opens the slip on any telephone, and for a person who has none.
//!
//! Made from the installation's key, so that the same slip can be printed again and no row holds it.

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

/// Is `typed` the PIN of this appointment? Spaces and Devanagari digits are understood.
#[must_use]
pub fn opens(key: &LinkKey, appointment: &AppointmentId, typed: &str) -> bool {
    let pin = digits(typed);
    pin.len() == PIN_DIGITS && bool::from(of(key, appointment).as_bytes().ct_eq(pin.as_bytes()))
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
        assert!(opens(&key, &mine, &format!(" {} {}", &pin[..3], &pin[3..])));
        assert!(!opens(&key, &other, &pin));
        assert!(!opens(&key, &mine, &pin[..5]));
    }
}
