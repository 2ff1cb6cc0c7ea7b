// Memory that the worker and its owner share: requests to end what runs, and bytes for a worker that waits.
//
// The owner is the only one who writes to a ring and the worker the only one who reads it. The worker sleeps on the bell,
// which the owner rings after everything that it does.

/** The places in the control words. */
const enum Word {
  /** Counts what the owner has done. */
  Bell,
  /** 0, or what is asked of Python: `Signal`. */
  Signal,
  /** Where the words of the rings begin: for each, bytes written, bytes read, whether the end was written, and whether
   * the owner has more than fits. */
  Rings,
}

export const enum Signal {
  None = 0,
  Interrupt = 1,
  Terminate = 2,
}

const WORDS_PER_RING = 4;
const CONTROL_BYTES = 256;
/** Bytes of one ring; a power of two. */
const RING = 1 << 16;

/** The rings. */
export const enum Ring {
  Stdin,
  Answers,
}

const RINGS = 2;

export type SharedMemory = SharedArrayBuffer;

/** Makes the memory. `undefined` where it cannot be shared: in a page that is not cross-origin isolated. */
export function share(): SharedMemory | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return undefined;
  return new SharedArrayBuffer(CONTROL_BYTES + RINGS * RING);
}

class Shared {
  protected readonly words: Int32Array;
  private readonly memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, CONTROL_BYTES / 4);
  }

  protected place(ring: Ring): number {
    return Word.Rings + ring * WORDS_PER_RING;
  }

  protected bytes(ring: Ring): Uint8Array {
    return new Uint8Array(this.memory, CONTROL_BYTES + ring * RING, RING);
  }
}

/** The owner's side. */
export class Owner extends Shared {
  /** What did not fit yet. */
  private readonly waiting: Uint8Array[][] = [[], []];
  /** Whether the end follows what did not fit. */
  private readonly ending = [false, false];

  /** Asks something of Python. */
  signal(signal: Signal): void {
    // The end is not taken back by an interrupt.
    if (Atomics.load(this.words, Word.Signal) !== Signal.Terminate) Atomics.store(this.words, Word.Signal, signal);
    this.ring();
  }

  /** Appends bytes to a ring; what does not fit is kept until `drained`. */
  write(ring: Ring, bytes: Uint8Array): void {
    if (bytes.length > 0) this.waiting[ring]!.push(bytes);
    this.drained(ring);
  }

  /** Says that no more bytes will come. */
  end(ring: Ring): void {
    this.ending[ring] = true;
    this.drained(ring);
  }

  /** Begins anew after an end, with what is typed from now on. */
  begin(ring: Ring): void {
    this.waiting[ring] = [];
    this.ending[ring] = false;
    Atomics.store(this.words, this.place(ring) + 2, 0);
  }

  /** Goes on writing: the worker has read something. */
  drained(ring: Ring): void {
    const waiting = this.waiting[ring]!;
    const place = this.place(ring);
    let written = Atomics.load(this.words, place);
    const room = () => RING - ((written - Atomics.load(this.words, place + 1)) >>> 0);
    while (waiting.length > 0) {
      if (room() === 0) {
        Atomics.store(this.words, place + 3, 1);
        // The worker may have read before it could see that.
        if (room() === 0) break;
        Atomics.store(this.words, place + 3, 0);
      }
      const first = waiting[0]!;
      const piece = first.subarray(0, room());
      const start = (written >>> 0) % RING;
      const bytes = this.bytes(ring);
      bytes.set(piece.subarray(0, RING - start), start);
      bytes.set(piece.subarray(RING - start), 0);
      written = (written + piece.length) | 0;
      if (piece.length === first.length) waiting.shift();
      else waiting[0] = first.subarray(piece.length);
      Atomics.store(this.words, place, written);
    }
    if (this.ending[ring] && waiting.length === 0) Atomics.store(this.words, place + 2, 1);
    this.ring();
  }

  /** Wakes the worker. */
  ring(): void {
    Atomics.add(this.words, Word.Bell, 1);
    Atomics.notify(this.words, Word.Bell);
  }
}

/** The worker's side. */
export class Worker extends Shared {
  /** Returns what is asked, without taking it. */
  pending(): Signal {
    return Atomics.load(this.words, Word.Signal);
  }

  /** Takes what is asked. */
  take(): Signal {
    const signal: Signal = Atomics.load(this.words, Word.Signal);
    if (signal === Signal.Interrupt) Atomics.compareExchange(this.words, Word.Signal, Signal.Interrupt, Signal.None);
    return signal;
  }

  /** Drops an interrupt that was asked for before. */
  clear(): void {
    Atomics.compareExchange(this.words, Word.Signal, Signal.Interrupt, Signal.None);
  }

  /** Returns how many bytes can be read. */
  available(ring: Ring): number {
    const place = this.place(ring);
    return (Atomics.load(this.words, place) - Atomics.load(this.words, place + 1)) >>> 0;
  }

  /** Whether no more bytes will come. */
  ended(ring: Ring): boolean {
    return Atomics.load(this.words, this.place(ring) + 2) !== 0;
  }

  /** Reads what is there, and returns how many bytes that was, and whether the owner waits to write more. */
  read(ring: Ring, to: Uint8Array): { count: number; ownerWaits: boolean } {
    const place = this.place(ring);
    const count = Math.min(this.available(ring), to.length);
    const read = Atomics.load(this.words, place + 1);
    const start = (read >>> 0) % RING;
    const bytes = this.bytes(ring);
    const first = Math.min(count, RING - start);
    to.set(bytes.subarray(start, start + first));
    to.set(bytes.subarray(0, count - first), first);
    Atomics.store(this.words, place + 1, (read + count) | 0);
    return { count, ownerWaits: Atomics.exchange(this.words, place + 3, 0) !== 0 };
  }

  /** Returns the bell, to be passed to `sleep` after another look at everything. */
  bell(): number {
    return Atomics.load(this.words, Word.Bell);
  }

  /** Sleeps until the bell is no longer that, or for so many milliseconds. */
  sleep(bell: number, milliseconds: number): void {
    Atomics.wait(this.words, Word.Bell, bell, milliseconds);
  }
}
