// CPython as a WebAssembly instance: its imports, its calls, and everything that stops it.

import { Core, WAITING, type Stop, type Surroundings, type WasiCall } from './core.js';
import { Signal } from './channel.js';
import type { Image } from './image.js';

/** What all instances share. */
export interface Parts {
  core: WebAssembly.Module;
  code: WebAssembly.Module;
  image: Image;
  info: Info;
  /** The module's second part, which is loaded when one of its functions is first called. */
  rest(): WebAssembly.Module;
  /** The memory of a Python that is not initialised. */
  beginning(): Image;
  library(): Uint8Array;
}

/** What the build says of the files. */
export interface Info {
  python: string;
  identity: string;
}

/** What a machine needs from the thread that it is on. */
export interface Thread extends Omit<Surroundings, 'memory' | 'library'> {
  /** Takes what is asked of Python. */
  signal(): Signal;
  /** Answers a request of `host_call`: bytes, or a number below 0 that refuses it. */
  hostCall(request: number, input: Uint8Array): Uint8Array | number;
}

/** How the machine was stopped in the middle of a call. */
export type Outcome =
  | Stop
  | { kind: 'interrupted' }
  | { kind: 'fuel' }
  | { kind: 'recursion' }
  | { kind: 'trap'; message: string };

/** Unwinds Python's frames, from the call of the host that ends it to whoever called Python. */
class Unwind {
  constructor(readonly outcome: Outcome) {}
}

const PAGE = 65536;
/** Bytes below the stack pointer that the interrupted function may be using. */
const RED_ZONE = 4096;
/** Units of work between two looks at the clock and at what is asked. */
const SLICE = 200_000;
/** Work for the handler of an interrupt. */
const HANDLER_FUEL = 1_000_000;
/** The work that a program has to end by itself when its fuel is used up, in two halves. */
const GRACE_FUEL = 100_000_000;
/** The nested calls of C that fit into a browser's stack of 1 MB, and those that CPython allows on WASI. */
const BROWSER_RECURSION = 500;
const USUAL_RECURSION = 5000;

/** Requests of host_call that the core answers, with one number of four bytes. */
const ENDED = 4;
const AGAIN = 0;
const UNAVAILABLE = -3;

/** Limits of memory and recursion. */
export interface MachineOptions {
  /** Bytes. */
  memory: number;
  /** Whether the engine's stack is a browser's, and not one that was made for Python. */
  smallStack: boolean;
}

type Export = (...args: number[]) => number | undefined;

export class Machine {
  readonly core: Core;
  readonly memory: WebAssembly.Memory;
  /** The limit behind an uncaught exception, if there was one: 1 memory, 2 disk. */
  limitMet = 0;
  /** Whether the last call used up its fuel. */
  fuelEnded = false;
  private readonly exports: WebAssembly.Exports;
  private readonly counters: WebAssembly.Global<'i64'>[] = [];
  private readonly stackPointer: WebAssembly.Global<'i32'>;
  private answer: Uint8Array = new Uint8Array(0);
  private inHandler = false;
  /** Units of work used, up to the last look. */
  private spent = 0;
  private granted: number[] = [];
  private fuelLimit = Infinity;
  private grace = 0;

  constructor(
    private readonly parts: Parts,
    private readonly thread: Thread,
    private readonly options: MachineOptions,
    image: Image = parts.image,
  ) {
    const initial = image.length / PAGE;
    const maximum = Math.min(65536, Math.max(initial, Math.floor(options.memory / PAGE)));
    this.memory = new WebAssembly.Memory({ initial, maximum });
    const library = () => parts.library();
    this.core = new Core(parts.core, { ...thread, memory: () => this.memory, library });
    const instance = new WebAssembly.Instance(parts.code, {
      env: { memory: this.memory },
      wasi_snapshot_preview1: this.wasi(),
      python_wasm: {
        host_call: (...args: number[]) => this.hostCall(args),
        fetch_rest: () => this.fetchRest(),
        counter_spent: () => this.counterSpent(0),
      },
    });
    this.exports = instance.exports;
    this.stackPointer = this.exports['__stack_pointer'] as WebAssembly.Global<'i32'>;
    this.addCounter(this.exports);
    this.load(image);
    this.lowerRecursion();
  }

