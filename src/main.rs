//! Parse, run, exit code: the one place that knows both the command line and the app.

use std::process::ExitCode;

use logitscope::cli::{self, AppRequest, Outcome, ThemeArg, When};
use logitscope::sample;
use logitscope::tui::{self, AppOptions, ColourChoice, Sample, ThemeChoice};

fn main() -> ExitCode {
    let code = match cli::main(std::env::args_os()) {
        Outcome::Exit(code) => code,
        Outcome::App(mut request) => {
            let pipes = std::mem::take(&mut request.pipes);
            let ended = tui::run(app_options(*request));
            drop(pipes);
            match ended {
                Ok(exit) => exit.code(),
                Err(error) => cli::print_error(&error),
            }
        }
    };
    ExitCode::from(code)
}

fn app_options(request: AppRequest) -> AppOptions {
    AppOptions {
        paths: request.paths,
        open: request.open,
        analysis: request.analysis,
        sample: Sample { name: sample::NAME, bytes: sample::BYTES },
        mouse: request.mouse,
        ascii: request.ascii,
        theme: match request.theme {
            ThemeArg::Ansi => ThemeChoice::Terminal,
            ThemeArg::Dark => ThemeChoice::Dark,
            ThemeArg::Light => ThemeChoice::Light,
            ThemeArg::Mono => ThemeChoice::Mono,
        },
        colour: match request.color {
            When::Auto => ColourChoice::Auto,
            When::Always => ColourChoice::Always,
            When::Never => ColourChoice::Never,
        },
    }
}
