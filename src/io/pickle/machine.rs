//! The stack machine: instructions of protocols 0 to 5 to values. A loop, without recursion.

use std::collections::HashMap;

use super::super::blob::Blob;
use super::super::error::Problem;
use super::input::Input;
use super::text::{ascii, text_number, unescape_unicode, unquote};
use super::value::{Heap, Object, Pickled, Value, damaged};
use super::{allowed, calls};

/// Reads one pickle, up to and with its STOP instruction.
///
/// # Errors
/// If the pickle asks for anything but the constructors of tensors and arrays, which is named; or if
/// it is damaged or ends early.
pub(in crate::io) fn load(input: &mut Input) -> Result<Pickled, Problem> {
    let mut machine = Machine {
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        heap: Heap::of(input.left()),
    };
    loop {
        match input.byte()? {
            b'.' => break,
            code => machine.step(code, input)?,
        }
    }
    let root = machine.pop()?;
    Ok(Pickled { heap: machine.heap, root })
}

struct Machine {
    stack: Vec<Value>,
    /// Heights of the stack at which a MARK was set.
    marks: Vec<usize>,
    memo: HashMap<u64, Value>,
    heap: Heap,
}

impl Machine {
    /// One instruction; its letter is that of Python's `pickletools`.
    fn step(&mut self, code: u8, input: &mut Input) -> Result<(), Problem> {
        match code {
            0x80 => input.byte().map(drop),
            0x95 => input.skip(8).map(drop),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'0' => self.drop_top(),
            b'1' => self.pop_mark().map(drop),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
                Ok(())
            }
            // READONLY_BUFFER changes nothing that matters here.
            0x98 => Ok(()),
            b'N' | b'I' | b'L' | b'F' | b'J' | b'K' | b'M' | b'G' | 0x88..=0x8b => {
                self.number(code, input)
            }
            b'S' | b'V' | b'T' | b'U' | b'X' | b'B' | b'C' | 0x8c..=0x8e | 0x96 => {
                self.string(code, input)
            }
            b'g' | b'h' | b'j' | b'p' | b'q' | b'r' | 0x94 => self.memo(code, input),
            b'a' | b'e' | b's' | b'u' | 0x90 => self.fill(code),
            b')' | b']' | b'}' | b't' | b'l' | b'd' | 0x85..=0x87 | 0x8f | 0x91 => {
                self.collect(code)
            }
            b'c' | 0x93 | b'i' | b'P' | b'Q' | b'R' | b'b' | 0x81 | 0x92 | b'o' => {
                self.build(code, input)
            }
            0x82..=0x84 => Err(damaged("it uses Python's extension registry")),
            0x97 => Err(damaged("its arrays lie in buffers outside of the file")),
            other => Err(damaged(&format!("{other:#04x} is no instruction"))),
        }
    }

    /// Pushes an object that is new.
    fn add(&mut self, object: Object) {
        let value = self.heap.add(object);
        self.stack.push(value);
    }

    /// The height below which the innermost MARK forbids to pop.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Value, Problem> {
        let above = self.stack.len() > self.floor();
        let value = above.then(|| self.stack.pop()).flatten();
        value.ok_or_else(|| damaged("it takes a value from an empty stack"))
    }

    fn top(&self) -> Result<Value, Problem> {
        let above = self.stack.len() > self.floor();
        let value = above.then(|| self.stack.last().copied()).flatten();
        value.ok_or_else(|| damaged("it looks at the top of an empty stack"))
    }

    /// POP takes a MARK away if that is what lies on top.
    fn drop_top(&mut self) -> Result<(), Problem> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// All values above the innermost MARK.
    fn pop_mark(&mut self) -> Result<Vec<Value>, Problem> {
        let mark = self.marks.pop();
        let mark = mark.ok_or_else(|| damaged("there is no mark on its stack"))?;
        Ok(self.stack.split_off(mark))
    }

    fn number(&mut self, code: u8, input: &mut Input) -> Result<(), Problem> {
        let value = match code {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'J' => Value::Int(i64::from(i32::from_le_bytes(input.array()?))),
            b'K' => Value::Int(i64::from(input.byte()?)),
            b'M' => Value::Int(i64::from(u16::from_le_bytes(input.array()?))),
            b'G' => Value::Float(f64::from_be_bytes(input.array()?)),
            0x8a => {
                let n = u64::from(input.byte()?);
                self.long(&input.bytes(n)?)
            }
            0x8b => {
                let n = u32::from_le_bytes(input.array()?);
                self.long(&input.bytes(u64::from(n))?)
            }
            _ => text_number(code, &input.line()?)?,
        };
        self.stack.push(value);
        Ok(())
    }

    /// A little-endian integer of any length.
    fn long(&mut self, bytes: &[u8]) -> Value {
        if bytes.len() > 8 {
            return self.heap.add(Object::Other);
        }
        let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        Value::Int(i64::from_le_bytes(wide))
    }

    fn string(&mut self, code: u8, input: &mut Input) -> Result<(), Problem> {
        let object = match code {
            b'S' => Object::Bytes(Blob::held(unquote(&input.line()?)?)),
            b'V' => Object::Text(unescape_unicode(&input.line()?)?.into()),
            _ => counted_string(code, input)?,
        };
        self.add(object);
        Ok(())
    }

    fn memo(&mut self, code: u8, input: &mut Input) -> Result<(), Problem> {
        let idx = match code {
            0x94 => self.memo.len() as u64,
            b'h' | b'q' => u64::from(input.byte()?),
            b'j' | b'r' => u64::from(u32::from_le_bytes(input.array()?)),
            _ => ascii(&input.line()?)?.parse().map_err(|_| damaged("a memo has no number"))?,
        };
        if matches!(code, b'g' | b'h' | b'j') {
            let found = self.memo.get(&idx).copied();
            let found = found.ok_or_else(|| damaged("it asks for a value it never kept"))?;
            self.stack.push(found);
            return Ok(());
        }
        let top = self.top()?;
        self.memo.insert(idx, top);
        Ok(())
    }

    /// Adds values to the list, dictionary or set below them.
    fn fill(&mut self, code: u8) -> Result<(), Problem> {
        let values = match code {
            b'a' => vec![self.pop()?],
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.pop_mark()?,
        };
        let target = self.top()?;
        match (code, self.heap.get_mut(target)) {
            (b'a' | b'e', Some(Object::List(items))) => items.extend(values),
            (b's' | b'u', Some(Object::Dict(entries))) => {
                entries.extend(pairs(&values)?);
            }
            (0x90, Some(Object::Other)) => {}
            _ => return Err(damaged("it fills what is no list and no dictionary")),
        }
        Ok(())
    }

    fn collect(&mut self, code: u8) -> Result<(), Problem> {
        let object = match code {
            b')' => Object::Tuple(Vec::new()),
            b']' => Object::List(Vec::new()),
            b'}' => Object::Dict(Vec::new()),
            b't' => Object::Tuple(self.pop_mark()?),
            b'l' => Object::List(self.pop_mark()?),
            b'd' => Object::Dict(pairs(&self.pop_mark()?)?),
            0x85..=0x87 => {
                let n = usize::from(code - 0x84);
                let start = self.stack.len().checked_sub(n).filter(|s| *s >= self.floor());
                let start = start.ok_or_else(|| damaged("a tuple lacks items"))?;
                Object::Tuple(self.stack.split_off(start))
            }
            0x8f => Object::Other,
            _ => {
                self.pop_mark()?;
                Object::Other
            }
        };
        self.add(object);
        Ok(())
    }

    /// Names, calls and states: the instructions that could run code in Python.
    fn build(&mut self, code: u8, input: &mut Input) -> Result<(), Problem> {
        match code {
            b'c' => {
                let (module, name) = (input.line()?, input.line()?);
                self.global(&ascii(&module)?, &ascii(&name)?)
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text =
                    |value| self.heap.text(value).ok_or_else(|| damaged("a name is no text"));
                let (module, name) = (text(module)?, text(name)?);
                self.global(&module, &name)
            }
            b'i' => {
                let (module, name) = (input.line()?, input.line()?);
                Err(allowed::refuse(&ascii(&module)?, &ascii(&name)?))
            }
            b'Q' => {
                let id = self.pop()?;
                let storage = calls::storage(&mut self.heap, id)?;
                self.add(Object::Storage(Box::new(storage)));
                Ok(())
            }
            b'P' | b'o' | 0x92 => Err(damaged("it builds objects as no saved tensor does")),
            b'b' => {
                let state = self.pop()?;
                let target = self.top()?;
                calls::set_state(&mut self.heap, target, state)
            }
            // NEWOBJ has the same arguments as REDUCE.
            _ => {
                let (args, callee) = (self.pop()?, self.pop()?);
                let result = calls::call(&mut self.heap, callee, args)?;
                self.stack.push(result);
                Ok(())
            }
        }
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Problem> {
        let global = allowed::find(module, name)?;
        self.add(Object::Global(global));
        Ok(())
    }
}

/// A text or bytes behind their length.
fn counted_string(code: u8, input: &mut Input) -> Result<Object, Problem> {
    let n = match code {
        b'U' | b'C' | 0x8c => u64::from(input.byte()?),
        0x8d | 0x8e | 0x96 => u64::from_le_bytes(input.array()?),
        _ => u64::from(u32::from_le_bytes(input.array()?)),
    };
    if matches!(code, b'X' | 0x8c | 0x8d) {
        // Python lets half a surrogate pair through; nothing that is read here has one.
        let text = String::from_utf8_lossy(&input.bytes(n)?).into_owned();
        return Ok(Object::Text(text.into()));
    }
    input.skip(n).map(Object::Bytes)
}

fn pairs(values: &[Value]) -> Result<Vec<(Value, Value)>, Problem> {
    let (pairs, rest) = values.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect()),
        _ => Err(damaged("a key of a dictionary has no value")),
    }
}
