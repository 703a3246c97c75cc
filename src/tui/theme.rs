//! Colours: what each kind of ink looks like, and whether there is colour at all.
//!
//! Selection is always marked by reversed, bold or a glyph too, never by colour alone. Blue against
//! orange stands for right against wrong: told apart by every kind of colour vision.

use ratatui::style::{Color, Modifier, Style};

use crate::plot::{Ink, Tier};

/// The palette.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ThemeChoice {
    /// The terminal's own sixteen colours: right on light and on dark.
    #[default]
    Terminal,
    /// For a light background.
    Light,
    /// For a dark background.
    Dark,
    /// No colour, only bold, dim and reversed.
    Mono,
}

/// Whether there is colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColourChoice {
    /// Unless `NO_COLOR` is set or the terminal is dumb.
    #[default]
    Auto,
    /// Whatever the environment says.
    Always,
    /// Never.
    Never,
}

/// What the environment says about the terminal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Environment {
    /// `NO_COLOR` is set and not empty.
    pub(super) no_color: bool,
    /// `TERM`.
    pub(super) term: String,
    /// The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set.
    pub(super) locale: String,
}

impl Environment {
    /// Reads the variables.
    pub(super) fn read() -> Self {
        let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        Self {
            no_color: var("NO_COLOR").is_some(),
            term: var("TERM").unwrap_or_default(),
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(var).unwrap_or_default(),
        }
    }

    /// The characters this terminal can be trusted with.
    pub(super) fn tier(&self) -> Tier {
        let locale = self.locale.to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let plain = matches!(self.term.as_str(), "dumb" | "linux" | "");
        if utf8 && !plain { Tier::Braille } else { Tier::Ascii }
    }

    fn has_colour(&self) -> bool {
        !self.no_color && self.term != "dumb"
    }
}

/// Everything a view needs to know to style a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Theme {
    palette: Palette,
    colour: bool,
    tier: Tier,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Palette {
    curve: Color,
    second: Color,
    blue: Color,
    orange: Color,
    green: Color,
    sky: Color,
    purple: Color,
    dim: Color,
    band: Option<Color>,
    on_bar: Color,
}

/// Curves are in the terminal's own foreground: it is the one colour that can be read on any
/// background. There is no sixteen-colour shade that tints both a light and a dark background.
const TERMINAL: Palette = Palette {
    curve: Color::Reset,
    second: Color::Green,
    blue: Color::Blue,
    orange: Color::Yellow,
    green: Color::Green,
    sky: Color::Cyan,
    purple: Color::Magenta,
    dim: Color::DarkGray,
    band: None,
    on_bar: Color::White,
};

/// Okabe and Ito's colours, lighter for dark backgrounds.
const DARK: Palette = Palette {
    curve: Color::Indexed(117),
    second: Color::Indexed(178),
    blue: Color::Indexed(67),
    orange: Color::Indexed(178),
    green: Color::Indexed(72),
    sky: Color::Indexed(80),
    purple: Color::Indexed(175),
    dim: Color::Indexed(245),
    band: Some(Color::Indexed(237)),
    on_bar: Color::Indexed(255),
};

/// The same, darker for light backgrounds.
const LIGHT: Palette = Palette {
    curve: Color::Indexed(25),
    second: Color::Indexed(166),
    blue: Color::Indexed(25),
    orange: Color::Indexed(172),
    green: Color::Indexed(36),
    sky: Color::Indexed(30),
    purple: Color::Indexed(126),
    dim: Color::Indexed(242),
    band: Some(Color::Indexed(254)),
    on_bar: Color::Indexed(231),
};

impl Theme {
    /// Decides from the choices of the command line and the environment.
    pub(super) fn new(
        theme: ThemeChoice,
        colour: ColourChoice,
        ascii: bool,
        environment: &Environment,
    ) -> Self {
        let palette = match theme {
            ThemeChoice::Terminal | ThemeChoice::Mono => TERMINAL,
            ThemeChoice::Light => LIGHT,
            ThemeChoice::Dark => DARK,
        };
        let wanted = match colour {
            ColourChoice::Auto => environment.has_colour(),
            ColourChoice::Always => true,
            ColourChoice::Never => false,
        };
        Self {
            palette,
            colour: wanted && theme != ThemeChoice::Mono,
            tier: if ascii { Tier::Ascii } else { environment.tier() },
        }
    }

    /// Without colour: for text that leaves the screen.
    pub(super) fn plain() -> Self {
        Self { palette: TERMINAL, colour: false, tier: Tier::Braille }
    }

    /// False if bars must be drawn with characters.
    pub(super) fn has_colour(self) -> bool {
        self.colour
    }

    /// The characters charts may use.
    pub(super) fn tier(self) -> Tier {
        self.tier
    }

