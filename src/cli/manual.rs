//! `completions` and `man`: what a shell and the manual know of the commands, from their one definition.

use clap::CommandFactory;

use super::Failure;
use super::args::{Cli, CompletionsArgs};
use super::output::Output;

/// The script that completes commands and flags in a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    print(&script)
}

/// The page of the program, and after it one for each command.
pub(super) fn man() -> Result<u8, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for of in command.get_subcommands().filter(|of| of.get_name() != "help") {
        let name = format!("{}-{}", command.get_name(), of.get_name());
        clap_mangen::Man::new(of.clone()).title(name).render(&mut page)?;
    }
    print(&page)
}

fn print(text: &[u8]) -> Result<u8, Failure> {
    Output::write(&String::from_utf8_lossy(text), None)?;
    Ok(0)
}
