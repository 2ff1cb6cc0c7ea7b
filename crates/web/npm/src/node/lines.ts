// Lines that a person types at Node's terminal, one after the other, for the prompt and for `input()` alike.

import * as readline from 'node:readline';
import { Writable } from 'node:stream';

import type { Completer, Speaker } from '../shared/converse.js';

export class Lines implements Speaker {
  private readonly reader: readline.Interface;
  private readonly waiting: string[] = [];
  private taker: ((line: string | null | undefined) => void) | undefined;
  private isClosed = false;
  private isSecret = false;
  private readonly others: ((...args: unknown[]) => void)[];
  private readonly wasRaw = Boolean(process.stdin.isRaw);
  completer: Completer | undefined;

  /** `interrupt` is called for a Ctrl-C while nobody waits for a line. */
  constructor(private readonly interrupt: () => void, history: string[] = []) {
    const { stdin, stdout } = process;
    // Node's own prompt listens to the same keys.
    this.others = stdin.listeners('keypress') as (() => void)[];
    for (const other of this.others) stdin.off('keypress', other);
    // What is typed in secret is not shown.
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.isSecret) stdout.write(chunk);
        done();
      },
    });
    Object.assign(output, { columns: stdout.columns, rows: stdout.rows, isTTY: stdout.isTTY });
    this.reader = readline.createInterface({
      input: stdin,
      output,
      terminal: stdout.isTTY,
      history: [...history],
      historySize: 1000,
      tabSize: 4,
      completer: (line: string, done: (error?: null | Error, result?: [string[], string]) => void) => {
        void (this.completer?.(line) ?? Promise.resolve<[string[], string]>([[], line])).then(
          (result) => done(null, result), () => done(null, [[], line]));
      },
    });
    this.reader.on('line', (line) => this.give(line));
    this.reader.on('close', () => {
      this.isClosed = true;
      this.give(null);
    });
    this.reader.on('SIGINT', () => {
      if (!this.taker) return this.interrupt();
      // The line that was begun is dropped.
      Object.assign(this.reader, { line: '', cursor: 0 });
      stdout.write('\n');
      this.give(undefined);
    });
  }

  private give(line: string | null | undefined): void {
    const { taker } = this;
    this.taker = undefined;
    if (this.isSecret) {
      this.isSecret = false;
      process.stdout.write('\n');
    }
    if (taker) taker(line);
    else if (typeof line === 'string') this.waiting.push(line);
  }

  /** Reads a line: null at the end of the input, undefined after Ctrl-C. */
  read(prompt: string, secret = false, text = ''): Promise<string | null | undefined> {
    if (this.waiting.length > 0) {
      process.stdout.write(`${prompt}${this.waiting[0]}\n`);
      return Promise.resolve(this.waiting.shift());
    }
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.taker = resolve;
      // A prompt of several lines: readline moves the cursor only in the last one.
      const end = prompt.lastIndexOf('\n') + 1;
      process.stdout.write(prompt.slice(0, end));
      if (secret) process.stdout.write(prompt.slice(end));
      this.isSecret = secret;
      this.reader.setPrompt(secret ? '' : prompt.slice(end));
      this.reader.prompt();
      if (text !== '') this.reader.write(text);
    });
  }

  print(text: string): void {
    process.stdout.write(text);
  }

  say(line: string): void {
    process.stderr.write(`python-wasm: ${line}\n`);
  }

  close(): void {
    this.taker = undefined;
    this.reader.close();
    for (const other of this.others) process.stdin.on('keypress', other);
    if (this.others.length === 0) return;
    // Node's own prompt goes on where it was.
    if (process.stdin.isTTY) process.stdin.setRawMode(this.wasRaw);
    process.stdin.resume();
  }
}
