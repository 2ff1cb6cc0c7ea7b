//! Marshal's format, version 2, in which values cross between the guest and us.
//!
//! The layout is that of CPython's
//! [`Python/marshal.c`](https://github.com/python/cpython/blob/main/Python/marshal.c). Version 2 has no
//! references, so the value is bounded by the bytes it is read from. The bytes come from the guest and
//! are not trusted.

use num_bigint::{BigInt, Sign};

use super::{ConversionError, Object, Value};

/// The bits in one digit of an integer, as CPython keeps and marshal writes it.
const DIGIT_BITS: u32 = 15;

/// The beginning of an object: a tuple of three elements, the first of which is Ellipsis. The agent writes
/// an Ellipsis for no other value. The name of the type and the repr follow.
const OBJECT: &[u8] = &[b'(', 3, 0, 0, 0, b'.'];

/// Why bytes are not a value that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("the value ends too early")]
    Truncated,
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    #[error("unknown type code {0:#04x}")]
    TypeCode(u8),
    #[error("negative length")]
    Length,
    #[error("an integer's digit is out of range")]
    Digit,
    #[error("the string has a lone surrogate at byte {0}, which no Rust string can hold")]
    Surrogate(usize),
    #[error("an object without its type and repr")]
    Object,
    #[error("the value is nested deeper than {} levels", Value::MAX_DEPTH)]
    Depth,
    #[error("the value has more than {} elements", Value::MAX_ELEMENTS)]
    Elements,
}

/// Reads exactly one value.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { bytes, elements: 0 };
    let value = reader.value(0)?;
    match reader.bytes.len() {
        0 => Ok(value),
        rest => Err(DecodeError::Trailing(rest)),
    }
}

struct Reader<'a> {
    /// The bytes still to be read.
    bytes: &'a [u8],
    elements: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let code = self.byte()?;
        self.value_of(code, depth)
    }

    fn value_of(&mut self, code: u8, depth: usize) -> Result<Value, DecodeError> {
        Ok(match code {
            b'N' => Value::None,
            b'F' => Value::Bool(false),
            b'T' => Value::Bool(true),
            b'i' => Value::Int(i32::from_le_bytes(self.array()?).into()),
            b'l' => self.long()?,
            b'g' => Value::Float(f64::from_le_bytes(self.array()?)),
            b's' => Value::Bytes(self.sized()?.to_vec()),
            b'u' => Value::Str(self.string()?),
            b'(' => self.tuple(depth)?,
            b'[' => Value::List(self.items(depth)?),
            b'<' | b'>' => Value::Set(self.items(depth)?),
            b'{' => Value::Dict(self.pairs(depth)?),
            code => return Err(DecodeError::TypeCode(code)),
        })
    }

    fn long(&mut self) -> Result<Value, DecodeError> {
        let count = i32::from_le_bytes(self.array()?);
        let digits = self.take(count.unsigned_abs() as usize * 2)?;
        let mut bytes = Vec::with_capacity(digits.len());
        let (mut pending, mut bits) = (0_u32, 0);
        for digit in digits.chunks_exact(2) {
            let digit = u32::from(u16::from_le_bytes([digit[0], digit[1]]));
            if digit >> DIGIT_BITS != 0 {
                return Err(DecodeError::Digit);
            }
            pending |= digit << bits;
            bits += DIGIT_BITS;
            while bits >= 8 {
                bytes.push(pending as u8);
                pending >>= 8;
                bits -= 8;
            }
        }
        bytes.push(pending as u8);
        let sign = if count < 0 { Sign::Minus } else { Sign::Plus };
        Ok(Value::integer(BigInt::from_bytes_le(sign, &bytes)))
    }

    fn string(&mut self) -> Result<String, DecodeError> {
        let bytes = self.sized()?;
        // Marshal writes surrogates as if UTF-8 had them; no other error is possible.
        let text = str::from_utf8(bytes).map_err(|error| DecodeError::Surrogate(error.valid_up_to()))?;
        Ok(text.to_owned())
    }

    fn tuple(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let Some(rest) = self.bytes.strip_prefix(&OBJECT[1..]) else {
            return Ok(Value::Tuple(self.items(depth)?));
        };
        self.bytes = rest;
        match (self.value(depth)?, self.value(depth)?) {
            (Value::Str(type_name), Value::Str(repr)) => Ok(Value::Object(Object { type_name, repr })),
            _ => Err(DecodeError::Object),
        }
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let depth = deeper(depth)?;
        let count = self.length()?;
        self.count(count)?;
        // An element has at least one byte, so a wrong length reserves no more than was sent.
        let mut items = Vec::with_capacity(count.min(self.bytes.len()));
        for _ in 0..count {
            items.push(self.value(depth)?);
        }
        Ok(items)
    }

    fn pairs(&mut self, depth: usize) -> Result<Vec<(Value, Value)>, DecodeError> {
        let depth = deeper(depth)?;
        let mut pairs = Vec::new();
        loop {
            match self.byte()? {
                b'0' => return Ok(pairs),
                code => {
                    self.count(2)?;
                    pairs.push((self.value_of(code, depth)?, self.value(depth)?));
                }
            }
        }
    }

    fn count(&mut self, elements: usize) -> Result<(), DecodeError> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > Value::MAX_ELEMENTS { Err(DecodeError::Elements) } else { Ok(()) }
    }

    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.take(length)
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        usize::try_from(i32::from_le_bytes(self.array()?)).map_err(|_| DecodeError::Length)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (array, rest) = self.bytes.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(*array)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn deeper(depth: usize) -> Result<usize, DecodeError> {
    if depth == Value::MAX_DEPTH { Err(DecodeError::Depth) } else { Ok(depth + 1) }
}

