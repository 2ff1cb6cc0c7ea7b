// One Python in its sandbox, on the thread of a worker: it answers requests one at a time.

import { Signal, type Worker as Channel } from './channel.js';
import { Access, type Folder, type Stream } from './core.js';
import * as errors from './errors.js';
import { exception, type ExceptionDetails } from './exception.js';
import { decode, encode } from './delta.js';
import { takeImage } from './image.js';
import { Inbox } from './inbox.js';
import { Machine, type Outcome, type Parts, type Thread } from './machine.js';
import { read, Tuple, write, type Value } from './marshal.js';
import type { Description, Limits, State } from './protocol.js';

/** What the session needs from the worker. */
export interface Host {
  post(message: import('./protocol.js').FromWorker): void;
  channel: Channel | undefined;
  folder(path: string): Folder;
  /** Writes to a descriptor of the process itself, or throws a negated errno. */
  write(fd: number, bytes: Uint8Array): void;
  smallStack: boolean;
  /** Sleeps without a channel. */
  sleep(milliseconds: number): void;
}

/** Requests of host_call: python_wasm_contract's `host_call`. */
const CWD = 1;
const READLINE = 2;
const GRANT = 3;
const PAGE = 6;
const FUNCTION = 7;
const READ_ANSWER = 0;
const READ_SECRET = 1;
const EOF = -1;
const INTERRUPTED = -2;
const UNAVAILABLE = -3;

/** The time that a program has to end by itself after it was interrupted at the end of its time. */
const GRACE = 500;
/** What starting Python may take beside the time and fuel of one call. */
const START_TIME = 10_000;
const START_FUEL = 1_000_000_000;
/** What saving the output of a stopped program may take. */
const FLUSH_TIME = 1_000;
const FLUSH_FUEL = 10_000_000;
/** The most bytes of one answer. */
const MAX_ANSWER = 256 << 20;

/** Bytes of a saved session beside the memory and the content of files. */
const BESIDE = 64 << 20;
/** The mounts that every sandbox has. */
const MOUNTS = ['/usr', '/dev', '/tmp', '/home/user', '/'];

const MEMORY_MET = 1;

type State_ = { kind: 'fresh' } | { kind: 'ready' } | { kind: 'lost'; error: errors.SandboxError };

export class Session {
  private machine!: Machine;
  private state: State_ = { kind: 'fresh' };
  private outputLeft = 0;
  /** Whether Python must seed anew, because others go on from the same memory. */
  private renew = false;
  private isTold = false;
  private readonly inbox: Inbox;
  private nextCall = 0;

  constructor(private readonly parts: Parts, private description: Description, private readonly host: Host, state?: State) {
    this.inbox = new Inbox(host.channel, host.post);
    if (state) this.resume(state);
    else this.build();
  }

  get limits(): Limits {
    return this.description.limits;
  }

  // --- Making it -------------------------------------------------------------

  private thread(): Thread {
    const { host } = this;
    const { stdout, stderr } = this.description;
    const out = (fd: number): Stream => ({
      write: (fd === 2 ? stderr : stdout).isDirect
        ? (bytes) => host.write(fd, bytes)
        : (bytes) => host.post({ type: 'output', fd, bytes }),
    });
    return {
      streams: [this.inbox.input(), out(1), out(2)],
      folders: this.description.mounts.map(({ path }) => host.folder(path)),
      wait: (ready, milliseconds) => this.wait(ready, milliseconds),
      windowSize: () => this.windowSize,
      signal: () => host.channel?.take() ?? Signal.None,
      hostCall: (request, input) => this.hostCall(request, input),
    };
  }

  windowSize: { columns: number; rows: number } | undefined;

  private machineWith(image?: State['image']): Machine {
    const { host, limits } = this;
    return new Machine(this.parts, this.thread(), { memory: limits.memory, smallStack: host.smallStack }, image);
  }

  private describe(): void {
    const { core } = this.machine;
    const { description } = this;
    const { limits } = description;
    const { output, disk, maxFiles: files, openFiles } = limits;
    core.limits({ openFiles, output, callBytes: 64 << 20, disk, files });
    if (description.seed !== undefined) core.seed(description.seed);
    if (description.clock !== undefined) core.moment(BigInt(Math.round(description.clock)) * 1_000_000n);
    core.stream(0, 0, description.stdin.isTerminal);
    core.stream(1, 1, description.stdout.isTerminal);
    core.stream(2, 2, description.stderr.isTerminal);
    const access = { readOnly: Access.ReadOnly, overlay: Access.Overlay, readWrite: Access.ReadWrite };
    description.mounts.forEach((mount, index) => core.mountFolder(mount.name, index, access[mount.access]));
  }

