//! The integration tests, in one binary: linking polars once instead of many times.

mod absent;
#[expect(dead_code, unreachable_pub, reason = "public where the fuzz targets use it")]
#[path = "../../fuzz/src/allocations.rs"]
mod allocations;
mod archives;
mod bad_claims;
mod bad_input;
mod bootstrap;
mod carried;
mod cases;
mod choosing;
mod chosen;
mod circles;
mod classes_flag;
mod cli;
mod cli_apply;
mod cli_doctor;
mod cli_summarize;
mod compare;
mod containers;
mod corrupt;
mod deadline;
mod diagnosis;
mod dtypes;
mod environment;
mod failures;
mod family;
mod figure_words;
mod figures;
mod file_rows;
mod forms;
mod gate;
mod golden;
mod groups;
mod guesses;
mod ids;
mod inspect_runs;
mod interpolation;
mod io;
mod io_errors;
mod io_fuzz;
mod json_documents;
mod layering;
mod linear;
mod logs;
mod methods;
mod multilabel;
mod newcomers;
mod offers;
mod out_of_fold;
mod outputs;
mod parquet_pages;
mod passes;
mod piped;
mod pipes;
mod previews;
mod properties;
mod pty;
mod python;
mod read_net;
mod readme;
mod recalibrators;
mod refusals;
mod release;
mod row_order;
mod rule_by_rule;
mod samples;
mod schema;
mod score_kinds;
mod shared;
#[path = "../../examples/simulated/mod.rs"]
mod simulated;
mod soft_labels;
mod stream;
mod summaries;
mod summaries_beside;
mod terminal;
mod thresholds;
mod traps;
mod verdicts;
mod weights;

/// Counts what each thread asks for, so that tests can bound it.
#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;
