//! The texts of figures: none meets another or leaves the picture at any size, and none loses a number.

use super::examples::{Labels, all_states, options, rows, simple, source, study_of};
use super::html::hostile;
use crate::data::ClassNames;
use crate::pipeline::Study;
use crate::report::{Chart, ComparedRun, Comparison, Size, compare_figure, figure};

const SIZES: [&str; 8] =
    ["", "200x200", "317x240", "480x360", "1000x300", "300x1000", "4000x200", "4000x4000"];

/// Thousandths of the font size that characters take in `DejaVu` Sans, by its own tables.
const ADVANCES: [(u32, &str); 45] = [
    (275, "'"),
    (278, "ijl"),
    (295, "IJ"),
    (318, " ,."),
    (337, "/:;\\|"),
    (352, "f"),
    (361, "-"),
    (390, "()[]"),
    (392, "t"),
    (401, "!"),
    (411, "r"),
    (460, "\""),
    (500, "*_`"),
    (521, "s"),
    (525, "z"),
    (531, "?"),
    (550, "c"),
    (557, "L"),
    (575, "F"),
    (579, "k"),
    (592, "vxy"),
    (603, "P"),
    (611, "TY"),
    (612, "o"),
    (613, "a"),
    (615, "e"),
    (632, "E"),
    (634, "hnu"),
    (635, "Sbdgpq"),
    (636, "$0123456789{}"),
    (656, "K"),
    (685, "AVXZ"),
    (686, "B"),
    (698, "CR"),
    (732, "U"),
    (748, "N"),
    (752, "H"),
    (775, "DG"),
    (787, "OQ&"),
    (818, "w"),
    (838, "#+<=>^~"),
    (863, "M"),
    (950, "%"),
    (1000, "mW@"),
    (1025, "\u{FFFD}"),
];

