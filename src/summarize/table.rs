//! Row summaries as columns of numbers: what `logitscope summarize` writes, one row for each used row.
//!
//! | column | type | what it is |
//! |---|---|---|
//! | `part` | u32 | 0 for the rows to fit on, 1 for those to judge on; only where a file has both |
//! | `row` | u64 | 0-based row within its source; ascending within a part |
//! | `label` | u32 | class of the label |
//! | `scores` | K x f32 or f64 | the logits of the row, up to [`super::MAX_KEPT_CLASSES`] classes; then nothing else is stored, because all of it follows from them |
//! | `label_logit` | score | score of the label; minus infinity where its probability is 0 |
//! | `label_rank` | u32 | 1 + number of scores above the label's |
//! | `top_class`, `top_logit` | 5 x u32, 5 x score | the largest scores, largest first, and their classes; 4294967295 and minus infinity where fewer classes are present |
//! | `n_max` | u32 | classes that share the largest score |
//! | `n_present` | u32 | classes present |
//! | `min` | score | smallest score |
//! | `mean`, `sd`, `norm` | f64 | of the scores present; the sd divides by their number |
//! | `nodes` | 3n x f32 | at each node b of the lattice F = log Z(b) - b max, dF/dx and d2F/dx2 in x = ln b |
//! | `exact_i_log_z`, `exact_i_below_max`, `exact_i_variance`, `exact_i_third` | f64 | [`Moments`] at the i-th inverse temperature of `exact_at`, from all scores in f64: T = 1 first, then the fitted T |
//! | `row_hash` | u64 | only beside `nodes`, where the note has `gathered`: a hash of the scores, equal for equal rows |
//! | `label_probabilities` | K x f64 | only of soft labels, beside `scores`: the distribution that the label is |
//! | `label_score`, `label_squares`, `label_entropy` | f64 | only of soft labels, beside `nodes`: the score of the most probable class, sum y^2, - sum y ln y; `label_logit` is the mean score under y |
//! | `label_largest` | u32 | with them: classes that are the most probable one |
//! | `label_predicted` | f64 | with them: y of the predicted class; files of before hold it not |
//! | `exact_i_label_log_z` and so on | f64 | with them: [`Moments`] of log sum `y_k` exp(b `z_k`) |
//! | `exact_i_double_log_z` and so on | f64 | the same at twice that inverse temperature: sum p^2 = Z(2b) / Z(b)^2 |
//! | `beside.NAME` | i64, f64 or text | column NAME that the file carried beside its logits, the value of the row's stored row: null where there is none, NaN for an f64. Which columns there are, and which is the id, which the group and which the weight, stands in the note; a number behind the name tells two of one name apart |
//!
//! `score` is f32 where that loses nothing (the scores were f32 or narrower), else f64. Log-probabilities are
//! logits; probabilities p are stored as ln p. Classes, lattice and `exact_at` stand in the note of the file, see
//! [`crate::pipeline::Summaries`].

use std::ops::Range;

use crate::data::{NumberColumn, NumberTable, Numbers, Values};
use crate::numerics::{Lattice, Moments, RowMoments, TOP};

use super::curve::Curves;
use super::rows::{ExactColumn, RowSummaries};

/// Names of the numbers of [`Moments`], in the order of [`exact_numbers`].
const MOMENTS: [&str; 4] = ["log_z", "below_max", "variance", "third"];

/// The numbers of an exact column's row, in the order of their columns.
pub(super) fn exact_numbers(row: &RowMoments) -> [f64; EXACT_NUMBERS] {
    let of = |m: Moments| [m.log_z, m.below_max, m.variance, m.third];
    let ([a, b, c, d], [e, f, g, h]) = (of(row.at), of(row.at_double));
    [a, b, c, d, e, f, g, h]
}

/// The name of number `which` (of eight: four at b, four at 2b) of exact column `idx`.
pub(super) fn exact_name(idx: usize, which: usize) -> String {
    let at = if which < MOMENTS.len() { "" } else { "double_" };
    format!("exact_{idx}_{at}{}", MOMENTS[which % MOMENTS.len()])
}

/// The name of number `which` of a soft label in exact column `idx`.
pub(super) fn label_name(idx: usize, which: usize) -> String {
    format!("exact_{idx}_label_{}", MOMENTS[which])
}

/// Numbers of a soft label in an exact column.
pub(super) const LABEL_NUMBERS: usize = MOMENTS.len();

