// An interactive session: what a terminal asks of Python, block by block (cpython/guest/_python_wasm_prompt.py), and the
// states that it can go back to.

import { ExitError, InterruptedError, OutOfFuelError, SandboxError, TimeoutError, UnusableError } from './errors.js';
import type { Value } from './marshal.js';
import type { Python, Snapshot } from './python.js';

/** How many blocks can be undone. Each keeps the memory of Python. */
const PAST = 16;

const HELP = `\
%undo          takes back the last block, whatever it did
%reset         begins anew`;

/** Commands that a terminal adds: each returns a line to say. Their errors are said, too. */
export interface Commands {
  [name: string]: { help: string; act(prompt: Prompt, argument: string): Promise<string> };
}

/** What comes of a block: the session goes on, or ends with a status. */
export type Step = { status?: number };

/** What a block looks like while it is typed. */
export type Completeness = 'complete' | 'incomplete' | 'invalid';

export class Prompt {
  private readonly past: { block: string; state: Snapshot }[] = [];
  private first: Snapshot | undefined;
  /** The state before the next block, so that it is taken once. */
  private present: Snapshot | undefined;

  constructor(readonly python: Python, private readonly say: (line: string) => void, private readonly commands: Commands = {}) {}

  /** Goes on with a session that was saved. */
  async load(bytes: Uint8Array): Promise<void> {
    await this.python.load(bytes);
    this.past.length = 0;
    this.present = undefined;
  }

  private ask<T>(operation: string, ...args: unknown[]): Promise<T> {
    return this.python.request('prompt', operation, ...args);
  }

  banner(): Promise<string> {
    return this.ask('banner');
  }

  /** The prompts for a block's first line and for those that follow. */
  prompts(): Promise<[string, string]> {
    return this.ask('prompts');
  }

  completeness(source: string): Promise<Completeness> {
    if (source.startsWith('%')) return Promise.resolve('complete');
    return this.ask('completeness', source);
  }

  /** Returns where what is completed begins, in characters, and what it may become. */
  complete(source: string, cursor: number): Promise<[number, string[]]> {
    return this.ask('complete', source, [...source.slice(0, cursor)].length);
  }

  /** Runs a block, or a command that begins with `%`. */
  async run(source: string): Promise<Step> {
    const command = /^%(\w*)\s*(.*)$/.exec(source.trim());
    if (command) return this.command(command[1]!, command[2]!);
    const before = (this.present ??= await this.python.snapshot());
    this.first ??= before;
    this.present = undefined;
    try {
      await this.ask<Value>('run', source);
    } catch (error) {
      if (error instanceof ExitError) return { status: await this.finalize(error.status) };
      if (error instanceof SandboxError) return this.recover(error, before);
      throw error;
    }
    this.past.push({ block: source.trimEnd(), state: before });
    if (this.past.length > PAST) this.past.shift();
    return {};
  }

  /** Goes on after a block that did not end by itself. */
  private async recover(error: SandboxError, before: Snapshot): Promise<Step> {
    if (error instanceof InterruptedError || error instanceof TimeoutError || error instanceof OutOfFuelError) {
      this.say(error.message);
    } else {
      this.say(`stopped: ${error.message}`);
    }
    try {
      await this.ask('prompts');
    } catch (lost) {
      if (!(lost instanceof UnusableError)) throw lost;
      await this.python.restore(before);
      this.present = before;
      this.say('the session is as it was before');
    }
    return {};
  }

  private async command(name: string, argument: string): Promise<Step> {
    const command = Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
    if (command) {
      try {
        this.say(await command.act(this, argument));
      } catch (error) {
        this.say((error as Error).message);
      }
    } else if (name === 'undo') {
      const last = this.past.pop();
      if (!last) this.say('there is nothing to undo');
      else {
        await this.python.restore(last.state);
        this.present = last.state;
        const [line] = last.block.split('\n');
        this.say(`undone: ${line}${last.block.includes('\n') ? ' ...' : ''}`);
      }
    } else if (name === 'reset') {
      if (this.first) await this.python.restore(this.first);
      this.past.length = 0;
      this.present = undefined;
    } else if (name === 'help') {
      this.say([HELP, ...Object.values(this.commands).map(({ help }) => help)].join('\n'));
    } else {
      this.say(`there is no command %${name}; %help lists them`);
    }
    return {};
  }

  /** Ends Python, and returns the exit status. */
  async finalize(status: number): Promise<number> {
    try {
      return await this.python.ask<number>('finalize', status);
    } catch (error) {
      if (error instanceof SandboxError) return status;
      throw error;
    }
  }
}
