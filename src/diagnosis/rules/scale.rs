//! How large the logits are: shift, scale and tail, told apart.

use crate::data::Kind;
use crate::diagnosis::evidence::{Evidence, share};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, number, percent};

/// Caps that models are trained with.
const KNOWN_CAPS: [f64; 2] = [30.0, 50.0];

/// True if T says something about the scale: labels belong to their rows, and no class has an offset, of which
/// nothing is known without sums for each class.
fn may_judge_t(e: &Evidence) -> bool {
    let knows_classes = e.association.is_some();
    knows_classes && e.has_signal() && e.mapping.is_none() && !super::is_class_bias_failure(e)
}

pub(super) fn exploding(e: &Evidence) -> Option<Finding> {
    if e.kind.is_probabilities() {
        return None;
    }
    if e.has_exploded() {
        let message = format!(
            "The median margin between the two largest logits is {}: beyond {} every other probability is 0 in float32.",
            number(e.scale.median_margin),
            limit(at::MARGIN_ONE)
        );
        return Some(
            Finding::failure(Rule::Exploding, message)
                .with("median_margin", e.scale.median_margin)
                .with("threshold", at::MARGIN_ONE),
        );
    }
    let believable = e.association.as_ref().is_some_and(|a| a.t_p > a.t_q / at::POWER_SHARE);
    if let Some([low, _]) = e.t_interval().filter(|_| may_judge_t(e) && believable)
        && low > at::HOT_T
    {
        let message = format!(
            "The best temperature is above {} (95 % bound, threshold {}): the scale is far beyond what the logits know.",
            number(low),
            limit(at::HOT_T)
        );
        return Some(
            Finding::failure(Rule::Exploding, message)
                .with("temperature_low", low)
                .with("threshold", at::HOT_T),
        );
    }
    let (above, largest) = (e.scale.p99_above_mean, e.scale.p99_max);
    (above.min(largest) > at::EXP_OVERFLOW && e.kind == Kind::Logits).then(|| {
        let message = format!(
            "In 1 % of the rows the largest logit is {} or more, and in 1 % it lies {} or more above the mean: beyond {} exp overflows float32 unless the maximum is taken off.",
            number(largest),
            number(above),
            limit(at::EXP_OVERFLOW)
        );
        Finding::warning(Rule::Exploding, message)
            .with("p99_max", largest)
            .with("p99_above_mean", above)
            .with("threshold", at::EXP_OVERFLOW)
    })
}

pub(super) fn vanishing(e: &Evidence) -> Option<Finding> {
    let [_, high] = e.t_interval().filter(|_| may_judge_t(e))?;
    (high < at::COLD_T).then(|| {
        let message = format!(
            "The best temperature is below {} (95 % bound, threshold {}): the logits are right in order and far too small.",
            number(high),
            limit(at::COLD_T)
        );
        let factor = e.fit.temperature.map(number).unwrap_or_default();
        Finding::failure(Rule::Vanishing, message)
            .then(format!("undo the factor, about {factor}, where the logits are made; then fit again"))
            .with("temperature_high", high)
            .with("threshold", at::COLD_T)
    })
}

pub(super) fn heavy_tail(e: &Evidence) -> Option<Finding> {
    if (e.n_classes as f64) < at::MIN_CUT_CLASSES || e.kind != Kind::Logits {
        return None;
    }
    let tail = e.scale.max_c / e.scale.median_s;
    let column = e.association.as_ref().map(|a| a.top_column);
    let heavy_column = column.filter(|(_, share)| *share > at::TAIL_COLUMN);
    let in_column = |(class, part): (usize, f64)| {
        format!(
            "Class {} alone holds {} of the sum of squares (threshold {}).",
            e.class(class),
            percent(part),
            percent(at::TAIL_COLUMN)
        )
    };
    let message = if tail > at::TAIL_SOME {
        format!(
            "The largest centred logit is {} times the median spread of a row (threshold {}; {}); the top 0.1 % of rows hold {} of the sum of squares.",
            number(tail),
            limit(at::TAIL_SOME),
            e.row(e.scale.max_c_row),
            percent(e.scale.top_rows_share)
        )
    } else {
        in_column(heavy_column?)
    };
    let finding = if tail > at::TAIL_HUGE {
        Finding::failure(Rule::HeavyTail, message)
    } else {
        Finding::warning(Rule::HeavyTail, message)
    };
    Some(
        finding
            .with("tail", tail)
            .with("threshold", at::TAIL_SOME)
            .with("top_column_share", column.map_or(f64::NAN, |c| c.1))
            .with("top_rows_share", e.scale.top_rows_share)
            .on(&[e.scale.max_c_row]),
    )
}