    /// Foreground of `ink`.
    pub(super) fn fg(self, ink: Ink) -> Style {
        let p = self.palette;
        let style = match ink {
            Ink::Default | Ink::Band | Ink::Diagonal | Ink::Whisker | Ink::Unit => Style::new(),
            Ink::Dim | Ink::Axis | Ink::Grid => return self.dim(),
            Ink::Accuracy | Ink::Correct => Style::new().fg(p.blue),
            Ink::GapOver | Ink::Wrong => Style::new().fg(p.orange),
            Ink::GapUnder => Style::new().fg(p.green),
            Ink::Curve => Style::new().fg(p.curve),
            Ink::Curve2 => Style::new().fg(p.second),
            Ink::Cursor | Ink::Selected => Style::new().fg(p.sky).add_modifier(Modifier::BOLD),
            Ink::Optimum | Ink::IntervalBand | Ink::Marker => {
                Style::new().fg(p.purple).add_modifier(Modifier::BOLD)
            }
        };
        self.strip(style)
    }

    /// Background of `ink`, as a colour.
    pub(super) fn bg(self, ink: Ink) -> Option<Color> {
        let p = self.palette;
        let colour = match ink {
            Ink::Accuracy | Ink::Correct => p.blue,
            Ink::GapOver | Ink::Wrong => p.orange,
            Ink::GapUnder => p.green,
            Ink::Band | Ink::IntervalBand => p.band?,
            _ => return None,
        };
        self.colour.then_some(colour)
    }

    /// The foreground of marks that stand on a bar: light on blue, black on orange, so that they can
    /// be seen on any terminal background.
    pub(super) fn on_bar(self, bg: Ink) -> Option<Color> {
        let colour = match bg {
            Ink::Accuracy | Ink::Correct => self.palette.on_bar,
            Ink::GapOver | Ink::GapUnder | Ink::Wrong => Color::Black,
            _ => return None,
        };
        self.colour.then_some(colour)
    }

    /// Plain text.
    #[expect(clippy::unused_self, reason = "what a theme does not colour today, it may tomorrow")]
    pub(super) fn text(self) -> Style {
        Style::new()
    }

    /// Text of less weight. With the terminal's own colours the `dim` attribute would be lost on
    /// some and too faint on others, so a colour is used where there is one.
    pub(super) fn dim(self) -> Style {
        if self.colour {
            Style::new().fg(self.palette.dim)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// Titles and names.
    #[expect(clippy::unused_self, reason = "as with `text`")]
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What must be seen: the verdict, warnings, the `~` of interpolated figures.
    pub(super) fn alert(self) -> Style {
        self.strip(Style::new().fg(self.palette.purple).add_modifier(Modifier::BOLD))
    }

    /// Keys in footer and help.
    pub(super) fn key(self) -> Style {
        self.strip(Style::new().fg(self.palette.sky).add_modifier(Modifier::BOLD))
    }

    /// The chosen tab or row.
    #[expect(clippy::unused_self, reason = "as with `text`")]
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The border of a panel.
    pub(super) fn border(self, focused: bool) -> Style {
        if focused { self.key() } else { self.dim() }
    }

    fn strip(self, style: Style) -> Style {
        if self.colour {
            return style;
        }
        Style { fg: None, bg: None, ..style }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(term: &str, locale: &str, no_color: bool) -> Environment {
        Environment { no_color, term: term.into(), locale: locale.into() }
    }

    #[test]
    fn ascii_where_unicode_cannot_be_trusted() {
        let tier = |term, locale| environment(term, locale, false).tier();
        assert_eq!(tier("xterm-256color", "C.UTF-8"), Tier::Braille);
        assert_eq!(tier("xterm", "de_DE.utf8"), Tier::Braille);
        assert_eq!(tier("xterm", "C"), Tier::Ascii);
        assert_eq!(tier("linux", "C.UTF-8"), Tier::Ascii);
        assert_eq!(tier("dumb", "C.UTF-8"), Tier::Ascii);
    }

    #[test]
    fn without_colour_no_style_has_one() {
        let plain = environment("xterm", "C.UTF-8", true);
        let theme = Theme::new(ThemeChoice::Dark, ColourChoice::Auto, false, &plain);
        let styles = [
            theme.fg(Ink::Accuracy),
            theme.fg(Ink::Cursor),
            theme.dim(),
            theme.alert(),
            theme.key(),
            theme.selected(),
            theme.border(true),
        ];
        assert!(styles.iter().all(|s| s.fg.is_none() && s.bg.is_none()));
        assert_eq!(theme.bg(Ink::Accuracy), None);
        let forced = Theme::new(ThemeChoice::Dark, ColourChoice::Always, false, &plain);
        assert!(forced.has_colour());
    }
}
