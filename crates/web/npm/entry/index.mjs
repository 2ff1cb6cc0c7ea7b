// The package for `import` in Node: the same objects that `require` returns.
import all from './index.js';

export const {
  python, Python, Snapshot, nodeFolder, PythonObject, PythonException, Tuple, SandboxError, PythonError, ExitError,
  TimeoutError, InterruptedError, OutOfFuelError, OutOfMemoryError, OutputLimitError, DiskLimitError, ConversionError,
  ArgumentError, FileError, UnusableError, TrapError, init, exec, repr, run, call, interrupt, close, terminal,
} = all;
export default python;
