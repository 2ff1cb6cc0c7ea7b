// Files, functions, streams and states of a sandbox.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ArgumentError, FileError, Python, PythonError, PythonException, nodeFolder, python } from 'python-wasm';

async function withSandbox(options, act) {
  const sandbox = await Python.create(options);
  try {
    return await act(sandbox);
  } finally {
    await sandbox.close();
  }
}

test('python is one for the whole program, and is made when it is used', async () => {
  await python.init();
  await python.init();
  let printed = '';
  assert.equal(await python.exec('import sys; x = 40; print("é")', { stdout: (text) => (printed += text) }), undefined);
  assert.equal(printed, 'é\n');
  assert.equal(await python.repr('sys.platform'), "'wasi'");
  assert.equal(await python.eval('x + 2'), 42);
  await python.close();
});

test('files in memory are read, written and listed', () =>
  withSandbox({ files: { '/work': { 'a.csv': 'x,1\n', 'sub/deep': Uint8Array.of(1) } } }, async (sandbox) => {
    assert.equal(await sandbox.eval('open("/work/a.csv").read()'), 'x,1\n');
    await sandbox.writeFile('/work/b', 'text');
    await sandbox.makeDir('/work/new');
    assert.deepEqual((await sandbox.listDir('/work')).map((entry) => [entry.name, entry.kind, entry.size]), [
      ['a.csv', 'file', 4], ['b', 'file', 4], ['new', 'folder', 0], ['sub', 'folder', 0],
    ]);
    await sandbox.exec('open("/work/c", "wb").write(bytes(range(256)))');
    assert.deepEqual(await sandbox.readFile('/work/c'), Uint8Array.from({ length: 256 }, (_, byte) => byte));
    await sandbox.remove('/work/c');
    await assert.rejects(sandbox.readFile('/work/c'), (error) => error instanceof FileError && error.errno === 'ENOENT');
    await assert.rejects(sandbox.readFile('/work/sub'), (error) => error.errno === 'EISDIR');
    await assert.rejects(sandbox.readFile('relative'), ArgumentError);
    await assert.rejects(sandbox.writeFile('/usr/lib/x', ''), (error) => error.errno === 'EPERM' || error.errno === 'EROFS');
  }));

test('Python sees nothing that was not granted', () =>
  withSandbox({}, async (sandbox) => {
    process.env.SECRET_OF_THE_HOST = '1';
    assert.deepEqual(await sandbox.eval('[n for n in __import__("os").environ if "SECRET" in n]'), []);
    assert.deepEqual(await sandbox.eval('__import__("os").listdir("/")'), ['dev', 'home', 'tmp', 'usr']);
    await assert.rejects(sandbox.exec('open("/etc/passwd")'), PythonError);
    for (const fd of [0, 1, 2]) assert.equal(await sandbox.eval(`__import__("os").isatty(${fd})`), false);
  }));

test('functions are called, awaited, and may fail', () => {
  const functions = {
    price: async (item) => {
      await new Promise((done) => setTimeout(done, 20));
      if (item === 'house') throw new Error('not for sale');
      return 1.5;
    },
    big: () => new Uint8Array(1_000_000).fill(7),
    wrong: () => {
      throw new PythonException('ValueError', 'no good');
    },
    unfit: () => () => 1,
  };
  return withSandbox({ functions }, async (sandbox) => {
    await sandbox.exec('from host import price, big, wrong, unfit, Error');
    assert.equal(await sandbox.eval('price("apple") * 2'), 3);
    assert.equal(await sandbox.eval('sum(big())'), 7_000_000);
    await assert.rejects(sandbox.eval('price("house")'), (error) => error.type === 'host.Error' && error.value === 'not for sale');
    await assert.rejects(sandbox.eval('wrong()'), (error) => error.type === 'ValueError');
    await assert.rejects(sandbox.eval('unfit()'), (error) => error.type === 'TypeError');
  });
});

