//! How cost grows with rows and classes: whole processes on made-up `.npy` files, as a Markdown table.
//!
//!     cargo bench --bench scale              # up to 1,000,000 x 100 and 2,000 x 152,000
//!     cargo bench --bench scale -- --large   # with 1,000,000 x 1,000 (4 GB) as well
//!
//! The files are kept in the target folder, so that a second run finds them in the page cache.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Rows and classes.
const SIZES: [(usize, usize); 10] = [
    (1_000, 10),
    (10_000, 10),
    (100_000, 10),
    (1_000_000, 10),
    (1_000, 1_000),
    (10_000, 1_000),
    (50_000, 1_000),
    (100_000, 1_000),
    (1_000_000, 100),
    (2_000, 152_000),
];

/// Only with `--large`.
const LARGE: [(usize, usize); 1] = [(1_000_000, 1_000)];

/// Each command runs so often; the least time counts.
const RUNS: usize = 3;

/// Bytes of a file that are read at a time by the bare pass.
const CHUNK_BYTES: usize = 8 << 20;

/// What one command cost.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    peak_bytes: f64,
    /// The step of [`STEPS`] that took longest.
    longest: usize,
}

/// The steps of a report, as its `timing` names them.
const STEPS: [&str; 4] = ["load", "summarize", "fit", "metrics"];

fn main() -> Result<(), Box<dyn Error>> {
    let large = std::env::args().any(|argument| argument == "--large");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scale");
    fs::create_dir_all(&folder)?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| rows x classes | file MB | bare max over the file, s | fit, s | report, s | report / bare | peak MB | longest step |\n|---|---|---|---|---|---|---|---|"
    )?;
    let sizes = SIZES.iter().chain(LARGE.iter().filter(|_| large));
    for &(n_rows, n_classes) in sizes {
        let (logits, labels) = files(&folder, n_rows, n_classes)?;
        let bare = least(|| bare_max(&logits, n_classes))?;
        let fit = least(|| seconds_of("fit", &logits, &labels))?;
        let report = report(&logits, &labels)?;
        writeln!(
            out,
            "| {n_rows} x {n_classes} | {:.1} | {bare:.4} | {fit:.3} | {:.3} | {:.1} | {:.0} | {} |",
            fs::metadata(&logits)?.len() as f64 / 1e6,
            report.seconds,
            report.seconds / bare,
            report.peak_bytes / 1e6,
            STEPS[report.longest],
        )?;
    }
    Ok(())
}

/// The file pair of one size, made if it is not there.
fn files(
    folder: &Path,
    n_rows: usize,
    n_classes: usize,
) -> Result<(PathBuf, PathBuf), Box<dyn Error>> {
    let logits = folder.join(format!("{n_rows}x{n_classes}_logits.npy"));
    let labels = folder.join(format!("{n_rows}x{n_classes}_labels.npy"));
    if !(logits.exists() && labels.exists()) {
        make(&logits, &labels, n_rows, n_classes)?;
    }
    Ok((logits, labels))
}

/// Seeded f32 logits of a network that is too sure of itself: noise of spread 2.5, and the label's logit
/// raised by 0 to 20.
fn make(logits: &Path, labels: &Path, n_rows: usize, n_classes: usize) -> std::io::Result<()> {
    let mut z_out = BufWriter::with_capacity(CHUNK_BYTES, File::create(logits)?);
    let mut y_out = BufWriter::new(File::create(labels)?);
    z_out.write_all(&header("<f4", &format!("({n_rows}, {n_classes})")))?;
    y_out.write_all(&header("<i8", &format!("({n_rows},)")))?;
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut bits = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut row = vec![0.0f32; n_classes];
    for _ in 0..n_rows {
        for z in &mut row {
            // Four uniform 16-bit numbers: nearly normal, and one draw.
            let word = bits();
            let sum: u64 = (0..4).map(|i| (word >> (16 * i)) & 0xffff).sum();
            *z = (sum as f32 / 65536.0 - 2.0) * 4.3;
        }
        let class = bits() % n_classes as u64;
        row[usize::try_from(class).unwrap_or(0)] += (bits() % 2000) as f32 / 100.0;
        y_out.write_all(&class.to_le_bytes())?;
        for z in &row {
            z_out.write_all(&z.to_le_bytes())?;
        }
    }
    z_out.flush()?;
    y_out.flush()
}

/// An .npy header, version 1.
fn header(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let unpadded = 10 + text.len() + 1;
    text.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

/// Seconds to read the file in chunks and take every row's maximum on one core: the least that any
/// program which looks at each logit can cost.
fn bare_max(path: &Path, n_classes: usize) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let mut file = File::open(path)?;
    let mut head = [0; 128];
    file.read_exact(&mut head)?;
    let row_bytes = 4 * n_classes;
    let mut chunk = vec![0u8; (CHUNK_BYTES / row_bytes).max(1) * row_bytes];
    let mut total = 0.0f64;
    loop {
        let n = read_full(&mut file, &mut chunk)?;
        for row in chunk[..n].chunks_exact(row_bytes) {
            total += f64::from(row_max(row));
        }
        if n < chunk.len() {
            break;
        }
    }
    std::hint::black_box(total);
    Ok(start.elapsed().as_secs_f64())
}

fn row_max(row: &[u8]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; 16];
    let (groups, rest) = row.as_chunks::<64>();
    for group in groups {
        for (lane, word) in lanes.iter_mut().zip(group.as_chunks::<4>().0) {
            *lane = lane.max(f32::from_le_bytes(*word));
        }
    }
    let rest = rest.as_chunks::<4>().0.iter().map(|w| f32::from_le_bytes(*w));
    lanes.into_iter().chain(rest).fold(f32::NEG_INFINITY, f32::max)
}

fn read_full(file: &mut File, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < chunk.len() {
        match file.read(&mut chunk[n..])? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}

fn least(mut run: impl FnMut() -> Result<f64, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        least = least.min(run()?);
    }
    Ok(least)
}

fn command(what: &str, logits: &Path, labels: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logitscope"));
    command.arg(what).arg(logits).arg("--quiet");
    command.arg("--labels").arg(labels).stdin(Stdio::null());
    command
}

fn seconds_of(what: &str, logits: &Path, labels: &Path) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let output = command(what, logits, labels).output()?;
    let seconds = start.elapsed().as_secs_f64();
    if output.status.success() {
        Ok(seconds)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into())
    }
}

/// The cheapest of some runs of `report --format json`, with what it says of its own cost.
fn report(logits: &Path, labels: &Path) -> Result<Cost, Box<dyn Error>> {
    let mut best: Option<Cost> = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        let output = command("report", logits, labels).args(["--format", "json"]).output()?;
        let seconds = start.elapsed().as_secs_f64();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let step = |name: &&str| said["timing"][*name].as_f64().unwrap_or(0.0);
        let longest = (0..STEPS.len())
            .max_by(|&i, &j| step(&STEPS[i]).total_cmp(&step(&STEPS[j])))
            .unwrap_or(0);
        let peak_bytes = said["peak_memory_bytes"].as_f64().unwrap_or(f64::NAN);
        let cost = Cost { seconds, peak_bytes, longest };
        best = match best {
            Some(best) if best.seconds <= seconds => Some(best),
            _ => Some(cost),
        };
    }
    best.ok_or_else(|| "no run".into())
}
