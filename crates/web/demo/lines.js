// A line editor in an xterm terminal: keys, history, completion. It is the `Speaker` of a conversation.

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const KEY = /^(\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|\x1b.|[^])/u;

/** The history of lines, kept in the browser. */
class History {
  constructor(name) {
    this.name = name;
    try {
      this.lines = JSON.parse(localStorage.getItem(name)) ?? [];
    } catch {
      this.lines = [];
    }
  }

  add(line) {
    if (line.trim() === '' || this.lines.at(-1) === line) return;
    this.lines = [...this.lines, line].slice(-500);
    try {
      localStorage.setItem(this.name, JSON.stringify(this.lines));
    } catch {
      // A browser that keeps nothing has a history for this visit alone.
    }
  }
}

export class Lines {
  completer = undefined;

  /** `interrupt` is called for a Ctrl-C while nobody waits for a line. */
  constructor(terminal, interrupt) {
    this.terminal = terminal;
    this.interrupt = interrupt;
    this.history = new History('python-wasm-history');
    this.keys = [];
    this.question = undefined;
    this.isBusy = false;
    terminal.onData((data) => this.type(data));
  }

  print(text) {
    this.terminal.write(text.replaceAll('\n', '\r\n'));
  }

  say(line) {
    this.print(`\x1b[2m${line}\x1b[0m\n`);
  }

  /** Reads a line: null at the end of the input, undefined after Ctrl-C. */
  read(prompt, isSecret = false, text = '') {
    const begun = prompt.lastIndexOf('\n') + 1;
    this.print(prompt.slice(0, begun));
    return new Promise((resolve) => {
      this.question = { prompt: prompt.slice(begun), isSecret, resolve, text: [...text], cursor: [...text].length, at: this.history.lines.length, kept: '', row: 0 };
      this.draw();
      void this.drain();
    });
  }

  /** Takes keys, or pasted text. */
  type(data) {
    if (!this.question && data === '\x03') {
      this.keys = [];
      this.interrupt();
      return;
    }
    let rest = data.replaceAll('\r\n', '\r').replaceAll('\n', '\r');
    while (rest !== '') {
      const [key] = KEY.exec(rest);
      this.keys.push(key);
      rest = rest.slice(key.length);
    }
    void this.drain();
  }

