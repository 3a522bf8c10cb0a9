//! The bell of a media thread: wakes it when there is something to do that no socket tells of.
//!
//! Ringing never blocks, and costs a system call only if the thread sleeps.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering, fence};

use rustix::event::{EventfdFlags, eventfd};

/// An eventfd, and whether anybody listens to it.
#[derive(Debug)]
pub(crate) struct Bell {
    fd: OwnedFd,
    is_asleep: AtomicBool,
}

impl Bell {
    /// A bell that nobody has rung.
    pub(crate) fn new() -> io::Result<Bell> {
        let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Bell { fd, is_asleep: AtomicBool::new(false) })
    }

    /// Rings, whether or not the thread sleeps: for what it does not look at before it lies down.
    pub(crate) fn ring(&self) {
        // Only a full counter can fail here, and then the thread is awake already.
        let _ = rustix::io::write(&self.fd, &1u64.to_ne_bytes());
    }

    /// Rings if the thread sleeps: for what it looks at between [`Bell::doze`] and sleep.
    pub(super) fn ring_if_asleep(&self) {
        // With the fence in `doze`: either the thread sees what was put there before this, or this sees it dozing.
        fence(Ordering::SeqCst);
        if self.is_asleep.load(Ordering::Relaxed) && self.is_asleep.swap(false, Ordering::AcqRel) {
            self.ring();
        }
    }

    /// The thread is about to sleep. What it finds to do from now on, it finds; the rest rings.
    pub(super) fn doze(&self) {
        self.is_asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// The thread is awake.
    pub(super) fn rise(&self) {
        self.is_asleep.store(false, Ordering::Relaxed);
    }

    /// Forgets that it was rung.
    pub(super) fn hush(&self) {
        let _ = rustix::io::read(&self.fd, &mut [0u8; 8]);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
