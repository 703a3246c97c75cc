//! What `y` copies of the screens of one study: the numbers on screen, unrounded and tab-separated.

use super::super::super::state::{Chart, Screen, Session};
use super::super::super::theme::Theme;
use super::super::{charts, classes, curves, format, margins, measures, methods};
use super::{Column, all_figures, basis, columns, metrics_columns};
use crate::report;

/// The figures of the screen as text, tab-separated, for the clipboard.
pub(in crate::tui) fn figures(session: &Session) -> String {
    let info = &session.study.info;
    let mut lines = vec![format!(
        "{}\t{} rows\t{} {}\tT {}\tT* {}",
        info.path,
        session.study.counts.used,
        info.n_scores(),
        info.scores_word(),
        session.t(),
        session.star().map_or("none".into(), |t| t.value().to_string())
    )];
    lines.extend(session.study.first.as_ref().map(report::covered));
    match session.place.screen {
        Screen::Reliability => {
            lines.extend(match session.place.chart {
                Chart::Bars | Chart::Dots => bin_lines(session),
                Chart::Corp => curves::corp_text(session),
                Chart::ByBins => curves::by_bins_text(session),
            });
            lines.extend(metric_lines(session));
            lines.extend(measure_lines(session, &metrics_columns(session)));
        }
        Screen::Margins => lines.extend(margins::text(session)),
        Screen::Classes => lines.extend(classes::text(session)),
        Screen::Temperature if session.place.shows_methods => {
            lines.extend(session.extras.methods.iter().flat_map(|m| methods::text(m)));
        }
        _ => lines.extend(metric_lines(session)),
    }
    lines.join("\n") + "\n"
}

fn metric_lines(session: &Session) -> Vec<String> {
    let columns = columns(session, true);
    let head = columns.iter().map(|c| {
        let rough = if c.is_rough { " (interpolated)" } else { "" };
        format!("{}, {}{rough}", c.head, basis(session, c, true))
    });
    let mut lines =
        vec![std::iter::once("figure".into()).chain(head).collect::<Vec<_>>().join("\t")];
    for (name, value) in all_figures(&session.study.info) {
        let cells = columns.iter().map(|c| value(&c.figures.metrics));
        lines.push(std::iter::once(name.into()).chain(cells).collect::<Vec<_>>().join("\t"));
    }
    lines
}

fn measure_lines(session: &Session, columns: &[Column<'_>]) -> Vec<String> {
    let heads = columns.iter().map(|c| c.head.clone());
    let head = std::iter::once("measure".to_owned()).chain(heads);
    let mut lines = vec![head.collect::<Vec<_>>().join("\t")];
    for row in measures::rows(session, Theme::plain(), columns) {
        let cells = row.cells.into_iter().map(|cell| cell.0);
        let cells = std::iter::once(row.name.to_owned()).chain(cells);
        lines.push(cells.collect::<Vec<_>>().join("\t"));
    }
    lines
}

/// The bins at the cursor's temperature, each with the interval that its whisker shows.
fn bin_lines(session: &Session) -> Vec<String> {
    let [probability, outcome] = charts::axis_words(session);
    let mut lines =
        vec![format!("low\thigh\tcount\t{outcome}\t{probability}\tinterval from\tinterval to")];
    for bin in &session.figures.cursor.reliability.bins {
        let [from, to] = bin.interval.unwrap_or([f64::NAN; 2]);
        let cells = [bin.accuracy, bin.confidence, from, to].map(format::raw);
        lines.push(format!("{}\t{}\t{}\t{}", bin.low, bin.high, bin.count, cells.join("\t")));
    }
    lines
}
