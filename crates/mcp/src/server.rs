//! The tools and the resources of the protocol.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use python_wasm::Error;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, Implementation, ListResourceTemplatesResult, ListResourcesResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResourceTemplate,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::OwnedMutexGuard;
use tokio::sync::mpsc::unbounded_channel;

use crate::answer::{self, done, refused};
use crate::files;
use crate::options::WORK;
use crate::running;
use crate::session::Session;
use crate::sessions::{Entry, Sessions};

/// What a model should know before it uses the tools.
const INSTRUCTIONS: &str = "\
Runs CPython with its standard library in sandboxes. run_python keeps variables, imports and functions in a \
session from call to call; it shows what was printed and the value of the last expression. Files are in /work, which is \
the current folder and in memory: write_file puts them there, and pictures that the code saves there (PNG, JPEG, GIF, \
SVG) are shown. There is no network, no process, no thread, and only pure-Python packages that the user has granted. \
An error leaves the session as it is. undo takes back the last steps with everything that they changed, fork_session \
tries something beside, reset_session begins anew.";

/// One client's server.
#[derive(Clone)]
pub(crate) struct Server {
    sessions: Sessions,
    tool_router: ToolRouter<Self>,
}

fn main_session() -> String {
    "main".into()
}

/// Code to run.
#[derive(Deserialize, JsonSchema)]
struct Run {
    /// Python source. The value of the last expression is shown, as in a notebook.
    code: String,
    /// The session. It begins if there is none of that name.
    #[serde(default = "main_session")]
    session: String,
    /// Seconds after which the code is stopped, if that is sooner than the server's own limit.
    timeout: Option<f64>,
}

/// A session.
#[derive(Deserialize, JsonSchema)]
struct Named {
    /// The session.
    #[serde(default = "main_session")]
    session: String,
}

/// Steps of a session.
#[derive(Deserialize, JsonSchema)]
struct Undo {
    /// The session.
    #[serde(default = "main_session")]
    session: String,
    /// How many steps to take back: calls of `run_python` and `write_file`.
    #[serde(default = "one")]
    steps: u32,
}

fn one() -> u32 {
    1
}

/// A session and its copy.
#[derive(Deserialize, JsonSchema)]
struct Fork {
    /// The name of the new session.
    name: String,
    /// The session to copy.
    #[serde(default = "main_session")]
    session: String,
}

/// A file to read.
#[derive(Deserialize, JsonSchema)]
struct Read {
    /// Its path in /work.
    path: String,
    /// The session.
    #[serde(default = "main_session")]
    session: String,
}

/// A file to write.
#[derive(Deserialize, JsonSchema)]
struct Write {
    /// Its path in /work. Folders on the way are made.
    path: String,
    /// What is written, as text.
    text: Option<String>,
    /// What is written, as bytes in base64, in place of `text`.
    base64: Option<String>,
    /// The session. It begins if there is none of that name.
    #[serde(default = "main_session")]
    session: String,
}

/// A session, as it is listed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    /// Seconds since it was used.
    idle: u64,
    is_running: bool,
    /// How many steps can be undone.
    undo: usize,
    pictures: Vec<String>,
}

#[tool_router]
impl Server {
    pub(crate) fn new(sessions: Sessions) -> Self {
        Self { sessions, tool_router: Self::tool_router() }
    }

