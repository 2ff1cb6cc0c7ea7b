// Pyodide, where its documentation loads it: on the thread of the program. A further Python is loaded once more.

import { createRequire } from 'node:module';

import { Peer, increased, serve } from './driver.mjs';

const require = createRequire(process.argv[2]);
const { loadPyodide, version } = require('pyodide');

class Loaded {
  constructor(pyodide) {
    this.pyodide = pyodide;
  }

  exec(source) {
    this.pyodide.runPython(source);
  }

  eval(expression) {
    return this.pyodide.runPython(expression);
  }

  put(data) {
    this.pyodide.globals.set('given', data);
    this.pyodide.runPython('data = given.to_bytes()');
  }

  get() {
    const proxy = this.pyodide.globals.get('data');
    try {
      return proxy.toJs();
    } finally {
      proxy.destroy();
    }
  }

  close() {
    this.pyodide = undefined;
  }
}

class Pyodide extends Peer {
  noSnapshot = 'none in its documentation; options that are not documented take one of a Python that has just started';
  calls = {
    sandbox: '`await loadPyodide()`, on the thread that calls it',
    warm: '`pyodide.runPython(source)`',
    tool: "`pyodide.globals.set('increased', increased)`",
    '1 MB': "`pyodide.globals.set('given', data)` and `given.to_bytes()`, `globals.get('data').toJs()`",
  };

  about() {
    return `Pyodide ${version} in Node ${process.versions.node}`;
  }

  async create(tools = false) {
    const pyodide = await loadPyodide();
    if (tools) pyodide.globals.set('increased', increased);
    return new Loaded(pyodide);
  }
}

await serve(new Pyodide());