/// Appends a value for Python.
///
/// Fails for an [`Object`], for a value that is nested too deeply, and for a length past 31 bits.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), ConversionError> {
    Writer { out, objects: false }.value(value, 0, false)
}

/// Appends a value as the agent would have written it, including objects.
pub(crate) fn write_whole(value: &Value, out: &mut Vec<u8>) -> Result<(), ConversionError> {
    Writer { out, objects: true }.value(value, 0, false)
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    objects: bool,
}

impl Writer<'_> {
    /// `hashable`: inside of a set or a key, where a set must be a frozen one.
    fn value(&mut self, value: &Value, depth: usize, hashable: bool) -> Result<(), ConversionError> {
        match value {
            Value::None => self.out.push(b'N'),
            Value::Bool(false) => self.out.push(b'F'),
            Value::Bool(true) => self.out.push(b'T'),
            Value::Int(number) => self.int(*number)?,
            Value::BigInt(number) => self.long(number)?,
            Value::Float(number) => {
                self.out.push(b'g');
                self.out.extend(number.to_le_bytes());
            }
            Value::Str(text) => self.sized(b'u', text.as_bytes())?,
            Value::Bytes(bytes) => self.sized(b's', bytes)?,
            Value::List(list) => self.items(b'[', list, depth, hashable)?,
            Value::Tuple(tuple) => self.items(b'(', tuple, depth, hashable)?,
            Value::Set(set) => self.items(if hashable { b'>' } else { b'<' }, set, depth, true)?,
            Value::Dict(pairs) => {
                let depth = deeper(depth)?;
                self.out.push(b'{');
                for (key, value) in pairs {
                    self.value(key, depth, true)?;
                    self.value(value, depth, hashable)?;
                }
                self.out.push(b'0');
            }
            Value::Object(Object { type_name, repr }) => {
                if !self.objects {
                    return Err(ConversionError(format!(
                        "the {type_name} object {repr} cannot be passed to Python"
                    )));
                }
                self.out.extend(OBJECT);
                self.sized(b'u', type_name.as_bytes())?;
                self.sized(b'u', repr.as_bytes())?;
            }
        }
        Ok(())
    }

    fn items(
        &mut self,
        code: u8,
        items: &[Value],
        depth: usize,
        hashable: bool,
    ) -> Result<(), ConversionError> {
        let depth = deeper(depth)?;
        self.out.push(code);
        self.length(items.len())?;
        items.iter().try_for_each(|item| self.value(item, depth, hashable))
    }

    fn int(&mut self, number: i64) -> Result<(), ConversionError> {
        let Ok(small) = i32::try_from(number) else {
            return self.long(&number.into());
        };
        self.out.push(b'i');
        self.out.extend(small.to_le_bytes());
        Ok(())
    }

    fn long(&mut self, number: &BigInt) -> Result<(), ConversionError> {
        let digits = number.bits().div_ceil(DIGIT_BITS.into());
        let count = i32::try_from(digits).map_err(|_| too_long(digits))?;
        self.out.push(b'l');
        let (sign, bytes) = number.to_bytes_le();
        self.out.extend(if sign == Sign::Minus { -count } else { count }.to_le_bytes());
        let (mut pending, mut bits, mut rest) = (0_u32, 0, bytes.into_iter());
        for _ in 0..digits {
            while bits < DIGIT_BITS {
                pending |= u32::from(rest.next().unwrap_or(0)) << bits;
                bits += 8;
            }
            self.out.extend((pending as u16 & 0x7fff).to_le_bytes());
            pending >>= DIGIT_BITS;
            bits -= DIGIT_BITS;
        }
        Ok(())
    }

    fn sized(&mut self, code: u8, bytes: &[u8]) -> Result<(), ConversionError> {
        self.out.push(code);
        self.length(bytes.len())?;
        self.out.extend(bytes);
        Ok(())
    }

    fn length(&mut self, length: usize) -> Result<(), ConversionError> {
        let length = i32::try_from(length).map_err(|_| too_long(length as u64))?;
        self.out.extend(length.to_le_bytes());
        Ok(())
    }
}

/// The error for a value from Python that is too large to read.
pub(crate) fn too_large(bytes: usize) -> ConversionError {
    ConversionError(format!("the value takes {bytes} bytes, too many to leave Python"))
}

fn too_long(length: u64) -> ConversionError {
    ConversionError(format!("a value of length {length} is too long to be passed to Python"))
}

impl From<DecodeError> for ConversionError {
    fn from(error: DecodeError) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
pub(crate) mod tests;
