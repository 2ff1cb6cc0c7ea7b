//! Snapshots, forks and going back: what is taken along, and what is not shared.

use std::time::{Duration, SystemTime};

use python_wasm::{Error, Limits, Mount, Python, Snapshot};

fn python() -> Python {
    Python::builder().build().unwrap()
}

#[test]
fn a_fork_goes_on_from_where_it_was_made_and_shares_nothing() {
    let mut first = python();
    first.exec("import json\nx = [1]\ndef f(): return len(x)\nopen('/tmp/a', 'w').write('1')").unwrap();
    let mut second = first.fork().unwrap();
    second.exec("x.append(2); open('/tmp/a', 'w').write('2'); import csv").unwrap();
    first.exec("x.extend([0] * 5); y = 1").unwrap();
    assert_eq!((first.eval::<i64>("f()").unwrap(), second.eval::<i64>("f()").unwrap()), (6, 2));
    let read = "open('/tmp/a').read()";
    assert_eq!(
        (first.eval::<String>(read).unwrap(), second.eval::<String>(read).unwrap()),
        ("1".into(), "2".into())
    );
    assert!(second.eval::<i64>("y").unwrap_err().is_exception("NameError"));
}

#[test]
fn a_sandbox_goes_back_as_often_as_it_likes() {
    let mut py = python();
    py.exec("x = 1").unwrap();
    let one = py.snapshot().unwrap();
    py.exec("x = 2; import decimal; open('/tmp/f', 'w').close()").unwrap();
    let two = py.snapshot().unwrap();
    for (snapshot, x, files) in [(&one, 1, 0), (&two, 2, 1), (&one, 1, 0), (&two, 2, 1)] {
        py.restore(snapshot).unwrap();
        assert_eq!(py.eval::<i64>("x").unwrap(), x);
        assert_eq!(py.eval::<i64>("len(__import__('os').listdir('/tmp'))").unwrap(), files);
        py.exec("x = 'spoiled'").unwrap();
    }
}

#[test]
fn a_sandbox_that_was_lost_can_go_back() {
    let mut py = Python::builder().limits(Limits::default().output(1000)).build().unwrap();
    py.exec("x = 1").unwrap();
    let snapshot = py.snapshot().unwrap();
    assert!(matches!(py.exec("while True: print('flood')"), Err(Error::OutputLimit)));
    assert!(!py.is_usable());
    py.restore(&snapshot).unwrap();
    assert!(py.is_usable());
    assert_eq!(py.eval::<i64>("x").unwrap(), 1);
    let mut other = snapshot.spawn().unwrap();
    py.interrupt_handle().terminate();
    assert!(matches!(py.exec("x"), Err(Error::Interrupted)));
    py.restore(&snapshot).unwrap();
    assert_eq!(py.eval::<i64>("x").unwrap(), 1);
    assert_eq!(other.eval::<i64>("x").unwrap(), 1);
}

#[test]
fn open_files_go_on_at_their_own_offsets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("host"), "abcdef").unwrap();
    let mut first =
        Python::builder().mount("/data", Mount::read_only(folder.path()).unwrap()).build().unwrap();
    first.exec("open('/tmp/m', 'w').write('123456'); m = open('/tmp/m', 'rb', 0); h = open('/data/host', 'rb', 0)").unwrap();
    let read = "(m.read(2) + h.read(2)).decode()";
    assert_eq!(first.eval::<String>(read).unwrap(), "12ab");
    let mut second = first.fork().unwrap();
    assert_eq!(first.eval::<String>(read).unwrap(), "34cd");
    assert_eq!(second.eval::<String>(read).unwrap(), "34cd");
}

#[test]
fn forks_draw_different_random_numbers_unless_a_seed_is_given() {
    let draw = "__import__('random').getrandbits(60)";
    let mut py = python();
    py.exec("import random").unwrap();
    let snapshot = py.snapshot().unwrap();
    let drawn: Vec<u64> = (0..4).map(|_| snapshot.spawn().unwrap().eval::<u64>(draw).unwrap()).collect();
    assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]), "{drawn:?}");
    let mut seeded = Python::builder().seed(1).build().unwrap();
    seeded.exec("import random").unwrap();
    let snapshot = seeded.snapshot().unwrap();
    let one: u64 = snapshot.spawn().unwrap().eval(draw).unwrap();
    let two: u64 = snapshot.spawn().unwrap().eval(draw).unwrap();
    assert_eq!(one, two);
}

#[test]
fn output_and_input_belong_to_each_sandbox() {
    let mut py = Python::builder().stdin_bytes(*b"one\ntwo\n").build().unwrap();
    py.exec("a = input(); print('first')").unwrap();
    let snapshot = py.snapshot().unwrap();
    let mut other = py.fork().unwrap();
    assert_eq!(other.exec("print('other')").unwrap().stdout, "other\n");
    // What Python itself has read ahead is part of its memory, as after POSIX's fork.
    assert_eq!(other.eval::<String>("input()").unwrap(), "two");
    assert!(other.exec("input()").unwrap_err().is_exception("EOFError"));
    assert_eq!(py.exec("print('mine')").unwrap().stdout, "mine\n");
    py.restore(&snapshot).unwrap();
    assert_eq!(py.exec("print(a)").unwrap().stdout, "one\n");
}

