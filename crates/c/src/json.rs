//! Python's values as JSON, and back. `serde_json`'s own values have no integers beyond 64 bits and no bytes.

use num_bigint::BigInt;
use python_wasm::{ConversionError, Error, Value};
use serde::ser::Error as _;

/// The decimal digits that the large integers of one value may have together. Converting so many takes
/// milliseconds, and the time grows with the square.
const MAX_DIGITS: u64 = 100_000;

/// Writes a value as JSON, dicts in their order.
///
/// [`Error::Conversion`] for an object without a form in JSON, for a key that is a container, and for too many
/// digits.
pub(crate) fn write(value: &Value) -> Result<String, Error> {
    let mut writer = Writer { text: String::new(), digits: 0 };
    writer.value(value)?;
    Ok(writer.text)
}

struct Writer {
    text: String,
    /// Digits of large integers so far.
    digits: u64,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), ConversionError> {
        match value {
            Value::Bytes(bytes) => self.items(bytes, |writer, byte| {
                writer.text += &byte.to_string();
                Ok(())
            }),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => self.items(items, Self::value),
            Value::Dict(pairs) => self.separated('{', pairs, '}', |writer, (key, value)| {
                let key = match key {
                    Value::Str(key) => key.clone(),
                    key => Self::scalar_of(writer, key)?,
                };
                writer.text += &quoted(&key);
                writer.text.push(':');
                writer.value(value)
            }),
            Value::Str(text) => {
                self.text += &quoted(text);
                Ok(())
            }
            scalar => {
                let text = self.scalar_of(scalar)?;
                self.text += &text;
                Ok(())
            }
        }
    }

    /// Returns what a value is written as that is neither a container nor a string.
    fn scalar_of(&mut self, value: &Value) -> Result<String, ConversionError> {
        Ok(match value {
            Value::Float(value) if value.is_finite() => {
                serde_json::to_string(value).map_err(ConversionError::custom)?
            }
            Value::None | Value::Float(_) => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::BigInt(value) => {
                // By the logarithm of 2.
                self.digits += value.bits().saturating_mul(30_103) / 100_000;
                if self.digits > MAX_DIGITS {
                    return Err(ConversionError::custom("the integers have too many digits for JSON"));
                }
                value.to_string()
            }
            other => {
                let message = format!("a {} has no form in JSON here", other.type_name());
                return Err(ConversionError::custom(message));
            }
        })
    }

    fn items<T>(
        &mut self,
        items: &[T],
        each: impl FnMut(&mut Self, &T) -> Result<(), ConversionError>,
    ) -> Result<(), ConversionError> {
        self.separated('[', items, ']', each)
    }

    fn separated<T>(
        &mut self,
        open: char,
        items: &[T],
        close: char,
        mut each: impl FnMut(&mut Self, &T) -> Result<(), ConversionError>,
    ) -> Result<(), ConversionError> {
        self.text.push(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            each(self, item)?;
        }
        self.text.push(close);
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Reads JSON. Arrays become lists. [`Error::Argument`] says what is not JSON, and at which byte.
pub(crate) fn read(text: &str) -> Result<Value, Error> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).and_then(|value| {
        reader.skip_space();
        if reader.at == text.len() { Ok(value) } else { Err("more text after the value".into()) }
    });
    value
        .map_err(|message| Error::Argument(format!("the value is not JSON: {message} at byte {}", reader.at)))
}

