// A folder of the machine, one operation at a time (crates/web/src/folder.rs, which decides where paths lead). No
// operation here follows a link.

import * as fs from 'node:fs';
import { join } from 'node:path';

import { errnoOf, type Folder } from '../shared/core.js';

const enum Operation {
  Stat = 1, List, ReadLink, Open, Read, Write, Close, StatHandle, Resize, MakeDir, RemoveDir, Unlink, Rename, Symlink, Link,
  SetTimes, Sync,
}

const READ = 1;
const WRITE = 2;
const CREATE = 4;
const EXCLUSIVE = 8;
const TRUNCATE = 16;
const KEEP = 0xffffffffffffffffn;

/** Implements the operations by Node's functions. */
export class NodeFolder implements Folder {
  constructor(private readonly path: string) {}

  perform(operation: number, input: Uint8Array, room: number): Uint8Array {
    try {
      return this.act(operation, Buffer.from(input.buffer, input.byteOffset, input.byteLength), room);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw -errnoOf((error as NodeJS.ErrnoException).code);
    }
  }

  private act(operation: Operation, input: Buffer, room: number): Uint8Array {
    const nothing = new Uint8Array(0);
    switch (operation) {
      case Operation.Stat: return attributes(fs.lstatSync(this.at(input), { bigint: true }));
      case Operation.List: return this.list(input);
      case Operation.ReadLink: return fs.readlinkSync(this.at(input), { encoding: 'buffer' });
      case Operation.Open: return number(fs.openSync(this.at(input.subarray(1)), flags(input[0]!), 0o666));
      case Operation.Read: {
        const buffer = new Uint8Array(room);
        const count = fs.readSync(handle(input), buffer, 0, room, offset(input));
        return buffer.subarray(0, count);
      }
      case Operation.Write: return number(fs.writeSync(handle(input), input, 12, input.length - 12, Number(offset(input))));
      case Operation.Close: fs.closeSync(handle(input)); return nothing;
      case Operation.StatHandle: return attributes(fs.fstatSync(handle(input), { bigint: true }));
      case Operation.Resize: fs.ftruncateSync(handle(input), Number(offset(input))); return nothing;
      case Operation.MakeDir: fs.mkdirSync(this.at(input)); return nothing;
      case Operation.RemoveDir: fs.rmdirSync(this.at(input)); return nothing;
      case Operation.Unlink: fs.unlinkSync(this.at(input)); return nothing;
      case Operation.Rename: {
        const [from, to] = two(input);
        fs.renameSync(this.at(from), this.at(to));
        return nothing;
      }
      case Operation.Symlink: {
        const [target, path] = two(input);
        fs.symlinkSync(target, this.at(path));
        return nothing;
      }
      case Operation.Link: {
        const [from, to] = two(input);
        fs.linkSync(this.at(from), this.at(to));
        return nothing;
      }
      case Operation.SetTimes: return this.setTimes(input);
      case Operation.Sync: fs.fsyncSync(handle(input)); return nothing;
    }
  }

  private at(path: Buffer): string {
    return join(this.path, path.toString('utf8'));
  }

  private list(path: Buffer): Uint8Array {
    const parts: Buffer[] = [];
    for (const entry of fs.readdirSync(this.at(path), { withFileTypes: true, encoding: 'buffer' }) as unknown as fs.Dirent<Buffer>[]) {
      parts.push(Buffer.of(kindOf(entry)), entry.name, Buffer.of(0));
    }
    return Buffer.concat(parts);
  }

  private setTimes(input: Buffer): Uint8Array {
    const path = this.at(input.subarray(16));
    const now = fs.statSync(path);
    const time = (at: number, kept: Date) => {
      const nanoseconds = input.readBigUInt64LE(at);
      return nanoseconds === KEEP ? kept : Number(nanoseconds / 1000n) / 1e6;
    };
    fs.utimesSync(path, time(0, now.atime), time(8, now.mtime));
    return new Uint8Array(0);
  }
}

function flags(bits: number): number {
  const { constants } = fs;
  let flags = bits & WRITE ? (bits & READ ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  if (bits & CREATE) flags |= constants.O_CREAT;
  if (bits & EXCLUSIVE) flags |= constants.O_EXCL;
  if (bits & TRUNCATE) flags |= constants.O_TRUNC;
  return flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(found: Kinds): number {
  return found.isFile() ? 1 : found.isDirectory() ? 2 : found.isSymbolicLink() ? 3 : 4;
}

function attributes(stat: fs.BigIntStats): Uint8Array {
  const bytes = Buffer.alloc(48);
  bytes.writeBigUInt64LE(BigInt(kindOf(stat)) | ((stat.mode & 0o777n) << 8n), 0);
  [stat.size, stat.ino, stat.atimeNs, stat.mtimeNs, stat.ctimeNs].forEach((field, index) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, field), 8 + index * 8);
  });
  return bytes;
}

function number(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return Uint8Array.from(bytes);
}

function handle(input: Buffer): number {
  return input.readUInt32LE(0);
}

function offset(input: Buffer): bigint {
  return input.readBigUInt64LE(4);
}

function two(input: Buffer): [Buffer, Buffer] {
  const end = input.indexOf(0);
  return [input.subarray(0, end), input.subarray(end + 1)];
}
