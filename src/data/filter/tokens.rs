//! A condition cut into words, values and signs.

use super::{FilterError, Op};
use crate::data::printable;

/// The smallest piece of a condition.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A name or a value.
    Word(String),
    /// A value between quotes.
    Quoted(String),
    /// A name between backticks.
    Name(String),
    Compare(Op),
    And,
    Or,
    Not,
    In,
    Open,
    Close,
    Comma,
}

/// Signs, the longer ones first.
const SIGNS: [(&str, Token); 17] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Compare(Op::Equal)),
    ("!=", Token::Compare(Op::NotEqual)),
    ("<>", Token::Compare(Op::NotEqual)),
    ("<=", Token::Compare(Op::LessOrEqual)),
    (">=", Token::Compare(Op::GreaterOrEqual)),
    ("&", Token::And),
    ("|", Token::Or),
    ("!", Token::Not),
    ("=", Token::Compare(Op::Equal)),
    ("<", Token::Compare(Op::Less)),
    (">", Token::Compare(Op::Greater)),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
    (";", Token::Comma),
];

/// The tokens of `text`, each with the text that begins with it.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, &str)>, FilterError> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, after) = next(rest)?;
        found.push((token, rest));
        rest = after.trim_start();
    }
    Ok(found)
}

fn next(rest: &str) -> Result<(Token, &str), FilterError> {
    for quote in ['"', '\'', '`'] {
        let Some(inner) = rest.strip_prefix(quote) else {
            continue;
        };
        let (text, after) = inner.split_once(quote).ok_or_else(|| unclosed(rest))?;
        let token = if quote == '`' {
            Token::Name(text.to_owned())
        } else {
            Token::Quoted(text.to_owned())
        };
        return Ok((token, after));
    }
    if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((token.clone(), &rest[sign.len()..]));
    }
    let is_end = |c: char| c.is_whitespace() || "&|!=<>(),;\"'`".contains(c);
    let (word, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "in" => Token::In,
        _ => Token::Word(word.to_owned()),
    };
    Ok((token, after))
}

fn unclosed(rest: &str) -> FilterError {
    FilterError::Syntax { expected: "a closing quote", place: before(rest) }
}

/// `before ...` with the beginning of `rest`.
pub(super) fn before(rest: &str) -> String {
    const SHOWN: usize = 24;
    let shown: String = rest.chars().take(SHOWN).collect();
    format!("at \"{}\"", printable(&shown))
}
