//! What was gathered for the diagnosis, in the note of a file of row summaries.

use serde::{Deserialize, Serialize};

use crate::data::{from_base64, to_base64};
use crate::summarize::{Broken, BrokenCell, ClassTotals, Gathered, NotFinite, Sketch, StoredAs};

/// Numbers as text: little-endian, 8 bytes each, in base64, so that every digit is kept in little room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Packed(String);

impl Packed {
    fn floats(values: &[f64]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self(to_base64(&bytes))
    }

    fn whole(values: &[u64]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self(to_base64(&bytes))
    }

    fn words(&self) -> Result<Vec<[u8; 8]>, String> {
        let bytes = from_base64(&self.0).ok_or("what was gathered is no base64")?;
        match bytes.as_chunks::<8>() {
            (words, []) => Ok(words.to_vec()),
            _ => Err("what was gathered does not hold whole numbers".to_owned()),
        }
    }

    fn as_floats(&self) -> Result<Vec<f64>, String> {
        Ok(self.words()?.into_iter().map(f64::from_le_bytes).collect())
    }

    fn as_whole(&self) -> Result<Vec<u64>, String> {
        Ok(self.words()?.into_iter().map(u64::from_le_bytes).collect())
    }
}

/// See [`ClassTotals`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct SumsNote {
    rows: u64,
    c: Packed,
    c2: Packed,
    /// What `c2` is about; 0 in files of earlier versions, which have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Packed>,
    p: Packed,
    p2: Packed,
    p_label: Packed,
    labels: Packed,
    /// The sums of c at the label and of the entropies.
    of_rows: Packed,
}

/// See [`Broken`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct BrokenNote {
    rows: u64,
    nan: u64,
    plus_infinity: u64,
    minus_infinity: u64,
    rows_minus_infinity_at_label: u64,
    /// One number, with its sign.
    max_abs: Packed,
    /// Row, class, and `nan`, `inf` or `-inf`.
    first: Vec<(u64, u32, String)>,
}

/// See [`Gathered`]; the hashes are a column of the table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct GatheredNote {
    scores: u64,
    scores_at_min: u64,
    rows_descending: u64,
    /// Numbers that were looked at, and how many of them are bfloat16 and float16 ones.
    narrow: [u64; 3],
    /// Rows that lack each class; left out where none lacks any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<Packed>,
    sums: SumsNote,
    /// Left out where rows keep their scores, from which it is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sketch: Option<Packed>,
    broken: BrokenNote,
}

impl GatheredNote {
    pub(super) fn of(gathered: &Gathered, with_sketch: bool) -> Self {
        let stored_as = gathered.stored_as;
        Self {
            scores: gathered.n_scores,
            scores_at_min: gathered.n_at_min,
            rows_descending: gathered.n_descending,
            narrow: [stored_as.n_scores, stored_as.n_bf16, stored_as.n_f16],
            absent: (!gathered.absent.is_empty()).then(|| Packed::whole(&gathered.absent)),
            sums: SumsNote::of(&gathered.totals),
            sketch: with_sketch.then(|| Packed::floats(&gathered.sketch.rows)),
            broken: BrokenNote::of(&gathered.broken),
        }
    }

    /// What it says, with no hash.
    ///
    /// # Errors
    /// What is wrong with it. Whether the numbers can be is for [`crate::summarize::RowSummaries::from_table`].
    pub(super) fn gathered(&self, n_classes: usize) -> Result<Gathered, String> {
        let [n_scores, n_bf16, n_f16] = self.narrow;
        let sketch = self.sketch.as_ref().map(Packed::as_floats).transpose()?;
        Ok(Gathered {
            broken: self.broken.broken()?,
            stored_as: StoredAs { n_scores, n_bf16, n_f16 },
            n_scores: self.scores,
            n_at_min: self.scores_at_min,
            n_descending: self.rows_descending,
            absent: self.absent.as_ref().map_or(Ok(Vec::new()), Packed::as_whole)?,
            hashes: Vec::new(),
            totals: self.sums.totals()?,
            sketch: Sketch::of_rows(n_classes, sketch.unwrap_or_default()),
        })
    }
}

impl SumsNote {
    fn of(totals: &ClassTotals) -> Self {
        Self {
            rows: totals.n_rows,
            c: Packed::floats(&totals.c),
            c2: Packed::floats(&totals.c2),
            origin: Some(Packed::floats(&totals.origin)),
            p: Packed::floats(&totals.p),
            p2: Packed::floats(&totals.p2),
            p_label: Packed::floats(&totals.p_label),
            labels: Packed::whole(&totals.labels),
            of_rows: Packed::floats(&[totals.c_at_label, totals.entropy]),
        }
    }

    fn totals(&self) -> Result<ClassTotals, String> {
        let of_rows = self.of_rows.as_floats()?;
        let [c_at_label, entropy] = of_rows[..] else {
            return Err(format!("{} sums over the rows, not 2", of_rows.len()));
        };
        let c = self.c.as_floats()?;
        let origin = self.origin.as_ref().map(Packed::as_floats).transpose()?;
        Ok(ClassTotals {
            n_rows: self.rows,
            origin: origin.unwrap_or_else(|| vec![0.0; c.len()]),
            c,
            c2: self.c2.as_floats()?,
            p: self.p.as_floats()?,
            p2: self.p2.as_floats()?,
            labels: self.labels.as_whole()?,
            p_label: self.p_label.as_floats()?,
            c_at_label,
            entropy,
        })
    }
}

impl BrokenNote {
    fn of(broken: &Broken) -> Self {
        let name = |value| match value {
            NotFinite::Nan => "nan",
            NotFinite::PlusInfinity => "inf",
            NotFinite::MinusInfinity => "-inf",
        };
        let cell = |cell: &BrokenCell| (cell.row, cell.class, name(cell.value).to_owned());
        Self {
            rows: broken.n_rows,
            nan: broken.n_nan,
            plus_infinity: broken.n_plus_inf,
            minus_infinity: broken.n_minus_inf,
            rows_minus_infinity_at_label: broken.n_minus_inf_at_label,
            max_abs: Packed::floats(&[broken.extreme]),
            first: broken.first.iter().map(cell).collect(),
        }
    }

    fn broken(&self) -> Result<Broken, String> {
        let cell = |(row, class, name): &(u64, u32, String)| {
            let value = match name.as_str() {
                "nan" => NotFinite::Nan,
                "inf" => NotFinite::PlusInfinity,
                "-inf" => NotFinite::MinusInfinity,
                other => return Err(format!("{other} is no score that is not finite")),
            };
            Ok(BrokenCell { row: *row, class: *class, value })
        };
        let max_abs = self.max_abs.as_floats()?;
        Ok(Broken {
            n_rows: self.rows,
            n_nan: self.nan,
            n_plus_inf: self.plus_infinity,
            n_minus_inf: self.minus_infinity,
            n_minus_inf_at_label: self.rows_minus_infinity_at_label,
            extreme: max_abs.first().copied().ok_or("no largest score")?,
            first: self.first.iter().map(cell).collect::<Result<_, _>>()?,
        })
    }
}
