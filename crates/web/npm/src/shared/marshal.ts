// Values on their way to Python and back, in CPython's marshal format, version 2.
//
// The bytes come from the guest and are not trusted: depth and number of elements are bounded, as in
// crates/runner/src/value/marshal.rs.

import { ConversionError } from './errors.js';

/** What Python's values become here. A dict whose keys are all strings is an object, any other one a Map. */
export type Value =
  | null | boolean | number | bigint | string | Uint8Array | Value[] | Set<Value> | Map<Value, Value> | PythonObject
  | { [key: string]: Value };

/** An object of Python's that has no form here: the name of its type, and its repr(). */
export class PythonObject {
  constructor(readonly type: string, readonly repr: string) {}

  toString(): string {
    return this.repr;
  }
}

/** A tuple for Python. */
export class Tuple {
  readonly items: unknown[];

  constructor(...items: unknown[]) {
    this.items = items;
  }
}

const MAX_DEPTH = 256;
const MAX_ELEMENTS = 1 << 24;
const MAX_BYTES = 256 << 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Writes a value. Throws a ConversionError for what has no form in Python. */
export function write(value: unknown): Uint8Array {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.bytes.slice(0, writer.length);
}

class Writer {
  bytes = new Uint8Array(256);
  length = 0;
  private view = new DataView(this.bytes.buffer);
  private elements = 0;
  private inside = new Set<object>();

  value(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new ConversionError(`the value is nested deeper than ${MAX_DEPTH} levels`);
    if (++this.elements > MAX_ELEMENTS) throw new ConversionError(`the value has more than ${MAX_ELEMENTS} elements`);
    switch (typeof value) {
      case 'undefined': return this.code('N');
      case 'boolean': return this.code(value ? 'T' : 'F');
      case 'number': return this.number(value);
      case 'bigint': return this.integer(value);
      case 'string': return this.text(value);
      case 'object': return value === null ? this.code('N') : this.object(value, depth);
      default: throw new ConversionError(`a ${typeof value} has no form in Python`);
    }
  }

  private object(value: object, depth: number): void {
    if (ArrayBuffer.isView(value)) {
      return this.sized('s', new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof ArrayBuffer) return this.sized('s', new Uint8Array(value));
    if (this.inside.has(value)) throw new ConversionError('the value contains itself');
    this.inside.add(value);
    if (Array.isArray(value)) this.items('[', value, depth);
    else if (value instanceof Tuple) this.items('(', value.items, depth);
    else if (value instanceof Set) this.items('<', [...value], depth);
    else if (value instanceof Map) this.pairs(value.entries(), depth);
    else if (value instanceof PythonObject) this.sized('u', encodeText(value.repr));
    else if (isPlain(value)) this.pairs(Object.entries(value), depth);
    else throw new ConversionError(`a ${value.constructor?.name ?? 'value'} has no form in Python`);
    this.inside.delete(value);
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value === (value | 0)) {
        this.code('i');
        return this.int32(value);
      }
      return this.integer(BigInt(value));
    }
    this.code('g');
    this.room(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  private integer(value: bigint): void {
    let rest = value < 0n ? -value : value;
    // In digits of 15 bits, from hexadecimal text: shifting a long BigInt digit by digit takes quadratic time.
    const hex = rest.toString(16);
    const digits: number[] = [];
    let pending = 0;
    let bits = 0;
    for (let at = hex.length - 1; at >= 0; at--) {
      pending |= parseInt(hex[at]!, 16) << bits;
      bits += 4;
      if (bits >= 15) {
        digits.push(pending & 0x7fff);
        pending >>= 15;
        bits -= 15;
      }
    }
    if (pending !== 0) digits.push(pending);
    while (digits.length > 0 && digits[digits.length - 1] === 0) digits.pop();
    this.code('l');
    this.int32(value < 0n ? -digits.length : digits.length);
    this.room(digits.length * 2);
    for (const digit of digits) {
      this.view.setUint16(this.length, digit, true);
      this.length += 2;
    }
  }

  private text(value: string): void {
    this.sized('u', encodeText(value));
  }

  private items(code: string, items: unknown[], depth: number): void {
    this.code(code);
    this.int32(items.length);
    for (const item of items) this.value(item, depth + 1);
  }

  private pairs(pairs: Iterable<[unknown, unknown]>, depth: number): void {
    this.code('{');
    for (const [key, value] of pairs) {
      this.value(key, depth + 1);
      this.value(value, depth + 1);
    }
    this.code('0');
  }

  private sized(code: string, bytes: Uint8Array): void {
    this.code(code);
    this.int32(bytes.length);
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private code(code: string): void {
    this.room(1);
    this.bytes[this.length++] = code.charCodeAt(0);
  }

  private int32(value: number): void {
    this.room(4);
    this.view.setInt32(this.length, value, true);
    this.length += 4;
  }

  private room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > MAX_BYTES) throw new ConversionError(`the value has more than ${MAX_BYTES} bytes`);
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm, such as a worker's, has another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Encodes text as UTF-8; lone surrogates as Python's `surrogatepass` does. */
export function encodeText(text: string): Uint8Array {
  if (isWellFormed(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    // Lone surrogates: three bytes that UTF-8 does not have.
    let text = '';
    for (let at = 0; at < bytes.length;) {
      const first = bytes[at]!;
      const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      const part = bytes.subarray(at, at + length);
      if (first === 0xed && part[1]! >= 0xa0) {
        text += String.fromCharCode(0xd000 | ((part[1]! & 0x3f) << 6) | (part[2]! & 0x3f));
      } else {
        text += decoder.decode(part);
      }
      at += length;
    }
    return text;
  }
}

/** Reads exactly one value. Throws a ConversionError for bytes that are none. */
export function read(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new ConversionError('bytes follow the value');
  return value;
}

class Reader {
  at = 0;
  private elements = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): Value {
    return this.valueOf(this.code(), depth);
  }

  private valueOf(code: string, depth: number): Value {
    if (depth > MAX_DEPTH) throw new ConversionError(`the value is nested deeper than ${MAX_DEPTH} levels`);
    switch (code) {
      case 'N': return null;
      case 'F': return false;
      case 'T': return true;
      case 'i': return this.int32();
      case 'l': return this.integer();
      case 'g': {
        this.need(8);
        const number = this.view.getFloat64(this.at, true);
        this.at += 8;
        return number;
      }
      case 's': return this.sized().slice();
      case 'u': return decodeText(this.sized());
      case '(': {
        const count = this.count();
        if (count === 3 && this.bytes[this.at] === 0x2e) {
          this.at += 1;
          const [type, repr] = [this.value(depth + 1), this.value(depth + 1)];
          if (typeof type !== 'string' || typeof repr !== 'string') throw new ConversionError('an object without its type');
          return new PythonObject(type, repr);
        }
        return this.items(count, depth);
      }
      case '[': return this.items(this.count(), depth);
      case '<': case '>': return new Set(this.items(this.count(), depth));
      case '{': return this.dict(depth);
      default: throw new ConversionError(`unknown type code ${JSON.stringify(code)}`);
    }
  }

  private items(count: number, depth: number): Value[] {
    const items: Value[] = [];
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1));
    return items;
  }

