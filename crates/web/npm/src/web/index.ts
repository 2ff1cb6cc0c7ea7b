// The package in a browser.

import { Shared as One } from '../shared/one.js';
import type { Options } from '../shared/options.js';
import { create, Python as Base, PythonException, Snapshot } from '../shared/python.js';
import { warmUp } from '../shared/warm.js';
import { engine, setAssets } from './engine.js';

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

export { converse, type Speaker } from '../shared/converse.js';
export { Prompt, type Commands } from '../shared/prompt.js';
export { setAssets };

/** What a terminal in a page is made with: see `Prompt`. */
export interface Terminal {
  /** Gets what Python prints. */
  print(bytes: Uint8Array): void;
  /** Reads a line for `input()`: null at the end of the input, undefined after Ctrl-C. */
  readLine(prompt: string, secret: boolean): Promise<string | null | undefined>;
  columns: number;
  rows: number;
}

/** Makes a sandbox whose streams are a terminal in the page. */
export function createAtTerminal(terminal: Terminal, options: Options = {}): Promise<Base> {
  const isTerminal = true;
  return create(engine, options, {
    attended: true,
    terminals: { stdin: isTerminal, stdout: isTerminal, stderr: isTerminal },
    rawOutput: (_fd, bytes) => terminal.print(bytes),
    readLine: (prompt, secret) => terminal.readLine(prompt, secret),
    windowSize: { columns: terminal.columns, rows: terminal.rows },
  });
}

/** One Python for the whole page. */
export const python = new One(engine);
