// The memory that Python starts from, as the build encodes it (crates/engine/src/image/encoded.rs): a header of one page,
// then the pages that are not all zero, in a few runs.

const HEADER = 4096;
const MAGIC = 'python-wasm img1';

/** A memory at rest. */
export interface Image {
  /** Bytes of memory. */
  length: number;
  stackPointer: number;
  runs: { start: number; bytes: Uint8Array }[];
}

/** Reads an encoded image. Throws if it is damaged. */
export function readImage(encoded: Uint8Array): Image {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  // Shared memory cannot be decoded in place.
  const magic = String.fromCharCode(...encoded.subarray(0, MAGIC.length));
  if (encoded.length < HEADER || magic !== MAGIC) throw new Error('the image of Python is damaged');
  const number = (index: number) => Number(view.getBigInt64(MAGIC.length + index * 8, true));
  const [length, stackPointer, count] = [number(0), number(1), number(2)];
  const runs = [];
  for (let index = 0; index < count; index++) {
    const [start, size, offset] = [number(3 + index * 3), number(4 + index * 3), number(5 + index * 3)];
    if (start + size > length || offset + size > encoded.length) throw new Error('the image of Python is damaged');
    runs.push({ start, bytes: encoded.subarray(offset, offset + size) });
  }
  return { length, stackPointer, runs };
}

/** Bytes that are compared and kept together. */
const CHUNK = 4096;

/** Takes the parts of a memory that are not zero, as an image. */
export function takeImage(memory: Uint8Array, stackPointer: number, share: (bytes: Uint8Array) => Uint8Array): Image {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  const runs: Image['runs'] = [];
  let start = -1;
  const close = (end: number) => {
    if (start >= 0) runs.push({ start, bytes: share(memory.subarray(start, end)) });
    start = -1;
  };
  // Nothing below the stack pointer is part of it: what calls have left there.
  for (let at = 0; at < memory.length; at += CHUNK) {
    let zero = true;
    for (let word = at / 4; word < (at + CHUNK) / 4; word++) {
      if (words[word] !== 0) {
        zero = false;
        break;
      }
    }
    if (zero) close(at);
    else if (start < 0) start = at;
  }
  close(memory.length);
  return { length: memory.length, stackPointer, runs };
}