/// The common shift of all logits, in spreads of a row.
fn drift(e: &Evidence) -> f64 {
    e.scale.mean_of_means.abs() / e.scale.median_s
}

pub(super) fn mean_drift(e: &Evidence) -> Option<Finding> {
    if e.n_classes <= 2 || e.kind != Kind::Logits {
        return None;
    }
    let drift = drift(e);
    (drift > at::DRIFT).then(|| {
        let message = format!(
            "All logits share a shift of {}, {} times their spread (threshold {}): softmax does not see it, 16-bit numbers do.",
            number(e.scale.mean_of_means),
            number(drift),
            limit(at::DRIFT)
        );
        Finding::warning(Rule::MeanDrift, message)
            .with("mean", e.scale.mean_of_means)
            .with("over_spread", drift)
            .with("threshold", at::DRIFT)
    })
}

pub(super) fn soft_cap(e: &Evidence) -> Option<Finding> {
    // Under a common shift all maxima lie within a hundredth of the largest.
    if e.n_classes <= 2 || e.kind != Kind::Logits || e.are_rows_alike() || drift(e) > at::DRIFT {
        return None;
    }
    let maxima = &e.scale.maxima;
    let largest = *maxima.last()?;
    let below = |z: f64| maxima.partition_point(|m| *m <= z);
    let pile = |cap: f64| below(cap) - below(0.99 * cap);
    let capped = |cap: &f64| {
        let (n, lower) = (pile(*cap), below(0.98 * cap) - below(0.97 * cap));
        *cap > 0.0
            && largest <= *cap
            && n as f64 >= at::CAP_COUNT
            && share(n, e.n_rows) > at::CAP_SHARE
            && n as f64 > at::CAP_PILE * lower as f64
    };
    let cap = KNOWN_CAPS.into_iter().chain([largest]).find(capped)?;
    let n = pile(cap);
    let message = format!(
        "No logit exceeds {}, and the largest ones pile up below it: {} in the last hundredth.",
        number(cap),
        counted(n, "row")
    );
    Some(
        Finding::warning(Rule::SoftCap, message)
            .with("cap", cap)
            .with("rows", n as f64)
            .with("threshold", at::CAP_PILE),
    )
}

pub(super) fn hot_start(e: &Evidence) -> Option<Finding> {
    let above = e.nll - (e.n_classes as f64).ln();
    (e.step == Some(0) && above > at::HOT_NLL && !e.has_signal() && !e.has_exploded()).then(|| {
        let message = format!(
            "At step 0 the NLL is {} nats above ln K (threshold {}): the head starts with opinions.",
            number(above),
            limit(at::HOT_NLL)
        );
        Finding::warning(Rule::HotStart, message)
            .with("nll_above_uniform", above)
            .with("threshold", at::HOT_NLL)
    })
}

pub(super) fn saturated(e: &Evidence) -> Option<Finding> {
    if e.has_exploded() || e.is_rounded {
        return None;
    }
    let (all, wrong) = (&e.scale.saturated, &e.scale.saturated_wrong);
    let part = share(all.n, e.n_rows);
    if part <= at::SATURATED_SHARE && wrong.n == 0 {
        return None;
    }
    let message = format!(
        "{} ({}) are so sure that 1 - p is 0 in float32 (margin above {}), and {} of them are wrong.",
        counted(all.n, "row"),
        percent(part),
        limit(at::SATURATED_MARGIN),
        wrong.n
    );
    let rows = if wrong.n > 0 { wrong } else { all };
    Some(
        Finding::warning(Rule::Saturated, message)
            .with("share", part)
            .with("threshold", at::SATURATED_SHARE)
            .with("wrong", wrong.n as f64)
            .on(&rows.first),
    )
}
