// What a sandbox is made of: options, and the checks of them.

import * as errors from './errors.js';
import { encodeText } from './marshal.js';
import type { Description, Limits, MountedFolder } from './protocol.js';

/** A function that gets text, or bytes with `{ bytes: true }`. */
export type Output = (text: string) => void;

/**
 * A function that Python can call: `from host import name`. It may be asynchronous. A function of Python's among the
 * arguments is an asynchronous one here, which can be called until this one has ended.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type HostFunction = (...args: any[]) => unknown;

/** A folder of the machine that is mounted: `nodeFolder(path)` makes it. */
export interface Mount {
  path: string;
  access: MountedFolder['access'];
}

/** What a sandbox is made of. Everything is optional. */
export interface Options {
  /** Files in memory: by the absolute names of folders, and in each by their paths below it. */
  files?: { [folder: string]: { [path: string]: Uint8Array | string } };
  /** Folders of the machine, by their names in the sandbox. Only in Node. */
  mounts?: { [name: string]: Mount };
  /** Environment variables. */
  env?: { [name: string]: string };
  /** Arguments of python3's command line. */
  args?: string[];
  /** The folder that the program starts in. */
  cwd?: string;
  /** Milliseconds for each call. Default 60,000; Infinity is no limit. */
  timeout?: number;
  /** Units of work for each call: rounds of loops and calls that can recur. Default 10,000,000,000. */
  fuel?: number;
  /** Bytes of memory. Default 1 GiB. */
  memory?: number;
  /** Bytes printed in each call. Default 50,000,000. */
  output?: number;
  /** Bytes by which all folders may grow. Default 1 GiB. */
  disk?: number;
  /** Files and folders that may be made. Default 100,000. */
  maxFiles?: number;
  /** Files open at once. Default 256. */
  openFiles?: number;
  /** Gets what Python prints; by default it is the process's own output, or the console. */
  stdout?: Output;
  /** Gets what Python prints to stderr. */
  stderr?: Output;
  /** What Python reads: text, bytes, or 'inherit' for the process's own input. By default it is empty. */
  stdin?: string | Uint8Array | 'inherit';
  /** Functions that Python finds in the module `host`. */
  functions?: { [name: string]: HostFunction };
  /** Makes all randomness a function of this number. Not for secrets. */
  seed?: number | bigint;
  /** Lets time stand still at this moment, except while Python sleeps. */
  clock?: Date;
}

/** What only this package's own programs ask for. */
export interface OwnOptions {
  terminals?: { stdin: boolean; stdout: boolean; stderr: boolean };
  rawOutput?: (fd: number, bytes: Uint8Array) => void;
  readLine?: (prompt: string, secret: boolean) => Promise<string | null | undefined>;
  attended?: boolean;
  /** The worker itself writes to the process's descriptors. */
  isDirect?: boolean;
  windowSize?: { columns: number; rows: number };
}

const DEFAULTS: Limits = {
  timeout: 60_000, fuel: 10_000_000_000, memory: 2 ** 30, output: 50_000_000, disk: 2 ** 30, maxFiles: 100_000, openFiles: 256,
};

/** The limits of a sandbox that a person watches. */
export const ATTENDED = { timeout: Infinity, fuel: Infinity, output: Infinity };

const NAMES: (keyof Options)[] = [
  'files', 'mounts', 'env', 'args', 'cwd', 'timeout', 'fuel', 'memory', 'output', 'disk', 'maxFiles', 'openFiles', 'stdout',
  'stderr', 'stdin', 'functions', 'seed', 'clock',
];

const PAGE = 65536;

/** Checks options, and returns what the worker is told. `pathOf` checks a folder of the machine. */
export function describe(pathOf: (mount: Mount) => string, options: Options, own: OwnOptions): Description {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name as keyof Options)) {
      throw new errors.ArgumentError(`there is no option ${name}; the options are ${NAMES.join(', ')}`);
    }
  }
  const limits = checkLimits({ ...DEFAULTS, ...(own.attended ? ATTENDED : {}), ...defined(options) });
  const files = Object.entries(options.files ?? {}).map(([folder, content]): Description['files'][number] => {
    checkFolder(folder);
    return [folder, Object.entries(content).map(([path, bytes]) => [path, typeof bytes === 'string' ? encodeText(bytes) : bytes])];
  });
  const mounts = Object.entries(options.mounts ?? {}).map(([name, mount]) => {
    checkFolder(name);
    return { name, path: pathOf(mount), access: mount.access };
  });
  const functions = Object.keys(options.functions ?? {});
  for (const name of functions) {
    if (!/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === 'Error') {
      throw new errors.ArgumentError(`${JSON.stringify(name)} cannot be the name of a function`);
    }
  }
  const terminals = own.terminals ?? { stdin: false, stdout: false, stderr: false };
  return {
    limits,
    args: (options.args ?? []).map(String),
    env: Object.fromEntries(Object.entries(options.env ?? {}).map(([name, value]) => [name, String(value)])),
    files,
    mounts,
    functions,
    stdin: { isTerminal: terminals.stdin },
    stdout: { isTerminal: terminals.stdout, isDirect: own.isDirect ?? false },
    stderr: { isTerminal: terminals.stderr, isDirect: own.isDirect ?? false },
    cwd: options.cwd,
    seed: options.seed,
    clock: options.clock?.getTime(),
    streamLines: Boolean(own.attended || options.stdout || options.stderr),
  };
}

/** Returns the options that have a value. */
export function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Returns the limits alone. Throws an ArgumentError that names one that makes no sense. */
export function checkLimits({ timeout, fuel, memory, output, disk, maxFiles, openFiles }: Limits): Limits {
  const limits = { timeout, fuel, memory, output, disk, maxFiles, openFiles };
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value !== 'number' || !(value > 0)) {
      throw new errors.ArgumentError(`${name} must be a number above 0, and is ${JSON.stringify(value) ?? String(value)}`);
    }
  }
  if (memory < 16 * PAGE) throw new errors.ArgumentError(`memory: ${memory} bytes are too few; Python needs about 16,000,000`);
  return { ...limits, memory: Math.min(memory, 2 ** 32), openFiles: Math.min(openFiles, 65536) };
}

function checkFolder(name: string): void {
  if (!name.startsWith('/') || (name !== '/' && (name.endsWith('/') || name.split('/').some((part, index) => index > 0 && ['', '.', '..'].includes(part))))) {
    throw new errors.ArgumentError(`${JSON.stringify(name)} is not the absolute name of a folder, such as "/work"`);
  }
}
