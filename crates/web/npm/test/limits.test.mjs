// Limits hold, interrupts arrive, and the interpreter is not lost by what a program does to it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  DiskLimitError, ExitError, InterruptedError, OutOfFuelError, OutOfMemoryError, OutputLimitError, Python, PythonError, TimeoutError,
  UnusableError,
} from 'python-wasm';

const NEVER = ['while True: pass', 'import time; time.sleep(1000)', 'sum(range(10**12))', 'list(range(10**8))', 'input()'];

let sandbox;
let clean;
before(async () => {
  sandbox = await Python.create({ memory: 128 << 20 });
  await sandbox.exec('x = 41');
  clean = await sandbox.snapshot();
});
after(() => sandbox.close());

describe('time', () => {
  for (const code of NEVER.slice(0, 3)) {
    test(code, async () => {
      await sandbox.setLimits({ timeout: 300 });
      await assert.rejects(sandbox.exec(code), TimeoutError);
      await sandbox.setLimits({ timeout: 60_000 });
      assert.equal(await sandbox.eval('x + 1'), 42);
    });
  }

  test('a program that swallows its interrupt is stopped, and restore() brings the sandbox back', async () => {
    await sandbox.setLimits({ timeout: 300 });
    const stubborn = 'while True:\n  try:\n    while True: pass\n  except BaseException: pass';
    await assert.rejects(sandbox.exec(stubborn), TimeoutError);
    await assert.rejects(sandbox.eval('x'), UnusableError);
    await sandbox.restore(clean);
    await sandbox.setLimits({ timeout: 60_000 });
    assert.equal(await sandbox.eval('x'), 41);
  });
});

describe('interrupts', () => {
  for (const code of NEVER) {
    test(code, async () => {
      const waiting = await Python.create({ stdin: 'inherit', memory: 2 ** 32 });
      await waiting.init();
      const result = waiting.exec(code);
      setTimeout(() => waiting.interrupt(), 300);
      await assert.rejects(result, InterruptedError);
      assert.equal(await waiting.eval('1 + 1'), 2);
      await waiting.close();
    });
  }

  test('Python can catch one', async () => {
    const result = sandbox.exec('try:\n  while True: pass\nexcept KeyboardInterrupt: caught = True');
    setTimeout(() => sandbox.interrupt(), 200);
    await result;
    assert.equal(await sandbox.eval('caught'), true);
  });

  test('one that comes while nothing runs is dropped', async () => {
    sandbox.interrupt();
    assert.equal(await sandbox.eval('sum(range(1000))'), 499500);
  });
});

test('fuel', async () => {
  await sandbox.setLimits({ fuel: 1_000_000 });
  await assert.rejects(sandbox.exec('while True: pass'), OutOfFuelError);
  await sandbox.setLimits({ fuel: Infinity });
  const before = await sandbox.usage();
  await sandbox.exec('for i in range(10000): pass');
  const { fuel } = await sandbox.usage();
  assert.ok(fuel - before.fuel > 10_000);
});

test('the same work takes the same fuel', async () => {
  const used = async () => {
    const python = await Python.create({ seed: 1, clock: new Date(0) });
    await python.exec('import json; json.dumps([{str(i): i} for i in range(1000)])');
    const { fuel } = await python.usage();
    await python.close();
    return fuel;
  };
  assert.equal(await used(), await used());
});

test('memory', async () => {
  await assert.rejects(sandbox.exec('y = bytearray(500 << 20)'), OutOfMemoryError);
  assert.equal(await sandbox.eval('x'), 41);
});

test('output', async () => {
  await sandbox.setLimits({ output: 1000 });
  let printed = '';
  await assert.rejects(sandbox.exec('while True: print("x" * 99, flush=True)', { stdout: (text) => (printed += text) }), OutputLimitError);
  assert.ok(printed.length <= 1000 && printed.length > 500, printed.length);
  await sandbox.setLimits({ output: Infinity });
  await sandbox.restore(clean);
});

test('disk', async () => {
  const small = await Python.create({ disk: 100_000, maxFiles: 10 });
  await assert.rejects(small.exec('open("/tmp/a", "wb").write(bytes(200_000))'), DiskLimitError);
  await assert.rejects(small.exec('for i in range(20): open(f"/tmp/{i}", "w")'), DiskLimitError);
  await small.close();
});

test('recursion of thirteen kinds loses no interpreter', async () => {
  const deep = 'x = []\nfor i in range(20000): x = [x]\n';
  const programs = [
    'def f(): f()\nf()', `${deep}repr(x)`, `${deep}import json; json.dumps(x)`, `${deep.replace('20000', '2000')}import copy; copy.deepcopy(x)`,
    `${deep}import pickle; pickle.dumps(x)`, `${deep}import marshal; marshal.dumps(x)`, `${deep}x == x.copy()`,
    'class A:\n  def __getattr__(self, name): return getattr(self, name + "x")\nA().a',
    'def key(x): return sorted([1, 2], key=key)\nkey(1)', 'import ast; ast.parse("-" * 100000 + "1")', 'eval("(" * 10000)',
    'class B:\n  def __repr__(self): return repr(self)\nrepr(B())', 'import re; re.compile("(" * 5000 + ")" * 5000)',
  ];
  for (const program of programs) {
    await sandbox.exec(program).catch((error) => {
      assert.ok(error instanceof PythonError || error instanceof OutOfMemoryError, `${program}: ${error}`);
    });
    assert.equal(await sandbox.eval('1 + 1'), 2, program);
  }
});

test('sys.exit is an ExitError with its status', async () => {
  await assert.rejects(sandbox.exec('import sys; sys.exit(7)'), (error) => error instanceof ExitError && error.status === 7);
});

test('an exception has its traceback, type and frames', async () => {
  await assert.rejects(sandbox.exec('def f():\n  1 / 0\nf()'), (error) => {
    assert.ok(error instanceof PythonError);
    assert.deepEqual([error.type, error.value, error.frames.at(-1).function], ['ZeroDivisionError', 'division by zero', 'f']);
    assert.match(error.message, /^Traceback[^]*ZeroDivisionError: division by zero$/);
    return true;
  });
});

test('warming the engine up changes nothing that a program sees', async () => {
  const used = async () => {
    const before = await sandbox.usage();
    await sandbox.eval('sum(range(1000))');
    return (await sandbox.usage()).fuel - before.fuel;
  };
  // CPython specialises code that comes again.
  for (let count = 0; count < 20; count++) await used();
  const before = await used();
  await Python.warmUp();
  await Python.warmUp();
  assert.equal(await used(), before);
});
