//! Where data sets are: the shared ones, if they are there, and those of the repository.
//!
//! A test that needs the shared ones carries `#[cfg_attr(not(shared_data), ignore = ...)]`, which `build.rs` answers:
//! without them it is counted and named as ignored.

use std::path::{Path, PathBuf};

use logitscope::analysis::AnalysisOptions;
use logitscope::data::{BatchSource, Values, ValuesRef};
use logitscope::io::{self, Loaded, OpenOptions, RowRange};
use logitscope::metrics::Binning;
use logitscope::pipeline::{Study, study};

/// `path` inside the folder of shared data sets.
pub(crate) fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path)
}

/// A small file that shows one fault.
pub(crate) fn fault(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faults").join(name)
}

/// `path` inside `sample_data`.
pub(crate) fn sample(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data").join(path)
}

pub(crate) fn options() -> AnalysisOptions {
    AnalysisOptions {
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: 0,
        level: 0.95,
        families: true,
        curves: true,
        findings: true,
        n_draws: 0,
    }
}

pub(crate) fn open(path: &Path, options: &OpenOptions) -> Loaded {
    io::open(path, options, &mut |_| true)
        .unwrap_or_else(|error| panic!("{error}\nhint: {:?}", error.hint))
}

pub(crate) fn open_rows(path: &Path, start: usize, end: usize) -> Loaded {
    let rows = Some(RowRange { start, end });
    open(path, &OpenOptions { rows, ..OpenOptions::default() })
}

pub(crate) fn study_of(loaded: Loaded) -> Study {
    study(loaded, &options(), &mut |_| true).expect("data in memory can be read again")
}

/// All scores of a source, as its batches bring them.
pub(crate) fn values(source: &dyn BatchSource) -> Values {
    let (mut f32s, mut f64s) = (Vec::new(), Vec::new());
    let read = source.read(&mut |batch| {
        assert_eq!(batch.first_row * batch.n_classes, f32s.len() + f64s.len(), "rows in order");
        match batch.values {
            ValuesRef::F32(v) => f32s.extend_from_slice(v),
            ValuesRef::F64(v) => f64s.extend_from_slice(v),
        }
        Ok(())
    });
    read.expect("the file can be read");
    assert!(f32s.is_empty() || f64s.is_empty(), "one type of values");
    if f64s.is_empty() { Values::F32(f32s) } else { Values::F64(f64s) }
}
