//! The driver of this project's library in Rust: `bench peer-driver` serves requests as the other drivers do.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use python_wasm::{Engine, Error, Python, Raise, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};

/// A request of `bench peers`.
#[derive(Debug, Deserialize)]
struct Request {
    task: String,
    #[serde(default)]
    repeats: u32,
    #[serde(default)]
    source: Value,
    #[serde(default)]
    answer: Value,
}

/// The reason why a task is not measured.
#[derive(Debug, thiserror::Error)]
enum TaskError {
    #[error(transparent)]
    Python(#[from] Error),
    #[error("{0} instead of {1}")]
    Wrong(Value, Value),
    #[error("there is no task '{0}'")]
    Unknown(String),
}

/// Answers requests, one a line, until `input` ends.
pub(crate) fn serve(input: impl BufRead, mut out: impl Write) -> io::Result<()> {
    let mut driver = Driver::default();
    for line in input.lines() {
        let answer = match serde_json::from_str::<Request>(&line?) {
            Ok(request) if request.task == "about" => about(),
            Ok(request) => match driver.task(&request) {
                Ok(times) => json!({ "ms": times }),
                Err(error) => json!({ "error": error.to_string() }),
            },
            Err(error) => json!({ "error": format!("not a request: {error}") }),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn about() -> Value {
    let engine = if Engine::Native.is_available() { "native" } else { "wasmi" };
    json!({
        "about": format!("python-wasm {} in Rust, {engine}", env!("CARGO_PKG_VERSION")),
        "calls": {
            "first": "`Python::builder().build()`",
            "new sandbox": "`snapshot.spawn()` of a sandbox that has answered once",
            "warm": "`py.exec(source)`, `py.eval(expression)`",
            "tool": "`.function(\"increased\", |n: i64| ...)`",
            "1 MB": "`py.set(\"data\", &data)`, `py.get(\"data\")`",
            "snapshot": "`py.snapshot()`, `py.restore(&snapshot)`: everything",
        },
    })
}

#[derive(Default)]
struct Driver {
    warm: Option<Python>,
    held: Vec<Python>,
}

impl Driver {
    fn task(&mut self, request: &Request) -> Result<Vec<f64>, TaskError> {
        let Request { task, repeats, source, answer } = request;
        let text = source.as_str().unwrap_or_default();
        match task.as_str() {
            "second" => {
                let prepared = prepared(text)?;
                timed(*repeats, || {
                    let mut py = prepared.spawn()?;
                    check(&mut py, text, answer)?;
                    Ok(py)
                })
            }
            "first" | "hold" => {
                for _ in 0..*repeats {
                    let mut py = new()?;
                    check(&mut py, text, answer)?;
                    self.held.push(py);
                }
                Ok(Vec::new())
            }
            "tool" => calls(*repeats),
            // A sandbox of its own: others hold what earlier rows left.
            "snapshot" => {
                let mut py = new()?;
                py.exec(text)?;
                timed(*repeats, || Ok(py.snapshot()?))
            }
            "restore" => {
                let mut py = new()?;
                py.exec(text)?;
                let snapshot = py.snapshot()?;
                let mut times = Vec::new();
                for _ in 0..=*repeats {
                    py.exec("x = None")?;
                    let start = Instant::now();
                    py.restore(&snapshot)?;
                    times.push(start.elapsed().as_secs_f64() * 1e3);
                }
                check(&mut py, "len(x)", answer)?;
                Ok(times.split_off(1))
            }
            _ => {
                let py = match &mut self.warm {
                    Some(py) => py,
                    none => none.insert(new()?),
                };
                warm(py, request, text)
            }
        }
    }
}

/// Does a task of the sandbox that stays.
fn warm(py: &mut Python, request: &Request, text: &str) -> Result<Vec<f64>, TaskError> {
    let Request { task, repeats, source, answer } = request;
    match task.as_str() {
        "exec" => timed(*repeats, || Ok(py.exec(text)?)),
        "eval" => timed(*repeats, || check(py, text, answer)),
        "transfer" => {
            let data: Vec<u8> = (0..1 << 20).map(|n: u32| n.to_le_bytes()[0]).collect();
            let given = python_wasm::Value::Bytes(data.clone());
            timed(*repeats, || {
                py.set("data", &given)?;
                let back: python_wasm::Value = py.get("data")?;
                if back == given {
                    Ok(())
                } else {
                    Err(TaskError::Wrong(json!("other bytes"), json!("1 MB")))
                }
            })
        }
        "loop" => {
            let part = |at: usize| source.get(at).and_then(Value::as_str).unwrap_or_default();
            py.exec(part(0))?;
            timed(*repeats, || check(py, part(1), answer))
        }
        unknown => Err(TaskError::Unknown(unknown.to_owned())),
    }
}

fn new() -> Result<Python, Error> {
    Python::builder().build()
}

fn prepared(expression: &str) -> Result<Snapshot, Error> {
    let mut py = new()?;
    py.repr(expression)?;
    py.snapshot()
}

/// Measures calls of a function of the host in a loop.
fn calls(count: u32) -> Result<Vec<f64>, TaskError> {
    let mut py = Python::builder().function("increased", |n: i64| Ok::<_, Raise>(n + 1)).build()?;
    py.exec("from host import increased\nn = 0\nfor _ in range(10): n = increased(n)")?;
    let start = Instant::now();
    py.exec(&format!("n = 0\nfor _ in range({count}): n = increased(n)"))?;
    let each = start.elapsed().as_secs_f64() * 1e3 / f64::from(count);
    check(&mut py, "n", &json!(count))?;
    Ok(vec![each])
}

fn check(py: &mut Python, expression: &str, right: &Value) -> Result<(), TaskError> {
    let answer: Value = py.eval(expression)?;
    if answer == *right { Ok(()) } else { Err(TaskError::Wrong(answer, right.clone())) }
}

/// Measures after a first call, for two seconds at most, and once at least.
fn timed<T>(repeats: u32, mut act: impl FnMut() -> Result<T, TaskError>) -> Result<Vec<f64>, TaskError> {
    act()?;
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.is_empty() || times.len() < repeats as usize && begin.elapsed() < Duration::from_secs(2) {
        let start = Instant::now();
        let made = act()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        drop(made);
    }
    Ok(times)
}
