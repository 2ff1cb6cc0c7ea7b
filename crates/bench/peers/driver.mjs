// The side of `bench peers` that is the same for every peer with an API in JavaScript: `driver.py` says what a driver
// offers. Here its methods may be asynchronous.

import { createInterface } from 'node:readline';

export class Absent extends Error {}

export class Peer {
  call = 'increased(n)';
  imports = '';
  noSnapshot = 'none in its documentation';

  fresh() {
    return this.create();
  }

  snapshot() {
    throw new Absent(this.noSnapshot);
  }

  /** Resolves when the peer has got ready for work that takes long, if it offers that. */
  ready() {}

  /** The sandbox that stays for the rows of warm calls. */
  async warm() {
    if (!this.kept) {
      this.kept = await this.create();
      await this.ready();
    }
    return this.kept;
  }
}

export function increased(n) {
  return n + 1;
}

function check(answer, right) {
  if (answer !== right) throw new Error(`wrong answer: ${answer} instead of ${right}`);
}

// Measures after a first call, for two seconds at most, and once at least.
async function timed(repeats, act, after = () => {}) {
  await after(await act());
  const times = [];
  const deadline = performance.now() + 2000;
  while (times.length < repeats && (times.length === 0 || performance.now() < deadline)) {
    const start = performance.now();
    const made = await act();
    times.push(performance.now() - start);
    await after(made);
  }
  return times;
}

const held = [];

const tasks = {
  async first(peer, { source, answer }) {
    peer.last = await peer.fresh();
    check(await peer.last.eval(source), answer);
    return [];
  },

  second(peer, { repeats, source, answer }) {
    const act = async () => {
      const sandbox = await peer.fresh();
      check(await sandbox.eval(source), answer);
      return sandbox;
    };
    return timed(repeats, act, (sandbox) => sandbox.close());
  },

  async exec(peer, { repeats, source }) {
    const sandbox = await peer.warm();
    return timed(repeats, () => sandbox.exec(source));
  },

  async eval(peer, { repeats, source, answer }) {
    const sandbox = await peer.warm();
    return timed(repeats, async () => check(await sandbox.eval(source), answer));
  },

  async tool(peer, { repeats }) {
    const sandbox = await peer.create(true);
    if (peer.imports) await sandbox.exec(peer.imports);
    await sandbox.exec(`n = 0\nfor _ in range(10): n = ${peer.call}`);
    const start = performance.now();
    await sandbox.exec(`n = 0\nfor _ in range(${repeats}): n = ${peer.call}`);
    const total = performance.now() - start;
    check(await sandbox.eval('n'), repeats);
    await sandbox.close();
    return [total / repeats];
  },

  async cold(peer, { source: [program, expression], answer }) {
    const sandbox = held.at(-1);
    await sandbox.exec(program);
    const start = performance.now();
    check(await sandbox.eval(expression), answer);
    return [performance.now() - start];
  },

  async loop(peer, { repeats, source: [program, expression], answer }) {
    const sandbox = await peer.warm();
    await sandbox.exec(program);
    return timed(repeats, async () => check(await sandbox.eval(expression), answer));
  },

  async snapshot(peer, { repeats, source }) {
    // A sandbox of its own: others hold what earlier rows left.
    const sandbox = await peer.create();
    await sandbox.exec(source);
    const times = await timed(repeats, () => peer.snapshot(sandbox));
    await sandbox.close();
    return times;
  },

  async restore(peer, { repeats, source, answer }) {
    const sandbox = await peer.create();
    await sandbox.exec(source);
    const state = await peer.snapshot(sandbox);
    await sandbox.exec('x = None');
    const times = await timed(
      repeats,
      () => peer.restore(sandbox, state),
      async () => {
        check(await sandbox.eval('len(x)'), answer);
        await sandbox.exec('x = None');
      },
    );
    await sandbox.close();
    return times;
  },

  async transfer(peer, { repeats }) {
    const sandbox = await peer.warm();
    const data = new Uint8Array(1 << 20).map((_, at) => at);
    return timed(repeats, async () => {
      await sandbox.put(data);
      if (Buffer.compare(Buffer.from(await sandbox.get()), data) !== 0) throw new Error('other bytes came back');
    });
  },

  async hold(peer, { repeats, source, answer }) {
    for (let n = 0; n < repeats; n++) {
      const sandbox = await peer.create();
      check(await sandbox.eval(source), answer);
      held.push(sandbox);
    }
    return [];
  },
};

/** Answers requests, one a line, until standard input ends. */
export async function serve(peer) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer =
        request.task === 'about'
          ? { about: await peer.about(), calls: peer.calls }
          : { ms: await tasks[request.task](peer, request) };
    } catch (error) {
      answer = error instanceof Absent ? { none: error.message } : { error: `${error.name}: ${error.message}` };
    }
    console.log(JSON.stringify(answer));
  }
  process.exit();
}