  async drain() {
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.question && this.keys.length > 0) await this.press(this.keys.shift());
    this.isBusy = false;
  }

  finish(value, shown = '') {
    const { question } = this;
    question.cursor = question.text.length;
    this.draw();
    this.print(`${shown}\n`);
    this.question = undefined;
    question.resolve(value);
  }

  async press(key) {
    const { question } = this;
    const { text, cursor } = question;
    const move = (to) => {
      question.cursor = Math.max(0, Math.min(text.length, to));
    };
    const cut = (from, to) => {
      text.splice(from, to - from);
      question.cursor = from;
    };
    const wordBefore = () => /\S*\s*$/u.exec(text.slice(0, cursor).join('')).index;
    switch (key) {
      case '\r': {
        const line = text.join('');
        if (!question.isSecret) this.history.add(line);
        return this.finish(line);
      }
      case '\x03': return this.finish(undefined, '^C');
      case '\x04':
        if (text.length === 0) return this.finish(null);
        cut(cursor, Math.min(cursor + 1, text.length));
        break;
      case '\x7f': case '\b': {
        // In the indentation it takes a level.
        const before = text.slice(0, cursor);
        const level = before.length > 0 && before.every((character) => character === ' ') ? (before.length - 1) % 4 + 1 : 1;
        if (cursor > 0) cut(cursor - level, cursor);
        break;
      }
      case '\x1b[3~': cut(cursor, Math.min(cursor + 1, text.length)); break;
      case '\x1b[D': case '\x02': move(cursor - 1); break;
      case '\x1b[C': case '\x06': move(cursor + 1); break;
      case '\x1b[H': case '\x1bOH': case '\x01': move(0); break;
      case '\x1b[F': case '\x1bOF': case '\x05': move(text.length); break;
      case '\x1b[1;5D': case '\x1bb': move([...text.slice(0, cursor).join('').slice(0, wordBefore())].length); break;
      case '\x1b[1;5C': case '\x1bf': move(cursor + /^\s*\S*/u.exec(text.slice(cursor).join(''))[0].length); break;
      case '\x0b': cut(cursor, text.length); break;
      case '\x15': cut(0, cursor); break;
      case '\x17': cut(wordBefore(), cursor); break;
      case '\x0c': this.terminal.write('\x1b[2J\x1b[H'); question.row = 0; break;
      case '\x1b[A': case '\x10': this.recall(-1); break;
      case '\x1b[B': case '\x0e': this.recall(1); break;
      case '\t': await this.complete(); break;
      default:
        if (key < ' ' || key.startsWith('\x1b')) return;
        text.splice(cursor, 0, key);
        question.cursor += 1;
    }
    if (this.question === question) this.draw();
  }

  recall(step) {
    const { question, history } = this;
    const to = question.at + step;
    if (to < 0 || to > history.lines.length) return;
    if (question.at === history.lines.length) question.kept = question.text.join('');
    question.at = to;
    question.text = [...(to === history.lines.length ? question.kept : history.lines[to])];
    question.cursor = question.text.length;
  }

  async complete() {
    const { question } = this;
    if (question.isSecret) return;
    if (!this.completer || !this.completes) {
      question.text.splice(question.cursor, 0, ...'    ');
      question.cursor += 4;
      return;
    }
    const before = question.text.slice(0, question.cursor).join('');
    const [candidates, replaced] = await this.completer(before);
    if (this.question !== question || candidates.length === 0) return;
    const common = candidates.reduce((some, other) => {
      let length = 0;
      while (length < some.length && some[length] === other[length]) length += 1;
      return some.slice(0, length);
    });
    const length = [...replaced].length;
    if (common !== replaced) {
      question.text.splice(question.cursor - length, length, ...common);
      question.cursor += [...common].length - length;
      return;
    }
    // Nothing more is certain: all are shown.
    const width = Math.max(...candidates.map((candidate) => candidate.length)) + 2;
    const columns = Math.max(1, Math.floor(this.terminal.cols / width));
    const rows = [];
    for (let at = 0; at < candidates.length; at += columns) {
      rows.push(candidates.slice(at, at + columns).map((candidate) => candidate.padEnd(width)).join('').trimEnd());
    }
    this.draw(true);
    this.print(`\n${rows.slice(0, 20).join('\n')}${rows.length > 20 ? `\n(${candidates.length} in all)` : ''}\n`);
    question.row = 0;
  }

  /** Draws the line anew, from the row where it begins. */
  draw(atEnd = false) {
    const { question, terminal } = this;
    const { cols } = terminal;
    const shown = question.isSecret ? [] : question.text;
    const width = (characters) => characters.reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
    const prompt = [...question.prompt.replaceAll(/\x1b\[[0-9;]*m/g, '')];
    const start = width(prompt);
    const end = start + width(shown);
    const cursor = atEnd ? end : start + width(shown.slice(0, question.cursor));
    let out = question.row > 0 ? `\x1b[${question.row}A` : '';
    out += `\r\x1b[J${question.prompt}${shown.join('')}`;
    // A line that fills its row leaves the cursor there until something follows.
    if (end > 0 && end % cols === 0) out += ' \r\x1b[K';
    const [endRow, row] = [Math.floor(end / cols), Math.floor(cursor / cols)];
    if (endRow > row) out += `\x1b[${endRow - row}A`;
    out += `\r${cursor % cols > 0 ? `\x1b[${cursor % cols}C` : ''}`;
    question.row = row;
    terminal.write(out);
  }
}
