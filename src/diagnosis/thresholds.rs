//! Every number a verdict depends on, with its kind and its reason.

use super::rule::Rule;

/// What a threshold rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Arithmetic or convexity.
    Exact,
    /// A test with a stated null hypothesis.
    Stat,
    /// A number from a paper.
    Lit,
    /// A rule of thumb, chosen on real data.
    Rule,
}

impl Basis {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Stat => "a test",
            Self::Lit => "from the literature",
            Self::Rule => "a rule of thumb",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Threshold {
    /// The rule that uses it.
    pub rule: Rule,
    /// The number.
    pub value: f64,
    /// What it rests on.
    pub basis: Basis,
    /// What it means and why it is what it is.
    pub reason: &'static str,
}

macro_rules! thresholds {
    ($($name:ident: $rule:ident, $basis:ident, $value:expr, $reason:literal;)*) => {
        $(
            #[doc = $reason]
            pub(super) const $name: f64 = $value;
        )*

        /// The table.
        pub const THRESHOLDS: &[Threshold] = &[
            $(Threshold {
                rule: Rule::$rule,
                value: $name,
                basis: Basis::$basis,
                reason: $reason,
            },)*
        ];
    };
}

thresholds! {
    F16_MAX: F16Overflow, Exact, 65504.0, "the largest float16; a score there was clamped or is next to overflow: failure";
    F16_NEAR: F16Overflow, Exact, 32768.0, "from here on the spacing of float16 is 32 and one doubling overflows: warning";
    SUM_SHARE: ProbabilitiesGiven, Rule, 0.999, "share of rows that must look like probabilities, as the reader has it";
    SUM_SLACK: ProbabilitiesGiven, Exact, 1e-3, "how far a row sum may be from 1 in 32 bits";
    SUM_SLACK_16: ProbabilitiesGiven, Exact, 1e-2, "how far a row sum may be from 1 in 16 bits";
    IMPOSSIBLE_SHARE: ProbabilitiesGiven, Rule, 0.01, "share of labels with a probability of 0, off a grid of rounding, above which the file is broken: failure";
    CONSTANT_SHARE: ConstantRows, Rule, 0.5, "share of rows of one value above which nothing else is worth saying: failure";
    MIN_CUT_CLASSES: TruncatedRows, Rule, 10.0, "fewer classes are sorted, or tied at the minimum, by chance";
    AT_MIN_SHARE: TruncatedRows, Rule, 0.2, "share of scores at the minimum of their row; healthy sets have at most 10 %, which is 1/K";
    DESCENDING_SHARE: TruncatedRows, Rule, 0.95, "share of rows whose scores never rise; of 10 classes one row in 3.6 million does so by chance";
    FILL_SHARE: TruncatedRows, Rule, 0.2, "share of rows whose minimum is a number that exporters fill in (-100, -999, -9999, ...)";
    REPEATED_SOME: DuplicateRows, Rule, 0.01, "share of repeated rows worth knowing: info";
    REPEATED_MANY: DuplicateRows, Rule, 0.1, "share of repeated rows that makes every interval too narrow: warning; sets of short texts hold 2 to 6 % true repeats";
    MIN_HASHED_BITS: DuplicateRows, Exact, 32.0, "rows of fewer bits collide by chance (one float16 number has 65,536 values)";
    ALIKE_SHARE: RowsAlike, Rule, 1e-3, "share of the sum of squares of centred logits that differs between rows; healthy 0.07 to 1";
    ALIKE_RMS: RowsAlike, Rule, 0.05, "and its root mean square in logits: keeps out a column with a huge offset beside healthy ones";
    PERFECT_ACCURACY: SuspiciouslyPerfect, Rule, 0.999, "accuracy that held-out rows hardly ever have: warning";
    PERFECT_ROWS: SuspiciouslyPerfect, Rule, 1000.0, "rows from which on such an accuracy is told";
    SIGNAL: RowsMisaligned, Stat, 4.0, "t of labels and logits (or probabilities) belonging together: beyond 4 chance is out (1 in 30,000)";
    HELD: LabelsShifted, Rule, 0.1, "share of the label information that the agreement under a map, or of the scores times -1, must prove by Fano's inequality where the scores are too small to claim any";
    CLAIM: RowsMisaligned, Rule, 0.03, "share of the label information that the logits must claim to hold; 0.06 to 0.99 on healthy sets, 0.01 to 0.02 before training";
    POWER_SHARE: RowsMisaligned, Rule, 10.0, "t below a tenth of what it would be were the probabilities right counts as none";
    POWER: RowsMisaligned, Stat, 5.0, "the t of right probabilities must exceed the t that was found by this much: a weak model lacks the power and is not accused";
    MAX_ROLL: RowsMisaligned, Rule, 64.0, "rolls of up to this many rows are tried, and the reversal";
    MAP_GAIN: LabelsShifted, Rule, 0.1, "excess agreement that a map must win, as a share of 1 - chance";
    MAP_ERRORS: LabelsShifted, Stat, 4.0, "and in standard errors of the paired difference";
    MAP_TIE: LabelsPermuted, Rule, 0.02, "of maps whose excess agreement differs by less, the simplest is told: shift, then roll, then permutation";
    MARGIN_ONE: Exploding, Exact, 103.97, "median margin beyond which every other probability is 0 in float32, in most rows: failure; needs no labels";
    HOT_T: Exploding, Rule, 10.0, "lower 95 % bound of T above which the scale is beyond all evidence: failure";
    EXP_OVERFLOW: Exploding, Exact, 88.72, "99 % quantiles of the row maximum and of max - mean, both, beyond which exp overflows float32 unless the maximum is taken off first: warning; a common shift raises one of them, ruled-out classes the other";
    COLD_T: Vanishing, Rule, 0.1, "upper 95 % bound of T below which logits were divided by something: failure, the mirror of exploding";
    BIAS_HIGH: ClassBias, Rule, 1.25, "mass of a class over its label frequency; the test is against this edge, because equality is refuted on nearly every real set";
    BIAS_LOW: ClassBias, Rule, 0.8, "the other edge";
    BIAS_LABELS: ClassBias, Rule, 20.0, "labels a class must have to be judged";
    BIAS_FDR: ClassBias, Stat, 1e-3, "false discovery rate over the classes (Benjamini and Hochberg 1995)";
    BIAS_GROSS: ClassBias, Rule, 0.25, "mass and predictions above the label frequency by this much, both: failure";
    NO_CLAIM: Collapsed, Stat, 3e-3, "claimed share of the label information below which every row has one distribution";
    COLLAPSED_SOME: PredictionsCollapsed, Rule, 0.5, "entropy of the mean probabilities over that of the labels: warning; healthy 0.95 to 1.6";
    COLLAPSED_ALL: PredictionsCollapsed, Rule, 0.1, "the same: failure";
    RANK: RankCollapse, Rule, 1.5, "participation ratio of the covariance of the centred logits; healthy 3.1 to 16";
    RANK_ROWS: RankCollapse, Rule, 64.0, "rows from which on it is judged";
    DEAD_LABELS: DeadClasses, Rule, 20.0, "labels a class must have: with fewer, language models have thousands of such classes by chance";
    DEAD_MASS: DeadClasses, Rule, 20.0, "its mass is below its labels over this";
    DEAD_SHARE: DeadClasses, Rule, 0.2, "share of the rows that such classes may hold before it is a failure";
    PADDED_CLASSES: DeadClasses, Rule, 8.0, "unlabelled and never predicted classes at the end that are told as a padded vocabulary; fewer, down to two, where they hold the smallest score of every row";
    PADDED_MASS: DeadClasses, Rule, 1e-3, "and their mean probability is below this share of 1/K";
    USELESS: WorseThanPrior, Stat, 2.0, "standard errors by which the NLL must beat the label frequencies of the other rows";
    UNIFORM_ERRORS: WorseThanUniform, Stat, 4.0, "standard errors by which the slope at b = 0 is positive before it is a failure; less is chance, as before training, and a warning";
    COARSE: LowResolution, Exact, 0.125, "spacing of the stored type at the row maximum, median: an error of 6.5 % in a probability: warning";
    VERY_COARSE: LowResolution, Exact, 0.5, "the same: 28 % in a probability: failure";
    TIED_SOME: TiedTop, Rule, 1e-3, "share of rows with several largest scores: warning; 16-bit healthy sets reach 3 %";
    TIED_ROWS: TiedTop, Rule, 3.0, "and so many of them at least";
    TIED_MANY: TiedTop, Rule, 0.2, "the same: failure";
    TAIL_SOME: HeavyTail, Rule, 20.0, "largest centred logit over the median spread of a row: warning; healthy at most 12";
    TAIL_HUGE: HeavyTail, Rule, 50.0, "the same: failure";
    TAIL_COLUMN: HeavyTail, Rule, 0.5, "share of the sum of squares in one column: warning; healthy at most 0.24";
    DRIFT: MeanDrift, Rule, 10.0, "mean of the row means over the median spread: warning; harmless to softmax, not to 16 bits";
    CAP_COUNT: SoftCap, Stat, 10.0, "row maxima in the last hundredth below the cap";
    CAP_SHARE: SoftCap, Stat, 1e-3, "and their share of the rows";
    CAP_PILE: SoftCap, Stat, 5.0, "and how many times more they are than two hundredths below: without this every set whose maxima end near 30 is accused";
    HOT_NLL: HotStart, Lit, 0.5, "NLL at step 0 above ln K, in nats: half the variance of the logits of a random head";
    NOISE_SHARE: LabelErrors, Rule, 0.1, "share of rows that the count must reach to be told; networks that are right in nine of ten rows stay below";
    NOISE_ACCURACY: LabelErrors, Rule, 0.5, "accuracy above which the model may be asked about labels";
    T_LOW: ExtremeTemperature, Rule, 0.5, "99 % interval of T entirely below";
    T_HIGH: ExtremeTemperature, Rule, 2.0, "or entirely above";
    SATURATED_MARGIN: Saturated, Exact, 16.64, "margin at which 1 - p rounds to 0 in float32";
    SATURATED_SHARE: Saturated, Rule, 0.5, "share of such rows: warning; a wrong one among them always is";
    T_ERROR_SOME: TemperatureUncertain, Stat, 0.1, "robust standard error of ln T: info";
    T_ERROR_LARGE: TemperatureUncertain, Stat, 0.25, "the same: warning";
    HOLM: OneTemperatureNotEnough, Stat, 0.01, "family-wise error over all groups (Holm 1979)";
    T_STEP: OneTemperatureNotEnough, Stat, 0.223_143_551_314_209_76, "step in ln T that a group asks for: ln 1.25";
    GROUP_ROWS: OneTemperatureNotEnough, Stat, 50.0, "rows of a group";
    RISE_SHARE: EceDisagrees, Stat, 0.95, "share of paired resamples in which ECE rises";
    PARTS_T_HIGH: SplitMismatch, Rule, 1.25, "ratio of the temperatures of the two parts, or its inverse";
    PARTS_T_ERRORS: SplitMismatch, Stat, 3.0, "and its standard errors; healthy pairs reach 2.8 and 3.2, with a ratio nearer to 1";
    PARTS_ACCURACY_ERRORS: SplitMismatch, Stat, 4.0, "standard errors between the accuracies";
    PARTS_DIVERGENCE: SplitMismatch, Rule, 0.02, "Jensen-Shannon divergence of the predicted classes in nats, above what chance gives; healthy pairs of val and test rows reach 0.004 (words of sentences), others 0.0007";
    PARTS_DIVERGENCE_ERRORS: SplitMismatch, Stat, 6.0, "and in standard errors of that chance; rows of one text are not independent, so that this alone decides nothing";
    PARTS_MARGIN: SplitMismatch, Rule, 0.1, "difference of the shares below a decile or quartile of all margins; healthy pairs reach 0.08 (512 rows of two texts), others 0.024";
    PARTS_MARGIN_ERRORS: SplitMismatch, Stat, 6.0, "and its standard errors";
    UPCAST: UpcastStorage, Exact, 0.999, "share of float32 numbers without the digits that float32 has more";
    FLOOR: BelowNoiseFloor, Stat, 1.0, "ECE over what a perfectly calibrated model of this many rows would show";
    FEW_ROWS: SmallSample, Rule, 1000.0, "rows from which on the intervals are taken to speak for themselves";
    GROWTH_ERRORS: OverconfidenceGrowth, Stat, 4.0, "paired standard errors by which the NLL rose above its least";
    GROWTH_STEPS: OverconfidenceGrowth, Rule, 3.0, "steps without a failure that are needed";
    WORSE_ERRORS: OverconfidenceGrowth, Stat, 2.0, "paired standard errors by which NLL(T*) rose: then no temperature repairs it";
    LSE_FACTOR: LseDrift, Rule, 3.0, "growth of the mean and the 99 % quantile of abs log Z over the first third";
}

/// The thresholds of `rule`.
pub fn thresholds(rule: Rule) -> impl Iterator<Item = &'static Threshold> {
    THRESHOLDS.iter().filter(move |row| row.rule == rule)
}
