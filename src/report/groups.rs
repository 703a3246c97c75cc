//! Classes and other groups of rows, as JSON and as tables.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::number::{count, counted, decimal, percent, plain_percent, signed_points, temperature};
use super::words::{cut, indented};
use crate::analysis::{Class, Group, GroupSide, Groups, Slice, SliceKind};
use crate::data::short_name;
use crate::fit::{OneTemperature, TemperatureFit};
use crate::pipeline::Study;

/// Up to so many groups all are printed; of more, those that are farthest from what chance explains.
const MOST_PRINTED: usize = 20;
const PRINTED_OF_MANY: usize = 10;

/// Columns of the name of a group.
const NAME_WIDTH: usize = 18;

/// The classes of `study` for the report's key `classes`; `None` if they are not known.
pub(super) fn classes_json(study: &Study) -> Option<Value> {
    let classes = study.analysis.details.as_ref()?.classes.as_ref()?;
    let names = study.info.class_names.as_ref();
    let class = |group: &Group<Class>| {
        let of = &group.of;
        let mut class = json!({"class": of.class_idx});
        if let Some(names) = names {
            class["name"] = json!(names.get(of.class_idx));
        }
        class["count"] = json!(of.labelled);
        class["predicted"] = json!(group.count);
        class["precision"] = json!(group.accuracy);
        class["recall"] = json!(of.recall);
        add_sides(&mut class, group);
        class["mean_centred_logit"] = json!(of.mean_centred_logit);
        class
    };
    Some(classes.groups.iter().map(class).collect())
}

/// What is about all classes together, for the key `classes_test`.
pub(super) fn groups_test_json<T>(groups: &Groups<T>) -> Value {
    json!({
        "false_discovery_rate": 1.0 - groups.level,
        "method": if groups.is_clustered {
            "t test over groups of rows, Benjamini-Hochberg"
        } else {
            "exact binomial sums, Benjamini-Hochberg"
        },
        "gaps_before": n_found(groups, |group| Some(&group.before)),
        "gaps_after": n_found(groups, |group| group.after.as_ref()),
        "one_temperature": groups.one_temperature,
    })
}

/// The keys that every kind of group has.
fn add_sides<T>(entry: &mut Value, group: &Group<T>) {
    let Value::Object(entry) = entry else { return };
    if let Value::Object(before) = side_json(&group.before) {
        entry.extend(before);
    }
    entry.insert("after".to_string(), json!(group.after.as_ref().map(side_json)));
    entry.insert("fit".to_string(), fit_json(&group.fit));
}

fn side_json(side: &GroupSide) -> Value {
    json!({
        "mean_confidence": side.mean_confidence,
        "accuracy_minus_confidence": side.gap,
        "p_value": side.p_value,
        "adjusted_p_value": side.adjusted_p_value,
    })
}

fn fit_json(fit: &TemperatureFit) -> Value {
    json!({
        "status": fit.status,
        "temperature": fit.temperature,
        "standard_error": fit.standard_error,
        "interval": fit.interval,
    })
}

/// The slices of `study` for the report's key `slices`; `None` if no column was asked for.
pub(super) fn slices_json(study: &Study) -> Option<Value> {
    let slices = &study.analysis.details.as_ref()?.slices;
    let group = |group: &Group<String>| {
        let mut entry =
            json!({"value": group.of, "count": group.count, "accuracy": group.accuracy});
        add_sides(&mut entry, group);
        entry
    };
    let slice = |slice: &Slice| {
        json!({
            "column": slice.column,
            "by": match slice.kind {
                SliceKind::Values => "value",
                SliceKind::Quartiles => "quartile",
            },
            "groups": slice.groups.groups.iter().map(group).collect::<Vec<Value>>(),
            "test": groups_test_json(&slice.groups),
        })
    };
    (!slices.is_empty()).then(|| slices.iter().map(slice).collect())
}

/// Groups whose gap is no matter of chance; `None` if there is nothing to look at.
fn n_found<T>(groups: &Groups<T>, side: impl Fn(&Group<T>) -> Option<&GroupSide>) -> Option<usize> {
    let sides: Option<Vec<&GroupSide>> = groups.groups.iter().map(side).collect();
    let found = |sides: Vec<&GroupSide>| {
        let is_found = |s: &&&GroupSide| s.adjusted_p_value <= 1.0 - groups.level;
        sides.iter().filter(is_found).count()
    };
    sides.map(found)
}

/// A table of groups, ready to be laid out.
pub(super) struct Table {
    pub(super) heading: String,
    pub(super) columns: Vec<String>,
    /// The first cell of each is a name.
    pub(super) rows: Vec<Vec<String>>,
    /// Sentences.
    pub(super) explanation: Vec<String>,
}

