//! The rules on the temperature.

use super::Explanation;
use crate::diagnosis::finding::Place;
use crate::diagnosis::rule::Rule;

pub(super) const TABLE: &[Explanation] = &[
    Explanation {
        rule: Rule::Overconfident,
        measured: "the 99 % interval of T",
        cause: "training on the NLL beyond the point where accuracy stops to grow",
        otherwise: "other data than in training; label noise",
        next_step: "divide the logits by T: logitscope fit FILE --out temperature.json",
        source: "Guo et al. 2017; sandwich interval of ln T (White 1982)",
        see: Place::Temperature,
    },
    Explanation {
        rule: Rule::Underconfident,
        measured: "the 99 % interval of T",
        cause: "label smoothing, strong regularisation, mixup, or averaging of models",
        otherwise: "early training",
        next_step: "divide the logits by T: logitscope fit FILE --out temperature.json",
        source: "Guo et al. 2017; sandwich interval of ln T (White 1982)",
        see: Place::Temperature,
    },
    Explanation {
        rule: Rule::ExtremeTemperature,
        measured: "whether the 99 % interval of T lies outside 0.5 to 2 entirely",
        cause: "far from calibrated as trained",
        otherwise: "logits in other units",
        next_step: "ship T, and look at how the model was trained",
        source: "modern networks have 1 to 3 as a rule (Guo et al. 2017)",
        see: Place::Temperature,
    },
    Explanation {
        rule: Rule::TemperatureUncertain,
        measured: "robust standard error of ln T",
        cause: "few rows, or few that are wrong",
        otherwise: "rows that repeat",
        next_step: "use more rows, and give the interval with the number",
        source: "sandwich standard error (White 1982)",
        see: Place::Temperature,
    },
    Explanation {
        rule: Rule::OneTemperatureNotEnough,
        measured: "score test of every group at the common T: sum g / sqrt(sum g^2); the step in ln T it asks for",
        cause: "groups that differ: classes, difficulty, sources",
        otherwise: "a few wrong labels in a small group",
        next_step: "try a temperature per group, or vector scaling, on held-out rows",
        source: "Rao's score test with Holm's correction (1979)",
        see: Place::Reliability,
    },
    Explanation {
        rule: Rule::EceDisagrees,
        measured: "ECE and NLL on held-out rows before and after scaling, over paired resamples",
        cause: "few rows, or a shape of miscalibration that one temperature does not fit",
        otherwise: "the noise of ECE itself",
        next_step: "read both; look at the diagram before you ship T",
        source: "NLL is a proper score, ECE is not (Nixon et al. 2019)",
        see: Place::Reliability,
    },
    Explanation {
        rule: Rule::BelowNoiseFloor,
        measured: "ECE after scaling against what a perfectly calibrated model would show",
        cause: "calibration that is as good as these rows can tell",
        otherwise: "too few rows to see what is left",
        next_step: "stop here: nothing is left to repair that these rows could show",
        source: "sum of n/N sqrt(2 p (1 - p) / (pi n)) over bins",
        see: Place::Reliability,
    },
    Explanation {
        rule: Rule::OverconfidenceGrowth,
        measured: "NLL(1) of the last step against its least, paired over rows; T of both",
        cause: "training on past the best step: confidence grows on without accuracy",
        otherwise: "a shift of the data",
        next_step: "ship the last step with its temperature if NLL(T*) is not worse; else the step of least NLL",
        source: "paired z over the same rows; Guo et al. 2017",
        see: Place::Run,
    },
];
