//! Gives damaged files to every reader, for as long as is wanted: `cargo run --example fuzz_readers -- 1000000 [SEED] [FORM]`.
//!
//! Input number i of a seed is always the same. No input may end in a panic, take longer than [`MAX_SECONDS`], or need more
//! memory than [`FREE_BYTES`] and [`BYTES_PER_BYTE`] times its size. What does is written to `fuzz-FORM-SEED-NUMBER` in
//! the folder for temporary files, and the run goes on; it ends with status 1 then.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

#[expect(dead_code, unreachable_pub, reason = "public where the tests use it")]
#[path = "../../fuzz/src/allocations.rs"]
mod allocations;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/it/forms.rs"]
mod forms;
mod mutate;
#[expect(unreachable_pub, reason = "as above")]
#[path = "../../fuzz/src/survive.rs"]
mod survive;

use allocations::Counting;
use mutate::mutated;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Memory that any input may need: runs of text are 8 MiB, and blocks of scores too.
const FREE_BYTES: isize = 64 << 20;
/// Memory that each byte of an input may need.
const BYTES_PER_BYTE: isize = 64;
/// An input that takes longer hangs.
const MAX_SECONDS: u64 = 20;

/// A kind of file: its name, and good files of it.
struct Form {
    name: String,
    seeds: Vec<Vec<u8>>,
    /// How a damaged file is packed again, so that readers of what is inside see the damage.
    pack: fn(&[u8], &mut Pcg64) -> Vec<u8>,
}

fn as_it_is(bytes: &[u8], _: &mut Pcg64) -> Vec<u8> {
    bytes.to_vec()
}

fn packed(bytes: &[u8], _: &mut Pcg64) -> Vec<u8> {
    forms::gzip(bytes)
}

/// Two copies of the bytes as members of an archive, one of them called labels.
fn archived(bytes: &[u8], random: &mut Pcg64) -> Vec<u8> {
    let method = if random.random() {
        zip::CompressionMethod::Stored
    } else {
        zip::CompressionMethod::Deflated
    };
    let labels = forms::npy("|u1", "(12,)", &[0, 1, 2].repeat(4));
    forms::archive(&[("logits.npy", bytes.to_vec()), ("labels.npy", labels)], method)
}

fn scores() -> Vec<Vec<f64>> {
    let z = |row: usize, class: usize| ((row * 5 + class * 7) % 11) as f64 / 2.0 - 1.75;
    (0..12).map(|row| (0..3).map(|class| z(row, class)).collect()).collect()
}

/// The small files below `folder` with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of the repository")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| endings.iter().any(|wanted| e == *wanted)))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// JSON that is one value: an object of lists, in one line and in several, and an array of objects.
fn documents(labels: &[i64]) -> Vec<Vec<u8>> {
    let z = scores();
    let lists = format!(
        "{{\"note\": \"a\", \"labels\": {labels:?}, \"id\": [\"\\u0061\", \"b\"], \"logits\": {z:?}}}"
    );
    let nested =
        format!("{{\"val\": {{\"logits\": {z:#?}, \"labels\": {labels:?}}}, \"n\": [1.5, NaN]}}");
    let row =
        |(z, label): (&Vec<f64>, &i64)| format!("{{\"logits\": {z:?},\n \"label\": {label}}}");
    let rows: Vec<String> = z.iter().zip(labels).map(row).collect();
    let rows = format!("[\n{}\n]\n", rows.join(",\n"));
    [lists, nested, rows].map(String::into_bytes).to_vec()
}

/// Every form, with good files of it.
fn all_forms() -> Vec<Form> {
    let labels: Vec<i64> = [0, 1, 2].repeat(4);
    let form = |name: &str, seeds, pack| Form { name: name.to_owned(), seeds, pack };
    let matrix: Vec<u8> = scores().iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
    let matrix = forms::npy("<f8", "(12, 3)", &matrix);
    let torch = files("tests/fixtures/torch", &["pt"]);
    let is_zip = |bytes: &&Vec<u8>| bytes.starts_with(b"PK");
    let (zips, legacy): (Vec<_>, Vec<_>) = torch.into_iter().partition(|bytes| is_zip(&bytes));
    let log = "{\"doc_id\": 0, \"target\": 1, \"filtered_resps\": [[\"-1.5\", \"True\"], [\"-0.25\", \"False\"]]}\n";
    let mut all = vec![
        form("npy", vec![matrix.clone()], as_it_is),
        form("npy_in_npz", vec![matrix], archived),
        form("torch", zips, as_it_is),
        form("torch_legacy", legacy, as_it_is),
        form("pickle", files("tests/fixtures/pickle", &["pkl"]), as_it_is),
        form("hdf5", files("tests/fixtures/hdf5", &["h5"]), as_it_is),
        form("kld", files("fuzz/fixtures", &["kld"]), as_it_is),
        form("parquet", files("tests/fixtures/parquet", &["parquet"]), as_it_is),
        form("log", vec![log.repeat(5).into_bytes()], as_it_is),
        form("json", documents(&labels), as_it_is),
        form("json_in_gz", documents(&labels), packed),
    ];
    for name in forms::FORMS {
        let file = forms::bytes(name, &scores(), &labels);
        all.push(form(name, vec![file], as_it_is));
    }
    for name in ["csv", "jsonl"] {
        let file = forms::bytes(name, &scores(), &labels);
        all.push(form(&format!("{name}_in_gz"), vec![file], packed));
    }
    all
}

