//! The entry points of the readers, called with bytes that nobody vouches for. The ordinary tests include this file.

use logitscope::data::BatchSource;
use logitscope::io::{OpenOptions, open_bytes};

/// Opens the bytes, with labels and without, held in memory and read in pieces, and reads all rows. There is no wrong
/// outcome but a panic, or rows that are more or fewer than were promised.
///
/// # Panics
/// If the readers do, or do not keep their word.
pub fn survive(bytes: &[u8]) {
    for (unlabelled, memory) in [(false, Some(1 << 30)), (true, Some(0))] {
        let options = OpenOptions { unlabelled, memory, ..OpenOptions::default() };
        let Ok(loaded) = open_bytes("fuzz", bytes, &options) else {
            continue;
        };
        for source in std::iter::once(&loaded.fit).chain(&loaded.test) {
            let mut n_rows = 0;
            let read = source.read(&mut |batch| {
                n_rows += batch.labels.len();
                Ok(())
            });
            assert!(read.is_err() || n_rows == source.n_rows());
        }
    }
}