  private build(): void {
    this.machine = this.machineWith();
    const { core } = this.machine;
    const { description } = this;
    this.describe();
    if (description.cwd !== undefined) core.place(description.cwd);
    for (const [name, files] of description.files) core.mountMemory(name, files);
    for (const arg of ['/usr/bin/python3', ...description.args]) core.arg(arg);
    for (const [name, value] of Object.entries(description.env)) core.env(name, value);
    core.build();
    this.outputLeft = this.limits.output;
  }

  /** Goes on from a state, in a new instance. */
  resume(state: State): void {
    if (state.identity !== this.parts.info.identity) {
      throw new errors.ArgumentError('the snapshot was made by another build of this package');
    }
    const before = this.machine;
    try {
      this.machine = this.machineWith(state.image);
      this.describe();
      this.machine.core.resume(state.world);
    } catch (error) {
      this.machine = before;
      throw error;
    }
    this.state = { kind: 'ready' };
    this.renew = true;
    this.isTold = sameNames(state.functions, this.description.functions);
    this.outputLeft = this.limits.output;
  }

  /** Takes the state between two calls. */
  snapshot(): State {
    this.start();
    const { memory, core } = this.machine;
    const share = (bytes: Uint8Array) => {
      const copy = new Uint8Array(sharedBuffer(bytes.length));
      copy.set(bytes);
      return copy;
    };
    const image = takeImage(new Uint8Array(memory.buffer), this.machine.stack, share);
    const functions = this.isTold ? this.description.functions : [];
    return { image, world: core.save(), identity: this.parts.info.identity, functions };
  }

  /** Returns the state between two calls as the bytes of a file, which the native program resumes, too. */
  save(): Uint8Array {
    this.start();
    const memory = this.machine.copyMemory();
    const mounts = [...MOUNTS, ...this.description.files.map(([name]) => name), ...this.description.mounts.map(({ name }) => name)];
    return this.core.pack(this.identity, mounts, encode(memory, this.machine.stack, this.parts.image));
  }

  /** Goes on from the bytes of a file, also one of the native program. */
  load(file: Uint8Array): void {
    const { memory, disk, maxFiles: files } = this.limits;
    const [world, encoded] = this.core.unpack(this.identity, file, { most: memory + disk + BESIDE, disk, files });
    const image = decode(encoded, this.parts.image, memory);
    this.resume({ image, world, identity: this.parts.info.identity, functions: [] });
  }

  private get identity(): Uint8Array {
    return Uint8Array.from(this.parts.info.identity.match(/../g)!, (byte) => parseInt(byte, 16));
  }

  // --- Waiting ---------------------------------------------------------------

  private wait(ready: () => boolean, milliseconds: number): number {
    const { channel } = this.host;
    const end = performance.now() + milliseconds;
    if (!channel) {
      if (!ready()) this.host.sleep(Math.min(milliseconds, 0x7fffffff));
      return ready() ? 0 : 0;
    }
    for (;;) {
      const bell = channel.bell();
      const signal = channel.take();
      if (ready()) {
        // What was asked for is not lost: the machine looks after the call.
        if (signal !== Signal.None) this.machine.core.interrupt(signal);
        return 0;
      }
      if (signal !== Signal.None) return signal;
      const left = end - performance.now();
      if (left <= 0) return 0;
      if (this.inbox.wantsInput) {
        this.inbox.wantsInput = false;
        this.host.post({ type: 'want', what: 'input' });
      }
      channel.sleep(bell, left);
    }
  }

  // --- What Python asks ------------------------------------------------------

  private hostCall(request: number, input: Uint8Array): Uint8Array | number {
    switch (request) {
      case CWD: return this.description.cwd === undefined ? UNAVAILABLE : new TextEncoder().encode(this.description.cwd);
      case READLINE: return this.readLine(input);
      case GRANT: return new Uint8Array(0);
      case PAGE: return UNAVAILABLE;
      case FUNCTION: return this.function(input);
      default: return UNAVAILABLE;
    }
  }

  /** Whether lines are read by the owner's editor, as at a terminal. */
  editsLines = false;

  private readLine(input: Uint8Array): Uint8Array | number {
    const mode = input[0];
    if (!this.editsLines || !this.host.channel || (mode !== READ_ANSWER && mode !== READ_SECRET)) return UNAVAILABLE;
    const begun = performance.now();
    this.host.post({ type: 'line', prompt: new TextDecoder().decode(input.subarray(1)), secret: mode === READ_SECRET });
    const answer = this.lineAnswer();
    // What a person takes to type is not the program's time.
    this.machine.core.postpone(performance.now() - begun);
    return answer;
  }

