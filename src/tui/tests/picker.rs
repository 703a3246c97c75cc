//! The file picker: filtering, walking, recent files, and what is said of each file.

use super::*;
use crate::tui::folder::Entry;
use crate::tui::services::Preview;
use crate::tui::state::{Overlay, Picker};

fn entry(name: &str) -> Entry {
    let (name, is_folder) = match name.strip_suffix('/') {
        Some(folder) => (folder, true),
        None => (name, false),
    };
    Entry {
        name: name.into(),
        shown: crate::data::printable(name),
        is_folder,
        n_bytes: if is_folder { 0 } else { 3_900_000 },
        depth: name.matches('/').count(),
    }
}

const NAMES: [&str; 6] = [
    "notes.csv",
    "val_c100.parquet",
    "val_c100_vit.npy",
    "runs/",
    "runs/a/",
    "runs/a/val_logits.npz",
];

fn found(words: &str, usable: bool) -> Preview {
    Preview {
        words: words.into(),
        format: "parquet".into(),
        hint: (!usable).then(|| "--labels COLUMN".into()),
        usable,
    }
}

fn listed(app: &mut App, folder: &str, names: &[&str]) -> Vec<Effect> {
    let entries = names.iter().map(|name| entry(name)).collect();
    update(app, Message::Listed(folder.into(), Ok(entries)))
}

/// The picker on a folder of six, with something known of two files.
pub(super) fn opened(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    start(&mut app, None);
    let effects = press(&mut app, "o");
    assert!(
        matches!(&effects[..], [Effect::List(folder), Effect::Recent] if folder.as_os_str().is_empty())
    );
    let effects = listed(&mut app, "", &NAMES);
    let [Effect::Preview(paths)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let wanted: Vec<PathBuf> = NAMES[..3].iter().map(PathBuf::from).collect();
    assert_eq!(paths, &wanted, "the files that stand in the folder itself");
    let vit =
        found("several columns could be the labels: target (integer), coarse (integer)", false);
    update(
        &mut app,
        Message::Previewed("val_c100.parquet".into(), found("10,000 × 100   logits, label", true)),
    );
    update(&mut app, Message::Previewed("val_c100_vit.npy".into(), vit));
    app
}

fn picker(app: &App) -> &Picker {
    match app.overlays.last() {
        Some(Overlay::Picker(picker)) => picker,
        other => panic!("{other:?}"),
    }
}

fn names(app: &App) -> Vec<&str> {
    picker(app).rows.iter().map(|row| row.name.as_str()).collect()
}

fn path_of_load(effects: &[Effect]) -> Option<PathBuf> {
    match effects {
        [Effect::Cancel, Effect::Load(_, order)] => match &order.target {
            Target::Path(path) => Some(path.clone()),
            Target::Sample => None,
        },
        _ => None,
    }
}

#[test]
fn at_all_sizes() {
    for (columns, rows) in screens::SIZES {
        let mut app = opened(columns, rows);
        update(&mut app, event(KeyCode::Down));
        screens::snapshot(&app, &format!("picker_{columns}x{rows}"));
    }
    let mut app = opened(80, 24);
    press(&mut app, "vlog");
    screens::snapshot(&app, "picker_filtered_80x24");
}

#[test]
fn typing_finds_files_in_folders_too() {
    let mut app = opened(100, 30);
    assert_eq!(names(&app), ["notes.csv", "val_c100.parquet", "val_c100_vit.npy", "runs", ""]);
    let effects = press(&mut app, "vallog");
    assert!(
        matches!(&effects[..], [.., Effect::Preview(paths)] if paths[0].ends_with("val_logits.npz"))
    );
    assert_eq!(names(&app), ["runs/a/val_logits.npz", "vallog"]);
    assert!(screen(&app).contains("1 of 6"));
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(path_of_load(&effects).unwrap(), PathBuf::from("runs/a/val_logits.npz"));
    assert!(app.overlays.is_empty());
}

#[test]
fn folders_are_walked_into_and_out_of() {
    let mut app = opened(100, 30);
    press(&mut app, "runs");
    let effects = press(&mut app, "/");
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("runs")));
    assert!(screen(&app).contains("runs/ >"), "{}", screen(&app));
    let effects = update(&mut app, event(KeyCode::Left));
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder.as_os_str().is_empty()));
    let effects = update(&mut app, event(KeyCode::Backspace));
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("..")));
    let effects = press(&mut app, "~/");
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("/home/a")));
    let effects = press(&mut app, "/");
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("/")));
    listed(&mut app, "/", &["data/"]);
    let effects = update(&mut app, event(KeyCode::Tab));
    assert!(matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("/data")));
    listed(&mut app, "/data", &["part-0.csv", "part-1.csv"]);
    update(&mut app, event(KeyCode::PageDown));
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(
        path_of_load(&effects).unwrap(),
        PathBuf::from("/data"),
        "all its files as one data set"
    );
}

