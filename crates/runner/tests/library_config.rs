//! Descriptions of sandboxes that cannot be met are refused, by the value that is wrong.

use std::time::Duration;

use python_wasm::{Error, Limits, Mount, Pool, Python, PythonBuilder};

fn message(builder: PythonBuilder) -> String {
    match builder.build() {
        Err(Error::Config { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_value_is_named() {
    let function = || Ok::<_, String>(1);
    let memory = Mount::memory;
    let new = Python::builder;
    assert_eq!(
        message(new().limits(Limits::default().call_bytes(0))),
        "call_bytes(0) would let no read and no write succeed"
    );
    assert_eq!(
        message(new().mount("/a", memory()).mount("/a", memory())),
        "two folders cannot be mounted at \"/a\""
    );
    assert_eq!(
        message(new().mount("/a\0b", memory())),
        "\"/a\\0b\" is not an absolute path that a folder can be mounted at"
    );
    for key in ["A=B", "", "A\0"] {
        assert_eq!(
            message(new().env("OK", "1").env(key, "x")),
            format!("{key:?} is not a name for an environment variable")
        );
    }
    assert_eq!(
        message(new().env("KEY", "a\0b")),
        "the environment variable KEY has a NUL in its value \"a\\0b\""
    );
    assert_eq!(message(new().args(["fine", "a\0"])), "the argument \"a\\0\" has a NUL in it");
    for name in ["class", "None", "lambda", "async", "a\0"] {
        assert_eq!(
            message(new().function(name, function)),
            format!("{name:?} is not a name for a function of the host")
        );
    }
    assert_eq!(
        message(new().function("f", function).async_function("f", function)),
        "there are two functions of the host with the name \"f\""
    );
}

#[test]
fn every_keyword_is_refused_and_a_soft_one_is_a_name() {
    let mut py = Python::builder().function("match", || Ok::<_, String>(1)).build().unwrap();
    py.exec("from host import match").unwrap();
    for keyword in py.eval::<Vec<String>>("__import__('keyword').kwlist").unwrap() {
        message(Python::builder().function(&keyword, || Ok::<_, String>(1)));
    }
}

#[test]
fn of_two_variables_with_one_name_the_second_counts() {
    let mut py = Python::builder().env("A", "1").env("A", "2").build().unwrap();
    assert_eq!(py.eval::<String>("__import__('os').environ['A']").unwrap(), "2");
}

#[test]
fn limits_change_from_the_next_call_on() {
    let limits = || Limits::default().memory(128 << 20);
    let mut py = Python::builder().limits(limits()).build().unwrap();
    py.set_limits(limits().timeout(Duration::from_millis(300))).unwrap();
    assert!(matches!(py.exec("while True: pass"), Err(Error::Timeout)));
    py.set_limits(limits().fuel(5_000_000)).unwrap();
    assert!(matches!(py.exec("while True: pass"), Err(Error::OutOfFuel)));
    py.set_limits(limits().output(10)).unwrap();
    let before = py.snapshot().unwrap();
    assert!(matches!(py.exec("print('more than ten bytes')"), Err(Error::OutputLimit)));
    py.restore(&before).unwrap();
    py.set_limits(limits().memory(64 << 20)).unwrap();
    assert!(matches!(py.exec("x = bytes(80 << 20)"), Err(Error::OutOfMemory)));
    py.set_limits(limits()).unwrap();
    py.exec("x = bytes(80 << 20)").unwrap();
    for (limits, expected) in [
        (
            limits().memory(1 << 30),
            "memory(1073741824) is more than the sandbox was made with: 134217728 bytes",
        ),
        (limits().disk(5), "disk(5) does not fit a sandbox that has started with disk(1073741824)"),
        (
            limits().open_files(5),
            "open_files(5) does not fit a sandbox that has started with open_files(256)",
        ),
        (limits().call_bytes(0), "call_bytes(0) would let no read and no write succeed"),
    ] {
        let error = py.set_limits(limits).unwrap_err();
        assert!(matches!(&error, Error::Config { message, .. } if message == expected), "{error}");
    }
}

#[test]
fn a_pool_is_asked_without_waiting() {
    let mut py = Python::builder().build().unwrap();
    let pool = Pool::new(py.snapshot().unwrap(), 1).unwrap();
    let one = pool.try_checkout().unwrap().unwrap();
    assert!(pool.try_checkout().unwrap().is_none());
    drop(one);
    assert_eq!(pool.checkout().unwrap().eval::<i64>("1").unwrap(), 1);
}
