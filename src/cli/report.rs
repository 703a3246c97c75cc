//! `report`: everything about a file, for people or for programs.

use crate::analysis::AnalysisOptions;
use crate::metrics::Parity;
use crate::pipeline::Study;
use crate::plot::Tier;
use crate::report::{self, TextOptions};

use super::args::{AnalysisArgs, AppArgs, Format, ParityArg, ReportArgs};
use super::demand::demand;
use super::figures::Figures;
use super::open::{Shared, study_of, study_of_sample};
use super::output::Output;
use super::{Failure, colour};

/// Columns of a report where no terminal says otherwise.
const DEFAULT_WIDTH: usize = 80;

/// Wider than this a report only gains blanks.
const MAX_WIDTH: usize = 160;

/// Draws of the bootstrap: the ends of a 95 % interval are then good to a fiftieth of its width.
const DEFAULT_DRAWS: u32 = 1000;

pub(super) fn run(args: &ReportArgs, shared: &Shared) -> Result<u8, Failure> {
    if let Some(name) = &args.explain {
        Output::write(&explain(name)?, shared.out.as_ref())?;
        return Ok(0);
    }
    let files = (args.files.as_slice(), args.test.as_deref());
    let options = AnalysisOptions {
        slices: args.slice.clone(),
        parity: args.parity.map(|library| match library {
            ParityArg::Torchmetrics => Parity::Torchmetrics,
            ParityArg::Netcal => Parity::Netcal,
            ParityArg::Sklearn => Parity::Sklearn,
            ParityArg::Gpleiss => Parity::Gpleiss,
        }),
        ..options(&args.analysis, shared)
    };
    let figures = match args.format {
        Format::Svg => args.figures.figures(shared)?,
        _ => Figures::default(),
    };
    let mut study = study_of(files, (&args.data, &options), shared)?;
    demand(&mut study, args.demand, &options, shared)?;
    print(&study, (args.format, &figures), text_options(args.ascii), shared)
}

/// What one figure means, or all of them in a line each.
fn explain(name: &str) -> Result<String, Failure> {
    let figures = report::figures();
    let width = text_options(false).width;
    if name.is_empty() {
        let lines: Vec<String> = figures.iter().map(|figure| figure.summary(width)).collect();
        return Ok(lines.join("\n") + "\n");
    }
    if let Some(figure) = figures.iter().find(|figure| figure.is_called(name)) {
        return Ok(figure.lines(width).join("\n") + "\n");
    }
    let lower = name.to_lowercase();
    let distance = |other: &&str| strsim::damerau_levenshtein(&other.to_lowercase(), &lower);
    let close = figures.iter().flat_map(report::Figure::names).min_by_key(distance);
    Err(Failure::hint(
        format!("there is no figure {name}"),
        format!("logitscope report --explain '{}'", close.unwrap_or_default()),
    ))
}

/// What the app prints when there is no terminal to draw on.
pub(super) fn run_plain(args: &AppArgs, shared: &Shared) -> Result<u8, Failure> {
    let options = AnalysisOptions { slices: args.slice.clone(), ..options(&args.analysis, shared) };
    let study = if args.files.is_empty() {
        study_of_sample(&args.data, &options, shared)?
    } else {
        study_of((&args.files, None), (&args.data, &options), shared)?
    };
    print(&study, (Format::Text, &Figures::default()), text_options(args.ascii), shared)
}

/// A report has all measures, and intervals unless the user says otherwise; `fit` and the first screen of the app do not
/// wait for them.
pub(super) fn options(args: &AnalysisArgs, shared: &Shared) -> AnalysisOptions {
    AnalysisOptions {
        families: true,
        n_draws: args.bootstrap.unwrap_or(DEFAULT_DRAWS) as usize,
        ..args.options(shared)
    }
}

fn print(
    study: &Study,
    (format, figures): (Format, &Figures),
    options: TextOptions,
    shared: &Shared,
) -> Result<u8, Failure> {
    let out = shared.out.as_ref();
    let text = match format {
        Format::Text => colour::of_text(report::text(study, &options), shared.color, out),
        Format::Json => format!("{:#}\n", report::json(study, &study.timing)),
        Format::Csv => report::csv(study),
        Format::Markdown => report::markdown(study),
        Format::Html => report::html(study),
        Format::Svg => {
            return figures.write(shared, |chart, size| report::figure(study, chart, size));
        }
    };
    Output::write(&text, out)?;
    Ok(0)
}

/// As wide as the terminal, 80 columns where there is none; ASCII where the locale is not UTF-8.
pub(super) fn text_options(ascii: bool) -> TextOptions {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let ascii = ascii || !locale_is_utf8();
    TextOptions {
        width: terminal.unwrap_or(DEFAULT_WIDTH).clamp(DEFAULT_WIDTH, MAX_WIDTH),
        glyphs: if ascii { Tier::Ascii } else { Tier::Braille },
    }
}

/// By the first of `LC_ALL`, `LC_CTYPE` and LANG that is set, as the C library decides. With none set (cron, a
/// container) the text most likely goes to a file or a log: UTF-8.
fn locale_is_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    set.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
