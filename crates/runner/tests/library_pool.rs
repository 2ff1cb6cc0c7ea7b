//! A pool: what its sandboxes start from, how many there are, and what becomes of used ones.

use std::thread;
use std::time::Duration;

use python_wasm::{Caller, Error, Limits, Mount, Pool, Python};

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

#[test]
fn a_sandbox_that_is_taken_out_has_surroundings_of_its_own() {
    let mut py = Python::builder()
        .function_with_caller("who", |caller: &Caller| Ok::<_, String>(caller.tag().map(str::to_owned)))
        .build()
        .unwrap();
    py.exec("import os\nfrom host import who\nx = 1").unwrap();
    let pool = Pool::new(py.snapshot().unwrap(), 2).unwrap();
    let limits = pool.checkout().unwrap().limits().clone();
    let mut ada = pool
        .checkout_with(|builder| {
            builder
                .tag("ada")
                .env("USER", "ada")
                .stdin_bytes("hello")
                .mount("/work", Mount::memory())
                .limits(limits.timeout(Duration::from_millis(200)))
        })
        .unwrap();
    assert_eq!(ada.repr("who(), os.environ['USER'], input(), x").unwrap(), "('ada', 'ada', 'hello', 1)");
    assert!(matches!(ada.exec("while True: pass"), Err(Error::Timeout)));
    ada.files("/work").write("f", b"").unwrap();
    let mut other = pool.checkout_with(|builder| builder.tag("bob")).unwrap();
    assert_eq!(other.repr("who(), x").unwrap(), "('bob', 1)");
    assert!(pool.try_checkout().unwrap().is_none());
    drop((ada, other));
    assert_eq!(pool.checkout().unwrap().repr("who()").unwrap(), "None");
}

#[test]
fn what_does_not_fit_costs_no_place() {
    let pool = pool(1);
    for _ in 0..3 {
        let error = pool.checkout_with(|builder| builder.env("PYTHONHASHSEED", "1")).unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{error}");
        let error =
            pool.checkout_with(|builder| builder.limits(Limits::default().memory(1 << 20))).unwrap_err();
        assert!(matches!(error, Error::Snapshot { .. }), "{error}");
    }
    assert_eq!(pool.checkout().unwrap().eval::<i64>("x").unwrap(), 1);
}

/// Waits until the pool's own thread has done its work.
fn until(pool: &Pool, is_done: impl Fn(python_wasm::PoolStats) -> bool) {
    while !is_done(pool.stats()) {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn statistics_tell_what_it_has_and_has_done() {
    let pool = pool(2);
    assert_eq!((pool.stats().size, pool.stats().ready, pool.stats().out), (2, 2, 0));
    let (one, two) = (pool.checkout().unwrap(), pool.checkout().unwrap());
    assert!(pool.checkout_within(Duration::from_millis(5)).unwrap().is_none());
    let stats = pool.stats();
    assert_eq!((stats.ready, stats.out, stats.replacing, stats.checkouts, stats.waits), (0, 2, 0, 2, 1));
    assert!(stats.waited >= Duration::from_millis(5));
    drop((one, two));
    until(&pool, |stats| stats.ready == 2);
    let stats = pool.stats();
    assert_eq!((stats.out, stats.replacing, stats.evicted, stats.failures), (0, 0, 0, 0));
}

#[test]
fn what_nobody_wants_is_dropped_and_made_again_when_it_is_wanted() {
    let pool = pool(3).evict_after(Duration::from_millis(20));
    until(&pool, |stats| stats.evicted == 3);
    assert_eq!((pool.stats().ready, pool.stats().out), (0, 0));
    let mut one = pool.checkout().unwrap();
    assert_eq!(one.eval::<i64>("x").unwrap(), 1);
    assert_eq!(pool.stats().out, 1);
    let (_two, _three) = (pool.checkout().unwrap(), pool.checkout().unwrap());
    assert!(pool.try_checkout().unwrap().is_none());
    drop(one);
    until(&pool, |stats| stats.evicted == 4);
    assert_eq!(pool.stats().out, 2);
}
