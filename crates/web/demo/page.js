// The page: a terminal and an editor over one Python.
import { FitAddon } from './addon-fit.mjs';
import { Lines } from './lines.js';
import { converse, createAtTerminal } from './python-wasm/web/web/index.js';
import { Terminal } from './xterm.mjs';

const HOME = '/home/user';
const find = (id) => document.getElementById(id);
const light = matchMedia('(prefers-color-scheme: light)');

// --- Isolation -----------------------------------------------------------------

/** Waits for the service worker, which isolates the page where the server does not. */
async function isolate() {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('sw.js');
    if (crossOriginIsolated || sessionStorage.getItem('reloaded')) return;
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
    }
    sessionStorage.setItem('reloaded', '1');
    location.reload();
    await new Promise(() => {});
  } catch (error) {
    console.warn('there is no service worker, so the page works only with its server:', error);
  }
}

// --- The terminal --------------------------------------------------------------

function theme() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const dark = !light.matches;
  return {
    background: color('--back'), foreground: color('--front'), cursor: color('--strong'), selectionBackground: dark ? '#3a4a63' : '#bcd4ee',
    red: dark ? '#ff7b72' : '#b3261e', magenta: dark ? '#d2a8ff' : '#7b3fa0', green: dark ? '#7ee787' : '#1a7f37',
  };
}

const terminal = new Terminal({
  cursorBlink: true, fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace", fontSize: 14, scrollback: 5000, theme: theme(),
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(find('terminal'));
fit.fit();
new ResizeObserver(() => {
  if (!find('terminal').hidden) fit.fit();
}).observe(find('terminal'));
light.addEventListener('change', () => {
  terminal.options.theme = theme();
});

let python;
/** Gets what Python prints instead of the terminal, while the editor runs code. */
let capture;

const lines = new Lines(terminal, () => stop());

function status(text) {
  find('status').textContent = text;
}

function stop() {
  if (!python) return;
  if (crossOriginIsolated) python.interrupt();
  else status('this page is not cross-origin isolated: reload it to stop Python');
}

const decoder = new TextDecoder();

async function begin() {
  status('loading Python');
  const begun = performance.now();
  const view = {
    print(bytes) {
      if (capture) capture(decoder.decode(bytes, { stream: true }));
      else lines.print(decoder.decode(bytes, { stream: true }));
    },
    readLine: (prompt, secret) => {
      if (capture) return Promise.resolve(window.prompt(prompt));
      lines.completes = false;
      return lines.read(prompt, secret).finally(() => {
        lines.completes = true;
      });
    },
    columns: terminal.cols,
    rows: terminal.rows,
  };
  python = await createAtTerminal(view, { cwd: HOME });
  await python.init();
  status(`ready in ${Math.round(performance.now() - begun)} ms${crossOriginIsolated ? '' : '; without isolation: no input() and no Ctrl-C'}`);
  find('stop').disabled = false;
  lines.completes = true;
}

const commands = {
  save: {
    help: '%save [NAME]   downloads the session as a file',
    async act(prompt, name) {
      download(await prompt.python.save(), name || 'session.pysession');
      return 'the session is a download now; drop the file here to go on with it';
    },
  },
};

function download(bytes, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** One conversation after the other: exit() begins anew. */
async function talk() {
  for (;;) {
    const code = await converse(python, lines, commands);
    lines.say(`Python has ended with status ${code}; this is another one`);
    await python.close();
    await begin();
  }
}

// --- Files ---------------------------------------------------------------------

async function addFiles(files) {
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    try {
      if (file.name.endsWith('.pysession')) {
        await python.load(bytes);
        status(`the session of ${file.name} goes on`);
      } else {
        await python.writeFile(`${HOME}/${file.name}`, bytes);
        status(`${file.name} is in ${HOME}`);
      }
    } catch (error) {
      status(error.message);
    }
  }
}

find('files').addEventListener('change', (event) => {
  void addFiles([...event.target.files]);
  event.target.value = '';
});
for (const [name, isOver] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle('dropping', isOver);
    if (name === 'drop') void addFiles([...event.dataTransfer.files]);
  });
}

// --- The editor ----------------------------------------------------------------

function show(view) {
  for (const name of ['terminal', 'editor']) {
    find(name).hidden = name !== view;
    find(`tab-${name}`).setAttribute('aria-selected', String(name === view));
  }
  if (view === 'terminal') {
    fit.fit();
    terminal.focus();
  } else {
    find('code').focus();
  }
}

function append(text, isError) {
  const span = document.createElement('span');
  span.className = isError ? 'error' : '';
  span.textContent = text;
  find('output').append(span);
  find('output').scrollTop = find('output').scrollHeight;
}

async function run() {
  if (!python || capture) return;
  find('output').replaceChildren();
  find('run').disabled = true;
  const begun = performance.now();
  capture = (text) => append(text);
  try {
    await python.exec(find('code').value);
  } catch (error) {
    append(`${error.message}\n`, true);
  } finally {
    capture = undefined;
    find('run').disabled = false;
    status(`ran in ${((performance.now() - begun) / 1000).toFixed(2)} s`);
  }
}

find('run').addEventListener('click', run);
find('stop').addEventListener('click', stop);
find('tab-terminal').addEventListener('click', () => show('terminal'));
find('tab-editor').addEventListener('click', () => show('editor'));
find('code').addEventListener('keydown', (event) => {
  const area = event.target;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void run();
  } else if (event.key === 'Tab' && !event.shiftKey) {
    event.preventDefault();
    area.setRangeText('    ', area.selectionStart, area.selectionEnd, 'end');
  }
});

// --- Links ---------------------------------------------------------------------

const bytesOf = (stream) => new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));

async function pack(text) {
  const bytes = await bytesOf(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw')));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(await bytesOf(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))));
}

find('share').addEventListener('click', async () => {
  const link = new URL(`#code=${await pack(find('code').value)}`, location.href);
  history.replaceState(null, '', link);
  try {
    await navigator.clipboard.writeText(link.href);
    status('the link is in the clipboard');
  } catch {
    status('the link is in the address bar');
  }
});

async function openLink() {
  const [, code] = /^#code=([\w-]*)$/.exec(location.hash) ?? [];
  if (code === undefined) return;
  try {
    // The code of a link is shown, and runs when a person wants it.
    find('code').value = await unpack(code);
    show('editor');
  } catch {
    status('the link has no code that can be read');
  }
}

find('code').value = 'import sys\n\nprint(f"Python {sys.version.split()[0]} on {sys.platform}")\nfor n in range(1, 4):\n    print(n, n ** n)\n';
await isolate();
await openLink();
try {
  await begin();
  if (find('editor').hidden) terminal.focus();
  await talk();
} catch (error) {
  status(`Python could not be started: ${error.message}`);
  throw error;
}
