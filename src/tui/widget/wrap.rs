//! Breaking sentences into lines.

use unicode_width::UnicodeWidthStr;

/// `text` in lines of at most `width` columns, broken at blanks; a longer word is left to be cut.
pub(in crate::tui) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.len() - 1;
        let taken = lines[line].width();
        if taken == 0 {
            lines[line].push_str(word);
        } else if taken + 1 + word.width() <= width {
            lines[line].push(' ');
            lines[line].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_lose_no_word() {
        let text = "the model claims more than it knows";
        let lines = wrap(text, 12);
        assert!(lines.iter().all(|l| l.width() <= 12), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("unbreakable", 4), ["unbreakable"]);
    }
}
