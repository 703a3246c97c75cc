//! The clipboard through the terminal: works over SSH, where no other one does.

use crate::data::to_base64;

/// The escape sequence that asks the terminal to take `text`; inside tmux it is wrapped so that tmux
/// hands it on to the terminal around it.
pub(super) fn sequence(text: &str, in_tmux: bool) -> String {
    let plain = format!("\x1b]52;c;{}\x07", to_base64(text.as_bytes()));
    if in_tmux { format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")) } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_its_escapes_doubled() {
        assert_eq!(sequence("f", false), "\x1b]52;c;Zg==\x07");
        assert_eq!(sequence("f", true), "\x1bPtmux;\x1b\x1b]52;c;Zg==\x07\x1b\\");
    }
}
