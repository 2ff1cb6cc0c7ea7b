//! The arguments of a call: a tuple is all of them, and anything else is one.

use std::any::type_name;

use serde::Serialize;

use super::{ConversionError, Value, to_value};

/// Converts what a caller gives as arguments.
///
/// A tuple of Rust's, or a [`Value::Tuple`], is all arguments; `()` is none. For serde an array is a tuple and
/// `None` is `()`, so the type decides.
pub(crate) fn to_arguments<A: Serialize>(arguments: &A) -> Result<Vec<Value>, ConversionError> {
    // Tuples are the types whose names begin so, behind any number of references.
    let name = type_name::<A>().trim_start_matches(['&', ' ']).trim_start_matches("mut ");
    let holds_all = name.starts_with('(') || name == type_name::<Value>();
    Ok(match to_value(arguments)? {
        Value::Tuple(arguments) if holds_all => arguments,
        Value::None if name == "()" => Vec::new(),
        argument => vec![argument],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count<A: Serialize>(arguments: &A) -> usize {
        to_arguments(arguments).unwrap().len()
    }

    #[test]
    fn a_tuple_is_all_arguments_behind_references_too() {
        assert_eq!(
            [count(&()), count(&&()), count(&(1,)), count(&(1, "a")), count(&&&(1, 2, 3))],
            [0, 0, 1, 2, 3]
        );
        assert_eq!(count(&&mut (1, 2)), 2);
        assert_eq!(count(&Value::Tuple(vec![Value::None, Value::None])), 2);
        assert_eq!(count(&&Value::Tuple(Vec::new())), 0);
    }

    #[test]
    fn anything_else_is_one_argument() {
        #[derive(Serialize)]
        struct Point(f64, f64);
        #[derive(Serialize)]
        struct Nothing;
        assert_eq!([count(&None::<i64>), count(&Some(1)), count(&Value::None), count(&Nothing)], [1; 4]);
        assert_eq!([count(&[1.0, 2.0]), count(&[0; 0]), count(&&[(1, 2), (3, 4)])], [1; 3]);
        assert_eq!([count(&b"ab"), count(&&b"ab"[..]), count(&vec![1, 2])], [1; 3]);
        assert_eq!([count(&Point(1.0, 2.0)), count(&"text"), count(&Box::new((1, 2)))], [1; 3]);
        assert_eq!([count(&Some((1, 2))), count(&Value::List(vec![]))], [1; 2]);
    }
}
