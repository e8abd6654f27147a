/** The worker with the TypeScript compiler that Monaco brings: nearly a megabyte to fetch, so only who writes TypeScript starts it. */
import { typescript } from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js';
import type { SourceFault, StripAnswer, Stripped, StripQuestion } from './protocol.ts';

const port = self as unknown as {
  onmessage: ((event: MessageEvent<StripQuestion>) => void) | null;
  postMessage(answer: StripAnswer): void;
};

const OPTIONS = {
  target: typescript.ScriptTarget.ES2022,
  module: typescript.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  removeComments: false,
};

function placeOf(source: string, start: number): Pick<SourceFault, 'line' | 'column'> {
  const before = source.slice(0, start).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function strip(source: string): Stripped {
  const { outputText, diagnostics = [] } = typescript.transpileModule(source, {
    compilerOptions: OPTIONS,
    reportDiagnostics: true,
    fileName: 'plugin.ts',
  });
  const faults = diagnostics.map(({ start = 0, messageText }) => ({
    ...placeOf(source, start),
    message: typeof messageText === 'string' ? messageText : messageText.messageText,
  }));
  // Every module ends with this when nothing is exported; the plugin's script is none.
  return { code: outputText.replace(/^export \{\};\n?/m, ''), faults };
}

port.onmessage = ({ data: { id, source } }) => {
  try {
    port.postMessage({ id, stripped: strip(source) });
  } catch (error) {
    port.postMessage({ id, failure: error instanceof Error ? error.message : String(error) });
  }
};
