// The sandbox's core: wasi-core as a WebAssembly instance (crates/web/src), and what JavaScript does for it.

import { ArgumentError, FileError } from './errors.js';
import { encodeText } from './marshal.js';

/** Where Python's memory is: another buffer after each growth. */
export interface GuestMemory {
  readonly buffer: ArrayBufferLike;
}

/** A stream that the core reads or writes by a number. */
export interface Stream {
  /** Returns the bytes read into the buffer, 0 at the end, or -1 if there are none now. */
  read?(buffer: Uint8Array): number;
  /** Writes all bytes, or throws a negated errno. */
  write?(bytes: Uint8Array): void;
  /** Whether a read would not wait. */
  readable?(): boolean;
  available?(): number;
}

/** A folder that JavaScript has: answers the operations of crates/web/src/folder.rs. Throws a negated errno. */
export interface Folder {
  perform(operation: number, input: Uint8Array, room: number): Uint8Array;
}

/** What the core needs from around it. */
export interface Surroundings {
  memory(): GuestMemory;
  streams: Stream[];
  folders: Folder[];
  library(): Uint8Array;
  /** Waits until `ready` returns true or so many milliseconds have passed. Returns 1 to interrupt, 2 to end. */
  wait(ready: () => boolean, milliseconds: number): number;
  windowSize(): { columns: number; rows: number } | undefined;
}

const WASI = [
  'args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'clock_res_get', 'clock_time_get', 'fd_advise',
  'fd_allocate', 'fd_close', 'fd_datasync', 'fd_fdstat_get', 'fd_fdstat_set_flags', 'fd_fdstat_set_rights',
  'fd_filestat_get', 'fd_filestat_set_size', 'fd_filestat_set_times', 'fd_pread', 'fd_prestat_get',
  'fd_prestat_dir_name', 'fd_pwrite', 'fd_read', 'fd_readdir', 'fd_renumber', 'fd_seek', 'fd_sync', 'fd_tell',
  'fd_write', 'path_create_directory', 'path_filestat_get', 'path_filestat_set_times', 'path_link', 'path_open',
  'path_readlink', 'path_remove_directory', 'path_rename', 'path_symlink', 'path_unlink_file', 'poll_oneoff',
  'proc_exit', 'proc_raise', 'sched_yield', 'random_get', 'sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown',
] as const;

/** The calls that may wait, so that the host has to look at interrupts and the time after them. */
export const WAITING = new Set<string>(['fd_read', 'fd_write', 'poll_oneoff', 'random_get', 'sock_accept', 'sock_recv', 'sock_send']);

export type WasiCall = (...args: (number | bigint)[]) => number;

interface Exports {
  memory: WebAssembly.Memory;
  allocate(length: number): number;
  answer(): number;
  answer_size(): number;
  check(): number;
  stop(): bigint;
  arg(address: number, length: number): void;
  env(address: number, length: number): void;
  stream(fd: number, source: number, isTerminal: number): void;
  limits(openFiles: number, output: bigint, callBytes: number, disk: bigint, files: bigint): void;
  seed(seed: bigint): void;
  moment(moment: bigint): void;
  mount_memory(address: number, length: number): void;
  mount_file(path: number, pathLength: number, address: number, length: number): number;
  mount_folder(address: number, length: number, folder: number, kind: number): number;
  grant(address: number, length: number, folder: number, kind: number): number;
  place(address: number, length: number): void;
  build(): number;
  allow_output(bytes: bigint): void;
  set_time(nanoseconds: bigint, grace: bigint): void;
  postpone(nanoseconds: bigint): void;
  was_warned(): number;
  is_ending(): number;
  interrupt(request: number): void;
  poll(): number;
  note_interrupt(): void;
  save(): number;
  resume(address: number, length: number): number;
  session_pack(identity: number, names: number, namesLength: number, memory: number, memoryLength: number): number;
  session_unpack(identity: number, file: number, length: number, most: bigint, disk: bigint, files: bigint): number;
  request(request: number, address: number, length: number): number;
  file_read(path: number, length: number): number;
  file_write(path: number, length: number, address: number, size: number): number;
  file_list(path: number, length: number): number;
  file_stat(path: number, length: number): number;
  file_make_dir(path: number, length: number): number;
  file_remove(path: number, length: number): number;
}

/** How a guest was stopped by a call. */
export type Stop = { kind: 'exit'; status: number } | { kind: 'deadline' | 'terminated' | 'output' | 'unknown' };

/** What a folder of the machine may be used for; the numbers are those of crates/web/src/context.rs. */
export const enum Access {
  ReadOnly,
  Overlay,
  ReadWrite,
}

/** What stands at a name. */
export interface Entry {
  name: string;
  kind: 'file' | 'folder' | 'link' | 'other';
  size: number;
}

