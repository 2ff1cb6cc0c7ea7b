//! A pool: what its sandboxes start from, how many there are, and what becomes of used ones.

use std::thread;
use std::time::Duration;

use python_wasm::{Error, Pool, Python};

fn pool(size: usize) -> Pool {
    let mut py = Python::builder().build().unwrap();
    py.exec("x = 1").unwrap();
    Pool::new(py.snapshot().unwrap(), size).unwrap()
}

#[test]
fn every_sandbox_starts_from_the_snapshot() {
    let pool = pool(2);
    for _ in 0..10 {
        let mut sandbox = pool.checkout().unwrap();
        assert_eq!(sandbox.eval::<i64>("x").unwrap(), 1);
        sandbox.exec("x = 2").unwrap();
    }
}

#[test]
fn there_are_never_more_sandboxes_than_its_size() {
    let pool = pool(2);
    let (one, _two) = (pool.checkout().unwrap(), pool.checkout().unwrap());
    assert!(pool.checkout_within(Duration::from_millis(20)).unwrap().is_none());
    drop(one);
    assert!(pool.checkout_within(Duration::from_mins(1)).unwrap().is_some());
}

#[test]
fn sandboxes_that_were_ruined_are_replaced_too() {
    let pool = pool(1);
    for _ in 0..5 {
        let mut sandbox = pool.checkout().unwrap();
        assert_eq!(sandbox.eval::<i64>("x").unwrap(), 1);
        sandbox.interrupt_handle().terminate();
        assert!(matches!(sandbox.exec("while True: pass"), Err(Error::Interrupted)));
        assert!(!sandbox.is_usable());
    }
}

#[test]
fn threads_share_it() {
    let pool = pool(3);
    thread::scope(|scope| {
        for number in 0..8_i64 {
            let pool = &pool;
            scope.spawn(move || {
                for _ in 0..10 {
                    let mut sandbox = pool.checkout().unwrap();
                    sandbox.set("n", &number).unwrap();
                    assert_eq!(sandbox.eval::<i64>("x + n").unwrap(), 1 + number);
                }
            });
        }
    });
}

#[test]
fn a_sandbox_outlives_its_pool() {
    let pool = pool(1);
    let mut sandbox = pool.checkout().unwrap();
    drop(pool);
    assert_eq!(sandbox.eval::<i64>("x").unwrap(), 1);
}

#[test]
fn a_pool_without_a_sandbox_is_refused() {
    let mut py = Python::builder().build().unwrap();
    let error = Pool::new(py.snapshot().unwrap(), 0).unwrap_err();
    assert!(matches!(error, Error::Config { .. }), "{error}");
}
