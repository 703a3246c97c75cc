//! What holds for every range, every size and every input.

use proptest::prelude::*;

use super::examples::{curve, reliability, temperature_marks};
use crate::plot::{
    Area, Axis, BinWidths, Cell, CurveChart, HistogramChart, Ink, LabelRoom, Raster,
    ReliabilityBin, ReliabilityChart, ReliabilityView, Scale, Series, SliderChart, Tier, sparkline,
    x_ticks, y_ticks,
};

/// Ordinary numbers, and all that a chart may be handed instead.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, 1.0, 1e-300, 1e300, f64::MAX, f64::MIN_POSITIVE,
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

fn any_scale() -> impl Strategy<Value = Scale> {
    (any_value(), any_value(), 0..150_usize, any::<bool>()).prop_map(|(low, high, n, is_log)| {
        if is_log { Scale::log10(low, high, n) } else { Scale::linear(low, high, n) }
    })
}

fn any_tier() -> impl Strategy<Value = Tier> {
    prop::sample::select(vec![Tier::Ascii, Tier::Block, Tier::Braille])
}

fn any_bin() -> impl Strategy<Value = ReliabilityBin> {
    let interval = prop::option::of([any_value(), any_value()]);
    let ends = [any_value(), any_value()];
    let counts = prop_oneof![Just(0), 1..50_u64, Just(u64::MAX / 2)];
    (ends, counts, any_value(), any_value(), interval).prop_map(
        |([low, high], count, outcome, probability, interval)| ReliabilityBin {
            low,
            high,
            count,
            outcome,
            probability,
            interval,
        },
    )
}

