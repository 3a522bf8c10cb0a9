//! Passwords (argon2id) and the codes of a generator (TOTP, RFC 6238).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Seconds for which one code of the generator holds.
const STEP_SECONDS: u64 = 30;

/// Why a secret could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The stored hash or secret cannot be read, or hashing failed.
    #[error("the stored secret cannot be used")]
    Unusable,
}

/// Hashes a password with argon2id, for the row.
///
/// # Errors
/// [`SecretError`] when the library refuses.
pub fn hash(password: &str) -> Result<String, SecretError> {
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|_| SecretError::Unusable)?;
    Ok(hash.to_string())
}

/// Is `password` the one whose hash is `stored`? With no stored hash the same work is done and the answer is no,
/// so that the time taken does not tell which logins exist.
#[must_use]
pub fn is_right(password: &str, stored: Option<&str>) -> bool {
    let decoy =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(decoy)) else { return false };
    let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    fits && stored.is_some()
}

fn generator(secret_base32: &str) -> Result<Totp, SecretError> {
    let secret = Secret::try_from_base32(secret_base32).map_err(|_| SecretError::Unusable)?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret)
        .build()
        .map_err(|_| SecretError::Unusable)
}

/// The 30-second step in which `code` holds, looking one step back and one ahead.
///
/// # Errors
/// [`SecretError`] when the stored secret cannot be read.
pub fn totp_step(secret_base32: &str, code: &str, now: Timestamp) -> Result<Option<i64>, SecretError> {
    let generator = generator(secret_base32)?;
    let second = u64::try_from(now.as_second()).unwrap_or(0);
    Ok(generator.check(&super::otp::digits(code), second).and_then(|step| i64::try_from(step).ok()))
}

/// A fresh secret for a code generator, base 32.
#[must_use]
pub fn fresh_totp_secret(random: crate::clock::Random) -> String {
    data_encoding::BASE32_NOPAD.encode(&random.bytes::<20>())
}

/// The code that a generator shows at `now`; for tools and tests.
///
/// # Errors
/// [`SecretError`] when the secret cannot be read.
pub fn totp_code(secret_base32: &str, now: Timestamp) -> Result<String, SecretError> {
    Ok(generator(secret_base32)?.generate(u64::try_from(now.as_second()).unwrap_or(0)).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_password_is_right_only_against_its_own_hash() {
        let stored = hash("शुभ प्रभात 24").unwrap();
        assert!(is_right("शुभ प्रभात 24", Some(&stored)));
        assert!(!is_right("शुभ प्रभात 25", Some(&stored)));
        assert!(!is_right("", None));
    }

    #[test]
    fn a_generator_code_holds_one_step_around_now() {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let code = totp_code(secret, now).unwrap();
        assert_eq!(totp_step(secret, &code, now).unwrap(), Some(1_780_000_000 / 30));
        let later = Timestamp::from_second(1_780_000_000 + 90).unwrap();
        assert_eq!(totp_step(secret, &code, later).unwrap(), None);
    }
}
