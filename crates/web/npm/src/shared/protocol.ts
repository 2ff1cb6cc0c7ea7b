// What a worker and its owner tell each other.

import type { SharedMemory } from './channel.js';
import type { Image } from './image.js';
import type { Info } from './machine.js';
import type { SentError } from './sent.js';

/** Everything that a worker needs before it can start a Python. */
export interface Files {
  core: WebAssembly.Module;
  code: WebAssembly.Module;
  image: Uint8Array;
  info: Info;
  /** Where the files are that are needed later, if at all, by their names. */
  places: { [name: string]: string };
}

/** How much may be used. Times are in milliseconds, sizes in bytes; Infinity is no limit. */
export interface Limits {
  timeout: number;
  fuel: number;
  memory: number;
  output: number;
  disk: number;
  maxFiles: number;
  openFiles: number;
}

/** A standard stream: what the owner passes on, and whether it is a terminal. */
export interface StreamOptions {
  isTerminal: boolean;
  /** The worker writes to the process's own descriptor, and so learns what fails. */
  isDirect?: boolean;
}

/** A folder of the machine, by its path there. */
export interface MountedFolder {
  name: string;
  path: string;
  access: 'readOnly' | 'overlay' | 'readWrite';
}

/** What a sandbox is made of. */
export interface Description {
  limits: Limits;
  args: string[];
  env: { [name: string]: string };
  files: [string, [string, Uint8Array][]][];
  mounts: MountedFolder[];
  functions: string[];
  stdin: StreamOptions;
  stdout: StreamOptions;
  stderr: StreamOptions;
  cwd: string | undefined;
  seed: number | bigint | undefined;
  /** Milliseconds since 1970. */
  clock: number | undefined;
  /** Whether every line that is printed is passed on at once. */
  streamLines: boolean;
}

/** A sandbox at rest. */
export interface State {
  image: Image;
  world: Uint8Array;
  identity: string;
  functions: string[];
}

/** What the owner sends first. */
export interface Begin {
  type: 'begin';
  files: Files;
  description: Description;
  state: State | undefined;
  shared: SharedMemory | undefined;
  smallStack: boolean;
}

export interface Ask {
  type: 'ask';
  id: number;
  operation: string;
  arguments: unknown[];
}

export type ToWorker = Begin | Ask;

export type FromWorker =
  | { type: 'answer'; id: number; value?: unknown; error?: SentError }
  | { type: 'output'; fd: number; bytes: Uint8Array }
  /** Python calls a function of the owner; some arguments are functions of Python's, by their places and numbers. */
  | { type: 'call'; id: number; name: string; arguments: Uint8Array; callables: [number, number][] }
  /** What a function of Python's that the owner called has returned or raised, as the agent answers. */
  | { type: 'resume'; id: number; answer: Uint8Array }
  | { type: 'want'; what: 'input' }
  | { type: 'line'; prompt: string; secret: boolean }
  | { type: 'drained'; ring: number }
  | { type: 'interrupted' };
