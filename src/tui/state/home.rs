//! The home screen: files of this folder that look like logits.

use super::super::services::Candidate;

/// The list and the cursor in it. The bundled sample is the line after the last file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) struct Home {
    /// `None` until the folder was looked through.
    pub(in crate::tui) candidates: Option<Vec<Candidate>>,
    /// The chosen line.
    pub(in crate::tui) cursor: usize,
}

impl Home {
    /// The files found so far.
    pub(in crate::tui) fn files(&self) -> &[Candidate] {
        self.candidates.as_deref().unwrap_or_default()
    }

    /// The chosen file; `None` stands for the sample.
    pub(in crate::tui) fn chosen(&self) -> Option<&Candidate> {
        self.files().get(self.cursor)
    }

    /// Takes a new list; the cursor stays on its line if there is one.
    pub(in crate::tui) fn set(&mut self, candidates: Vec<Candidate>) {
        self.cursor = self.cursor.min(candidates.len());
        self.candidates = Some(candidates);
    }
}
