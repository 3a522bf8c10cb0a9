//! The allocator that counts: how much heap the plane holds, and how often it asks for more.
//!
//! What the C library of the cryptography allocates is not seen here; the resident size has it. Never refuses anything.
#![expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one passes everything to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

static LIVE: AtomicI64 = AtomicI64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: i64) {
    LIVE.fetch_add(bytes, Ordering::Relaxed);
    CALLS.fetch_add(u64::from(bytes > 0), Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator with the layout that came in.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count(-(layout.size() as i64));
        count(bytes as i64);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.realloc(place, layout, bytes) }
    }
}

/// Bytes that are allocated now, and calls that allocated since the start.
pub fn heap() -> (u64, u64) {
    (LIVE.load(Ordering::Relaxed).max(0) as u64, CALLS.load(Ordering::Relaxed))
}
