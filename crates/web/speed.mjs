// Measures a benchmark of crates/bench/collection on the package, in processor time of the thread that Python is on, so
// that other programs on the machine do not count: `node speed.mjs PACKAGE NAME...`, on Linux. Two numbers for each, in
// milliseconds: the first run, with its imports, and a second one in the same process.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

const [folder, ...names] = process.argv.slice(2);
const { Python, nodeFolder } = createRequire(import.meta.url)(resolve(folder));
const collection = fileURLToPath(new URL('../bench/collection', import.meta.url));
const threads = () => readdirSync('/proc/self/task');
const spent = (thread) => Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

await Python.warmUp();
for (const name of names) {
  const before = new Set(threads());
  const python = await Python.create({ mounts: { '/b': nodeFolder(collection, { readOnly: true }) }, stdout: () => {} });
  await python.exec('import runpy, sys; sys.path.insert(0, "/b")');
  // Of the threads that are new, Python's has worked most.
  const [thread] = threads().filter((thread) => !before.has(thread)).sort((a, b) => spent(b) - spent(a));
  const times = [];
  for (let round = 0; round < 2; round++) {
    const start = spent(thread);
    await python.exec(`sys.argv = ['all.py', '--scale', '1', '--only', '${name}']
try: runpy.run_path('/b/all.py', run_name='__main__')
except SystemExit as exit: assert not exit.code, exit`);
    times.push(Math.round(spent(thread) - start));
  }
  console.log(name, ...times);
  await python.close();
}
