//! The Margins screen as text, tab-separated, for the clipboard.

use crate::metrics::Spread;

use super::super::super::state::{MarginView, Session};
use super::super::{format, selective, thresholds};
use super::{TARGETS, all_kept, least, n_rows, unweighted};

/// The quantiles of the margins, how well they rank, and the tables of the view that is shown.
pub(in crate::tui::view) fn text(session: &Session) -> Vec<String> {
    let mut lines = spread_lines(session);
    lines.extend(selective::auroc_text(session));
    lines.extend(match session.place.margins {
        MarginView::Selective => selective::text(session),
        MarginView::Margin => kept_lines(session),
        MarginView::Thresholds => [selective::text(session), thresholds::text(session)].concat(),
    });
    lines
}

/// `, every row as one` where that is to be said.
fn basis(session: &Session) -> String {
    match unweighted(session) {
        "" => String::new(),
        words => format!(", {words}"),
    }
}

fn spread_lines(session: &Session) -> Vec<String> {
    let margin = &session.study.analysis.margin;
    let columns = [&margin.all, &margin.correct, &margin.wrong];
    let line = |name: &str, of: fn(&Spread) -> f64| {
        let cells = columns.map(|spread| format::raw(of(spread)));
        format!("{name}\t{}", cells.join("\t"))
    };
    vec![
        format!("top-two margin in logits{}\tall\tcorrect\twrong", basis(session)),
        line("median", |s| s.quantiles.median()),
        line("p5", |s| s.quantiles.p5()),
        line("p25", |s| s.quantiles.p25()),
        line("p75", |s| s.quantiles.p75()),
        line("p95", |s| s.quantiles.p95()),
        line("max", |s| s.quantiles.max()),
        line("mean", |s| s.mean),
        format!("tied top\t{}", margin.tied_top),
    ]
}

fn kept_lines(session: &Session) -> Vec<String> {
    let kept = all_kept(session);
    let n = n_rows(session);
    let mut lines = vec![format!("error at most{}\tkeeps\tmargin from\terror", basis(session))];
    let cells =
        |k: &super::Kept| [k.coverage(n), k.threshold, k.risk()].map(format::raw).join("\t");
    for target in TARGETS {
        let found = least(&kept, target).map_or_else(|| "none".into(), cells);
        lines.push(format!("{target}\t{found}"));
    }
    let chosen = kept.get(session.place.threshold);
    lines.extend(chosen.map(|k| format!("cursor\t{}", cells(k))));
    lines
}
