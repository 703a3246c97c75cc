//! What a pickle holds as a tree of arrays: dictionaries, tuples and lists taken apart.

use std::rc::Rc;

use super::super::array::Elements;
use super::super::error::Problem;
use super::merge::merge;
use super::value::{Heap, Object, Pickled, PickledArray, Value, damaged};

/// Nesting that is looked into.
const MAX_DEPTH: usize = 32;
/// Bytes of the name of an entry.
const MAX_NAME: usize = 256;
/// What an array counts beside a value.
const ARRAY_COST: usize = 3;
/// How often a text may occur on average, for each of its bytes in the pickle.
const TEXT_RATIO: usize = 64;

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
pub(super) enum Tree {
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
pub(super) enum Plain {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
}

/// Everything in a pickle of `n_bytes` bytes.
///
/// # Errors
/// If its lists and dictionaries refer to each other so often that there is no end to it.
pub(super) fn tree_of(pickled: &Pickled, n_bytes: u64) -> Result<Tree, Problem> {
    let n_bytes = usize::try_from(n_bytes).unwrap_or(usize::MAX);
    let mut walk =
        Walk { heap: &pickled.heap, n_values: n_bytes, n_text: n_bytes.saturating_mul(TEXT_RATIO) };
    walk.tree(pickled.root, 0)
}

struct Walk<'a> {
    heap: &'a Heap,
    /// Values that may still be visited. Each costs a byte of the pickle at least, unless it is
    /// referred to again and again.
    n_values: usize,
    /// Bytes of text that may still be copied. A text is written once, however often it occurs.
    n_text: usize,
}

impl Walk<'_> {
    fn tree(&mut self, value: Value, depth: usize) -> Result<Tree, Problem> {
        if depth > MAX_DEPTH {
            return Ok(Tree::Nothing);
        }
        self.n_values = self.n_values.checked_sub(1).ok_or_else(endless)?;
        Ok(match value {
            Value::None => Tree::Nothing,
            Value::Bool(v) => Tree::Scalar(Plain::Bool(v)),
            Value::Int(v) => Tree::Scalar(Plain::Int(v)),
            Value::Float(v) => Tree::Scalar(Plain::Float(v)),
            Value::Object(_) => self.object(value, depth)?,
        })
    }

    fn object(&mut self, value: Value, depth: usize) -> Result<Tree, Problem> {
        Ok(match self.heap.get(value) {
            Some(Object::Array(array)) => {
                // An array is named by two bytes wherever it occurs again, and copied there.
                let cost = ARRAY_COST + array.shape.len();
                self.n_values = self.n_values.checked_sub(cost).ok_or_else(endless)?;
                Tree::Array(Gathered::Pieces(vec![(**array).clone()]))
            }
            Some(Object::Tuple(items)) => numbered(self.items(items, depth)?),
            Some(Object::List(items)) => {
                let trees = self.items(items, depth)?;
                merge(&trees).unwrap_or_else(|| numbered(trees))
            }
            Some(Object::Dict(entries)) => self.entries(entries, depth)?,
            Some(Object::Text(_) | Object::Bytes(_)) => match self.text(value)? {
                Some(text) => Tree::Scalar(Plain::Text(text)),
                None => Tree::Nothing,
            },
            _ => Tree::Nothing,
        })
    }

    fn text(&mut self, value: Value) -> Result<Option<Rc<str>>, Problem> {
        let text = self.heap.text(value);
        let n_bytes = text.as_ref().map_or(0, |text| text.len());
        self.n_text = self.n_text.checked_sub(n_bytes).ok_or_else(endless)?;
        Ok(text)
    }

    fn items(&mut self, items: &[Value], depth: usize) -> Result<Vec<Tree>, Problem> {
        items.iter().map(|v| self.tree(*v, depth + 1)).collect()
    }

    fn entries(&mut self, entries: &[(Value, Value)], depth: usize) -> Result<Tree, Problem> {
        let mut named = Vec::new();
        for (key, value) in entries {
            let name = match key {
                Value::Int(n) => n.to_string(),
                key => match self.text(*key)? {
                    Some(text) if text.len() <= MAX_NAME => text.to_string(),
                    _ => continue,
                },
            };
            named.push((name, self.tree(*value, depth + 1)?));
        }
        Ok(Tree::Entries(named))
    }
}

pub(super) fn endless() -> Problem {
    damaged("its lists refer to each other without end")
}

fn numbered(items: Vec<Tree>) -> Tree {
    let named = items.into_iter().enumerate();
    Tree::Entries(named.map(|(i, tree)| (i.to_string(), tree)).collect())
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
