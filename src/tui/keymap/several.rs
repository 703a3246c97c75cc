//! Keys of the screens that need several files or steps.

use crossterm::event::KeyCode;

use super::{Action, Binding, Context, ENDS, Motion, bind, char, key};
use crate::tui::state::Screen;

const RUN: Context = Context::Screen(Screen::Run);
const COMPARE: Context = Context::Screen(Screen::Compare);
const SEVERAL: Context = Context::Several;

const STEP: &str = "the step before, the next one: every other screen shows it";
const FIVE: &str = "five steps back, on";
const MODEL: &str = "choose a model";
const MEMBER: &str = "the step or model before, the next one, on every screen";

#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    bind(RUN, key(KeyCode::Left), Action::Move(Motion::Back), "step", STEP),
    bind(RUN, key(KeyCode::Right), Action::Move(Motion::Forward), "step", STEP),
    bind(RUN, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", FIVE),
    bind(RUN, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", FIVE),
    bind(RUN, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(RUN, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(RUN, key(KeyCode::Enter), Action::Confirm, "look at it", "the Overview of the step"),
    bind(RUN, char('R'), Action::OtherKind, "compare", "compare the steps like models"),

    bind(COMPARE, key(KeyCode::Up), Action::Move(Motion::Back), "model", MODEL),
    bind(COMPARE, key(KeyCode::Down), Action::Move(Motion::Forward), "model", MODEL),
    bind(COMPARE, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five models back, on"),
    bind(COMPARE, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five models back, on"),
    bind(COMPARE, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(COMPARE, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(COMPARE, key(KeyCode::Enter), Action::Confirm, "look at it", "the other screens show this model"),
    bind(COMPARE, char('='), Action::Reference, "reference", "compare the others with this model"),
    bind(COMPARE, char('m'), Action::Metric, "measure", "differences in NLL, ECE, Brier score or accuracy"),
    bind(COMPARE, char('v'), Action::OtherView, "view", "the gaps of all bins, curves of reliability, or of the NLL over T"),
    bind(COMPARE, key(KeyCode::Left), Action::PreviousColumn, "columns", "columns of the table before, behind, where not all fit"),
    bind(COMPARE, key(KeyCode::Right), Action::NextColumn, "columns", "columns of the table before, behind, where not all fit"),
    bind(COMPARE, char('a'), Action::AddMember, "add", "add a model: pick its file"),
    bind(COMPARE, char('x'), Action::RemoveMember, "remove", "take the chosen model out of the comparison; its file stays"),
    bind(COMPARE, char('R'), Action::OtherKind, "as a run", "look at the files as steps of a training run"),

    bind(SEVERAL, char(','), Action::PreviousMember, "", MEMBER),
    bind(SEVERAL, char('.'), Action::NextMember, "", MEMBER),
    bind(SEVERAL, char('8'), Action::Show(Screen::Compare), "", "the models side by side"),
    bind(SEVERAL, char('9'), Action::Show(Screen::Run), "", "the training run"),
];
