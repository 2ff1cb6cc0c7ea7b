//! The prompt's questions and commands, with an interpreter and without a terminal.

use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use python_wasm_sandbox::Sandbox;

use super::*;
use crate::python::GuestState;
use crate::python::stdio::{Sink, Source, Stdio};
use crate::{Limits, Python};

mod past;

/// A prompt, what it prints, and how it was stopped.
fn prompt(limits: Limits) -> (Prompt, Sink, Sink, Receiver<Outcome>) {
    let (guest, stdout, stderr) = Python::builder().limits(limits.clone()).build().unwrap().into_guest();
    let (sender, stopped) = channel();
    let stdio = Stdio { stdin: Source::Nothing, stdout: stdout.clone(), stderr: stderr.clone() };
    let streams = Box::new(move || stdio.streams());
    let around = Surroundings {
        grants: Sandbox::default().grants(),
        limits,
        tracing: false,
        tracer: || Box::new(|line| panic!("nobody wanted a trace: {line}")),
        muted: Arc::default(),
        streams,
        stopper: Stopper::default(),
        lines: Lines::default(),
        resumed: None,
        say: |_| (),
        ended: Box::new(move |outcome: &Outcome| {
            sender.send(outcome.clone()).unwrap();
            99
        }),
    };
    (Prompt::new(guest, around), stdout, stderr, stopped)
}

#[test]
fn blocks_print_as_at_cpython_s_prompt() {
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    assert!(prompt.banner().starts_with("Python 3.13."));
    assert_eq!(prompt.prompts(), Prompts::default());
    for block in ["x = 40", "x + 2", "None", "_", "'a'; 'b'", "sum = 1", "exit"] {
        let step = prompt.run(block);
        assert_eq!(step, if block == "exit" { Step::Exit(0) } else { Step::Continue }, "{block}");
    }
    assert_eq!(String::from_utf8(stdout.take()).unwrap(), "42\n42\n'a'\n'b'\n");
    assert_eq!(stderr.take(), b"");
}

#[test]
fn a_traceback_shows_the_source_that_was_typed() {
    let (mut prompt, _, stderr, _) = prompt(Limits::default());
    prompt.run("def f():\n    return missing\n");
    prompt.run("f()");
    let expected = "Traceback (most recent call last):\n  \
        File \"<python-input-1>\", line 1, in <module>\n    f()\n    ~^^\n  \
        File \"<python-input-0>\", line 2, in f\n    return missing\n           ^^^^^^^\n\
        NameError: name 'missing' is not defined\n";
    assert_eq!(String::from_utf8(stderr.take()).unwrap(), expected);
}

#[test]
fn a_block_awaits_in_one_loop() {
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    for block in [
        "import asyncio, contextvars",
        "async def f(x):\n    await asyncio.sleep(0)\n    return x + 1\n",
        "await f(1)",
        "async with asyncio.timeout(60): task = asyncio.create_task(f(2))\n",
        "await task; (await f(3), 'and on')",
        "asyncio.run(f(4))",
        "await f('')",
    ] {
        assert_eq!(prompt.run(block), Step::Continue, "{block}");
    }
    let shown = text(&stderr);
    assert_eq!(text(&stdout), "2\n3\n(4, 'and on')\n5\n", "{shown}");
    let expected = "Traceback (most recent call last):\n  File \"<python-input-6>\", line 1, in <module>\n    await f('')\n";
    assert!(shown.starts_with(expected), "{shown}");
    assert_eq!(prompt.completeness("async with f() as x:"), Completeness::Incomplete);
    assert_eq!(prompt.run("exit(await f(6))"), Step::Exit(7));
}

#[test]
fn the_guest_s_compiler_says_what_is_complete() {
    use Completeness::{Complete, Incomplete, Invalid};
    let (mut prompt, ..) = prompt(Limits::default());
    let table = [
        ("", Complete),
        ("# comment", Complete),
        ("1 + 1", Complete),
        ("a = 1\nb = 2", Complete),
        ("if x:", Incomplete),
        ("if x:\n    y()", Incomplete),
        ("if x:\n    y()\n", Complete),
        ("f(", Incomplete),
        ("\"\"\"text", Incomplete),
        ("@decorator", Incomplete),
        ("a = \\", Incomplete),
        ("async def f():\n    await g()\n", Complete),
        ("x = $", Invalid),
        ("for", Invalid),
    ];
    for (source, expected) in table {
        assert_eq!(prompt.completeness(source), expected, "{source:?}");
    }
}

#[test]
fn completion_counts_in_bytes_and_gives_up_on_code_that_never_answers() {
    let (mut prompt, ..) = prompt(Limits::default());
    prompt.run("class A:\n    def __getattr__(self, name):\n        while True: pass\n");
    prompt.run("a = A(); ünï = {'kéy': 1}; x = 1");
    let complete = |prompt: &mut Prompt, source: &str| {
        let completions = prompt.complete(source, source.len());
        (completions.start, completions.candidates)
    };
    assert_eq!(complete(&mut prompt, "ünï['k"), ("ünï['".len(), vec!["kéy']".to_owned()]));
    assert_eq!(complete(&mut prompt, "ü = ünï.cl"), ("ü = ".len(), vec!["ünï.clear".to_owned()]));
    assert_eq!(complete(&mut prompt, "from json im").1, ["import"]);
    assert_eq!(complete(&mut prompt, "a.b.c").1, [""; 0]);
    assert_eq!(prompt.run("x += 1"), Step::Continue);
    assert_eq!(prompt.run("exit(x)"), Step::Exit(2));
}

