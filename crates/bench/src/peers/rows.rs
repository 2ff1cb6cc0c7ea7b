//! The tasks: one source and one right answer for all peers.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::list::Host;

/// How a row is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// From the start of a process to its first answer.
    First,
    /// By the driver, in a process of its own that has one sandbox.
    Fresh,
    /// By the driver, in the process that stays.
    Warm,
    /// The private memory of each of so many sandboxes.
    Each { count: u32 },
    /// The private memory of a process with so many sandboxes.
    Process { count: u32 },
    /// The bytes that are downloaded.
    Download,
    /// The bytes of the installed files.
    Installed,
}

impl Kind {
    /// Whether a second measurement would tell nothing new.
    pub(crate) fn is_measured_once(self) -> bool {
        matches!(self, Self::Each { .. } | Self::Process { .. } | Self::Download | Self::Installed)
    }
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    /// Milliseconds, and processor time of all processes in brackets.
    MillisecondsAndCpu,
    Microseconds,
    PerSecond,
    Mebibytes,
    Megabytes,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) title: &'static str,
    /// The tables in which it stands.
    pub(crate) hosts: &'static [Host],
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    /// The name of the driver's task.
    pub(crate) task: &'static str,
    pub(crate) repeats: u32,
    pub(crate) source: Value,
    pub(crate) answer: Value,
}

const BOTH: &[Host] = &[Host::Python, Host::Node];
const PYTHON: &[Host] = &[Host::Python];
const NODE: &[Host] = &[Host::Node];

/// All rows. The first one also fills the caches.
pub(crate) static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    use Kind::{Download, Each, First, Fresh, Installed, Process, Warm};
    use Unit::{Mebibytes, Megabytes, Microseconds, Milliseconds, MillisecondsAndCpu, PerSecond};

    let fib = || collection(include_str!("../../collection/fib.py"), "sum(recursive(500000))");
    let nbody = collection(include_str!("../../collection/nbody.py"), "round(planets(5000)[1], 9)");
    let pystone = collection(include_str!("../../collection/pystone.py"), "proc_0(10000)[\"array_2[8][7]\"]");
    let sum = || json!("1 + 1");
    let list = || json!("x = list(range(1000))");
    let row = |title, hosts, kind, unit, task, repeats, source, answer| Row {
        title,
        hosts,
        kind,
        unit,
        task,
        repeats,
        source,
        answer,
    };
    vec![
        row(FIRST, BOTH, First, MillisecondsAndCpu, "first", 1, sum(), json!(2)),
        row("a new sandbox and `1 + 1`", BOTH, Warm, Milliseconds, "second", 10, sum(), json!(2)),
        row("`x = 1`, warm", BOTH, Warm, Microseconds, "exec", 200, json!("x = 1"), Value::Null),
        row("value of `1 + 1`, warm", BOTH, Warm, Microseconds, "eval", 200, sum(), json!(2)),
        row("calls of a host function", BOTH, Warm, PerSecond, "tool", 500, Value::Null, Value::Null),
        row("1 MB in and out", BOTH, Warm, Milliseconds, "transfer", 5, Value::Null, Value::Null),
        row("snapshot", BOTH, Warm, Milliseconds, "snapshot", 5, list(), json!(1000)),
        row("going back to it", BOTH, Warm, Milliseconds, "restore", 5, list(), json!(1000)),
        row("`fib`, cold", NODE, Fresh, MillisecondsAndCpu, "cold", 1, fib(), json!(FIB)),
        row("`fib`", BOTH, Warm, MillisecondsAndCpu, "loop", 3, fib(), json!(FIB)),
        row("`nbody`", BOTH, Warm, MillisecondsAndCpu, "loop", 3, nbody, json!(-0.169_02)),
        row("`pystone`", BOTH, Warm, MillisecondsAndCpu, "loop", 3, pystone, json!(10_010)),
        row("memory of an idle sandbox", PYTHON, Each { count: 50 }, Mebibytes, "hold", 1, sum(), json!(2)),
        row("memory with one sandbox", NODE, Process { count: 1 }, Mebibytes, "hold", 1, sum(), json!(2)),
        row("memory with eight", NODE, Process { count: 8 }, Mebibytes, "hold", 1, sum(), json!(2)),
        row("download", BOTH, Download, Megabytes, "", 1, Value::Null, Value::Null),
        row("installed", BOTH, Installed, Megabytes, "", 1, Value::Null, Value::Null),
    ]
});

const FIRST: &str = "first result of a new process";

/// The sum of the Fibonacci numbers that `fib.py` computes with at most 500,000 calls.
const FIB: u32 = 250_004;

/// Returns a program of the collection that needs no other module, and the expression that runs it.
fn collection(source: &str, expression: &str) -> Value {
    let program = source.replace(
        "from registry import benchmark\n",
        "def benchmark(*arguments, **options):\n    return lambda function: function\n",
    );
    json!([program, expression])
}
