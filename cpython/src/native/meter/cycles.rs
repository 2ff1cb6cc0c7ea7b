//! Finds the functions at which calls must be counted, so that no recursion goes on uncounted.

use wasmparser::{BinaryReaderError, ElementItems, Operator, Parser, Payload};

/// For each of the module's own functions whether a cycle of calls can close there, such that every
/// cycle has at least one of them.
///
/// A cycle has a call through the table in it, or it has none. So these are the functions in the
/// table, but for those that call nothing, and for the cycles of plain calls the functions where a
/// walk down the calls meets one that it came through.
pub(super) fn recurring(module: &[u8], imported: u32) -> Result<Vec<bool>, BinaryReaderError> {
    let mut calls = Vec::new();
    let mut calls_something = Vec::new();
    let mut table = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ElementSection(elements) => {
                for element in elements {
                    if let ElementItems::Functions(functions) = element?.items {
                        for function in functions {
                            table.extend(function?.checked_sub(imported));
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut callees = Vec::new();
                let mut calls_by_table = false;
                for operator in body.get_operators_reader()? {
                    match operator? {
                        Operator::Call { function_index } => {
                            callees
                                .extend(function_index.checked_sub(imported).map(|callee| callee as usize));
                        }
                        Operator::CallIndirect { .. } => calls_by_table = true,
                        _ => {}
                    }
                }
                calls_something.push(calls_by_table || !callees.is_empty());
                calls.push(callees);
            }
            _ => {}
        }
    }
    let mut recurring = closing(&calls);
    for function in table {
        if calls_something.get(function as usize) == Some(&true) {
            recurring[function as usize] = true;
        }
    }
    Ok(recurring)
}

/// Where a walk down the calls meets a function that it came through: every cycle has such a one.
fn closing(calls: &[Vec<usize>]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; calls.len()];
    let mut closing = vec![false; calls.len()];
    for start in 0..calls.len() {
        // The way down, with how many of each function's calls were followed.
        let mut way = vec![(start, 0)];
        while let Some((function, followed)) = way.pop() {
            if followed == 0 && state[function] != State::New {
                closing[function] |= state[function] == State::Open;
                continue;
            }
            state[function] = State::Open;
            if let Some(&callee) = calls[function].get(followed) {
                way.push((function, followed + 1));
                way.push((callee, 0));
            } else {
                state[function] = State::Done;
            }
        }
    }
    closing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(functions: &str) -> Vec<bool> {
        recurring(&wat::parse_str(format!("(module {functions})")).unwrap(), 0).unwrap()
    }

    #[test]
    fn plain_calls_without_a_way_back_do_not_count() {
        assert_eq!(names("(func $a (call $b) (call $c)) (func $b (call $c)) (func $c)"), [false; 3]);
    }

    #[test]
    fn one_function_of_every_cycle_counts() {
        assert_eq!(names("(func $a (call $a))"), [true]);
        assert_eq!(
            names("(func $a (call $b)) (func $b (call $c)) (func $c (call $a))"),
            [true, false, false]
        );
        // A cycle that is met from its middle, and one within another.
        assert_eq!(
            names(
                "(func $a (call $c)) (func $b (call $c)) (func $c (call $d) (call $b)) (func $d (call $d))"
            ),
            [false, false, true, true]
        );
    }

    #[test]
    fn whatever_the_table_leads_to_counts_unless_it_calls_nothing() {
        let functions = "(table 3 funcref) (elem (i32.const 0) $a $b $c)
            (func $a (call_indirect (i32.const 1))) (func $b (call $c)) (func $c) (func $d (call $a))";
        assert_eq!(names(functions), [true, true, false, false]);
    }
}