/// Draws into the middle of a raster and checks that the margin stays empty.
fn stays_inside(size: (usize, usize), tier: Tier, draw: impl Fn(&mut Raster, Area)) {
    let area = Area::new(2, 3, size.0, size.1);
    let mut raster = Raster::new(size.0 + 5, size.1 + 7, tier);
    draw(&mut raster, area);
    for row in 0..raster.height() {
        for column in 0..raster.width() {
            let cell = *raster.cell(column, row).expect("the cell is in the raster");
            assert!(
                area.contains(column, row) || cell == Cell::default(),
                "{cell:?} at {column},{row} is outside {area:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn a_cell_holds_the_values_that_map_to_it(scale in any_scale(), share in 0.0..=1.0_f64) {
        let value = scale.value(share);
        let cell = scale.to_nearest_cell(value).expect("a value in range has a cell");
        let back = scale.fraction(scale.from_cell(cell));
        prop_assert!((back - share).abs() <= 0.5 / scale.n_cells() as f64 + 1e-5);
        prop_assert_eq!(scale.to_cell(scale.from_cell(cell)), Some(cell));
    }

    #[test]
    fn scales_are_usable_and_ascending(scale in any_scale(), value in any_value()) {
        prop_assert!(scale.low() < scale.high() && scale.low().is_finite() && scale.high().is_finite());
        prop_assert!(scale.to_cell(value).is_none_or(|cell| cell < scale.n_cells()));
        prop_assert_eq!(scale.to_cell(scale.low()), Some(0));
        prop_assert_eq!(scale.to_cell(scale.high()), Some(scale.n_cells() - 1));
        prop_assert_eq!(scale.to_cell(f64::NAN), None);
    }

    #[test]
    fn x_labels_stay_inside_and_apart(scale in any_scale(), left in 0..8_usize, right in 0..4_usize) {
        let ticks = x_ticks(&scale, LabelRoom { left, right });
        let mut free_from = 0;
        for tick in &ticks {
            let length = tick.label.chars().count();
            prop_assert!(tick.cell < scale.n_cells());
            prop_assert!((-1e-6..=1.000_001).contains(&scale.fraction(tick.value)));
            prop_assert!(tick.start >= free_from && length > 0, "{ticks:?}");
            prop_assert!(tick.start + length <= left + scale.n_cells() + right);
            free_from = tick.start + length + 2;
        }
    }

    #[test]
    fn labels_are_short_and_say_the_value(scale in any_scale()) {
        for tick in x_ticks(&scale, LabelRoom { left: 6, right: 6 }) {
            let said: f64 = tick.label.parse().expect("a label is a number");
            prop_assert!((said - tick.value).abs() <= 1e-9 * tick.value.abs());
            let is_rounding_noise = tick.label.contains("00000000") && tick.label.contains('.');
            prop_assert!(!is_rounding_noise, "{}", tick.label);
            prop_assert!(tick.label != "-0");
        }
    }

    #[test]
    fn y_ticks_ascend_and_keep_apart(scale in any_scale()) {
        let ticks = y_ticks(&scale);
        prop_assert!(ticks.windows(2).all(|w| w[0].cell < w[1].cell && w[0].value < w[1].value));
        prop_assert!(ticks.iter().all(|t| t.cell < scale.n_cells()));
    }

    #[test]
    fn reliability_charts_stay_inside(
        size in (0..140_usize, 0..50_usize),
        tier in any_tier(),
        bins in prop::collection::vec(any_bin(), 0..40),
        own in any::<bool>(),
        dots in any::<bool>(),
        selected in prop::option::of(0..50_usize),
    ) {
        let chart = ReliabilityChart {
            overlay: &bins,
            widths: if own { BinWidths::Own } else { BinWidths::Equal },
            view: if dots { ReliabilityView::Dots } else { ReliabilityView::Bars },
            selected,
            title: "a title that is rather long for a small chart",
            ..reliability(&bins)
        };
        stays_inside(size, tier, |raster, area| chart.draw(raster, area));
    }

    #[test]
    fn curves_stay_inside(
        size in (0..140_usize, 0..50_usize),
        tier in any_tier(),
        points in prop::collection::vec((any_value(), any_value()), 0..60),
        logs in any::<[bool; 2]>(),
        range in prop::option::of([any_value(), any_value()]),
        interval in prop::option::of([any_value(), any_value()]),
    ) {
        let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let series = [Series { x: &x, y: &y, ink: Ink::Curve }, Series { x: &y, y: &x, ink: Ink::Curve2 }];
        let marks = temperature_marks();
        let chart = CurveChart {
            x: Axis { range, is_log: logs[0] },
            y: Axis { range: None, is_log: logs[1] },
            interval,
            ..curve(&series, &marks)
        };
        stays_inside(size, tier, |raster, area| chart.draw(raster, area));
    }

    #[test]
    fn histograms_stay_inside(
        size in (0..140_usize, 0..50_usize),
        tier in any_tier(),
        edges in [any_value(), any_value()],
        counts in prop::collection::vec(prop_oneof![Just(0_u64), 1..500_u64, Just(u64::MAX)], 0..200),
        is_log in any::<bool>(),
        outside in [0..1_000_000_u64, 0..9_u64],
    ) {
        let n = counts.len().max(1) as f64;
        let edges: Vec<f64> = (0..=counts.len())
            .map(|i| edges[0] + (edges[1] - edges[0]) * i as f64 / n)
            .collect();
        let chart = HistogramChart {
            edges: &edges,
            correct: &counts,
            wrong: &counts[counts.len() / 2..],
            below: outside[0],
            above: outside[1],
            is_log,
            threshold: edges.first().copied(),
            selected: Some(3),
            title: "title",
        };
        stays_inside(size, tier, |raster, area| chart.draw(raster, area));
        let layout = chart.layout(size.0, size.1);
        prop_assert!((0..size.0).filter_map(|c| layout.cell_at(c)).all(|cell| cell < counts.len()));
    }

    #[test]
    fn sliders_and_sparklines_stay_inside(
        width in 0..140_usize,
        tier in any_tier(),
        range in [any_value(), any_value()],
        values in prop::collection::vec(any_value(), 0..99),
    ) {
        let slider = SliderChart { range, cursor: range[1], optimum: Some(range[0]) };
        stays_inside((width, 1), tier, |raster, area| slider.draw(raster, area));
        prop_assert_eq!(sparkline(&values, width, tier).chars().count(), width.min(values.len()));
    }
}

#[test]
fn every_size_draws() {
    let bins = super::examples::overconfident();
    let (x, y) = super::examples::nll();
    let series = [Series { x: &x, y: &y, ink: Ink::Curve }];
    let marks = temperature_marks();
    for width in 1..=140 {
        for height in 1..=50 {
            stays_inside((width, height), Tier::Braille, |raster, area| {
                reliability(&bins).draw(raster, area);
                curve(&series, &marks).draw(raster, area);
            });
        }
    }
}

#[test]
fn bars_stand_on_the_columns_of_their_bins() {
    let bins = super::examples::overconfident();
    for (width, height) in [(54, 20), (100, 40), (30, 14), (23, 9)] {
        let layout = reliability(&bins).layout(width, height);
        for (i, columns) in layout.bins.iter().enumerate() {
            let low = layout.diagram.x.to_cell(bins[i].low).map(|c| c + layout.diagram.plot.x);
            assert_eq!(Some(columns.start), low, "bin {i} of {width}x{height}");
            assert_eq!(layout.bin_at(columns.start), Some(i));
        }
    }
}

#[test]
fn the_diagonal_reaches_both_corners() {
    let chart = ReliabilityChart { accuracy: None, mean_probability: None, ..reliability(&[]) };
    for (width, height) in [(54, 20), (100, 40), (30, 14)] {
        let raster = chart.render(width, height, Tier::Braille);
        let plot = chart.layout(width, height).diagram.plot;
        for (column, row) in [(plot.x, plot.bottom() - 1), (plot.right() - 1, plot.y)] {
            let fg = raster.cell(column, row).map(|cell| cell.fg);
            assert_eq!(fg, Some(Ink::Diagonal), "{width}x{height}");
        }
    }
}

#[test]
fn full_cells_of_a_bar_are_backgrounds_and_read_as_blocks() {
    let bins = super::examples::overconfident();
    let chart = ReliabilityChart { has_whiskers: false, ..reliability(&bins) };
    let raster = chart.render(54, 20, Tier::Braille);
    let layout = chart.layout(54, 20);
    let (column, row) = (layout.bins[14].start, layout.diagram.plot.bottom() - 1);
    let cell = raster.cell(column, row).expect("the bar is in the raster");
    assert_eq!((cell.symbol, cell.bg), (' ', Ink::Accuracy));
    assert_eq!(raster.mono_symbol(column, row), '█');
}

#[test]
fn unit_axes_keep_their_ends() {
    for n_cells in 4..150 {
        let room = LabelRoom { left: 5, right: 2 };
        let ticks = x_ticks(&Scale::linear(0.0, 1.0, n_cells), room);
        let (first, last) = (ticks.first(), ticks.last());
        assert_eq!(first.map(|t| t.cell), Some(0), "{n_cells}");
        assert_eq!(last.map(|t| t.cell), Some(n_cells - 1), "{n_cells}");
    }
    let labels = |scale: Scale| x_ticks(&scale, LabelRoom::default()).into_iter().map(|t| t.label);
    assert_eq!(
        labels(Scale::linear(0.0, 1.0, 60)).collect::<Vec<_>>(),
        ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    );
    assert_eq!(
        labels(Scale::log10(0.09, 51919.0, 60)).collect::<Vec<_>>(),
        ["0.1", "1", "10", "100", "1000", "10000"]
    );
    assert_eq!(
        labels(Scale::linear(0.0, 4e-6, 60)).collect::<Vec<_>>(),
        ["0", "1e-6", "2e-6", "3e-6", "4e-6"]
    );
}

#[test]
fn labels_are_centred_on_their_ticks() {
    let room = LabelRoom { left: 4, right: 2 };
    for n_cells in 20..120 {
        for tick in x_ticks(&Scale::linear(0.0, 1.0, n_cells), room) {
            assert_eq!(tick.start + 1, room.left + tick.cell, "{tick:?}");
        }
    }
}

#[test]
fn a_layout_maps_a_click_to_the_value_drawn_there() {
    let (x, y) = super::examples::nll();
    let series = [Series { x: &x, y: &y, ink: Ink::Curve }];
    let layout = curve(&series, &[]).layout(80, 24);
    for t in [0.3, 1.0, 1.781, 7.9] {
        let column = layout.column_of(t).expect("T is in view");
        let ratio = layout.x_at(column) / t;
        assert!((ratio.ln()).abs() < 32_f64.ln() / layout.plot.width as f64, "{t}");
    }
    assert_eq!(layout.column_of(9.0), None);
    assert_eq!(layout.row_of(f64::NAN), None);
}

#[test]
fn a_gap_in_a_curve_stays_empty_and_huge_values_are_cut() {
    let x = [0.0, 0.4, 0.5, 0.6, 1.0];
    let y = [0.5, 0.5, f64::NAN, 1e300, 0.5];
    let series = [Series { x: &x, y: &y, ink: Ink::Curve }];
    let chart = CurveChart {
        x: Axis::default(),
        y: Axis { range: Some([0.0, 1.0]), is_log: false },
        interval: None,
        title: "",
        ..curve(&series, &[])
    };
    let raster = chart.render(60, 12, Tier::Braille);
    let layout = chart.layout(60, 12);
    let has_curve = |column: usize| {
        (0..12).any(|row| raster.cell(column, row).is_some_and(|c| c.fg == Ink::Curve))
    };
    let column = |v| layout.column_of(v).expect("the value is in view");
    assert!(has_curve(column(0.2)) && has_curve(column(0.39)));
    assert!(!has_curve(column(0.45)) && !has_curve(column(0.5)));
}
