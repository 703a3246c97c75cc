//! Which columns hold the scores: by pattern, by a list column, by numbered or prefixed names, or by
//! the names of the classes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::error::Problem;
use super::super::labels;
use super::super::names;
use super::super::picked::{Probe, RawLabels};
use super::beside_score;
use super::columns::{Chooser, ColumnType, RAGGED, ScoreColumns};

/// The columns, the class names their headers carry, and the evidence.
type Choice = (ScoreColumns, Option<Vec<String>>, &'static str);

/// Chooses among the columns that are not `taken`.
pub(super) fn choose(
    table: &Chooser<'_>,
    taken: &[usize],
    label_idx: Option<usize>,
    probe: &mut Probe<'_>,
) -> Result<Choice, Problem> {
    if let Some(pattern) = &table.options.logits {
        return by_pattern(table, pattern, taken);
    }
    let taken: HashSet<usize> = taken.iter().copied().collect();
    let free: Vec<usize> = (0..table.columns.len())
        .filter(|i| !taken.contains(i) && !names::is_carried(&table.columns[*i].name))
        .collect();
    if let Some(choice) = by_nested(table, &free)? {
        return Ok(choice);
    }
    if let Some(choice) = by_number(table, &free)? {
        return Ok(choice);
    }
    if let Some(choice) = by_prefix(table, &free)? {
        return Ok(choice);
    }
    if let Some(classes) = beside_score::choose(table, &free, label_idx, probe)? {
        return Ok(wide(table, classes, "called like the labels"));
    }
    if let Some(idx) = single_named(table, &free) {
        return Ok((ScoreColumns::Wide(vec![idx]), None, "by name"));
    }
    by_class_names(table, &free, label_idx, probe)
}

/// `--logits`: an exact name, or patterns with commas between.
fn by_pattern(table: &Chooser<'_>, pattern: &str, taken: &[usize]) -> Result<Choice, Problem> {
    let columns = table.columns;
    let exact = columns.iter().position(|c| c.name == pattern);
    let idxs: Vec<usize> = match exact {
        Some(idx) => vec![idx],
        None => matching(table, pattern, taken),
    };
    if let [only] = idxs[..]
        && let Some(choice) = nested(table, only, "--logits")
    {
        return Ok(choice);
    }
    let text: Vec<usize> = idxs.iter().copied().filter(|&i| !columns[i].ty.is_number()).collect();
    if !text.is_empty() {
        return Err(Problem::new(format!(
            "--logits {pattern} takes columns that are no numbers: {}",
            table.list(&text)
        ))
        .hint(
            "--logits 'PATTERN*' that leaves them out, or name the columns with commas between",
        ));
    }
    if idxs.is_empty() {
        return Err(Problem::new(format!(
            "no column matches --logits {pattern}; there are {}",
            table.list_all()
        ))
        .hint("--logits 'PATTERN*', or name the columns with commas between"));
    }
    Ok(wide(table, idxs, "--logits"))
}

/// The free columns that the patterns match, pattern by pattern. Names without a star, of which there may be as many as
/// columns, are looked up.
fn matching(table: &Chooser<'_>, patterns: &str, taken: &[usize]) -> Vec<usize> {
    let taken: HashSet<usize> = taken.iter().copied().collect();
    let columns = table.columns.iter().enumerate();
    let free: Vec<(usize, &str)> = columns
        .map(|(i, column)| (i, column.name.as_str()))
        .filter(|(i, _)| !taken.contains(i))
        .collect();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, name) in &free {
        by_name.entry(name).or_default().push(*i);
    }
    let of_pattern = |pattern: &str| -> Vec<usize> {
        if names::has_star(pattern) {
            let matching = free.iter().filter(|(_, name)| names::glob(pattern, name));
            return matching.map(|(i, _)| *i).collect();
        }
        by_name.get(pattern).cloned().unwrap_or_default()
    };
    patterns.split(',').flat_map(|p| of_pattern(p.trim())).collect()
}

