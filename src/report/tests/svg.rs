//! Figures as SVG: what they show stands where its numbers say, nothing leaves the paper, nothing from a file becomes
//! markup.

use super::examples::{Labels, all_states, options, simple};
use super::html::{HOSTILE, check, hostile};
use crate::metrics::Figures;
use crate::report::{Chart, ComparedRun, Comparison, Size, compare_figure, figure};

/// The numbers of attributes called `name` among the elements of a class, in order.
fn attributes(page: &str, class: &str, name: &str) -> Vec<f64> {
    let (class, name) = (format!("class=\"{class}\""), format!(" {name}=\""));
    let elements = page.split('<').filter(|element| element.contains(&class));
    // A sample in the legend may be drawn by another element.
    let value = |element: &str| {
        let (_, rest) = element.split_once(&name)?;
        Some(rest.split('"').next().expect("an end").parse().expect("a number"))
    };
    elements.filter_map(value).collect()
}

/// The points of the paths of a class.
fn paths(page: &str, class: &str) -> Vec<Vec<[f64; 2]>> {
    let class = format!("<path class=\"{class}\" d=\"");
    let point = |text: &str| {
        let (x, y) = text.trim().split_once(' ').expect("two numbers");
        [x, y].map(|number| number.parse().expect("a number"))
    };
    let path = |rest: &str| {
        let d = rest.split('"').next().expect("an end");
        d.split(['M', 'L']).skip(1).map(point).collect()
    };
    page.split(&class).skip(1).map(path).collect()
}

/// The curve of a class: its sample in the legend is shorter.
fn curve(page: &str, class: &str) -> Vec<[f64; 2]> {
    paths(page, class).into_iter().max_by_key(Vec::len).expect("a curve")
}

/// Ends of the diagonal of every panel: where 0 and 1 stand.
fn plots(page: &str) -> Vec<[[f64; 2]; 2]> {
    let ends = paths(page, "diagonal").into_iter();
    // The legend has a sample of it, which is level.
    ends.map(|line| [line[0], line[1]]).filter(|[from, to]| from[1] > to[1]).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 0.11, "{a} {b}: positions have one decimal");
}

fn heights(figures: &Figures) -> Vec<f64> {
    let bins = figures.reliability.bins.iter();
    bins.filter(|bin| !bin.is_empty()).map(|bin| bin.accuracy).collect()
}

#[test]
fn bars_are_as_high_as_their_accuracies() {
    let study = simple(400, Labels::AtTemperature(2.0));
    let page = figure(&study, Chart::Reliability, None).expect("rows");
    check("reliability", &page);
    let plots = plots(&page);
    let sides = [&study.analysis.before, study.analysis.after.as_ref().expect("a temperature")];
    assert_eq!(plots.len(), 2);
    // Pale ones are bars too.
    let bars: Vec<&str> = page.split("<rect ").filter(|e| e.starts_with("class=\"bar")).collect();
    let number = |bar: &str, name: &str| -> f64 {
        let (_, rest) = bar.split_once(&format!(" {name}=\"")).expect("the attribute");
        rest.split('"').next().expect("an end").parse().expect("a number")
    };
    let mut n_seen = 0;
    for (side, [zero, one]) in sides.into_iter().zip(plots) {
        let within = |bar: &&&str| (zero[0] - 0.1..one[0]).contains(&number(bar, "x"));
        let drawn: Vec<&&str> = bars.iter().filter(within).collect();
        let expected = heights(side);
        assert_eq!(drawn.len(), expected.len());
        for (bar, accuracy) in drawn.iter().zip(expected) {
            close(number(bar, "height"), accuracy * (zero[1] - one[1]));
            close(number(bar, "y") + number(bar, "height"), zero[1]);
        }
        n_seen += drawn.len();
    }
    assert!(n_seen >= 10);
    for side in sides {
        let ece = format!("ECE {:.2} %", side.metrics.ece * 100.0);
        assert!(page.contains(&ece), "{ece}");
    }
}

#[test]
fn curves_go_through_their_numbers() {
    let study = simple(400, Labels::AtTemperature(2.0));
    let t = study.analysis.fit.temperature.expect("a temperature");
    let page = figure(&study, Chart::Temperature, None).expect("a curve");
    let lowest = curve(&page, "curve");
    let lowest = lowest.iter().max_by(|a, b| a[1].total_cmp(&b[1])).expect("points");
    // The minimum of the curve on the evaluated rows is close to the fitted temperature, where its line stands.
    let line = attributes(&page, "optimum", "x1")[0];
    assert!((lowest[0] - line).abs() < 12.0, "{} {line} of {t}", lowest[0]);
    let dots = attributes(&page, "dot optimum-dot", "cx");
    close(dots[0], line);

    let page = figure(&study, Chart::Risk, None).expect("rows");
    let curve = curve(&page, "series s0");
    // Whoever keeps all rows has the error rate of all.
    let chance = paths(&page, "random").into_iter().any(|line| {
        (line[0][1] - curve.last().expect("points")[1]).abs() < 0.11
            && line[1][0] > line[0][0] + 100.0
    });
    assert!(chance);
    let points = study.risk_coverage_at(crate::data::Temperature::ONE);
    assert_eq!(points.len(), curve.len());
}

