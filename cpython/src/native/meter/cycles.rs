//! Finds the functions whose entries must be counted so that no recursion is uncounted.

use wasmparser::{BinaryReaderError, ElementItems, Operator, Parser, Payload};

/// Returns, for each function that the module defines, whether it is counted. Every cycle of calls contains
/// at least one function that is.
///
/// A cycle contains an indirect call, or only direct ones. For the first kind, all functions in the table are
/// counted that call anything. For the second kind, a depth-first search of the direct calls counts each
/// function that it reaches again while it is still open: the target of each back edge.
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
    let mut recurring = back_edge_targets(&calls);
    for function in table {
        if calls_something.get(function as usize) == Some(&true) {
            recurring[function as usize] = true;
        }
    }
    Ok(recurring)
}

/// Returns the targets of the back edges of a depth-first search. Every cycle contains one.
fn back_edge_targets(calls: &[Vec<usize>]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; calls.len()];
    let mut targets = vec![false; calls.len()];
    for start in 0..calls.len() {
        // The path from `start`, with the number of calls that were followed from each function.
        let mut path = vec![(start, 0)];
        while let Some((function, followed)) = path.pop() {
            if followed == 0 && state[function] != State::New {
                targets[function] |= state[function] == State::Open;
                continue;
            }
            state[function] = State::Open;
            if let Some(&callee) = calls[function].get(followed) {
                path.push((function, followed + 1));
                path.push((callee, 0));
            } else {
                state[function] = State::Done;
            }
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(functions: &str) -> Vec<bool> {
        recurring(&wat::parse_str(format!("(module {functions})")).unwrap(), 0).unwrap()
    }

    #[test]
    fn calls_without_a_cycle_are_not_counted() {
        assert_eq!(counted("(func $a (call $b) (call $c)) (func $b (call $c)) (func $c)"), [false; 3]);
    }

    #[test]
    fn one_function_of_every_cycle_is_counted() {
        assert_eq!(counted("(func $a (call $a))"), [true]);
        assert_eq!(
            counted("(func $a (call $b)) (func $b (call $c)) (func $c (call $a))"),
            [true, false, false]
        );
        // A cycle that the search enters in its middle, and a cycle that is reached from another.
        assert_eq!(
            counted(
                "(func $a (call $c)) (func $b (call $c)) (func $c (call $d) (call $b)) (func $d (call $d))"
            ),
            [false, false, true, true]
        );
    }

    #[test]
    fn functions_in_the_table_are_counted_unless_they_call_nothing() {
        let functions = "(table 3 funcref) (elem (i32.const 0) $a $b $c)
            (func $a (call_indirect (i32.const 1))) (func $b (call $c)) (func $c) (func $d (call $a))";
        assert_eq!(counted(functions), [true, true, false, false]);
    }
}
