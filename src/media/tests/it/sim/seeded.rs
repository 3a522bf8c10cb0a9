//! The system's randomness, seeded: hash maps and the clients' libraries draw theirs from `getrandom`, and a run that
//! is to repeat needs the same. Keys are still drawn by the cryptographic library itself; nothing follows from them but
//! a few bytes of length in a handshake.

use std::cell::RefCell;
use std::ffi::{c_long, c_uint, c_void};

use super::dice::Dice;

thread_local! {
    static SEEDED: RefCell<Option<Dice>> = const { RefCell::new(None) };
}

/// Runs a run in a thread of its own, whose randomness follows from the seed.
pub fn apart<T: Send>(seed: u64, run: impl FnOnce() -> T + Send) -> std::thread::Result<T> {
    std::thread::scope(|scope| {
        let seeded = move || {
            SEEDED.set(Some(Dice::new(seed)));
            run()
        };
        scope.spawn(seeded).join()
    })
}

#[expect(unsafe_code, reason = "the C library's functions can't be reached otherwise")]
// SAFETY: this is the C library's own declaration.
unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// The number of the system call in Linux.
const GETRANDOM: c_long = if cfg!(target_arch = "x86_64") { 318 } else { 278 };

/// In place of the C library's function of this name: in a seeded thread its dice, else the system's randomness.
#[expect(unsafe_code, reason = "a function of the C library is replaced by one of the same shape")]
#[unsafe(no_mangle)]
// SAFETY: the caller gives a buffer of that length, as getrandom(2) demands.
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    let seeded = SEEDED.try_with(|seeded| {
        let mut seeded = seeded.try_borrow_mut().ok()?;
        let dice = seeded.as_mut()?;
        for at in 0..length {
            // SAFETY: `at` is below the length of the caller's buffer.
            unsafe { buffer.cast::<u8>().add(at).write(dice.next() as u8) };
        }
        Some(length as isize)
    });
    match seeded {
        Ok(Some(length)) => length,
        // SAFETY: the arguments are the caller's, as the system call wants them.
        _ => unsafe { syscall(GETRANDOM, buffer, length, flags) as isize },
    }
}

#[test]
fn a_seeded_thread_draws_the_same_each_time() {
    use std::hash::{BuildHasher, RandomState};
    let draw =
        |seed| apart(seed, || [RandomState::new().hash_one(7), RandomState::new().hash_one(7)]).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_ne!(RandomState::new().hash_one(7), draw(1)[0]);
}