test('a function calls functions of Python that it was given', () => {
  const functions = {
    twice: async (f, x) => f(await f(x)),
    all: (f, items) => Promise.all(items.map((item) => f(item))),
    safe: async (f) => {
      try {
        return await f();
      } catch (error) {
        return `${error.name} ${error.type}`;
      }
    },
    passing: async (f) => f(),
    seen: (thing) => String(thing),
  };
  return withSandbox({ functions }, async (sandbox) => {
    await sandbox.exec('from host import *');
    assert.equal(await sandbox.eval('twice(lambda x: x * 3, 5)'), 45);
    assert.deepEqual(await sandbox.eval('all(lambda x: x + 1, [1, 2, 3])'), [2, 3, 4]);
    assert.equal(await sandbox.eval('safe(lambda: 1 / 0)'), 'PythonError ZeroDivisionError');
    await assert.rejects(sandbox.eval('passing(lambda: {}["key"])'), (error) => error instanceof PythonError);
    assert.equal(await sandbox.eval('twice(lambda x: twice(lambda y: y + 1, x), 1)'), 5);
    assert.equal(await sandbox.eval('seen(complex(1, 2))'), '(1+2j)');
  });
});

test('a function that never answers can be interrupted', () =>
  withSandbox({ functions: { hang: () => new Promise(() => {}) } }, async (sandbox) => {
    await sandbox.init();
    const result = sandbox.exec('from host import hang\nhang()');
    setTimeout(() => sandbox.interrupt(), 200);
    await assert.rejects(result, { name: 'InterruptedError' });
    assert.equal(await sandbox.eval('1'), 1);
  }));

test('input comes from the option stdin', async () => {
  const long = 'x'.repeat(300_000);
  // More than fits into the memory between the threads, and both at work on it: once is not enough.
  for (let round = 0; round < 8; round++) {
    await withSandbox({ stdin: `first\n${long}` }, async (sandbox) => {
      assert.equal(await sandbox.eval('input()'), 'first');
      assert.equal(await sandbox.eval('len(__import__("sys").stdin.read())'), long.length);
    });
  }
});

test('a snapshot has objects, files and open files, and sandboxes from it are apart', () =>
  withSandbox({ files: { '/work': { log: 'one\ntwo\n' } } }, async (sandbox) => {
    await sandbox.exec('f = open("/work/log"); f.readline(); import random; x = [1]');
    const snapshot = await sandbox.snapshot();
    const [one, other] = await Promise.all([snapshot.spawn(), snapshot.spawn()]);
    assert.equal(await one.eval('f.readline()'), 'two\n');
    await one.exec('open("/work/log", "w").write("changed"); x.append(2)');
    assert.equal(await other.eval('f.readline()'), 'two\n');
    assert.deepEqual([await one.eval('x'), await other.eval('x'), await sandbox.eval('x')], [[1, 2], [1], [1]]);
    assert.equal(await sandbox.readText('/work/log'), 'one\ntwo\n');
    assert.notEqual(await one.eval('random.random()'), await other.eval('random.random()'));
    await sandbox.exec('del x; open("/work/new", "w").write("1")');
    await sandbox.restore(snapshot);
    assert.deepEqual(await sandbox.eval('x, __import__("os").listdir("/work")'), [[1], ['log']]);
    await Promise.all([one.close(), other.close()]);
  }));

test('a fixed clock and a seed make the same run', async () => {
  const run = () =>
    withSandbox({ seed: 7, clock: new Date('2024-02-29T12:00:00Z') }, (sandbox) =>
      sandbox.eval('[__import__("random").random(), __import__("os").urandom(4), __import__("datetime").datetime.now().isoformat()[:19], hash("x")]'));
  const first = await run();
  assert.deepEqual(first, await run());
  assert.equal(first[2], '2024-02-29T12:00:00');
});

