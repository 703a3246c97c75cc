//! The arguments of `config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `config`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ConfigCommand,
}

/// What may be done to the configuration.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigCommand {
    /// Write a configuration with every default, each commented out, and print where it is
    Init(ConfigInitArgs),
}

/// `config init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigInitArgs {
    /// Write to PATH instead of the place where it is read from
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub(in crate::cli) force: bool,
}
