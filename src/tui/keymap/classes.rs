//! The keys of the Classes screen, and of the filter that is typed there.

use crossterm::event::KeyCode;

use super::Context::{self, Filter};
use super::{Action, Binding, ENDS, Motion, bind, char, key};
use crate::tui::state::Screen;

const CLASSES: Context = Context::Screen(Screen::Classes);

const LINE: &str = "choose a line";
const TEN: &str = "ten lines back, on";

/// In the order in which footer and help show them.
#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    bind(CLASSES, key(KeyCode::Up), Action::Move(Motion::Back), "line", LINE),
    bind(CLASSES, key(KeyCode::Down), Action::Move(Motion::Forward), "line", LINE),
    bind(CLASSES, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", TEN),
    bind(CLASSES, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", TEN),
    bind(CLASSES, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(CLASSES, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(CLASSES, char('s'), Action::Sort, "sort", "sort by the next column"),
    bind(CLASSES, char('S'), Action::SortReverse, "turn", "turn the order round"),
    bind(CLASSES, char('/'), Action::Filter, "filter", "show the names that contain what is typed"),
    bind(CLASSES, key(KeyCode::Enter), Action::Confirm, "detail", "more of the chosen line, where it has no room beside the table"),
    bind(CLASSES, char('v'), Action::OtherView, "table", "the classes, or the values of each column given with --slice"),

    bind(Filter, key(KeyCode::Up), Action::Move(Motion::Back), "line", LINE),
    bind(Filter, key(KeyCode::Down), Action::Move(Motion::Forward), "line", LINE),
    bind(Filter, key(KeyCode::Enter), Action::Confirm, "keep", "keep the filter"),
    bind(Filter, key(KeyCode::Esc), Action::Back, "clear", "show all again"),
];
