// The worker thread in Node.

import { readFileSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import { errnoOf } from '../shared/core.js';
import { serve } from '../shared/serve.js';
import { NodeFolder } from './folder.js';

/** Writes all bytes to a descriptor of the process, or throws a negated errno. */
function write(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') throw -errnoOf(code);
      // Somebody has made the descriptor non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

const port = parentPort!;
port.on('message', serve({
  post: (message) => port.postMessage(message),
  load: (place) => readFileSync(place),
  write,
  folder: (path) => new NodeFolder(path),
}));
