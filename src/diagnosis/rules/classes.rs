//! What the classes get: all of it, none of it, too much of it.

use crate::diagnosis::evidence::{ClassShare, Evidence};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, listed, number, percent, small_percent};

/// Classes that a sentence names.
const SHOWN: usize = 3;

pub(super) fn rows_alike(e: &Evidence) -> Option<Finding> {
    let association = e.association.as_ref().filter(|_| e.are_rows_alike())?;
    let message = format!(
        "All rows are nearly the same: they differ by {} logits (root mean square, threshold {}), {} of their size.",
        number(association.alike_rms),
        limit(at::ALIKE_RMS),
        small_percent(association.alike_share)
    );
    Some(
        Finding::failure(Rule::RowsAlike, message)
            .with("share", association.alike_share)
            .with("rms", association.alike_rms)
            .with("threshold", at::ALIKE_SHARE),
    )
}

pub(super) fn collapsed(e: &Evidence) -> Option<Finding> {
    let claim = e.association.as_ref()?.claim;
    // Logits that are too small claim little: at a temperature below 1, where the claim grows as its square falls.
    let sharpened = e.fit.temperature.map_or(1.0, |t| t.min(1.0).powi(-2));
    let is_dead = claim * sharpened < at::NO_CLAIM && !e.may_judge_order();
    let is_collapsed = is_dead && e.is_useless() && e.scale.median_margin <= at::MARGIN_ONE;
    is_collapsed.then(|| {
        let message = format!(
            "The model says the same for every row: its probabilities claim {:.2} % of the label information (threshold {:.1} %).",
            claim * 100.0,
            at::NO_CLAIM * 100.0
        );
        Finding::failure(Rule::Collapsed, message)
            .with("claim", claim)
            .with("threshold", at::NO_CLAIM)
    })
}

/// The class that gets far too much, in probability and in predictions, although labels and logits belong together.
fn gross(e: &Evidence) -> Option<(usize, ClassShare)> {
    let association = e.association.as_ref()?;
    let may_judge = association.t_c >= at::SIGNAL && e.mapping.is_none() && !e.are_rows_alike();
    let classes = association.classes.iter().copied().enumerate();
    let too_much = |(_, class): &(usize, ClassShare)| {
        class.a - class.pi_summed > at::BIAS_GROSS && class.q - class.pi > at::BIAS_GROSS
    };
    classes.filter(too_much).max_by(|x, y| x.1.a.total_cmp(&y.1.a)).filter(|_| may_judge)
}

/// True if one class has an offset that hides the others.
pub(in crate::diagnosis) fn is_class_bias_failure(e: &Evidence) -> bool {
    gross(e).is_some()
}

pub(super) fn class_bias(e: &Evidence) -> Option<Finding> {
    if let Some((class, share)) = gross(e) {
        let offset = share.mean_c - median_c(e);
        let message = format!(
            "Class {} gets {} of the probability and {} of the predictions but only {} of the labels: its column is about {} too high.",
            e.class(class),
            percent(share.a),
            percent(share.q),
            percent(share.pi),
            number(offset)
        );
        return Some(
            Finding::failure(Rule::ClassBias, message)
                .because("a column with an offset: a bias that was added twice, or not taken off")
                .with("class", class as f64)
                .with("mass", share.a)
                .with("labels", share.pi)
                .with("predictions", share.q)
                .with("offset", offset)
                .with("threshold", at::BIAS_GROSS),
        );
    }
    if e.are_rows_alike() || !e.has_signal() || e.mapping.is_some() {
        return None;
    }
    let biased = biased(e);
    let (worst, share) = *biased.first()?;
    let names: Vec<String> = biased.iter().map(|(class, _)| e.class(*class)).collect();
    let message = format!(
        "Probability far from the label frequency in {} ({}): class {} gets {} for {} of the labels (allowed {} to {} times).",
        counted(biased.len(), "class"),
        listed(&names, SHOWN),
        e.class(worst),
        percent(share.a),
        percent(share.pi_summed),
        limit(at::BIAS_LOW),
        limit(at::BIAS_HIGH)
    );
    Some(
        Finding::warning(Rule::ClassBias, message)
            .with("classes", biased.len() as f64)
            .with("class", worst as f64)
            .with("mass", share.a)
            .with("labels", share.pi_summed)
            .with("false_discovery_rate", at::BIAS_FDR),
    )
}

