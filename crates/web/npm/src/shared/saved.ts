// A snapshot as bytes: for a file, from which another process or page goes on.
//
// A magic text, then one gzip stream: the length of a header in JSON, the header, the world, and the memory's runs.

import { ArgumentError } from './errors.js';
import type { State } from './protocol.js';

const MAGIC = 'python-wasm web1';
const PAGE = 65536;

interface Header {
  identity: string;
  functions: string[];
  length: number;
  stackPointer: number;
  world: number;
  runs: [number, number][];
}

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const body = new Blob([bytes as BlobPart]).stream().pipeThrough(stream as unknown as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** Writes a state. */
export async function save({ image, world, identity, functions }: State): Promise<Uint8Array> {
  const runs = image.runs.map(({ start, bytes }): [number, number] => [start, bytes.length]);
  const { length, stackPointer } = image;
  const header: Header = { identity, functions, length, stackPointer, world: world.length, runs };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const parts = [new Uint8Array(new Uint32Array([text.length]).buffer), text, world, ...image.runs.map(({ bytes }) => bytes)];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const packed = await through(all, new CompressionStream('gzip'));
  const bytes = new Uint8Array(MAGIC.length + packed.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(packed, MAGIC.length);
  return bytes;
}

/** Reads what `save` wrote. Throws an ArgumentError for anything else. */
export async function load(bytes: Uint8Array): Promise<State> {
  if (new TextDecoder().decode(bytes.slice(0, MAGIC.length)) !== MAGIC) throw new ArgumentError('this is not a saved session');
  try {
    const all = await through(bytes.slice(MAGIC.length), new DecompressionStream('gzip'));
    const view = new DataView(all.buffer);
    let at = 4 + view.getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(all.subarray(4, at))) as Header;
    const take = (length: number) => {
      if (!(length >= 0) || at + length > all.length) throw new Error('it is truncated');
      at += length;
      return all.slice(at - length, at);
    };
    const { identity, functions, length, stackPointer } = header;
    if (!Number.isInteger(length) || length % PAGE !== 0 || length > 65536 * PAGE) throw new Error('its memory has no size');
    const world = take(header.world);
    const runs = header.runs.map(([start, size]) => {
      if (!(start >= 0 && start + size <= length)) throw new Error('its memory is out of bounds');
      return { start, bytes: take(size) };
    });
    return { image: { length, stackPointer, runs }, world, identity, functions };
  } catch (error) {
    throw new ArgumentError(`the saved session is damaged: ${(error as Error).message}`);
  }
}
