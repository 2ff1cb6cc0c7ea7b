// Lets the JavaScript engine optimise Python's code before a long program needs it.
//
// An engine first compiles a function quickly, and well only when it is called often. It does not exchange code that is
// running, and a Python program may run for long within one call of CPython's interpreter loop. So a second Python, on
// another worker, makes many short calls. The compiled code is shared by all workers of the process.

import { read, write, Tuple } from './marshal.js';
import type { Description, FromWorker } from './protocol.js';
import type { Engine, WorkerHandle } from './python.js';

/**
 * A little of what programs do: calls, attributes, strings, lists, dicts, exceptions. Its value is the shortest of several
 * times that it took, by Python's own clock: what others on the machine do makes most of them longer. `map` calls the
 * function from C, and so each time by the best code that there is.
 */
const WORK = `min(map(lambda clock: (clock(), [(lambda f: f(f, 11))(lambda f, n: n if n < 2 else f(f, n - 1) + f(f, n - 2)),
 sum(i * i % 7 for i in range(300)), len(sorted({str(i): [i] for i in range(150)}, key=len)),
 ''.join(c.upper() for c in 'python' * 30), [divmod(i, 3)[0] + float(i) for i in range(150)]], clock()),
 [__import__('time').perf_counter] * 4), key=lambda times: times[2] - times[0])[::2]`;

/** Milliseconds that it takes at most, and when somebody waits for it. On a busy machine it needs more than on others. */
const MOST = 3_000;
const MOST_AWAITED = 15_000;
/** Milliseconds until it begins, if no answer came before. */
const DELAY = 1_000;
/** Milliseconds after the first answer: a program that only wanted that ends before. */
const SOON = 50;
/** How much faster a round is with good code, at least. */
const FASTER = 2;
/** The rounds in which no code can be good yet. */
const SLOW = 6;

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
  const begin = performance.now();
  try {
    const times: number[] = [];
    for (let id = 1; performance.now() < begin + (hold.isHeld ? MOST_AWAITED : MOST); id++) {
      const time = await answered(worker, id);
      if (time === undefined) return;
      times.push(time);
      if (id > SLOW && Math.min(...times.slice(-2)) < Math.min(...times.slice(0, SLOW)) / FASTER) return;
    }
  } finally {
    await worker.terminate();
  }
}

/** Does the work once, and returns the seconds that it took; nothing if it failed. */
function answered(worker: WorkerHandle, id: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    worker.listen((message: FromWorker) => {
      if (message.type !== 'answer' || message.id !== id) return;
      if (message.error || !message.value) resolve(undefined);
      else {
        const [, [start, end]] = read(message.value as Uint8Array) as unknown as [string, [number, number]];
        resolve(end - start);
      }
    }, () => resolve(undefined));
    worker.post({ type: 'ask', id, operation: 'request', arguments: [write(new Tuple('evaluate', WORK, '<string>'))] });
  });
}
