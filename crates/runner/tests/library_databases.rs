//! Databases of the host in sandboxes that fork and go back.

use python_wasm::{Error, Mount, Python};
use tempfile::{TempDir, tempdir};

/// A sandbox with a connection to a database of one table in the folder.
fn sandbox(folder: &TempDir) -> Python {
    let mut py = Python::builder().mount("/data", Mount::read_write(folder).unwrap()).build().unwrap();
    py.exec("import sqlite3; db = sqlite3.connect('/data/a.db', timeout=0)").unwrap();
    py.exec("db.execute('create table if not exists t (n)'); db.commit()").unwrap();
    py
}

fn count(py: &mut Python) -> Result<u32, Error> {
    py.eval("db.execute('select count(*) from t').fetchone()[0]")
}

/// Asserts that SQLite refused something, with this message.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, text: &str) {
    match outcome {
        Err(Error::Exception { type_name, message, .. }) => {
            assert_eq!((type_name.as_str(), message.as_str()), ("sqlite3.OperationalError", text));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fork_within_a_transaction_has_lost_it_and_goes_on_after_a_rollback() {
    let folder = tempdir().unwrap();
    let mut py = sandbox(&folder);
    py.exec("db.execute('insert into t values (1)')").unwrap();
    let mut fork = py.snapshot().unwrap().spawn().unwrap();
    refused(fork.exec("db.commit()"), "disk I/O error");
    py.exec("db.commit()").unwrap();
    fork.exec("db.rollback()").unwrap();
    assert_eq!(count(&mut fork).unwrap(), 1);
    fork.exec("db.execute('insert into t values (2)'); db.commit()").unwrap();
    assert_eq!(count(&mut py).unwrap(), 2);
}

#[test]
fn going_back_releases_the_database() {
    let folder = tempdir().unwrap();
    let (mut py, mut other) = (sandbox(&folder), sandbox(&folder));
    let before = py.snapshot().unwrap();
    py.exec("db.execute('insert into t values (1)')").unwrap();
    refused(other.exec("db.execute('insert into t values (2)')"), "database is locked");
    py.restore(&before).unwrap();
    other.exec("db.execute('insert into t values (2)'); db.commit()").unwrap();
    assert_eq!(count(&mut py).unwrap(), 1);
}

#[test]
fn a_sandbox_that_is_dropped_leaves_nothing_locked() {
    let folder = tempdir().unwrap();
    let (mut py, mut other) = (sandbox(&folder), sandbox(&folder));
    py.exec("db.execute('insert into t values (1)')").unwrap();
    drop(py);
    other.exec("db.execute('insert into t values (2)'); db.commit()").unwrap();
    assert_eq!(count(&mut other).unwrap(), 1);
}
