//! The module in the program's reach through which Python is asked (`cpython/guest/_python_wasm.py`): what a
//! program that destroys it gets, and what the module does without memory.

use python_wasm::{Error, Limits, Python, Value};

#[test]
fn a_program_that_destroys_the_agent_has_lost_its_session_and_is_told_why() {
    for source in [
        "sys.modules['_python_wasm'].__dict__.clear()",
        "del sys.modules['_python_wasm'].outgoing",
        "del sys.modules['_python_wasm']._operations",
        "sys.modules['_python_wasm'].request.__code__ = (lambda message: 5).__code__",
        "sys.modules['marshal'].__dict__.clear()",
    ] {
        let mut py = Python::builder().build().unwrap();
        py.exec("import sys\nx = 1").unwrap();
        let before = py.snapshot().unwrap();
        // The call itself may end well.
        let error = py.exec(source).err().unwrap_or_else(|| py.get::<i64>("x").unwrap_err());
        assert!(matches!(&error, Error::Trap(_)), "{source}: {error:?}");
        let text = error.to_string();
        assert!(text.contains("the program"), "{source}: {text}");
        assert!(!py.is_usable(), "{source}");
        let error = py.get::<i64>("x").unwrap_err();
        assert!(matches!(&error, Error::Unusable(why) if why.contains("taken apart")), "{source}: {error:?}");
        py.restore(&before).unwrap();
        assert_eq!(py.get::<i64>("x").unwrap(), 1);
    }
}

#[test]
fn a_program_that_clears_the_table_of_modules_keeps_its_session() {
    let mut py = Python::builder().build().unwrap();
    py.exec("import sys\nsys.modules.clear()\nx = 1").unwrap();
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
    assert!(py.is_usable());
}

#[test]
fn a_value_without_room_for_its_copy_is_no_lack_of_memory() {
    let mut py = Python::builder().limits(Limits::default().memory(64 << 20)).build().unwrap();
    py.exec("x = bytes(30_000_000)").unwrap();
    for expression in ["x", "[x]", "{'key': x}"] {
        match py.eval::<Value>(expression) {
            Err(Error::Conversion(error)) => assert!(error.to_string().contains("too large"), "{error}"),
            other => panic!("{expression}: {:?}", other.map(drop)),
        }
    }
    assert_eq!(py.eval::<usize>("len(x)").unwrap(), 30_000_000);
    assert!(matches!(py.exec("y = bytes(60_000_000)"), Err(Error::OutOfMemory)));
}

#[test]
fn forks_draw_different_random_numbers_even_if_their_first_call_fails_on_its_way_in() {
    let mut py = Python::builder().limits(Limits::default().memory(64 << 20)).build().unwrap();
    py.exec("import random").unwrap();
    let snapshot = py.snapshot().unwrap();
    let (large, larger) = ("x".repeat(25 << 20), "x".repeat(100 << 20));
    for text in [&large, &larger] {
        let draw = || {
            let mut fork = snapshot.spawn().unwrap();
            assert!(matches!(fork.set("x", text), Err(Error::OutOfMemory)));
            fork.eval::<f64>("random.random()").unwrap().to_bits()
        };
        assert_ne!(draw(), draw());
    }
}
