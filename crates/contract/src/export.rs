//! What CPython's module exports, and the memory that it imports.

/// The module and the name of the memory that the host makes.
pub const MEMORY: (&str, &str) = ("env", "memory");

/// The global that says where the guest's own stack stands.
pub const STACK_POINTER: &str = "__stack_pointer";

/// Runs C's constructors. The first call into a new module.
pub const CONSTRUCT: &str = "_initialize";

/// Initialises the interpreter; the result is 0 unless it ended.
pub const INITIALIZE: &str = "python_initialize";

/// The last call before the build takes an image of the memory; the result is 0 on success.
pub const FREEZE: &str = "python_freeze";

/// The first call after an image was restored: takes over the arguments, variables, folders and streams
/// of now. The result is 0, or another number if they ask for an interpreter that differs from the image's.
pub const ADOPT: &str = "python_adopt";

/// Runs python3's command line to its exit, after [`ADOPT`] or [`INITIALIZE`].
pub const MAIN: &str = "python_main";

/// Runs what python3's command line says, without a prompt; the result is the exit status. A prompt may follow.
pub const RUN_MAIN: &str = "python_run_main";

/// Ends the interpreter as python3 does at its end. Takes an exit status and returns it, or 120 if the
/// output cannot be flushed.
pub const FINALIZE: &str = "python_finalize";

/// Runs python3's command line from a new module to its exit, finalisation included.
pub const START: &str = "_start";

/// Tells libc of a folder that was granted since it started, by its descriptor; the result is 0 or the errno.
pub const GRANT: &str = "python_grant";

/// Notes a SIGINT, as a signal handler would. It takes no argument; the result, if it has one, is not 0
/// when the interrupt before has not been answered yet.
pub const INTERRUPT: &str = "python_interrupt";

/// Takes the size of a request and returns the address of a buffer for it.
pub const BUFFER: &str = "python_buffer";

/// Answers the request in the buffer, whose size it takes.
pub const REQUEST: &str = "python_request";
