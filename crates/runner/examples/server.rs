//! A server that runs code from anybody: `curl --data 'print(6 * 7)' http://ADDRESS/run`.
//!
//! `cargo run --release --example server -- 127.0.0.1:8000` serves. Without an address it tests itself: 100
//! clients send good programs, loops and bombs at the same time, and each gets the status that it must.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error as StdError;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use python_wasm::{Error, Limits, Pool, Python};

/// Sandboxes that run at the same time. There are more than processors, so that a loop takes no more than its
/// share.
const SANDBOXES: usize = 64;

/// The longest time from a request to its answer.
const DEADLINE: Duration = Duration::from_mins(1);

fn main() -> Result<(), Box<dyn StdError>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build()?;
    let pool = Arc::new(pool()?);
    let app = Router::new().route("/run", post(run)).layer(DefaultBodyLimit::max(1 << 20)).with_state(pool);
    let address = std::env::args().nth(1);
    let listener =
        runtime.block_on(tokio::net::TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")))?;
    let local = listener.local_addr()?;
    println!("http://{local}/run");
    let server = async move { axum::serve(listener, app).await };
    if address.is_some() {
        Ok(runtime.block_on(server)?)
    } else {
        runtime.spawn(server);
        attack(local)
    }
}

/// Returns a pool of sandboxes that have imported common modules.
fn pool() -> Result<Pool, Error> {
    let limits =
        Limits::default().memory(64 << 20).fuel(10_000_000).timeout(DEADLINE).output(1 << 16).disk(1 << 20);
    let mut py = Python::builder().limits(limits).build()?;
    py.exec("import json, re, math, collections, itertools")?;
    Pool::new(py.snapshot()?, SANDBOXES)
}

/// Answers a request. Python runs on a blocking thread, so the server's own threads never wait.
async fn run(State(pool): State<Arc<Pool>>, source: String) -> (StatusCode, String) {
    let answer = tokio::task::spawn_blocking(move || answer(&pool, &source)).await;
    answer.unwrap_or_else(|panic| (StatusCode::INTERNAL_SERVER_ERROR, panic.to_string()))
}

/// Runs a program in a sandbox of the pool, and returns the status and the text to answer with.
fn answer(pool: &Pool, source: &str) -> (StatusCode, String) {
    let mut sandbox = match pool.checkout_within(DEADLINE) {
        Ok(Some(sandbox)) => sandbox,
        Ok(None) => return (StatusCode::SERVICE_UNAVAILABLE, "too many at once".into()),
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    match sandbox.exec(source) {
        Ok(output) => (StatusCode::OK, output.stdout),
        Err(error @ Error::Exception { .. }) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        Err(Error::Timeout) => (StatusCode::REQUEST_TIMEOUT, "out of time".into()),
        // The program used up its fuel, its memory or its output.
        Err(error) => (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()),
    }
}

/// The programs that clients send, and the status that each must get.
const PROGRAMS: [(&str, u16); 8] = [
    ("print(6 * 7)", 200),
    ("print(json.dumps(sorted(re.findall(r'\\w+', 'the quick brown fox'))))", 200),
    ("print(sum(i * i for i in range(1_000)))", 200),
    ("print(1 / 0)", 422),
    ("while True: pass", 413),
    ("x = []\nwhile True: x.append('spam' * 100_000)", 413),
    ("while True: print('flood' * 100)", 413),
    ("print(9 ** 9 ** 8)", 413),
];

/// Sends three requests from each of 100 clients, checks the answers, and prints the times.
fn attack(server: SocketAddr) -> Result<(), Box<dyn StdError>> {
    let begun = Instant::now();
    let clients: Vec<_> = (0..100)
        .map(|client| {
            thread::spawn(move || {
                let requests = (0..3).map(|round| {
                    let (source, expected) = PROGRAMS[(client + round * 3) % PROGRAMS.len()];
                    let sent = Instant::now();
                    let answer = request(server, source).map_err(|error| error.to_string())?;
                    let took = sent.elapsed();
                    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
                    if status != Some(expected) {
                        return Err(format!("{source:?} was answered by {answer:?}"));
                    }
                    Ok((expected, took))
                });
                requests.collect::<Result<Vec<_>, String>>()
            })
        })
        .collect();
    let mut good = Vec::new();
    let mut others = 0;
    for client in clients {
        for (status, took) in client.join().expect("a client does not panic")? {
            if status == 200 { good.push(took) } else { others += 1 }
        }
    }
    good.sort();
    println!("{} good programs and {others} others in {:?}", good.len(), begun.elapsed());
    let at = |part: usize| good[(good.len() - 1) * part / 100];
    println!("the good ones were answered in {:?} (median), {:?} (p99)", at(50), at(99));
    Ok(())
}

/// Sends one request and returns the whole answer, headers included.
fn request(server: SocketAddr, source: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    write!(
        stream,
        "POST /run HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{source}",
        source.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
