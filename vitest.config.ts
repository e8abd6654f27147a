/** Unit tests: table tests beside their source, and the tests of the repository's own checks ("house"). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}'],
          environment: 'node',
          setupFiles: ['src/cluster/testing/setup.ts'],
        },
      },
      { test: { name: 'house', include: ['scripts/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000 } },
    ],
    passWithNoTests: false,
  },
});
