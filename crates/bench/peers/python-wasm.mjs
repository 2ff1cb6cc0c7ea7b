// This project's npm package.

import { createRequire } from 'node:module';

import { Peer, increased, serve } from './driver.mjs';

// What is installed stands in a folder of its own: process.argv[2].
const require = createRequire(process.argv[2]);
const { Python } = require('python-wasm');

class Sandbox {
  constructor(made) {
    this.made = made;
  }

  exec(source) {
    return this.made.exec(source);
  }

  eval(expression) {
    return this.made.eval(expression);
  }

  put(data) {
    return this.made.set('data', data);
  }

  get() {
    return this.made.get('data');
  }

  close() {
    return this.made.close();
  }
}

class Package extends Peer {
  imports = 'from host import increased';
  calls = {
    sandbox: '`await Python.create()`, a worker for each; before the warm rows `await Python.warmUp()`',
    warm: '`await sandbox.exec(source)`, `await sandbox.eval(expression)`',
    tool: '`Python.create({ functions: { increased } })`',
    snapshot: '`sandbox.snapshot()`, `sandbox.restore(snapshot)`: everything',
    '1 MB': "`sandbox.set('data', data)`, `sandbox.get('data')`",
  };

  about() {
    return `python-wasm ${require('python-wasm/package.json').version} in Node ${process.versions.node}`;
  }

  async create(tools = false) {
    return new Sandbox(await Python.create(tools ? { functions: { increased } } : {}));
  }

  ready() {
    return Python.warmUp();
  }

  snapshot(sandbox) {
    return sandbox.made.snapshot();
  }

  restore(sandbox, state) {
    return sandbox.made.restore(state);
  }
}

await serve(new Package());
