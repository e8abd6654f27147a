/** Builds the page into dist/: static files that work below any path of any web server, and offline after the first visit. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const local = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  base: './',
  plugins: [
    react(),
    VitePWA({
      // A new release waits until the last tab is closed: a running page must still find the lazy chunks that it was built with.
      registerType: 'prompt',
      injectRegister: null, // src/ui/app/release.ts registers it
      manifest: {
        name: 'Kubarium',
        short_name: 'Kubarium',
        description: 'A Kubernetes cluster behind glass: a whole cluster that runs in a browser tab',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#0b1020',
        theme_color: '#0b1020',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,json,ttf,woff2,svg,png,wasm,yaml,txt}'],
        // The TypeScript compiler is another one, for the few who write scheduler plugins in TypeScript: kept once it was needed.
        globIgnores: ['**/typescript-worker-*.js'],
        runtimeCaching: [{ urlPattern: /\/typescript-worker-[\w-]+\.js$/, handler: 'CacheFirst', options: { cacheName: 'typescript' } }],
        // The editor is one chunk of several MB, and a classroom without network needs it too.
        maximumFileSizeToCacheInBytes: 16 * 1024 * 1024,
        clientsClaim: true,
        cleanupOutdatedCaches: true,
        navigateFallback: 'index.html',
      },
    }),
  ],
  resolve: {
    alias: [
      // monaco-yaml's worker manager is written for an older monaco: it neither finds the worker's module nor starts it.
      { find: /^monaco-worker-manager$/, replacement: local('./src/ui/editor/worker-manager.ts') },
      { find: /^monaco-worker-manager\/worker$/, replacement: local('./src/ui/editor/worker-entry.ts') },
    ],
  },
  worker: { format: 'es' },
  build: { target: 'es2023', reportCompressedSize: false, chunkSizeWarningLimit: 4000 },
  server: { host: '127.0.0.1', port: 5173 },
});