/// A column of lists or records: the one called like logits, or the only one.
fn by_nested(table: &Chooser<'_>, free: &[usize]) -> Result<Option<Choice>, Problem> {
    let is_nested =
        |i: &usize| matches!(table.columns[*i].ty, ColumnType::List { .. } | ColumnType::Record(_));
    let nested_columns: Vec<usize> = free.iter().copied().filter(is_nested).collect();
    let rank = |i: usize| names::logits_rank(&table.columns[i].name.to_lowercase());
    let best = nested_columns.iter().filter_map(|&i| rank(i)).min();
    let chosen: Vec<usize> = match best {
        Some(_) => nested_columns.into_iter().filter(|&i| rank(i) == best).collect(),
        None => nested_columns,
    };
    match chosen[..] {
        [] => Ok(None),
        [only] => Ok(nested(
            table,
            only,
            if best.is_some() { "by name" } else { "the only column of lists" },
        )),
        _ => Err(ambiguous(table, &chosen, &table.columns[chosen[0]].name)),
    }
}

fn nested(table: &Chooser<'_>, idx: usize, how: &'static str) -> Option<Choice> {
    match &table.columns[idx].ty {
        ColumnType::List { .. } | ColumnType::IntList => Some((ScoreColumns::List(idx), None, how)),
        ColumnType::Record(fields) => {
            let fields = fields.clone();
            Some((ScoreColumns::Record(idx, fields.clone()), Some(fields), how))
        }
        _ => None,
    }
}

/// Columns that share a name but for a number at its end.
fn by_number(table: &Chooser<'_>, free: &[usize]) -> Result<Option<Choice>, Problem> {
    let rank = |prefix: &str| names::logits_rank(&prefix.to_lowercase());
    let mut groups = numbered(table, free, ColumnType::is_number);
    for (prefix, strangers) in numbered(table, free, |ty| *ty == ColumnType::Text) {
        adopt(&mut groups, prefix, strangers, rank(prefix).is_some() && table.has_names);
    }
    let any_float = |g: &[(u64, usize)]| g.iter().any(|(_, i)| table.columns[*i].ty.is_float());
    groups.retain(|prefix, g| {
        g.len() > 1 && (rank(prefix).is_some() || counts_up(g) && any_float(g))
    });
    let best = groups.keys().filter_map(|p| rank(p)).min();
    groups.retain(|prefix, _| best.is_none() || rank(prefix) == best);
    if groups.len() > 1 {
        let idxs: Vec<usize> = groups.values().flatten().map(|(_, i)| *i).collect();
        let first = groups.keys().next().copied().unwrap_or_default();
        return Err(ambiguous(table, &idxs, &format!("'{first}*'")));
    }
    let how = if !table.has_names {
        "all other columns"
    } else if best.is_some() {
        "by name"
    } else {
        "numbered columns"
    };
    let Some(group) = groups.values().next() else {
        return Ok(None);
    };
    let idxs: Vec<usize> = group.iter().map(|(_, i)| *i).collect();
    if group[0].0 > 0 {
        refuse_strangers(table, free, &idxs)?;
    }
    Ok(Some(wide(table, idxs, how)))
}

/// Numbers that begin at 1 may lack the first column, under a name that no longer looks like the others'.
///
/// # Errors
/// If another column of numbers with fractions stands beside them.
fn refuse_strangers(table: &Chooser<'_>, free: &[usize], group: &[usize]) -> Result<(), Problem> {
    let in_group: HashSet<usize> = group.iter().copied().collect();
    let is_stranger = |i: &usize| table.columns[*i].ty.is_float() && !in_group.contains(i);
    let strangers: Vec<usize> = free.iter().copied().filter(is_stranger).collect();
    let [stranger, ..] = strangers[..] else {
        return Ok(());
    };
    let name = |i: usize| table.columns[i].name.as_str();
    let listed: Vec<&str> = group.iter().map(|i| name(*i)).collect();
    let listed = listed.join(",");
    Err(Problem::new(format!(
        "the columns from {} on begin at {}, and {} may be one of them",
        name(group[0]),
        names::trailing_number(name(group[0])).map_or(1, |n| n.1),
        table.list(&strangers)
    ))
    .hint(format!("if it is: --logits '{},{listed}'; if not: --logits '{listed}'", name(stranger))))
}

