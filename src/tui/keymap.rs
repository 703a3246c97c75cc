//! The one key table: it dispatches, and help and footer are printed from it.

mod chord;
mod classes;
mod reliability;
mod several;

use crossterm::event::{KeyCode, KeyEvent};

use super::state::Screen;
use chord::{Chord, char, ctrl, key, shift};

/// Where a key has its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Context {
    /// Everywhere, even while text is typed.
    Always,
    /// Everywhere but while text is typed.
    Global,
    /// The home screen.
    Home,
    /// While something loads.
    Loading,
    /// After a load that failed.
    Failed,
    /// Every screen of a study.
    Study,
    /// One screen of a study.
    Screen(Screen),
    /// The reliability diagram, which has bins.
    Bins,
    /// The isotonic curve, which has steps.
    Steps,
    /// The ECE over the number of bins.
    BinCounts,
    /// The help overlay.
    Help,
    /// A line of text is typed.
    Prompt,
    /// The file picker.
    Picker,
    /// The choice of columns.
    Columns,
    /// The filter of the Classes screen.
    Filter,
    /// The list of findings.
    Findings,
    /// Every screen, where several files or steps are open.
    Several,
}

impl Context {
    /// The heading of its section in the help.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Always => "Everywhere, even while typing",
            Self::Global => "Everywhere",
            Self::Home => "Home",
            Self::Loading => "While loading",
            Self::Failed => "After an error",
            Self::Study => "Every screen",
            Self::Screen(screen) => screen.title(),
            Self::Bins => "Diagram",
            Self::Steps => "Isotonic curve",
            Self::BinCounts => "ECE over the number of bins",
            Self::Help => "Help",
            Self::Prompt => "Typing",
            Self::Picker => "Opening a file",
            Self::Columns => "Columns",
            Self::Filter => "Filter",
            Self::Findings => "Findings",
            Self::Several => "Several files or steps",
        }
    }
}

/// Which way the cursor goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Motion {
    /// One step left, up or down the list.
    Back,
    /// One step right.
    Forward,
    /// A page back.
    PageBack,
    /// A page on.
    PageForward,
    /// To the first.
    First,
    /// To the last.
    Last,
}

/// What a key asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Quit,
    QuitLeaving,
    Interrupt,
    Suspend,
    Redraw,
    Help,
    Back,
    OpenPath,
    Reload,
    Confirm,
    Sample,
    Show(Screen),
    NextPanel,
    PreviousPanel,
    Move(Motion),
    Cooler,
    Warmer,
    MuchCooler,
    MuchWarmer,
    TypeTemperature,
    One,
    Star,
    Undo,
    FewerBins,
    MoreBins,
    Binning,
    OtherView,
    SideBySide,
    Axis,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    Copy,
    WriteCard,
    Complete,
    FolderUp,
    Recent,
    Columns,
    PreviousOption,
    NextOption,
    Remember,
    Forget,
    TypeText,
    Watch,
    Sort,
    SortReverse,
    Filter,
    PreviousMember,
    NextMember,
    Reference,
    Metric,
    AddMember,
    RemoveMember,
    PreviousColumn,
    NextColumn,
    OtherKind,
    Findings,
    FindingRows,
    FindingPlace,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    /// Where it holds.
    pub(super) context: Context,
    /// The key.
    pub(super) chord: Chord,
    /// What it asks for.
    pub(super) action: Action,
    /// The footer's words; empty keeps it out of the footer. Neighbours with the same words share
    /// one entry.
    pub(super) short: &'static str,
    /// The help's words; neighbours with the same words share one line.
    pub(super) long: &'static str,
}

const fn bind(
    context: Context,
    chord: Chord,
    action: Action,
    short: &'static str,
    long: &'static str,
) -> Binding {
    Binding { context, chord, action, short, long }
}

use Context::{
    Always, Columns, Failed, Findings, Global, Help, Home, Loading, Picker, Prompt, Study,
};

const OVERVIEW: Context = Context::Screen(Screen::Overview);
const TEMPERATURE: Context = Context::Screen(Screen::Temperature);
const LOGITS: Context = Context::Screen(Screen::Logits);
const MARGINS: Context = Context::Screen(Screen::Margins);

