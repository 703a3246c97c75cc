//! Whether labels and logits belong together.

use crate::diagnosis::evidence::{Association, Evidence, Mapping, MappingKind, share};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, listed, number, percent};
use crate::fit::FitStatus;

/// Pairs of a permutation that are named.
const SHOWN_PAIRS: usize = 4;

pub(super) fn suspiciously_perfect(e: &Evidence) -> Option<Finding> {
    let n = e.n_rows as f64;
    if e.fit.status == FitStatus::Separable && e.accuracy >= 1.0 {
        let message = format!(
            "In all {} the label has the largest logit: no temperature can be fitted.",
            counted(e.n_rows, "row")
        );
        let finding = Finding::failure(Rule::SuspiciouslyPerfect, message);
        return Some(finding.with("accuracy", e.accuracy));
    }
    (e.accuracy >= at::PERFECT_ACCURACY && n >= at::PERFECT_ROWS).then(|| {
        let message = format!(
            "Accuracy is {:.2} % on {} (threshold {:.1} %): held-out rows hardly ever reach that.",
            e.accuracy * 100.0,
            counted(e.n_rows, "row"),
            at::PERFECT_ACCURACY * 100.0
        );
        Finding::warning(Rule::SuspiciouslyPerfect, message)
            .with("accuracy", e.accuracy)
            .with("threshold", at::PERFECT_ACCURACY)
    })
}

/// The association, where labels can be told to be wrong: it is none of round-off or of saturated softmax.
fn judged(e: &Evidence) -> Option<&Association> {
    let association = e.association.as_ref()?;
    (!e.are_rows_alike() && !e.has_exploded() && association.claim > at::CLAIM)
        .then_some(association)
}

/// The map of this kind, if one was found.
fn mapping(e: &Evidence) -> Option<&Mapping> {
    judged(e)?;
    e.mapping.as_ref()
}

fn gain(mapping: &Mapping) -> String {
    format!(
        "accuracy would be {} and is {}",
        percent(mapping.accuracy),
        percent(mapping.accuracy_now)
    )
}

fn with_gain(finding: Finding, mapping: &Mapping) -> Finding {
    finding
        .with("accuracy_mapped", mapping.accuracy)
        .with("accuracy", mapping.accuracy_now)
}

pub(super) fn labels_shifted(e: &Evidence) -> Option<Finding> {
    let association = judged(e)?;
    let swapped =
        e.n_classes == 2 && association.t_c < -at::SIGNAL && association.t_p < -at::SIGNAL;
    match mapping(e) {
        Some(mapping) if matches!(mapping.kind, MappingKind::Shift(_)) && e.n_classes > 2 => {
            let MappingKind::Shift(by) = mapping.kind else {
                return None;
            };
            let (by, mend) = if by * 2 > e.n_classes {
                let by = e.n_classes - by;
                (format!("-{by}"), format!("add {by} to the labels"))
            } else {
                (format!("+{by}"), format!("subtract {by} from the labels"))
            };
            let message = format!(
                "The labels are the predictions {by} (modulo {}): with labels moved back {}.",
                e.n_classes,
                gain(mapping)
            );
            let finding = Finding::failure(Rule::LabelsShifted, message).then(format!(
                "{mend}, modulo {}, or put the columns in that order",
                e.n_classes
            ));
            Some(with_gain(finding, mapping))
        }
        None if !swapped => None,
        Some(mapping) if !matches!(mapping.kind, MappingKind::Shift(_)) => None,
        _ => {
            let message = format!(
                "The two classes are swapped: the labels point against the logits ({} standard errors, threshold -{}).",
                number(association.t_c),
                limit(at::SIGNAL)
            );
            let finding = Finding::failure(Rule::LabelsShifted, message)
                .because(
                    "the positive class is the other one, or the score is that of the other class",
                )
                .then("name the other class with --positive, or fix the order of the columns");
            Some(
                finding
                    .with("t_c", association.t_c)
                    .with("t_p", association.t_p),
            )
        }
    }
}

pub(super) fn labels_permuted(e: &Evidence) -> Option<Finding> {
    let mapping = mapping(e)?;
    let MappingKind::Permutation(pairs) = &mapping.kind else {
        return None;
    };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(from, to)| format!("{} -> {}", e.class(*from as usize), e.class(*to as usize)))
        .collect();
    let message = format!(
        "The classes of the labels are in another order than those of the logits (column -> label: {}): with labels renamed {}.",
        listed(&pairs, SHOWN_PAIRS),
        gain(mapping)
    );
    let finding = Finding::failure(Rule::LabelsPermuted, message);
    Some(with_gain(finding, mapping).with("classes_moved", pairs.len() as f64))
}

