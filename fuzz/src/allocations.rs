//! How much memory is asked for: an allocator that counts, for the runs that hold readers to a multiple of their input.

#![expect(
    unsafe_code,
    reason = "an allocator is unsafe by its interface; this one hands everything on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Bytes in use by all threads, and the most there were since [`Counting::begin`].
static LIVE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    /// The same of this thread, as far as it frees what it took.
    static OWN: Cell<(isize, isize)> = const { Cell::new((0, 0)) };

    /// Bytes that this thread asked for, whether or not it gave them back: what its work comes to.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counted.
pub struct Counting;

impl Counting {
    /// Starts to count anew; what is in use now counts as nothing.
    pub fn begin() {
        PEAK.store(LIVE.load(Ordering::Relaxed), Ordering::Relaxed);
        OWN.set((0, 0));
    }

    /// The most bytes that all threads together had in use, of which `before` were in use at the start.
    pub fn peak_above(before: isize) -> isize {
        PEAK.load(Ordering::Relaxed) - before
    }

    /// Bytes in use by all threads.
    pub fn live() -> isize {
        LIVE.load(Ordering::Relaxed)
    }

    /// The most bytes that this thread took since it called [`Counting::begin`].
    pub fn own_peak() -> isize {
        OWN.get().1
    }

    /// The bytes that this thread asked for since it began, given back or not.
    pub fn asked() -> usize {
        ASKED.get()
    }

    fn count(n_bytes: isize) {
        if let Ok(n_bytes) = usize::try_from(n_bytes) {
            let _ = ASKED.try_with(|asked| asked.set(asked.get().wrapping_add(n_bytes)));
        }
        let live = LIVE.fetch_add(n_bytes, Ordering::Relaxed) + n_bytes;
        if n_bytes > 0 {
            PEAK.fetch_max(live, Ordering::Relaxed);
        }
        // A thread that ends frees its last things when its variables are gone.
        let _ = OWN.try_with(|own| {
            let (live, peak) = own.get();
            let live = live + n_bytes;
            own.set((live, peak.max(live)));
        });
    }
}

fn signed(n_bytes: usize) -> isize {
    isize::try_from(n_bytes).unwrap_or(isize::MAX)
}

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        Self::count(-signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count(signed(size) - signed(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}
