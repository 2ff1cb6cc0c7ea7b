// A memory as its difference from the image, in the form in which the native engine stores it
// (crates/engine/src/snapshot.rs): the length, the stack pointer, the number of pages, and for each page its number, a mask
// of its chunks of 64 bytes, and those that differ.

import { ArgumentError } from './errors.js';
import type { Image } from './image.js';

const PAGE = 4096;
const CHUNK = 64;
const WASM_PAGE = 65536;

/** Returns all bytes of an image, and zeros up to a length. */
function expand(image: Image, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const run of image.runs) bytes.set(run.bytes, run.start);
  return bytes;
}

/** Encodes a memory. What lies below the stack pointer is not part of it. */
export function encode(memory: Uint8Array, stackPointer: number, image: Image): Uint8Array {
  const base = expand(image, memory.length);
  const [now, then] = [memory, base].map((bytes) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)) as [Int32Array, Int32Array];
  const pages: [number, bigint, Uint8Array[]][] = [];
  let size = 16;
  for (let page = Math.floor(stackPointer / PAGE); page < memory.length / PAGE; page++) {
    let mask = 0n;
    const chunks: Uint8Array[] = [];
    for (let chunk = 0; chunk < PAGE / CHUNK; chunk++) {
      const start = page * PAGE + chunk * CHUNK;
      let word = start / 4;
      while (word < (start + CHUNK) / 4 && now[word] === then[word]) word += 1;
      if (word === (start + CHUNK) / 4) continue;
      mask |= 1n << BigInt(chunk);
      chunks.push(memory.subarray(start, start + CHUNK));
    }
    if (mask === 0n) continue;
    pages.push([page, mask, chunks]);
    size += 12 + chunks.length * CHUNK;
  }
  const encoded = new Uint8Array(size);
  const view = new DataView(encoded.buffer);
  view.setBigUint64(0, BigInt(memory.length), true);
  view.setInt32(8, stackPointer, true);
  view.setUint32(12, pages.length, true);
  let at = 16;
  for (const [page, mask, chunks] of pages) {
    view.setUint32(at, page, true);
    view.setBigUint64(at + 4, mask, true);
    at += 12;
    for (const chunk of chunks) {
      encoded.set(chunk, at);
      at += CHUNK;
    }
  }
  return encoded;
}

/** Decodes a memory of at most `most` bytes. Throws an ArgumentError if it is damaged. */
export function decode(encoded: Uint8Array, image: Image, most: number): Image {
  const damaged = () => new ArgumentError('the saved session is damaged');
  if (encoded.length < 16) throw damaged();
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const stackPointer = view.getInt32(8, true);
  if (length % WASM_PAGE !== 0 || length < image.length || stackPointer < 0 || stackPointer > length) throw damaged();
  if (length > most) throw new ArgumentError(`the saved session has ${length} bytes of memory, and this sandbox may have ${most}`);
  const bytes = expand(image, length);
  let at = 16;
  let next = 0;
  for (let count = view.getUint32(12, true); count > 0; count--) {
    if (at + 12 > encoded.length) throw damaged();
    const page = view.getUint32(at, true);
    const mask = view.getBigUint64(at + 4, true);
    at += 12;
    if (page < next || (page + 1) * PAGE > length) throw damaged();
    next = page + 1;
    for (let chunk = 0; chunk < PAGE / CHUNK; chunk++) {
      if (((mask >> BigInt(chunk)) & 1n) === 0n) continue;
      if (at + CHUNK > encoded.length) throw damaged();
      bytes.set(encoded.subarray(at, at + CHUNK), page * PAGE + chunk * CHUNK);
      at += CHUNK;
    }
  }
  if (at !== encoded.length) throw damaged();
  return { length, stackPointer, runs: [{ start: 0, bytes }] };
}
