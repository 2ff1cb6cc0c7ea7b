// The page in a real browser: the environment variable CHROMIUM or FIREFOX names it, and PAGE the page's folder. With
// SCREENSHOTS pictures are kept there.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium, firefox } from 'playwright-core';
import { serve } from './serve.mjs';

const { CHROMIUM, FIREFOX, PAGE, SCREENSHOTS } = process.env;
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

const downloadsPath = mkdtempSync(join(tmpdir(), 'python-wasm-page-'));

let browser;
let isolated;
let plain;

before(async () => {
  browser = FIREFOX
    ? await firefox.launch({ executablePath: FIREFOX, channel: 'moz-firefox', downloadsPath })
    : await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS, downloadsPath });
  isolated = await serve(PAGE, { quality: 1 });
  plain = await serve(PAGE, { isolated: false, quality: 1 });
});
after(async () => {
  await browser?.close();
  isolated?.server.close();
  plain?.server.close();
  rmSync(downloadsPath, { recursive: true, force: true });
});

/** Opens the page and waits for Python. */
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error));
  await page.goto(url);
  await ready(page);
  return { page, context, problems };
}

const ready = (page) => page.waitForFunction(() => /ready/.test(document.getElementById('status').textContent), null, { timeout: 60_000 });

/** What the terminal shows, with the rows of one long line joined. */
const screen = (page) => page.evaluate(() => [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent.trimEnd()).join('\n').trimEnd());

async function shows(page, text) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const seen = await screen(page);
    if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return seen;
    if (Date.now() > deadline) assert.fail(`${text} is not on the screen:\n${seen}`);
    await page.waitForTimeout(50);
  }
}

/** Types a line at the prompt. */
async function type(page, line) {
  await shows(page, /(>>>|\.\.\.)[^\n]*\n*$/);
  await page.keyboard.type(`${line}\r`);
}

async function picture(page, name) {
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${FIREFOX ? 'firefox-' : ''}${name}.png`) });
}

/** Saves the session. Returns the path of the file that it is in. */
async function saved(page) {
  if (!FIREFOX) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.type('%save\r')]);
    return download.path();
  }
  // playwright-core tells of Firefox's downloads only when they begin with a navigation.
  const path = join(downloadsPath, 'session.pysession');
  await page.keyboard.type('%save\r');
  const deadline = Date.now() + 20_000;
  while (!existsSync(path) || existsSync(`${path}.part`) || readFileSync(path).length === 0) {
    if (Date.now() > deadline) assert.fail(`${path} was not downloaded`);
    await page.waitForTimeout(50);
  }
  return path;
}

test('the prompt answers, reads input, completes, undoes and is interrupted', async () => {
  const { page, context, problems } = await open(isolated.url, { colorScheme: 'dark' });
  await shows(page, /Python 3\.[^]*>>> *$/);
  await type(page, '2 + 3');
  await shows(page, /\n5\n>>> *$/);
  await type(page, "input('name? ')");
  await shows(page, /\nname\? *$/);
  await page.keyboard.type('william\r');
  await shows(page, "'william'");
  await page.keyboard.type('def f(x):\rreturn x * 2\r\rf(21)\r');
  await shows(page, /\n42\n>>> *$/);
  await page.keyboard.type('%undo\r');
  await shows(page, 'undone: f(21)');
  for (const endless of ['while True: pass\r', 'import time; time.sleep(1000)']) {
    await type(page, endless);
    await page.waitForTimeout(500);
    await page.keyboard.press('Control+c');
    await shows(page, /KeyboardInterrupt\n>>> *$/);
    await page.keyboard.type('%reset\r');
    await type(page, 'import os; os.system("") if 0 else print("\\x1b[2J\\x1b[H")');
    await shows(page, /^\s*>>> *$/);
  }
  await page.keyboard.type('impo');
  await page.keyboard.press('Tab');
  await shows(page, '>>> import');
  await page.keyboard.press('Control+c');
  await type(page, 'import sqlite3; sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()');
  await shows(page, '(42,)');
  await page.keyboard.press('ArrowUp');
  await shows(page, /fetchone\(\)\n\(42,\)\n>>> import sqlite3/);
  await picture(page, 'terminal-dark');
  assert.deepEqual(problems, []);
  await context.close();
});

test('deep recursion loses nothing', async () => {
  const { page, context } = await open(isolated.url);
  const deep = ['def f(): f()\r', 'f()', 'x = []', 'for i in range(20000): x = [x]\r', 'repr(x)', 'import json; json.dumps(x)', 'import ast; ast.parse("-" * 9999 + "1")', '"still " + "here"'];
  for (const line of deep) await type(page, line);
  await shows(page, "'still here'");
  await context.close();
});

test('the editor runs code, links carry it, and files come into the sandbox', async () => {
  const { page, context, problems } = await open(isolated.url, { colorScheme: 'light', viewport: { width: 390, height: 700 } });
  await picture(page, 'terminal-phone-light');
  await page.setInputFiles('#files', [{ name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from('apple,1.5\n') }]);
  await page.waitForFunction(() => /prices\.csv is in/.test(document.getElementById('status').textContent));
  await page.click('#tab-editor');
  await page.fill('#code', 'print(open("prices.csv").read())\n1 / 0\n');
  await page.click('#run');
  await page.waitForFunction(() => /ZeroDivisionError/.test(document.getElementById('output').textContent));
  assert.match(await page.textContent('#output'), /^apple,1\.5\n\nTraceback/);
  await page.click('#share');
  await page.waitForFunction(() => /link/.test(document.getElementById('status').textContent));
  const link = page.url();
  assert.match(link, /#code=[\w-]+$/);
  await picture(page, 'editor-phone-light');
  const other = await context.newPage();
  await other.goto(link);
  await ready(other);
  assert.equal(await other.inputValue('#code'), 'print(open("prices.csv").read())\n1 / 0\n');
  assert.deepEqual(problems, []);
  await context.close();
});

test('a session is saved as a file, and goes on in another page', async () => {
  const { page, context } = await open(isolated.url, { acceptDownloads: true });
  await type(page, 'answer = [6 * 7]');
  await shows(page, /\[6 \* 7\]\n>>> *$/);
  const path = await saved(page);
  const other = await context.newPage();
  await other.goto(isolated.url);
  await ready(other);
  await other.setInputFiles('#files', [{ name: 'session.pysession', mimeType: 'application/octet-stream', buffer: readFileSync(path) }]);
  await other.waitForFunction(() => /goes on/.test(document.getElementById('status').textContent));
  await other.click('.xterm');
  await type(other, 'answer');
  await shows(other, '[42]');
  await context.close();
});

test('on a server without headers the service worker isolates the page, which then works offline', async () => {
  const { page, context } = await open(plain.url);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await type(page, "input('? ')");
  await shows(page, /\n\? *$/);
  await page.keyboard.type('typed\r');
  await shows(page, "'typed'");
  await page.waitForFunction(async () => {
    const [name] = (await caches.keys()).filter((name) => name.startsWith('python-wasm-'));
    return name && (await (await caches.open(name)).match('python-wasm/assets/library.zip')) !== undefined;
  }, null, { timeout: 60_000 });
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  await type(page, 'import decimal; decimal.Decimal(1) / 8');
  await shows(page, "Decimal('0.125')");
  await context.close();
});
