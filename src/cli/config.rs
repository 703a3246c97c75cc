//! `config init`, and the defaults of flags that a configuration file sets.
//!
//! The file is the one that `LOGITSCOPE_CONFIG` names, or `logitscope/config.toml` in `$XDG_CONFIG_HOME` or `~/.config`. Its keys are flags without their dashes. What is
//! typed comes before what stands there, and what stands there before what is built in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Command};
use toml::{Table, Value};

use crate::io::{Destination, write_text_atomically};

use super::Failure;
use super::args::ConfigInitArgs;
use super::output::Output;

/// The flags that may have another default: those that are no matter of one file.
const KEYS: [&str; 14] = [
    "theme",
    "ascii",
    "no-mouse",
    "color",
    "quiet",
    "bins",
    "binning",
    "folds",
    "bootstrap",
    "level",
    "seed",
    "threads",
    "memory",
    "normalize",
];

/// A larger file is no configuration.
const MAX_BYTES: u64 = 1 << 20;

/// What `config init` writes.
const TEMPLATE: &str = "\
# Defaults of logitscope's flags: a flag that is typed comes before what stands here.
# Take the # away from a line to change it.

# The app: ansi (the terminal's own colours), dark, light or mono.
#theme = \"ansi\"
# Draw with ASCII characters alone.
#ascii = false
# Leave the mouse to the terminal.
#no-mouse = false
# auto (unless NO_COLOR is set), always or never.
#color = \"auto\"

# Bins of the reliability diagram and of ECE, of equal width or of equal mass.
#bins = 15
#binning = \"width\"
# Folds for the figures after scaling.
#folds = 5
# Draws of the bootstrap, in every command; without this line 1000 in a report and none in a fit.
#bootstrap = 1000
# Level of intervals.
#level = 0.95
# Seed of folds and draws.
#seed = 0

# Threads to compute with; without this line all cores.
#threads = 2
# Scores to keep in memory; without this line a quarter of what is free.
#memory = \"2G\"
# Print no progress.
#quiet = false
# Evaluation logs: what a log-likelihood is divided by: none, chars or bytes.
#normalize = \"none\"
";

/// Where the configuration is kept; `None` if the environment names no folder. Relative paths are ignored, as the XDG
/// base directory specification wants it.
pub(super) fn path() -> Option<PathBuf> {
    if let Some(named) = named() {
        return Some(named);
    }
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("logitscope").join("config.toml"))
}

/// The file that `LOGITSCOPE_CONFIG` names.
fn named() -> Option<PathBuf> {
    std::env::var_os("LOGITSCOPE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Writes a file with every default, each commented out, and says where.
pub(super) fn init(args: &ConfigInitArgs) -> Result<u8, Failure> {
    let path = match &args.out {
        Some(path) => path.clone(),
        None => path().ok_or_else(|| {
            Failure::hint(
                "no folder for configuration: neither XDG_CONFIG_HOME nor HOME is set",
                "logitscope config init --out config.toml",
            )
        })?,
    };
    if path.is_file() && !args.force {
        return Err(Failure::hint(
            format!("{}: there is one already", path.display()),
            "logitscope config init --force writes over it",
        ));
    }
    if let Some(folder) = path.parent().filter(|_| args.out.is_none()) {
        fs::create_dir_all(folder)
            .map_err(|error| Failure::plain(format!("{}: {error}", folder.display())))?;
    }
    let out = Destination::from(&path);
    write_text_atomically(&out, TEMPLATE)?;
    if !out.is_stdout() {
        Output::write(&format!("{}\n", path.display()), None)?;
    }
    Ok(0)
}

/// The command with the defaults of the configuration file at `path`, if there is one.
///
/// # Errors
/// If it cannot be read, is no TOML, has a key that is no such flag, or a value that the flag does not take.
pub(super) fn with_defaults(command: Command, path: Option<&Path>) -> Result<Command, Failure> {
    let Some(path) = path.filter(|path| path.is_file() || named().is_some()) else {
        return Ok(command);
    };
    let defaults = read(path).map_err(|why| {
        let hint = if path.exists() {
            format!("mend or move the file; its keys are {}", KEYS.join(", "))
        } else {
            let path = path.display();
            format!("LOGITSCOPE_CONFIG names it; LOGITSCOPE_CONFIG= logitscope config init --out {path} writes one")
        };
        Failure::hint(format!("{}: {why}", path.display()), hint)
    })?;
    let changed = changed(command.clone(), &defaults);
    for (key, value) in &defaults {
        check(&changed, key).map_err(|why| {
            let message = format!("{}: {key} = {value}: {why}", path.display());
            Failure::hint(message, format!("logitscope --help says what --{key} takes"))
        })?;
    }
    Ok(changed)
}

/// The command without variables that are empty, as those that are not set are.
pub(super) fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &clap::Arg| {
        arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty())
    };
    let reset = |arg: clap::Arg| {
        if is_empty(&arg) { arg.env(clap::builder::Resettable::Reset) } else { arg }
    };
    command.mut_args(reset).mut_subcommands(move |sub| sub.mut_args(reset))
}

