//! Keys and chords, and how they are written.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key or chord.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

pub(super) const fn key(code: KeyCode) -> Chord {
    Chord { code, modifiers: KeyModifiers::NONE }
}

pub(super) const fn char(c: char) -> Chord {
    key(KeyCode::Char(c))
}

pub(super) const fn ctrl(c: char) -> Chord {
    Chord { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL }
}

pub(super) const fn shift(code: KeyCode) -> Chord {
    Chord { code, modifiers: KeyModifiers::SHIFT }
}

impl Chord {
    /// True if `event` is this key. Shift is part of a printed character already, so it does not
    /// count there; terminals differ in whether they report it.
    pub(super) fn matches(self, event: KeyEvent) -> bool {
        let mut modifiers = event.modifiers;
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        event.code == self.code && modifiers == self.modifiers
    }

    /// The key as help and footer print it.
    pub(in crate::tui) fn label(self) -> String {
        let name = match self.code {
            KeyCode::Char(c) if self.modifiers == KeyModifiers::CONTROL => {
                return format!("Ctrl-{}", c.to_ascii_uppercase());
            }
            KeyCode::Char(c) => return c.to_string(),
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            KeyCode::PageUp => "PgUp",
            KeyCode::PageDown => "PgDn",
            KeyCode::Home => "Home",
            KeyCode::End => "End",
            KeyCode::Enter => "Enter",
            KeyCode::Esc => "Esc",
            KeyCode::Tab => "Tab",
            KeyCode::BackTab => "Shift-Tab",
            _ => "?",
        };
        if self.modifiers == KeyModifiers::SHIFT {
            return format!("Shift{name}");
        }
        name.to_owned()
    }
}