  /** Puts a memory at rest into this machine, whose memory is all zeros. */
  private load(image: Image): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const { start, bytes: run } of image.runs) bytes.set(run, start);
    this.stackPointer.value = image.stackPointer;
  }

  /** Lets C in an initialised Python call itself only as deep as the stack of a browser allows. */
  lowerRecursion(): void {
    this.limitRecursion(BROWSER_RECURSION);
  }

  private limitRecursion(depth: number): void {
    const [counter] = this.counters;
    if (!this.options.smallStack || counter === undefined) return;
    // It is no work of the program's.
    const { value } = counter;
    counter.value = BigInt(HANDLER_FUEL);
    try {
      (this.exports['python_limit_c_recursion'] as Export)(depth);
    } finally {
      counter.value = value;
    }
  }

  /** Copies memory with the usual bound on nested calls, for engines with other stacks. */
  copyMemory(): Uint8Array {
    this.limitRecursion(USUAL_RECURSION);
    try {
      return new Uint8Array(this.memory.buffer).slice();
    } finally {
      this.lowerRecursion();
    }
  }

  /** Starts from nothing: the memory of a Python that is not initialised. */
  beginAnew(): void {
    new Uint8Array(this.memory.buffer).fill(0);
    this.load(this.parts.beginning());
  }

  private wasi(): WebAssembly.ModuleImports {
    const imports: { [name: string]: WasiCall } = {};
    for (const [name, call] of Object.entries(this.core.calls)) {
      const waits = WAITING.has(name);
      imports[name] = (...args) => {
        const errno = call(...args);
        if (errno < 0) throw new Unwind(this.core.stop());
        // If an interrupt ended the call, Python's handler must run before Python sees the errno.
        if (waits) this.poll();
        return errno;
      };
    }
    return imports;
  }

  private hostCall([request, input, inputSize, output, capacity]: number[]): number {
    const bytes = new Uint8Array(this.memory.buffer);
    const question = bytes.slice(input! >>> 0, (input! >>> 0) + inputSize!);
    if (request !== AGAIN) {
      const number = this.core.request(request!, question);
      let answer: Uint8Array | number;
      if (number !== undefined) {
        answer = new Uint8Array(4);
        new DataView(answer.buffer).setInt32(0, number, true);
      } else if (request === ENDED) {
        this.limitMet = question[0] ?? 0;
        answer = new Uint8Array(0);
      } else {
        answer = this.thread.hostCall(request!, question);
      }
      this.poll();
      if (typeof answer === 'number') return answer;
      this.answer = answer;
    }
    const stored = this.answer.subarray(0, Math.max(0, capacity!));
    if ((output! >>> 0) + stored.length > this.memory.buffer.byteLength) return UNAVAILABLE;
    new Uint8Array(this.memory.buffer).set(stored, output! >>> 0);
    return this.answer.length;
  }

  /** Instantiates the module's second part beside the first. */
  private fetchRest(): number {
    const module = this.parts.rest();
    const shared = this.exports['python_wasm_shared'] as WebAssembly.Table;
    const near: WebAssembly.ModuleImports = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      if (from !== 'near') continue;
      near[name] = kind === 'function' ? (shared.get(Number(name)) as WebAssembly.ImportValue) : this.exports[name]!;
    }
    const number = this.counters.length;
    const instance = new WebAssembly.Instance(module, { near, python_wasm: { counter_spent: () => this.counterSpent(number) } });
    this.addCounter(instance.exports);
    return 0;
  }

  private addCounter(exports: WebAssembly.Exports): void {
    this.counters.push(exports['python_wasm_counter'] as WebAssembly.Global<'i64'>);
    this.granted.push(0);
  }

  // --- Work ------------------------------------------------------------------

  /** Limits the work of what follows, in units. */
  setFuel(units: number, grace = GRACE_FUEL): void {
    this.charge();
    this.fuelLimit = this.spent + units;
    this.grace = grace;
    this.fuelEnded = false;
    for (let index = 0; index < this.counters.length; index++) this.grant(index, 0);
  }

  /** Units of work that were used so far. */
  get fuel(): number {
    this.charge();
    return this.spent;
  }

  private charge(): void {
    this.counters.forEach((counter, index) => {
      const left = Math.max(0, Number(counter.value));
      this.spent += Math.max(0, this.granted[index]! - left);
      this.granted[index] = left;
    });
  }

  private grant(index: number, units: number): void {
    this.counters[index]!.value = BigInt(units);
    this.granted[index] = units;
  }

  /** Is called when a slice of work is used up. */
  private counterSpent(index: number): void {
    if (this.inHandler) throw new Unwind({ kind: 'fuel' });
    this.charge();
    this.poll();
    let left = this.fuelLimit - this.spent;
    if (left < 1) {
      const part = this.fuelEnded ? this.grace : Math.ceil(this.grace / 2);
      if (part < 1) throw new Unwind({ kind: 'fuel' });
      this.grace -= part;
      this.fuelLimit = this.spent + part;
      this.fuelEnded = true;
      this.core.interrupt(Signal.Interrupt);
      this.poll();
      left = part;
    }
    this.grant(index, Math.min(left, SLICE));
  }

  /** Looks at everything that can stop Python, and tells it of an interrupt. */
  private poll(): void {
    const signal = this.thread.signal();
    if (signal !== Signal.None) this.core.interrupt(signal);
    const verdict = this.core.poll();
    if (verdict < 0) throw new Unwind(this.core.stop());
    if (verdict > 0) this.deliver();
  }

  /** Calls Python's handler of interrupts. Python may be in the middle of anything. */
  private deliver(): void {
    if (this.inHandler) throw new Unwind({ kind: 'interrupted' });
    const address = this.stackPointer.value;
    const counters = this.counters.map((counter) => counter.value);
    this.stackPointer.value = (address - RED_ZONE) & ~15;
    for (const counter of this.counters) counter.value = BigInt(HANDLER_FUEL);
    this.inHandler = true;
    let unanswered: number;
    try {
      unanswered = (this.exports['python_interrupt'] as Export)() ?? 0;
    } finally {
      this.inHandler = false;
      this.stackPointer.value = address;
      this.counters.forEach((counter, index) => {
        counter.value = counters[index]!;
      });
    }
    if (unanswered !== 0 && !this.fuelEnded && !this.core.isEnding()) throw new Unwind({ kind: 'interrupted' });
    this.core.noteInterrupt();
  }

  // --- Calls -----------------------------------------------------------------

  /** Calls an export. Returns its result, or how it was stopped: then no call can go on from there. */
  call(name: string, ...args: number[]): { value: number } | Outcome {
    try {
      return { value: (this.exports[name] as Export)(...args) ?? 0 };
    } catch (error) {
      if (error instanceof Unwind) return error.outcome;
      // What V8 and the others throw when their stack is full.
      if (error instanceof RangeError || (error as Error)?.name === 'InternalError') return { kind: 'recursion' };
      return { kind: 'trap', message: String((error as Error)?.message ?? error) };
    }
  }

  /** Returns the stack pointer, which a stopped call leaves where it was. */
  get stack(): number {
    return this.stackPointer.value;
  }

  set stack(address: number) {
    this.stackPointer.value = address;
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address >>> 0, length >>> 0);
  }
}
