//! The printed report and its sentences.

use insta::assert_snapshot;
use unicode_width::UnicodeWidthStr;

use super::examples::{Labels, all_states, simple};
use crate::plot::Tier;
use crate::report::{TextOptions, text, verdict};

fn printed(study: &crate::pipeline::Study, width: usize, glyphs: Tier) -> String {
    text(study, &TextOptions { width, glyphs })
}

#[test]
fn report_of_an_overconfident_model_at_80_columns() {
    let study = simple(1500, Labels::AtTemperature(2.0));
    assert_snapshot!(printed(&study, 80, Tier::Braille));
}

#[test]
fn report_of_an_underconfident_model_at_120_columns() {
    let study = simple(1500, Labels::AtTemperature(0.4));
    assert_snapshot!(printed(&study, 120, Tier::Braille));
}

#[test]
fn report_without_a_temperature_in_ascii() {
    assert_snapshot!(printed(&simple(300, Labels::Smallest), 80, Tier::Ascii));
}

#[test]
fn reports_of_all_states_keep_to_the_width_and_hold_no_nan() {
    for (name, study) in all_states() {
        for width in [50, 64, 80, 110, 120, 200] {
            for tier in [Tier::Ascii, Tier::Braille] {
                let report = printed(&study, width, tier);
                for line in report.lines() {
                    assert!(line.width() <= width, "{name} at {width}: {line}");
                    assert_eq!(line, line.trim_end(), "{name} at {width}");
                }
                // Findings and notes may speak of NaN in the file; figures may not show it.
                let figures = report.split("\nNotes\n").next().expect("a first part");
                let figures = match figures.split_once("\nFindings\n") {
                    Some((verdict, rest)) => {
                        // A failure is told in the verdict too.
                        let verdict = verdict.split("\nFAILURE").next().expect("a first part");
                        let rest = rest.split_once("\n\n").map_or("", |parts| parts.1);
                        format!("{verdict}\n{rest}")
                    }
                    None => figures.to_owned(),
                };
                for word in ["NaN", "inf ", "inf\n", "None", "Some("] {
                    assert!(!figures.contains(word), "{name} says {word}\n{report}");
                }
                assert!(tier != Tier::Ascii || report.is_ascii(), "{name} is not ASCII");
            }
        }
    }
}

#[test]
fn verdicts_of_all_states() {
    let words = |(name, study): &(&str, crate::pipeline::Study)| {
        let verdict = verdict(study);
        format!("[{name}] {}\n{}\n", verdict.headline, verdict.sentences.join("\n"))
    };
    let all: Vec<String> = all_states().iter().map(words).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn what_was_demanded_keeps_to_the_width() {
    let options = super::examples::options();
    let mut study = simple(1500, Labels::AtTemperature(2.0));
    study.methods = Some(study.compare_methods(&options, &mut |_| true).expect("folds"));
    let asked = crate::analysis::ThresholdOptions { precision: 0.9, level: 0.95 };
    study.thresholds = Some(study.thresholds(&options, asked, &mut || true).expect("folds"));
    for width in [50, 64, 80, 200] {
        let report = printed(&study, width, Tier::Ascii);
        for heading in ["Other recalibrators", "Thresholds of every class"] {
            assert!(report.contains(heading), "{heading} at {width}");
        }
        for line in report.lines() {
            assert!(line.width() <= width && line == line.trim_end(), "{line}");
            assert!(!line.contains("NaN") && line.is_ascii(), "{line}");
        }
    }
    let report = crate::report::json(&study, &super::examples::TIMING);
    assert_eq!(report["methods"]["verdict"], "temperature");
    assert_eq!(report["thresholds"]["precision_target"], 0.9);
}
