// What the owner has written for a worker that waits: standard input, and answers to questions.

import { Ring, Signal, type Worker as Channel } from './channel.js';
import type { Stream } from './core.js';
import type { FromWorker } from './protocol.js';

/** The worker's end of the rings. Without a channel there is no input and no answer. */
export class Inbox {
  /** Whether Python waits for input that is not there. */
  wantsInput = false;
  /** When the present call is out of time. */
  deadline = Infinity;

  constructor(private readonly channel: Channel | undefined, private readonly post: (message: FromWorker) => void) {}

  /** Standard input, from the ring. */
  input(): Stream {
    return {
      readable: () => {
        const { channel } = this;
        const ready = !channel || channel.available(Ring.Stdin) > 0 || channel.ended(Ring.Stdin);
        this.wantsInput = !ready;
        return ready;
      },
      available: () => this.channel?.available(Ring.Stdin) ?? 0,
      read: (buffer) => {
        const { channel } = this;
        if (!channel) return 0;
        const { count, ownerWaits } = channel.read(Ring.Stdin, buffer);
        if (ownerWaits) this.post({ type: 'drained', ring: Ring.Stdin });
        if (count > 0) return count;
        return channel.ended(Ring.Stdin) ? 0 : -1;
      },
    };
  }

  /** Reads bytes of the ring of answers, and waits for them. `undefined` if something is asked meanwhile. */
  private answerBytes(count: number): Uint8Array | undefined {
    const channel = this.channel!;
    const bytes = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const bell = channel.bell();
      const { count: some, ownerWaits } = channel.read(Ring.Answers, bytes.subarray(filled));
      filled += some;
      if (ownerWaits) this.post({ type: 'drained', ring: Ring.Answers });
      if (some > 0) continue;
      // A message whose beginning is here comes to its end soon.
      if (filled === 0 && channel.pending() !== Signal.None) return undefined;
      channel.sleep(bell, filled === 0 ? 5_000 : 50);
      if (filled === 0 && this.isOver()) return undefined;
    }
    return bytes;
  }

  private isOver(): boolean {
    return performance.now() > this.deadline;
  }

  /** Waits for the answer to a question of this number. `undefined` if something is asked of Python meanwhile. */
  answerTo(id: number): Uint8Array | undefined {
    for (;;) {
      const header = this.answerBytes(8);
      if (!header) return undefined;
      const view = new DataView(header.buffer);
      const bytes = this.answerBytes(view.getUint32(0, true))!;
      // Any other one belongs to a question that nobody waits for any more.
      if (view.getUint32(4, true) === id) return bytes;
    }
  }
}
