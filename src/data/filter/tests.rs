use proptest::prelude::*;

use super::*;
use crate::data::TextColumn;

/// Six rows: whole numbers with one missing, numbers with one missing, text with one missing.
fn carried() -> Carried {
    let mut split = TextColumn::default();
    for text in [Some("val"), Some("test"), Some("test"), None, Some("old books"), Some("val")] {
        split.push(text);
    }
    let columns = [
        ("n", CarriedValues::Whole(vec![1, 2, 3, 4, CarriedValues::MISSING, i64::MAX])),
        ("x", CarriedValues::Numbers(vec![0.5, 1.0, f64::NAN, 2.5, -1.0, 7.0])),
        ("split", CarriedValues::Text(split)),
    ];
    let column =
        |(name, values): (&str, CarriedValues)| CarriedColumn { name: name.to_owned(), values };
    Carried::new(columns.map(column).into(), None, None).expect("one length")
}

fn rows(text: &str) -> Vec<usize> {
    let filter = Filter::parse(text).expect(text);
    let rows = filter.rows(&carried(), 6).expect(text);
    (0..6).filter(|row| rows[*row]).collect()
}

fn error(text: &str) -> String {
    let rows = Filter::parse(text).and_then(|filter| filter.rows(&carried(), 6));
    rows.expect_err(text).to_string()
}

#[test]
fn conditions_choose_rows() {
    let cases: [(&str, &[usize]); 20] = [
        ("n = 2", &[1]),
        ("n=2|n=3", &[1, 2]),
        ("n >= 2 & x < 7", &[1, 3]),
        ("n < 2.5", &[0, 1]),
        ("n != 2", &[0, 2, 3, 4, 5]),
        ("n = 9223372036854775807", &[5]),
        ("n >= 9223372036854775806", &[5]),
        ("x > -2", &[0, 1, 3, 4, 5]),
        ("x <= 1", &[0, 1, 4]),
        ("!(x <= 1)", &[2, 3, 5]),
        ("split = test", &[1, 2]),
        ("split == 'old books'", &[4]),
        ("split in (val, \"old books\")", &[0, 4, 5]),
        ("split not in (val, test)", &[3, 4]),
        ("split < test", &[4]),
        ("not split = val and n < 4 or x = 7", &[1, 2, 5]),
        ("n = 1 | n = 2 & x = 1", &[0, 1]),
        ("(n = 1 | n = 2) & x = 1", &[1]),
        ("`split` = val", &[0, 5]),
        ("!!n = 1", &[0]),
    ];
    for (text, expected) in cases {
        assert_eq!(rows(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("", "the name of a column expected at the end"),
        ("n", "=, !=, <, <=, >, >= or in expected at the end"),
        ("n =", "a value expected at the end"),
        ("n = 1 x = 2", "& or | expected at \"x = 2\""),
        ("(n = 1", ") expected at the end"),
        ("n in 1", "( expected at \"1\""),
        ("n in (1 2)", ", or ) expected at \"2)\""),
        ("n = 'a", "a closing quote expected at \"'a\""),
        ("= 3", "the name of a column expected at \"= 3\""),
        ("y = 1", "there is no column y beside the logits; there are n, x, split"),
        ("n = abc", "column n holds numbers, and \"abc\" is none"),
        ("x = '1'", "column x holds numbers, and \"1\" is none"),
        ("x = nan", "column x holds numbers, and \"nan\" is none"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text), expected, "{text}");
    }
    assert_eq!(error(&"(".repeat(100_000)), FilterError::TooDeep.to_string());
}

#[test]
fn text_of_files_and_flags_drives_no_terminal() {
    assert!(!error("a\u{1b}[2J = 1").contains('\u{1b}'));
    assert!(!error("n = \u{1b}").contains('\u{1b}'));
}

proptest! {
    #[test]
    fn no_text_panics(text in "[nx!=<>&|(), '\"`a-z0-9.]{0,40}") {
        if let Ok(filter) = Filter::parse(&text) {
            let _ = filter.rows(&carried(), 6);
            prop_assert!(!filter.columns().is_empty());
        }
    }

    #[test]
    fn a_condition_and_its_opposite_share_out_the_rows(op in "=|!=|<|<=|>|>=", number in -3i32..9) {
        let (yes, no) = (rows(&format!("n {op} {number}")), rows(&format!("!(n {op} {number})")));
        prop_assert_eq!(yes.len() + no.len(), 6);
    }
}