#[test]
fn a_limit_ends_the_block_and_not_the_session() {
    // Enough for the first request, which imports, on a busy machine too.
    let limits = Limits::default().timeout(Duration::from_secs(2));
    let (mut prompt, _, stderr, stopped) = prompt(limits);
    prompt.prompts();
    assert_eq!(prompt.run("while True: pass\n"), Step::Continue);
    assert!(stderr.take().ends_with(b"KeyboardInterrupt\n"));
    assert_eq!(stopped.try_recv(), Ok(Outcome::Timeout));
    assert_eq!(prompt.run("import os; os._exit(5)"), Step::Exit(5));
}

#[test]
fn exit_handlers_run_at_the_end() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.run("import atexit; atexit.register(print, 'bye'); None");
    stdout.take();
    assert_eq!(prompt.goodbye(), 0);
    assert_eq!(stdout.take(), b"bye\n");
}

fn text(capture: &Sink) -> String {
    String::from_utf8(capture.take()).unwrap()
}

fn refused(prompt: &mut Prompt, name: &str, argument: &str) -> String {
    match prompt.command(name, argument) {
        Reply::Refused(reason) => reason,
        other => panic!("{other:?}"),
    }
}

fn done(prompt: &mut Prompt, name: &str, argument: &str) -> String {
    match prompt.command(name, argument) {
        Reply::Done(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_question_shows_signature_documentation_and_source() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    prompt.explain("len", false);
    let shown = text(&stdout);
    assert!(shown.starts_with("Signature: len(obj, /)\nDocstring: Return the number of items"), "{shown}");
    prompt.run("class A:\n    'Says a.'\n    def f(self):\n        return 1\n");
    prompt.run("def double(x, by=2):\n    # twice\n    return x * by\n");
    stdout.take();
    prompt.explain("double", true);
    let expected =
        "Signature: double(x, by=2)\nSource:\ndef double(x, by=2):\n    # twice\n    return x * by\n";
    assert!(text(&stdout).starts_with(expected));
    prompt.explain("A", true);
    let shown = text(&stdout);
    assert!(shown.contains("\nclass A:\n    'Says a.'\n    def f(self):\n        return 1\n"), "{shown}");
    prompt.explain("json.nothing", false);
    assert_eq!(text(&stdout), "nothing is called json.nothing\n");
    prompt.explain("if", false);
    assert!(text(&stdout).contains("The \"if\" statement"));
}

#[test]
fn a_question_about_something_hostile_is_an_exception_and_no_more() {
    let (mut prompt, _, stderr, _) = prompt(Limits::default());
    prompt.run("class A:\n    def __getattr__(self, name): 1 / 0\n");
    prompt.run("a = A()");
    assert_eq!(prompt.explain("a.b.c", false), Step::Continue);
    assert!(text(&stderr).ends_with("ZeroDivisionError: division by zero\n"));
    assert_eq!(prompt.run("exit(4)"), Step::Exit(4));
}

#[test]
fn completion_knows_keys_arguments_and_what_modules_hold() {
    let (mut prompt, ..) = prompt(Limits::default());
    prompt.run("d = {'alpha': {'x': [1, 'text']}, 'beta': 2, 7: 3, (1, 2): 4}; import os");
    prompt.run("def f(one, two=2, *, three): pass\n");
    let mut complete = |source: &str| {
        let completions = prompt.complete(source, source.len());
        (source[completions.start..].to_owned(), completions.candidates)
    };
    let mut check = |source: &str, replaced: &str, expected: &[&str]| {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        let (start, candidates) = complete(source);
        assert_eq!((start.as_str(), candidates), (replaced, expected), "{source}");
    };
    check("d['al", "al", &["alpha']"]);
    check("d['", "", &["alpha", "beta"]);
    check("d[", "", &["'alpha'", "'beta'", "(1, 2)", "7"]);
    check("d['alpha']['x'][1].uppe", "d['alpha']['x'][1].uppe", &["d['alpha']['x'][1].upper"]);
    check("f(1, t", "t", &["three=", "two=", "try", "tuple", "type"]);
    check("from bisect import bisect_l", "bisect_l", &["bisect_left"]);
    check("import xml.dom.mi", "xml.dom.mi", &["xml.dom.minicompat", "xml.dom.minidom"]);
    check("open('/usr/l", "/usr/l", &["/usr/lib/"]);
    check("def f(", "", &[]);
}

#[test]
fn time_shows_what_a_block_took_and_hides_nothing_of_it() {
    let (mut prompt, stdout, ..) = prompt(Limits::default());
    let report = done(&mut prompt, "time", "for i in range(3):\n    print(i)");
    assert_eq!(text(&stdout), "0\n1\n2\n");
    assert!(report.contains(" units of fuel, peak memory "), "{report}");
    let fuel = |report: &str| -> u64 {
        let words = report.split_once(", ").unwrap().1;
        words.split_once(' ').unwrap().0.replace(',', "").parse().unwrap()
    };
    let (short, long) =
        (done(&mut prompt, "time", "sum(range(1000))"), done(&mut prompt, "time", "sum(range(100_000))"));
    assert!(fuel(&long) > 10 * fuel(&short), "{short} {long}");
    assert!(refused(&mut prompt, "time", "").starts_with("%time wants code"));
    assert_eq!(prompt.command("time", "exit(3)"), Reply::Exit(3));
}

#[test]
fn a_folder_granted_at_the_prompt_is_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    assert_eq!(done(&mut prompt, "grant", &format!("{path}:ro")), format!("{path} is granted (read-only)"));
    prompt.run(&format!("open('{path}/a.txt').read()"));
    assert_eq!(text(&stdout), "'hello'\n");
    prompt.run(&format!("open('{path}/b.txt', 'w')"));
    assert!(text(&stderr).contains("PermissionError"));
    assert!(done(&mut prompt, "mounts", "").contains(&format!("{path}  read-only")));
    assert!(refused(&mut prompt, "grant", path).contains("is granted already"));
    assert!(refused(&mut prompt, "grant", "/no/such/folder").starts_with("cannot open the folder /no/such"));
    assert!(refused(&mut prompt, "grant", ":ro").starts_with("%grant wants a folder"));
}

#[test]
fn changes_that_are_kept_aside_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("old.txt"), "old").unwrap();
    let (mut prompt, ..) = prompt(Limits::default());
    assert!(refused(&mut prompt, "diff", "").contains("%grant DIR:overlay"));
    done(&mut prompt, "grant", &format!("{path}:overlay"));
    assert_eq!(done(&mut prompt, "diff", ""), "nothing has changed");
    prompt.run(&format!("import os; os.remove('{path}/old.txt'); open('{path}/new.txt', 'w').close()"));
    assert_eq!(done(&mut prompt, "diff", ""), format!("added    {path}/new.txt\nremoved  {path}/old.txt"));
    assert!(folder.path().join("old.txt").exists());
}