#[test]
fn a_snapshot_is_saved_and_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let mut py = Python::builder().args(["prog", "a"]).env("K", "v").build().unwrap();
    py.exec(
        "import os, sys, dataclasses, decimal\n\
         @dataclasses.dataclass\nclass Point:\n    x: int\n\
         points = [Point(n) for n in range(100)]\ng = (n * n for n in range(10)); next(g); next(g)\n\
         open('/tmp/kept', 'w').write('content'); f = open('/tmp/kept')",
    )
    .unwrap();
    py.snapshot().unwrap().save(&path).unwrap();
    drop(py);
    let mut again = Snapshot::load(&path).unwrap().spawn().unwrap();
    assert_eq!(again.eval::<i64>("sum(p.x for p in points)").unwrap(), 4950);
    assert_eq!(again.eval::<Vec<i64>>("list(g)").unwrap(), [4, 9, 16, 25, 36, 49, 64, 81]);
    assert_eq!(again.eval::<String>("f.read()").unwrap(), "content");
    assert_eq!(again.eval::<(String, Vec<String>)>("(os.environ['K'], sys.argv)").unwrap().1, ["prog", "a"]);
    assert!(std::fs::metadata(&path).unwrap().len() < 300_000);
}

#[test]
fn a_file_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let mut py = python();
    py.exec("x = 1").unwrap();
    py.snapshot().unwrap().save(&path).unwrap();
    let good = std::fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        match Snapshot::load(&path) {
            Err(Error::Snapshot { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    };
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    assert_eq!(refused(b""), "this is not a snapshot of python-wasm");
    assert_eq!(refused(b"some text"), "this is not a snapshot of python-wasm");
    assert_eq!(refused(&changed(20)), "the snapshot has format 3, and only 2 can be read");
    let other = refused(&changed(30));
    assert!(
        other.starts_with("the snapshot was made by another build of python-wasm (python-wasm "),
        "{other}"
    );
    for bytes in [&good[..good.len() - 1], &changed(60), &changed(good.len() - 1), &good[..40], &good[..22]] {
        assert_eq!(refused(bytes), "the snapshot is damaged");
    }
    assert!(matches!(Snapshot::load(folder.path().join("none")), Err(Error::Io(_))));
}

#[test]
fn folders_of_the_host_are_granted_anew_to_a_loaded_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let mut py = Python::builder().mount("/data", Mount::read_write(&data).unwrap()).build().unwrap();
    py.exec("open('/data/f', 'w').write('1')").unwrap();
    py.snapshot().unwrap().save(&path).unwrap();
    let Err(Error::Snapshot { message, .. }) = Snapshot::load(&path) else {
        panic!("loaded without its folder")
    };
    assert_eq!(message, "the snapshot needs a folder granted as /data");
    let mut again = Python::builder().mount("/data", Mount::read_only(&data).unwrap()).resume(&path).unwrap();
    assert_eq!(again.eval::<String>("open('/data/f').read()").unwrap(), "1");
    assert!(again.exec("open('/data/f', 'w')").unwrap_err().is_exception("PermissionError"));
}

#[test]
fn a_resumed_session_has_the_streams_and_the_functions_of_its_builder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let price = |factor: i64| move |item: String| Ok::<_, String>(factor * item.len() as i64);
    let mut py = Python::builder().function("price", price(1)).build().unwrap();
    py.exec("from host import price").unwrap();
    py.snapshot().unwrap().save(&path).unwrap();
    let builder = Python::builder().function("price", price(10)).stdin_bytes(*b"apple\n");
    let mut again = builder.resume(&path).unwrap();
    assert_eq!(again.exec("print(price(input()))").unwrap().stdout, "50\n");
}

#[test]
fn a_snapshot_too_large_for_a_sandbox_is_refused() {
    let mut large = python();
    large.exec("x = bytes(100_000_000)").unwrap();
    let snapshot = large.snapshot().unwrap();
    let mut small = Python::builder().limits(Limits::default().memory(64 << 20)).build().unwrap();
    small.exec("x = 1").unwrap();
    let error = small.restore(&snapshot).unwrap_err();
    let Error::Snapshot { message, source: Some(_) } = &error else { panic!("{error:?}") };
    assert!(message.ends_with(" bytes of memory, and the sandbox may have 67108864"), "{message}");
    assert_eq!(small.eval::<i64>("x").unwrap(), 1);
    assert_eq!(snapshot.spawn().unwrap().eval::<i64>("len(x)").unwrap(), 100_000_000);
}

#[test]
fn what_changed_little_is_kept_in_little() {
    let mut py = python();
    py.exec("pass").unwrap();
    let before = py.snapshot().unwrap();
    py.exec("x = 1").unwrap();
    let after = py.snapshot().unwrap();
    assert!(before.size() < 64 << 10 && after.size() < 64 << 10, "{} {}", before.size(), after.size());
}