/// The classes, and what can be said about all of them; nothing if they are not known or no row is used.
pub(super) fn classes_of(study: &Study) -> Option<Table> {
    let classes = study.analysis.details.as_ref()?.classes.as_ref()?;
    let row = |group: &Group<Class>| {
        let of = &group.of;
        let figures = [
            count(of.labelled),
            count(group.count),
            percent(group.accuracy, 1),
            percent(of.recall, 1),
        ];
        (class_name(study, of.class_idx), figures.to_vec())
    };
    let columns = ["predicted class", "labelled", "predicted", "precision", "recall"];
    let (one, many) = CLASS_WORDS;
    let words = Words { heading: "Classes".to_string(), columns: &columns, one, many };
    table_of(study, classes, &words, &row)
}

/// The predicted classes of a table as numbers.
pub(super) struct ClassRows {
    pub(super) rows: Vec<ClassRow>,
    /// How many classes are predicted, of which these are the ones worth a line.
    pub(super) n_predicted: usize,
    /// What a gap is, and how many classes there are.
    pub(super) explanation: String,
}

/// Accuracy less confidence of the rows predicted as one class.
pub(super) struct ClassRow {
    pub(super) class_idx: usize,
    pub(super) name: String,
    /// At T = 1, and after scaling where there is a temperature.
    pub(super) gaps: Vec<ClassGap>,
}

/// One of its gaps.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct ClassGap {
    /// A share in [-1, 1]; NaN where no row is predicted so.
    pub(super) gap: f64,
    /// True where chance does not explain it.
    pub(super) is_found: bool,
}

/// The classes of [`classes_of`]; `None` if they are not known one by one.
pub(super) fn class_rows(study: &Study) -> Option<ClassRows> {
    let classes = study.analysis.details.as_ref()?.classes.as_ref()?;
    let row = |group: &&Group<Class>| ClassRow {
        class_idx: group.of.class_idx,
        name: class_name(study, group.of.class_idx),
        gaps: gaps(group, classes.level),
    };
    let explanation = explanation(classes, CLASS_WORDS).into_iter().next().unwrap_or_default();
    let n_predicted = classes.groups.iter().filter(|group| group.count > 0).count();
    Some(ClassRows { rows: printed(classes).iter().map(row).collect(), n_predicted, explanation })
}

/// The gap of one class after scaling, or where there is no temperature at T = 1.
pub(super) fn last_gap(study: &Study, class_idx: usize) -> Option<ClassGap> {
    let classes = study.analysis.details.as_ref()?.classes.as_ref()?;
    let group = classes.groups.iter().find(|group| group.of.class_idx == class_idx)?;
    gaps(group, classes.level).pop().filter(|_| group.count > 0)
}

fn gaps(group: &Group<Class>, level: f64) -> Vec<ClassGap> {
    let gap = |side: &GroupSide| ClassGap { gap: side.gap, is_found: is_found(side, level) };
    std::iter::once(&group.before).chain(&group.after).map(gap).collect()
}

/// Its name, or its number.
fn class_name(study: &Study, class_idx: usize) -> String {
    let names = study.info.class_names.as_ref();
    names.map_or_else(|| class_idx.to_string(), |names| names.get(class_idx))
}

/// One of them, and several.
const CLASS_WORDS: (&str, &str) = ("class", "classes");

/// A table for each column that was asked for.
pub(super) fn slices_of(study: &Study) -> Vec<Table> {
    let details = study.analysis.details.as_ref();
    let table = |slice: &Slice| {
        let how = match slice.kind {
            SliceKind::Values => "",
            SliceKind::Quartiles => ", by its quartiles",
        };
        let row = |group: &Group<String>| {
            let figures = [count(group.count), percent(group.accuracy, 1)];
            (group.of.clone(), figures.to_vec())
        };
        let words = Words {
            heading: format!("Slices of {}{how}", short_name(&slice.column)),
            columns: &["value", "rows", "right"],
            one: "slice",
            many: "slices",
        };
        table_of(study, &slice.groups, &words, &row)
    };
    details.map_or_else(Vec::new, |d| d.slices.iter().filter_map(table).collect())
}

/// What a table of groups is called, and its parts.
struct Words<'a> {
    heading: String,
    columns: &'a [&'a str],
    one: &'static str,
    many: &'static str,
}

/// The name of a group and its first figures.
type RowOf<'a, T> = &'a dyn Fn(&Group<T>) -> (String, Vec<String>);

