// One Python for a whole program: what `python` is.

import type { Value } from './marshal.js';
import type { Options, Output } from './options.js';
import { create, type Engine, type Python } from './python.js';

/** One Python for a whole program, which is made when it is first used. */
export class Shared {
  private made: Promise<Python> | undefined;

  constructor(private readonly engine: Engine) {}

  /** Makes it and starts it; with options, only once. */
  async init(options: Options = {}): Promise<void> {
    await (await this.get(options)).init();
  }

  private get(options: Options = {}): Promise<Python> {
    return (this.made ??= create(this.engine, options, { attended: true }));
  }

  /** Runs source code; what it prints is the process's output, or goes to `stdout` and `stderr`. */
  async exec(source: string, outputs: { stdout?: Output; stderr?: Output } = {}): Promise<void> {
    return (await this.get()).exec(source, outputs);
  }

  /** Returns the repr() of an expression's value. */
  async repr(expression: string): Promise<string> {
    return (await this.get()).repr(expression);
  }

  /** Returns an expression's value. */
  async eval<T = Value>(expression: string): Promise<T> {
    return (await this.get()).eval<T>(expression);
  }

  /** Runs source code and returns the value of the last statement, as a notebook does. */
  async run<T = Value>(source: string): Promise<T> {
    return (await this.get()).run<T>(source);
  }

  /** Calls a function by its name. */
  async call<T = Value>(name: string, args: unknown[] = [], keywords: { [name: string]: unknown } = {}): Promise<T> {
    return (await this.get()).call<T>(name, args, keywords);
  }

  /** Interrupts what runs. */
  interrupt(): void {
    void this.made?.then((python) => python.interrupt());
  }

  /** Ends it. The next use makes another one. */
  async close(): Promise<void> {
    const made = this.made;
    this.made = undefined;
    await (await made)?.close();
  }
}
