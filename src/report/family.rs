//! The further measures and selective prediction, as JSON and as tables.

use serde_json::{Map, Value, json};

use super::number::{UNDEFINED, decimal, nats, percent, plain_percent, temperature};
use super::tables::{FIGURE_WIDTH, NAME_WIDTH, column_name};
use super::words::{cut, indented};
use crate::analysis::{Analysis, EvaluatedOn};
use crate::metrics::{BIN_COUNTS, Families, Family, FamilyCurves, Selective};

/// The columns of the table of selective prediction: 50 with the indent.
const SELECTIVE_WIDTHS: [usize; 4] = [15, 9, 13, 11];

/// `figures` (an object, or null) with the keys of `family` behind its own.
pub(super) fn with_family(mut figures: Value, family: Option<&Family>) -> Value {
    if let (Value::Object(figures), Some(Value::Object(more))) =
        (&mut figures, family.map(|family| json!(family)))
    {
        figures.extend(more);
    }
    figures
}

/// The keys of the report that are about the rows at both temperatures.
pub(super) fn curves(families: &Families) -> Map<String, Value> {
    let before = &families.curves_before;
    let after = families.curves_after.as_ref();
    let both =
        |of: fn(&FamilyCurves) -> Value| json!({"before": of(before), "after": after.map(of)});
    let mut by_bins = both(|curves| json!(curves.ece_by_bins));
    if let Value::Object(by_bins) = &mut by_bins {
        by_bins.insert("bins".to_string(), json!(BIN_COUNTS.collect::<Vec<_>>()));
    }
    let corp = both(|curves| json!({"steps": curves.corp, "band": curves.band}));
    Map::from_iter([
        ("corp_curve".to_string(), corp),
        ("ece_by_bins".to_string(), by_bins),
        ("selective".to_string(), json!(families.selective)),
        ("classwise".to_string(), json!(families.classwise)),
    ])
}

/// The further measures at T = 1 and, if there is a temperature, after scaling.
pub(super) fn family_table(
    analysis: &Analysis,
    families: &Families,
    (n_classes, width): (usize, usize),
) -> Vec<String> {
    let figure = |text: &str| format!("{text:>FIGURE_WIDTH$}");
    let line = |name: &str, before: &str, after: Option<&str>| {
        let cells = figure(before) + &after.map_or_else(String::new, figure);
        format!("  {:<NAME_WIDTH$}{cells}", cut(name, NAME_WIDTH)).trim_end().to_string()
    };
    let after = analysis.after.as_ref().map(column_name);
    let heading = line("", &column_name(&analysis.before), after.as_deref());
    let row = |(name, cell): &(&str, Cell)| {
        let after = families.after.as_ref().map(cell);
        line(name, &cell(&families.before), after.as_deref())
    };
    std::iter::once(heading)
        .chain(rows(n_classes).iter().map(row))
        .chain(indented(SMOOTH, width))
        .collect()
}

/// The same as cells.
pub(super) fn figure_rows(families: &Families, n_classes: usize) -> Vec<Vec<String>> {
    let row = |(name, cell): &(&str, Cell)| {
        let after = families.after.as_ref().map(cell);
        let name = name.trim().to_string();
        let cells = [name, cell(&families.before)].into_iter().chain(after);
        cells.collect()
    };
    rows(n_classes).iter().map(row).collect()
}

/// Why there are two.
const SMOOTH: &str = "Smooth ECE is the figure of its authors' package, which counts rows next to confidence 1 half: \
    the definition does not, and the package can report far more.";

/// A figure of the table.
type Cell = fn(&Family) -> String;

fn rows(n_classes: usize) -> Vec<(&'static str, Cell)> {
    let auroc = if n_classes == 2 { "AUROC" } else { "AUROC of confidence" };
    let mut rows: Vec<(&str, Cell)> = vec![
        ("RMSCE, debiased", |f| percent(f.rmsce_debiased, 2)),
        ("smooth ECE", |f| percent(f.smooth_ece, 2)),
        ("  by its definition", |f| percent(f.smooth_ece_exact, 2)),
        ("KS error", |f| percent(f.ks, 2)),
        ("ECE, top label", |f| percent(f.top_label_ece, 2)),
        ("ECE, classwise", |f| percent(f.classwise_ece.unwrap_or(f64::NAN), 2)),
        ("CORP miscalibration", |f| decimal(f.corp.miscalibration, 5)),
        ("CORP discrimination", |f| decimal(f.corp.discrimination, 5)),
        ("Spiegelhalter z", |f| decimal(f.spiegelhalter.z, 2)),
        (auroc, |f| nats(f.auroc)),
        ("AURC", |f| nats(f.aurc)),
        ("  above the oracle's", |f| nats(f.excess_aurc)),
    ];
    if n_classes == 2 {
        rows.insert(10, ("AUROC of confidence", |f| nats(f.auroc_top_class.unwrap_or(f64::NAN))));
    }
    rows
}

/// How many rows may be kept at each target, as observed and with a guarantee; nothing where rows have weights.
pub(super) fn selective_table(analysis: &Analysis, width: usize) -> Vec<String> {
    let Some(families) = &analysis.families else {
        return Vec::new();
    };
    if families.selective.is_empty() {
        return Vec::new();
    }
    let heading = ["errors at most", "keep", "confidence", "surely"].map(String::from);
    let rows = families.selective.iter().map(selective_row);
    let by_fold = match analysis.evaluated_on {
        EvaluatedOn::OutOfFold => ", every fold by its own,",
        EvaluatedOn::InSample | EvaluatedOn::Test => "",
    };
    let basis = match &analysis.after {
        Some(after) => format!("at T = {}{by_fold}", temperature(after.temperature)),
        None => "at T = 1".to_owned(),
    };
    let explanation = format!(
        "The share of rows with at least this confidence {basis} among which no more are wrong, as observed; and \
         the share for which that holds with probability {} %, tested from the most confident rows down.",
        plain_percent(families.level)
    );
    let line = |[target, keep, confidence, surely]: [String; 4]| {
        let [first, second, third, fourth] = SELECTIVE_WIDTHS;
        format!("  {target:<first$}{keep:>second$}{confidence:>third$}{surely:>fourth$}")
    };
    let table = std::iter::once(heading).chain(rows).map(line);
    table.chain(indented(&explanation, width)).collect()
}

fn selective_row(s: &Selective) -> [String; 4] {
    // Rounded down: whoever types this threshold keeps all that are meant.
    let threshold = s.observed.threshold.map(|t| decimal((t * 1e5).floor() / 1e5, 5));
    [
        format!("{} %", plain_percent(s.target_risk)),
        percent(s.observed.coverage, 1),
        threshold.unwrap_or_else(|| UNDEFINED.to_string()),
        percent(s.controlled.coverage, 1),
    ]
}
