//! States to which a session goes back: undone blocks, saved sessions, copies.

use super::*;

#[test]
fn a_block_is_undone_with_its_objects_and_its_files_in_memory() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("x = [1]");
    prompt.run("x.append(2); f = open('/tmp/f', 'w'); None");
    prompt.run("print('a', file=f, flush=True); del x");
    assert_eq!(done(&mut prompt, "undo", ""), "undone: print('a', file=f, flush=True); del x");
    prompt.run("x, open('/tmp/f').read(), f.write('b'), f.flush(), open('/tmp/f').read()");
    assert_eq!(text(&stdout), "([1, 2], '', 1, None, 'b')\n");
    assert!(done(&mut prompt, "undo", "2").starts_with("undone: x.append(2)"));
    prompt.run("import os; x, os.path.exists('/tmp/f')");
    assert_eq!(text(&stdout), "([1], False)\n");
    assert_eq!(refused(&mut prompt, "undo", "9"), "there are 2 blocks to undo");
    assert_eq!(refused(&mut prompt, "undo", "-1"), "%undo takes a number of blocks, not -1");
    done(&mut prompt, "undo", "2");
    assert_eq!(refused(&mut prompt, "undo", ""), "there is nothing to undo");
}

#[test]
fn a_grant_and_the_end_have_time_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("1");
    // The deadline of the last block has passed while somebody thought about the next one.
    prompt.guest.instance_mut().wasi_mut().set_deadline(Some(Instant::now()));
    done(&mut prompt, "grant", folder.path().to_str().unwrap());
    prompt.run("import atexit; atexit.register(print, 'the end')");
    prompt.guest.instance_mut().wasi_mut().set_deadline(Some(Instant::now()));
    assert_eq!(prompt.guest.finalize(0).unwrap(), 0);
    assert!(text(&stdout).ends_with("the end\n"));
}

#[test]
fn a_grant_is_undone_with_the_block_that_came_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("import os");
    done(&mut prompt, "grant", &format!("{path}:ro"));
    prompt.run(&format!("os.path.isdir('{path}')"));
    done(&mut prompt, "undo", "2");
    prompt.run(&format!("import os; os.path.isdir('{path}')"));
    assert_eq!(text(&stdout), "True\nFalse\n");
    assert!(!done(&mut prompt, "mounts", "").contains(path));
}

#[test]
fn a_block_that_does_not_end_by_itself_is_stopped_and_undone() {
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    prompt.run("x = 1");
    // Each interrupt finds it inside of `try`, and it says so again.
    let deaf = "x = 2\nwhile True:\n    try:\n        print('here', flush=True)\n        while True: pass\n    \
                except KeyboardInterrupt: pass\n";
    let (stopper, interrupt) =
        (prompt.around.stopper.clone(), prompt.guest.instance().wasi().interrupt().clone());
    let (over, output) = (Arc::new(AtomicBool::new(false)), stdout.clone());
    let thread = {
        let over = over.clone();
        std::thread::spawn(move || {
            // Until two strikes came within a second, on a busy machine too.
            while !over.load(Ordering::Relaxed) {
                if output.take().ends_with(b"here\n") {
                    stopper.strike(&interrupt);
                }
                std::thread::yield_now();
            }
        })
    };
    assert_eq!(prompt.run(deaf), Step::Continue);
    over.store(true, Ordering::Relaxed);
    thread.join().unwrap();
    stderr.take();
    prompt.run("x");
    assert_eq!(text(&stdout), "1\n");
}

#[test]
fn a_block_that_outlives_its_limits_is_undone() {
    let (mut prompt, stdout, _, stopped) = prompt(Limits::default().timeout(Duration::from_secs(2)));
    prompt.run("x = 1");
    let deaf = "x = 2\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass\n";
    assert_eq!(prompt.run(deaf), Step::Continue);
    assert_eq!(stopped.try_recv(), Ok(Outcome::Timeout));
    prompt.run("x");
    assert_eq!(text(&stdout), "1\n");
}