#[test]
fn a_list_of_another_folder_is_dropped() {
    let mut app = opened(100, 30);
    press(&mut app, "runs/");
    listed(&mut app, "", &NAMES);
    assert!(names(&app).is_empty());
    assert!(screen(&app).contains("looking"));
    let why = "permission denied".to_owned();
    update(&mut app, Message::Listed("runs".into(), Err(why)));
    assert!(screen(&app).contains("permission denied: ← goes to the folder above"));
}

#[test]
fn any_path_can_be_typed_or_pasted() {
    let mut app = opened(100, 30);
    press(&mut app, "odd name.bin");
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(path_of_load(&effects).unwrap(), PathBuf::from("odd name.bin"));

    let mut app = opened(100, 30);
    let effects = update(&mut app, Message::Paste("/data/runs/val.npz\n".into()));
    assert!(
        matches!(&effects[..], [Effect::List(folder)] if folder == &PathBuf::from("/data/runs"))
    );
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(path_of_load(&effects).unwrap(), PathBuf::from("/data/runs/val.npz"));
}

#[test]
fn recent_files_are_one_key_away() {
    let mut app = opened(100, 30);
    let recent = vec![PathBuf::from("/data/new.npz"), PathBuf::from("/data/old.csv")];
    update(&mut app, Message::Recent(recent));
    let control = |c: char| Message::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    let effects = update(&mut app, control('r'));
    assert!(matches!(&effects[..], [Effect::Preview(paths)] if paths.len() == 2));
    assert_eq!(names(&app), ["/data/new.npz", "/data/old.csv"]);
    press(&mut app, "old");
    assert_eq!(names(&app), ["/data/old.csv"]);
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(path_of_load(&effects).unwrap(), PathBuf::from("/data/old.csv"));
}

#[test]
fn what_was_read_counts_as_recent_and_a_failure_is_a_note() {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    let path = effects.iter().find_map(|effect| match effect {
        Effect::AddRecent(path) => Some(path.clone()),
        _ => None,
    });
    assert_eq!(path, Some(PathBuf::from("runs/val.npz")));
    update(&mut app, Message::RecentNotKept("disk full".into()));
    assert!(!screen(&app).contains("disk full"), "nobody is disturbed by it");
    press(&mut app, "o");
    let control_r = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
    update(&mut app, Message::Key(control_r));
    assert!(screen(&app).contains("recent files are not kept: disk full"));
}

#[test]
fn a_click_chooses_and_a_second_one_opens() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut app = opened(100, 30);
    let words = screen(&app);
    let line = words.lines().position(|l| l.contains("val_c100_vit")).unwrap();
    let click = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 10,
        row: u16::try_from(line).unwrap(),
        modifiers: KeyModifiers::NONE,
    };
    assert!(update(&mut app, Message::Mouse(click)).is_empty() || picker(&app).cursor == 2);
    assert_eq!(picker(&app).cursor, 2);
    assert!(screen(&app).contains("press c once"));
    let effects = update(&mut app, Message::Mouse(click));
    assert_eq!(path_of_load(&effects).unwrap(), PathBuf::from("val_c100_vit.npy"));
}

#[test]
fn names_from_a_folder_do_not_drive_the_terminal() {
    let mut app = opened(100, 30);
    let mut evil = entry("evil");
    evil.name = "evil\u{1b}]52;c;x\u{7}.npz".into();
    evil.shown = crate::data::printable(&evil.name);
    update(&mut app, Message::Listed(PathBuf::new(), Ok(vec![evil])));
    press(&mut app, "evl");
    let words = screen(&app);
    assert!(words.contains("evil") && !words.contains(['\u{1b}', '\u{7}']), "{words}");
}
