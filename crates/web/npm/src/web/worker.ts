// The worker in a browser.

import { serve } from '../shared/serve.js';
import type { FromWorker, ToWorker } from '../shared/protocol.js';

/** Loads a file at once, which only workers may. */
function load(place: string): Uint8Array {
  const request = new XMLHttpRequest();
  request.open('GET', place, false);
  request.responseType = 'arraybuffer';
  request.send();
  if (request.status >= 400 || !request.response) throw new Error(`cannot load ${place}: status ${request.status}`);
  return new Uint8Array(request.response as ArrayBuffer);
}

const scope = self as unknown as { postMessage(message: FromWorker): void; onmessage: (event: MessageEvent<ToWorker>) => void };
const hear = serve({
  post: (message) => scope.postMessage(message),
  load,
  write: () => {
    throw new Error('a browser has no descriptors');
  },
  folder: () => {
    throw new Error('a browser has no folders to mount');
  },
});
scope.onmessage = (event) => hear(event.data);
