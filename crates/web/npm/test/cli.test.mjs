// The command line, as a program of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, writeFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const PROGRAM = join(dirname(require.resolve('python-wasm/package.json')), 'bin/python-wasm.js');

function run(args, { input = '', cwd, stdout = 'pipe', signal } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ['pipe', stdout, 'pipe'] });
    let out = '';
    let error = '';
    child.stdout?.on('data', (text) => {
      out += text;
      if (signal && out.includes('ready')) child.kill(signal);
    });
    child.stderr.on('data', (text) => (error += text));
    child.on('close', (status) => resolve({ status, out, error }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'python-wasm-cli-'));
writeFileSync(join(folder, 'helper.py'), 'NAME = "helper"\n');
writeFileSync(join(folder, 'script.py'), 'import sys, helper\nprint(sys.argv, helper.NAME, sys.platform)\n');

test('a script sees its arguments and the modules beside it', async () => {
  const { status, out } = await run([join(folder, 'script.py'), 'a', '-b']);
  assert.deepEqual([status, out], [0, `['${join(folder, 'script.py')}', 'a', '-b'] helper wasi\n`]);
  assert.ok(!existsSync(join(folder, '__pycache__')));
  assert.equal((await run(['script.py'], { cwd: folder })).status, 0);
});

test('-c, -m, - and a program on standard input', async () => {
  assert.equal((await run(['-c', 'print(6 * 7)'])).out, '42\n');
  assert.equal((await run(['-m', 'json.tool', '--compact'], { input: '{"a": [1, 2]}' })).out, '{"a":[1,2]}\n');
  assert.equal((await run(['-'], { input: 'print("hi")' })).out, 'hi\n');
  assert.equal((await run([], { input: 'print("hi")' })).out, 'hi\n');
  assert.equal((await run(['-O', '-c', 'print(__debug__)'])).out, 'False\n');
  assert.equal((await run(['--warm-up', '-c', 'print(1)'])).out, '1\n');
  assert.match((await run(['--version'])).out, /^Python 3\.\d+\.\d+\n$/);
});

test('exit statuses are those of python3 and of the limits', async () => {
  const statuses = [
    [['-c', 'import sys; sys.exit(3)'], 3], [['-c', 'raise ValueError'], 1], [[join(folder, 'missing.py')], 2],
    [['--timeout', '0.3', '-c', 'while True: pass'], 102], [['--fuel', '1000', '-c', 'while True: pass'], 103],
    [['--max-memory', '32', '-c', 'x = bytearray(100 << 20)'], 104], [['--max-output', '1', '-c', 'while True: print(1)'], 105],
    [['--max-disk', '1', '-c', 'open("/tmp/x", "wb").write(bytes(2 << 20))'], 106], [['--nonsense'], 100], [['--timeout', 'x', '-c', ''], 100],
    [['--dir', '/no/such/folder', '-c', ''], 100],
  ];
  for (const [args, expected] of statuses) {
    const { status, error } = await run(args);
    assert.equal(status, expected, `${args.join(' ')}\n${error}`);
  }
  assert.equal((await run(['--timeout', '0.3', '-c', 'while True: pass'])).error, 'python-wasm: stopped after 0.3 s (--timeout)\n');
});

test('Ctrl-C is KeyboardInterrupt and status 130', async () => {
  for (const rest of ['while True: pass', 'import time; time.sleep(100)']) {
    const { status, error } = await run(['-c', `print("ready", flush=True)\n${rest}`], { signal: 'SIGINT' });
    assert.deepEqual([status, /KeyboardInterrupt/.test(error)], [130, true], error);
  }
});

test('output that cannot be written is an error in Python', { skip: !existsSync('/dev/full') && 'this system has no /dev/full' }, async () => {
  const { status, error } = await run(['-c', 'print(1)'], { stdout: openSync('/dev/full', 'w') });
  assert.equal(status, 120);
  assert.match(error, /No space left on device/);
});

test('folders are granted by name', async () => {
  assert.equal((await run(['--ro-dir', `${folder}::/in`, '-c', 'print(open("/in/helper.py").read())'])).out, 'NAME = "helper"\n\n');
  const write = 'open("/in/new", "w").write("x")';
  assert.equal((await run(['--ro-dir', `${folder}::/in`, '-c', write])).status, 1);
  assert.equal((await run(['--overlay-dir', `${folder}::/in`, '-c', write])).status, 0);
  assert.ok(!existsSync(join(folder, 'new')));
  assert.equal((await run(['--dir', `${folder}::/in`, '-c', write])).status, 0);
  assert.ok(existsSync(join(folder, 'new')));
});

test('--help and --licenses', async () => {
  assert.match((await run(['--help'])).out, /^Usage: python-wasm/);
  assert.match((await run(['--licenses'])).out, /PYTHON SOFTWARE FOUNDATION LICENSE/i);
});

test('require has the same objects as import', async () => {
  const required = require('python-wasm');
  const imported = await import('python-wasm');
  assert.equal(required.Python, imported.Python);
  assert.equal(required.python, imported.python);
  assert.equal(typeof required.init, 'function');
});
