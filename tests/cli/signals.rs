//! Ctrl-C reaches Python as `KeyboardInterrupt` wherever it is, and SIGTERM always ends it.

use python_wasm_tests::Program;
use rustix::process::Signal;

/// Starts Python statements, waits for them to call `ready()`, and sends a signal.
fn interrupted(code: &str, signal: Signal) -> python_wasm_tests::Outcome {
    let code = format!("def ready(): print('ready', flush=True)\n{code}");
    let mut running = Program::python().args(["-c", &code]).stdin_open().start();
    running.wait_for("ready\n");
    running.signal(signal);
    running.end_by_itself()
}

#[test]
fn ctrl_c_ends_a_loop() {
    interrupted("ready()\nwhile True: pass", Signal::INT)
        .with_status(130)
        .complaining(&["KeyboardInterrupt"]);
}

#[test]
fn ctrl_c_ends_a_sleep() {
    interrupted("import time; ready(); time.sleep(10000)", Signal::INT)
        .with_status(130)
        .complaining(&["KeyboardInterrupt"]);
}

#[test]
fn ctrl_c_ends_waiting_for_input() {
    interrupted("ready(); input()", Signal::INT).with_status(130).complaining(&["KeyboardInterrupt"]);
}

#[test]
fn ctrl_c_ends_asyncio() {
    let ended = interrupted(
        "import asyncio\nasync def main():\n    ready()\n    await asyncio.sleep(10000)\nasyncio.run(main())",
        Signal::INT,
    );
    ended.with_status(130).complaining(&["KeyboardInterrupt"]);
}

#[test]
fn ctrl_c_calls_the_handler_of_an_event_loop() {
    let code = "
import asyncio, signal
async def main():
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, stopped.set)
    ready()
    await stopped.wait()
    print(loop.remove_signal_handler(signal.SIGINT), 'stopped')
    try:
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
    except NotImplementedError as error:
        print(error)
asyncio.run(main())";
    let shown = "ready\nTrue stopped\nthe loop handles no signal but SIGINT on WASI\n";
    interrupted(code, Signal::INT).well().printing(shown);
}

#[test]
fn ctrl_c_is_an_exception_that_can_be_caught() {
    let code = "
try:
    ready()
    while True: pass
except KeyboardInterrupt:
    print('caught')
finally:
    print('tidied')";
    interrupted(code, Signal::INT).well().printing("ready\ncaught\ntidied\n");
}

#[test]
fn ctrl_c_calls_a_handler() {
    let code = "
import signal, sys
signal.signal(signal.SIGINT, lambda number, frame: sys.exit(f'handled {number}'))
ready()
while True: pass";
    interrupted(code, Signal::INT).refused(1, &["handled 2"]);
}

#[test]
fn sigterm_ends_what_ignores_ctrl_c() {
    let code = "
import os, signal
signal.signal(signal.SIGINT, lambda number, frame: os.write(1, b'ignored\\n'))
print('ready', flush=True)
while True: pass";
    let mut running = Program::python().args(["-c", code]).start();
    running.wait_for("ready\n");
    running.signal(Signal::INT);
    running.wait_for("ignored\n");
    running.signal(Signal::TERM);
    running.end().with_status(143);
}

#[test]
fn ctrl_c_ends_a_long_call_into_c() {
    // No bytecode runs during the call: the first Ctrl-C waits for its end, the second one ends it.
    let mut running = Program::python().args(["-c", "print('ready', flush=True); 10 ** 10 ** 7"]).start();
    running.wait_for("ready\n");
    running.signal(Signal::INT);
    running.signal(Signal::INT);
    running.end().with_status(130);
}

#[test]
fn sigterm_ends_at_once() {
    for code in ["ready()\nwhile True: pass", "import time; ready(); time.sleep(10000)", "ready(); input()"] {
        interrupted(code, Signal::TERM).with_status(143);
    }
}
