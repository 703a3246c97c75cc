//! Names that hold what was typed, in order and with gaps; the best first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A name that matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Match {
    /// Its place in the list.
    pub(super) idx: usize,
    /// The characters of it that were typed, in order.
    pub(super) marks: Vec<usize>,
}

/// The names that match `typed`, words of which may stand in any order. Capitals are told apart only where some are
/// typed. Equal matches keep their order, the shorter name first; without a word all match.
pub(super) fn matches<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<Match> {
    let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, usize, Match)> = Vec::new();
    for (idx, name) in names.enumerate() {
        let mut marks = Vec::new();
        let haystack = Utf32Str::new(name, &mut buffer);
        if let Some(score) = pattern.indices(haystack, &mut matcher, &mut marks) {
            marks.sort_unstable();
            marks.dedup();
            let marks = marks.into_iter().map(|at| at as usize).collect();
            found.push((score, haystack.len(), Match { idx, marks }));
        }
    }
    if !pattern.atoms.is_empty() {
        found.sort_by_key(|(score, length, _)| (std::cmp::Reverse(*score), *length));
    }
    found.into_iter().map(|(.., found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str, names: &[&str]) -> Vec<String> {
        let found = matches(typed, names.iter().copied());
        found.iter().map(|m| names[m.idx].to_owned()).collect()
    }

    #[test]
    fn what_is_typed_stands_in_order_with_gaps() {
        let names = ["notes.csv", "runs/a/val_logits.npy", "val_c100.parquet", "eval.csv"];
        assert_eq!(found("vlog", &names), ["runs/a/val_logits.npy"]);
        assert_eq!(found("VAL", &names), Vec::<String>::new());
        assert_eq!(found("val", &names)[0], "val_c100.parquet", "the start of a name counts most");
        assert_eq!(found("npy runs", &names), ["runs/a/val_logits.npy"]);
        assert_eq!(found("xyz", &names), Vec::<String>::new());
    }

    #[test]
    fn without_a_word_everything_matches_in_order() {
        let names = ["b", "a", "long"];
        assert_eq!(found("", &names), names);
        assert_eq!(found("  ", &names), names);
    }

    #[test]
    fn marks_are_places_of_characters() {
        let found = matches("über", ["_über.csv"].into_iter());
        assert_eq!(found[0].marks, [1, 2, 3, 4]);
    }
}
