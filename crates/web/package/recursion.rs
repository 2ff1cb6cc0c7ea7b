//! Finds where the image keeps how deep C may recurse.
//!
//! CPython allows as many nested calls of C as fit into 16 MB of stack. The stacks of JavaScript engines are smaller, and
//! theirs overflow without an exception of Python's. So JavaScript lowers the number in memory before Python runs.

/// CPython's limit on nested calls of C for WASI, `Py_C_RECURSION_LIMIT`.
const C_LIMIT: [i32; 3] = [5000, 500, 10_000];

/// The limit on nested calls of Python, `Py_DEFAULT_RECURSION_LIMIT`.
const PYTHON_LIMIT: i32 = 1000;

/// Returns the address of `c_recursion_remaining` in the only `PyThreadState` of a memory, and its value.
///
/// It is found by its neighbours `py_recursion_remaining`, which is at its limit when nothing runs, and
/// `py_recursion_limit` before it. `None` unless exactly one place looks so.
pub(crate) fn find(image: &[u8]) -> Option<(u32, i32)> {
    let mut found = None;
    for (start, len, offset) in runs(image)? {
        let bytes = image.get(offset..)?.get(..len)?;
        for (index, window) in bytes.windows(12).enumerate().step_by(4) {
            let word = |at: usize| {
                window.get(at..at + 4).and_then(|word| word.try_into().ok()).map(i32::from_le_bytes)
            };
            if word(0)? == PYTHON_LIMIT && word(4)? == PYTHON_LIMIT && C_LIMIT.contains(&word(8)?) {
                let address = u32::try_from(start + index + 8).ok()?;
                if found.replace((address, word(8)?)).is_some() {
                    return None;
                }
            }
        }
    }
    found
}

/// Returns the runs of an encoded image (`crates/engine/src/image/encoded.rs`): address, length and offset.
fn runs(image: &[u8]) -> Option<Vec<(usize, usize, usize)>> {
    let mut numbers = image
        .get(16..4096)?
        .chunks_exact(8)
        .filter_map(|bytes| bytes.try_into().ok())
        .map(u64::from_le_bytes);
    let mut next = || numbers.next().and_then(|number| usize::try_from(number).ok());
    let (_len, _stack_pointer, count) = (next()?, next()?, next()?);
    (0..count).map(|_| Some((next()?, next()?, next()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image of one page at 65,536 with these words.
    fn image(words: &[i32]) -> Vec<u8> {
        let mut image = b"python-wasm img1".to_vec();
        for number in [131_072_u64, 1024, 1, 65_536, 4096, 4096] {
            image.extend(number.to_le_bytes());
        }
        image.resize(4096, 0);
        image.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        image.resize(8192, 0);
        image
    }

    #[test]
    fn the_number_is_found_by_its_neighbours() {
        assert_eq!(find(&image(&[7, 1000, 1000, 5000, 0])), Some((65_536 + 12, 5000)));
    }

    #[test]
    fn two_places_or_none_are_no_place() {
        assert_eq!(find(&image(&[1000, 1000, 5000, 1000, 1000, 5000])), None);
        assert_eq!(find(&image(&[1000, 999, 5000])), None);
        assert_eq!(find(b"short"), None);
    }
}