    #[tool(
        description = "Runs Python in a session, which keeps its variables and files. Returns what was printed, the \
                       value of the last expression, the traceback of an error, and pictures saved in /work.",
        annotations(
            title = "Run Python",
            read_only_hint = false,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn run_python(
        &self,
        Parameters(Run { code, session, timeout }): Parameters<Run>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let timeout = match timeout.map(Duration::try_from_secs_f64).transpose() {
            Ok(timeout) if timeout != Some(Duration::ZERO) => timeout,
            _ => return refused("timeout is a number of seconds above 0"),
        };
        let entry = match self.sessions.open(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        let (tell, told) = unbounded_channel();
        let token = context.meta.get_progress_token();
        let watched = token.map(|token| tokio::spawn(running::tell(context.peer.clone(), token, told)));
        let watcher = watched.as_ref().map(|_| tell);
        let result = self
            .with(&entry, &context, move |turn| {
                let ran = turn.run(&code, timeout, watcher);
                answer::ran(&session, &ran, turn.limits())
            })
            .await;
        if let Some(watched) = watched {
            // All notices come before the result.
            let _told = watched.await;
        }
        result
    }

    #[tool(
        description = "Lists the sessions: how long each has rested, how many steps can be undone, its pictures.",
        annotations(title = "List sessions", read_only_hint = true, open_world_hint = false)
    )]
    async fn list_sessions(&self) -> CallToolResult {
        let listed = self.sessions.all().into_iter().map(|(name, known, is_running)| Listed {
            pictures: known.pictures.iter().map(|found| files::uri(&name, &found.path)).collect(),
            name,
            idle: known.used.elapsed().as_secs(),
            is_running,
            undo: known.steps,
        });
        answer::structured(json!({"sessions": listed.collect::<Vec<_>>()}))
    }

