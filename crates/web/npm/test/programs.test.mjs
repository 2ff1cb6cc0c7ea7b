// The golden programs of this repository (tests/programs) on this engine, with the same expected output.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const FOLDER = process.env.PYTHON_WASM_PROGRAMS;
const require = createRequire(import.meta.url);
const PROGRAM = join(dirname(require.resolve('python-wasm/package.json')), 'bin/python-wasm.js');

/** Programs whose output is another one here, with what differs and why. */
const EXCEPTIONS = {};

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

if (!FOLDER) {
  test('golden programs', { skip: 'PYTHON_WASM_PROGRAMS names no folder' }, () => {});
} else {
  for (const name of readdirSync(FOLDER).filter((name) => name.endsWith('.py')).sort()) {
    test(name, () => {
      const path = join(FOLDER, name);
      const source = read(path);
      const says = (key) => new RegExp(`^# ${key}: (.*)$`, 'm').exec(/^(#.*\n)*/.exec(source)[0])?.[1];
      const input = (says('stdin') ?? '').replaceAll('\\n', '\n');
      const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, path], { input, encoding: 'utf8' });
      const { out = read(path.replace(/py$/, 'out')), err = read(path.replace(/py$/, 'err')) } = EXCEPTIONS[name] ?? {};
      assert.equal(stdout, out);
      assert.equal(stderr, err.replaceAll('{folder}', FOLDER));
      assert.equal(status, Number(says('status') ?? 0));
    });
  }
}