#[test]
fn a_script_runs_in_the_session_with_its_folder_and_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my script.py");
    std::fs::write(&path, "import sys, beside\nx = beside.y + 1\nprint(sys.argv[1:], __name__)\n").unwrap();
    std::fs::write(folder.path().join("beside.py"), "y = 41\n").unwrap();
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    assert_eq!(done(&mut prompt, "run", &format!("'{}' a 'b c'", path.display())), "");
    assert_eq!(text(&stdout), "['a', 'b c'] __main__\n", "{}", text(&stderr));
    prompt.run("x");
    assert_eq!(text(&stdout), "42\n");
    assert!(refused(&mut prompt, "run", "/no/such.py").contains("/no/such.py"));
    assert!(refused(&mut prompt, "run", "'a").contains("No closing quotation"));
    assert!(refused(&mut prompt, "run", "").starts_with("%run wants a file"));
    std::fs::write(&path, "1 / 0").unwrap();
    done(&mut prompt, "run", &format!("'{}'", path.display()));
    let shown = text(&stderr);
    assert!(
        shown.starts_with("Traceback") && shown.ends_with("ZeroDivisionError: division by zero\n"),
        "{shown}"
    );
}

#[test]
fn limits_and_traces_are_told() {
    let (mut prompt, ..) = prompt(Limits::default().fuel(1_000_000_000).timeout(Duration::from_secs(5)));
    prompt.run("1");
    let table = done(&mut prompt, "limits", "");
    for expected in
        ["5.00 s for one block", "1,000,000,000 in one block", "1024 MiB", "50,000,000 bytes", "256"]
    {
        assert!(table.contains(expected), "{table}");
    }
    assert_eq!(refused(&mut prompt, "trace", "maybe"), "%trace is on or off, not \"maybe\"");
    assert_eq!(done(&mut prompt, "trace", "off"), "");
}

#[test]
fn what_has_no_limit_says_so() {
    let (mut prompt, ..) = prompt(Limits::attended());
    prompt.run("print('x' * 999)");
    let table = done(&mut prompt, "limits", "");
    let row = |what| table.lines().find(|line| line.starts_with(what)).unwrap();
    for what in ["time", "fuel", "output"] {
        assert!(row(what).contains("no limit"), "{table}");
    }
    assert!(row("output").contains("1,000"), "{table}");
}

#[test]
fn statements_pasted_at_once_run_until_one_fails() {
    let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
    prompt.run("x = 1\nx + 1\n1 / 0\nprint('never')\n");
    assert_eq!(text(&stdout), "2\n");
    let shown = text(&stderr);
    assert!(shown.contains("File \"<python-input-0>\", line 3, in <module>\n    1 / 0\n"), "{shown}");
    prompt.run("print('never')\nx = = 2\n");
    assert_eq!((text(&stdout), text(&stderr).contains("SyntaxError")), (String::new(), true));
}