#[test]
fn a_settled_snapshot_is_the_same_state() {
    let mut py = python();
    py.exec("import json\nx = [1, 2]\nopen('/tmp/f', 'w').write('kept')").unwrap();
    let settled = py.snapshot().unwrap().settled().unwrap();
    assert_eq!(settled.size(), 0);
    py.exec("x.clear()").unwrap();
    for _ in 0..2 {
        let mut other = settled.spawn().unwrap();
        assert_eq!(other.eval::<Vec<i64>>("x").unwrap(), [1, 2]);
        assert_eq!(other.eval::<String>("open('/tmp/f').read()").unwrap(), "kept");
        other.exec("x.append(3)").unwrap();
    }
}

#[test]
fn sixteen_threads_share_one_image() {
    let mut py = python();
    py.exec("import re, json; base = 100").unwrap();
    let snapshot = py.snapshot().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16_i64 {
            let snapshot = &snapshot;
            scope.spawn(move || {
                for round in 0..5_i64 {
                    let mut py = snapshot.spawn().unwrap();
                    py.set("n", &(thread * 100 + round)).unwrap();
                    assert_eq!(py.eval::<i64>("base + n").unwrap(), 100 + thread * 100 + round);
                }
            });
        }
    });
}

#[test]
fn limits_hold_in_what_goes_on_from_a_snapshot() {
    let limits = Limits::default().timeout(Duration::from_millis(300)).memory(64 << 20);
    let mut py = Python::builder().limits(limits).fixed_clock(SystemTime::UNIX_EPOCH).build().unwrap();
    py.init().unwrap();
    let mut fork = py.fork().unwrap();
    assert!(matches!(fork.exec("while True: pass"), Err(Error::Timeout)));
    assert!(matches!(fork.exec("x = bytes(100_000_000)"), Err(Error::OutOfMemory)));
    assert_eq!(fork.eval::<i64>("int(__import__('time').time())").unwrap(), 0);
}

/// Tries each limit but those of time and fuel, and returns what came of it.
fn limits_that_hold(py: &mut Python) -> Vec<String> {
    let tries = "
import os
def attempt(function):
    try:
        return str(function())
    except OSError as error:
        return error.strerror
def fill():
    with open('/tmp/large', 'wb', buffering=0) as file:
        file.truncate(3 << 20)
def name():
    for n in range(20): open(f'/tmp/{n}', 'w').close()
def hoard():
    files = [open('/dev/zero', 'rb') for _ in range(40)]
def move():
    with open('/dev/zero', 'rb') as file: return len(os.read(file.fileno(), 5000))
";
    py.exec(tries).unwrap();
    let names = ["fill", "name", "hoard", "move"];
    let mut found: Vec<String> =
        names.map(|name| py.eval(&format!("attempt({name})")).unwrap()).into_iter().collect();
    found.push(format!("{:?}", py.exec("print('x' * 5000)").map(|output| output.stdout.len())));
    found
}

#[test]
fn of_the_limits_of_a_file_and_of_its_builder_the_lower_ones_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let low = Limits::default().disk(2 << 20).files(10).open_files(30).call_bytes(1000).output(4000);
    let held = [
        "No space left on device",
        "No space left on device",
        "No file descriptors available",
        "1000",
        "Err(OutputLimit)",
    ];
    let free = ["None", "None", "None", "5000", "Ok(5001)"];
    for (saved, resumed, expected) in [
        (Limits::default(), Limits::default(), free),
        (Limits::default(), low.clone(), held),
        (low.clone(), Limits::default(), held),
    ] {
        let mut py = Python::builder().limits(saved).build().unwrap();
        py.snapshot().unwrap().save(&path).unwrap();
        let mut again = Python::builder().limits(resumed).resume(&path).unwrap();
        assert_eq!(limits_that_hold(&mut again), expected);
    }
}

#[test]
fn a_file_with_more_in_it_than_the_limits_allow_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.snap");
    let mut py = python();
    py.exec("x = b'abcdefgh' * (25 << 20)").unwrap();
    py.snapshot().unwrap().save(&path).unwrap();
    let small = Limits::default().memory(64 << 20).disk(1 << 20);
    let Err(Error::Snapshot { message, .. }) = Python::builder().limits(small).resume(&path) else {
        panic!("resumed")
    };
    let expected = "the snapshot has more in it than the sandbox may have: 64 MiB of memory, 1 MiB of disk";
    assert_eq!(message, expected);
}

#[test]
fn a_snapshot_passes_through_any_writer_and_reader() {
    let mut py = python();
    py.exec("x = 40").unwrap();
    let mut bytes = Vec::new();
    py.snapshot().unwrap().write_to(&mut bytes).unwrap();
    let mut other = Snapshot::read_from(&bytes[..]).unwrap().spawn().unwrap();
    assert_eq!(other.eval::<i64>("x + 2").unwrap(), 42);
    let refused = Snapshot::read_from(&b"text"[..]).unwrap_err();
    assert!(matches!(refused, Error::Snapshot { .. }), "{refused:?}");
    let full = py.snapshot().unwrap().write_to(&mut &mut [0; 10][..]).unwrap_err();
    assert!(matches!(full, Error::Io(_)), "{full:?}");
}
