//! What the arguments name, whichever command they are for.

use std::path::{Path, PathBuf};

use super::{Cli, Command, CompareFormat, DataArgs, Format};

impl Cli {
    /// Every data file that is named, for `-`.
    pub(in crate::cli) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let of_command = match &mut self.command {
            None | Some(Command::Completions(_) | Command::Config(_) | Command::Man) => {
                (None, None, None)
            }
            Some(Command::Report(args)) => (Some(&mut args.files), None, args.test.as_mut()),
            Some(Command::Fit(args)) => (Some(&mut args.files), None, args.test.as_mut()),
            Some(Command::Summarize(args)) => (Some(&mut args.files), None, args.test.as_mut()),
            Some(Command::Doctor(args)) => (Some(&mut args.files), None, args.test.as_mut()),
            Some(Command::Compare(args)) => (Some(&mut args.files), None, None),
            Some(Command::Check(args)) => (Some(&mut args.files), None, None),
            Some(Command::Apply(args)) => (None, Some(&mut args.file), None),
            Some(Command::Inspect(args)) => (Some(&mut args.files), None, None),
        };
        let (files, file, test) = of_command;
        let files = files.into_iter().flatten();
        self.app.files.iter_mut().chain(files).chain(file).chain(test)
    }
}

impl Cli {
    /// The options about the data of the command, or of the app.
    pub(in crate::cli) fn data(&mut self) -> Option<&mut DataArgs> {
        Some(match &mut self.command {
            None => &mut self.app.data,
            Some(Command::Report(args)) => &mut args.data,
            Some(Command::Fit(args)) => &mut args.data,
            Some(Command::Summarize(args)) => &mut args.data,
            Some(Command::Doctor(args)) => &mut args.data,
            Some(Command::Compare(args)) => &mut args.data,
            Some(Command::Check(args)) => &mut args.data,
            Some(Command::Apply(args)) => &mut args.data,
            Some(Command::Inspect(args)) => &mut args.data,
            Some(Command::Completions(_) | Command::Config(_) | Command::Man) => return None,
        })
    }
}

impl Cli {
    /// Where the result is to be written. `config init` sees to that itself.
    pub(in crate::cli) fn out(&self) -> Option<&Path> {
        match self.command.as_ref()? {
            Command::Report(args) => args.out.as_deref(),
            Command::Fit(args) => args.out.as_deref(),
            Command::Compare(args) => args.out.as_deref(),
            Command::Check(args) => args.out.as_deref(),
            Command::Apply(args) => Some(&args.out),
            Command::Summarize(args) => Some(&args.out),
            _ => None,
        }
    }

    /// The files of figures in this folder, if it is one.
    pub(in crate::cli) fn figure_files(&self) -> Option<Vec<PathBuf>> {
        let figures = match self.command.as_ref()? {
            Command::Report(args) if args.format == Format::Svg => &args.figures,
            Command::Compare(args) if args.format == CompareFormat::Svg => &args.figures,
            _ => return None,
        };
        figures.files(self.out()?)
    }

    /// Every path that is read, and every word that may be one: what `--out` must not name.
    pub(in crate::cli) fn inputs(&mut self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.paths().map(|path| path.clone()).collect();
        if let Some(data) = self.data() {
            let words = [&data.labels, &data.mask];
            paths.extend(words.into_iter().flatten().map(PathBuf::from));
            paths.extend(data.class_names.clone());
        }
        paths.extend(match &self.command {
            Some(Command::Apply(args)) => args.card.clone(),
            Some(Command::Check(args)) => args.card.clone(),
            _ => None,
        });
        paths.extend(crate::cli::config::path());
        paths
    }
}
