//! Lists as one array: numbers, rows of numbers, batches, and records of them.

use super::super::array::Elements;
use super::super::blob::Blob;
use super::named::is_two_parts;
use super::tree::{Gathered, Plain, Tree};
use super::value::{Data, PickledArray};
use crate::data::Values;

/// The items of a list as one: numbers as a vector, lists of numbers as rows, arrays one after the
/// other, and entries of the same names each merged with its like. `None` if they do not match.
pub(super) fn merge(items: &[Tree]) -> Option<Tree> {
    match items.first()? {
        Tree::Scalar(_) => plain_vector(items),
        Tree::Array(Gathered::Plain(..)) => plain_rows(items).or_else(|| ragged_rows(items)),
        Tree::Array(Gathered::Pieces(_)) => batches(items),
        Tree::Entries(entries) if !entries.is_empty() && !is_two_parts(items) => {
            let merged = entries.iter().enumerate().map(|(i, (name, _))| {
                let column: Option<Vec<Tree>> = items.iter().map(|t| entry(t, i, name)).collect();
                // What does not match from batch to batch (a metric, a file name) is no array.
                Some((name.clone(), merge(&column?).unwrap_or(Tree::Nothing)))
            });
            merged.collect::<Option<Vec<_>>>().map(Tree::Entries)
        }
        Tree::Entries(_) => None,
        Tree::Nothing => items.iter().all(|t| matches!(t, Tree::Nothing)).then_some(Tree::Nothing),
    }
}

/// Entry `i` of `tree` if it has this name.
fn entry(tree: &Tree, i: usize, name: &str) -> Option<Tree> {
    let Tree::Entries(entries) = tree else {
        return None;
    };
    entries.get(i).filter(|e| e.0 == name).map(|e| e.1.clone())
}

fn plain_vector(items: &[Tree]) -> Option<Tree> {
    let plain: Option<Vec<&Plain>> = items
        .iter()
        .map(|t| match t {
            Tree::Scalar(plain) => Some(plain),
            _ => None,
        })
        .collect();
    let plain = plain?;
    let elements = match plain.first()? {
        Plain::Bool(_) => Elements::Bool(each(&plain, |p| match p {
            Plain::Bool(v) => Some(*v),
            _ => None,
        })?),
        Plain::Text(_) => Elements::Text(each(&plain, |p| match p {
            Plain::Text(v) => Some(v.to_string()),
            _ => None,
        })?),
        Plain::Int(_) | Plain::Float(_) => numbers(&plain)?,
    };
    let shape = vec![items.len()];
    Some(Tree::Array(Gathered::Plain(elements, shape)))
}

fn each<T>(plain: &[&Plain], value: impl Fn(&Plain) -> Option<T>) -> Option<Vec<T>> {
    plain.iter().map(|p| value(p)).collect()
}

/// Integers if all are, floats otherwise.
fn numbers(plain: &[&Plain]) -> Option<Elements> {
    let whole = each(plain, |p| match p {
        Plain::Int(v) => Some(*v),
        _ => None,
    });
    whole.map(Elements::Int).or_else(|| {
        let floats = each(plain, |p| match p {
            Plain::Int(v) => Some(*v as f64),
            Plain::Float(v) => Some(*v),
            _ => None,
        });
        Some(Elements::Float(Values::F64(floats?)))
    })
}

/// Lists of the same length and kind, one below the other.
fn plain_rows(items: &[Tree]) -> Option<Tree> {
    let mut all: Option<(Elements, Vec<usize>)> = None;
    for item in items {
        let Tree::Array(Gathered::Plain(elements, shape)) = item else {
            return None;
        };
        all = Some(match all {
            None => (elements.clone(), shape.clone()),
            Some((mut above, of_row)) if of_row == *shape => {
                append(&mut above, elements)?;
                (above, of_row)
            }
            Some(_) => return None,
        });
    }
    let (elements, mut shape) = all?;
    shape.insert(0, items.len());
    Some(Tree::Array(Gathered::Plain(elements, shape)))
}

/// Lists of numbers that differ in length, as what they are: no array. Two of them may be anything.
fn ragged_rows(items: &[Tree]) -> Option<Tree> {
    let length = |item: &Tree| match item {
        Tree::Array(Gathered::Plain(Elements::Int(_) | Elements::Float(_), shape)) => {
            shape.first().copied().filter(|_| shape.len() == 1)
        }
        _ => None,
    };
    let lengths: Vec<usize> = items.iter().map(length).collect::<Option<_>>()?;
    let first = *lengths.first()?;
    let other = lengths.iter().position(|n| *n != first)?;
    let kind = format!(
        "ragged list (row 1 has {first} numbers, row {} has {})",
        other + 1,
        lengths[other]
    );
    (items.len() > 2).then(|| {
        Tree::Array(Gathered::Pieces(vec![PickledArray {
            dtype: Err(kind),
            big_endian: false,
            shape: vec![items.len()],
            strides: vec![1],
            start: 0,
            data: Data::Bytes(Blob::held(Vec::new())),
        }]))
    })
}

fn append(above: &mut Elements, below: &Elements) -> Option<()> {
    match (above, below) {
        (Elements::Int(a), Elements::Int(b)) => a.extend(b),
        (Elements::Bool(a), Elements::Bool(b)) => a.extend(b),
        (Elements::Text(a), Elements::Text(b)) => a.extend(b.iter().cloned()),
        (Elements::Float(Values::F64(a)), Elements::Float(Values::F64(b))) => a.extend(b),
        // A row of floats that happen to be written as integers.
        (Elements::Float(Values::F64(a)), Elements::Int(b)) => {
            a.extend(b.iter().map(|v| *v as f64));
        }
        _ => return None,
    }
    Some(())
}

/// Arrays of one type and byte order, whose shapes differ in the first axis alone.
fn batches(items: &[Tree]) -> Option<Tree> {
    let mut pieces: Vec<PickledArray> = Vec::new();
    for item in items {
        let Tree::Array(Gathered::Pieces(more)) = item else {
            return None;
        };
        for piece in more {
            let first = pieces.first().unwrap_or(piece);
            let matches = first.dtype == piece.dtype
                && first.big_endian == piece.big_endian
                && first.shape.len() == piece.shape.len()
                && first.shape.iter().skip(1).eq(piece.shape.iter().skip(1));
            if !matches {
                return None;
            }
            pieces.push(piece.clone());
        }
    }
    if pieces.iter().all(|p| p.shape.is_empty()) {
        pieces.iter_mut().for_each(add_axis);
    }
    Some(Tree::Array(Gathered::Pieces(pieces)))
}

/// A scalar as a vector of one, a vector as a matrix of one row.
pub(super) fn add_axis(piece: &mut PickledArray) {
    piece.shape.insert(0, 1);
    piece.strides.insert(0, 1);
}
