// Errors on their way from the worker.

import {
  ArgumentError, ConversionError, DiskLimitError, ExitError, FileError, InterruptedError, OutOfFuelError, OutOfMemoryError,
  OutputLimitError, PythonError, SandboxError, TimeoutError, TrapError, UnusableError, type Frame,
} from './errors.js';

const CLASSES = {
  ExitError, TimeoutError, InterruptedError, OutOfFuelError, OutOfMemoryError, OutputLimitError, DiskLimitError,
  ConversionError, ArgumentError, FileError, UnusableError, TrapError, SandboxError,
};

/** An error in a form that can be sent to another thread. */
export interface SentError {
  name: string;
  message: string;
  details: unknown[];
}

/** Turns an error into what can be sent. */
export function send(error: unknown): SentError {
  if (error instanceof PythonError) {
    const { traceback, type, value, frames, notes, cause } = error;
    return { name: error.name, message: '', details: [traceback, type, value, frames, notes, cause && send(cause)] };
  }
  if (error instanceof ExitError) return { name: error.name, message: '', details: [error.status] };
  if (error instanceof FileError) return { name: error.name, message: error.message, details: [error.message, error.errno] };
  if (error instanceof Error) {
    const name = error.name in CLASSES ? error.name : 'SandboxError';
    return { name, message: error.message, details: [name === error.name ? error.message : `${error.name}: ${error.message}`] };
  }
  return { name: 'SandboxError', message: String(error), details: [String(error)] };
}

/** Turns what was sent into an error again. */
export function receive(sent: SentError): SandboxError {
  if (sent.name === 'PythonError') {
    const [traceback, type, value, frames, notes, cause] = sent.details as
      [string, string, string, Frame[], string[], SentError | undefined];
    return new PythonError(traceback, type, value, frames, notes, cause && (receive(cause) as PythonError));
  }
  const kind = CLASSES[sent.name as keyof typeof CLASSES] as new (...details: unknown[]) => SandboxError;
  return new kind(...sent.details);
}
