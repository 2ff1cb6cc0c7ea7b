// Runs a file of tests that was compiled for wasm32-unknown-unknown, each test in an instance of its own:
// `node run.mjs FILE.wasm`, as cargo's runner.
import { readFile } from 'node:fs/promises';
import { webcrypto } from 'node:crypto';

const REALTIME = 0;
const cell = new Int32Array(new SharedArrayBuffer(4));

const monotonic = () => process.hrtime.bigint();

/** Calls `main` with the number of a test, or -1. Returns the lines that it printed. */
function run(module, chosen) {
  const lines = [];
  const bytes = (at, length) => new Uint8Array(instance.exports.memory.buffer, at, length);
  const node = {
    chosen: () => chosen,
    print: (at, length) => void lines.push(new TextDecoder().decode(bytes(at, length))),
    now: (clock) => (clock === REALTIME ? BigInt(Date.now()) * 1_000_000n : monotonic()),
    entropy: (at, length) => {
      for (let done = 0; done < length; done += 65536) {
        webcrypto.getRandomValues(bytes(at + done, Math.min(65536, length - done)));
      }
    },
    wait: (end) => {
      const left = Number(end - monotonic()) / 1e6;
      if (left > 0) Atomics.wait(cell, 0, 0, left);
    },
  };
  const instance = new WebAssembly.Instance(module, { node });
  try {
    instance.exports.main(0, 0);
  } catch (error) {
    return { lines, error };
  }
  return { lines };
}

const [file] = process.argv.slice(2);
const module = new WebAssembly.Module(await readFile(file));
const { lines: names, error } = run(module, -1);
if (error) throw error;
let failed = 0;
for (const [index, name] of names.entries()) {
  const { lines, error } = run(module, index);
  if (!error) continue;
  failed += 1;
  const why = lines.length > 0 ? lines.join('\n') : error.stack;
  console.log(`test ${name} ... FAILED\n${why}\n`);
}
console.log(`test result: ${names.length - failed} passed, ${failed} failed on wasm32 (${file})`);
process.exitCode = failed > 0 ? 1 : 0;