/// A text of a figure with the room that it takes.
#[derive(Debug)]
struct Text {
    class: String,
    words: String,
    /// True if it is anchored to a place of the plot.
    is_placed: bool,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Text {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn width(words: &str, size: f64) -> f64 {
    let advance = |c: char| {
        let known = ADVANCES.iter().find(|(_, all)| all.contains(c));
        f64::from(known.unwrap_or_else(|| panic!("{c:?} in {words}")).0) / 1000.0
    };
    size * words.chars().map(advance).sum::<f64>()
}

/// Every text of a page with its box, from its attributes alone.
fn texts(page: &str) -> Vec<Text> {
    let attribute = |element: &str, name: &str| -> Option<String> {
        let (_, rest) = element.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let of = |rest: &str| {
        let (element, rest) = rest.split_once('>').expect("an element");
        let words = unescaped(rest.split("</text>").next().expect("its end"));
        let class = attribute(element, "class").unwrap_or_default();
        let (size, wider) = match class.as_str() {
            "heading" => (13.0, 1.13),
            "title" => (12.0, 1.13),
            "failure" => (11.0, 1.13),
            _ => (11.0, 1.0),
        };
        let long = width(&words, size * wider);
        let before = match attribute(element, "text-anchor").as_deref() {
            Some("middle") => long / 2.0,
            Some("end") => long,
            _ => 0.0,
        };
        let (up, down) = (0.76 * size, 0.24 * size);
        let number = |text: &str| text.parse::<f64>().expect("a number");
        let (left, right, top, bottom) = if let Some(turned) = attribute(element, "transform") {
            // Turned to the left: its beginning is below.
            let place = turned.strip_prefix("translate(").expect("a place");
            let (place, _) = place.split_once(')').expect("its end");
            let (x, y) = place.split_once(' ').expect("two numbers");
            let (x, y) = (number(x), number(y));
            (x - up, x + down, y + before - long, y + before)
        } else {
            let [x, y] = [" x", " y"].map(|name| number(&attribute(element, name).expect(name)));
            (x - before, x - before + long, y - up, y + down)
        };
        let is_placed = element.contains("text-anchor");
        Text { class, words, is_placed, left, right, top, bottom }
    };
    page.split("<text").skip(1).map(of).collect()
}

fn sides(page: &str) -> [f64; 2] {
    let (_, rest) = page.split_once("viewBox=\"0 0 ").expect("a box");
    let (across, down) = rest.split('"').next().expect("an end").split_once(' ').expect("two");
    [across, down].map(|side| side.parse().expect("a number"))
}

/// Fails if two texts meet or one leaves the picture.
fn has_room(name: &str, page: &str) {
    let (all, [across, down]) = (texts(page), sides(page));
    for (idx, text) in all.iter().enumerate() {
        let is_inside =
            text.left >= 0.0 && text.top >= 0.0 && text.right <= across && text.bottom <= down;
        assert!(is_inside, "{name}: {text:?} leaves {across} x {down}");
        for other in &all[idx + 1..] {
            assert!(!text.meets(other), "{name}: {text:?} meets {other:?}");
        }
    }
}

fn sizes() -> impl Iterator<Item = (&'static str, Option<Size>)> {
    SIZES.into_iter().map(|size| (size, size.parse().ok()))
}

const LONG: &str = "experiments/2024-11-03/resnet50_label_smoothing_cosine_seed_3/epoch_089/validation_logits.parquet";

fn with_long_names(mut study: Study) -> Study {
    study.info.path = LONG.to_owned();
    let names =
        (0..study.info.n_classes).map(|class| format!("a class of a long name, number {class}"));
    study.info.class_names = Some(ClassNames::new(names));
    study
}

#[test]
fn no_text_meets_another_in_any_state_at_any_size() {
    let many = || study_of(source(26, rows(1500, 26, Labels::AtTemperature(2.0))), None, 26);
    let states = all_states().into_iter().chain([("hostile", hostile()), ("many classes", many())]);
    let mut n_drawn = 0;
    for (name, study) in states {
        let study = if name == "hostile" { study } else { with_long_names(study) };
        for chart in Chart::ALL {
            for (size, wanted) in sizes() {
                if let Ok(page) = figure(&study, chart, wanted) {
                    has_room(&format!("{name} {} {size}", chart.name()), &page);
                    n_drawn += 1;
                }
            }
        }
    }
    assert!(n_drawn > 300, "{n_drawn}");
}

#[test]
fn figures_of_models_have_room_and_keep_their_numbers() {
    for n in [2, 6] {
        let run = |idx: usize| {
            let study = simple(200, Labels::AtTemperature(1.0 + idx as f64));
            ComparedRun { study: with_long_names(study), against: None }
        };
        let comparison = Comparison::new((0..n).map(run).collect(), &options());
        let at = |study: &Study| format!("T = {:.3}", study.analysis.fit.temperature.expect("one"));
        for (size, wanted) in sizes() {
            for chart in Chart::ALL {
                let page = compare_figure(&comparison, chart, wanted).expect("rows");
                has_room(&format!("{n} {} {size}", chart.name()), &page);
                let all = texts(&page);
                for (number, run) in (1..).zip(&comparison.runs) {
                    let begins = format!("{number}: ");
                    let mut own = all.iter().filter(|text| text.words.starts_with(&begins));
                    let study = &run.study;
                    let (t, after) = (at(study), study.analysis.after.as_ref().expect("fitted"));
                    // Of a path the end tells it from others.
                    let is_named = |text: &Text| {
                        let rest = text.words.trim_start_matches(&begins).trim_start_matches("...");
                        rest.len() > 5 && LONG.ends_with(rest)
                    };
                    let found = match chart {
                        Chart::Margins => own.any(is_named),
                        Chart::Reliability => {
                            let ece = format!("{t}: ECE {:.2} %", after.metrics.ece * 100.0);
                            own.any(|text| text.words.ends_with(&ece))
                        }
                        Chart::Risk => {
                            let families = study.analysis.families.as_ref().expect("asked for");
                            let aurc = families.after.as_ref().expect("fitted").aurc;
                            let ends = format!(", {t}, AURC {aurc:.4}");
                            own.any(|text| text.words.ends_with(&ends))
                        }
                        Chart::Temperature | Chart::Classes => {
                            own.any(|text| text.words.ends_with(&format!(", {t}")))
                        }
                    };
                    assert!(found, "{n} {} {size}: {number} {t}: {all:?}", chart.name());
                }
            }
        }
    }
}

#[test]
fn long_paths_are_cut_and_counts_are_not() {
    let study = with_long_names(simple(1200, Labels::AtTemperature(2.0)));
    for (size, wanted) in sizes() {
        for chart in Chart::ALL {
            let page = figure(&study, chart, wanted).expect("rows");
            let about: Vec<String> = texts(&page)
                .into_iter()
                .filter(|text| text.class == "muted")
                .map(|text| text.words)
                .collect();
            let about = about.join(" ");
            assert!(
                about.contains("validation_logits.parquet: 1,200 rows, 4 classes"),
                "{size}: {about}"
            );
        }
    }
}

/// Of T = 1 and the fitted one the smaller stands left of its line and the larger right of it.
#[test]
fn the_words_of_close_temperatures_stand_on_the_outer_sides() {
    let mut study = simple(400, Labels::AtTemperature(1.3));
    for fitted in [0.02, 0.7, 0.97, 0.999, 1.0, 1.001, 1.04, 1.4, 3.0, 80.0] {
        study.analysis.fit.temperature = Some(fitted);
        if let Some(interval) = &mut study.analysis.fit.interval {
            [interval.low, interval.high] = [fitted * 0.95, fitted * 1.06];
        }
        for (size, wanted) in sizes() {
            let page = figure(&study, Chart::Temperature, wanted).expect("a curve");
            has_room(&format!("T = {fitted} {size}"), &page);
            let line = |class: &str| -> f64 {
                let begins = format!("<line class=\"{class}\" x1=\"");
                let (_, rest) = page.split_once(&begins).expect("a line");
                rest.split('"').next().expect("an end").parse().expect("a number")
            };
            // The legend, which has such words too, stands at the left edge.
            let all = texts(&page);
            let marks: Vec<&Text> =
                all.iter().filter(|t| t.words.starts_with("T = ") && t.is_placed).collect();
            let is_one = |text: &&&Text| text.words == "T = 1";
            let one = marks.iter().find(is_one).expect("T = 1");
            let other = marks.iter().find(|text| !is_one(text)).expect("the fitted one");
            let mut sides = [(*one, line("unit")), (*other, line("optimum"))];
            if fitted < 1.0 {
                sides.reverse();
            }
            if (0.5..2.0).contains(&fitted) {
                let [(left, first), (right, second)] = sides;
                assert!(left.right <= first, "{fitted} {size}: {left:?} {first}");
                assert!(right.left >= second, "{fitted} {size}: {right:?} {second}");
            }
        }
    }
}
