//! What CPython's module exports, and the memory that it imports.

/// Module and name of the import for linear memory, which the host creates.
pub const MEMORY: (&str, &str) = ("env", "memory");

/// The exported global that holds the guest's stack pointer: a mutable `i32`. The stack grows down from it.
pub const STACK_POINTER: &str = "__stack_pointer";

/// Runs C's constructors. It must be the first call into a new instance.
pub const CONSTRUCT: &str = "_initialize";

/// Initialises the interpreter. Returns 0, or another number if the interpreter ended.
pub const INITIALIZE: &str = "python_initialize";

/// Prepares the memory for an image; the build calls it last. Returns 0 on success.
pub const FREEZE: &str = "python_freeze";

/// Adopts the present arguments, environment variables, folders and streams. It must be the first call after
/// an image is restored. Returns 0, or another number if they require an interpreter that is initialised
/// differently from the image's.
pub const ADOPT: &str = "python_adopt";

/// Runs python3's command line to its exit, after [`ADOPT`] or [`INITIALIZE`].
pub const MAIN: &str = "python_main";

/// Runs what python3's command line asks for, without a prompt, and returns the exit status. A prompt may follow.
pub const RUN_MAIN: &str = "python_run_main";

/// Finalises the interpreter as python3 does when it ends. Takes an exit status and returns it, or 120 if the
/// output cannot be flushed.
pub const FINALIZE: &str = "python_finalize";

/// Runs python3's command line in a new instance from the beginning to its exit, with full finalisation.
pub const START: &str = "_start";

/// Tells libc of a folder that was granted after it started. Takes the folder's descriptor; returns 0 or an errno.
pub const GRANT: &str = "python_grant";

/// Passes on what `sys.stdout` and `sys.stderr` have buffered. It may be called after another call was
/// stopped in the middle, as the last one.
pub const FLUSH: &str = "python_flush";

/// Records a SIGINT, as a signal handler would. It takes no argument. It may return a number, which is not 0
/// if Python has not yet handled the previous interrupt.
pub const INTERRUPT: &str = "python_interrupt";

/// Bounds how deep functions of C may call each other from here on: takes the number of levels. For an engine with a
/// stack that ends before CPython's own bound is reached.
pub const LIMIT_C_RECURSION: &str = "python_limit_c_recursion";

/// Takes the size of a request in bytes; returns the address of a buffer for it.
pub const BUFFER: &str = "python_buffer";

/// Takes the size of the request in the buffer, and answers it. Returns the address of two words: where the
/// answer lies, which is 0 if the agent is broken, and its size; or 0 if there is no memory for an answer.
pub const REQUEST: &str = "python_request";
