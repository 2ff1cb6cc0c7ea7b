// The owner's side of a sandbox: the class that programs use. Python itself runs in a worker.

import { Owner, Ring, Signal, share, type SharedMemory } from './channel.js';
import type { Entry } from './core.js';
import * as errors from './errors.js';
import { exception, type ExceptionDetails } from './exception.js';
import { encodeText, read, Tuple, write, type Value } from './marshal.js';
import { checkLimits, defined, describe, type Mount, type Options, type Output, type OwnOptions } from './options.js';
import type { Description, Files, FromWorker, State, ToWorker } from './protocol.js';
import { receive } from './sent.js';
import { warmUpSoon } from './warm.js';

/** A worker, as Node or a browser has it. */
export interface WorkerHandle {
  post(message: ToWorker): void;
  listen(message: (message: FromWorker) => void, failure: (error: Error) => void): void;
  /** Keeps the process alive, or no longer. */
  hold(held: boolean): void;
  terminate(): Promise<void>;
}

/** What Node or a browser does for a sandbox. */
export interface Engine {
  files(): Promise<Files>;
  spawn(): WorkerHandle;
  /** Whether a worker's stack is a browser's. */
  smallStack: boolean;
  /** Passes output on where nobody else takes it. */
  print(fd: number, bytes: Uint8Array): void;
  /** Checks a folder of the machine, and returns its path. */
  folder(mount: Mount): string;
  /** Reads the process's input, if there is one. */
  readInput?(write: (bytes: Uint8Array) => void, end: () => void): { pause(): void; resume(): void };
}

interface Question {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A Python in a sandbox. `Python.create()` makes one. */
export class Python {
  private readonly questions = new Map<number, Question>();
  private next = 0;
  /** Functions of Python's that functions of the owner have called, by the number of the owner's function. */
  private readonly callbacks = new Map<number, Question[]>();
  private ended: errors.SandboxError | undefined;
  private readonly owner: Owner | undefined;
  private readonly decoders = [new TextDecoder(), new TextDecoder(), new TextDecoder()];
  private input: { pause(): void; resume(): void } | undefined;
  private outputs: { [fd: number]: Output | undefined } = {};

  /** @internal */
  constructor(
    private readonly engine: Engine,
    private readonly worker: WorkerHandle,
    private readonly options: Options,
    private readonly own: OwnOptions,
    private readonly description: Description,
    shared: SharedMemory | undefined,
    private readonly warm: () => void,
  ) {
    this.owner = shared && new Owner(shared);
    this.outputs = { 1: options.stdout, 2: options.stderr };
    worker.listen((message) => this.hear(message), (error) => this.fail(error));
    this.beginInput();
  }

  private beginInput(): void {
    const { stdin } = this.options;
    if (!this.owner) return;
    if (stdin === 'inherit' && this.engine.readInput) {
      const write = (bytes: Uint8Array) => this.owner!.write(Ring.Stdin, bytes);
      this.input = this.engine.readInput(write, () => this.owner!.end(Ring.Stdin));
      return;
    }
    if (stdin !== undefined && stdin !== 'inherit') {
      this.owner.write(Ring.Stdin, typeof stdin === 'string' ? encodeText(stdin) : stdin);
    }
    if (!this.own.terminals?.stdin) this.owner.end(Ring.Stdin);
  }

  /** Appends to what Python reads. */
  write(text: string | Uint8Array): void {
    this.owner?.write(Ring.Stdin, typeof text === 'string' ? encodeText(text) : text);
  }

  // --- The worker ------------------------------------------------------------

  private hear(message: FromWorker): void {
    switch (message.type) {
      case 'answer': {
        const question = this.questions.get(message.id);
        this.questions.delete(message.id);
        this.warm();
        this.rest();
        if (message.error) question?.reject(receive(message.error));
        else question?.resolve(message.value);
        return;
      }
      case 'output': return this.print(message.fd, message.bytes);
      case 'want': return this.input?.resume();
      case 'drained': return this.owner?.drained(message.ring as Ring);
      case 'call': return void this.callFunction(message.id, message.name, message.arguments, message.callables);
      case 'resume': return this.resume(message.id, message.answer);
      case 'line': return void this.readLine(message.prompt, message.secret);
    }
  }

  private print(fd: number, bytes: Uint8Array): void {
    if (this.own.rawOutput) return this.own.rawOutput(fd, bytes);
    const output = this.outputs[fd];
    if (!output) return this.engine.print(fd, bytes);
    const text = this.decoders[fd]!.decode(bytes, { stream: true });
    if (text !== '') output(text);
  }

