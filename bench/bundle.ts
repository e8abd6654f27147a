/** Bundles and minifies a measure for Node: the peer's package is made for bundlers, and both shall be measured as they ship. */
import { build } from 'vite';

/** Bundles `bench/<name>.ts` into `.bench/<name>.js` and returns that path. */
export async function bundle(name: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: `bench/${name}.ts`,
      outDir: '.bench',
      emptyOutDir: false,
      minify: true,
      target: 'node24',
      rolldownOptions: { output: { entryFileNames: `${name}.js` } },
    },
  });
  return `.bench/${name}.js`;
}
