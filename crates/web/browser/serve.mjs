// A static server for the tests: `node serve.mjs FOLDER [PORT]`. With `isolated` it sets the headers that a page needs for
// shared memory. Files are compressed once, before the first visit.
import { createServer } from 'node:http';
import { readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Serves a folder; returns the server and its address. */
export async function serve(folder, { port = 0, isolated = true, quality = 5 } = {}) {
  const packed = new Map();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)).replace(/\/$/, '/index.html');
    const file = join(folder, path);
    let bytes;
    try {
      if (!statSync(file).isFile()) throw new Error('no file');
      bytes = readFileSync(file);
    } catch {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' };
    if (isolated) {
      Object.assign(headers, { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' });
    }
    if (quality > 0 && /\bbr\b/.test(request.headers['accept-encoding'] ?? '') && !file.endsWith('.zip')) {
      headers['content-encoding'] = 'br';
      if (!packed.has(file)) {
        packed.set(file, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: 24 } }));
      }
      bytes = packed.get(file);
    }
    response.writeHead(200, headers).end(bytes);
  });
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { server, packed, url: `http://127.0.0.1:${server.address().port}/` };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = '.', port = '8000'] = process.argv.slice(2);
  console.log((await serve(folder, { port: Number(port) })).url);
}