const KINDS: { [filetype: number]: Entry['kind'] } = { 3: 'folder', 4: 'file', 7: 'link' };

export const ENOENT = 44;
const EIO = 29;
const ENOTTY = 59;
const EAGAIN = 6;

/** One instance of the core. */
export class Core {
  private readonly exports: Exports;
  readonly calls: { [name: string]: WasiCall } = {};
  private lastAnswer: Uint8Array = new Uint8Array(0);

  constructor(module: WebAssembly.Module, private readonly around: Surroundings) {
    const instance = new WebAssembly.Instance(module, { host: this.imports() });
    this.exports = instance.exports as unknown as Exports;
    if (this.exports.check() !== 1) throw new Error("the core's exports are not those of this package");
    for (const name of WASI) this.calls[name] = instance.exports[name] as WasiCall;
  }

  private imports(): WebAssembly.ModuleImports {
    const { around } = this;
    const own = (address: number, length: number) => new Uint8Array(this.exports.memory.buffer, address >>> 0, length >>> 0);
    // Renewed when the memory has grown, because then its buffer is another one.
    let buffer: ArrayBufferLike | undefined;
    let bytes: Uint8Array = new Uint8Array(0);
    const guest = () => {
      const present = around.memory().buffer;
      if (present !== buffer) {
        buffer = present;
        bytes = new Uint8Array(present);
      }
      return bytes;
    };
    return {
      memory_size: () => guest().length,
      memory_read: (address: number, to: number, length: number) => {
        const start = address >>> 0;
        own(to, length).set(guest().subarray(start, start + (length >>> 0)));
      },
      memory_write: (address: number, from: number, length: number) => {
        guest().set(own(from, length), address >>> 0);
      },
      now,
      entropy: (to: number, length: number) => {
        const target = own(to, length);
        for (let at = 0; at < target.length; at += 65536) {
          globalThis.crypto.getRandomValues(target.subarray(at, at + 65536));
        }
        return 0;
      },
      wait: (sources: number, ready: number, count: number, end: bigint) => this.wait(own(sources, count * 5), own(ready, count), end),
      window_size: () => {
        const size = around.windowSize();
        return size ? (size.rows << 16) | size.columns : -ENOTTY;
      },
      stream_read: (source: number, to: number, length: number) => {
        const stream = around.streams[source];
        if (!stream?.read) return -EIO;
        // What is read comes from shared memory or elsewhere: not into a view that a growth could detach.
        const count = stream.read(own(to, length));
        return count < 0 ? -EAGAIN : count;
      },
      stream_write: (source: number, from: number, length: number) => {
        const stream = around.streams[source];
        if (!stream?.write) return -EIO;
        try {
          stream.write(own(from, length).slice());
        } catch (error) {
          return typeof error === 'number' ? error : -EIO;
        }
        return length;
      },
      stream_available: (source: number) => around.streams[source]?.available?.() ?? 0,
      folder: (operation: number, folder: number, from: number, length: number, to: number, room: number) => {
        if (operation !== 0) {
          try {
            this.lastAnswer = around.folders[folder]?.perform(operation, own(from, length).slice(), room) ?? new Uint8Array(0);
          } catch (error) {
            return typeof error === 'number' ? error : -EIO;
          }
        }
        // The answer to a write is a number.
        if (operation === 6) return new DataView(this.lastAnswer.buffer).getUint32(0, true);
        own(to, room).set(this.lastAnswer.subarray(0, room >>> 0));
        return this.lastAnswer.length;
      },
      library_size: () => around.library().length,
      library_read: (to: number, length: number) => {
        own(to, length).set(around.library().subarray(0, length >>> 0));
      },
    };
  }

  /** Waits for streams: `sources` has five bytes for each, `ready` one. */
  private wait(sources: Uint8Array, ready: Uint8Array, end: bigint): number {
    const view = new DataView(sources.buffer, sources.byteOffset, sources.byteLength);
    const look = () => {
      let any = false;
      for (let index = 0; index < ready.length; index++) {
        const stream = this.around.streams[view.getUint32(index * 5, true)];
        const asked = sources[index * 5 + 4]!;
        let flags = asked & 2;
        if (asked & 1 && (stream?.readable?.() ?? true)) flags |= 1;
        ready[index] = flags;
        any ||= flags !== 0;
      }
      return any;
    };
    const milliseconds = end < 0n ? Infinity : Math.max(0, Number(end - now(1)) / 1e6);
    return this.around.wait(look, milliseconds);
  }

  private pass(bytes: Uint8Array): [number, number] {
    const address = this.exports.allocate(bytes.length);
    if (address === 0 && bytes.length > 0) throw new RangeError('there is no memory for the bytes');
    new Uint8Array(this.exports.memory.buffer, address >>> 0, bytes.length).set(bytes);
    return [address, bytes.length];
  }