/// The numbers of [`Moments`], in the order of their columns.
fn moment_numbers(m: &Moments) -> [f64; LABEL_NUMBERS] {
    [m.log_z, m.below_max, m.variance, m.third]
}

/// Numbers in each exact column.
pub(super) const EXACT_NUMBERS: usize = 2 * MOMENTS.len();

impl RowSummaries {
    /// The nodes that the rows keep; `None` if they keep their scores.
    pub fn lattice(&self) -> Option<Lattice> {
        match self.curves {
            Curves::Rows(_) => None,
            Curves::Nodes(lattice, _) => Some(lattice),
        }
    }

    /// The inverse temperatures of the exact columns.
    pub fn exact_at(&self) -> Vec<f64> {
        self.exact.iter().map(|column| column.b).collect()
    }

    /// Keeps the exact columns nearest to each of `bs`, in that order, and no other.
    pub fn keep_exact(&mut self, bs: &[f64]) {
        let mut kept: Vec<ExactColumn> = Vec::new();
        for b in bs {
            let distance = |column: &ExactColumn| (column.b / b).ln().abs();
            let nearest = (0..self.exact.len())
                .min_by(|&i, &j| distance(&self.exact[i]).total_cmp(&distance(&self.exact[j])));
            kept.extend(nearest.map(|idx| self.exact.swap_remove(idx)));
        }
        self.exact = kept;
    }

    /// Leaves out the nodes that are not in `lattice`, all of whose nodes the rows must have.
    pub(super) fn crop(&mut self, lattice: Lattice) {
        let Curves::Nodes(own, nodes) = &mut self.curves else {
            return;
        };
        let per_node = own.row_len() / own.n_nodes();
        let skipped = own.first().abs_diff(lattice.first()) as usize * per_node;
        let kept = nodes
            .chunks_exact(own.row_len())
            .flat_map(|row| &row[skipped..skipped + lattice.row_len()]);
        *nodes = kept.copied().collect();
        *own = lattice;
    }

    /// The same nodes in all of `sets`, so that they fit in one table; false if they share none.
    pub fn align(sets: &mut [&mut Self]) -> bool {
        let mut lattices = sets.iter().map(|rows| rows.lattice());
        let Some(Some(first)) = lattices.next() else {
            return lattices.all(|l| l.is_none());
        };
        let common = |all: Option<Lattice>, next: Option<Lattice>| all?.common(&next?);
        let Some(common) = lattices.fold(Some(first), common) else {
            return false;
        };
        for rows in sets {
            if rows.lattice() != Some(common) {
                rows.crop(common);
            }
        }
        true
    }

