//! A service that keeps a Python session for each user, on tokio: a line of JSON asks, a line of JSON answers.
//!
//! `cargo run --release --features tokio --example web_service -- 127.0.0.1:8000` serves, and
//! `echo '{"user": "ada", "code": "6 * 7"}' | nc -N 127.0.0.1 8000` asks. Without an address it tests itself.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::HashMap;
use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use python_wasm::{Error, Limits, Python, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What every user finds, and how much each may use.
async fn prepared() -> Result<Snapshot, Error> {
    let limits = Limits::default().memory(128 << 20).timeout(Duration::from_secs(10)).output(1 << 16);
    let mut py = Python::builder()
        .limits(limits)
        .future("fetch", |name: String| async move {
            // Stands for a request to a database. No thread waits for it.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, String>(format!("the record of {name}"))
        })
        .build()?;
    py.exec_async("import asyncio, json, math, re\nfrom host import fetch").await?;
    py.snapshot()?.settled()
}

#[derive(Deserialize)]
struct Request {
    user: String,
    code: String,
}

/// A session, used by one request after the other. An asynchronous lock, because a request keeps it while it waits.
type Session = Arc<tokio::sync::Mutex<Python>>;

struct Service {
    prepared: Snapshot,
    /// Shared by all connections, and locked only to look up.
    sessions: Mutex<HashMap<String, Session>>,
}

impl Service {
    fn session(&self, user: &str) -> Result<Session, Error> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(user) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(tokio::sync::Mutex::new(self.prepared.builder().tag(user).spawn()?));
        sessions.insert(user.to_owned(), Arc::clone(&session));
        Ok(session)
    }

    async fn answer(&self, line: &str) -> Result<Value, Box<dyn StdError + Send + Sync>> {
        let Request { user, code } = serde_json::from_str(line)?;
        let session = self.session(&user)?;
        let mut py = session.lock().await;
        let report = py.exec_report_async(&code).await;
        if !py.is_usable() {
            // The program went on after its time, or ended the interpreter. The next request starts anew.
            py.restore(&self.prepared)?;
        }
        Ok(serde_json::to_value(report)?)
    }

    /// Answers a client until it hangs up. A request that nobody waits for any more ends, too.
    async fn serve(&self, client: TcpStream) -> io::Result<()> {
        let (reading, mut writing) = client.into_split();
        let mut lines = BufReader::new(reading).lines();
        let mut next = lines.next_line().await?;
        while let Some(line) = next.take() {
            let answer = tokio::select! {
                answer = self.answer(&line) => answer,
                following = lines.next_line() => match following? {
                    None => return Ok(()),
                    Some(_) => Err("one request at a time".into()),
                },
            };
            let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
            writing.write_all(format!("{answer}\n").as_bytes()).await?;
            next = lines.next_line().await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let local = listener.local_addr()?;
    println!("listening on {local}");
    let service = Arc::new(Service { prepared: prepared().await?, sessions: Mutex::default() });
    let serving = tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await?;
            let service = Arc::clone(&service);
            tokio::spawn(async move { service.serve(client).await });
        }
    });
    if address.is_some() {
        let ended: io::Result<()> = serving.await?;
        return Ok(ended?);
    }
    try_it(local).await
}

/// Twenty users at once, each with a session of its own.
async fn try_it(address: SocketAddr) -> Result<(), Box<dyn StdError>> {
    let users: Vec<_> = (0..20).map(|number| tokio::spawn(visit(address, number))).collect();
    for user in users {
        user.await?.map_err(|error| error.to_string())?;
    }
    println!("20 users were answered");
    Ok(())
}

async fn visit(address: SocketAddr, number: usize) -> Result<(), Box<dyn StdError + Send + Sync>> {
    let user = format!("user {number}");
    let mut client = BufReader::new(TcpStream::connect(address).await?);
    let first = ask(&mut client, &user, &format!("x = {number}\nprint('hello')")).await?;
    assert_eq!(first["stdout"], "hello\n");
    let fetched = ask(&mut client, &user, "asyncio.run(fetch('it'))").await?;
    assert_eq!(fetched["value"], "'the record of it'");
    let failed = ask(&mut client, &user, "print('so far'); 1 / 0").await?;
    assert_eq!(
        (&failed["stdout"], &failed["error"]["type_name"]),
        (&json!("so far\n"), &json!("ZeroDivisionError"))
    );

    // Somebody hangs up in the middle, and the session is there again.
    let mut hasty = BufReader::new(TcpStream::connect(address).await?);
    send(&mut hasty, &user, "while True: pass").await?;
    drop(hasty);
    let last = ask(&mut client, &user, "x * 2").await?;
    assert_eq!(last["value"], (number * 2).to_string());
    Ok(())
}

async fn send(client: &mut BufReader<TcpStream>, user: &str, code: &str) -> io::Result<()> {
    client.write_all(format!("{}\n", json!({ "user": user, "code": code })).as_bytes()).await
}

async fn ask(
    client: &mut BufReader<TcpStream>,
    user: &str,
    code: &str,
) -> Result<Value, Box<dyn StdError + Send + Sync>> {
    send(client, user, code).await?;
    let mut line = String::new();
    client.read_line(&mut line).await?;
    Ok(serde_json::from_str(&line)?)
}
