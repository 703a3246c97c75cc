//! The command line: arguments -> checked options -> subcommands. The only place that prints.

mod apply;
mod args;
mod check;
mod colour;
mod compare;
mod config;
mod demand;
mod doctor;
mod failure;
mod figures;
mod fit;
mod inspect;
mod interrupt;
mod manual;
mod open;
mod output;
mod progress;
mod report;
mod stdin;
mod summarize;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches};

use crate::analysis::AnalysisOptions;
use crate::io::{OpenOptions, Spool};
use args::{Cli, Command, ConfigCommand};
use failure::Failure;
use output::Output;

pub use args::{ThemeArg, When};

/// What is left to do once the arguments are understood.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing: end with this exit status. 0 done; 1 done, and a limit was exceeded; 2 could not run.
    Exit(u8),
    /// Open the terminal app. The caller does: this folder knows nothing of it.
    App(Box<AppRequest>),
}

/// What the command line decides about the app.
#[derive(Debug)]
pub struct AppRequest {
    /// What came through standard input or other pipes, if that is to be opened; to be kept until the app ends.
    pub pipes: Vec<Spool>,
    /// The files to open, in order: none for the home screen, several as a training run or to compare.
    pub paths: Vec<PathBuf>,
    /// How files are read.
    pub open: OpenOptions,
    /// How they are analysed.
    pub analysis: AnalysisOptions,
    /// False leaves the mouse to the terminal.
    pub mouse: bool,
    /// True draws with ASCII alone.
    pub ascii: bool,
    /// The palette.
    pub theme: ThemeArg,
    /// Whether there is colour at all.
    pub color: When,
}

/// Runs the program on `arguments`, of which the first is its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let command = match config::with_defaults(
        config::without_empty_variables(Cli::command()),
        config::path().as_deref(),
    ) {
        Ok(command) => command,
        Err(failure) => return Outcome::Exit(failure.print()),
    };
    let cli = match parse(command, arguments) {
        Ok(cli) => cli,
        Err(error) => return Outcome::Exit(usage(&error)),
    };
    run(cli).unwrap_or_else(|failure| Outcome::Exit(failure.print()))
}

/// Flags that every command takes may stand before it; those of the app alone would be ignored there, so they are
/// refused.
fn parse(
    mut command: clap::Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(arguments)?;
    let Some((name, of_command)) = matches.subcommand() else {
        return Cli::from_arg_matches(&matches);
    };
    let misplaced = misplaced(&command, &matches)
        .map(|flag| format!("--{flag} goes after the command: logitscope {name} ... --{flag} ..."));
    let undrawn = || {
        let flag = undrawn(of_command)?;
        Some(format!("--{flag} is for figures: --format svg --{flag} ..."))
    };
    let Some(message) = misplaced.or_else(undrawn) else {
        return Cli::from_arg_matches(&matches);
    };
    // How this command is used, and not how all of them are.
    let used = command.find_subcommand(name).cloned();
    Err(used.unwrap_or(command).error(clap::error::ErrorKind::ArgumentConflict, message))
}

/// A flag of the app among those that stand before a command.
fn misplaced(command: &clap::Command, matches: &clap::ArgMatches) -> Option<String> {
    let given = |arg: &&clap::Arg| {
        let id = arg.get_id().as_str();
        // Help and version have done their work before this.
        !arg.is_global_set()
            && !["help", "version"].contains(&id)
            && matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
    };
    let flag = command.get_arguments().find(given)?.get_long()?;
    Some(flag.to_owned())
}

/// A flag of figures that was typed where none is drawn.
fn undrawn(matches: &clap::ArgMatches) -> Option<&'static str> {
    let is_svg = matches.try_get_raw("format").ok().flatten()?.any(|form| form == "svg");
    let typed = |id: &&str| {
        matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
    };
    ["chart", "size"].into_iter().find(typed).filter(|_| !is_svg)
}

/// Prints why the program could not do what was asked, and gives the exit status.
pub fn print_error(error: &anyhow::Error) -> u8 {
    Failure::plain(format!("{error:#}")).print()
}

/// Help and version go to stdout with status 0, mistakes to stderr with status 2, as clap does it.
fn usage(error: &clap::Error) -> u8 {
    let text = error.render().to_string();
    // What was typed is quoted: it may come out of a file.
    let lines: Vec<String> = text.lines().map(crate::data::printable).collect();
    let text = lines.join("\n") + "\n";
    // A closed pipe is not worth a message.
    if error.use_stderr() {
        Output::note_lines(&text);
        return 2;
    }
    let _ = Output::write(&text, None);
    0
}

fn run(mut cli: Cli) -> Result<Outcome, Failure> {
    let shared = cli.shared.check(cli.out().map(Into::into), cli.figure_files())?;
    shared.guard(&cli.inputs())?;
    let mut spools = stdin::resolve(cli.paths())?;
    if let Some(data) = cli.data() {
        spools.extend(stdin::resolve_beside(data)?);
    }
    let code = match cli.command {
        Some(Command::Report(args)) => report::run(&args, &shared)?,
        Some(Command::Fit(args)) => fit::run(&args, &shared)?,
        Some(Command::Apply(args)) => apply::run(&args, &shared)?,
        Some(Command::Check(args)) => check::run(&args, &shared)?,
        Some(Command::Compare(args)) => compare::run(&args, &shared)?,
        Some(Command::Inspect(args)) => inspect::run(&args, &shared)?,
        Some(Command::Doctor(args)) => doctor::run(&args, &shared)?,
        Some(Command::Summarize(args)) => summarize::run(&args, &shared)?,
        Some(Command::Completions(args)) => manual::completions(&args)?,
        Some(Command::Man) => manual::man()?,
        Some(Command::Config(args)) => match &args.command {
            ConfigCommand::Init(args) => config::init(args)?,
        },
        None if Output::is_terminal() => return app(&cli.app, &shared, spools),
        None => report::run_plain(&cli.app, &shared)?,
    };
    Ok(Outcome::Exit(code))
}

fn app(args: &args::AppArgs, shared: &open::Shared, pipes: Vec<Spool>) -> Result<Outcome, Failure> {
    Ok(Outcome::App(Box::new(AppRequest {
        pipes,
        paths: open::together(&args.files)?,
        open: OpenOptions { slices: args.slice.clone(), ..args.data.options(shared)? },
        analysis: AnalysisOptions { slices: args.slice.clone(), ..args.analysis.options(shared) },
        mouse: !args.no_mouse,
        ascii: args.ascii,
        theme: args.theme,
        color: shared.color,
    })))
}