  private lineAnswer(): Uint8Array | number {
    // Lines have the number 0: only one is asked for at a time.
    const line = this.inbox.answerTo(0);
    if (!line) return INTERRUPTED;
    const [kind, ...rest] = line;
    if (kind === 0) return Uint8Array.from([...rest, 10]);
    return kind === 1 ? EOF : INTERRUPTED;
  }

  private function(message: Uint8Array): Uint8Array | number {
    if (!this.host.channel) {
      return write(new Tuple('error', 'RuntimeError', 'functions of the host need a page that is cross-origin isolated'));
    }
    const [kind, ...rest] = read(message) as [string, ...Value[]];
    if (kind === 'abandon') return write(new Tuple('value', null));
    let id: number;
    if (kind === 'call') {
      id = ++this.nextCall;
      const [name, args, callables] = rest as [string, Value[], Map<number, number> | object];
      const places = callables instanceof Map ? [...callables] : [];
      this.host.post({ type: 'call', id, name, arguments: write(args), callables: places });
    } else if (kind === 'resume') {
      id = rest[0] as number;
      this.host.post({ type: 'resume', id, answer: write(rest[1]) });
    } else if (kind === 'wait') {
      id = rest[0] as number;
    } else {
      return UNAVAILABLE;
    }
    // While nothing is asked of Python it waits for the function; then it is told of the interrupt and waits again.
    return this.inbox.answerTo(id) ?? write(new Tuple('running', id));
  }

  // --- Requests --------------------------------------------------------------

  /** Starts Python, unless it has started. */
  start(): void {
    if (this.state.kind === 'lost') throw new errors.UnusableError(`this sandbox cannot be used any more: ${this.state.error.message}`);
    if (this.state.kind === 'fresh') {
      const { timeout, fuel } = this.limits;
      this.limit(timeout + START_TIME, 0, fuel + START_FUEL, 0);
      const adopted = this.call('python_adopt');
      if (adopted !== 0) {
        this.machine.beginAnew();
        this.call('_initialize');
        this.call('python_initialize');
        this.machine.lowerRecursion();
      }
      this.state = { kind: 'ready' };
    }
    if (!this.isTold) {
      this.isTold = true;
      if (this.description.streamLines) this.ask('stream_lines');
      const { functions } = this.description;
      if (functions.length > 0) this.ask('functions', functions, []);
    }
  }

  private limit(time: number, grace: number, fuel: number, graceFuel?: number): void {
    this.host.channel?.clear();
    this.machine.core.interrupt(Signal.None);
    this.machine.core.setTime(time, grace);
    this.inbox.deadline = performance.now() + time;
    this.machine.setFuel(fuel, graceFuel);
    this.machine.limitMet = 0;
  }

  /** Asks the agent (cpython/guest/_python_wasm.py), with the limits of one call. Returns an answer with a value. */
  request(request: Uint8Array): Uint8Array {
    this.start();
    this.machine.core.allowOutput(this.outputLeft);
    this.limit(this.limits.timeout, GRACE, this.limits.fuel);
    if (this.renew) {
      this.renew = false;
      this.exchange(write(new Tuple('renew')));
    }
    return this.exchange(request);
  }

  private ask(operation: string, ...args: unknown[]): void {
    this.limit(this.limits.timeout, GRACE, this.limits.fuel);
    this.exchange(write(new Tuple(operation, ...args)));
  }

  private exchange(request: Uint8Array): Uint8Array {
    const buffer = this.call('python_buffer', request.length);
    if (buffer === 0) throw new errors.OutOfMemoryError('there is no memory for the request');
    this.machine.bytes(buffer, request.length).set(request);
    const answer = this.call('python_request', request.length);
    if (answer === 0) throw new errors.OutOfMemoryError('python has no memory left');
    const place = this.machine.bytes(answer, 8);
    const view = new DataView(place.buffer, place.byteOffset, 8);
    const [address, size] = [view.getUint32(0, true), view.getUint32(4, true)];
    if (address === 0) throw this.lose(new errors.TrapError(BROKEN));
    if (size > MAX_ANSWER) throw new errors.ConversionError(`the value has more than ${MAX_ANSWER} bytes`);
    const bytes = this.machine.bytes(address, size).slice();
    // A value is read by the owner.
    if (!VALUE.every((byte, index) => bytes[index] === byte)) throw this.failure(read(bytes));
    return bytes;
  }

