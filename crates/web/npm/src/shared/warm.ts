// Lets the JavaScript engine optimise Python's code before a long program needs it.
//
// An engine first compiles a function quickly, and well only when it is called often. It does not exchange code that is
// running, and a Python program may run for long within one call of CPython's interpreter loop. So a second Python, on
// another worker, makes many short calls. The compiled code is shared by all workers of the process.

import { write, Tuple } from './marshal.js';
import type { Description, FromWorker } from './protocol.js';
import type { Engine, WorkerHandle } from './python.js';

/** A little of what programs do: calls, attributes, strings, lists, dicts, exceptions. */
const WORK = `[(lambda f: f(f, 11))(lambda f, n: n if n < 2 else f(f, n - 1) + f(f, n - 2)),
 sum(i * i % 7 for i in range(300)), len(sorted({str(i): [i] for i in range(150)}, key=len)),
 ''.join(c.upper() for c in 'python' * 30), [divmod(i, 3)[0] + float(i) for i in range(150)]]`;

/** Milliseconds that it takes at most. */
const MOST = 1_500;
/** Milliseconds until it begins, if no answer came before. */
const DELAY = 250;

const begun = new WeakSet<Engine>();

/** Returns a function that begins, once for an engine. It begins by itself after a while. */
export function warmUp(engine: Engine, description: Description): () => void {
  if (begun.has(engine)) return () => {};
  begun.add(engine);
  let isOver = false;
  const begin = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    void work(engine, description).catch(() => {
      // It is slower without it, that is all.
    });
  };
  const timer = setTimeout(begin, DELAY);
  (timer as { unref?(): void }).unref?.();
  return begin;
}

async function work(engine: Engine, like: Description): Promise<void> {
  const files = await engine.files();
  const worker = engine.spawn();
  const none = { isTerminal: false };
  const description: Description = {
    ...like, args: [], env: {}, files: [], mounts: [], functions: [], stdin: none, stdout: none, stderr: none, cwd: undefined,
  };
  worker.post({ type: 'begin', files, description, state: undefined, shared: undefined, smallStack: engine.smallStack });
  const end = performance.now() + MOST;
  try {
    let first = Infinity;
    for (let id = 1; performance.now() < end; id++) {
      const start = performance.now();
      if (!(await answered(worker, id))) return;
      const time = performance.now() - start;
      // The first rounds also load and start Python.
      if (id === 3) first = time;
      if (id > 10 && time < first / 4) return;
    }
  } finally {
    await worker.terminate();
  }
}

function answered(worker: WorkerHandle, id: number): Promise<boolean> {
  return new Promise((resolve) => {
    worker.listen((message: FromWorker) => {
      if (message.type === 'answer' && message.id === id) resolve(!message.error);
    }, () => resolve(false));
    worker.post({ type: 'ask', id, operation: 'request', arguments: [write(new Tuple('evaluate', WORK, '<string>'))] });
  });
}