/// Flags and values as they would be typed.
fn read(path: &Path) -> Result<Vec<(String, String)>, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_BYTES {
        return Err(format!("{size} bytes are no configuration"));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let table: Table =
        text.parse().map_err(|error: toml::de::Error| error.to_string().trim_end().to_owned())?;
    table.into_iter().map(typed).collect()
}

fn typed((key, value): (String, Value)) -> Result<(String, String), String> {
    if !KEYS.contains(&key.as_str()) {
        return Err(format!("there is no setting {key}"));
    }
    let value = match value {
        Value::String(text) => text,
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        _ => return Err(format!("{key} is a text, a number, true or false")),
    };
    Ok((key, value))
}

/// The command and its subcommands with other defaults.
fn changed(mut command: Command, defaults: &[(String, String)]) -> Command {
    for (key, value) in defaults {
        command = command.mut_args(|arg| {
            if arg.get_long() == Some(key) { arg.default_value(value.clone()) } else { arg }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|of| of.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |of| changed(of, defaults));
    }
    command
}

/// Has every command take its default for `key`?
fn check(command: &Command, key: &str) -> Result<(), String> {
    let of_it = command.get_arguments().filter(|arg| arg.get_long() == Some(key));
    for arg in of_it {
        let alone = Command::new("config").arg(arg.clone().global(false).exclusive(false));
        let tried = alone.try_get_matches_from([OsString::from("config")]);
        if let Err(error) = tried {
            return Err(first_line(&error.to_string()));
        }
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let value = arg.get_default_values().first();
        if is_flag && value.is_some_and(|value| value != "true" && value != "false") {
            return Err("this is true or false".to_owned());
        }
    }
    command.get_subcommands().try_for_each(|of| check(of, key))
}

/// What clap says first, without its label.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::{CommandFactory, FromArgMatches};

    fn parse(text: &str, arguments: &[&str]) -> Result<Cli, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, text).expect("written");
        let command = with_defaults(Cli::command(), Some(&path)).map_err(|failure| {
            let Failure::Error(message, _) = failure else {
                return String::new();
            };
            message
        })?;
        let all = std::iter::once("logitscope").chain(arguments.iter().copied());
        let matches = command.try_get_matches_from(all).map_err(|e| e.to_string())?;
        Cli::from_arg_matches(&matches).map_err(|e| e.to_string())
    }

    #[test]
    fn the_file_changes_defaults_and_flags_come_before_it() {
        let text = "bins = 20\nbinning = \"mass\"\nascii = true\nseed = 7\n";
        let cli = parse(text, &[]).expect("parses");
        assert_eq!((cli.app.analysis.bins, cli.app.ascii), (20, true));
        let cli = parse(text, &["report", "a.csv", "--bins", "9"]).expect("parses");
        let Some(crate::cli::args::Command::Report(args)) = cli.command else {
            panic!("a report");
        };
        assert_eq!((args.analysis.bins, args.ascii), (9, true));
        assert_eq!(args.analysis.binning, crate::cli::args::BinningArg::Mass);
    }

    #[test]
    fn every_line_of_the_template_is_a_setting() {
        let lines = TEMPLATE
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| line.contains(" = "));
        let text: Vec<&str> = lines.collect();
        assert_eq!(text.len(), KEYS.len());
        parse(&text.join("\n"), &[]).expect("parses");
        parse(TEMPLATE, &[]).expect("parses");
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file_and_the_key() {
        for (text, words) in [
            ("bins = 0", "bins = 0"),
            ("colour = \"never\"", "there is no setting colour"),
            ("color = \"red\"", "red"),
            ("ascii = \"yes\"", "ascii"),
            ("bins = [1]", "bins is a text"),
            ("bins = ", "line 1"),
        ] {
            let said = parse(text, &[]).expect_err(text);
            assert!(said.contains("config.toml") && said.contains(words), "{said}");
        }
    }
}
