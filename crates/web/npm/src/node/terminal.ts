// An interactive session in Node's terminal.

import { ExitError, SandboxError } from '../shared/errors.js';
import { Prompt } from '../shared/prompt.js';
import { create, type Options, type OwnOptions, type Python } from '../shared/python.js';
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

/** Runs what the arguments of python3's command line say, and then a prompt. Returns the exit status. */
export async function terminal(args: string[] = [], options: Options = {}): Promise<number> {
  let python: Python | undefined;
  const lines = new Lines(() => python?.interrupt());
  try {
    python = await create(engine, { ...options, args }, atTerminal(() => lines));
    return await converse(python, lines);
  } finally {
    lines.close();
    await python?.close();
  }
}

async function converse(python: Python, lines: Lines): Promise<number> {
  const prompt = new Prompt(python, (line) => process.stderr.write(`python-wasm: ${line}\n`));
  try {
    await python.ask('runMain');
  } catch (error) {
    if (error instanceof ExitError) return error.status;
    throw error;
  }
  const banner = await prompt.banner();
  if (banner !== '') process.stdout.write(`${banner}\n`);
  let source: string[] = [];
  lines.completer = async (line) => {
    // At the beginning of a line Tab indents.
    if (line.trim() === '') return [[`${line}    `], line];
    const all = [...source, line].join('\n');
    const [start, candidates] = await prompt.complete(all, all.length);
    const replaced = [...all].slice(start).join('');
    return [candidates, replaced];
  };
  for (;;) {
    const [ps1, ps2] = await prompt.prompts();
    const line = await lines.read(source.length === 0 ? ps1 : ps2);
    if (line === undefined) {
      process.stdout.write('KeyboardInterrupt\n');
      source = [];
      continue;
    }
    if (line === null) {
      process.stdout.write('\n');
      return prompt.finalize(0);
    }
    source.push(line);
    const block = source.join('\n');
    if (block.trim() === '') {
      source = [];
      continue;
    }
    if ((await prompt.completeness(block)) === 'incomplete') continue;
    source = [];
    try {
      const { status } = await prompt.run(block);
      if (status !== undefined) return status;
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      process.stderr.write(`python-wasm: ${error.message}\n`);
      return 1;
    }
  }
}
