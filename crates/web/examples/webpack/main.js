import { Python, python } from 'python-wasm';

const show = (text) => document.body.append(text);

await python.exec('import sys, json; print(json.dumps({"platform": sys.platform}))', { stdout: show });
const sandbox = await Python.create({ functions: { price: async (item) => (item === 'apple' ? 1.5 : null) } });
show(`total ${await sandbox.eval('3 * __import__("host").price("apple")')}`);
document.title = 'done';
