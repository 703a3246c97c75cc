//! The arrays of a pickle by name: entries of dictionaries, items of tuples, and lists of batches.

use super::super::array::{Dtype, Elements};
use super::value::{Heap, Object, Pickled, PickledArray, Value};
use crate::data::Values;

/// Nesting that is looked into.
const MAX_DEPTH: usize = 32;

/// An array of the pickle under the name its place gives it: `val/logits`, or `0` for an item.
#[derive(Debug)]
pub(in crate::io) struct Named {
    pub(in crate::io) name: String,
    pub(in crate::io) array: Gathered,
}

/// An array, or what can be read as one.
#[derive(Clone, Debug)]
pub(in crate::io) enum Gathered {
    /// Arrays that follow each other along their first axis: one, or the batches of a list.
    Pieces(Vec<PickledArray>),
    /// Numbers, truth values or texts of Python, row-major, with their shape.
    Plain(Elements, Vec<usize>),
}

/// What a value turned out to be.
#[derive(Clone, Debug)]
enum Tree {
    /// One number, truth value or text of Python.
    Scalar(Plain),
    Array(Gathered),
    /// Entries by name; the items of a tuple or list by number.
    Entries(Vec<(String, Tree)>),
    /// Nothing that could be logits or labels.
    Nothing,
}

/// A value of Python.
#[derive(Clone, Debug)]
enum Plain {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// All arrays of `pickled`; a bare array is called `stem`. The flag says that the names of parts are
/// those of `((logits_val, labels_val), (logits_test, labels_test))`, known by position alone.
pub(in crate::io) fn name_arrays(
    pickled: &Pickled,
    n_bytes: u64,
    stem: &str,
) -> (Vec<Named>, bool) {
    let mut walk = Walk {
        heap: &pickled.heap,
        // Each value costs a byte at least, unless it is referred to again and again.
        n_left: usize::try_from(n_bytes).unwrap_or(usize::MAX),
    };
    let mut tree = walk.tree(pickled.root, 0);
    let by_position = name_parts(&mut tree);
    let mut named = Vec::new();
    flatten(tree, String::new(), stem, &mut named);
    stack_rows(&mut named);
    (named, by_position)
}

struct Walk<'a> {
    heap: &'a Heap,
    /// Values that may still be visited: nested references could otherwise multiply without end.
    n_left: usize,
}

impl Walk<'_> {
    fn tree(&mut self, value: Value, depth: usize) -> Tree {
        if self.n_left == 0 || depth > MAX_DEPTH {
            return Tree::Nothing;
        }
        self.n_left -= 1;
        match value {
            Value::None => Tree::Nothing,
            Value::Bool(v) => Tree::Scalar(Plain::Bool(v)),
            Value::Int(v) => Tree::Scalar(Plain::Int(v)),
            Value::Float(v) => Tree::Scalar(Plain::Float(v)),
            Value::Object(_) => match self.heap.get(value) {
                Some(Object::Array(array)) => {
                    Tree::Array(Gathered::Pieces(vec![(**array).clone()]))
                }
                Some(Object::Tuple(items)) => numbered(self.items(items, depth)),
                Some(Object::List(items)) => {
                    let trees = self.items(items, depth);
                    merge(&trees).unwrap_or_else(|| numbered(trees))
                }
                Some(Object::Dict(entries)) => self.entries(entries, depth),
                Some(Object::Text(_) | Object::Bytes(_)) => match self.heap.text(value) {
                    Some(text) => Tree::Scalar(Plain::Text(text.to_string())),
                    None => Tree::Nothing,
                },
                _ => Tree::Nothing,
            },
        }
    }

    fn items(&mut self, items: &[Value], depth: usize) -> Vec<Tree> {
        items.iter().map(|v| self.tree(*v, depth + 1)).collect()
    }

    fn entries(&mut self, entries: &[(Value, Value)], depth: usize) -> Tree {
        let mut named = Vec::new();
        for (key, value) in entries {
            let name = match key {
                Value::Int(n) => n.to_string(),
                key => match self.heap.text(*key) {
                    Some(text) => text.to_string(),
                    None => continue,
                },
            };
            named.push((name, self.tree(*value, depth + 1)));
        }
        Tree::Entries(named)
    }
}

