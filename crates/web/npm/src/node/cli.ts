// The command line `python-wasm`: the sandbox's options, then python3's own command line.

import { dirname, isAbsolute, resolve } from 'node:path';
import { existsSync, statSync } from 'node:fs';

import * as errors from '../shared/errors.js';
import type { Mount, Options } from '../shared/options.js';
import { create, type Python } from '../shared/python.js';
import { warmUp } from '../shared/warm.js';
import { engine } from './engine.js';
import { Lines } from './lines.js';
import { atTerminal, terminal } from './terminal.js';

const USAGE = `\
Usage: python-wasm [sandbox options] [python3's options] [script.py | -c code | -m module | -] [arguments]

CPython in a sandbox, on this JavaScript engine. Without a script it is a prompt.

  --dir HOST[::GUEST]          grant a folder, to read and to write
  --ro-dir HOST[::GUEST]       grant a folder, to read
  --overlay-dir HOST[::GUEST]  grant a folder, and keep what is written aside
  --env NAME[=VALUE]           set a variable, or pass on this process's own
  --timeout SECONDS            stop after this time (status 102)
  --fuel UNITS                 stop after this much work (103)
  --max-memory MIB             memory, 1024 if not given (104)
  --max-output KIB             stop after this much output (105)
  --max-disk MIB, --max-files N, --max-fds N
  --seed N                     make all randomness a function of this number
  --clock TIME                 let time stand still at this moment (ISO 8601)
  --warm-up                    let the engine compile Python's code well before the program begins: worth half a second
                               for one that runs for more than two
  --help, --licenses`;

/** The exit statuses of limits, as those of the native command line. */
const STATUS = { usage: 100, timeout: 102, fuel: 103, memory: 104, output: 105, disk: 106, interrupted: 130, lost: 101 };

class UsageError extends Error {}

interface CommandLine {
  options: Options;
  args: string[];
  warms: boolean;
  shows?: 'help' | 'licenses';
}

type Setter = (value: string, options: Options) => void;

const SETTERS: { [name: string]: Setter } = {
  '--dir': (value, options) => mount(value, 'readWrite', options),
  '--ro-dir': (value, options) => mount(value, 'readOnly', options),
  '--overlay-dir': (value, options) => mount(value, 'overlay', options),
  '--env': (value, options) => {
    const [, name, , text] = /^([^=]+)(=(.*))?$/s.exec(value) ?? [];
    if (!name) throw new UsageError(`--env ${value}: a variable is NAME=VALUE or NAME`);
    const given = text ?? process.env[name];
    if (given !== undefined) (options.env ??= {})[name] = given;
  },
  '--timeout': (value, options) => (options.timeout = positive('--timeout', value) * 1000),
  '--fuel': (value, options) => (options.fuel = positive('--fuel', value)),
  '--max-memory': (value, options) => (options.memory = positive('--max-memory', value) * 2 ** 20),
  '--max-output': (value, options) => (options.output = positive('--max-output', value) * 1024),
  '--max-disk': (value, options) => (options.disk = positive('--max-disk', value) * 2 ** 20),
  '--max-files': (value, options) => (options.maxFiles = positive('--max-files', value)),
  '--max-fds': (value, options) => (options.openFiles = positive('--max-fds', value)),
  '--seed': (value, options) => {
    if (!/^\d+$/.test(value)) throw new UsageError(`--seed ${value}: it must be a whole number`);
    options.seed = BigInt(value);
  },
  '--clock': (value, options) => {
    const clock = new Date(value);
    if (Number.isNaN(clock.getTime())) throw new UsageError(`--clock ${value}: it must be a moment such as 2024-02-29T12:00:00Z`);
    options.clock = clock;
  },
};

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new UsageError(`${name} ${value}: it must be a number above 0`);
  return number;
}

function mount(value: string, access: Mount['access'], options: Options): void {
  const [host, guest] = value.split('::') as [string, string?];
  const name = guest ?? resolve(host);
  if (!isAbsolute(name)) throw new UsageError(`${value}: the name in the sandbox must be absolute`);
  (options.mounts ??= {})[name] = { path: host, access };
}

/** Reads the sandbox's options, which come first. */
export function parse(words: string[]): CommandLine {
  const options: Options = {};
  let warms = false;
  let at = 0;
  for (; at < words.length; at++) {
    const [, name, , value] = /^(--[a-z-]+)(=(.*))?$/s.exec(words[at]!) ?? [];
    if (name === '--help' || name === '--licenses') return { options, args: [], warms, shows: name.slice(2) as 'help' };
    if (name === '--warm-up') {
      warms = true;
      continue;
    }
    const set = name && SETTERS[name];
    if (!set) {
      if (name && name !== '--version' && name !== '--check-hash-based-pycs') {
        throw new UsageError(`there is no option ${name}; --help lists them`);
      }
      break;
    }
    const given = value ?? words[++at];
    if (given === undefined) throw new UsageError(`${name} needs a value`);
    set(given, options);
  }
  return { options, args: words.slice(at), warms };
}

