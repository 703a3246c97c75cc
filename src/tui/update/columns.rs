//! The Columns dialog: choosing, opening as it was chosen, remembering.

use crossterm::event::KeyEvent;

use super::super::choice::{Choice, Field};
use super::super::event::{Effect, Order, Target};
use super::super::keymap::{Action, Motion};
use super::super::services::Choices;
use super::super::state::{
    Activity, App, Columns, ColumnsRow, How, LineInput, Origin, Overlay, Prompt,
};
use super::{load, moved, name_of};
use crate::report::number::counted;

/// Opens the dialog for the file of the message, of the screen, or of the home screen's line.
pub(super) fn open(app: &mut App) -> Vec<Effect> {
    let Some(columns) = subject(app) else {
        app.notice = Some("there is nothing to choose in the bundled sample".into());
        return Vec::new();
    };
    let target = columns.target.clone();
    app.overlays.push(Overlay::Columns(Box::new(columns)));
    vec![Effect::Offer(target)]
}

/// What the dialog is about; `None` for the sample.
fn subject(app: &App) -> Option<Columns> {
    let (target, how, info, failure) = match (&app.activity, app.shown()) {
        (Activity::Failed(target, failure, how), _) => {
            (target.clone(), how.clone(), None, Some(failure.clone()))
        }
        (_, Some(session)) => {
            let info = session.study.info.clone();
            (session.target.clone(), session.how.clone(), Some(info), None)
        }
        (_, None) => {
            let chosen = app.home.chosen()?;
            (Target::Path(chosen.path.clone()), How::default(), None, None)
        }
    };
    (target != Target::Sample).then(|| Columns {
        name: name_of(app, &target),
        target,
        how,
        info,
        failure,
        found: None,
        rows: Vec::new(),
        cursor: 0,
        note: None,
        typed: None,
    })
}

fn columns_mut(app: &mut App) -> Option<&mut Columns> {
    app.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Columns(columns) => Some(&mut **columns),
        _ => None,
    })
}

/// The file was looked at; an answer for another one is dropped.
pub(super) fn on_offered(app: &mut App, target: &Target, found: Result<Choices, String>) {
    let flags = app.settings.flags.clone();
    if let Some(columns) = columns_mut(app).filter(|columns| columns.target == *target) {
        columns.take(found, &flags);
    }
}

/// What a key does in the dialog.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(columns) = columns_mut(app) else {
        return Vec::new();
    };
    columns.note = None;
    match action {
        Action::Move(motion) => move_cursor(columns, motion),
        Action::NextOption => turn(columns, 1),
        Action::PreviousOption => turn(columns, -1),
        Action::Remember => return remember(columns),
        Action::Forget => return forget(columns),
        Action::TypeText => start_typing(columns),
        Action::Confirm if columns.typed.is_some() => accept(columns),
        Action::Confirm => return confirm(app),
        _ => {}
    }
    Vec::new()
}

fn move_cursor(columns: &mut Columns, motion: Motion) {
    let last = columns.rows.len().saturating_sub(1);
    columns.cursor = moved(columns.cursor, motion, last, 5);
}

/// A line whose value is typed: with what is chosen there, to be changed.
fn start_typing(columns: &mut Columns) {
    let Some(row) = columns.rows.get(columns.cursor) else {
        return;
    };
    if !row.field.is_typed() {
        columns.note = Some("this line has candidates: ←→ takes another".into());
        return;
    }
    let text = match (&row.chosen().pick, row.field) {
        (Some(pick), Field::Split) if !pick.select.contains('=') => format!("{}=", pick.select),
        (Some(pick), _) => pick.select.clone(),
        (None, _) => String::new(),
    };
    columns.typed = Some(Prompt { line: LineInput::new(&text), error: None });
}

/// Takes what was typed; what cannot be understood stays, with the reason.
fn accept(columns: &mut Columns) {
    let (Some(typed), Some(row)) = (&mut columns.typed, columns.rows.get_mut(columns.cursor))
    else {
        return;
    };
    let text = typed.line.text().trim().to_owned();
    typed.error = (!text.is_empty()).then(|| row.field.complaint(&text)).flatten();
    if typed.error.is_none() {
        row.set(&text);
        columns.typed = None;
    }
}

/// A key that the table does not know: text, if something is typed.
pub(super) fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if let Some(typed) = columns_mut(app).and_then(|columns| columns.typed.as_mut())
        && typed.line.edit(event)
    {
        typed.error = None;
    }
    Vec::new()
}

