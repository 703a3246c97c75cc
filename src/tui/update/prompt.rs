//! Typing a path or a temperature.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use super::super::event::{Effect, Target};
use super::super::state::{App, Change, LineInput, Overlay, Prompt, PromptKind};
use super::{load, study};

/// Opens a prompt.
pub(super) fn open(app: &mut App, kind: PromptKind) -> Vec<Effect> {
    let line = LineInput::default();
    app.overlays.push(Overlay::Prompt(Prompt {
        kind,
        line,
        matches: Vec::new(),
        is_matched: false,
        completes: false,
        error: None,
    }));
    match kind {
        PromptKind::Path => vec![Effect::Complete(String::new())],
        PromptKind::Temperature => Vec::new(),
    }
}

fn prompt_mut(app: &mut App) -> Option<&mut Prompt> {
    match app.overlays.last_mut() {
        Some(Overlay::Prompt(prompt)) => Some(prompt),
        _ => None,
    }
}

/// A key that the table does not know: text, if something is typed.
pub(super) fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let Some(prompt) = prompt_mut(app) else {
        return Vec::new();
    };
    if !prompt.line.edit(event) {
        return Vec::new();
    }
    edited(prompt)
}

/// Pasted text goes to the prompt; elsewhere it means nothing.
pub(super) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    let Some(prompt) = prompt_mut(app) else {
        return Vec::new();
    };
    prompt.line.insert(text.trim());
    edited(prompt)
}

fn edited(prompt: &mut Prompt) -> Vec<Effect> {
    prompt.error = None;
    prompt.is_matched = false;
    prompt.completes = false;
    match prompt.kind {
        PromptKind::Path => vec![Effect::Complete(prompt.line.text())],
        PromptKind::Temperature => Vec::new(),
    }
}

/// Paths came; those for an older text are dropped.
pub(super) fn on_completed(app: &mut App, prefix: &str, matches: Vec<String>) -> Vec<Effect> {
    if let Some(prompt) = prompt_mut(app)
        && prompt.line.text() == prefix
    {
        prompt.matches = matches;
        prompt.is_matched = true;
        if prompt.completes {
            return complete(app);
        }
    }
    Vec::new()
}

/// Tab: takes what all matches have in common, as soon as they are known.
pub(super) fn complete(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = prompt_mut(app) else {
        return Vec::new();
    };
    prompt.completes = !prompt.is_matched;
    if prompt.completes {
        return Vec::new();
    }
    let text = prompt.line.text();
    let Some(common) = common_prefix(&prompt.matches) else {
        return Vec::new();
    };
    if common.len() <= text.len() {
        return Vec::new();
    }
    prompt.line = LineInput::new(&common);
    edited(prompt)
}

fn common_prefix(texts: &[String]) -> Option<String> {
    let mut common = texts.first()?.clone();
    for text in &texts[1..] {
        while !text.starts_with(&common) {
            common.pop();
        }
    }
    Some(common)
}

/// Enter: opens the path or sets the temperature; a prompt that is wrong stays with the reason.
pub(super) fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = prompt_mut(app) else {
        return Vec::new();
    };
    let text = prompt.line.text().trim().to_owned();
    match (prompt.kind, text.parse::<f64>()) {
        (PromptKind::Path, _) if text.is_empty() => {
            prompt.error = Some("type a path, or press Esc".into());
            Vec::new()
        }
        (PromptKind::Path, _) => {
            app.overlays.pop();
            load(app, Target::Path(PathBuf::from(text)))
        }
        (PromptKind::Temperature, Ok(value)) if value.is_finite() && value > 0.0 => {
            app.overlays.pop();
            study::set_temperature(app, value, Change::Step)
        }
        (PromptKind::Temperature, _) => {
            prompt.error = Some("a temperature is a finite number above 0, such as 1.5".into());
            Vec::new()
        }
    }
}