const PANEL: &str = "next, previous panel";
const CURSOR_T: &str = "move the cursor's temperature by 0.01 (1 % of its power of ten from 10 on)";
const CURSOR_T_WIDE: &str = "the same by 0.1";
const CELL: &str = "choose a cell of the focused histogram";
const THRESHOLD: &str = "move the threshold";
const ROW: &str = "choose a file";
const SCREENS: &str = "Overview, Reliability, Temperature, Logits, Margins, Classes";
const PAGE: &str = "a page back, on";
const ENDS: &str = "to the first, to the last";

/// Every key, in the order in which footer and help show them.
#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    bind(Home, key(KeyCode::Enter), Action::Confirm, "open", "open the chosen file"),
    bind(Home, char('d'), Action::Sample, "sample data", "open the bundled sample"),
    bind(Home, key(KeyCode::Up), Action::Move(Motion::Back), "choose", ROW),
    bind(Home, key(KeyCode::Down), Action::Move(Motion::Forward), "choose", ROW),
    bind(Home, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", PAGE),
    bind(Home, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", PAGE),
    bind(Home, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Home, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Home, char('c'), Action::Columns, "columns", "choose what is logits and labels in the chosen file, before it is opened"),
    bind(Home, char('r'), Action::Reload, "look again", "look through the folder again"),
    bind(Home, key(KeyCode::Esc), Action::Back, "", "back to the file that is open, if any"),

    bind(Loading, key(KeyCode::Esc), Action::Back, "cancel", "cancel and go back"),
    bind(Failed, key(KeyCode::Esc), Action::Back, "back", "close the message"),
    bind(Failed, char('c'), Action::Columns, "columns", "choose what is logits and labels"),
    bind(Failed, char('r'), Action::Reload, "try again", "load the same file again"),
    bind(Failed, char('y'), Action::Copy, "copy", "copy the message"),

    bind(OVERVIEW, key(KeyCode::Enter), Action::Confirm, "open panel", "open the screen of the focused panel"),
    bind(OVERVIEW, key(KeyCode::Tab), Action::NextPanel, "panel", PANEL),
    bind(OVERVIEW, key(KeyCode::BackTab), Action::PreviousPanel, "", PANEL),
    bind(OVERVIEW, key(KeyCode::Left), Action::PreviousPanel, "", PANEL),
    bind(OVERVIEW, key(KeyCode::Right), Action::NextPanel, "", PANEL),

    bind(TEMPERATURE, key(KeyCode::Left), Action::Cooler, "T ±.01", CURSOR_T),
    bind(TEMPERATURE, key(KeyCode::Right), Action::Warmer, "T ±.01", CURSOR_T),
    bind(TEMPERATURE, shift(KeyCode::Left), Action::MuchCooler, "", CURSOR_T_WIDE),
    bind(TEMPERATURE, shift(KeyCode::Right), Action::MuchWarmer, "", CURSOR_T_WIDE),
    bind(TEMPERATURE, key(KeyCode::PageUp), Action::MuchCooler, "", CURSOR_T_WIDE),
    bind(TEMPERATURE, key(KeyCode::PageDown), Action::MuchWarmer, "", CURSOR_T_WIDE),
    bind(TEMPERATURE, key(KeyCode::Home), Action::Move(Motion::First), "", "to an end of the axis"),
    bind(TEMPERATURE, key(KeyCode::End), Action::Move(Motion::Last), "", "to an end of the axis"),
    bind(TEMPERATURE, char('v'), Action::OtherView, "methods", "compare with more than one temperature: computed when it is first shown"),
    bind(TEMPERATURE, char('l'), Action::Axis, "log/linear", "logarithmic or linear temperature axis"),
    bind(TEMPERATURE, char('+'), Action::ZoomIn, "zoom", "zoom in, out around the cursor"),
    bind(TEMPERATURE, char('-'), Action::ZoomOut, "zoom", "zoom in, out around the cursor"),
    bind(TEMPERATURE, char('z'), Action::ZoomReset, "", "the whole axis"),

    bind(LOGITS, key(KeyCode::Left), Action::Move(Motion::Back), "cell", CELL),
    bind(LOGITS, key(KeyCode::Right), Action::Move(Motion::Forward), "cell", CELL),
    bind(LOGITS, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five cells back, on"),
    bind(LOGITS, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five cells back, on"),
    bind(LOGITS, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(LOGITS, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(LOGITS, key(KeyCode::Tab), Action::NextPanel, "histogram", PANEL),
    bind(LOGITS, key(KeyCode::BackTab), Action::PreviousPanel, "", PANEL),
    bind(LOGITS, char('l'), Action::Axis, "log counts", "counts on a logarithmic or a linear axis"),

    bind(MARGINS, key(KeyCode::Left), Action::Move(Motion::Back), "threshold", THRESHOLD),
    bind(MARGINS, key(KeyCode::Right), Action::Move(Motion::Forward), "threshold", THRESHOLD),
    bind(MARGINS, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", "five cells back, on"),
    bind(MARGINS, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", "five cells back, on"),
    bind(MARGINS, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(MARGINS, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(MARGINS, char('v'), Action::OtherView, "view", "keep by confidence, keep by margin, a threshold for every class"),
    bind(MARGINS, char('l'), Action::Axis, "log counts", "counts on a logarithmic or a linear axis"),

    bind(Study, char('f'), Action::Findings, "findings", "what is wrong with the logits: every finding, the most severe first"),
    bind(Study, char('['), Action::Cooler, "T ±.01", "T down, up by 0.01 (1 % of its power of ten from 10 on)"),
    bind(Study, char(']'), Action::Warmer, "T ±.01", "T down, up by 0.01 (1 % of its power of ten from 10 on)"),
    bind(Study, char('{'), Action::MuchCooler, "", "T down, up by ten times as much"),
    bind(Study, char('}'), Action::MuchWarmer, "", "T down, up by ten times as much"),
    bind(Study, char('*'), Action::Star, "T*", "set T to the fitted temperature T*"),
    bind(Study, char('0'), Action::One, "T=1", "set T to 1"),
    bind(Study, char('t'), Action::TypeTemperature, "type T", "type a temperature"),
    bind(Study, char('u'), Action::Undo, "undo", "undo the last change of T"),
    bind(Study, char('w'), Action::WriteCard, "write T*", "write the deployment card next to the data"),
    bind(Study, char('y'), Action::Copy, "copy", "copy the figures of this screen"),
    bind(Study, char('c'), Action::Columns, "", "what was taken as logits, labels and so on, and to change it"),
    bind(Study, char('r'), Action::Reload, "", "load the file again"),
    bind(Study, char('W'), Action::Watch, "", "watch the file, and read it again whenever it has changed; stop watching"),
    bind(Study, char('1'), Action::Show(Screen::Overview), "screens", SCREENS),
    bind(Study, char('2'), Action::Show(Screen::Reliability), "screens", SCREENS),
    bind(Study, char('3'), Action::Show(Screen::Temperature), "screens", SCREENS),
    bind(Study, char('4'), Action::Show(Screen::Logits), "screens", SCREENS),
    bind(Study, char('5'), Action::Show(Screen::Margins), "screens", SCREENS),
    bind(Study, char('6'), Action::Show(Screen::Classes), "screens", SCREENS),
    bind(Study, key(KeyCode::Esc), Action::Back, "", "stop a load that goes on; else one level back: to the Overview, then home"),

    bind(Help, key(KeyCode::Up), Action::Move(Motion::Back), "scroll", "scroll"),
    bind(Help, key(KeyCode::Down), Action::Move(Motion::Forward), "scroll", "scroll"),
    bind(Help, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", PAGE),
    bind(Help, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", PAGE),
    bind(Help, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Help, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Help, key(KeyCode::Esc), Action::Back, "close", "close the help"),

    bind(Prompt, key(KeyCode::Enter), Action::Confirm, "accept", "accept what is typed"),
    bind(Prompt, key(KeyCode::Esc), Action::Back, "cancel", "close without a change"),

    bind(Picker, key(KeyCode::Enter), Action::Confirm, "open", "open the chosen file, walk into the chosen folder"),
    bind(Picker, key(KeyCode::Up), Action::Move(Motion::Back), "choose", ROW),
    bind(Picker, key(KeyCode::Down), Action::Move(Motion::Forward), "choose", ROW),
    bind(Picker, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", PAGE),
    bind(Picker, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", PAGE),
    bind(Picker, key(KeyCode::Tab), Action::Complete, "complete", "complete the name, or walk into the folder"),
    bind(Picker, key(KeyCode::Left), Action::FolderUp, "up", "to the folder above; within typed text, back"),
    bind(Picker, ctrl('r'), Action::Recent, "recent", "the files that were opened last; back to the folder"),
    bind(Picker, key(KeyCode::Esc), Action::Back, "cancel", "close without a change"),

    bind(Columns, key(KeyCode::Left), Action::PreviousOption, "change", "the candidate before, the next one"),
    bind(Columns, key(KeyCode::Right), Action::NextOption, "change", "the candidate before, the next one"),
    bind(Columns, key(KeyCode::Up), Action::Move(Motion::Back), "line", "choose a line"),
    bind(Columns, key(KeyCode::Down), Action::Move(Motion::Forward), "line", "choose a line"),
    bind(Columns, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", PAGE),
    bind(Columns, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", PAGE),
    bind(Columns, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Columns, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Columns, key(KeyCode::Enter), Action::Confirm, "open so", "open the file as it is chosen here"),
    bind(Columns, char('e'), Action::TypeText, "type", "type a condition for the rows (where), which values of the split column to keep, or a column of weights"),
    bind(Columns, char('r'), Action::Remember, "remember", "remember the choice for files with the same columns"),
    bind(Columns, char('x'), Action::Forget, "forget", "forget what was remembered for files with the same columns"),
    bind(Columns, key(KeyCode::Esc), Action::Back, "leave", "close without a change"),

    bind(Findings, key(KeyCode::Enter), Action::Confirm, "explain", "what the rule measures, why it says so, what else it could be, and the paper"),
    bind(Findings, char('g'), Action::FindingPlace, "go there", "close the list and show the screen where the finding can be seen"),
    bind(Findings, char('r'), Action::FindingRows, "rows", "the rows that show the finding, with label, prediction and margin"),
    bind(Findings, key(KeyCode::Esc), Action::Back, "back", "back to the list; from there close it"),
    bind(Findings, char('f'), Action::Back, "", "back to the list; from there close it"),
    bind(Findings, key(KeyCode::Up), Action::Move(Motion::Back), "choose", "choose a finding; scroll its explanation"),
    bind(Findings, key(KeyCode::Down), Action::Move(Motion::Forward), "choose", "choose a finding; scroll its explanation"),
    bind(Findings, key(KeyCode::PageUp), Action::Move(Motion::PageBack), "", PAGE),
    bind(Findings, key(KeyCode::PageDown), Action::Move(Motion::PageForward), "", PAGE),
    bind(Findings, key(KeyCode::Home), Action::Move(Motion::First), "", ENDS),
    bind(Findings, key(KeyCode::End), Action::Move(Motion::Last), "", ENDS),
    bind(Findings, char('y'), Action::Copy, "copy", "copy the chosen finding"),

    bind(Global, char('o'), Action::OpenPath, "open", "open a file: pick one, or type its path"),
    bind(Global, char('?'), Action::Help, "help", "all keys, and what the figures mean"),
    bind(Global, char('q'), Action::Quit, "quit", "quit"),
    bind(Global, char('Q'), Action::QuitLeaving, "", "quit and leave the screen in the scrollback"),
    bind(Always, ctrl('c'), Action::Interrupt, "", "quit at once, wherever you are"),
    bind(Always, ctrl('z'), Action::Suspend, "", "suspend; `fg` in the shell brings it back"),
    bind(Always, ctrl('l'), Action::Redraw, "", "draw the screen anew"),
];

/// The whole table.
fn bindings() -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().chain(reliability::BINDINGS).chain(classes::BINDINGS).chain(several::BINDINGS)
}

/// What `event` means, looked up in `contexts` in this order.
pub(super) fn action(contexts: &[Context], event: KeyEvent) -> Option<Action> {
    contexts.iter().find_map(|context| {
        bindings().find(|b| b.context == *context && b.chord.matches(event)).map(|b| b.action)
    })
}

/// One entry of footer or help: keys and their words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Hint {
    /// The keys, such as `[ ]` or `1-5`.
    pub(super) keys: String,
    /// The words.
    pub(super) words: &'static str,
    /// What a click on the entry does: the action of its first key.
    pub(super) action: Action,
}

/// The footer's entries for `contexts`; a meaning that two contexts share is shown once.
pub(super) fn footer(contexts: &[Context]) -> Vec<Hint> {
    let mut all: Vec<Hint> = Vec::new();
    for context in contexts {
        for hint in hints(*context, |b| b.short) {
            if !all.iter().any(|h| h.words == hint.words) {
                all.push(hint);
            }
        }
    }
    all
}

/// The help's entries for one context.
pub(super) fn help(context: Context) -> Vec<Hint> {
    hints(context, |b| b.long)
}

fn hints(context: Context, words: fn(&Binding) -> &'static str) -> Vec<Hint> {
    let bindings: Vec<&Binding> =
        bindings().filter(|b| b.context == context && !words(b).is_empty()).collect();
    bindings
        .chunk_by(|a, b| words(a) == words(b))
        .map(|group| Hint { keys: join(group), words: words(group[0]), action: group[0].action })
        .collect()
}

/// `1-5` for a run of digits, `←→` for arrows, else the labels with blanks.
fn join(group: &[&Binding]) -> String {
    let labels: Vec<String> = group.iter().map(|b| b.chord.label()).collect();
    let digits = labels.iter().all(|l| l.parse::<u8>().is_ok());
    let arrows = labels.iter().all(|l| "←→↑↓".contains(l.as_str()));
    match (digits && labels.len() > 2, arrows) {
        (true, _) => format!("{}-{}", labels[0], labels[labels.len() - 1]),
        (false, true) => labels.concat(),
        (false, false) => labels.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    /// The sets of contexts that can be asked together, as `App::contexts` makes them.
    fn stacks() -> Vec<Vec<Context>> {
        let mut stacks = vec![
            vec![Home, Global, Always],
            vec![Loading, Global, Always],
            vec![Failed, Global, Always],
            vec![Help, Global, Always],
            vec![Prompt, Always],
            vec![Picker, Always],
            vec![Columns, Global, Always],
            vec![Context::Filter, Always],
            vec![Findings, Global, Always],
        ];
        for screen in Screen::ALL {
            stacks.push(vec![Context::Screen(screen), Study, Global, Always]);
        }
        for view in [Context::Bins, Context::Steps, Context::BinCounts] {
            let screen = Context::Screen(Screen::Reliability);
            stacks.push(vec![view, screen, Study, Context::Several, Global, Always]);
        }
        for screen in Screen::ALL.into_iter().chain([Screen::Run, Screen::Compare]) {
            let several = [Context::Screen(screen), Study, Context::Several, Global, Always];
            stacks.push(several.to_vec());
        }
        stacks
    }

    #[test]
    fn no_key_means_two_things_at_once() {
        for stack in stacks() {
            let all: Vec<_> = bindings().filter(|b| stack.contains(&b.context)).collect();
            for (i, a) in all.iter().enumerate() {
                for b in &all[i + 1..] {
                    assert!(a.chord != b.chord, "{:?}: {a:?} and {b:?}", stack[0]);
                }
            }
        }
    }

    #[test]
    fn neighbours_share_an_entry() {
        let hints = footer(&[Study]);
        assert_eq!(hints[1].keys, "[ ]");
        assert!(hints.iter().any(|h| h.keys == "1-6"));
        assert_eq!(footer(&[Context::Bins])[0].keys, "←→");
    }

    #[test]
    fn shifted_characters_are_found_with_and_without_the_flag() {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            let event = KeyEvent::new(KeyCode::Char('B'), modifiers);
            assert_eq!(action(&[Context::Bins], event), Some(Action::MoreBins));
        }
        let shifted = KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT);
        assert_eq!(action(&[TEMPERATURE], shifted), Some(Action::MuchCooler));
    }

    #[test]
    fn every_binding_has_help() {
        assert!(bindings().all(|b| !b.long.is_empty()));
    }
}