#[test]
fn histograms_hold_every_row() {
    let study = simple(400, Labels::AtTemperature(2.0));
    let page = figure(&study, Chart::Margins, None).expect("rows");
    let margins = &study.analysis.histograms.margin;
    let tall = |class| -> f64 { attributes(&page, class, "height").iter().sum() };
    // A sample of each is in the legend, 10 high.
    let (right, wrong) = (tall("bar") - 10.0, tall("wrong") - 10.0);
    let sum = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let ratio = sum(&margins.correct) / sum(&margins.wrong);
    assert!((right / wrong - ratio).abs() < 0.05 * ratio, "{right} {wrong} {ratio}");
}

#[test]
fn every_state_has_a_figure_or_a_reason() {
    let mut n_drawn = 0;
    for (name, mut study) in all_states() {
        // What a finding says of broken numbers may be called so.
        study.findings.clear();
        for chart in Chart::ALL {
            match figure(&study, chart, None) {
                Ok(page) => {
                    check(&format!("{name} {}", chart.name()), &page);
                    n_drawn += 1;
                }
                Err(none) => {
                    let words = none.to_string();
                    assert!(words.contains(chart.name()) && words.contains(&study.info.path));
                }
            }
        }
    }
    assert!(n_drawn > 20, "{n_drawn}");
}

/// Every number that places something, with the side that it is along: 0 is x.
fn positions(page: &str) -> Vec<(usize, f64)> {
    let body = page.split("</style>").nth(1).expect("a body");
    let names = [
        (" x=\"", 0),
        (" x1=\"", 0),
        (" x2=\"", 0),
        (" cx=\"", 0),
        (" y=\"", 1),
        (" y1=\"", 1),
        (" y2=\"", 1),
        (" cy=\"", 1),
    ];
    let mut all = Vec::new();
    for (name, side) in names {
        for rest in body.split(name).skip(1) {
            let number = rest.split('"').next().expect("an end");
            all.push((side, number.parse().expect("a number")));
        }
    }
    for class in ["curve", "diagonal", "whisker", "series s0", "series s1", "oracle", "random"] {
        for [x, y] in paths(body, class).concat() {
            all.extend([(0, x), (1, y)]);
        }
    }
    all
}

#[test]
fn nothing_leaves_the_paper_at_any_size() {
    let study = simple(400, Labels::AtTemperature(2.0));
    let sizes = ["200x200", "317x240", "480x360", "640x480", "1000x300", "300x1000", "4000x4000"];
    for size in sizes {
        let wanted: Size = size.parse().expect("a size");
        for chart in Chart::ALL {
            let page = figure(&study, chart, Some(wanted)).expect("rows");
            let (width, height) = size.split_once('x').expect("two sides");
            assert!(page.contains(&format!("width=\"{width}\" height=\"{height}\"")), "{size}");
            let (_, rest) = page.split_once("viewBox=\"0 0 ").expect("a box");
            let sides: Vec<f64> = rest
                .split('"')
                .next()
                .expect("an end")
                .split(' ')
                .map(|side| side.parse().expect("a number"))
                .collect();
            let shape =
                width.parse::<f64>().expect("a side") / height.parse::<f64>().expect("a side");
            assert!((sides[0] / sides[1] / shape - 1.0).abs() < 0.01, "{size}: not distorted");
            for (side, at) in positions(&page) {
                assert!((0.0..=sides[side] + 0.1).contains(&at), "{size} {}: {at}", chart.name());
            }
        }
    }
}

#[test]
fn names_from_files_do_not_become_markup_of_figures() {
    let run = || ComparedRun { study: hostile(), against: None };
    let comparison = Comparison::new(vec![run(), run()], &options());
    let mut n_named = 0;
    for chart in Chart::ALL {
        let alone = figure(&hostile(), chart, None).expect("rows");
        let both = compare_figure(&comparison, chart, None).expect("rows");
        for page in [alone, both] {
            check(chart.name(), &page);
            assert!(!page.contains('\u{1b}') && !page.contains("<img") && !page.contains(HOSTILE));
            n_named += usize::from(page.contains("&lt;script&gt;"));
        }
    }
    assert_eq!(n_named, 10);
}

#[test]
fn models_are_drawn_side_by_side_up_to_six() {
    let study = |t| simple(400, Labels::AtTemperature(t));
    let of = |n: usize| {
        let run = |idx: usize| ComparedRun { study: study(1.0 + idx as f64 / 2.0), against: None };
        Comparison::new((0..n).map(run).collect(), &options())
    };
    let [three, six, seven] = [3, 6, 7].map(of);
    let page = compare_figure(&three, Chart::Reliability, None).expect("rows");
    assert_eq!(plots(&page).len(), 6);
    for chart in [Chart::Temperature, Chart::Risk] {
        let page = compare_figure(&three, chart, None).expect("rows");
        check(chart.name(), &page);
        // A line and its sample in the legend.
        for class in ["series s0", "series s1", "series s2"] {
            assert_eq!(paths(&page, class).len(), 2, "{class}");
        }
        assert!(paths(&page, "series s3").is_empty());
    }
    for chart in Chart::ALL {
        compare_figure(&six, chart, None).expect("six");
        let none = compare_figure(&seven, chart, None).expect_err("seven");
        assert!(none.to_string().contains("tells 6 models apart at most"));
    }
}