  /** Reads an answer that is not a value. */
  private failure(answer: Value): errors.SandboxError {
    if (!Array.isArray(answer)) throw this.lose(new errors.TrapError(BROKEN));
    const [kind, first, second, third] = answer;
    switch (kind) {
      case 'exit': throw new errors.ExitError(Number(first) | 0);
      case 'refused': throw new errors.ArgumentError(String(first));
      case 'unconvertible': throw new errors.ConversionError(String(first));
      case 'exception': switch (first) {
        case 'memory': throw new errors.OutOfMemoryError('python has no memory left (memory)');
        case 'disk': throw new errors.DiskLimitError('there is no room left (disk, maxFiles)');
        case 'interrupt': throw this.interrupted();
        default: throw exception(second as ExceptionDetails, String(third));
      }
      default: throw this.lose(new errors.TrapError(BROKEN));
    }
  }

  private interrupted(): errors.SandboxError {
    if (this.machine.core.wasWarned()) return new errors.TimeoutError(`stopped after ${this.limits.timeout} ms (timeout)`);
    if (this.machine.fuelEnded) return new errors.OutOfFuelError(`stopped after ${this.limits.fuel} units of work (fuel)`);
    return new errors.InterruptedError('interrupted');
  }

  /** Calls an export. If it does not return, Python is lost. */
  private call(name: string, ...args: number[]): number {
    const stack = this.machine.stack;
    const outcome = this.machine.call(name, ...args);
    if ('value' in outcome) return outcome.value;
    const error = this.lose(this.errorOf(outcome));
    if (outcome.kind !== 'exit') this.saveOutput(stack);
    throw error;
  }

  private lose(error: errors.SandboxError): errors.SandboxError {
    this.state = { kind: 'lost', error };
    return error;
  }

  private errorOf(outcome: Outcome): errors.SandboxError {
    switch (outcome.kind) {
      case 'exit': return new errors.ExitError(outcome.status | 0);
      case 'deadline': return new errors.TimeoutError(`stopped after ${this.limits.timeout} ms (timeout)`);
      case 'terminated': return new errors.InterruptedError('stopped');
      case 'interrupted': return this.interrupted();
      case 'fuel': return new errors.OutOfFuelError(`stopped after ${this.limits.fuel} units of work (fuel)`);
      case 'output': return new errors.OutputLimitError(`stopped after ${this.limits.output} bytes of output (output)`);
      case 'recursion': return new errors.TrapError('the recursion is deeper than the stack of this JavaScript engine');
      case 'unknown': return new errors.TrapError('the sandbox has stopped python');
      case 'trap': return new errors.TrapError(outcome.message);
    }
  }

  /** Passes on what a stopped program has printed and Python has still buffered. */
  private saveOutput(stack: number): void {
    this.machine.stack = stack;
    this.machine.core.interrupt(Signal.None);
    this.machine.core.setTime(FLUSH_TIME, 0);
    this.machine.setFuel(FLUSH_FUEL, 0);
    this.machine.call('python_flush');
  }

  /** Runs the whole command line, as python3 does, and returns the exit status. */
  main(): number {
    try {
      this.start();
      this.machine.core.allowOutput(this.outputLeft);
      this.limit(this.limits.timeout, 0, this.limits.fuel, 0);
      this.call('python_main');
      return 0;
    } catch (error) {
      if (error instanceof errors.ExitError) return this.ended(error.status);
      throw error;
    }
  }

  /** Runs what comes before a prompt. */
  runMain(): number {
    this.start();
    this.limit(this.limits.timeout, GRACE, this.limits.fuel);
    return this.call('python_run_main');
  }

  /** Ends Python as python3 does at its end. */
  finalize(status: number): number {
    this.start();
    this.limit(this.limits.timeout, GRACE, this.limits.fuel);
    try {
      return this.call('python_finalize', status);
    } catch (error) {
      if (error instanceof errors.ExitError) return error.status;
      throw error;
    }
  }

  /** Throws the limit that an unhandled exception met, if it did. */
  private ended(status: number): number {
    if (status !== 1) return status;
    if (this.machine.limitMet === MEMORY_MET) throw new errors.OutOfMemoryError('python has no memory left (memory)');
    if (this.machine.limitMet !== 0) throw new errors.DiskLimitError('there is no room left (disk, maxFiles)');
    return status;
  }

  /** The core, for the files of the sandbox. */
  get core() {
    return this.machine.core;
  }

  /** What was used so far. */
  usage(): { fuel: number; memory: number } {
    return { fuel: this.machine.fuel, memory: this.machine.memory.buffer.byteLength };
  }

  setLimits(limits: Limits): void {
    this.description = { ...this.description, limits };
    this.outputLeft = limits.output;
  }
}

/** How an answer with a value begins: `('value', ...)`. */
const VALUE = [0x28, 2, 0, 0, 0, 0x75, 5, 0, 0, 0, 0x76, 0x61, 0x6c, 0x75, 0x65];

const BROKEN = 'the program has taken apart the module that answers for python';

function sharedBuffer(length: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(length) : new SharedArrayBuffer(length);
}

function sameNames(some: string[], others: string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
