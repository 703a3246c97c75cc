//! Which columns of a table can be logits, and which labels, for a user who chooses.

use std::collections::{BTreeMap, HashSet};

use super::super::OpenOptions;
use super::super::names;
use super::super::offer::Offered;
use super::super::words;
use super::columns::{Chooser, Column, ColumnType, ScoreColumns};
use super::peek::Head;
use super::scores;

/// Single columns that are offered as the score of binary data, at most.
const MAX_SINGLE: usize = 40;

impl Head {
    /// With the columns that folders stand for.
    pub(in crate::io) fn with_constants(mut self, constants: &[(String, String)]) -> Self {
        let column =
            |(name, _): &(String, String)| Column { name: name.clone(), ty: ColumnType::Text };
        self.columns.extend(constants.iter().map(column));
        self
    }

    /// Name and type of every column.
    pub(in crate::io) fn types(&self) -> Vec<(&str, String)> {
        let one = |c: &'_ Column| c.ty.describe();
        self.columns.iter().map(|c| (c.name.as_str(), one(c))).collect()
    }

    /// What can be logits, what labels, and what names or groups rows; the likeliest first.
    pub(in crate::io) fn candidates(&self) -> (Vec<Offered>, Vec<Offered>, Vec<Offered>) {
        let groups = groups(&self.columns);
        let (logits, labels) = (self.logits(&groups), self.labels(&groups));
        (logits, labels, self.beside(&groups))
    }

    fn beside(&self, groups: &[Vec<usize>]) -> Vec<Offered> {
        let grouped: HashSet<usize> = groups.iter().flatten().copied().collect();
        let in_group = |i: usize| grouped.contains(&i);
        let is_discrete =
            |c: &Column| matches!(c.ty, ColumnType::Int | ColumnType::Bool | ColumnType::Text);
        let all = self.columns.iter().enumerate();
        let possible = all.filter(|(i, c)| is_discrete(c) && !in_group(*i));
        let one = |(_, c): (usize, &Column)| {
            Offered::inside(
                &c.name,
                format!("{} ({})", c.name, c.ty.describe()),
                "one for each row",
            )
        };
        possible.map(one).collect()
    }

    fn logits(&self, groups: &[Vec<usize>]) -> Vec<Offered> {
        let columns = &self.columns;
        let nested = columns.iter().enumerate().filter(|(_, c)| is_nested(&c.ty));
        let mut sets: Vec<(Vec<usize>, &str)> =
            nested.map(|(i, _)| (vec![i], "a column of lists")).collect();
        sets.extend(groups.iter().map(|g| (g.clone(), "columns of one name")));
        let floats: Vec<usize> = (0..columns.len())
            .filter(|i| columns[*i].ty.is_float() && !names::is_carried(&columns[*i].name))
            .collect();
        if floats.len() > 1 && !groups.contains(&floats) {
            sets.push((floats.clone(), "every column of numbers with fractions"));
        }
        let grouped: HashSet<usize> = groups.iter().flatten().copied().collect();
        let in_group = |i: &usize| grouped.contains(i);
        let single = floats.iter().filter(|i| !in_group(i)).take(MAX_SINGLE);
        sets.extend(single.map(|i| (vec![*i], "one score: binary data")));
        let rank =
            |set: &[usize]| names::logits_rank(&stem(&columns[set[0]].name)).unwrap_or(usize::MAX);
        // Stable: among equals lists come before groups, and these before single columns.
        sets.sort_by_key(|(set, _)| rank(set));
        sets.iter().filter_map(|(set, why)| self.selected(set, why)).collect()
    }

    /// The candidate that takes exactly the columns `set`; `None` if no pattern does.
    fn selected(&self, set: &[usize], why: &str) -> Option<Offered> {
        let patterns = [one_star(&self.columns, set), Some(listed(&self.columns, set))];
        patterns.into_iter().flatten().find_map(|pattern| {
            let options = OpenOptions { logits: Some(pattern.clone()), ..OpenOptions::default() };
            let chooser =
                Chooser { columns: &self.columns, options: &options, has_names: self.has_names };
            let mut unread = |_| Err(super::super::error::Problem::new("not read"));
            let (found, ..) = scores::choose(&chooser, &[], None, &mut unread).ok()?;
            let mut taken = match &found {
                ScoreColumns::Wide(idxs) => idxs.clone(),
                ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => vec![*idx],
            };
            taken.sort_unstable();
            let mut wanted = set.to_vec();
            wanted.sort_unstable();
            (taken == wanted).then(|| Offered::inside(pattern, chooser.describe(&found), why))
        })
    }