  private dict(depth: number): Value {
    const map = new Map<Value, Value>();
    let plain = true;
    for (let code = this.code(); code !== '0'; code = this.code()) {
      this.charge(2);
      const key = this.valueOf(code, depth + 1);
      // A name that means something to every object does not become a property.
      plain &&= typeof key === 'string' && key !== '__proto__';
      map.set(key, this.value(depth + 1));
    }
    return plain ? Object.fromEntries(map as Map<string, Value>) : map;
  }

  private integer(): Value {
    const count = this.int32();
    const digits = Math.abs(count);
    this.need(digits * 2);
    let hex = '';
    let pending = 0;
    let bits = 0;
    const parts: string[] = [];
    for (let index = 0; index < digits; index++) {
      const digit = this.view.getUint16(this.at, true);
      if (digit > 0x7fff) throw new ConversionError("an integer's digit is out of range");
      this.at += 2;
      pending |= digit << bits;
      bits += 15;
      while (bits >= 4) {
        parts.push((pending & 15).toString(16));
        pending >>>= 4;
        bits -= 4;
      }
    }
    if (bits > 0) parts.push(pending.toString(16));
    hex = parts.reverse().join('') || '0';
    const value = BigInt(`0x${hex}`) * (count < 0 ? -1n : 1n);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private sized(): Uint8Array {
    const length = this.length();
    this.need(length);
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  private count(): number {
    const count = this.length();
    this.charge(count);
    return count;
  }

  private charge(elements: number): void {
    this.elements += elements;
    if (this.elements > MAX_ELEMENTS) throw new ConversionError(`the value has more than ${MAX_ELEMENTS} elements`);
  }

  private length(): number {
    const length = this.int32();
    if (length < 0) throw new ConversionError('negative length');
    return length;
  }

  private int32(): number {
    this.need(4);
    const number = this.view.getInt32(this.at, true);
    this.at += 4;
    return number;
  }

  private code(): string {
    this.need(1);
    return String.fromCharCode(this.bytes[this.at++]!);
  }

  private need(bytes: number): void {
    if (this.at + bytes > this.bytes.length) throw new ConversionError('the value ends too early');
  }
}