    #[tool(
        description = "Copies a session with its variables, files and past. Neither sees anything of the other from \
                       then on.",
        annotations(
            title = "Fork a session",
            read_only_hint = false,
            destructive_hint = false,
            open_world_hint = false
        )
    )]
    async fn fork_session(
        &self,
        Parameters(Fork { name, session }): Parameters<Fork>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let entry = match self.sessions.find(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        let sessions = self.sessions.clone();
        self.with(&entry, &context, move |turn| match sessions.fork(turn, &name) {
            Ok(_) => done(format!("The session {name} goes on from where {session} is.")),
            Err(message) => refused(message),
        })
        .await
    }

    #[tool(
        description = "Takes back the last steps of a session (runs and written files), with everything that they \
                       changed in variables and files.",
        annotations(
            title = "Undo",
            read_only_hint = false,
            destructive_hint = true,
            open_world_hint = false
        )
    )]
    async fn undo(
        &self,
        Parameters(Undo { session, steps }): Parameters<Undo>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        if steps == 0 {
            return refused("steps is a number above 0");
        }
        let entry = match self.sessions.find(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        self.with(&entry, &context, move |turn| match turn.undo(steps as usize) {
            Ok(forgotten) => done(format!("Undone: {}", forgotten.join("; "))),
            Err(message) => refused(message),
        })
        .await
    }

    #[tool(
        description = "Ends a session, also one that runs, and forgets its variables and files. The next use of the \
                       name begins anew.",
        annotations(
            title = "Reset a session",
            read_only_hint = false,
            destructive_hint = true,
            open_world_hint = false
        )
    )]
    async fn reset_session(
        &self,
        Parameters(Named { session }): Parameters<Named>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        if !self.sessions.remove(&session) {
            return refused(format!("there is no session {session:?}"));
        }
        // The client may have gone; the next request finds that out.
        let _told = context.peer.notify_resource_list_changed().await;
        done(format!("The session {session} is gone."))
    }

    #[tool(
        description = "Lists the files of a session, below /work.",
        annotations(title = "List files", read_only_hint = true, open_world_hint = false)
    )]
    async fn list_files(
        &self,
        Parameters(Named { session }): Parameters<Named>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let entry = match self.sessions.find(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        self.with(&entry, &context, move |turn| {
            let found = turn.list();
            let files: Vec<_> =
                found.iter().map(|found| json!({"path": found.path, "size": found.size})).collect();
            answer::structured(json!({"files": files}))
        })
        .await
    }

    #[tool(
        description = "Reads a file of a session: text, or a picture.",
        annotations(title = "Read a file", read_only_hint = true, open_world_hint = false)
    )]
    async fn read_file(
        &self,
        Parameters(Read { path, session }): Parameters<Read>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let entry = match self.sessions.find(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        self.with(&entry, &context, move |turn| match turn.read(&path) {
            Ok(bytes) => answer::file(&session, &path, bytes),
            Err(error) => refused(error.to_string()),
        })
        .await
    }

    #[tool(
        description = "Writes a file of a session, from text or from base64.",
        annotations(
            title = "Write a file",
            read_only_hint = false,
            destructive_hint = true,
            open_world_hint = false
        )
    )]
    async fn write_file(
        &self,
        Parameters(Write { path, text, base64, session }): Parameters<Write>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let bytes = match (text, base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(coded)) => match STANDARD.decode(coded.trim()) {
                Ok(bytes) => bytes,
                Err(error) => return refused(format!("base64: {error}")),
            },
            _ => return refused("either text or base64 is to be given"),
        };
        let entry = match self.sessions.open(&session) {
            Ok(entry) => entry,
            Err(message) => return refused(message),
        };
        self.with(&entry, &context, move |turn| match turn.write(&path, &bytes) {
            Ok(()) => done(format!("{} has {} bytes.", files::relative(&path), bytes.len())),
            Err(Error::DiskLimit) => {
                let most = turn.limits().disk >> 20;
                refused(format!("no room: the files of the session have {most} MiB"))
            }
            Err(error) => refused(error.to_string()),
        })
        .await
    }

    /// Does something with a session when it is its turn, on a thread for guests.
    async fn with(
        &self,
        entry: &Entry,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&mut Session) -> CallToolResult + Send + 'static,
    ) -> CallToolResult {
        let turn = async {
            let turn = entry.turn().await;
            (turn, self.sessions.room().acquire_owned().await)
        };
        let (mut turn, room) = tokio::select! {
            turn = turn => turn,
            () = context.ct.cancelled() => return refused("cancelled"),
        };
        let noted = entry.clone();
        let done = move || {
            let _room = room;
            let session: &mut OwnedMutexGuard<Session> = &mut turn;
            let result = work(session);
            (result, noted.note(session))
        };
        match running::run(entry.interrupt.clone(), &context.ct, done).await {
            Ok((result, pictures_changed)) => {
                if pictures_changed {
                    let _told = context.peer.notify_resource_list_changed().await;
                }
                result
            }
            Err(error) => refused(format!("this server failed inside: {error}; reset_session may help")),
        }
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let can = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_list_changed()
            .build();
        let about =
            Implementation::new("python-wasm", env!("CARGO_PKG_VERSION")).with_title("Python in sandboxes");
        ServerConfig::new(can).with_server_info(about).with_instructions(INSTRUCTIONS)
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let all = self.sessions.all();
        let pictures = all.iter().flat_map(|(name, known, _)| {
            known.pictures.iter().map(|found| answer::resource(name, &found.path, found.size))
        });
        Ok(ListResourcesResult::with_all_items(pictures.collect()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = ResourceTemplate::new(files::TEMPLATE, "file")
            .with_description(format!("a file of a session, below {WORK}"));
        Ok(ListResourceTemplatesResult::with_all_items(vec![template]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let missing = |message: String| ErrorData::resource_not_found(message, None);
        let uri = request.uri;
        let (session, path) =
            files::from_uri(&uri).ok_or_else(|| missing(format!("{uri} is not a {}", files::TEMPLATE)))?;
        let entry = self.sessions.find(&session).map_err(missing)?;
        let turn = tokio::select! {
            turn = entry.turn() => turn,
            () = context.ct.cancelled() => return Err(ErrorData::internal_error("cancelled", None)),
        };
        let bytes = turn.read(&path).map_err(|error| missing(error.to_string()))?;
        Ok(ReadResourceResult::new(vec![answer::contents(&uri, &path, bytes)]).into())
    }
}
