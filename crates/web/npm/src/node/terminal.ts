// An interactive session in Node's terminal.

import { readFile, writeFile } from 'node:fs/promises';

import { converse } from '../shared/converse.js';
import type { Commands } from '../shared/prompt.js';
import type { Options, OwnOptions } from '../shared/options.js';
import { create, type Python } from '../shared/python.js';
import { engine } from './engine.js';
import { Lines } from './lines.js';

/** Returns what a program at this terminal has of its own. */
export function atTerminal(lines: () => Lines): OwnOptions {
  const { stdin, stdout, stderr } = process;
  return {
    attended: true,
    terminals: { stdin: Boolean(stdin.isTTY), stdout: Boolean(stdout.isTTY), stderr: Boolean(stderr.isTTY) },
    windowSize: { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 },
    readLine: (prompt, secret) => lines().read(prompt, secret),
  };
}

/** What the prompt can do with files of the machine. */
const COMMANDS: Commands = {
  save: {
    help: '%save FILE     keeps the session in a file',
    async act(prompt, file) {
      if (file === '') throw new Error('%save needs the name of a file');
      await writeFile(file, await prompt.python.save());
      return `saved in ${file}`;
    },
  },
  load: {
    help: '%load FILE     goes on with a session that was saved',
    async act(prompt, file) {
      if (file === '') throw new Error('%load needs the name of a file');
      await prompt.load(Uint8Array.from(await readFile(file)));
      return `loaded ${file}`;
    },
  },
};

/** Runs what the arguments of python3's command line say, and then a prompt. Returns the exit status. */
export async function terminal(args: string[] = [], options: Options = {}): Promise<number> {
  let python: Python | undefined;
  const lines = new Lines(() => python?.interrupt());
  try {
    python = await create(engine, { ...options, args }, atTerminal(() => lines));
    return await converse(python, lines, COMMANDS);
  } finally {
    lines.close();
    await python?.close();
  }
}
