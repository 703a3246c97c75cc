//! What the app costs under the fingers: a frame of each screen, and a step of the slider with the frame after it.
//!
//!     cargo bench --bench frame
//!
//! Frames are drawn into a buffer; what a terminal makes of them is not in here.

use std::sync::{Arc, OnceLock};

use divan::Bencher;
use logitscope::analysis::AnalysisOptions;
use logitscope::data::{Kind, Label, MemorySource, SourceInfo, Task, Values};
use logitscope::metrics::Binning;
use logitscope::pipeline::{Sources, Study, study};
use logitscope::tui::Offline;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() {
    divan::main();
}

const N_ROWS: usize = 50_000;
const N_CLASSES: usize = 10;

/// Columns and rows of terminals.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

/// The study of seeded rows of a model that is too sure of itself, made once.
fn made() -> Arc<Study> {
    static MADE: OnceLock<Arc<Study>> = OnceLock::new();
    MADE.get_or_init(|| Arc::new(make())).clone()
}

fn make() -> Study {
    let mut random = Pcg64::seed_from_u64(3);
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..N_ROWS {
        let label = random.random_range(0..N_CLASSES);
        let start = scores.len();
        scores.extend((0..N_CLASSES).map(|_| 6.0 * random.random::<f32>()));
        scores[start + label] += 5.0 * random.random::<f32>();
        let class = u32::try_from(label).ok().and_then(Label::class);
        labels.push(class.expect("ten classes"));
    }
    let source = MemorySource::new(N_CLASSES, Kind::Logits, Values::F32(scores), labels);
    let sources = Sources {
        info: SourceInfo {
            path: "seeded".into(),
            format: "memory".into(),
            dtype: "f32".into(),
            kind: Kind::Logits,
            task: Task::Multiclass,
            n_classes: N_CLASSES,
            class_names: None,
            n_labels: None,
            label_names: None,
            single_score: false,
            n_bytes: 0,
            guesses: Vec::new(),
        },
        fit: Arc::new(source.expect("as many labels as rows")),
        test: None,
    };
    let options = AnalysisOptions {
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
    };
    study(sources, &options, &mut |_| true).expect("in memory")
}

fn frame(bencher: Bencher<'_, '_>, screen: char, (columns, rows): (u16, u16)) {
    let mut app = Offline::new(made(), columns, rows);
    app.press(screen);
    bencher.bench_local(|| app.frame());
}

#[divan::bench(args = SIZES)]
fn overview(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, '1', size);
}

#[divan::bench(args = SIZES)]
fn reliability(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, '2', size);
}

#[divan::bench(args = SIZES)]
fn temperature(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, '3', size);
}

#[divan::bench(args = SIZES)]
fn logits(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, '4', size);
}

#[divan::bench(args = SIZES)]
fn margins(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, '5', size);
}

/// One key of the slider, the figures of 50,000 rows there, and the frame that shows them.
#[divan::bench]
fn slider_step_and_frame(bencher: Bencher<'_, '_>) {
    let mut app = Offline::new(made(), 120, 36);
    app.press('3');
    let mut n_pressed = 0;
    bencher.bench_local(|| {
        n_pressed += 1;
        app.press(if n_pressed % 2 == 0 { '[' } else { ']' });
        app.frame();
    });
}