struct Reader<'a> {
    text: &'a str,
    /// The bytes read so far: whole characters.
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > Value::MAX_DEPTH {
            return Err(format!("more than {} levels", Value::MAX_DEPTH));
        }
        match self.peek() {
            Some(b'[') => {
                let mut items = Vec::new();
                self.separated(b']', |reader| {
                    items.push(reader.value(depth + 1)?);
                    Ok(())
                })?;
                Ok(Value::List(items))
            }
            Some(b'{') => {
                let mut pairs: Vec<(Value, Value)> = Vec::new();
                self.separated(b'}', |reader| {
                    let key = reader.string()?;
                    reader.expect(b':')?;
                    pairs.push((Value::Str(key), reader.value(depth + 1)?));
                    Ok(())
                })?;
                Ok(Value::Dict(pairs))
            }
            Some(b'"') => self.string().map(Value::Str),
            _ => self.word(),
        }
    }

    /// Reads a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let word = &rest[..rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len())];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::None,
            number => Self::number(number)?,
        };
        self.at += word.len();
        Ok(value)
    }

    fn number(text: &str) -> Result<Value, String> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && (digits == "0" || !digits.starts_with('0')) {
            if digits.len() as u64 > MAX_DIGITS {
                return Err(format!("an integer of more than {MAX_DIGITS} digits"));
            }
            return text.parse::<BigInt>().map(Value::integer).map_err(|error| error.to_string());
        }
        serde_json::from_str(text).map(Value::Float).map_err(|_| "no value".into())
    }

    fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Err("no string".into());
        }
        let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let string = strings.next().and_then(Result::ok).ok_or("a wrong string")?;
        self.at += strings.byte_offset();
        Ok(string)
    }

    /// Reads what stands between a bracket and the closing one, with commas.
    fn separated(
        &mut self,
        close: u8,
        mut each: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            each(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(other) if other == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(format!("neither a comma nor {:?}", char::from(close))),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(format!("no {:?}", char::from(byte)));
        }
        self.at += 1;
        Ok(())
    }

    /// Returns the next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let rest = self.text.as_bytes().iter().skip(self.at);
        self.at += rest.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    /// Returns what follows the white space.
    fn rest(&mut self) -> &'a str {
        self.skip_space();
        &self.text[self.at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        write(&read(text).unwrap()).unwrap()
    }

    #[test]
    fn json_comes_back_as_it_went() {
        for text in [
            "null",
            "true",
            "-0",
            "12345678901234567890123456789012345678901234567890",
            "-9223372036854775809",
            "1.5",
            "1e300",
            r#""a\"\\\nä😀""#,
            "[]",
            "{}",
            r#"{"b":[1,[2.5,null]],"a":{"":false}}"#,
        ] {
            let expected = text.replace("-0", "0").replace("1e300", "1e+300");
            assert_eq!(written(text), expected, "{text}");
        }
        assert_eq!(written(" [ 1 ,\n{ \"k\" :\t\"\\u00e9\\ud83d\\ude00\" } ] "), r#"[1,{"k":"é😀"}]"#);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for text in [
            "",
            "nul",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "0x1",
            "NaN",
            "[1",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{1:2}",
            "{\"a\":1,}",
            "\"a",
            "'a'",
            "1 2",
            "\"\\ud800\"",
            "\u{a0}1",
            "é",
        ] {
            assert!(matches!(read(text), Err(Error::Argument(_))), "{text}");
        }
        assert_eq!(read("[1, x]").unwrap_err().to_string(), "the value is not JSON: no value at byte 4");
        assert!(matches!(read(&"[".repeat(100_000)), Err(Error::Argument(_))));
        assert!(read(&"1".repeat(100_001)).unwrap_err().to_string().contains("more than 100000 digits"));
    }

    #[test]
    fn every_value_of_python_has_a_form_or_is_refused() {
        let list = |items: Vec<Value>| Value::List(items);
        for (value, expected) in [
            (Value::Bytes(b"ab".to_vec()), "[97,98]"),
            (Value::Float(f64::NAN), "null"),
            (Value::Float(f64::NEG_INFINITY), "null"),
            (Value::Float(2.0), "2.0"),
            (Value::Set(vec![Value::Int(1)]), "[1]"),
            (Value::Tuple(vec![]), "[]"),
            (list(vec![Value::Bytes(vec![]), Value::None]), "[[],null]"),
            (
                Value::Dict(vec![
                    (Value::Int(1), Value::Int(2)),
                    (Value::None, Value::Bool(true)),
                    ("z".into(), Value::Int(3)),
                    (Value::Float(0.5), Value::Int(4)),
                ]),
                r#"{"1":2,"null":true,"z":3,"0.5":4}"#,
            ),
        ] {
            assert_eq!(write(&value).unwrap(), expected);
        }
        let huge = Value::integer(BigInt::from(1) << 400_000_u32);
        let key = Value::Dict(vec![(Value::Tuple(vec![]), Value::None)]);
        for value in [huge, key] {
            assert!(matches!(write(&value), Err(Error::Conversion(_))));
        }
    }
}