  private passText(text: string): [number, number] {
    return this.pass(encodeText(text));
  }

  private answer(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.exports.answer() >>> 0, this.exports.answer_size()).slice();
  }

  arg(arg: string): void {
    this.exports.arg(...this.passText(arg));
  }

  env(name: string, value: string): void {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0')) throw new ArgumentError(`${JSON.stringify(name)} cannot be a variable`);
    this.exports.env(...this.passText(`${name}=${value}`));
  }

  stream(fd: number, source: number, isTerminal: boolean): void {
    this.exports.stream(fd, source, Number(isTerminal));
  }

  limits(limits: { openFiles: number; output: number; callBytes: number; disk: number; files: number }): void {
    this.exports.limits(limits.openFiles, wide(limits.output), limits.callBytes, wide(limits.disk), wide(limits.files));
  }

  seed(seed: number | bigint): void {
    this.exports.seed(BigInt.asUintN(64, BigInt(seed)));
  }

  moment(nanoseconds: bigint): void {
    this.exports.moment(nanoseconds);
  }

  /** Mounts a tree in memory with these files, by their paths below it. */
  mountMemory(name: string, files: Iterable<[string, Uint8Array]>): void {
    this.exports.mount_memory(...this.passText(name));
    for (const [path, bytes] of files) {
      const errno = -this.exports.mount_file(...this.passText(path), ...this.pass(bytes));
      if (errno !== 0) throw new FileError(`cannot put a file at ${name}/${path}: ${errnoName(errno)}`, errnoName(errno));
    }
  }

  mountFolder(name: string, folder: number, access: Access): void {
    this.exports.mount_folder(...this.passText(name), folder, access);
  }

  /** Mounts a folder now, and returns its descriptor. */
  grant(name: string, folder: number, access: Access): number {
    const fd = this.exports.grant(...this.passText(name), folder, access);
    if (fd < 0) throw new ArgumentError(`${name} cannot be mounted: ${errnoName(-fd)}`);
    return fd;
  }

  /** Lets a folder be found of which nothing is mounted. */
  place(name: string): void {
    this.exports.place(...this.passText(name));
  }

  build(): void {
    const errno = -this.exports.build();
    if (errno !== 0) throw new ArgumentError(`the sandbox cannot be set up: ${errnoName(errno)}`);
  }

  resume(world: Uint8Array): void {
    if (this.exports.resume(...this.pass(world)) !== 0) throw new ArgumentError(new TextDecoder().decode(this.answer()));
  }

  save(): Uint8Array {
    if (this.exports.save() < 0) throw new ArgumentError('the sandbox has something that cannot be saved');
    return this.answer();
  }

  /** Makes the file of a session: this context's state, and a memory in the engine's encoding. */
  pack(identity: Uint8Array, mounts: string[], memory: Uint8Array): Uint8Array {
    const [address] = this.pass(identity);
    const names = this.passText(mounts.map((name) => `${name}\0`).join(''));
    if (this.exports.session_pack(address, ...names, ...this.pass(memory)) < 0) {
      throw new ArgumentError('the sandbox has something that cannot be saved');
    }
    return this.answer();
  }

  /** Reads the file of a session: the world and the encoded memory. Throws an ArgumentError that says what is wrong. */
  unpack(identity: Uint8Array, file: Uint8Array, limits: { most: number; disk: number; files: number }): [Uint8Array, Uint8Array] {
    const [address] = this.pass(identity);
    const size = this.exports.session_unpack(address, ...this.pass(file), wide(limits.most), wide(limits.disk), wide(limits.files));
    const answer = this.answer();
    if (size < 0) throw new ArgumentError(new TextDecoder().decode(answer) || 'the sandbox is not set up');
    const length = new DataView(answer.buffer).getUint32(0, true);
    return [answer.slice(4, 4 + length), answer.slice(4 + length)];
  }

  allowOutput(bytes: number): void {
    this.exports.allow_output(wide(bytes));
  }

  /** Limits the time of what follows, in milliseconds. */
  setTime(milliseconds: number, grace: number): void {
    const nanoseconds = (time: number) => (Number.isFinite(time) ? BigInt(Math.max(1, Math.round(time * 1e6))) : 0n);
    this.exports.set_time(nanoseconds(milliseconds), grace > 0 ? nanoseconds(grace) : 0n);
  }

  postpone(milliseconds: number): void {
    this.exports.postpone(BigInt(Math.round(milliseconds * 1e6)));
  }

  wasWarned(): boolean {
    return this.exports.was_warned() !== 0;
  }

  isEnding(): boolean {
    return this.exports.is_ending() !== 0;
  }

  interrupt(request: number): void {
    this.exports.interrupt(request);
  }

  /** 0 to run on, 1 to tell Python of an interrupt, -1 to stop. */
  poll(): number {
    return this.exports.poll();
  }

  noteInterrupt(): void {
    this.exports.note_interrupt();
  }

  stop(): Stop {
    const code = this.exports.stop();
    if (code >= 0n) return { kind: 'exit', status: Number(code) };
    return { kind: ({ '-2': 'deadline', '-3': 'terminated', '-4': 'output' } as const)[String(code) as '-2'] ?? 'unknown' };
  }

  /** Answers a request of Python's about files; `undefined` for one that is not the core's. */
  request(request: number, input: Uint8Array): number | undefined {
    const answer = this.exports.request(request, ...this.pass(input));
    return answer === -0x80000000 ? undefined : answer;
  }

  private file(what: string, path: string, result: number): Uint8Array {
    if (result >= 0) return this.answer();
    if (!path.startsWith('/')) throw new ArgumentError(`${JSON.stringify(path)} is not an absolute path`);
    throw new FileError(`cannot ${what} ${path}: ${errnoName(-result)}`, errnoName(-result));
  }

  readFile(path: string): Uint8Array {
    return this.file('read', path, this.exports.file_read(...this.passText(path)));
  }

  writeFile(path: string, bytes: Uint8Array): void {
    this.file('write', path, this.exports.file_write(...this.passText(path), ...this.pass(bytes)));
  }

  makeDir(path: string): void {
    this.file('make', path, this.exports.file_make_dir(...this.passText(path)));
  }

  remove(path: string): void {
    this.file('remove', path, this.exports.file_remove(...this.passText(path)));
  }

  stat(path: string): Entry {
    return entries(this.file('find', path, this.exports.file_stat(...this.passText(path))))[0]!;
  }

  listDir(path: string): Entry[] {
    return entries(this.file('list', path, this.exports.file_list(...this.passText(path))));
  }
}

