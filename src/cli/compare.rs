//! `compare`: models side by side on the same labels.

use std::path::Path;

use crate::analysis::AnalysisOptions;
use crate::report::{
    ComparedRun, Comparison, MOST_MODELS, compare_csv, compare_figure, compare_html, compare_json,
    compare_markdown, compare_text,
};

use super::args::{CompareArgs, CompareFormat};
use super::figures::Figures;
use super::open::{Shared, study_of};
use super::output::Output;
use super::report::{options, text_options};
use super::{Failure, colour};

pub(super) fn run(args: &CompareArgs, shared: &Shared) -> Result<u8, Failure> {
    let options = options(&args.analysis, shared);
    let figures = match args.format {
        CompareFormat::Svg => figures(args, shared)?,
        _ => Figures::default(),
    };
    let mut runs: Vec<ComparedRun> = Vec::new();
    for file in &args.files {
        let run = compared(file, (args, &options), shared, runs.first())?;
        runs.push(run);
    }
    let comparison = Comparison::new(runs, &options);
    let text = match args.format {
        CompareFormat::Text => {
            let text = compare_text(&comparison, text_options(false).width);
            colour::of_text(text, shared.color, shared.out.as_ref())
        }
        CompareFormat::Markdown => compare_markdown(&comparison),
        CompareFormat::Csv => compare_csv(&comparison),
        CompareFormat::Html => compare_html(&comparison),
        CompareFormat::Svg => {
            return figures.write(shared, |chart, size| compare_figure(&comparison, chart, size));
        }
        CompareFormat::Json => format!("{:#}\n", compare_json(&comparison)),
    };
    Output::write(&text, shared.out.as_ref())?;
    Ok(0)
}

/// What is drawn of so many models, before any of them is read.
fn figures(args: &CompareArgs, shared: &Shared) -> Result<Figures, Failure> {
    let n_models = args.files.len();
    if n_models > MOST_MODELS {
        return Err(Failure::hint(
            format!("{n_models} models: a figure tells {MOST_MODELS} apart at most"),
            format!(
                "name the {MOST_MODELS} that matter; --format html or markdown takes any number"
            ),
        ));
    }
    args.figures.figures(shared)
}

/// One model, compared with the first as soon as it is known: a file of other rows is refused before the next is read.
fn compared(
    file: &Path,
    (args, options): (&CompareArgs, &AnalysisOptions),
    shared: &Shared,
    first: Option<&ComparedRun>,
) -> Result<ComparedRun, Failure> {
    let files = [file.to_path_buf()];
    let mut study = study_of((&files, None), (&args.data, options), shared)?;
    study.forget_logits();
    let against = first.map(|first| study.paired_with(&first.study, options)).transpose();
    let against = against.map_err(|problem| {
        Failure::hint(
            format!("{}: {problem}", file.display()),
            format!(
                "compare models on the same rows in the same order; to see what is read: logitscope inspect {}",
                file.display()
            ),
        )
    })?;
    Ok(ComparedRun { study, against })
}
