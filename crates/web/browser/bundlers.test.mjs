// What bundlers made of the examples, in a real Chromium: BUNDLED has the folders, divided by colons.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const { CHROMIUM: executablePath, BUNDLED = '' } = process.env;
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

for (const folder of BUNDLED.split(':').filter((folder) => folder !== '')) {
  test(folder, async () => {
    const { server, url } = await serve(folder, { quality: 0 });
    const browser = await chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
    try {
      const page = await browser.newPage();
      const problems = [];
      page.on('pageerror', (error) => problems.push(error));
      await page.goto(url);
      await page.waitForFunction(() => document.title === 'done', null, { timeout: 60_000 }).catch(() => {});
      assert.deepEqual(problems, []);
      assert.match(await page.textContent('body'), /\{"platform": "wasi"\}\s*total 4\.5/);
    } finally {
      await browser.close();
      server.close();
    }
  });
}
