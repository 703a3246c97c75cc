//! Typing a temperature.

use crossterm::event::KeyEvent;

use super::super::event::Effect;
use super::super::state::{App, Change, LineInput, Overlay, Prompt};
use super::study;

/// Opens the prompt.
pub(super) fn open(app: &mut App) -> Vec<Effect> {
    app.overlays.push(Overlay::Prompt(Prompt { line: LineInput::default(), error: None }));
    Vec::new()
}

fn prompt_mut(app: &mut App) -> Option<&mut Prompt> {
    match app.overlays.last_mut() {
        Some(Overlay::Prompt(prompt)) => Some(prompt),
        _ => None,
    }
}

/// A key that the table does not know: text, if something is typed.
pub(super) fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if let Some(prompt) = prompt_mut(app)
        && prompt.line.edit(event)
    {
        prompt.error = None;
    }
    Vec::new()
}

/// Pasted text goes to the prompt.
pub(super) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(prompt) = prompt_mut(app) {
        prompt.line.insert(text.trim());
        prompt.error = None;
    }
    Vec::new()
}

/// Enter: sets the temperature; a prompt that is wrong stays with the reason.
pub(super) fn confirm(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = prompt_mut(app) else {
        return Vec::new();
    };
    match prompt.line.text().trim().parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => {
            app.overlays.pop();
            study::set_temperature(app, value, Change::Step)
        }
        _ => {
            prompt.error = Some("a temperature is a finite number above 0, such as 1.5".into());
            Vec::new()
        }
    }
}
