//! The chosen line of the Classes screen.

use super::super::state::Session;
use super::class_entries::{self, Entry, Kind};

/// The chosen one of `entries`, which are in the order on screen: the line of a class that was asked for, wherever it
/// stands by now, or the one under the cursor.
pub(super) fn chosen(session: &Session, kind: Kind, entries: &[Entry]) -> usize {
    let place = &session.place.classes;
    let of_class = place
        .class
        .filter(|_| kind == Kind::Classes)
        .and_then(|class| line_of(session, entries, class));
    let last = entries.len().saturating_sub(1);
    of_class.unwrap_or(place.cursor).min(last)
}

/// The same of the table on screen.
pub(in crate::tui) fn cursor(session: &Session) -> usize {
    let kind = class_entries::kind(session);
    chosen(session, kind, &class_entries::ordered(session, kind))
}

fn line_of(session: &Session, entries: &[Entry], class: usize) -> Option<usize> {
    let classes = session.extras.further.details.as_deref()?.classes.as_ref()?;
    let idx = classes.groups.iter().position(|g| g.of.class_idx == class)?;
    entries.iter().position(|entry| entry.idx == idx)
}