#[test]
fn a_completion_that_never_ends_is_stopped_and_leaves_nothing() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("class A:\n    def __getattr__(self, name):\n        global x\n        x = 2\n        while True:\n            \
                try:\n                while True: pass\n            except BaseException: pass\n");
    prompt.run("a = A(); x = 1");
    assert_eq!(prompt.complete("a.b.c", 5).candidates, [""; 0]);
    prompt.run("x");
    assert_eq!(text(&stdout), "1\n");
}

#[test]
fn a_saved_session_goes_on_with_all_its_objects() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session");
    let path = file.to_str().unwrap();
    let (mut prompt, ..) = prompt(Limits::default());
    prompt.run("import json\nclass A: pass\na = A(); a.items = [1, lambda x: x + 1]; open('/tmp/f', 'w').write('kept')\n");
    assert!(done(&mut prompt, "save", path).contains(&format!("--resume {path}")));
    let bytes = std::fs::read(&file).unwrap();
    let stdio = Stdio::captured();
    let (state, _) = GuestState::decode(&bytes, Sandbox::default()).unwrap();
    let mut guest = state.spawn(stdio.streams().unwrap()).unwrap();
    let run =
        vec!["run".into(), "print(a.items[1](a.items[0]), open('/tmp/f').read(), json.dumps(1))".into()];
    guest.request("prompt", run).unwrap();
    assert_eq!(stdio.stdout.take(), b"2 kept 1\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing beside the file");
}

#[test]
fn a_damaged_file_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session");
    let (mut prompt, ..) = prompt(Limits::default());
    prompt.run("x = 1");
    done(&mut prompt, "save", file.to_str().unwrap());
    let bytes = std::fs::read(&file).unwrap();
    for at in [0, 21, 30, 60, 100, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let error = GuestState::decode(&damaged, Sandbox::default()).map(drop).unwrap_err().to_string();
        assert!(!error.contains('\n') && error.contains("snapshot"), "{at}: {error}");
    }
    for len in [0, 10, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(GuestState::decode(&bytes[..len], Sandbox::default()).is_err(), "{len}");
    }
    assert!(refused(&mut prompt, "save", "/no/such/folder/s").starts_with("%save /no/such/folder/s: "));
    assert!(refused(&mut prompt, "save", "").starts_with("%save wants a file"));
}

#[test]
fn a_copy_of_the_session_goes_its_own_way() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("x = 1");
    assert_eq!(
        done(&mut prompt, "fork", "other"),
        "this is other now; %switch main goes back to where it came from"
    );
    prompt.run("x = 2");
    assert_eq!(done(&mut prompt, "switch", "main"), "this is main");
    prompt.run("x += 10; x");
    assert_eq!(done(&mut prompt, "switch", "other"), "this is other");
    prompt.run("x");
    assert_eq!(text(&stdout), "11\n2\n");
    assert_eq!(done(&mut prompt, "switch", ""), "main\nother *");
    // The last one shows x, the one before sets it.
    done(&mut prompt, "undo", "2");
    prompt.run("x");
    assert_eq!(text(&stdout), "1\n");
    assert_eq!(refused(&mut prompt, "switch", "third"), "there is no third, but main");
    assert_eq!(refused(&mut prompt, "switch", "other"), "this is other");
    assert!(refused(&mut prompt, "fork", "main").starts_with("there is a main already"));
    assert_eq!(refused(&mut prompt, "fork", "a b"), "%fork wants a name, of one word");
}

#[test]
fn what_can_be_undone_takes_memory_by_what_changed() {
    let (mut prompt, ..) = prompt(Limits::default());
    prompt.run("x = 0");
    prompt.run("big = bytearray(8 << 20)");
    prompt.run("x += 1");
    let before = prompt.past.bytes();
    for _ in 0..20 {
        prompt.run("x += 1");
    }
    let each = (prompt.past.bytes() - before) / 20;
    assert!(each < 128 << 10, "{each} bytes for each block");
}
