//! Names of classes, and the rule by which text from files reaches a screen.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The names of the K classes, in the order of the logit columns. How that order was found makes no two lists differ.
#[derive(Clone, Eq, Debug)]
pub struct ClassNames {
    names: Vec<String>,
    /// True if nothing but the alphabet says which name belongs to which column.
    is_sorted: bool,
}

impl PartialEq for ClassNames {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl ClassNames {
    /// Names as the file has them; they are made [`printable`] here, once.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().map(|n| printable(n.as_ref())).collect(), is_sorted: false }
    }

    /// The same names, of labels that were put in the order of the alphabet for want of a better one.
    #[must_use]
    pub fn sorted_by_us(self, is_sorted: bool) -> Self {
        Self { is_sorted, ..self }
    }

    /// True if nothing but the alphabet says which name belongs to which column.
    pub fn are_sorted_by_us(&self) -> bool {
        self.is_sorted
    }

    /// All names, in class order.
    pub fn as_slice(&self) -> &[String] {
        &self.names
    }

    /// The name of class `class_idx`, or its number where the list is too short.
    pub fn get(&self, class_idx: usize) -> String {
        self.names.get(class_idx).cloned().unwrap_or_else(|| class_idx.to_string())
    }
}

/// Marks on one character, at most: no script stacks more, and a terminal draws them over the lines around.
const MAX_MARKS: usize = 6;

/// `text` with every character that could drive a terminal replaced by U+FFFD.
///
/// Text from files is untrusted: an escape sequence in a class name must not reach the terminal.
/// Control characters (C0, C1, DEL) and the bidirectional and invisible format characters go, tags and the soft hyphen
/// among them; of the marks on a character no more than some stay, with one U+FFFD for the rest.
pub fn printable(text: &str) -> String {
    let mut n_marks = 0;
    let mut shown = |c: char| {
        if drives_terminal(c) {
            n_marks = 0;
            return Some('\u{FFFD}');
        }
        n_marks = if c.width() == Some(0) { n_marks + 1 } else { 0 };
        match n_marks {
            0..=MAX_MARKS => Some(c),
            n => (n == MAX_MARKS + 1).then_some('\u{FFFD}'),
        }
    };
    text.chars().filter_map(&mut shown).collect()
}

/// Columns of a name within a sentence, at most.
const MAX_NAME: usize = 48;

/// A name as it stands in a sentence: of a very long one the beginning.
pub fn short_name(name: &str) -> String {
    if name.width() <= MAX_NAME {
        return name.to_owned();
    }
    let mut n_columns = 0;
    let mut fits = |c: &char| {
        n_columns += c.width().unwrap_or(0);
        n_columns <= MAX_NAME - 3
    };
    name.chars().take_while(|c| fits(c)).collect::<String>() + "..."
}

fn drives_terminal(c: char) -> bool {
    let format = matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
    );
    c.is_control() || format
}

/// `text` as a cell of a table that a spreadsheet may open: what it would take for a formula begins with an apostrophe.
/// A number stays one.
pub fn spreadsheet_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && text.trim().parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    }
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
        for hidden in ['\u{AD}', '\u{61C}', '\u{180E}', '\u{E0000}', '\u{E0041}', '\u{E007F}'] {
            assert_eq!(printable(&format!("a{hidden}b")), "a\u{FFFD}b");
        }
    }

    #[test]
    fn marks_are_bounded_and_those_of_real_scripts_stay() {
        let tower = format!("a{}b{}", "\u{301}".repeat(5000), "\u{301}".repeat(2));
        let shown = printable(&tower);
        assert_eq!(shown.chars().filter(|c| *c == '\u{301}').count(), MAX_MARKS + 2);
        assert_eq!(shown.chars().filter(|c| *c == '\u{FFFD}').count(), 1);
        // Vietnamese, taken apart; Hebrew with points and accents; Thai; a family of emoji variants.
        for name in [
            "ti\u{302}\u{301}ng",
            "\u{5D1}\u{5BC}\u{5B0}\u{5E8}\u{5B5}\u{591}",
            "\u{E17}\u{E35}\u{E48}",
            "\u{2764}\u{FE0F}",
        ] {
            assert_eq!(printable(name), name);
        }
    }

    #[test]
    fn a_long_name_is_cut_in_a_sentence() {
        assert_eq!(short_name("cat"), "cat");
        assert_eq!(short_name(&"n".repeat(3000)), "n".repeat(45) + "...");
        assert_eq!(short_name(&"猫".repeat(30)), "猫".repeat(22) + "...");
        assert_eq!(short_name(&"猫".repeat(24)), "猫".repeat(24));
    }

    #[test]
    fn a_cell_is_no_formula_and_a_number_stays_one() {
        for formula in ["=1+1", "+cmd|' /C calc'!A0", "-x", "@SUM(1)", "\t=1"] {
            assert_eq!(spreadsheet_cell(formula), format!("'{formula}"));
        }
        for plain in ["-1", "+1.5e3", "-inf", "cat", "a=b", ""] {
            assert_eq!(spreadsheet_cell(plain), plain);
        }
    }
}
