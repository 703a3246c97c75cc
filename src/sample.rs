//! The bundled sample: so that the program has something real to show wherever it was installed.

/// The name under which it appears; its ending says the format.
pub const NAME: &str = "digits_overconfident.parquet";

/// The file `sample_data/digits_overconfident.parquet`.
pub const BYTES: &[u8] = include_bytes!("../sample_data/digits_overconfident.parquet");
