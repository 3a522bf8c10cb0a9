//! The system's randomness, seeded, and its clocks, standing still: hash maps and the clients' libraries draw theirs
//! from `getrandom`, one of them starts a timer by the system's clock (sctp-proto 0.10.8, `endpoint/mod.rs`), and a run
//! that is to repeat needs the same. Keys are still drawn by the cryptographic library itself; nothing follows from
//! them but a few bytes of length in a handshake.

use std::cell::RefCell;
use std::ffi::{c_int, c_long, c_uint, c_void};
use std::sync::OnceLock;

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

/// A moment as the C library writes it.
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Moment {
    seconds: i64,
    nanoseconds: i64,
}

/// The number of the system call in Linux.
const CLOCK_GETTIME: c_long = if cfg!(target_arch = "x86_64") { 228 } else { 113 };
/// Clocks of Linux that have a moment here: those by which somebody may ask for the time.
const CLOCKS: usize = 8;

/// When each clock was first read in a seeded thread.
static STILL: [OnceLock<Moment>; CLOCKS] = [const { OnceLock::new() }; CLOCKS];

/// In place of the C library's function of this name: in a seeded thread the clocks stand still.
#[expect(unsafe_code, reason = "a function of the C library is replaced by one of the same shape")]
#[unsafe(no_mangle)]
// SAFETY: the caller gives room for a moment, as clock_gettime(2) demands.
unsafe extern "C" fn clock_gettime(clock: c_int, moment: *mut Moment) -> c_int {
    // SAFETY: the arguments are the caller's, as the system call wants them.
    let read = |to: *mut Moment| unsafe { syscall(CLOCK_GETTIME, clock, to) as c_int };
    let is_seeded = SEEDED.try_with(|seeded| seeded.try_borrow().is_ok_and(|dice| dice.is_some()));
    let still = usize::try_from(clock).ok().and_then(|clock| STILL.get(clock));
    let (Ok(true), Some(still)) = (is_seeded, still) else { return read(moment) };
    let at = *still.get_or_init(|| {
        let mut now = Moment::default();
        read(&raw mut now);
        now
    });
    // SAFETY: the caller gives room for a moment.
    unsafe { moment.write(at) };
    0
}

#[test]
fn in_a_seeded_thread_the_clocks_stand_still() {
    let read = crate::world::instant;
    let begin = read();
    let first = apart(1, read).unwrap();
    while read() == begin {}
    assert_eq!(apart(2, read).unwrap(), first);
    assert_ne!(read(), first);
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