/// Columns of some type that are numbered, by what stands before the number, and in the order of that.
fn numbered<'a>(
    table: &Chooser<'a>,
    free: &[usize],
    is_wanted: impl Fn(&ColumnType) -> bool,
) -> BTreeMap<&'a str, Vec<(u64, usize)>> {
    let mut groups: BTreeMap<&str, Vec<(u64, usize)>> = BTreeMap::new();
    for &idx in free {
        let column = &table.columns[idx];
        if let Some((prefix, number)) = names::trailing_number(&column.name)
            && is_wanted(&column.ty)
        {
            groups.entry(prefix).or_default().push((number, idx));
        }
    }
    for group in groups.values_mut() {
        group.sort_unstable();
    }
    groups
}

/// Takes columns of text into the numbered columns of numbers whose name they share, if that name is one of scores:
/// `logit_1` among `logit_0` and `logit_2` is a column of logits, whose bad cells are to be named. Without it the
/// classes would be others.
fn adopt<'a>(
    groups: &mut BTreeMap<&'a str, Vec<(u64, usize)>>,
    prefix: &'a str,
    strangers: Vec<(u64, usize)>,
    is_score: bool,
) {
    if let Some(group) = groups.get_mut(prefix).filter(|_| is_score) {
        group.extend(strangers);
        group.sort_unstable();
    }
}

/// True for 0, 1, 2, ... and 1, 2, 3, ...
fn counts_up(group: &[(u64, usize)]) -> bool {
    let first = group[0].0;
    first <= 1 && (first..).zip(group).all(|(expected, (number, _))| expected == *number)
}

/// Columns such as `logit_ham`, `logit_spam`.
fn by_prefix(table: &Chooser<'_>, free: &[usize]) -> Result<Option<Choice>, Problem> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &idx in free {
        let column = &table.columns[idx];
        if let Some(prefix) = names::score_prefix(&column.name).filter(|_| column.ty.is_number()) {
            groups.entry(prefix.to_lowercase()).or_default().push(idx);
        }
    }
    groups.retain(|_, idxs| idxs.len() > 1);
    let rank = |prefix: &str| names::logits_rank(prefix).unwrap_or(usize::MAX);
    let best = groups.keys().map(|p| rank(p)).min();
    groups.retain(|prefix, _| Some(rank(prefix)) == best);
    if groups.len() > 1 {
        let idxs: Vec<usize> = groups.values().flatten().copied().collect();
        let first = groups.keys().next().cloned().unwrap_or_default();
        return Err(ambiguous(table, &idxs, &format!("'{first}*'")));
    }
    Ok(groups.into_values().next().map(|idxs| wide(table, idxs, "by name")))
}

/// The one column that is called like a score.
fn single_named(table: &Chooser<'_>, free: &[usize]) -> Option<usize> {
    let is_score = |i: &usize| {
        let column = &table.columns[*i];
        column.ty.is_number() && names::is_logits_name(&column.name)
    };
    let named: Vec<usize> = free.iter().copied().filter(is_score).collect();
    match named[..] {
        [only] => Some(only),
        _ => None,
    }
}

fn is_ragged(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::Other(what) if what == RAGGED)
}

const AS_MANY: &str = "as many columns of numbers with fractions as there are labels";

/// The error where no column has fractions.
fn no_scores(table: &Chooser<'_>) -> Problem {
    if let Some(ragged) = table.columns.iter().find(|c| is_ragged(&c.ty)) {
        return Problem::new(format!(
            "no column of logits found: {} holds {RAGGED}, so that no key is a class",
            ragged.name
        ))
        .hint("write the scores of a row as a list of one length, and its label as a place in that list");
    }
    Problem::new(format!("no column of logits found; there are {}", table.list_all())).hint(
        "--logits 'PATTERN*' for one column a class, or --logits COLUMN for a column of lists",
    )
}

