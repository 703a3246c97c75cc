//! The arrays of a pickle by name: entries of dictionaries, items of tuples, and lists of batches.

use std::collections::HashMap;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::merge::add_axis;
use super::tree::{Gathered, Tree, endless, tree_of};
use super::value::Pickled;

/// Bytes of the names of all places, for each byte of the pickle.
const PATH_RATIO: usize = 64;

/// An array of the pickle under the name its place gives it: `val/logits`, or `0` for an item.
#[derive(Debug)]
pub(in crate::io) struct Named {
    pub(in crate::io) name: String,
    pub(in crate::io) array: Gathered,
}

/// All arrays of a pickle of `n_bytes` bytes; a bare array is called `stem`. The flag says that the
/// names of parts are those of `((logits_val, labels_val), (logits_test, labels_test))`, known by
/// position alone.
///
/// # Errors
/// As [`tree_of`].
pub(in crate::io) fn name_arrays(
    pickled: &Pickled,
    n_bytes: u64,
    stem: &str,
) -> Result<(Vec<Named>, bool), Problem> {
    let mut tree = tree_of(pickled, n_bytes)?;
    let by_position = name_parts(&mut tree);
    let mut named = Vec::new();
    let mut room = usize::try_from(n_bytes).unwrap_or(usize::MAX).saturating_mul(PATH_RATIO);
    flatten(tree, String::new(), (stem, &mut room), &mut named)?;
    stack_rows(&mut named);
    Ok((named, by_position))
}

/// True for two pairs of a float matrix and a vector of as many rows.
pub(super) fn is_two_parts(items: &[Tree]) -> bool {
    items.len() == 2 && items.iter().all(is_pair)
}

fn is_pair(tree: &Tree) -> bool {
    let Tree::Entries(entries) = tree else {
        return false;
    };
    let [("0", Tree::Array(logits)), ("1", Tree::Array(labels))] =
        &entries.iter().map(|(n, t)| (n.as_str(), t)).collect::<Vec<_>>()[..]
    else {
        return false;
    };
    let (logits, labels) = (logits.shape(), labels.shape());
    logits.len() == 2 && logits.first() == labels.first() && matches!(labels[..], [_] | [_, 1])
}

/// Gives `((a, b), (c, d))` the names it is known to have.
fn name_parts(tree: &mut Tree) -> bool {
    let Tree::Entries(parts) = tree else {
        return false;
    };
    let two = parts.len() == 2 && parts[0].0 == "0" && parts.iter().all(|(_, t)| is_pair(t));
    if two {
        for ((part, tree), name) in parts.iter_mut().zip(["val", "test"]) {
            name.clone_into(part);
            if let Tree::Entries(pair) = tree {
                for ((entry, _), name) in pair.iter_mut().zip(["logits", "labels"]) {
                    name.clone_into(entry);
                }
            }
        }
    }
    two
}

fn flatten(
    tree: Tree,
    path: String,
    (stem, room): (&str, &mut usize),
    out: &mut Vec<Named>,
) -> Result<(), Problem> {
    *room = room.checked_sub(path.len()).ok_or_else(endless)?;
    match tree {
        Tree::Array(array) => {
            let name = if path.is_empty() { stem.to_owned() } else { path };
            out.push(Named { name, array });
        }
        Tree::Entries(entries) => {
            for (name, tree) in entries {
                let path = match path.as_str() {
                    "" => name,
                    above => format!("{above}/{name}"),
                };
                flatten(tree, path, (stem, room), out)?;
            }
        }
        Tree::Scalar(_) | Tree::Nothing => {}
    }
    Ok(())
}

/// A list of N vectors of the same length is one vector of batches, or a matrix of N rows: the
/// latter if something else has N rows and nothing has as many as there are numbers.
fn stack_rows(named: &mut [Named]) {
    let mut counts = HashMap::new();
    for n in named.iter() {
        *counts.entry(n.array.shape().first().copied().unwrap_or(0)).or_insert(0usize) += 1;
    }
    for array in named.iter_mut().map(|n| &mut n.array) {
        let Gathered::Pieces(pieces) = array else {
            continue;
        };
        let width = pieces[0].shape.first().copied().unwrap_or(0);
        let vectors = width > 1 && pieces.iter().all(|p| p.shape == [width]);
        let n_rows = pieces.len();
        let others = |n: usize| counts.get(&n).copied().unwrap_or(0);
        let is_float = pieces[0].dtype.as_ref().is_ok_and(|d: &Dtype| d.is_float());
        if n_rows > 1 && vectors && is_float && others(n_rows) > 0 && others(n_rows * width) <= 1 {
            pieces.iter_mut().for_each(add_axis);
        }
    }
}