    fn labels(&self, groups: &[Vec<usize>]) -> Vec<Offered> {
        let grouped: HashSet<usize> = groups.iter().flatten().copied().collect();
        let in_group = |i: usize| grouped.contains(&i);
        let possible = |(i, c): (usize, &Column)| {
            let rank = names::labels_rank(&c.name);
            let is_discrete = matches!(
                c.ty,
                ColumnType::Int | ColumnType::Bool | ColumnType::Text | ColumnType::IntList
            );
            let predicted = words::say_prediction(&c.name);
            let why = match (&c.ty, rank) {
                _ if in_group(i) => return None,
                _ if predicted && is_discrete => "called like predictions",
                (ColumnType::Other(_) | ColumnType::Record(_), _) => return None,
                (_, Some(_)) => "called like labels",
                (ColumnType::Float { whole: true, .. }, None) => "whole numbers",
                (_, None) if is_discrete => "it holds no fractions",
                _ => return None,
            };
            let carried = names::is_carried(&c.name) && !names::is_label_name(&c.name);
            let words = format!("{} ({})", c.name, c.ty.describe());
            let key = (carried || predicted, predicted, rank.unwrap_or(usize::MAX));
            Some((key, Offered::inside(&c.name, words, why)))
        };
        let mut found: Vec<_> = self.columns.iter().enumerate().filter_map(possible).collect();
        found.sort_by_key(|(key, _)| *key);
        found.into_iter().map(|(_, offered)| offered).collect()
    }
}

fn is_nested(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::List { .. } | ColumnType::Record(_))
}

/// `logit_` of `logit_12`, as names are ranked.
fn stem(name: &str) -> String {
    let prefix = names::trailing_number(name).map_or(name, |(prefix, _)| prefix);
    let prefix = names::score_prefix(name).unwrap_or(prefix);
    prefix.to_lowercase()
}

/// Columns of numbers that share a name but for a number or a class at its end.
fn groups(columns: &[Column]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (idx, column) in columns.iter().enumerate().filter(|(_, c)| c.ty.is_number()) {
        let numbered = names::trailing_number(&column.name).map(|(prefix, _)| prefix);
        let prefix = numbered.or_else(|| names::score_prefix(&column.name));
        if let Some(prefix) = prefix.filter(|_| !names::is_carried(&column.name)) {
            groups.entry(prefix.to_lowercase()).or_default().push(idx);
        }
    }
    groups.into_values().filter(|g| g.len() > 1).collect()
}

/// `logit_*`, where all columns of the set begin alike.
fn one_star(columns: &[Column], set: &[usize]) -> Option<String> {
    let first = columns[set[0]].name.as_str();
    if set.len() < 2 {
        return Some(first.to_owned());
    }
    let numbered = names::trailing_number(first).map(|(prefix, _)| prefix);
    let prefix = numbered.or_else(|| names::score_prefix(first))?;
    Some(format!("{}*", prefix.replace(',', "?")))
}

/// The names with commas between; what a pattern cannot hold stands as `?`, which is any character.
fn listed(columns: &[Column], set: &[usize]) -> String {
    let name = |i: &usize| -> String {
        let name = &columns[*i].name;
        let ends =
            [name.find(|c: char| !c.is_whitespace()), name.rfind(|c: char| !c.is_whitespace())];
        let escaped = |(at, c): (usize, char)| {
            let is_margin = c.is_whitespace() && (Some(at) < ends[0] || Some(at) > ends[1]);
            if c == ',' || is_margin { '?' } else { c }
        };
        name.char_indices().map(escaped).collect()
    };
    set.iter().map(name).collect::<Vec<_>>().join(",")
}