fn numbered(items: Vec<Tree>) -> Tree {
    let named = items.into_iter().enumerate();
    Tree::Entries(named.map(|(i, tree)| (i.to_string(), tree)).collect())
}

/// The items of a list as one: numbers as a vector, lists of numbers as rows, arrays one after the
/// other, and entries of the same names each merged with its like. `None` if they do not match.
fn merge(items: &[Tree]) -> Option<Tree> {
    match items.first()? {
        Tree::Scalar(_) => plain_vector(items),
        Tree::Array(Gathered::Plain(..)) => plain_rows(items),
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
        Tree::Nothing => items
            .iter()
            .all(|t| matches!(t, Tree::Nothing))
            .then_some(Tree::Nothing),
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
            Plain::Text(v) => Some(v.clone()),
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
        pieces.iter_mut().for_each(|p| add_axis(p));
    }
    Some(Tree::Array(Gathered::Pieces(pieces)))
}

/// A scalar as a vector of one, a vector as a matrix of one row.
fn add_axis(piece: &mut PickledArray) {
    piece.shape.insert(0, 1);
    piece.strides.insert(0, 1);
}

/// True for two pairs of a float matrix and a vector of as many rows.
fn is_two_parts(items: &[Tree]) -> bool {
    items.len() == 2 && items.iter().all(is_pair)
}

fn is_pair(tree: &Tree) -> bool {
    let Tree::Entries(entries) = tree else {
        return false;
    };
    let [("0", Tree::Array(logits)), ("1", Tree::Array(labels))] = &entries
        .iter()
        .map(|(n, t)| (n.as_str(), t))
        .collect::<Vec<_>>()[..]
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

fn flatten(tree: Tree, path: String, stem: &str, out: &mut Vec<Named>) {
    match tree {
        Tree::Array(array) => {
            let name = if path.is_empty() {
                stem.to_owned()
            } else {
                path
            };
            out.push(Named { name, array });
        }
        Tree::Entries(entries) => {
            for (name, tree) in entries {
                let path = match path.as_str() {
                    "" => name,
                    above => format!("{above}/{name}"),
                };
                flatten(tree, path, stem, out);
            }
        }
        Tree::Scalar(_) | Tree::Nothing => {}
    }
}

/// A list of N vectors of the same length is one vector of batches, or a matrix of N rows: the
/// latter if something else has N rows and nothing has as many as there are numbers.
fn stack_rows(named: &mut [Named]) {
    let counts: Vec<usize> = named
        .iter()
        .map(|n| n.array.shape()[..].first().copied().unwrap_or(0))
        .collect();
    for array in named.iter_mut().map(|n| &mut n.array) {
        let Gathered::Pieces(pieces) = array else {
            continue;
        };
        let width = pieces[0].shape.first().copied().unwrap_or(0);
        let vectors = width > 1 && pieces.iter().all(|p| p.shape == [width]);
        let n_rows = pieces.len();
        let others = |n: usize| counts.iter().filter(|c| **c == n).count();
        let is_float = pieces[0].dtype.as_ref().is_ok_and(|d: &Dtype| d.is_float());
        if n_rows > 1 && vectors && is_float && others(n_rows) > 0 && others(n_rows * width) <= 1 {
            pieces.iter_mut().for_each(add_axis);
        }
    }
}

impl Gathered {
    /// Lengths of the axes of the whole.
    pub(in crate::io) fn shape(&self) -> Vec<usize> {
        match self {
            Self::Plain(_, shape) => shape.clone(),
            Self::Pieces(pieces) => {
                let mut shape = pieces.first().map_or_else(Vec::new, |p| p.shape.clone());
                if let Some(n_rows) = shape.first_mut() {
                    let each = pieces.iter().map(|p| p.shape[0]);
                    *n_rows = each.fold(0, usize::saturating_add);
                }
                shape
            }
        }
    }
}
