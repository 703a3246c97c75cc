//! Text in markup: escaped, measured and cut. The only place where text becomes markup.

use unicode_width::UnicodeWidthChar;

use crate::data::printable;

/// What stands for the part that has no room.
const CUT: &str = "...";

/// Sizes of the font that are left of a name, at least.
const LEAST_NAME: f64 = 8.0;

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

/// Width of `text` at a font size. Which font the reader has is not known: this is that of `DejaVu` Sans, the widest of
/// those that stand in for Helvetica.
pub(super) fn width(text: &str, size: f64) -> f64 {
    size * text.chars().map(advance).sum::<f64>()
}

/// Share of the font size that a character takes.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | 'I' | 'J' => 0.3,
        '|' | '.' | ',' | ':' | ';' | '/' | '\\' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '!' => 0.41,
        'm' | 'W' | '%' | '@' => 1.0,
        'M' | 'w' | '#' | '+' | '<' | '=' | '>' | '^' | '~' => 0.87,
        'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'U' | '&' => 0.79,
        'A'..='Z' => 0.7,
        c if c.is_ascii() => 0.64,
        // Other scripts are told by what they take in a terminal alone.
        c => [0.0, 1.1, 1.4][c.width().unwrap_or(0).min(2)],
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

/// A text of which a name may be cut, but none of the numbers around it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::report) struct Caption {
    /// What stands before the name, or all of it.
    pub(super) before: String,
    pub(super) name: String,
    pub(super) after: String,
}

impl From<&str> for Caption {
    fn from(text: &str) -> Self {
        Self { before: text.to_owned(), ..Self::default() }
    }
}

impl From<String> for Caption {
    fn from(before: String) -> Self {
        Self { before, ..Self::default() }
    }
}

impl Caption {
    /// Room of the whole text.
    pub(super) fn width(&self, size: f64) -> f64 {
        [&self.before, &self.name, &self.after].into_iter().map(|text| width(text, size)).sum()
    }

    /// Room in which a little of the name is left.
    pub(super) fn least(&self, size: f64) -> f64 {
        let around = width(&self.before, size) + width(&self.after, size);
        around + width(&self.name, size).min(LEAST_NAME * size)
    }

    /// The text in `room`: of the name its end, which tells a path from others.
    pub(super) fn within(&self, size: f64, room: f64) -> String {
        let around = width(&self.before, size) + width(&self.after, size);
        [&self.before, &end(&self.name, size, room - around), &self.after]
            .map(String::as_str)
            .concat()
    }
}

/// `text` in lines that fit into `room`, broken at blanks. Of a word that is longer, as a path may be, the end is kept.
pub(super) fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + width(" ", size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(end(word, size, room)),
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
        // The number stays, and so does what tells the path from others.
        let about = lines(&format!("{path}: 1,234 rows"), 11.0, 90.0);
        assert_eq!(about.len(), 2);
        assert!(about[0].starts_with(CUT) && about[0].ends_with("val.parquet:"), "{about:?}");
        assert_eq!(about[1], "1,234 rows");
    }

    #[test]
    fn of_a_caption_the_name_is_cut_and_nothing_else() {
        let caption = Caption {
            before: "2: ".to_owned(),
            name: "runs/2024/resnet/val.parquet".to_owned(),
            after: ", T = 4.287".to_owned(),
        };
        for room in [caption.least(11.0), 150.0, 200.0] {
            let cut = caption.within(11.0, room);
            assert!(width(&cut, 11.0) <= room + 1e-9, "{cut}");
            assert!(cut.starts_with("2: ...") && cut.ends_with("t, T = 4.287"), "{cut}");
        }
        assert_eq!(caption.within(11.0, 1000.0), "2: runs/2024/resnet/val.parquet, T = 4.287");
        assert!((Caption::from("ECE").width(11.0) - width("ECE", 11.0)).abs() < 1e-9);
    }
}
