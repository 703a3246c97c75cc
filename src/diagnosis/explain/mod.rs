//! What a rule measures, what usually causes it, what else it could be, and where it comes from.

mod file;
mod model;
mod temperature;

use super::finding::Place;
use super::rule::Rule;

/// One rule in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The rule.
    pub rule: Rule,
    /// What is measured.
    pub measured: &'static str,
    /// The most probable cause.
    pub cause: &'static str,
    /// What else it could be.
    pub otherwise: &'static str,
    /// What to do next.
    pub next_step: &'static str,
    /// The paper, or where the rule comes from.
    pub source: &'static str,
    /// Where to look.
    pub see: Place,
}

/// Every rule in words.
fn all() -> impl Iterator<Item = &'static Explanation> {
    file::TABLE.iter().chain(model::TABLE).chain(temperature::TABLE)
}

/// The words on `rule`.
#[expect(clippy::missing_panics_doc, reason = "a test finds every rule")]
pub fn explanation(rule: Rule) -> &'static Explanation {
    all().find(|explanation| explanation.rule == rule).expect("every rule is explained")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_once() {
        for rule in Rule::ALL {
            assert_eq!(all().filter(|e| e.rule == *rule).count(), 1, "{rule}");
        }
        for text in all().flat_map(|e| [e.measured, e.cause, e.otherwise, e.next_step, e.source]) {
            assert!(!text.is_empty() && !text.contains("  "), "{text}");
        }
    }
}
