//! From tokens to a condition, by recursive descent.

use super::tokens::{Token, before, tokens};
use super::{Filter, FilterError, Op, Value};

/// Conditions within conditions at most: the stack is finite.
const MAX_DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let filter = parser.any()?;
    match parser.peek() {
        None => Ok(filter),
        Some(_) => Err(parser.expected("& or |")),
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, &'a str)>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, expected: &'static str) -> FilterError {
        let place = match self.tokens.get(self.at) {
            Some((_, rest)) => before(rest),
            None => "at the end".to_owned(),
        };
        FilterError::Syntax { expected, place }
    }

    fn any(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        let any = self.joined(&Token::Or, Self::all, Filter::Any);
        self.depth -= 1;
        any
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        self.joined(&Token::And, Self::not, Filter::All)
    }

    fn joined(
        &mut self,
        between: &Token,
        part: fn(&mut Self) -> Result<Filter, FilterError>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, FilterError> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(between) {
            parts.push(part(self)?);
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Ok(join(parts)),
        }
    }

    fn not(&mut self) -> Result<Filter, FilterError> {
        let mut negated = false;
        while self.take(&Token::Not) {
            negated = !negated;
        }
        let inner = if self.take(&Token::Open) {
            let inner = self.any()?;
            if !self.take(&Token::Close) {
                return Err(self.expected(")"));
            }
            inner
        } else {
            self.comparison()?
        };
        Ok(if negated { Filter::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Result<Filter, FilterError> {
        let column = match self.peek() {
            Some(Token::Word(name) | Token::Name(name)) => name.clone(),
            _ => return Err(self.expected("the name of a column")),
        };
        self.at += 1;
        if self.take(&Token::Not) {
            if !self.take(&Token::In) {
                return Err(self.expected("in"));
            }
            let values = self.list()?;
            return Ok(Filter::Not(Box::new(Filter::OneOf { column, values })));
        }
        if self.take(&Token::In) {
            let values = self.list()?;
            return Ok(Filter::OneOf { column, values });
        }
        let Some(Token::Compare(op)) = self.peek() else {
            return Err(self.expected("=, !=, <, <=, >, >= or in"));
        };
        let op: Op = *op;
        self.at += 1;
        let value = self.value()?;
        Ok(Filter::Compare { column, op, value })
    }

    /// `(a, b)`.
    fn list(&mut self) -> Result<Vec<Value>, FilterError> {
        if !self.take(&Token::Open) {
            return Err(self.expected("("));
        }
        let mut values = vec![self.value()?];
        while self.take(&Token::Comma) {
            values.push(self.value()?);
        }
        if !self.take(&Token::Close) {
            return Err(self.expected(", or )"));
        }
        Ok(values)
    }

    fn value(&mut self) -> Result<Value, FilterError> {
        let (text, quoted) = match self.peek() {
            Some(Token::Word(text)) => (text.clone(), false),
            Some(Token::Quoted(text)) => (text.clone(), true),
            _ => return Err(self.expected("a value")),
        };
        self.at += 1;
        Ok(Value { text, quoted })
    }
}