/// Mean centred logit of a class in the middle.
fn median_c(e: &Evidence) -> f64 {
    let classes = e.association.iter().flat_map(|a| &a.classes);
    let mut means: Vec<f64> = classes.map(|class| class.mean_c).collect();
    means.sort_by(f64::total_cmp);
    means.get(means.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Classes whose mass lies outside the edges (Benjamini and Hochberg 1995), the largest difference first.
fn biased(e: &Evidence) -> Vec<(usize, ClassShare)> {
    let classes = e.association.iter().flat_map(|a| a.classes.iter().copied());
    let mut judged: Vec<(usize, ClassShare)> =
        classes.enumerate().filter(|(_, class)| class.n_labels as f64 >= at::BIAS_LABELS).collect();
    judged.sort_by(|x, y| x.1.p_value.total_cmp(&y.1.p_value));
    let n = judged.len() as f64;
    let n_found = (1..=judged.len())
        .rev()
        .find(|rank| judged[rank - 1].1.p_value <= at::BIAS_FDR * *rank as f64 / n)
        .unwrap_or(0);
    judged.truncate(n_found);
    let distance = |class: &ClassShare| (class.a - class.pi_summed).abs();
    judged.sort_by(|x, y| distance(&y.1).total_cmp(&distance(&x.1)));
    judged
}

pub(super) fn predictions_collapsed(e: &Evidence) -> Option<Finding> {
    let spread = e.association.as_ref()?.spread;
    if spread.is_nan() || spread >= at::COLLAPSED_SOME || is_class_bias_failure(e) {
        return None;
    }
    let message = format!(
        "The mean probabilities have {} of the entropy of the labels (threshold {}): few classes get nearly everything.",
        percent(spread),
        percent(at::COLLAPSED_SOME)
    );
    let finding = if spread < at::COLLAPSED_ALL {
        Finding::failure(Rule::PredictionsCollapsed, message)
    } else {
        Finding::warning(Rule::PredictionsCollapsed, message)
    };
    Some(finding.with("entropy_ratio", spread).with("threshold", at::COLLAPSED_SOME))
}

pub(super) fn rank_collapse(e: &Evidence) -> Option<Finding> {
    let (rank, n_rows) = e.association.as_ref()?.rank;
    let may_judge = e.n_classes as f64 >= at::MIN_CUT_CLASSES
        && n_rows as f64 >= at::RANK_ROWS
        && e.has_signal();
    (may_judge && rank < at::RANK).then(|| {
        let message = format!(
            "The logits vary in {} directions (participation ratio, threshold {}).",
            number(rank),
            limit(at::RANK)
        );
        Finding::warning(Rule::RankCollapse, message)
            .with("participation_ratio", rank)
            .with("threshold", at::RANK)
    })
}

pub(super) fn dead_classes(e: &Evidence) -> Option<Finding> {
    let classes = &e.association.as_ref()?.classes;
    let is_dead = |class: &ClassShare| {
        class.n_labels as f64 >= at::DEAD_LABELS
            && class.q <= 0.0
            && class.a < class.pi / at::DEAD_MASS
    };
    let dead: Vec<usize> = (0..classes.len()).filter(|i| is_dead(&classes[*i])).collect();
    if dead.is_empty() || e.are_rows_alike() {
        return padded(e);
    }
    let held: f64 = dead.iter().map(|i| classes[*i].pi).sum();
    let names: Vec<String> = dead.iter().map(|i| e.class(*i)).collect();
    let message = format!(
        "{} never predicted and given next to no probability ({}), with {} of the labels.",
        if dead.len() == 1 {
            "1 class is".to_owned()
        } else {
            format!("{} are", counted(dead.len(), "class"))
        },
        listed(&names, SHOWN),
        percent(held)
    );
    let finding = if held > at::DEAD_SHARE {
        Finding::failure(Rule::DeadClasses, message)
    } else {
        Finding::warning(Rule::DeadClasses, message)
    };
    Some(
        finding
            .with("classes", dead.len() as f64)
            .with("first_class", dead[0] as f64)
            .with("label_share", held)
            .with("threshold", at::DEAD_SHARE),
    )
}

/// Classes at the end that no row has as label or prediction, with next to no probability: room in a vocabulary. A few
/// of them are told from rare classes by all that equals the smallest score of a row being theirs.
pub(in crate::diagnosis) fn n_padded(e: &Evidence) -> usize {
    let classes = e.association.as_ref().map_or(&[][..], |a| &a.classes);
    let floor = at::PADDED_MASS / classes.len() as f64;
    let is_unused = |class: &&ClassShare| class.n_labels == 0 && class.q <= 0.0 && class.a < floor;
    let n = classes.iter().rev().take_while(is_unused).count();
    let at_min = e.scale.cut.map_or(0.0, |cut| cut.at_min_per_row);
    let is_block = n as f64 >= at::PADDED_CLASSES || at_min >= 2.0 && at_min <= n as f64;
    if is_block && n < classes.len() { n } else { 0 }
}

fn padded(e: &Evidence) -> Option<Finding> {
    let n = n_padded(e);
    (n > 0).then(|| {
        let message = format!(
            "The last {} have neither labels nor probability: a padded vocabulary, or the wrong number of classes.",
            counted(n, "class")
        );
        Finding::info(Rule::DeadClasses, message)
            .because("a vocabulary padded to a round number")
            .then(format!("drop them before the softmax: --classes {}", e.n_classes - n))
            .with("classes", n as f64)
    })
}
