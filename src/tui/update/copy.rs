//! What `y` puts on the clipboard.

use super::super::event::Effect;
use super::super::state::{Activity, App};
use super::super::view;
use super::findings;
use crate::report::findings_lines;

/// Columns of copied findings: they are pasted into messages.
const WIDTH: usize = 100;

/// The chosen finding, the figures of the screen, or the text of the error.
pub(super) fn copy(app: &App) -> Vec<Effect> {
    if let Activity::Failed(_, failure, _) = &app.activity {
        let hint = failure.hint.iter().map(|hint| format!("\nhint: {hint}"));
        let text = std::iter::once(format!("error: {}: {}", failure.name, failure.message))
            .chain(hint)
            .collect::<String>();
        return vec![Effect::Copy(text + "\n")];
    }
    if let Some(finding) = findings::chosen(app) {
        let lines = findings_lines(std::slice::from_ref(&finding), WIDTH);
        return vec![Effect::Copy(lines.join("\n") + "\n")];
    }
    if let (Some(session), Some(group)) = (app.shown(), &app.group)
        && session.place.screen == group.kind.screen()
    {
        return vec![Effect::Copy(view::group_as_text(app))];
    }
    app.shown().map(|session| Effect::Copy(view::figures_as_text(session))).into_iter().collect()
}
