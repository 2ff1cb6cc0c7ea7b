// Saves a session to a file, or goes on with one: `node moving.mjs save|load FILE`. For the test that moves sessions
// between engines.
import { readFileSync, writeFileSync } from 'node:fs';
import { Python } from 'python-wasm';

const [what, file] = process.argv.slice(2);
const python = await Python.create();
if (what === 'save') {
  await python.exec('x = {"from": "node"}\ndef twice(n): return n * 2\nopen("/tmp/note", "w").write("hello")\nf = open("/tmp/note"); f.read(2)');
  writeFileSync(file, await python.save());
} else {
  await python.load(Uint8Array.from(readFileSync(file)));
  console.log(JSON.stringify(await python.eval('[x, y, twice(21), f.read(), open("/tmp/note").read(), __import__("textwrap").dedent("  z")]')));
}
await python.close();
