// What can go wrong, as classes. Each survives the way from the worker.

/** The base of all errors of this package. */
export class SandboxError extends Error {
  override name = 'SandboxError';
}

/** One call on the way to an exception, the innermost last. */
export interface Frame {
  file: string;
  line: number;
  function: string;
  source: string;
}

/** An exception that Python raised and did not catch. The message is its traceback. */
export class PythonError extends SandboxError {
  override name = 'PythonError';

  constructor(
    /** The traceback as Python prints it. */
    readonly traceback: string,
    /** The exception's class, such as `ValueError` or `json.decoder.JSONDecodeError`. */
    readonly type: string,
    /** What str() of the exception says. */
    readonly value: string,
    readonly frames: Frame[] = [],
    readonly notes: string[] = [],
    override readonly cause: PythonError | undefined = undefined,
  ) {
    super(traceback.trimEnd() || `${type}: ${value}`);
  }
}

/** Python ended by `SystemExit`, or exited. */
export class ExitError extends SandboxError {
  override name = 'ExitError';

  constructor(readonly status: number) {
    super(`exit ${status}`);
  }
}

/** The call took longer than `timeout`. */
export class TimeoutError extends SandboxError {
  override name = 'TimeoutError';
}

/** `interrupt()` or Ctrl-C ended the call. */
export class InterruptedError extends SandboxError {
  override name = 'InterruptedError';
}

/** The call used more than `fuel`. */
export class OutOfFuelError extends SandboxError {
  override name = 'OutOfFuelError';
}

/** Python used all of its `memory`. */
export class OutOfMemoryError extends SandboxError {
  override name = 'OutOfMemoryError';
}

/** Python printed more than `output`. */
export class OutputLimitError extends SandboxError {
  override name = 'OutputLimitError';
}

/** Python wrote more than `disk` or made more files than `maxFiles`. */
export class DiskLimitError extends SandboxError {
  override name = 'DiskLimitError';
}

/** A value has no form on the other side. */
export class ConversionError extends SandboxError {
  override name = 'ConversionError';
}

/** An argument or an option cannot be used. */
export class ArgumentError extends SandboxError {
  override name = 'ArgumentError';
}

/** A file of the sandbox cannot be used. `errno` is WASI's name in upper case, such as `ENOENT`. */
export class FileError extends SandboxError {
  override name = 'FileError';

  constructor(message: string, readonly errno: string) {
    super(message);
  }
}

/** The interpreter is lost: an earlier call was stopped in the middle of what it did. `restore()` brings it back. */
export class UnusableError extends SandboxError {
  override name = 'UnusableError';
}

/** The engine has stopped Python: a trap, or recursion deeper than the engine's stack. */
export class TrapError extends SandboxError {
  override name = 'TrapError';
}