function entries(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const found: Entry[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at + 9);
    const name = decoder.decode(bytes.subarray(at + 9, end));
    found.push({ name, kind: KINDS[bytes[at]!] ?? 'other', size: Number(view.getBigUint64(at + 1, true)) });
    at = end + 1;
  }
  return found;
}

function wide(number: number): bigint {
  return Number.isFinite(number) ? BigInt(Math.max(0, Math.floor(number))) : 0xffffffffffffffffn;
}

/** Returns the time of a clock in nanoseconds: 0 is realtime, the others count from the start. */
function now(clock: number): bigint {
  const time = performance.now() + (clock === 0 ? performance.timeOrigin : 0);
  // In two parts, because nanoseconds since 1970 have more digits than a double.
  const whole = Math.floor(time);
  return BigInt(whole) * 1000000n + BigInt(Math.floor((time - whole) * 1e6));
}

const NAMES = [
  '', 'E2BIG', 'EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EAGAIN', 'EALREADY', 'EBADF', 'EBADMSG', 'EBUSY',
  'ECANCELED', 'ECHILD', 'ECONNABORTED', 'ECONNREFUSED', 'ECONNRESET', 'EDEADLK', 'EDESTADDRREQ', 'EDOM', 'EDQUOT',
  'EEXIST', 'EFAULT', 'EFBIG', 'EHOSTUNREACH', 'EIDRM', 'EILSEQ', 'EINPROGRESS', 'EINTR', 'EINVAL', 'EIO', 'EISCONN',
  'EISDIR', 'ELOOP', 'EMFILE', 'EMLINK', 'EMSGSIZE', 'EMULTIHOP', 'ENAMETOOLONG', 'ENETDOWN', 'ENETRESET', 'ENETUNREACH',
  'ENFILE', 'ENOBUFS', 'ENODEV', 'ENOENT', 'ENOEXEC', 'ENOLCK', 'ENOLINK', 'ENOMEM', 'ENOMSG', 'ENOPROTOOPT', 'ENOSPC',
  'ENOSYS', 'ENOTCONN', 'ENOTDIR', 'ENOTEMPTY', 'ENOTRECOVERABLE', 'ENOTSOCK', 'ENOTSUP', 'ENOTTY', 'ENXIO', 'EOVERFLOW',
  'EOWNERDEAD', 'EPERM', 'EPIPE', 'EPROTO', 'EPROTONOSUPPORT', 'EPROTOTYPE', 'ERANGE', 'EROFS', 'ESPIPE', 'ESRCH',
  'ESTALE', 'ETIMEDOUT', 'ETXTBSY', 'EXDEV', 'ENOTCAPABLE',
];

/** Returns the name of one of WASI's error numbers. */
export function errnoName(errno: number): string {
  return NAMES[errno] ?? `error ${errno}`;
}

/** Returns WASI's number for the name of an error of Node's. */
export function errnoOf(name: string | undefined): number {
  const number = NAMES.indexOf(name ?? '');
  return number > 0 ? number : EIO;
}
