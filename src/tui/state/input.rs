//! One line of text with a cursor.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The text and where the next character goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) struct LineInput {
    before: String,
    after: String,
}

impl LineInput {
    /// A line with the cursor at its end.
    pub(in crate::tui) fn new(text: &str) -> Self {
        Self { before: text.to_owned(), after: String::new() }
    }

    /// The whole line.
    pub(in crate::tui) fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }

    /// What stands before and after the cursor.
    pub(in crate::tui) fn halves(&self) -> (&str, &str) {
        (&self.before, &self.after)
    }

    /// Puts text at the cursor; control characters are left out.
    pub(in crate::tui) fn insert(&mut self, text: &str) {
        self.before.extend(text.chars().filter(|c| !c.is_control()));
    }

    /// Edits by one key; false if the key means nothing here.
    pub(in crate::tui) fn edit(&mut self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Char('u') if control => self.before.clear(),
            KeyCode::Char('w') if control => self.delete_word(),
            KeyCode::Char('a') if control => self.home(),
            KeyCode::Char('e') if control => self.end(),
            KeyCode::Char(_) if control => return false,
            KeyCode::Char(c) => self.before.push(c),
            KeyCode::Backspace => drop(self.before.pop()),
            KeyCode::Delete if !self.after.is_empty() => drop(self.after.remove(0)),
            KeyCode::Left => self.after.extend_front(self.before.pop()),
            KeyCode::Right if !self.after.is_empty() => self.before.push(self.after.remove(0)),
            KeyCode::Home => self.home(),
            KeyCode::End => self.end(),
            _ => return false,
        }
        true
    }

    fn home(&mut self) {
        self.before.push_str(&self.after);
        self.after = std::mem::take(&mut self.before);
    }

    fn end(&mut self) {
        let after = std::mem::take(&mut self.after);
        self.before.push_str(&after);
    }

    fn delete_word(&mut self) {
        let kept = self.before.trim_end_matches(['/', ' ']);
        let start = kept.rfind(['/', ' ']).map_or(0, |at| at + 1);
        self.before.truncate(start);
    }
}

/// Adds a character at the front, if there is one.
trait ExtendFront {
    fn extend_front(&mut self, c: Option<char>);
}

impl ExtendFront for String {
    fn extend_front(&mut self, c: Option<char>) {
        if let Some(c) = c {
            self.insert(0, c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(line: &mut LineInput, code: KeyCode) {
        line.edit(KeyEvent::new(code, KeyModifiers::NONE));
    }

    #[test]
    fn text_is_edited_where_the_cursor_is() {
        let mut line = LineInput::new("vl");
        press(&mut line, KeyCode::Left);
        press(&mut line, KeyCode::Char('a'));
        assert_eq!(line.text(), "val");
        press(&mut line, KeyCode::Delete);
        assert_eq!(line.text(), "va");
        press(&mut line, KeyCode::Home);
        press(&mut line, KeyCode::Char('ü'));
        assert_eq!(line.text(), "üva");
        press(&mut line, KeyCode::End);
        press(&mut line, KeyCode::Backspace);
        assert_eq!(line.text(), "üv");
    }

    #[test]
    fn a_word_is_a_part_of_the_path() {
        let mut line = LineInput::new("runs/first/val.csv");
        line.edit(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(line.text(), "runs/first/");
        line.edit(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(line.text(), "runs/");
    }

    #[test]
    fn pasted_control_characters_are_left_out() {
        let mut line = LineInput::default();
        line.insert("a\u{1b}[31mb\n");
        assert_eq!(line.text(), "a[31mb");
    }
}
