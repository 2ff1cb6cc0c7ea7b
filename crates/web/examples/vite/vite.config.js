export default {
  build: { target: 'es2022' },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['python-wasm'] },
  server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
};