  private async callFunction(id: number, name: string, bytes: Uint8Array, callables: [number, number][]): Promise<void> {
    const args = read(bytes) as unknown[];
    for (const [place, number] of callables) args[place] = (...inner: unknown[]) => this.callBack(id, number, inner);
    const answer = await this.outcomeOf(name, args);
    this.callbacks.delete(id);
    this.reply(id, answer);
  }

  /** Lets Python call one of its functions, for a function of the owner that is under way. */
  private callBack(id: number, number: number, args: unknown[]): Promise<Value> {
    return new Promise((resolve, reject) => {
      const message = write(new Tuple('call', id, number, new Tuple(...args)));
      // Python calls them in their order.
      this.callbacks.set(id, [...(this.callbacks.get(id) ?? []), { resolve: resolve as (value: unknown) => void, reject }]);
      this.reply(id, message);
    });
  }

  private resume(id: number, bytes: Uint8Array): void {
    const question = this.callbacks.get(id)?.shift();
    const [kind, value, details, text] = read(bytes) as [string, Value, Value, string];
    if (kind === 'value') question?.resolve(value);
    else question?.reject(exception(details as ExceptionDetails | null, text ?? String(value)));
  }

  private async outcomeOf(name: string, args: unknown[]): Promise<Uint8Array> {
    const { functions } = this.options;
    const called = functions && Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!called) return write(new Tuple('error', 'NameError', `the host has no function ${name}`));
    try {
      return write(new Tuple('value', await called(...args)));
    } catch (error) {
      const conversion = error instanceof errors.ConversionError;
      const type = conversion ? 'TypeError' : error instanceof PythonException ? error.type : null;
      return write(new Tuple('error', type, error instanceof Error ? error.message : String(error)));
    }
  }

  private async readLine(prompt: string, secret: boolean): Promise<void> {
    const line = await this.own.readLine?.(prompt, secret);
    if (typeof line === 'string') return this.reply(0, Uint8Array.from([0, ...encodeText(line)]));
    this.reply(0, Uint8Array.of(line === null ? 1 : 2));
  }

  private reply(id: number, bytes: Uint8Array): void {
    const header = new Uint8Array(8);
    const view = new DataView(header.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint32(4, id, true);
    this.owner?.write(Ring.Answers, header);
    this.owner?.write(Ring.Answers, bytes);
  }

  private fail(error: Error): void {
    this.ended ??= new errors.UnusableError(`this sandbox cannot be used any more: ${error.message}`);
    for (const question of this.questions.values()) question.reject(this.ended);
    this.questions.clear();
    this.rest();
  }

  /** Lets the process end if nothing is under way. */
  private rest(): void {
    if (this.questions.size > 0) return;
    this.worker.hold(false);
    this.input?.pause();
  }

  /** @internal */
  ask<T>(operation: string, ...args: unknown[]): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.next;
    this.worker.hold(true);
    return new Promise<T>((resolve, reject) => {
      this.questions.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.post({ type: 'ask', id, operation, arguments: args });
    });
  }

  /** Asks Python's agent, whose answer is `('value', value)`. @internal */
  async request<T>(operation: string, ...args: unknown[]): Promise<T> {
    const answer = await this.ask<Uint8Array>('request', write(new Tuple(operation, ...args)));
    return (read(answer) as [string, T])[1];
  }

  // --- Running ---------------------------------------------------------------

  /** Starts Python now rather than at the first call. */
  async init(): Promise<void> {
    await this.ask('start');
  }

  /** Runs source code, as that of a module. `stdout` and `stderr` get what this call prints. */
  async exec(source: string, outputs: { stdout?: Output; stderr?: Output } = {}): Promise<void> {
    const before = this.outputs;
    this.outputs = { 1: outputs.stdout ?? before[1], 2: outputs.stderr ?? before[2] };
    try {
      await this.request('run', String(source), '<string>');
    } finally {
      this.outputs = before;
    }
  }

  /** Evaluates an expression and returns the repr() of its value. */
  repr(expression: string): Promise<string> {
    return this.request('represent', String(expression), '<string>');
  }

  /** Evaluates an expression and returns its value. */
  eval<T = Value>(expression: string): Promise<T> {
    return this.request('evaluate', String(expression), '<string>');
  }

  /** Runs source code and returns the value of the last statement, if that is an expression, as a notebook does. */
  run<T = Value>(source: string): Promise<T> {
    return this.request('run_to_value', String(source), '<string>');
  }

  /** Calls a function by its name, which may be dotted. */
  call<T = Value>(name: string, args: unknown[] = [], keywords: { [name: string]: unknown } = {}): Promise<T> {
    return this.request('call', name, new Tuple(...args), keywords);
  }

  /** Binds a name to a value. */
  async set(name: string, value: unknown): Promise<void> {
    await this.request('assign', name, value);
  }

  /** Returns the value of a name. */
  get<T = Value>(name: string): Promise<T> {
    return this.request('fetch', name);
  }