pub(super) fn rows_misaligned(e: &Evidence) -> Option<Finding> {
    let association = judged(e)?;
    if let Some(mapping) = mapping(e) {
        let (order, cause, next) = match mapping.kind {
            MappingKind::Roll(by) => (
                format!("the label of a row stands {by:+} rows away"),
                "a row was dropped or doubled in one of the two, or a delay of a batch",
                "shift one of the two by as many rows and look again; save an id with every row of both",
            ),
            MappingKind::Reversal => (
                "one of the two is reversed: the first row has the last label".to_owned(),
                "one of the two was stacked or sampled from the end",
                "turn one of the two around and look again; save an id with every row of both",
            ),
            _ => return None,
        };
        let message = format!(
            "Logits and labels are in different orders; {order} (with that mended {}).",
            gain(mapping)
        );
        let finding = Finding::failure(Rule::RowsMisaligned, message)
            .because(cause)
            .then(next);
        return Some(with_gain(finding, mapping));
    }
    let Association { t_c, t_p, t_q, .. } = *association;
    let none = at::SIGNAL.max(t_q / at::POWER_SHARE);
    let unrelated = t_c.abs() < none && t_p.abs() < none && t_q - t_c.max(t_p) > at::POWER;
    (unrelated && !has_bias(e)).then(|| {
        let message = format!(
            "The labels have nothing to do with the logits: they agree by {} standard errors beyond chance, and would by {} were the probabilities right.",
            number(t_p),
            number(t_q)
        );
        Finding::failure(Rule::RowsMisaligned, message)
            .with("t_c", t_c)
            .with("t_p", t_p)
            .with("t_q", t_q)
            .with("claim", association.claim)
    })
}

/// One class with an offset hides from `t_p` what `t_c` still sees.
fn has_bias(e: &Evidence) -> bool {
    super::is_class_bias_failure(e)
}

pub(super) fn anti_informative(e: &Evidence) -> Option<Finding> {
    let association = judged(e)?;
    let Association { t_c, t_p, .. } = *association;
    let against = t_c < -at::SIGNAL && t_p < -at::SIGNAL;
    (against && e.n_classes > 2 && e.mapping.is_none()).then(|| {
        let message = format!(
            "The logits point away from the labels: {} standard errors (threshold -{}).",
            number(t_c),
            limit(at::SIGNAL)
        );
        Finding::failure(Rule::AntiInformative, message)
            .with("t_c", t_c)
            .with("t_p", t_p)
            .with("threshold", -at::SIGNAL)
    })
}

pub(super) fn worse_than_uniform(e: &Evidence) -> Option<Finding> {
    if e.fit.status != FitStatus::WorseThanUniform {
        return None;
    }
    let message = format!(
        "Labels score below the average of their row ({} standard errors): the best temperature is infinite, and no scaling beats guessing.",
        number(e.slope_at_zero)
    );
    let finding = if e.slope_at_zero > at::UNIFORM_ERRORS {
        Finding::failure(Rule::WorseThanUniform, message)
    } else {
        Finding::warning(Rule::WorseThanUniform, message)
    };
    Some(
        finding
            .with("slope_in_standard_errors", e.slope_at_zero)
            .with("threshold", at::UNIFORM_ERRORS),
    )
}

pub(super) fn worse_than_prior(e: &Evidence) -> Option<Finding> {
    let fit = e.at.as_ref()?;
    (e.is_useless()).then(|| {
        let message = format!(
            "Even at the best temperature the NLL of {} does not beat the label frequencies ({}) by {} standard errors.",
            number(fit.nll),
            number(fit.prior),
            limit(at::USELESS)
        );
        Finding::warning(Rule::WorseThanPrior, message)
            .with("nll", fit.nll)
            .with("prior", fit.prior)
            .with("standard_errors", fit.over_prior)
    })
}

pub(super) fn label_errors(e: &Evidence) -> Option<Finding> {
    let part = share(e.n_doubtful, e.n_rows);
    let may_judge = e.has_signal() && e.accuracy > at::NOISE_ACCURACY;
    (may_judge && part > at::NOISE_SHARE).then(|| {
        let message = format!(
            "The model is surer of another class in {} ({}) than it is of that class elsewhere: wrong labels, or a weak model.",
            counted(e.n_doubtful, "row"),
            percent(part)
        );
        Finding::info(Rule::LabelErrors, message)
            .with("share", part)
            .with("threshold", at::NOISE_SHARE)
            .on(&e.doubtful)
    })
}
