//! Keys of the Reliability screen: each of its views has something else under the cursor.

use crossterm::event::KeyCode;

use super::{Action, Binding, Context, ENDS, Motion, bind, char, key};
use crate::tui::state::Screen;

use Context::{BinCounts, Bins, Steps};

const RELIABILITY: Context = Context::Screen(Screen::Reliability);

const BIN: &str = "choose a bin of the diagram";
const STEP: &str = "choose a step of the isotonic curve";
const BIN_COUNT: &str = "choose a number of bins and read its ECE";
const BOTH: &str = "T = 1 and the cursor's T side by side, from 150 columns on";

#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    bind(Bins, key(KeyCode::Left), Action::Move(Motion::Back), "bin", BIN),
    bind(Bins, key(KeyCode::Right), Action::Move(Motion::Forward), "bin", BIN),
    bind(Bins, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five bins back, on"),
    bind(Bins, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five bins back, on"),
    bind(Bins, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Bins, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Bins, char('b'), Action::FewerBins, "bins", "fewer, more bins"),
    bind(Bins, char('B'), Action::MoreBins, "bins", "fewer, more bins"),
    bind(Bins, char('m'), Action::Binning, "binning", "bins of equal width or of equal mass"),
    bind(Bins, char('d'), Action::SideBySide, "both", BOTH),

    bind(Steps, key(KeyCode::Left), Action::Move(Motion::Back), "step", STEP),
    bind(Steps, key(KeyCode::Right), Action::Move(Motion::Forward), "step", STEP),
    bind(Steps, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five steps back, on"),
    bind(Steps, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five steps back, on"),
    bind(Steps, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Steps, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Steps, char('d'), Action::SideBySide, "both", BOTH),

    bind(BinCounts, key(KeyCode::Left), Action::Move(Motion::Back), "number of bins", BIN_COUNT),
    bind(BinCounts, key(KeyCode::Right), Action::Move(Motion::Forward), "number of bins", BIN_COUNT),
    bind(BinCounts, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five bins fewer, more"),
    bind(BinCounts, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five bins fewer, more"),
    bind(BinCounts, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(BinCounts, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),

    bind(RELIABILITY, char('v'), Action::OtherView, "view", "bars, dots at (mean confidence, accuracy), the isotonic curve with its band, the ECE over the number of bins"),
];
