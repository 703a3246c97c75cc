//! Every list: a click chooses the entry under it, and the wheel goes the way it turns.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::tui::services::Candidate;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (60, 16)];

/// A list of the app: how it is opened at a size, and names of its entries in order, each on a line of its own.
struct List {
    name: &'static str,
    open: fn(u16, u16) -> App,
    entries: Vec<String>,
    /// Keys that scroll it to its end.
    to_end: &'static [KeyCode],
}

fn entries(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn home(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    start(&mut app, None);
    let candidate = |file: usize| Candidate {
        path: format!("file_{file:02}.npz").into(),
        name: format!("file_{file:02}.npz"),
        n_bytes: 1000,
        found: "10 × 3 logits".into(),
        usable: true,
    };
    update(&mut app, Message::Scanned((0..40).map(candidate).collect()));
    app
}

fn of_classes(columns: u16, rows: u16) -> App {
    classes::on_classes(classes::named(30, |class| format!("class_{class:02}")), columns, rows)
}

fn of_findings(columns: u16, rows: u16) -> App {
    let mut app = findings::broken_app(columns, rows);
    press(&mut app, "f");
    app
}

fn of_columns(columns: u16, rows: u16) -> App {
    let mut app = columns::opened();
    app.size = Size::new(columns, rows);
    app
}

fn of_models(columns: u16, rows: u16) -> App {
    let mut app = models::comparison(columns, rows);
    press_and_wait(&mut app, "8");
    app
}

fn lists() -> Vec<List> {
    let numbered = |stem: &str, end: &str| (0..40).map(|i| format!("{stem}_{i:02}{end}")).collect();
    let down = &[KeyCode::End][..];
    vec![
        List { name: "home", open: home, entries: numbered("file", ".npz"), to_end: down },
        List { name: "classes", open: of_classes, entries: numbered("class", ""), to_end: down },
        List {
            name: "picker",
            open: picker::opened,
            entries: entries(&["notes.csv", "val_c100.parquet", "val_c100_vit.npy"]),
            to_end: &[],
        },
        List {
            name: "findings",
            open: of_findings,
            entries: entries(&["non_finite", "rows_misaligned", "class_bias"]),
            to_end: &[],
        },
        List {
            name: "columns",
            open: of_columns,
            entries: entries(&["logits  ", "labels  ", "id     ", "group  ", "split  ", "where  "]),
            to_end: &[],
        },
        List {
            name: "compare",
            open: of_models,
            entries: entries(&["resnet.npz", "vit.npz", "other.npz"]),
            to_end: &[],
        },
    ]
}

fn mouse(app: &mut App, kind: MouseEventKind, (column, row): (u16, u16)) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effects = update(app, Message::Mouse(event));
    answer(app, &effects);
}

/// Where names of entries begin at the latest: details beside a list name them too.
const NAMES_BEGIN: usize = 30;

/// The cell in which a line that begins with `words` says them.
fn place_of(app: &App, words: &str) -> Option<(u16, u16)> {
    let shown = screen(app);
    let column = |line: &str| Some(line[..line.find(words)?].chars().count());
    let begins = |(row, line): (u16, &str)| {
        let column = column(line).filter(|column| *column < NAMES_BEGIN)?;
        Some((u16::try_from(column).unwrap(), row))
    };
    (0..).zip(shown.lines()).skip(2).find_map(begins)
}

/// The visible entries, from the top.
fn visible(app: &App, list: &List) -> Vec<String> {
    let place = |name: &String| Some((place_of(app, name)?.1, name.clone()));
    let mut all: Vec<(u16, String)> = list.entries.iter().filter_map(place).collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

/// The entries behind the mark of the chosen one.
fn chosen(app: &App, list: &List) -> Vec<String> {
    let shown = screen(app);
    let begins = |line: &str, name: &String| {
        let (mark, name) = line.find('▸').zip(line.find(name.as_str()))?;
        (mark < name).then(|| line[..name].chars().count())
    };
    let is_marked =
        |line: &str, name: &String| begins(line, name).is_some_and(|at| at < NAMES_BEGIN);
    let entry = |line: &str| list.entries.iter().find(|name| is_marked(line, name)).cloned();
    let mut all: Vec<String> = shown.lines().filter_map(entry).collect();
    all.dedup();
    all
}

/// Clicks every visible entry of a list, at its beginning and at its end, that is not chosen already: a second click on
/// what is chosen would open it. Returns which clicks chose something else.
fn click_all(list: &List, (columns, rows): (u16, u16)) -> Vec<String> {
    let mut app = (list.open)(columns, rows);
    let mut wrong = Vec::new();
    for scrolls in [false, true] {
        for key in list.to_end.iter().filter(|_| scrolls) {
            update(&mut app, event(*key));
        }
        let names = visible(&app, list);
        if names.len() < 2 {
            wrong.push(format!("{} at {columns}x{rows} shows {names:?}", list.name));
        }
        for name in names.iter().chain(names.first()) {
            // The list may have scrolled.
            let place = place_of(&app, name).filter(|_| chosen(&app, list) != [name.clone()]);
            let Some(place) = place else { continue };
            mouse(&mut app, MouseEventKind::Down(MouseButton::Left), place);
            let got = chosen(&app, list);
            if got != [name.clone()] {
                wrong.push(format!("{} at {columns}x{rows}: {name} gave {got:?}", list.name));
            }
        }
    }
    wrong
}

#[test]
fn a_click_chooses_the_entry_under_it() {
    let all = lists();
    let each = all.iter().flat_map(|list| SIZES.map(|size| (list, size)));
    let wrong: Vec<String> = each.flat_map(|(list, size)| click_all(list, size)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Which lists the wheel moves another way than it turns.
fn turned_wrong(list: &List) -> Option<String> {
    let mut app = (list.open)(120, 36);
    let names = visible(&app, list);
    let index = |app: &App| {
        let chosen = chosen(app, list);
        names.iter().position(|name| chosen == [name.clone()])
    };
    let start = index(&app);
    let place = place_of(&app, &names[1]).unwrap();
    mouse(&mut app, MouseEventKind::ScrollDown, place);
    let below = index(&app);
    mouse(&mut app, MouseEventKind::ScrollUp, place);
    let is_right = start.is_some() && below == start.map(|at| at + 1) && index(&app) == start;
    (!is_right).then(|| format!("{}: from {start:?} to {below:?}", list.name))
}

#[test]
fn the_wheel_goes_the_way_it_turns() {
    let wrong: Vec<String> = lists().iter().filter_map(turned_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
