//! Python in sandboxes for agents, as tools of the Model Context Protocol.
//!
//! A client (an editor, a chat, an agent) starts the program `python-wasm-mcp` and talks to it on standard input and
//! output. A session is a sandbox with a folder `/work` in memory. It keeps its variables from call to call, and it
//! can be forked, taken back and begun anew.

mod answer;
mod files;
mod options;
mod past;
mod running;
mod server;
mod session;
mod sessions;
mod transcript;

use std::ffi::OsString;
use std::time::Duration;

use python_wasm_sandbox::command_line::{print, say, unknown_own_option};
use rmcp::ServiceExt;
use rmcp::transport::io::stdio_pipes;

use self::options::{OPTIONS, Options, help};
use self::server::Server;
use self::sessions::Sessions;

/// How long the end waits for guests that are being stopped.
const END: Duration = Duration::from_secs(2);

/// Runs the program with these arguments, to the end of standard input. Returns the exit status.
pub fn main(args: impl Iterator<Item = OsString>) -> u8 {
    match command(args) {
        Ok(status) => status,
        Err(message) => {
            say(&format!("python-wasm-mcp: {message}"));
            2
        }
    }
}

fn command(args: impl Iterator<Item = OsString>) -> Result<u8, String> {
    let mut args = args.peekable();
    let options = Options::take(&mut args).map_err(|usage| usage.to_string())?;
    if let Some(word) = args.next() {
        return match word.to_str() {
            Some("-h" | "--help") => Ok(print(&help())),
            Some("-V" | "--version") => {
                Ok(print(&format!("python-wasm-mcp {}\n", env!("CARGO_PKG_VERSION"))))
            }
            Some("--licenses") => Ok(print(&licenses())),
            Some(word) if word.starts_with('-') => {
                Err(unknown_own_option(word, &OPTIONS, "python-wasm-mcp").to_string())
            }
            _ => Err(format!("{}: it takes options alone; --help lists them", word.display())),
        };
    }
    serve(options)
}

/// Returns the licences of everything in this program.
pub fn licenses() -> String {
    [&python_wasm::licenses(), "\n", include_str!("../licenses.txt")].concat()
}

fn serve(options: Options) -> Result<u8, String> {
    let sessions = Sessions::new(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // One for each guest that runs, and some for what is queued behind it.
        .max_blocking_threads(sessions.parallel() + 16)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads: {error}"))?;
    let served = runtime.block_on(async {
        let evicting = tokio::spawn(sessions.clone().evict());
        let service = Server::new(sessions.clone()).serve(stdio_pipes()).await;
        let result = match service {
            Ok(service) => service.waiting().await.map(drop).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        evicting.abort();
        sessions.close();
        result
    });
    // A guest that does not end is left to the end of the process.
    runtime.shutdown_timeout(END);
    served
        .map(|()| 0)
        .map_err(|error| format!("the client and this program do not understand each other: {error}"))
}
