//! The small charts of the Run screen: what each shows, and in which order they give way.

use ratatui::layout::Rect;

use crate::diagnosis::StepStats;
use crate::plot::{Axis, ChartLayout, Ink, Sign, StepChart, StepSeries};
use crate::tui::layout::top;
use crate::tui::state::Group;
use crate::tui::view::{charts, format};
use crate::tui::widget::{Pen, Span, dim_span, span, strong_span};

/// One line of a chart.
pub(super) struct Line {
    name: &'static str,
    ink: Ink,
    sign: Sign,
    of: fn(&StepStats) -> f64,
    words: fn(f64) -> String,
}

/// A number of a step.
type Of = fn(&StepStats) -> f64;

/// An interval of a step.
type IntervalOf = fn(&StepStats) -> Option<[f64; 2]>;

/// One chart.
pub(super) struct StepPlot {
    title: &'static str,
    is_log: bool,
    lines: &'static [Line],
    /// A horizontal line, and its name.
    level: Option<(&'static str, Of)>,
    interval: Option<IntervalOf>,
}

const fn line(
    name: &'static str,
    place: usize,
    of: fn(&StepStats) -> f64,
    words: fn(f64) -> String,
) -> Line {
    let (ink, sign) = match place {
        0 => (Ink::Curve, Sign::Dot),
        1 => (Ink::Curve2, Sign::Ring),
        2 => (Ink::GapOver, Sign::Up),
        _ => (Ink::Accuracy, Sign::UpHollow),
    };
    Line { name, ink, sign, of, words }
}

const fn plot(title: &'static str, is_log: bool, lines: &'static [Line]) -> StepPlot {
    StepPlot { title, is_log, lines, level: None, interval: None }
}

fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

fn whole(value: f64) -> String {
    format::fixed(value, 0)
}

/// All charts; where there is no room for all the first ones are shown.
pub(super) const PLOTS: [StepPlot; 9] = [
    StepPlot {
        level: Some(("ln K", |s| s.ln_classes)),
        ..plot(
            "NLL",
            true,
            &[
                line("T*", 0, |s| or_nan(s.nll_after), format::nats),
                line("T=1", 1, |s| s.nll, format::nats),
            ],
        )
    },
    plot(
        "|c|",
        true,
        &[
            line("p50", 0, |s| s.max_centred.p50, format::logit),
            line("p99", 1, |s| s.max_centred.p99, format::logit),
            line("max", 2, |s| s.max_centred.max, format::logit),
            line("s", 3, |s| s.sd, format::logit),
        ],
    ),
    StepPlot {
        interval: Some(|s| s.temperature_interval),
        ..plot("T*", true, &[line("", 0, |s| or_nan(s.temperature), format::temperature)])
    },
    plot(
        "ECE %",
        false,
        &[
            line("T=1", 0, |s| 100.0 * s.ece, |v| format::fixed(v, 2)),
            line("floor", 1, |s| 100.0 * s.ece_noise_floor, |v| format::fixed(v, 2)),
        ],
    ),
    plot(
        "%",
        false,
        &[
            line("accuracy", 0, |s| 100.0 * s.accuracy, |v| format::fixed(v, 1)),
            line("entropy/ln K", 1, |s| 100.0 * s.entropy_share, |v| format::fixed(v, 1)),
        ],
    ),
    plot(
        "rows %",
        false,
        &[
            line("saturated", 0, |s| 100.0 * s.saturated, |v| format::fixed(v, 1)),
            line("not finite", 1, |s| 100.0 * non_finite_share(s), |v| format::fixed(v, 1)),
        ],
    ),
    plot(
        "shift",
        false,
        &[
            line("mean z", 0, |s| s.mean, format::logit),
            line("mean log Z", 1, |s| s.log_sum_exp, format::logit),
        ],
    ),
    plot("margin", true, &[line("median", 0, |s| s.margin, format::logit)]),
    plot(
        "classes",
        false,
        &[line("never predicted", 0, |s| s.dead_classes.map_or(f64::NAN, |n| n as f64), whole)],
    ),
];

/// Share of all rows whose scores are not finite; 0 without rows.
pub(super) fn non_finite_share(stats: &StepStats) -> f64 {
    let n = stats.rows_non_finite as f64;
    n / (stats.rows as f64 + n).max(1.0)
}

impl StepPlot {
    /// Its words, with the values at the cursor.
    fn head(&self, group: &Group, pen: &Pen<'_>) -> Vec<Span> {
        let theme = pen.theme;
        let stats = group.current().and_then(|m| m.read()).map(|r| &r.step.stats);
        let mut spans = vec![strong_span(theme, format!(" {}", self.title))];
        for line in self.lines {
            let value = stats.map_or_else(String::new, |s| (line.words)((line.of)(s)));
            let sign = theme.tier().sign(line.sign);
            spans.push((format!(" {sign}"), theme.fg(line.ink)));
            let words = [line.name, value.as_str()].join(" ");
            spans.push(span(words.trim().to_owned()));
        }
        if let (Some(interval), Some(stats)) = (self.interval, stats)
            && let Some([low, high]) = interval(stats)
        {
            let [low, high] = [low, high].map(format::temperature);
            spans.push(dim_span(theme, format!("  95 % {low} to {high}")));
        }
        if let Some((name, _)) = self.level {
            spans.push(dim_span(theme, format!(" ─ ─ {name}")));
        }
        spans
    }

    /// Calls `with` with its chart.
    fn with_chart<T>(
        &self,
        group: &Group,
        labels: &[String],
        with: impl FnOnce(&StepChart<'_>) -> T,
    ) -> T {
        let stats: Vec<Option<&StepStats>> =
            group.members.iter().map(|member| member.read().map(|read| &read.step.stats)).collect();
        let values = |of: fn(&StepStats) -> f64| -> Vec<f64> {
            stats.iter().map(|s| s.map_or(f64::NAN, of)).collect()
        };
        let lines: Vec<Vec<f64>> = self.lines.iter().map(|line| values(line.of)).collect();
        let series: Vec<StepSeries<'_>> = self
            .lines
            .iter()
            .zip(&lines)
            .map(|(line, y)| StepSeries { y, ink: line.ink, sign: line.sign })
            .collect();
        let intervals: Vec<Option<[f64; 2]>> = match self.interval {
            Some(of) => stats.iter().map(|s| s.and_then(of)).collect(),
            None => Vec::new(),
        };
        let level = self
            .level
            .map_or(f64::NAN, |(_, of)| stats.iter().flatten().next().map_or(f64::NAN, |s| of(s)));
        let marked: Vec<usize> = group.departures.iter().map(|d| d.index).collect();
        with(&StepChart {
            series: &series,
            labels,
            y: Axis { range: None, is_log: self.is_log },
            level,
            intervals: &intervals,
            marked: &marked,
            cursor: group.cursor,
        })
    }

    /// Draws head and chart.
    pub(super) fn draw(&self, group: &Group, labels: &[String], pen: &mut Pen<'_>, area: Rect) {
        let (head, area) = top(area, 1);
        let words = self.head(group, pen);
        pen.spans(head, &words);
        let (width, height) = charts::size(area);
        let tier = pen.theme.tier();
        let raster = self.with_chart(group, labels, |chart| chart.render(width, height, tier));
        pen.raster(area, &raster);
    }

    /// Where its plot is within `area`.
    pub(super) fn layout(&self, group: &Group, labels: &[String], area: Rect) -> ChartLayout {
        let (width, height) = charts::size(top(area, 1).1);
        self.with_chart(group, labels, |chart| chart.layout(width, height))
    }
}