/// Input number `number`.
fn input(form: &Form, seed: u64, number: u64) -> Vec<u8> {
    let mut random = Pcg64::seed_from_u64(seed.rotate_left(32) ^ number);
    let one = |random: &mut Pcg64| &form.seeds[random.random_range(0..form.seeds.len())];
    let (original, other) = (one(&mut random), one(&mut random));
    let damaged = mutated(original, other, &mut random);
    (form.pack)(&damaged, &mut random)
}

/// What was wrong with an input, if anything was.
fn fault(bytes: &[u8]) -> Option<String> {
    let before = Counting::live();
    Counting::begin();
    let outcome = catch_unwind(AssertUnwindSafe(|| survive::survive(bytes)));
    let peak = Counting::peak_above(before);
    let most =
        FREE_BYTES + BYTES_PER_BYTE * isize::try_from(bytes.len()).unwrap_or(isize::MAX / 128);
    if outcome.is_err() {
        return Some("a panic".to_owned());
    }
    (peak > most).then(|| format!("{peak} bytes of memory for {} bytes of input", bytes.len()))
}

/// Ends the process if an input takes too long: a thread cannot be stopped.
#[expect(clippy::disallowed_methods, reason = "there is no terminal to restore")]
fn watch(number: &'static AtomicU64) {
    thread::spawn(move || {
        let (mut seen, mut since) = (u64::MAX, Instant::now());
        loop {
            thread::sleep(Duration::from_millis(200));
            let now = number.load(Ordering::Relaxed);
            if now != seen {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed().as_secs() > MAX_SECONDS {
                say(&format!("input {now} takes longer than {MAX_SECONDS} seconds"));
                std::process::exit(1);
            }
        }
    });
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn say(text: &str) {
    println!("{text}");
}

/// Runs `n_inputs` of one form; gives how many were faulty.
fn run(form: &Form, seed: u64, first: u64, n_inputs: u64) -> io::Result<u64> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    static WATCHED: std::sync::Once = std::sync::Once::new();
    WATCHED.call_once(|| watch(&NUMBER));
    let (start, mut n_faults, mut highest) = (Instant::now(), 0, 0);
    for number in first..first + n_inputs {
        NUMBER.store(number, Ordering::Relaxed);
        let bytes = input(form, seed, number);
        if let Some(fault) = fault(&bytes) {
            n_faults += 1;
            let path = std::env::temp_dir().join(format!("fuzz-{}-{seed}-{number}", form.name));
            fs::write(&path, &bytes)?;
            say(&format!("{}: {fault}", path.display()));
        }
        highest = highest.max(Counting::peak_above(Counting::live()));
    }
    let seconds = start.elapsed().as_secs_f64();
    say(&format!(
        "{:14} {n_inputs:9} inputs, {n_faults} faults, at most {:3} MiB, {:.0} a second",
        form.name,
        highest >> 20,
        n_inputs as f64 / seconds
    ));
    Ok(n_faults)
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| {
        arguments.get(at).map_or(Ok(default), |text| text.parse().map_err(io::Error::other))
    };
    let (n_inputs, seed) = (number(0, 10_000)?, number(1, 0)?);
    let wanted = arguments.get(2);
    let first = number(3, 0)?;
    let forms: Vec<Form> = all_forms()
        .into_iter()
        .filter(|form| wanted.is_none_or(|wanted| form.name == *wanted))
        .collect();
    let each = n_inputs.div_ceil(forms.len().max(1) as u64);
    let mut n_faults = 0;
    for form in &forms {
        n_faults += run(form, seed, first, each)?;
    }
    Ok(ExitCode::from(u8::from(n_faults > 0)))
}
