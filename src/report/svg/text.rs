//! Text in markup: escaped, measured and cut. The only place where text becomes markup.

use unicode_width::UnicodeWidthChar;

use crate::data::printable;

/// What stands for the part that has no room.
const CUT: &str = "...";

/// `text` as it is to be read: no character of it is markup, in content as in a quoted attribute, none is a control
/// character, and none is forbidden in XML.
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // A reader of XML may refuse the whole file for one of these.
            '\u{FFFE}' | '\u{FFFF}' => safe.push('\u{FFFD}'),
            c => safe.push(c),
        }
    }
    safe
}

/// Width of `text` at a font size, as a font like Helvetica sets it: which one the reader has is not known, so a little
/// more than less.
pub(super) fn width(text: &str, size: f64) -> f64 {
    size * text.chars().map(advance).sum::<f64>()
}

/// Share of the font size that a character takes.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '|' | '\'' | '.' | ',' | ':' | ';' | '!' | ' ' | 'I' => 0.28,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.36,
        'm' | 'M' | 'w' | 'W' | '%' | '@' => 0.88,
        'A'..='Z' | '&' | '=' | '+' | '<' | '>' | '~' => 0.7,
        c if c.is_ascii() => 0.56,
        c => 0.65 * c.width().unwrap_or(0) as f64,
    }
}

/// As much of the beginning of `text` as fits into `room`.
pub(super) fn beginning(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = width(CUT, size);
    let fits = |c: &char| {
        used += size * advance(*c);
        used <= room
    };
    text.chars().take_while(fits).collect::<String>() + CUT
}

/// As much of the end of `text` as fits into `room`: of a path the part that tells it from others.
pub(super) fn end(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = width(CUT, size);
    let fits = |c: &char| {
        used += size * advance(*c);
        used <= room
    };
    let kept: Vec<char> = text.chars().rev().take_while(fits).collect();
    CUT.chars().chain(kept.into_iter().rev()).collect()
}

/// `text` in lines that fit into `room`, broken at blanks.
pub(super) fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + width(" ", size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(beginning(word, size, room)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escaped("<a href=\"x\" onclick='y'>&amp;\u{1b}\n</a>"),
            "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;amp;\u{FFFD}\u{FFFD}&lt;/a&gt;"
        );
        assert_eq!(escaped("a\u{FFFE}\u{FFFF}\u{202E}b"), "a\u{FFFD}\u{FFFD}\u{FFFD}b");
    }

    #[test]
    fn text_is_cut_to_its_room_at_either_end() {
        let path = "runs/2024/resnet/val.parquet";
        for room in [20.0, 50.0, 90.0] {
            let (first, last) = (beginning(path, 11.0, room), end(path, 11.0, room));
            assert!(width(&first, 11.0) <= room && width(&last, 11.0) <= room);
            assert!(path.starts_with(first.trim_end_matches('.')));
            assert!(path.ends_with(last.trim_start_matches('.')));
        }
        assert_eq!(end(path, 11.0, 1000.0), path);
        let all = lines("one two three four", 11.0, 60.0);
        assert!(all.len() > 1 && all.join(" ") == "one two three four");
    }
}