    /// True if all scores fit in f32 without loss.
    pub fn is_narrow(&self) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "this is the question")]
        let fits = |z: &f64| f64::from(*z as f32).total_cmp(z).is_eq();
        let columns = &self.columns;
        let mut top = columns.top.iter().flatten().map(|(_, z)| z);
        match &self.curves {
            Curves::Rows(values) => matches!(values, Values::F32(_)),
            Curves::Nodes(..) => {
                (self.soft.is_some() || columns.label_logit.iter().all(fits))
                    && top.all(fits)
                    && columns.min.iter().all(fits)
            }
        }
    }

    /// The columns of these rows, see the [module](self); `part` is left to the caller. Scores are f32 if `narrow`.
    ///
    /// # Panics
    /// If the range does not lie within the rows, as slicing does.
    pub fn table(&self, rows: Range<usize>, narrow: bool) -> NumberTable {
        let columns = &self.columns;
        let labels = rows.clone().map(|idx| self.row(idx).label()).collect();
        let mut out = vec![
            plain("row", Numbers::U64(columns.row[rows.clone()].to_vec())),
            plain("label", Numbers::U32(labels)),
        ];
        match &self.curves {
            Curves::Rows(values) => {
                out.push(self.scores(values, rows.clone(), narrow));
                out.extend(self.label_probabilities(rows));
            }
            Curves::Nodes(lattice, nodes) => {
                self.push_profile(rows.clone(), narrow, &mut out);
                let width = lattice.row_len();
                let nodes = nodes[rows.start * width..rows.end * width].to_vec();
                out.push(wide("nodes", width, Numbers::F32(nodes)));
                self.push_exact(rows.clone(), &mut out);
                self.push_soft(rows.clone(), &mut out);
                out.extend(self.hash_column(rows));
            }
        }
        NumberTable::new(out).unwrap_or_default()
    }

    fn scores(&self, values: &Values, rows: Range<usize>, narrow: bool) -> NumberColumn {
        let k = self.n_classes;
        let range = rows.start * k..rows.end * k;
        let numbers = match values {
            Values::F32(v) if narrow => Numbers::F32(v[range].to_vec()),
            Values::F32(v) => Numbers::F64(v[range].iter().map(|z| f64::from(*z)).collect()),
            Values::F64(v) => Numbers::F64(v[range].to_vec()),
        };
        wide("scores", k, numbers)
    }

    fn label_probabilities(&self, rows: Range<usize>) -> Option<NumberColumn> {
        let (soft, k) = (self.soft.as_ref()?, self.n_classes);
        let numbers = soft.probabilities[rows.start * k..rows.end * k].to_vec();
        Some(wide("label_probabilities", k, Numbers::F64(numbers)))
    }

    /// What rows of nodes keep of soft labels.
    fn push_soft(&self, rows: Range<usize>, out: &mut Vec<NumberColumn>) {
        let Some(soft) = &self.soft else { return };
        let f64s = |values: &[f64]| Numbers::F64(values[rows.clone()].to_vec());
        let largest = Numbers::U32(soft.n_largest[rows.clone()].to_vec());
        out.extend([
            plain("label_score", f64s(&soft.label_score)),
            plain("label_squares", f64s(&soft.squares)),
            plain("label_entropy", f64s(&soft.entropy)),
            plain("label_largest", largest),
            plain("label_predicted", f64s(&soft.predicted)),
        ]);
        for (idx, column) in self.exact.iter().enumerate() {
            for which in 0..LABEL_NUMBERS {
                let number = |m: &Moments| moment_numbers(m)[which];
                let numbers = column.label[rows.clone()].iter().map(number).collect();
                out.push(plain(&label_name(idx, which), Numbers::F64(numbers)));
            }
        }
    }

    fn push_profile(&self, rows: Range<usize>, narrow: bool, out: &mut Vec<NumberColumn>) {
        let columns = &self.columns;
        let scores = |values: &[f64]| score_numbers(values.iter().copied(), narrow);
        let top = || columns.top[rows.clone()].iter().flatten();
        let u32s = |values: &[u32]| Numbers::U32(values[rows.clone()].to_vec());
        let f64s = |values: &[f64]| Numbers::F64(values[rows.clone()].to_vec());
        let label_logit = if self.soft.is_some() {
            // A mean of scores fits in no narrower type than itself.
            f64s(&columns.label_logit)
        } else {
            scores(&columns.label_logit[rows.clone()])
        };
        let top_class = Numbers::U32(top().map(|(class, _)| *class).collect());
        let top_logit = score_numbers(top().map(|(_, logit)| *logit), narrow);
        out.extend([
            plain("label_logit", label_logit),
            plain("label_rank", u32s(&columns.label_rank)),
            wide("top_class", TOP, top_class),
            wide("top_logit", TOP, top_logit),
            plain("n_max", u32s(&columns.n_max)),
            plain("n_present", u32s(&columns.n_present)),
            plain("min", scores(&columns.min[rows.clone()])),
            plain("mean", f64s(&columns.mean)),
            plain("sd", f64s(&columns.sd)),
            plain("norm", f64s(&columns.norm)),
        ]);
    }

    fn push_exact(&self, rows: Range<usize>, out: &mut Vec<NumberColumn>) {
        for (idx, column) in self.exact.iter().enumerate() {
            for which in 0..EXACT_NUMBERS {
                let number = |row: &RowMoments| exact_numbers(row)[which];
                let numbers = column.moments[rows.clone()].iter().map(number).collect();
                out.push(plain(&exact_name(idx, which), Numbers::F64(numbers)));
            }
        }
    }
}

fn plain(name: &str, numbers: Numbers) -> NumberColumn {
    wide(name, 1, numbers)
}

fn wide(name: &str, width: usize, numbers: Numbers) -> NumberColumn {
    NumberColumn { name: name.to_owned(), width, numbers }
}

fn score_numbers(values: impl Iterator<Item = f64>, narrow: bool) -> Numbers {
    #[expect(clippy::cast_possible_truncation, reason = "`is_narrow` has looked at every one")]
    if narrow {
        Numbers::F32(values.map(|z| z as f32).collect())
    } else {
        Numbers::F64(values.collect())
    }
}
