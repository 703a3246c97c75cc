//! What every target does with its input.

mod survive;

use libfuzzer_sys::Corpus;

pub use survive::survive;

/// Opens `data` if it begins as the files of the target's format do; all else is for other targets.
pub fn check(data: &[u8], magics: &[&[u8]]) -> Corpus {
    if !magics.iter().any(|magic| data.starts_with(magic)) {
        return Corpus::Reject;
    }
    survive(data);
    Corpus::Keep
}
