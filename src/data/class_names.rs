//! Names of classes, and the rule by which text from files reaches a screen.

/// The names of the K classes, in the order of the logit columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassNames(Vec<String>);

impl ClassNames {
    /// Names as the file has them; they are made [`printable`] here, once.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(|n| printable(n.as_ref())).collect())
    }

    /// All names, in class order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The name of class `class_idx`, or its number where the list is too short.
    pub fn get(&self, class_idx: usize) -> String {
        self.0
            .get(class_idx)
            .cloned()
            .unwrap_or_else(|| class_idx.to_string())
    }
}

/// `text` with every character that could drive a terminal replaced by U+FFFD.
///
/// Text from files is untrusted: an escape sequence in a class name must not reach the terminal.
/// Control characters (C0, C1, DEL) and the bidirectional and invisible format characters go.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if drives_terminal(c) { '\u{FFFD}' } else { c })
        .collect()
}

fn drives_terminal(c: char) -> bool {
    let format = matches!(
        c,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
    );
    c.is_control() || format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_control_characters() {
        assert_eq!(
            printable("a\u{1b}]52;c;x\u{7}b\u{9b}1m"),
            "a\u{FFFD}]52;c;x\u{FFFD}b\u{FFFD}1m"
        );
        assert_eq!(printable("left\u{202e}right"), "left\u{FFFD}right");
        assert_eq!(printable("Größe 猫"), "Größe 猫");
    }
}
