// The package in Node.

import { Shared as One } from '../shared/one.js';
import type { Mount, Options } from '../shared/options.js';
import { create, Python as Base, PythonException, Snapshot } from '../shared/python.js';
import { warmUp } from '../shared/warm.js';
import { engine } from './engine.js';
import { terminal } from './terminal.js';

export * from '../shared/errors.js';
export { PythonObject, Tuple, type Value } from '../shared/marshal.js';
export { PythonException, Snapshot };
export type { Entry } from '../shared/core.js';
export type { HostFunction, Mount, Options, Output } from '../shared/options.js';

/** A Python in a sandbox. */
export class Python extends Base {
  /** Makes a sandbox, which starts at its first call. */
  static create(options: Options = {}): Promise<Base> {
    return create(engine, options);
  }

  /**
   * Resolves when the engine has compiled Python's code well: it does so in the background from the first sandbox on. A
   * program that runs for seconds is several times as fast if it begins after that.
   */
  static warmUp(): Promise<void> {
    return warmUp(engine);
  }
}

/** Grants a folder of the machine, for the option `mounts`. */
export function nodeFolder(path: string, options: { readOnly?: boolean; overlay?: boolean } = {}): Mount {
  return { path, access: options.overlay ? 'overlay' : options.readOnly ? 'readOnly' : 'readWrite' };
}

/** One Python for a whole program, which is made when it is first used. */
class Shared extends One {
  /** Runs an interactive session in Node's terminal, and returns its exit status. */
  terminal(args: string[] = []): Promise<number> {
    return terminal(args);
  }
}

/** One Python for the whole program. */
export const python = new Shared(engine);

// The methods of `python` on the package itself, as the first package of this name had them.
export const init = python.init.bind(python);
export const exec = python.exec.bind(python);
export const repr = python.repr.bind(python);
export const run = python.run.bind(python);
export const call = python.call.bind(python);
export const interrupt = python.interrupt.bind(python);
export const close = python.close.bind(python);
const evaluate = python.eval.bind(python);
const session = python.terminal.bind(python);
export { evaluate as eval, session as terminal };