test('mounted folders have no way out', async () => {
  const host = mkdtempSync(join(tmpdir(), 'python-wasm-'));
  const folder = join(host, 'granted');
  mkdirSync(folder);
  writeFileSync(join(host, 'secret'), 'secret');
  writeFileSync(join(folder, 'file'), 'text');
  mkdirSync(join(folder, 'sub'));
  for (const [name, target] of Object.entries({ out: '../secret', absolute: join(host, 'secret'), up: '..', inside: 'sub/../file', circle: 'circle' })) {
    symlinkSync(target, join(folder, name));
  }
  await withSandbox({ mounts: { '/data': nodeFolder(folder), '/ro': nodeFolder(folder, { readOnly: true }), '/over': nodeFolder(folder, { overlay: true }) } }, async (sandbox) => {
    await sandbox.exec('import os\ndir = os.open("/data", os.O_RDONLY)');
    assert.equal(await sandbox.eval('open("/data/inside").read()'), 'text');
    const escapes = [
      'open("/data/out").read()', 'open("/data/absolute").read()', 'open("/data/up/secret").read()', 'os.listdir("/data/up")',
      'open("/data/sub/../../secret").read()', 'os.open("../secret", os.O_RDONLY, dir_fd=dir)', 'os.open("up/secret", os.O_RDONLY, dir_fd=dir)',
      'os.rename("/data/file", "/data/up/file")', 'os.mkdir("/data/up/new")', 'os.stat("/data/out")', 'os.unlink("/data/up/secret")',
      'open("/data/up/new", "w")', 'os.symlink("x", "/data/up/link")', 'os.truncate("/data/out", 0)', 'os.utime("/data/out")', 'open("/data/circle")',
      'os.link("/data/up/secret", "/data/stolen")', 'open("/ro/file", "w")', 'os.unlink("/ro/file")', 'os.mkdir("/ro/x")',
    ];
    for (const escape of escapes) {
      await assert.rejects(sandbox.eval(escape), (error) => error instanceof PythonError && /Error/.test(error.type), escape);
    }
    assert.equal(readFileSync(join(host, 'secret'), 'utf8'), 'secret');
    await sandbox.exec('os.makedirs("/data/a/b"); open("/data/a/b/c", "w").write("x"); open("/data/a/b/c", "a").write("y"); os.rename("/data/a/b", "/data/d")');
    assert.equal(readFileSync(join(folder, 'd/c'), 'utf8'), 'xy');
    await sandbox.exec('open("/over/file", "w").write("changed"); os.unlink("/over/d/c")');
    assert.equal(await sandbox.eval('open("/over/file").read()'), 'changed');
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'text');
    await sandbox.exec('import shutil; shutil.rmtree("/data/d"); shutil.rmtree("/data/a")');
    assert.ok(!existsSync(join(folder, 'd')) && existsSync(join(host, 'secret')));
  });
});

test('options that make no sense are refused by name', async () => {
  for (const [options, part] of [
    [{ timout: 1 }, 'timout'], [{ timeout: -1 }, 'timeout'], [{ memory: 10 }, 'memory'], [{ files: { work: {} } }, 'work'],
    [{ functions: { 'no name': () => 1 } }, 'no name'], [{ mounts: { '/x': nodeFolder('/no/such/folder') } }, '/no/such/folder'],
    [{ env: { 'a=b': '1' } }, 'a=b'], [{ files: { '/w': { '../x': '' } } }, '../x'],
  ]) {
    await assert.rejects(
      Python.create(options).then(async (sandbox) => {
        try {
          await sandbox.init();
        } finally {
          await sandbox.close();
        }
      }),
      (error) => error instanceof Error && error.message.includes(part), part);
  }
});

test('a closed sandbox says so', async () => {
  const sandbox = await Python.create();
  const rejected = assert.rejects(sandbox.exec('while True: pass'), { name: 'UnusableError' });
  await sandbox.close();
  await rejected;
  await assert.rejects(sandbox.eval('1'), { name: 'UnusableError' });
});

test('a session as bytes goes on in another sandbox, and what is none is refused', async () => {
  await withSandbox({ files: { '/work': { log: 'one\ntwo\n' } } }, async (sandbox) => {
    await sandbox.exec('f = open("/work/log"); f.readline(); import decimal');
    const bytes = await sandbox.save();
    assert.ok(bytes.length < 10_000_000, `${bytes.length} bytes`);
    await withSandbox({}, async (other) => {
      await other.load(bytes);
      assert.equal(await other.eval('f.readline()'), 'two\n');
      assert.equal(await other.eval('str(decimal.Decimal(1) / 8)'), '0.125');
      const damaged = bytes.slice();
      damaged[bytes.length >> 1] ^= 1;
      for (const wrong of [bytes.subarray(0, 100_000), new Uint8Array(10), damaged]) await assert.rejects(other.load(wrong), ArgumentError);
      assert.equal(await other.eval('f.closed'), false);
    });
    await withSandbox({ memory: 12 << 20 }, (small) => assert.rejects(small.load(bytes), ArgumentError));
  });
});
