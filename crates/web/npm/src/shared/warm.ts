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
const MOST = 3_000;
/** Milliseconds until it begins, if no answer came before. */
const DELAY = 1_000;
/** Milliseconds after the first answer: a program that only wanted that ends before. */
const SOON = 50;
/** How much faster a round is with good code, at least. */
const FASTER = 4;

/** The work on each engine, and what keeps the process alive until it is done. */
const warm = new WeakMap<Engine, { done: Promise<void>; hold: { isHeld: boolean; worker?: WorkerHandle } }>();

function begun(engine: Engine) {
  let under = warm.get(engine);
  if (!under) {
    const hold = { isHeld: false };
    const done = work(engine, hold).catch(() => {
      // It is slower without it, that is all.
    });
    under = { done, hold };
    warm.set(engine, under);
  }
  return under;
}

/** Warms an engine up, once. The promise is resolved when that is done; it is never rejected. */
export function warmUp(engine: Engine): Promise<void> {
  const { done, hold } = begun(engine);
  // Somebody waits for it.
  hold.isHeld = true;
  hold.worker?.hold(true);
  return done;
}

/** Returns a function that begins it. It begins by itself after a while. */
export function warmUpSoon(engine: Engine): () => void {
  if (warm.has(engine)) return () => {};
  let timer: ReturnType<typeof setTimeout>;
  const wait = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => begun(engine), milliseconds);
    (timer as { unref?(): void }).unref?.();
  };
  wait(DELAY);
  let isSoon = false;
  return () => {
    if (!isSoon) wait(SOON);
    isSoon = true;
  };
}

const STREAM = { isTerminal: false };
const DESCRIPTION: Description = {
  limits: { timeout: Infinity, fuel: Infinity, memory: 2 ** 28, output: 0, disk: 0, maxFiles: 0, openFiles: 64 },
  args: [], env: {}, files: [], mounts: [], functions: [], stdin: STREAM, stdout: STREAM, stderr: STREAM, cwd: undefined,
  seed: undefined, clock: undefined, streamLines: false,
};

async function work(engine: Engine, hold: { isHeld: boolean; worker?: WorkerHandle }): Promise<void> {
  const files = await engine.files();
  const worker = (hold.worker = engine.spawn());
  worker.hold(hold.isHeld);
  const description = DESCRIPTION;
  worker.post({ type: 'begin', files, description, state: undefined, shared: undefined, smallStack: engine.smallStack });
  const end = performance.now() + MOST;
  try {
    const times: number[] = [];
    for (let id = 1; performance.now() < end; id++) {
      const start = performance.now();
      if (!(await answered(worker, id))) return;
      times.push(performance.now() - start);
      // The first rounds also load and start Python. The least of several is what others on the machine disturbed least.
      if (id > 12 && Math.min(...times.slice(-4)) < Math.min(...times.slice(2, 6)) / FASTER) return;
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
