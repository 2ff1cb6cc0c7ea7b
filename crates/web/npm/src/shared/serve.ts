// The loop of a worker: it takes what the owner asks, one after the other.

import { Worker as Channel } from './channel.js';
import type { Folder } from './core.js';
import { ArgumentError } from './errors.js';
import { readImage } from './image.js';
import { send } from './sent.js';
import { Session } from './session.js';
import type { Ask, Begin, Description, FromWorker, Limits, State, ToWorker } from './protocol.js';

/** What differs between Node's workers and a browser's. */
export interface Platform {
  post(message: FromWorker): void;
  /** Loads a file of the package without waiting for events. */
  load(place: string): Uint8Array;
  folder(path: string): Folder;
  write(fd: number, bytes: Uint8Array): void;
}

const operations: { [name: string]: (session: Session, ...args: never[]) => unknown } = {
  start: (session) => session.start(),
  request: (session, request: Uint8Array) => session.request(request),
  main: (session) => session.main(),
  runMain: (session) => session.runMain(),
  finalize: (session, status: number) => session.finalize(status),
  readFile: (session, path: string) => session.core.readFile(path),
  writeFile: (session, path: string, bytes: Uint8Array) => session.core.writeFile(path, bytes),
  listDir: (session, path: string) => session.core.listDir(path),
  stat: (session, path: string) => session.core.stat(path),
  makeDir: (session, path: string) => session.core.makeDir(path),
  remove: (session, path: string) => session.core.remove(path),
  snapshot: (session) => session.snapshot(),
  restore: (session, state: State) => session.resume(state),
  save: (session) => session.save(),
  load: (session, file: Uint8Array) => session.load(file),
  setLimits: (session, limits: Limits) => session.setLimits(limits),
  usage: (session) => session.usage(),
  terminal: (session, columns: number, rows: number) => {
    session.editsLines = true;
    session.windowSize = { columns, rows };
  },
};

/** Makes the function that takes what the owner sends. */
export function serve(platform: Platform): (message: ToWorker) => void {
  let session: Session | undefined;
  let failure: unknown;
  return (message) => {
    if (message.type === 'begin') {
      try {
        session = begin(platform, message);
      } catch (error) {
        failure = error;
      }
      return;
    }
    platform.post(answer(session, failure, message));
  };
}

function answer(session: Session | undefined, failure: unknown, { id, operation, arguments: args }: Ask): FromWorker {
  try {
    if (!session) throw failure;
    const act = operations[operation];
    if (!act) throw new ArgumentError(`there is no operation ${operation}`);
    return { type: 'answer', id, value: act(session, ...(args as never[])) };
  } catch (error) {
    return { type: 'answer', id, error: send(error) };
  }
}

function begin(platform: Platform, { files, description, state, shared, smallStack }: Begin): Session {
  const load = (name: string) => platform.load(files.places[name]!);
  let rest: WebAssembly.Module | undefined;
  let library: Uint8Array | undefined;
  const parts = {
    core: files.core,
    code: files.code,
    info: files.info,
    image: readImage(files.image),
    library: () => (library ??= load('library.zip')),
    rest: () => (rest ??= new WebAssembly.Module(load('rest.wasm') as BufferSource)),
    beginning: () => readImage(load('beginning.image')),
  };
  const host = {
    post: platform.post,
    channel: shared && new Channel(shared),
    folder: platform.folder,
    write: platform.write,
    smallStack,
    sleep,
  };
  return new Session(parts, description as Description, host, state);
}

/** Sleeps on memory of its own, which can be shared even where nothing else can. */
function sleep(milliseconds: number): void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  Atomics.wait(new Int32Array(memory.buffer), 0, 0, milliseconds);
}
