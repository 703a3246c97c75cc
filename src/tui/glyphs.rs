//! The last pass over a finished frame: nothing that drives a terminal, nothing it cannot show.

use ratatui::buffer::Buffer;

use crate::data::printable;

/// Replaces control characters in every cell, and with `ascii` everything beyond ASCII.
///
/// Text from files is made printable where it is read; this is the last line of defence for what was
/// forgotten there.
pub(super) fn sweep(buffer: &mut Buffer, ascii: bool) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() && !symbol.bytes().any(|b| b.is_ascii_control()) {
            continue;
        }
        let clean = printable(symbol);
        if ascii {
            let first = clean.chars().next().unwrap_or(' ');
            cell.set_char(to_ascii(first));
        } else if clean != symbol {
            cell.set_symbol(&clean);
        }
    }
}

/// The nearest ASCII character; `?` where there is none.
fn to_ascii(c: char) -> char {
    match c {
        ' '..='~' => c,
        '─' | '━' | '┄' | '–' | '—' | '−' => '-',
        '═' => '=',
        '\u{2800}' | '\u{00A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' => ' ',
        '│' | '┃' | '┊' | '├' | '┤' => '|',
        '┌' | '┐' | '└' | '┘' | '┬' | '┴' | '┼' | '±' => '+',
        '█' | '▇' | '▆' | '▅' | '▄' | '▀' | '▉' | '▊' | '▋' | '▌' | '▐' => {
            '#'
        }
        '░' | '▒' | '▓' => ':',
        '▁' | '▂' | '▃' | '▏' | '▎' | '▍' | '·' | '…' | '•' => '.',
        '●' => 'O',
        '○' | '°' => 'o',
        '◆' | '✗' => 'X',
        '▲' | '↑' => '^',
        '△' => 'c',
        '▼' | '↓' | '✓' => 'v',
        '←' | '◂' | '≤' => '<',
        '→' | '▸' | '≥' => '>',
        '×' => 'x',
        '≈' | '≃' => '~',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        '\u{2801}'..='\u{28FF}' => '*',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_leave() {
        let mut buffer = Buffer::with_lines(["abc"]);
        buffer[(1, 0)].set_symbol("\u{1b}");
        sweep(&mut buffer, false);
        assert_eq!(buffer[(1, 0)].symbol(), "\u{FFFD}");
        buffer[(1, 0)].set_symbol("\u{7}");
        sweep(&mut buffer, true);
        assert_eq!(buffer[(1, 0)].symbol(), "?");
    }

    #[test]
    fn ascii_means_ascii() {
        let mut buffer = Buffer::with_lines(["┌─█⠶●×猫"]);
        sweep(&mut buffer, true);
        assert!(buffer.content.iter().all(|c| c.symbol().is_ascii()));
        assert_eq!(buffer[(0, 0)].symbol(), "+");
    }
}
