// What Node does for a sandbox: files of the package, worker threads, streams of the process, folders.

import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';

import { ArgumentError } from '../shared/errors.js';
import type { Files, FromWorker } from '../shared/protocol.js';
import type { Mount } from '../shared/options.js';
import type { Engine, WorkerHandle } from '../shared/python.js';

/** The folder with the files of the package that are not text. */
export const ASSETS = join(__dirname, '..', '..', 'assets');

/** The stack of a worker in MB: Python's own limit on recursion fits into it. */
const STACK = 64;

let loaded: Promise<Files> | undefined;

async function load(): Promise<Files> {
  const shared = async (name: string) => {
    const bytes = await readFile(join(ASSETS, name));
    // Memory that all workers share.
    const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  };
  const module = async (name: string) => WebAssembly.compile(await readFile(join(ASSETS, name)));
  const [core, code, image] = await Promise.all([module('core.wasm'), module('python.wasm'), shared('python.image')]);
  const info = JSON.parse(readFileSync(join(ASSETS, 'info.json'), 'utf8')) as Files['info'];
  const places = Object.fromEntries(['library.zip', 'rest.wasm', 'beginning.image'].map((name) => [name, join(ASSETS, name)]));
  return { core, code, image, info, places };
}

function spawn(): WorkerHandle {
  const worker = new Worker(join(__dirname, 'worker.js'), { resourceLimits: { stackSizeMb: STACK }, stdout: true, stderr: true });
  worker.unref();
  let held = false;
  return {
    post: (message) => worker.postMessage(message),
    listen(hear, fail) {
      worker.removeAllListeners();
      worker.on('message', (message: FromWorker) => hear(message));
      worker.on('error', fail);
      worker.on('exit', () => fail(new Error('its worker has ended')));
      // A listener for messages keeps the process alive.
      if (!held) worker.unref();
    },
    hold(holds) {
      held = holds;
      if (held) worker.ref();
      else worker.unref();
    },
    terminate: async () => void (await worker.terminate()),
  };
}

/** Node itself. */
export const engine: Engine = {
  files: () => (loaded ??= load()),
  spawn,
  smallStack: false,
  print(fd, bytes) {
    (fd === 2 ? process.stderr : process.stdout).write(bytes);
  },
  folder({ path }: Mount) {
    const absolute = resolve(path);
    let isFolder = false;
    try {
      isFolder = statSync(absolute).isDirectory();
    } catch (error) {
      throw new ArgumentError(`cannot mount ${path}: ${(error as Error).message}`);
    }
    if (!isFolder) throw new ArgumentError(`cannot mount ${path}: it is not a folder`);
    return absolute;
  },
  readInput(write, end) {
    const { stdin } = process;
    stdin.pause();
    stdin.on('data', (bytes: Buffer) => write(Uint8Array.from(bytes)));
    stdin.on('end', end);
    stdin.on('error', end);
    return {
      pause: () => {
        stdin.pause();
      },
      resume: () => {
        stdin.resume();
      },
    };
  },
};
