#!/usr/bin/env node
const { main } = require('../dist/node/node/cli.js');

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status & 0xff;
    // A descriptor that something still listens to must not keep the process.
    process.stdin.destroy();
  },
  (error) => {
    console.error(error);
    process.exitCode = 101;
    process.stdin.destroy();
  },
);
