//! Classes and other groups of rows, as JSON and as tables.

use serde_json::{Value, json};

use super::number::{counted, decimal, percent, plain_percent, signed_points, temperature};
use super::words::{cut, indented};
use crate::analysis::{Class, Group, GroupSide, Groups};
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
        class
    };
    Some(classes.groups.iter().map(class).collect())
}

/// What is about all classes together, for the key `classes_test`.
pub(super) fn groups_test_json<T>(groups: &Groups<T>) -> Value {
    json!({
        "false_discovery_rate": 1.0 - groups.level,
        "method": "exact binomial sums, Benjamini-Hochberg",
        "gaps_before": n_found(groups, |group| Some(&group.before)),
        "gaps_after": n_found(groups, |group| group.after.as_ref()),
        "one_temperature": groups.one_temperature,
    })
}

/// The keys that every kind of group has.
pub(super) fn add_sides<T>(entry: &mut Value, group: &Group<T>) {
    let Value::Object(entry) = entry else { return };
    if let Value::Object(before) = side_json(&group.before) {
        entry.extend(before);
    }
    entry.insert(
        "after".to_string(),
        json!(group.after.as_ref().map(side_json)),
    );
    entry.insert("fit".to_string(), fit_json(&group.fit));
}

fn side_json(side: &GroupSide) -> Value {
    json!({
        "mean_confidence": side.mean_confidence,
        "gap": side.gap,
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

/// Groups whose gap is no matter of chance; `None` if there is nothing to look at.
fn n_found<T>(groups: &Groups<T>, side: impl Fn(&Group<T>) -> Option<&GroupSide>) -> Option<usize> {
    let sides: Option<Vec<&GroupSide>> = groups.groups.iter().map(side).collect();
    let found = |sides: Vec<&GroupSide>| {
        let is_found = |s: &&&GroupSide| s.adjusted_p_value <= 1.0 - groups.level;
        sides.iter().filter(is_found).count()
    };
    sides.map(found)
}

/// The table of the classes, and what can be said about all of them.
pub(super) fn classes_table(study: &Study, width: usize) -> Vec<String> {
    let details = study.analysis.details.as_ref();
    let Some(classes) = details.and_then(|details| details.classes.as_ref()) else {
        return Vec::new();
    };
    if classes.groups.iter().all(|group| group.count == 0) {
        return Vec::new();
    }
    let names = study.info.class_names.as_ref();
    let name = |of: &Class| {
        names.map_or_else(|| of.class_idx.to_string(), |names| names.get(of.class_idx))
    };
    let line = |[
        name,
        labelled,
        predicted,
        precision,
        recall,
        before,
        after,
        t,
    ]: [String; 8]| {
        let line = format!(
            "  {:<NAME_WIDTH$}{labelled:>9}{predicted:>10}{precision:>10}{recall:>8}{before:>8}{after:>8}{t:>7}",
            cut(&name, NAME_WIDTH)
        );
        cut(&line, width).trim_end().to_string()
    };
    let scaled = if study.analysis.after.is_some() {
        "scaled"
    } else {
        ""
    };
    let heading = [
        "predicted class",
        "labelled",
        "predicted",
        "precision",
        "recall",
        "gap",
        scaled,
        "T",
    ];
    let row = |group: &&Group<Class>| {
        let of = &group.of;
        line([
            name(of),
            super::number::count(of.labelled),
            super::number::count(group.count),
            percent(group.accuracy, 1),
            percent(of.recall, 1),
            gap(Some(&group.before), classes.level),
            gap(group.after.as_ref(), classes.level),
            temperature(group.fit.temperature.unwrap_or(f64::NAN)),
        ])
    };
    std::iter::once(line(heading.map(String::from)))
        .chain(printed(classes).iter().map(row))
        .chain(explanation(classes, ("class", "classes"), width))
        .collect()
}

/// The groups worth a line, in their own order where all are.
pub(super) fn printed<T>(groups: &Groups<T>) -> Vec<&Group<T>> {
    let mut printed: Vec<&Group<T>> = groups.groups.iter().filter(|g| g.count > 0).collect();
    if printed.len() > MOST_PRINTED {
        let p_value = |group: &Group<T>| group.after.as_ref().unwrap_or(&group.before).p_value;
        printed.sort_by(|a, b| p_value(a).total_cmp(&p_value(b)));
        printed.truncate(PRINTED_OF_MANY);
    }
    printed
}

/// In points of a hundred, with a star where chance does not explain it.
pub(super) fn gap(side: Option<&GroupSide>, level: f64) -> String {
    side.map_or_else(String::new, |side| {
        let is_found = side.adjusted_p_value <= 1.0 - level;
        signed_points(side.gap) + if is_found { "*" } else { " " }
    })
}

/// What the columns mean, what was found, and whether one temperature is enough.
pub(super) fn explanation<T>(
    groups: &Groups<T>,
    (one, many): (&str, &str),
    width: usize,
) -> Vec<String> {
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
    let mut lines: Vec<String> = indented(&meaning, width).collect();
    if let Some(test) = &groups.one_temperature {
        let sentence = one_or_many(test, groups.level, (one, many));
        lines.extend(indented(&sentence, width));
    }
    lines
}

/// `One T is enough: 10 classes do not gain by one of their own (likelihood ratio 8.1 on 9 degrees of freedom, p = 0.52).`
fn one_or_many(test: &OneTemperature, level: f64, (one, many): (&str, &str)) -> String {
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
pub(super) fn p_value(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".to_string()
    } else {
        format!("= {}", decimal(p, 4))
    }
}
