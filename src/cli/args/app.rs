//! The arguments of the terminal app.

use std::path::PathBuf;

use clap::Args;

use super::{AnalysisArgs, DataArgs, ThemeArg};

/// The app.
#[derive(Debug, Args)]
pub(in crate::cli) struct AppArgs {
    /// Saved logits and labels
    pub(in crate::cli) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    #[command(flatten)]
    pub(in crate::cli) analysis: AnalysisArgs,
    /// Look at the rows of each value of this column apart, beside the classes (repeat it for others)
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) slice: Vec<String>,
    /// Leave the mouse to the terminal
    #[arg(long, help_heading = "Terminal")]
    pub(in crate::cli) no_mouse: bool,
    /// Draw with ASCII characters alone
    #[arg(long, help_heading = "Terminal")]
    pub(in crate::cli) ascii: bool,
    /// Palette
    #[arg(
        long,
        help_heading = "Terminal",
        default_value = "ansi",
        value_name = "NAME",
        env = "LOGITSCOPE_THEME",
        hide_env_values = true
    )]
    pub(in crate::cli) theme: ThemeArg,
}
