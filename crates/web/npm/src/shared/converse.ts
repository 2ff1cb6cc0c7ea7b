// The conversation at a prompt: lines become blocks, and blocks are run.

import { ExitError, SandboxError } from './errors.js';
import { Prompt, type Commands } from './prompt.js';
import type { Python } from './python.js';

/** Completes a line: the candidates, and the part of the line that they replace. */
export type Completer = (line: string) => Promise<[string[], string]>;

/** Who reads lines and shows text: Node's terminal, or one in a page. */
export interface Speaker {
  /** Reads a line: null at the end of the input, undefined after Ctrl-C. It begins with `text`. */
  read(prompt: string, secret?: boolean, text?: string): Promise<string | null | undefined>;
  print(text: string): void;
  /** Says something that Python does not say. */
  say(line: string): void;
  completer: Completer | undefined;
}

/** Runs Python's command line and then the prompt. Returns the exit status. */
export async function converse(python: Python, speaker: Speaker, commands: Commands = {}): Promise<number> {
  const prompt = new Prompt(python, (line) => speaker.say(line), commands);
  try {
    await python.ask('runMain');
  } catch (error) {
    if (error instanceof ExitError) return error.status;
    throw error;
  }
  const banner = await prompt.banner();
  if (banner !== '') speaker.print(`${banner}\n`);
  let source: string[] = [];
  speaker.completer = async (line) => {
    // At the beginning of a line Tab indents.
    if (line.trim() === '') return [[`${line}    `], line];
    const all = [...source, line].join('\n');
    const [start, candidates] = await prompt.complete(all, all.length);
    return [candidates, [...all].slice(start).join('')];
  };
  for (;;) {
    const [ps1, ps2] = await prompt.prompts();
    const line = await speaker.read(source.length === 0 ? ps1 : ps2, false, indentation(source.at(-1)));
    if (line === undefined) {
      speaker.print('KeyboardInterrupt\n');
      source = [];
      continue;
    }
    if (line === null) {
      speaker.print('\n');
      return prompt.finalize(0);
    }
    // A line of spaces alone ends a block.
    source.push(line.trim() === '' ? '' : line);
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
      speaker.say(error.message);
      return 1;
    }
  }
}

/** Returns what the next line of a block begins with. */
function indentation(line: string | undefined): string {
  if (line === undefined) return '';
  const [indent] = /^\s*/.exec(line)!;
  return /:\s*(#.*)?$/.test(line) ? `${indent}    ` : indent;
}