/// Float columns that are called like the labels, or as many as the labels need.
fn by_class_names(
    table: &Chooser<'_>,
    free: &[usize],
    label_idx: Option<usize>,
    probe: &mut Probe<'_>,
) -> Result<Choice, Problem> {
    let floats: Vec<usize> =
        free.iter().copied().filter(|i| table.columns[*i].ty.is_float()).collect();
    let names_of: Vec<&str> = floats.iter().map(|&i| table.columns[i].name.as_str()).collect();
    if floats.is_empty() {
        return Err(no_scores(table));
    }
    if floats.len() == 1 {
        return Ok((ScoreColumns::Wide(floats), None, "the only column of numbers with fractions"));
    }
    if table.options.unlabelled && label_idx.is_none() {
        // A column of whole numbers may be logits that happen to be whole, or something else altogether.
        let numbers = |i: &usize| table.columns[*i].ty.is_number();
        let numbers: Vec<usize> = free.iter().copied().filter(numbers).collect();
        if numbers.len() > floats.len() {
            let flag = format!("'{}'", names_of.join(","));
            return Err(ambiguous(table, &numbers, &flag));
        }
        return Ok(wide(table, floats, "every column of numbers"));
    }
    let unsure = || ambiguous(table, &floats, &one_family(&names_of));
    let labels = labels::simplify(probe(label_idx.ok_or_else(unsure)?)?);
    let how = match &labels {
        RawLabels::Text(texts) => {
            let distinct = labels::distinct(texts, labels::IGNORE_INDEX);
            let called: HashSet<&str> = distinct.iter().map(AsRef::as_ref).collect();
            if names_of.iter().all(|name| called.contains(name)) {
                Some("called like the labels")
            } else {
                (distinct.len() == floats.len()).then_some(AS_MANY)
            }
        }
        // As many labels as columns of numbers: each column is about one.
        RawLabels::Entries { n_labels, .. } | RawLabels::Soft { n_labels, .. } => {
            (*n_labels == floats.len()).then_some(AS_MANY)
        }
        RawLabels::Whole(whole) => {
            let offset = table.options.label_offset;
            let top = whole.iter().max().map(|m| m.saturating_sub(offset));
            let top = top.and_then(|t| usize::try_from(t).ok());
            (!table.has_names || top == floats.len().checked_sub(1)).then_some(AS_MANY)
        }
    };
    how.map(|how| wide(table, floats.clone(), how)).ok_or_else(unsure)
}

/// The pattern of the first columns that begin alike up to a mark, if there are several such families of one size
/// (scores and their probabilities): all of them together are no logits.
fn one_family(names: &[&str]) -> String {
    let marks = [':', '=', '.', '_', '-', '/', ' '];
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let end = name.rfind(marks).map_or(0, |at| at + 1);
        families.entry(&name[..end]).or_default().push(name);
    }
    let first = names.first().and_then(|name| families.values().find(|f| f.contains(name)));
    match first {
        Some(first) if families.len() > 1 && first.len() > 1 => format!("'{}'", first.join(",")),
        Some(_) if families.len() > 1 => {
            "'PATTERN*', or the names of the columns of logits with commas between".to_owned()
        }
        _ => format!("'{}'", names.join(",")),
    }
}

fn ambiguous(table: &Chooser<'_>, idxs: &[usize], flag: &str) -> Problem {
    Problem::new(format!("it is not clear which columns are the logits: {}", table.list(idxs)))
        .hint(format!("--logits {flag}"))
}

/// One column for each class: in the order of their numbers if they are numbered, else as stored.
fn wide(table: &Chooser<'_>, mut idxs: Vec<usize>, how: &'static str) -> Choice {
    let name = |i: usize| table.columns[i].name.as_str();
    let numbers: Option<Vec<(&str, u64)>> =
        idxs.iter().map(|&i| names::trailing_number(name(i))).collect();
    let same_prefix = |n: &Vec<(&str, u64)>| n.windows(2).all(|w| w[0].0 == w[1].0);
    let class_names = if numbers.as_ref().is_some_and(same_prefix) {
        let number = |i: usize| names::trailing_number(name(i)).map_or(0, |n| n.1);
        idxs.sort_by_key(|&i| number(i));
        let counted: Vec<(u64, usize)> = idxs.iter().map(|&i| (number(i), i)).collect();
        let names = || counted.iter().map(|(n, _)| n.to_string()).collect();
        (!counts_up(&counted)).then(names)
    } else {
        let without_prefix = |i: usize| {
            let full = name(i);
            full[names::score_prefix(full).map_or(0, str::len)..].to_owned()
        };
        Some(idxs.iter().map(|&i| without_prefix(i)).collect())
    };
    let class_names = class_names.filter(|_| idxs.len() > 1 && table.has_names);
    (ScoreColumns::Wide(idxs), class_names, how)
}
