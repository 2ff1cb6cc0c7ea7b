// Values on their way to Python and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConversionError, Python, PythonObject, Tuple } from 'python-wasm';

let sandbox;
before(async () => {
  sandbox = await Python.create();
});
after(() => sandbox.close());

test('values become what they are in JavaScript', async () => {
  const expected = {
    'None': null, 'True': true, '42': 42, '-1.5': -1.5, "'é\\ud800'": 'é\ud800', '2**53': 9007199254740992n, '-2**70': -(2n ** 70n),
    "b'ab'": Uint8Array.of(97, 98), '(1, [2])': [1, [2]], '{1, 2}': new Set([1, 2]), "{'a': {'b': 1}}": { a: { b: 1 } },
    '{1: 2}': new Map([[1, 2]]), "float('inf')": Infinity,
  };
  for (const [expression, value] of Object.entries(expected)) {
    assert.deepEqual(await sandbox.eval(expression), value, expression);
  }
});

test('an object that has no form here tells its type and its repr', async () => {
  const value = await sandbox.eval('complex(1, 2)');
  assert.ok(value instanceof PythonObject);
  assert.deepEqual([value.type, value.repr], ['complex', '(1+2j)']);
});

test('what goes to Python and comes back is the same', async () => {
  await sandbox.exec('def same(x): return x');
  for (const value of [null, -0.5, 2n ** 100n, -(2n ** 53n), '\udfff!', new Uint8Array([0, 255]), [[], {}], { a: [1] }, new Map([[1, 'x']]), new Set(['a'])]) {
    assert.deepEqual(await sandbox.call('same', [value]), value);
  }
  assert.equal(await sandbox.call('repr', [new Tuple(1, 'a')]), "(1, 'a')");
  assert.equal(await sandbox.call('type', [-0]).then(String), "<class 'float'>");
});

test('what has no form in Python is refused', async () => {
  const circle = [];
  circle.push(circle);
  for (const value of [() => 1, Symbol('s'), circle, new Date()]) {
    await assert.rejects(sandbox.set('x', value), ConversionError);
  }
  await assert.rejects(sandbox.exec('x = []; x.append(x)').then(() => sandbox.eval('x')), ConversionError);
});

test('a key that means something to every object makes a Map', async () => {
  const value = await sandbox.eval("{'__proto__': 1}");
  assert.ok(value instanceof Map);
});

test('keywords, dotted names, set, get and run', async () => {
  assert.equal(await sandbox.call('"-".join', [['a', 'b']]).catch(() => 'no expression'), 'no expression');
  await sandbox.exec('import math');
  assert.equal(await sandbox.call('math.hypot', [3, 4]), 5);
  assert.equal(await sandbox.call('int', ['ff'], { base: 16 }), 255);
  await sandbox.set('y', [1, 2]);
  assert.deepEqual(await sandbox.get('y'), [1, 2]);
  assert.equal(await sandbox.run('z = 40\nz + 2'), 42);
});
