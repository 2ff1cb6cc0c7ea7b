// Exceptions as the agent tells of them (cpython/guest/_python_wasm.py).

import { PythonError } from './errors.js';

/** Type, message, frames, notes, whether the cause is explicit, and the cause. */
export type ExceptionDetails = [string, string, [string, number, string, string][], string[], boolean, ExceptionDetails | null];

/** Makes the error; the traceback is Python's text. */
export function exception(details: ExceptionDetails | null, traceback: string): PythonError {
  if (!Array.isArray(details)) return new PythonError(traceback, 'Exception', '');
  const [type, value, frames, notes, , cause] = details;
  const told = frames.map(([file, line, name, source]) => ({ file, line, function: name, source }));
  return new PythonError(traceback, type, value, told, notes, cause ? exception(cause, '') : undefined);
}