/// Pasted text goes to the line that is typed.
pub(super) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(typed) = columns_mut(app).and_then(|columns| columns.typed.as_mut()) {
        typed.line.insert(text.trim());
        typed.error = None;
    }
    Vec::new()
}

/// Esc while something is typed: the line is as it was. False if nothing is typed.
pub(super) fn stop_typing(app: &mut App) -> bool {
    match app.overlays.last_mut() {
        Some(Overlay::Columns(columns)) => columns.typed.take().is_some(),
        _ => false,
    }
}

/// The next candidate, around the end.
fn turn(columns: &mut Columns, step: isize) {
    if let Some(row) = columns.rows.get_mut(columns.cursor) {
        let n = row.options.len();
        row.at = row.at.checked_add_signed(step).unwrap_or(n - 1) % n;
    }
}

/// A click on a line chooses it, a second one takes its next candidate, or types where there is none. What is being
/// typed is not lost by a click.
pub(in crate::tui) fn click(app: &mut App, line: usize) {
    let Some(columns) = columns_mut(app).filter(|columns| columns.typed.is_none()) else {
        return;
    };
    columns.note = None;
    if columns.cursor != line {
        columns.cursor = line;
        return;
    }
    let only_typed = |row: &ColumnsRow| row.field.is_typed() && row.options.len() == 1;
    if columns.rows.get(line).is_some_and(only_typed) {
        start_typing(columns);
    } else {
        turn(columns, 1);
    }
}

/// Enter: opens the file as it is chosen, if that is another way than before.
fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(columns) = columns_mut(app) else {
        return Vec::new();
    };
    let choice = columns.choice();
    let (is_read, is_same) = (columns.info.is_some(), choice == columns.how.choice);
    if columns.rows.is_empty() || is_same && columns.failure.is_some() {
        columns.note = Some("nothing is chosen yet: ↑↓ a line, ←→ what it is".into());
        return Vec::new();
    }
    let target = columns.target.clone();
    app.overlays.retain(|overlay| !matches!(overlay, Overlay::Columns(_)));
    if is_same && is_read {
        return Vec::new();
    }
    let choice = Some(choice);
    load(app, Order { target, choice })
}

fn remember(columns: &mut Columns) -> Vec<Effect> {
    let choice = columns.choice();
    let Some(Ok(Choices { offer, remembered })) = &columns.found else {
        return Vec::new();
    };
    if choice.is_empty() {
        columns.note = Some("nothing to remember: everything is left to the program".into());
        return Vec::new();
    }
    if remembered.as_ref() == Some(&choice) {
        columns.note = Some("this is remembered already".into());
        return Vec::new();
    }
    vec![Effect::Remember(offer.schema.clone(), Some(choice))]
}

fn forget(columns: &mut Columns) -> Vec<Effect> {
    match &columns.found {
        Some(Ok(Choices { offer, remembered })) if remembered.is_some() => {
            vec![Effect::Remember(offer.schema.clone(), None)]
        }
        _ => {
            columns.note = Some("nothing is remembered for files with these columns".into());
            Vec::new()
        }
    }
}

/// A choice was remembered or forgotten, or why not.
pub(super) fn on_remembered(app: &mut App, is_kept: bool, done: Result<(), String>) {
    let words = columns_mut(app).map(|columns| match done {
        Ok(()) if is_kept => kept(columns),
        Ok(()) => forgotten(columns),
        Err(why) => format!("not done: {why}"),
    });
    if let (Some(columns), Some(words)) = (columns_mut(app), words) {
        columns.note = Some(words);
    }
}

fn kept(columns: &mut Columns) -> String {
    let choice = columns.choice();
    let n_columns = match &mut columns.found {
        Some(Ok(choices)) => {
            choices.remembered = Some(choice);
            choices.offer.n_columns
        }
        _ => 0,
    };
    let columns = counted(n_columns as u64, "column");
    format!("remembered for files with the same {columns}; Enter opens this one so")
}

/// What came from the memory alone is no longer chosen.
fn forgotten(columns: &mut Columns) -> String {
    let remembered: Option<Choice> = match &mut columns.found {
        Some(Ok(choices)) => choices.remembered.take(),
        _ => None,
    };
    let was_remembered = columns.how.origin == Origin::Remembered;
    if was_remembered && remembered.as_ref() == Some(&columns.how.choice) {
        columns.clear();
        return "forgotten; Enter reads the file as it is guessed".into();
    }
    "forgotten".into()
}
