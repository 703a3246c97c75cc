//! Whether labels and logits belong together.

use crate::data::ClassNames;
use crate::diagnosis::evidence::{Association, Evidence, Mapping, MappingKind, share};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, listed, number, percent};
use crate::fit::FitStatus;

/// Pairs of a permutation that are named.
const SHOWN_PAIRS: usize = 4;

/// Classes whose order is written out, at most.
const SHOWN_CLASSES: usize = 12;

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
    (!e.are_rows_alike() && !e.has_exploded() && e.may_judge_order()).then_some(association)
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
    finding.with("accuracy_mapped", mapping.accuracy).with("accuracy", mapping.accuracy_now)
}

/// True if the labels of two classes point against the logits.
fn are_swapped(e: &Evidence) -> bool {
    let against = |a: &Association| a.t_c < -at::SIGNAL && a.t_p < -at::SIGNAL;
    e.n_classes == 2 && judged(e).is_some_and(against)
}

/// True if the labels are text whose classes were put in the order of the alphabet, and the model has another. Where one
/// column of two classes is stored, it is a matter of which class is the positive one.
fn is_other_order(e: &Evidence) -> bool {
    let are_sorted = e.names.as_ref().is_some_and(ClassNames::are_sorted_by_us);
    let kind = mapping(e).map(|mapping| &mapping.kind);
    let maps = matches!(kind, Some(MappingKind::Shift(_) | MappingKind::Permutation(_)));
    are_sorted && !e.scale.one_column && (maps || kind.is_none() && are_swapped(e))
}

pub(super) fn class_order(e: &Evidence) -> Option<Finding> {
    if !is_other_order(e) {
        return None;
    }
    let swap = MappingKind::Shift(1);
    let (gain, kind) = if let Some(mapping) = mapping(e) {
        (gain(mapping), &mapping.kind)
    } else {
        let (now, then) = (percent(e.accuracy), percent(1.0 - e.accuracy));
        (format!("accuracy would be {then} and is {now}"), &swap)
    };
    let order = kind.order(e.n_classes);
    let order = order.filter(|order| order.len() <= SHOWN_CLASSES);
    let speak_for = order.map_or_else(String::new, |order| {
        let names: Vec<String> = order.into_iter().map(|class| e.class(class)).collect();
        format!("; these rows speak for the order {}", names.join(", "))
    });
    let message = format!(
        "The labels are text, whose classes were put in the order of the alphabet; the columns of the logits have another order: in that {gain}."
    );
    let finding = Finding::failure(Rule::ClassOrder, message).then(format!(
        "--class-names FILE with one name a line, in the order of the model (id2label of its config){speak_for}"
    ));
    Some(match mapping(e) {
        Some(mapping) => with_gain(finding, mapping),
        None => finding.with("accuracy", e.accuracy),
    })
}

pub(super) fn one_class(e: &Evidence) -> Option<Finding> {
    let class = e.one_class?;
    let message = format!(
        "The labels hold one class, {}: nothing can be said about the others, nor whether one temperature serves them.",
        e.class(class as usize)
    );
    let finding = Finding::info(Rule::OneClass, message);
    Some(finding.with("class", f64::from(class)))
}

pub(super) fn labels_shifted(e: &Evidence) -> Option<Finding> {
    let association = judged(e)?;
    let swapped = are_swapped(e);
    if is_other_order(e) {
        return None;
    }
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
            let finding = Finding::failure(Rule::LabelsShifted, message)
                .then(format!("{mend}, modulo {}, or put the columns in that order", e.n_classes));
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
            Some(finding.with("t_c", association.t_c).with("t_p", association.t_p))
        }
    }
}

pub(super) fn labels_permuted(e: &Evidence) -> Option<Finding> {
    let mapping = mapping(e).filter(|_| !is_other_order(e))?;
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
        let finding = Finding::failure(Rule::RowsMisaligned, message).because(cause).then(next);
        return Some(with_gain(finding, mapping));
    }
    let Association { t_c, t_p, t_q, .. } = *association;
    let none = at::SIGNAL.max(t_q / at::POWER_SHARE);
    let claims = association.claim > at::CLAIM;
    let unrelated =
        claims && t_c.abs() < none && t_p.abs() < none && t_q - t_c.max(t_p) > at::POWER;
    (unrelated && !has_bias(e)).then(|| {
        // Up to a tenth of what the probabilities promise is beyond chance, and far from right all the same.
        let some = t_c.max(t_p) >= at::SIGNAL;
        let what = if some {
            "Most labels do not belong to the logits beside them"
        } else {
            "The labels have nothing to do with the logits"
        };
        let message = format!(
            "{what}: they agree by {} standard errors beyond chance, and would by {} were the probabilities right.",
            number(t_c.max(t_p)),
            number(t_q)
        );
        let finding = Finding::failure(Rule::RowsMisaligned, message);
        let finding = if some {
            finding.because("logits and labels were saved in different orders, of rows or of classes (columns sorted as text: 0, 1, 10, 100), and a few stand in their place")
        } else {
            finding
        };
        finding
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
    e.inverted.map(|accuracy| {
        let turned = if accuracy > e.accuracy {
            let (then, now) = (percent(accuracy), percent(e.accuracy));
            format!("; with the sign turned round accuracy would be {then} and is {now}")
        } else {
            String::new()
        };
        let message = format!(
            "The logits point away from the labels: {} standard errors (threshold -{}){turned}.",
            number(t_c),
            limit(at::SIGNAL)
        );
        Finding::failure(Rule::AntiInformative, message)
            .with("accuracy_inverted", accuracy)
            .with("accuracy", e.accuracy)
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
    let part = share(e.doubtful.n, e.n_rows);
    let may_judge = e.has_signal() && e.accuracy > at::NOISE_ACCURACY;
    (may_judge && part > at::NOISE_SHARE).then(|| {
        let n_rows = e.doubtful.n_stored;
        let labels = if e.n_entries > 1 {
            format!(", {} in all,", counted(e.doubtful.n, "label"))
        } else {
            String::new()
        };
        let message = format!(
            "The model is surer of another class in {} ({}){labels} than it is of that class elsewhere: wrong labels, or a weak model.",
            counted(n_rows, "row"),
            percent(share(n_rows, e.n_rows / e.n_entries))
        );
        Finding::info(Rule::LabelErrors, message)
            .with("share", part)
            .with("threshold", at::NOISE_SHARE)
            .on(&e.doubtful.first)
    })
}