/// `row` gives the name of a group and its first figures; gaps and temperature follow.
fn table_of<T>(
    study: &Study,
    groups: &Groups<T>,
    words: &Words<'_>,
    row: RowOf<'_, T>,
) -> Option<Table> {
    if groups.groups.iter().all(|group| group.count == 0) {
        return None;
    }
    let scaled = study.analysis.after.is_some();
    let cells = |group: &&Group<T>| {
        let (name, figures) = row(group);
        let mut cells = vec![name];
        cells.extend(figures);
        cells.push(gap(&group.before, groups.level));
        cells.extend(group.after.as_ref().map(|side| gap(side, groups.level)));
        cells.push(temperature(group.fit.temperature.unwrap_or(f64::NAN)));
        cells
    };
    let columns = words.columns.iter().copied();
    let columns = columns.chain(["gap"]).chain(scaled.then_some("scaled")).chain(["T"]);
    Some(Table {
        heading: words.heading.clone(),
        columns: columns.map(String::from).collect(),
        rows: printed(groups).iter().map(cells).collect(),
        explanation: explanation(groups, (words.one, words.many)),
    })
}

/// The lines of `table` below its heading, none longer than `width`.
pub(super) fn lines(table: &Table, width: usize) -> Vec<String> {
    let all = || std::iter::once(&table.columns).chain(&table.rows);
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| all().map(|cells| cells[column].width()).max().unwrap_or(0))
        .collect();
    let line = |cells: &Vec<String>| {
        let name = cut(&cells[0], NAME_WIDTH);
        let padding = " ".repeat(NAME_WIDTH.saturating_sub(name.width()));
        let figures = cells.iter().zip(&widths).skip(1);
        let figures: Vec<String> =
            figures.map(|(cell, width)| format!(" {cell:>width$}")).collect();
        let figures = figures.concat();
        cut(&format!("  {name}{padding}{figures}"), width).trim_end().to_string()
    };
    let explanation = table.explanation.iter().flat_map(|s| indented(s, width));
    all().map(line).chain(explanation).collect()
}

/// The groups worth a line, in their own order where all are.
fn printed<T>(groups: &Groups<T>) -> Vec<&Group<T>> {
    let mut printed: Vec<&Group<T>> = groups.groups.iter().filter(|g| g.count > 0).collect();
    if printed.len() > MOST_PRINTED {
        let p_value = |group: &Group<T>| group.after.as_ref().unwrap_or(&group.before).p_value;
        printed.sort_by(|a, b| p_value(a).total_cmp(&p_value(b)));
        printed.truncate(PRINTED_OF_MANY);
    }
    printed
}

/// True where chance does not explain the gap.
fn is_found(side: &GroupSide, level: f64) -> bool {
    side.adjusted_p_value <= 1.0 - level
}

/// In points of a hundred, with a star where chance does not explain it.
fn gap(side: &GroupSide, level: f64) -> String {
    signed_points(side.gap) + if is_found(side, level) { "*" } else { " " }
}

/// What the columns mean, what was found, and whether one temperature is enough.
fn explanation<T>(groups: &Groups<T>, (one, many): (&str, &str)) -> Vec<String> {
    let n = groups.groups.iter().filter(|group| group.count > 0).count();
    let shown = printed(groups).len();
    let which = if shown < n {
        format!("The {shown} of {n} {many} with the least probable gaps. ")
    } else {
        String::new()
    };
    let meaning = format!(
        "{which}Gap: points by which the share of right predictions exceeds the mean confidence; a star marks those \
         that chance does not explain, with at most {} % of stars false (Benjamini-Hochberg over {n} {many}).",
        plain_percent(1.0 - groups.level)
    );
    let test = groups.one_temperature.as_ref();
    let test = test.map(|test| one_or_many(test, groups.level, (one, many)));
    std::iter::once(meaning).chain(test).collect()
}

/// `One T is enough: 10 classes do not gain by one of their own (likelihood ratio 8.1 on 9 degrees of freedom, p = 0.52).`
pub fn one_or_many(test: &OneTemperature, level: f64, (one, many): (&str, &str)) -> String {
    let how = format!(
        "likelihood ratio {} on {}, p {}",
        decimal(test.likelihood_ratio / test.scale, 1),
        counted(test.degrees_of_freedom as u64, "degree") + " of freedom",
        p_value(test.p_value)
    );
    let groups = format!("{} {many} of 50 rows or more", test.groups);
    if test.p_value <= 1.0 - level {
        format!("The temperatures differ by {one}: {groups} fit better with one each ({how}).")
    } else if test.p_value.is_nan() {
        format!("Whether one T is enough for {groups} cannot be told ({how}).")
    } else {
        format!("One T is enough: {groups} do not ask for one each ({how}).")
    }
}

/// `= 0.52`, `< 0.0001`.
fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_string() } else { format!("= {}", decimal(p, 4)) }
}
