//! Goes through JSON: lists are kept as they grow, everything else is passed over. Numbers are parsed by the standard
//! library, which rounds correctly, and NaN and Infinity as Python writes them are numbers.

use std::collections::HashSet;

use super::super::error::Problem;
use super::super::picked::grouped;
use super::grown::{Grown, MAX_AXES, Scalar};

/// Objects within objects whose lists are read.
const MAX_DEPTH: usize = 8;

/// Bytes of a word that a message quotes.
const SHOWN: usize = 40;

/// A place within a text.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

/// A list and its key.
type Named = (String, Grown);

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// All lists of the one object that the text is.
    pub(super) fn document(&mut self) -> Result<Vec<Named>, Problem> {
        let mut lists = Vec::new();
        self.object("", 0, &mut lists)?;
        match self.next() {
            None => Ok(lists),
            Some(_) => Err(self.problem("something follows the object").hint(
                "a file is one object, or one object in each line: `jq -c . FILE > NEW.jsonl`",
            )),
        }
    }

    /// The keys of the object that the text is, with the bytes of their values.
    pub(super) fn values(&mut self) -> Result<Vec<(String, &'a [u8])>, Problem> {
        let mut values = Vec::new();
        self.expect(b'{')?;
        if self.next() == Some(b'}') {
            return Ok(values);
        }
        loop {
            self.next();
            let key = self.string()?;
            self.expect(b':')?;
            values.push((key, self.value()?));
            if self.ends(b'}')? {
                return Ok(values);
            }
        }
    }

    /// The bytes of the items of the list that the text is.
    pub(super) fn items(&mut self) -> Result<Vec<&'a [u8]>, Problem> {
        let mut items = Vec::new();
        self.expect(b'[')?;
        if self.next() == Some(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']')? {
                return Ok(items);
            }
        }
    }

    fn value(&mut self) -> Result<&'a [u8], Problem> {
        let is_open = matches!(self.next(), Some(b'[' | b'{'));
        let start = self.at;
        if is_open {
            self.pass_over()?;
        } else {
            self.scalar()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn object(&mut self, path: &str, depth: usize, lists: &mut Vec<Named>) -> Result<(), Problem> {
        self.expect(b'{')?;
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.next();
            let key = self.string()?;
            let key = if path.is_empty() { key } else { format!("{path}/{key}") };
            self.expect(b':')?;
            match self.next() {
                Some(b'[') => {
                    let mut grown = Grown::default();
                    self.list(0, &mut grown)?;
                    lists.push((key, grown));
                }
                Some(b'{') if depth < MAX_DEPTH => self.object(&key, depth + 1, lists)?,
                Some(b'{') => self.pass_over()?,
                _ => drop(self.scalar()?),
            }
            if self.ends(b'}')? {
                return Ok(());
            }
        }
    }

    fn list(&mut self, axis: usize, grown: &mut Grown) -> Result<(), Problem> {
        self.expect(b'[')?;
        let mut n = 0;
        if self.next() == Some(b']') {
            self.at += 1;
            grown.close(axis, n);
            return Ok(());
        }
        loop {
            grown.at(axis, n);
            match self.next() {
                Some(b'[') if grown.may_be_list(axis) => self.list(axis + 1, grown)?,
                Some(open @ (b'[' | b'{')) => {
                    grown.refuse(axis, open == b'{');
                    self.pass_over()?;
                }
                _ => {
                    let item = self.scalar()?;
                    grown.push(axis, item);
                }
            }
            n += 1;
            if self.ends(b']')? {
                grown.close(axis, n);
                return Ok(());
            }
        }
    }

    /// Passes over a list or an object, however deep.
    fn pass_over(&mut self) -> Result<(), Problem> {
        let mut depth = 0usize;
        loop {
            match self.next().ok_or_else(|| self.ended())? {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                b'"' => {
                    self.string_bytes()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A comma, or the end of what is open.
    fn ends(&mut self, close: u8) -> Result<bool, Problem> {
        match self.next() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.odd()),
        }
    }

    fn scalar(&mut self) -> Result<Scalar, Problem> {
        if self.next() == Some(b'"') {
            return self.string().map(Scalar::Text);
        }
        let rest = &self.text[self.at..];
        let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let n = rest.iter().take_while(|b| is_of_word(b)).count();
        let word = std::str::from_utf8(&rest[..n]).unwrap_or_default();
        let starts_number = word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
        let scalar = match word {
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            "null" => Scalar::Null,
            "NaN" => Scalar::Float(f64::NAN),
            "Infinity" => Scalar::Float(f64::INFINITY),
            "-Infinity" => Scalar::Float(f64::NEG_INFINITY),
            _ if !starts_number => return Err(self.odd()),
            _ => match (word.parse::<i64>(), word.parse::<f64>()) {
                (Ok(whole), _) => Scalar::Int(whole),
                (_, Ok(number)) => Scalar::Float(number),
                _ => {
                    let word: String = word.chars().take(SHOWN).collect();
                    return Err(self.problem(&format!("{word} is no number")));
                }
            },
        };
        self.at += n;
        Ok(scalar)
    }

    fn string(&mut self) -> Result<String, Problem> {
        let start = self.at;
        let bytes = self.string_bytes()?;
        serde_json::from_slice(bytes).map_err(|_| {
            let odd = Self { text: self.text, at: start };
            odd.problem("not JSON: the text between the quotes is none")
        })
    }

    /// The bytes of a string with its quotes.
    fn string_bytes(&mut self) -> Result<&'a [u8], Problem> {
        let start = self.at;
        self.expect(b'"')?;
        loop {
            match self.text.get(self.at) {
                None => return Err(self.ended()),
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(&self.text[start..self.at])
    }

    /// The next byte that is no space, at which the cursor stands then.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.next() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.odd())
    }

    /// What stands here is not JSON.
    fn odd(&self) -> Problem {
        match self.text.get(self.at) {
            None => self.ended(),
            Some(_) => self.problem("not JSON").hint("save it with `json.dump`"),
        }
    }

    fn ended(&self) -> Problem {
        self.problem("the text ends within the object").hint("copy or save it again")
    }

    /// What is wrong here, by line and character.
    fn problem(&self, what: &str) -> Problem {
        let before = &self.text[..self.at.min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let character = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Problem::new(format!("line {}, character {}: {what}", grouped(line), grouped(character)))
    }
}

/// What the start of an object shows.
#[derive(Default)]
pub(super) struct Seen {
    /// True if the object ends in it.
    pub(super) is_closed: bool,
    /// True for a list of lists among its values, or those of an object within it.
    pub(super) has_matrix: bool,
    /// The lengths of its flat lists.
    lengths: Vec<usize>,
}

impl Seen {
    /// True if the lists are columns: one of lists, or several of one length.
    pub(super) fn has_columns(&self) -> bool {
        let mut seen = HashSet::new();
        self.has_matrix || self.lengths.iter().any(|n| *n > 1 && !seen.insert(*n))
    }
}

/// Looks at brackets and commas alone: whether it is JSON is found out by whoever reads it.
pub(super) fn glance(text: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let (mut open, mut n_commas, mut last) = (Vec::new(), 0, b' ');
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                seen.has_matrix |= *byte == b'[' && last == b'[';
                open.push(*byte);
                n_commas = 0;
            }
            b',' => n_commas += 1,
            b']' | b'}' => {
                if open.pop() == Some(b'[') && open == [b'{'] && !matches!(last, b'[' | b']' | b'}')
                {
                    seen.lengths.push(n_commas + 1);
                }
                n_commas = 0;
                seen.is_closed |= open.is_empty();
            }
            _ => {}
        }
        last = *byte;
        if seen.is_closed {
            break;
        }
        // Deeper than any array: no lists to make columns of, and the reader of lines names the row.
        if open.len() > MAX_DEPTH + MAX_AXES {
            return Seen::default();
        }
    }
    seen
}