interface Program {
  /** The script's path, if there is one. */
  script?: string;
  isInteractive: boolean;
}

/** Looks through python3's own options. */
export function programOf(args: string[]): Program {
  let inspects = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '-') return { isInteractive: inspects };
    if (!word.startsWith('-')) return { script: word, isInteractive: inspects };
    if (word.startsWith('--')) {
      if (word === '--check-hash-based-pycs') at++;
      else return { isInteractive: false };
      continue;
    }
    for (let letter = 1; letter < word.length; letter++) {
      const option = word[letter]!;
      if (option === 'c' || option === 'm') return { isInteractive: inspects };
      if (option === 'i') inspects = true;
      if (option === 'V' || option === 'h' || option === '?') return { isInteractive: false };
      if (option === 'W' || option === 'X') {
        if (letter === word.length - 1) at++;
        break;
      }
    }
  }
  return { isInteractive: inspects || Boolean(process.stdin.isTTY) };
}

function say(line: string): void {
  process.stderr.write(`python-wasm: ${line}\n`);
}

/** Lets the program see the script's folder, and start where the person is. */
function grantScript(script: string | undefined, options: Options): void {
  options.cwd = process.cwd();
  if (script === undefined) return;
  const path = resolve(script);
  const folder = existsSync(path) && statSync(path).isDirectory() ? path : dirname(path);
  const mounts = (options.mounts ??= {});
  const covered = Object.keys(mounts).some((name) => folder === name || folder.startsWith(`${name}/`));
  if (!covered && existsSync(folder)) mounts[folder] = { path: folder, access: 'readOnly' };
}

/** Runs a command line and returns its exit status. */
export async function main(words: string[]): Promise<number> {
  try {
    const { options, args, warms, shows } = parse(words);
    if (shows === 'help') {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    if (shows === 'licenses') {
      const { readFileSync } = await import('node:fs');
      const { join } = await import('node:path');
      const { ASSETS } = await import('./engine.js');
      process.stdout.write(readFileSync(join(ASSETS, 'licenses.txt')));
      return 0;
    }
    if (warms) await warmUp(engine);
    const { script, isInteractive } = programOf(args);
    grantScript(script, options);
    if (isInteractive) return await terminal(args, options);
    return await program(args, options);
  } catch (error) {
    if (error instanceof UsageError || error instanceof errors.ArgumentError) {
      say(error.message);
      return STATUS.usage;
    }
    return ending(error);
  }
}

/** Says why a program was stopped, and returns the status for that. */
function ending(error: unknown): number {
  if (!(error instanceof errors.SandboxError)) throw error;
  const options = error.message
    .replace(/(\d+) ms \(timeout\)/, (_, time: string) => `${Number(time) / 1000} s (--timeout)`)
    .replace('(fuel)', '(--fuel)').replace('(memory)', '(--max-memory)').replace('(output)', '(--max-output)')
    .replace('(disk, maxFiles)', '(--max-disk, --max-files)');
  const status =
    error instanceof errors.TimeoutError ? STATUS.timeout
    : error instanceof errors.OutOfFuelError ? STATUS.fuel
    : error instanceof errors.OutOfMemoryError ? STATUS.memory
    : error instanceof errors.OutputLimitError ? STATUS.output
    : error instanceof errors.DiskLimitError ? STATUS.disk
    : error instanceof errors.InterruptedError ? STATUS.interrupted
    : STATUS.lost;
  if (status !== STATUS.interrupted) say(options);
  return status;
}

async function program(args: string[], options: Options): Promise<number> {
  const { stdin, stdout } = process;
  const edits = Boolean(stdin.isTTY && stdout.isTTY);
  let python: Python | undefined;
  let lines: Lines | undefined;
  const interrupt = () => python?.interrupt();
  process.on('SIGINT', interrupt);
  const own = atTerminal(() => (lines ??= new Lines(interrupt)));
  if (!edits) delete own.readLine;
  // At a terminal the editor of lines and the program write in turns.
  own.isDirect = !edits;
  try {
    python = await create(engine, { stdin: 'inherit', ...options, args }, { ...own, attended: true });
    return await python.ask<number>('main');
  } finally {
    process.off('SIGINT', interrupt);
    lines?.close();
    await python?.close();
  }
}
