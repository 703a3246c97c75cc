//! Breaking sentences into lines.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` in lines of at most `width` columns, broken at blanks; a word that is longer than a line is
/// broken where it must be. At least one line, at least one character on each.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        let Some(line) = lines.last_mut() else {
            continue;
        };
        if line.is_empty() {
            line.push_str(&word);
        } else if line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

/// `text` cut to `width` columns.
pub(super) fn cut(text: &str, width: usize) -> String {
    pieces(text, width.max(1)).into_iter().next().unwrap_or_default()
}

/// The same behind an indent of two columns, which count.
pub(super) fn indented(sentence: &str, width: usize) -> impl Iterator<Item = String> {
    wrap(sentence, width.saturating_sub(2)).into_iter().map(|line| format!("  {line}"))
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let n_columns = c.width().unwrap_or(0);
        if used > 0 && used + n_columns > width {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
        used += n_columns;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_long_words_where_they_must() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("/very/long/path x", 6), ["/very/", "long/p", "ath x"]);
        assert_eq!(wrap("", 6), [""]);
        assert_eq!(wrap("猫猫猫", 4), ["猫猫", "猫"]);
        assert_eq!(cut("confidence", 4), "conf");
    }
}
