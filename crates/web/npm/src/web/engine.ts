// What a browser does for a sandbox: files by fetch, Web Workers, the console.

import { ArgumentError } from '../shared/errors.js';
import type { Files, FromWorker } from '../shared/protocol.js';
import type { Engine, WorkerHandle } from '../shared/python.js';

/** The files of the package that are not text. Each is named in a form that bundlers know. */
const places = {
  'info.json': new URL('../../assets/info.json', import.meta.url),
  'core.wasm': new URL('../../assets/core.wasm', import.meta.url),
  'python.wasm': new URL('../../assets/python.wasm', import.meta.url),
  'python.image': new URL('../../assets/python.image', import.meta.url),
  'rest.wasm': new URL('../../assets/rest.wasm', import.meta.url),
  'library.zip': new URL('../../assets/library.zip', import.meta.url),
  'beginning.image': new URL('../../assets/beginning.image', import.meta.url),
};

type Name = keyof typeof places;

/** Lets the files be loaded from another folder, under their own names. Call it before anything else. */
export function setAssets(folder: string | URL): void {
  const base = new URL(folder, globalThis.location?.href ?? import.meta.url);
  for (const name of Object.keys(places) as Name[]) places[name] = new URL(name, base);
}

let loaded: Promise<Files> | undefined;

async function get(name: Name): Promise<Response> {
  const response = await fetch(places[name]);
  if (!response.ok) throw new Error(`cannot load ${response.url}: status ${response.status}`);
  return response;
}

async function bytes(name: Name): Promise<Uint8Array> {
  const buffer = await (await get(name)).arrayBuffer();
  if (typeof SharedArrayBuffer === 'undefined') return new Uint8Array(buffer);
  // Memory that all workers share.
  const shared = new Uint8Array(new SharedArrayBuffer(buffer.byteLength));
  shared.set(new Uint8Array(buffer));
  return shared;
}

async function module(name: Name): Promise<WebAssembly.Module> {
  const response = await get(name);
  // A server that does not know the type of WebAssembly is no reason to fail.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

async function load(): Promise<Files> {
  const info = get('info.json').then((response) => response.json()) as Promise<Files['info']>;
  const [core, code, image] = await Promise.all([module('core.wasm'), module('python.wasm'), bytes('python.image')]);
  // The library is not needed for the first line. A worker that wants it before it is here waits for it.
  void fetch(places['library.zip'], { priority: 'low' }).then((response) => response.arrayBuffer(), () => {});
  return { core, code, image, info: await info, places: Object.fromEntries(Object.entries(places).map(([name, { href }]) => [name, href])) };
}

function spawn(): WorkerHandle {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return {
    post: (message) => worker.postMessage(message),
    listen(hear, fail) {
      worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
      worker.onerror = (event) => fail(new Error(event.message || 'its worker could not be loaded'));
    },
    hold: () => {},
    terminate: async () => worker.terminate(),
  };
}

const lines = ['', '', ''];
const decoders = [new TextDecoder(), new TextDecoder(), new TextDecoder()];

/** A browser. */
export const engine: Engine = {
  files: () =>
    (loaded ??= load().catch((error: unknown) => {
      // Another try may find a network again.
      loaded = undefined;
      throw error;
    })),
  spawn,
  smallStack: true,
  print(fd, printed) {
    const [...whole] = (lines[fd]! + decoders[fd]!.decode(printed, { stream: true })).split('\n');
    lines[fd] = whole.pop()!;
    for (const line of whole) (fd === 2 ? console.error : console.log)(line);
  },
  folder() {
    throw new ArgumentError('a browser has no folders to mount; the option `files` puts files into the sandbox');
  },
};
