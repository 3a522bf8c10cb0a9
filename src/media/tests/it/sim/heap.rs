//! Counts what the plane holds on the heap: every allocation of the test program passes here, and those that happen
//! while the plane works are the plane's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, with a count.
pub struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

fn count(bytes: isize) {
    // A thread that ends frees after its own cells are gone.
    let _ = IS_INSIDE.try_with(|is_inside| {
        if is_inside.get() {
            HELD.set(HELD.get() + bytes);
        }
    });
}

#[expect(unsafe_code, reason = "an allocator can't be written otherwise; this one only counts")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's duty is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's duty is the same.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's duty is the same.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// Does the plane's work and counts what it keeps.
pub fn inside<T>(work: impl FnOnce() -> T) -> T {
    IS_INSIDE.set(true);
    let done = work();
    IS_INSIDE.set(false);
    done
}

/// Bytes that the plane of this thread holds.
pub fn held() -> isize {
    HELD.get()
}

/// A new plane begins.
pub fn begin() {
    HELD.set(0);
    IS_INSIDE.set(false);
}
