//! The list of findings that lies over the screens.

use super::{App, GroupKind};
use crate::diagnosis::{Finding, in_order};

/// What the list shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum FindingsPage {
    /// Every finding in a line, and the chosen one in full.
    #[default]
    List,
    /// What the rule of the chosen one measures, and why it says so.
    Explanation,
    /// The rows that show it.
    Rows,
}

/// Where the user is in the findings of the study on screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) struct FindingsList {
    /// The chosen finding; a study that is read again may have fewer, see [`FindingsList::chosen`].
    pub(in crate::tui) cursor: usize,
    /// What is shown of it.
    pub(in crate::tui) page: FindingsPage,
    /// Lines by which the page is scrolled.
    pub(in crate::tui) scroll: usize,
}

impl FindingsList {
    /// The list with this finding chosen.
    pub(in crate::tui) fn at(cursor: usize) -> Self {
        Self { cursor, ..Self::default() }
    }

    /// The chosen one of `findings`, the last one if there are fewer by now.
    pub(in crate::tui) fn chosen<'a, T>(&self, findings: &'a [T]) -> Option<&'a T> {
        findings.get(self.cursor).or(findings.last())
    }
}

impl App {
    /// What the list holds: the findings on the study on screen, and among them, in the same order, what the order of the
    /// steps shows where it is one of a run.
    pub(in crate::tui) fn findings(&self) -> Vec<Finding> {
        let Some(session) = self.shown() else {
            return Vec::new();
        };
        let run = self.group.iter().filter(|g| g.kind == GroupKind::Run);
        let of_run = run.flat_map(|group| &group.findings);
        let all = session.study.findings.iter().chain(of_run);
        let mut all: Vec<Finding> = all.cloned().collect();
        in_order(&mut all);
        all
    }
}
