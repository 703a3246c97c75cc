//! A list of JSON while it is read: numbers, truth values or texts, row-major.

use super::super::array::Elements;
use super::super::picked::grouped;
use crate::data::Values;

/// Lists within lists that make one array: sentences, tokens, classes.
pub(super) const MAX_AXES: usize = 3;

/// An item of a list that is none itself.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Scalar {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Null,
}

impl Scalar {
    /// As a message quotes it.
    fn quoted(&self) -> String {
        const SHOWN: usize = 40;
        match self {
            Self::Int(n) => n.to_string(),
            Self::Float(x) => x.to_string(),
            Self::Bool(truth) => truth.to_string(),
            Self::Text(text) => format!("{:?}", text.chars().take(SHOWN).collect::<String>()),
            Self::Null => "null".to_owned(),
        }
    }
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// Of each axis the length of its first list, once that is over.
    lengths: [Option<usize>; MAX_AXES],
    /// The axis along which there are scalars.
    last_axis: Option<usize>,
    /// Places within the lists that are open.
    place: [usize; MAX_AXES],
    elements: Option<Elements>,
    /// Why it makes no array.
    problem: Option<String>,
}

impl Grown {
    /// True if the items of a list along `axis` may be lists.
    pub(super) fn may_be_list(&self, axis: usize) -> bool {
        self.problem.is_none()
            && axis + 1 < MAX_AXES
            && self.last_axis.is_none_or(|last| axis < last)
    }

    /// Item `place` of a list along `axis` comes next.
    pub(super) fn at(&mut self, axis: usize, place: usize) {
        self.place[axis] = place;
    }

    /// A list along `axis` is over after `n` items.
    pub(super) fn close(&mut self, axis: usize, n: usize) {
        match self.lengths[axis] {
            None => self.lengths[axis] = Some(n),
            Some(first) if first != n => {
                let row = self.named(axis.saturating_sub(1));
                let items = if n == 1 { "item" } else { "items" };
                self.note(format!("{row} has {n} {items}, and row 1 has {first}"));
            }
            Some(_) => {}
        }
    }

    /// A list, or an object, that cannot be part of the array.
    pub(super) fn refuse(&mut self, axis: usize, is_object: bool) {
        let place = self.named(axis);
        let what = if is_object { "an object" } else { "a list" };
        if axis + 1 == MAX_AXES && self.last_axis.is_none() && !is_object {
            self.note(format!("{place}: lists within lists, more than three deep"));
        } else {
            self.note(format!("{place}: {what} stands where there should be a number"));
        }
    }

    /// A scalar along `axis`.
    pub(super) fn push(&mut self, axis: usize, item: Scalar) {
        if self.problem.is_some() {
            return;
        }
        let last = *self.last_axis.get_or_insert(axis);
        let is_deeper = self.lengths[axis + 1..].iter().any(Option::is_some);
        if last != axis || is_deeper {
            let (place, quoted) = (self.named(axis), item.quoted());
            return self.note(format!("{place}: {quoted} stands where there should be a list"));
        }
        let elements = self.elements.take();
        match joined(elements, item) {
            Ok(elements) => self.elements = Some(elements),
            Err((item, what)) => {
                let (place, quoted) = (self.named(axis), item.quoted());
                self.note(format!("{place}: {quoted} is no {what}"));
            }
        }
    }

    /// The lengths of the axes, and the elements or why they make no array.
    pub(super) fn finish(self) -> (Vec<usize>, Result<Elements, String>) {
        let lengths = self.lengths.into_iter().map_while(|length| length);
        let shape: Vec<usize> = lengths.collect();
        let none = || Elements::Float(Values::F64(Vec::new()));
        match self.problem {
            Some(problem) => (shape, Err(problem)),
            None => (shape, Ok(self.elements.unwrap_or_else(none))),
        }
    }

    /// The first reason is the one that is told, and nothing is kept any longer.
    fn note(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
        self.elements = None;
    }

    /// `row 3, column 2`, counted from 1.
    fn named(&self, axis: usize) -> String {
        let place = |axis: usize| grouped(self.place[axis] + 1);
        let row = place(0);
        match axis {
            0 => format!("row {row}"),
            1 => format!("row {row}, column {}", place(1)),
            _ => format!("row {row}, item {}, column {}", place(1), place(2)),
        }
    }
}

/// The elements with one more, or the one that does not go with them and what they are.
fn joined(elements: Option<Elements>, item: Scalar) -> Result<Elements, (Scalar, &'static str)> {
    let wide = |whole: Vec<i64>, more: f64| {
        let numbers = whole.into_iter().map(|n| n as f64);
        Elements::Float(Values::F64(numbers.chain([more]).collect()))
    };
    Ok(match (elements, item) {
        (None, Scalar::Int(n)) => Elements::Int(vec![n]),
        (None, Scalar::Float(x)) => Elements::Float(Values::F64(vec![x])),
        (None, Scalar::Bool(truth)) => Elements::Bool(vec![truth]),
        (None, Scalar::Text(text)) => Elements::Text(vec![text]),
        (Some(Elements::Int(mut all)), Scalar::Int(n)) => {
            all.push(n);
            Elements::Int(all)
        }
        (Some(Elements::Int(all)), Scalar::Float(x)) => wide(all, x),
        (Some(Elements::Float(Values::F64(mut all))), Scalar::Float(x)) => {
            all.push(x);
            Elements::Float(Values::F64(all))
        }
        (Some(Elements::Float(Values::F64(mut all))), Scalar::Int(n)) => {
            all.push(n as f64);
            Elements::Float(Values::F64(all))
        }
        (Some(Elements::Bool(mut all)), Scalar::Bool(truth)) => {
            all.push(truth);
            Elements::Bool(all)
        }
        (Some(Elements::Text(mut all)), Scalar::Text(text)) => {
            all.push(text);
            Elements::Text(all)
        }
        (Some(Elements::Text(_)), item) => return Err((item, "text")),
        (Some(Elements::Bool(_)), item) => return Err((item, "truth value")),
        (None | Some(Elements::Int(_) | Elements::Float(_)), item) => return Err((item, "number")),
    })
}