  /** Runs a file of the sandbox as `python3 path` does, but in the shared namespace. */
  async runFile(path: string, args: string[] = []): Promise<void> {
    await this.request('run_file', path, new Tuple(...args));
  }

  /** Runs a module as `python3 -m name` does. */
  async runModule(name: string, args: string[] = []): Promise<void> {
    await this.request('run_module', name, new Tuple(...args));
  }

  // --- Files -----------------------------------------------------------------

  /** Makes a file, or replaces the bytes of one. Paths are absolute. */
  async writeFile(path: string, content: Uint8Array | string): Promise<void> {
    await this.ask('writeFile', path, typeof content === 'string' ? encodeText(content) : content);
  }

  /** Returns the bytes of a file. */
  readFile(path: string): Promise<Uint8Array> {
    return this.ask('readFile', path);
  }

  /** Returns the text of a file. */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.readFile(path));
  }

  /** Lists a folder, sorted by name. */
  listDir(path: string): Promise<Entry[]> {
    return this.ask('listDir', path);
  }

  /** Describes a file or a folder. */
  stat(path: string): Promise<Entry> {
    return this.ask('stat', path);
  }

  /** Makes a folder. Those on the way must exist. */
  async makeDir(path: string): Promise<void> {
    await this.ask('makeDir', path);
  }

  /** Removes a file or an empty folder. */
  async remove(path: string): Promise<void> {
    await this.ask('remove', path);
  }

  // --- States ----------------------------------------------------------------

  /** Takes the state of this sandbox, from which others can start, and to which it can go back. */
  async snapshot(): Promise<Snapshot> {
    const state = await this.ask<State>('snapshot');
    return new Snapshot(state, (options) => create(this.engine, { ...this.options, ...options }, {}, state));
  }

  /** Goes back to a state, also when this sandbox cannot be used any more. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.ask('restore', snapshot.state);
  }

  /**
   * Returns the state of this sandbox as the bytes of a file. `load` reads it, in Node and in a page, and so does
   * `python-wasm --resume` of the same build.
   */
  save(): Promise<Uint8Array> {
    return this.ask('save');
  }

  /** Goes on from the bytes that `save` returned, or from a file that `%save` wrote at the native prompt. */
  async load(bytes: Uint8Array): Promise<void> {
    await this.ask('load', bytes);
  }

  /** Returns a second sandbox that goes on from the state of this one. */
  async fork(): Promise<Python> {
    return (await this.snapshot()).spawn();
  }

  // --- Stopping --------------------------------------------------------------

  /** Interrupts what runs, as Ctrl-C does: KeyboardInterrupt in Python, and `InterruptedError` if nobody catches it. */
  interrupt(): void {
    this.owner?.signal(Signal.Interrupt);
  }

  /** Sets limits for the calls that follow. Memory, disk and open files stay. */
  async setLimits(limits: Pick<Options, 'timeout' | 'fuel' | 'output'>): Promise<void> {
    Object.assign(this.description.limits, checkLimits({ ...this.description.limits, ...defined(limits) }));
    await this.ask('setLimits', this.description.limits);
  }

  /** Returns the units of work and the bytes of memory that were used. */
  usage(): Promise<{ fuel: number; memory: number }> {
    return this.ask('usage');
  }

  /** Ends the sandbox and its worker. What is under way is rejected. */
  async close(): Promise<void> {
    if (!this.ended) this.fail(new Error('it was closed'));
    this.owner?.signal(Signal.Terminate);
    this.input?.pause();
    await this.worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The state of a sandbox: objects, open files, files in memory. */
export class Snapshot {
  /** @internal */
  constructor(readonly state: State, private readonly create: (options: Options) => Promise<Python>) {}

  /** Returns a sandbox that goes on from here, with other streams, functions or limits if they are given. */
  spawn(options: Options = {}): Promise<Python> {
    return this.create(options);
  }
}

/** An exception for Python that a function throws: of a built-in class by its name, such as 'ValueError'. */
export class PythonException extends Error {
  constructor(readonly type: string, message: string) {
    super(message);
  }
}

/** Makes a sandbox, which starts at its first call. @internal */
export async function create(engine: Engine, options: Options = {}, own: OwnOptions = {}, state?: State): Promise<Python> {
  const description = describe((mount) => engine.folder(mount), options, own);
  const files = await engine.files();
  const shared = share();
  const worker = engine.spawn();
  const python = new Python(engine, worker, options, own, description, shared, warmUpSoon(engine));
  worker.post({ type: 'begin', files, description, state, shared, smallStack: engine.smallStack });
  if (own.readLine) {
    const { columns, rows } = own.windowSize ?? { columns: 80, rows: 24 };
    void python.ask('terminal', columns, rows).catch(() => {});
  }
  return python;
}
