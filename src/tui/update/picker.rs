//! The file picker: typing, walking, choosing.

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::super::event::{Effect, Order, Target};
use super::super::folder::Entry;
use super::super::keymap::Motion;
use super::super::services::Preview;
use super::super::state::{App, LineInput, Listing, Overlay, Picker, RowKind, above};
use super::{group, load, moved};

/// Opens the picker on the current folder: of a file to open, or of one to add to the comparison.
pub(super) fn open(app: &mut App, adds: bool) -> Vec<Effect> {
    // From within the picker, and from a dialog over it, there is but one.
    app.overlays.retain(|o| !matches!(o, Overlay::Picker(_)));
    let mut picker = Picker::new(PathBuf::new());
    picker.adds = adds;
    picker.fill();
    app.overlays.push(Overlay::Picker(picker));
    vec![Effect::List(PathBuf::new()), Effect::Recent]
}

fn picker_mut(app: &mut App) -> Option<&mut Picker> {
    app.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Picker(picker) => Some(picker),
        _ => None,
    })
}

/// Makes the list anew and asks for what it lacks.
fn refill(picker: &mut Picker) -> Vec<Effect> {
    picker.fill();
    previews(picker)
}

fn previews(picker: &Picker) -> Vec<Effect> {
    let unseen = picker.unseen();
    let is_wanted = !unseen.is_empty();
    is_wanted.then_some(Effect::Preview(unseen)).into_iter().collect()
}

fn walk(picker: &mut Picker, folder: PathBuf) -> Vec<Effect> {
    picker.walk(folder.clone());
    vec![Effect::List(folder)]
}

/// A key that the table does not know: text.
pub(super) fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let home = app.settings.home.clone();
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    let is_empty = picker.line.text().is_empty();
    match event.code {
        KeyCode::Backspace if is_empty => return folder_up(app),
        KeyCode::Right if is_empty => return walk_into_chosen(app),
        _ => {}
    }
    let slash = KeyEvent::new(KeyCode::Char('/'), KeyModifiers::NONE);
    if event.code == slash.code
        && let Some(folder) = typed_folder(picker, home.as_deref())
    {
        return walk(picker, folder);
    }
    if picker.line.edit(event) {
        return refill(picker);
    }
    Vec::new()
}

/// The folder that a slash after what is typed leads to: the root, the user's own, the one above, or one of the list.
fn typed_folder(picker: &Picker, home: Option<&Path>) -> Option<PathBuf> {
    if picker.shows_recent {
        return None;
    }
    match picker.line.text().as_str() {
        "" => Some(PathBuf::from("/")),
        "~" => home.map(Path::to_path_buf),
        "." => Some(picker.folder.clone()),
        ".." => Some(above(&picker.folder)),
        name if picker.has_folder(name) => Some(picker.folder.join(name)),
        _ => None,
    }
}

/// A pasted path that begins at the root or at home leads to its folder; other text is typed.
pub(super) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    let home = app.settings.home.clone();
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    picker.line.insert(text.trim());
    let text = picker.line.text();
    let absolute = match (text.strip_prefix("~/"), &home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(&text),
    };
    if absolute.is_absolute()
        && let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name())
    {
        let name = name.to_string_lossy().into_owned();
        let effects = walk(picker, folder.to_path_buf());
        picker.line = LineInput::new(&name);
        picker.fill();
        return effects;
    }
    refill(picker)
}

/// Left: in text the cursor moves, else to the folder above.
pub(super) fn left(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    if picker.line.text().is_empty() {
        return folder_up(app);
    }
    picker.line.edit(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE));
    Vec::new()
}

fn folder_up(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    let folder = above(&picker.folder);
    walk(picker, folder)
}

fn walk_into_chosen(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    match picker.chosen().filter(|row| row.kind == RowKind::Folder) {
        Some(row) => {
            let folder = row.path.clone();
            walk(picker, folder)
        }
        None => Vec::new(),
    }
}

/// Tab: the name of the chosen file, or into the chosen folder.
pub(super) fn complete(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    match picker.chosen().map(|row| (row.kind, row.name.clone())) {
        Some((RowKind::Folder, _)) => walk_into_chosen(app),
        Some((RowKind::File, name)) if !picker.shows_recent => {
            picker.line = LineInput::new(&name);
            refill(picker)
        }
        _ => Vec::new(),
    }
}

/// Ctrl-R: recent files, and back.
pub(super) fn recent(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    picker.shows_recent = !picker.shows_recent;
    refill(picker)
}

/// Moves in the list.
pub(super) fn move_cursor(app: &mut App, motion: Motion) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    let last = picker.rows.len().saturating_sub(1);
    picker.cursor = moved(picker.cursor, motion, last, 10);
    previews(picker)
}

/// A click on a row chooses it, a second one is Enter.
pub(super) fn click(app: &mut App, row: usize) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    if picker.cursor == row {
        return confirm(app);
    }
    picker.cursor = row;
    previews(picker)
}

/// Enter.
pub(super) fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    let Some(row) = picker.chosen().cloned() else {
        return Vec::new();
    };
    if row.kind == RowKind::Folder {
        return walk(picker, row.path);
    }
    let adds = picker.adds && app.group.is_some();
    // A dialog below was about another file.
    app.overlays.clear();
    if adds {
        return group::add(app, row.path);
    }
    let target = Target::Path(row.path);
    load(app, Order { target, choice: None })
}

/// A folder was looked through; an answer for another one is dropped.
pub(super) fn on_listed(
    app: &mut App,
    folder: &Path,
    entries: Result<Vec<Entry>, String>,
) -> Vec<Effect> {
    let Some(picker) = picker_mut(app).filter(|picker| picker.folder == folder) else {
        return Vec::new();
    };
    picker.listing = match entries {
        Ok(entries) => Listing::Entries(entries),
        Err(why) => Listing::Failed(why),
    };
    if picker.shows_recent {
        return Vec::new();
    }
    refill(picker)
}

/// The files that were opened last are known.
pub(super) fn on_recent(app: &mut App, recent: Vec<PathBuf>) -> Vec<Effect> {
    let Some(picker) = picker_mut(app) else {
        return Vec::new();
    };
    picker.recent = Some(recent);
    if picker.shows_recent {
        return refill(picker);
    }
    Vec::new()
}

/// A file was looked into.
pub(super) fn on_previewed(app: &mut App, path: PathBuf, preview: Preview) -> Vec<Effect> {
    if let Some(picker) = picker_mut(app) {
        picker.previews.insert(path, preview);
    }
    Vec::new()
}
