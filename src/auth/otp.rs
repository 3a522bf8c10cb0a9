//! The six-digit code that proves a mobile number. Pure but for the key: made, hashed, compared.

use domain::id::AppointmentId;
use subtle::ConstantTimeEq;

use super::token::LinkKey;
use crate::clock::Random;

/// A fresh code, six digits with leading zeros.
#[must_use]
pub fn fresh(random: Random) -> String {
    format!("{:06}", random.six_digits())
}

/// What is stored of a code: it is of no use for another appointment.
#[must_use]
pub fn hash(key: &LinkKey, appointment: &AppointmentId, code: &str) -> String {
    key.sealed(&format!("otp|{appointment}"), code)
}

/// Is `typed` the code whose hash is `stored`? Spaces and Devanagari digits are understood.
#[must_use]
pub fn is_right(key: &LinkKey, appointment: &AppointmentId, typed: &str, stored: &str) -> bool {
    let code = digits(typed);
    code.len() == 6 && bool::from(hash(key, appointment, &code).as_bytes().ct_eq(stored.as_bytes()))
}

/// The digits of a text, Devanagari ones made Latin, everything else dropped; at most eight.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c),
            '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10),
            _ => None,
        })
        .take(8)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_code_is_right_for_its_appointment_only_and_in_either_script() {
        let key = LinkKey::new(&[7; 32]);
        let (mine, other) = (AppointmentId::parse("a1").unwrap(), AppointmentId::parse("a2").unwrap());
        let stored = hash(&key, &mine, "048291");
        assert!(is_right(&key, &mine, " 048 291 ", &stored));
        assert!(is_right(&key, &mine, "०४८२९१", &stored));
        assert!(!is_right(&key, &mine, "048292", &stored));
        assert!(!is_right(&key, &mine, "48291", &stored));
        assert!(!is_right(&key, &other, "048291", &stored));
    }
}
