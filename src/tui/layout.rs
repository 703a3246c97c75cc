//! Where everything is: pure functions of the size, used by drawing and by the mouse alike.

use ratatui::layout::Rect;

/// Below this the app says what it needs and draws nothing else.
pub(super) const MIN_SIZE: (u16, u16) = (50, 14);

/// From this height on a rule parts the tabs from the body.
const RULE_FROM: u16 = 20;

/// The rows of every screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parts {
    /// File and slider.
    pub(super) header: Rect,
    /// The tabs.
    pub(super) tabs: Rect,
    /// A rule; empty where rows are scarce.
    pub(super) rule: Rect,
    /// The screen itself.
    pub(super) body: Rect,
    /// The readout.
    pub(super) status: Rect,
    /// The keys.
    pub(super) footer: Rect,
}

/// Cuts the terminal into rows; `None` if it is too small.
pub(super) fn parts(area: Rect) -> Option<Parts> {
    if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
        return None;
    }
    let n_rule = u16::from(area.height >= RULE_FROM);
    let (header, rest) = top(area, 1);
    let (tabs, rest) = top(rest, 1);
    let (rule, rest) = top(rest, n_rule);
    let (body, rest) = top(rest, rest.height - 2);
    let (status, footer) = top(rest, 1);
    Some(Parts { header, tabs, rule, body, status, footer })
}

/// The first `height` rows of `area`, and the others.
pub(super) fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// The last `height` rows of `area` come second, the others first.
pub(super) fn bottom(area: Rect, height: u16) -> (Rect, Rect) {
    top(area, area.height.saturating_sub(height))
}

/// The first `width` columns of `area`, and the others.
pub(super) fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// The last `width` columns come second, the others first.
pub(super) fn right(area: Rect, width: u16) -> (Rect, Rect) {
    left(area, area.width.saturating_sub(width))
}

/// Row `index` of `area`; empty past its end.
pub(super) fn row(area: Rect, index: u16) -> Rect {
    let inside = index < area.height;
    Rect { y: area.y + index.min(area.height), height: u16::from(inside), ..area }
}

/// `area` without `columns` and `rows` on each side.
pub(super) fn inset(area: Rect, columns: u16, rows: u16) -> Rect {
    Rect {
        x: area.x + columns.min(area.width / 2),
        y: area.y + rows.min(area.height / 2),
        width: area.width.saturating_sub(2 * columns),
        height: area.height.saturating_sub(2 * rows),
    }
}

/// `width` x `height` cells in the middle of `area`, smaller where there is no room.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The inside of a panel that [`Pen::panel`](super::widget::Pen::panel) frames.
pub(super) fn inside(panel: Rect) -> Rect {
    inset(panel, 2, 1)
}
