/** The part of Monaco's own copy of the TypeScript compiler that is used; it comes without types. */
declare module 'monaco-editor/languages/features/typescript/lib/typescriptServices.js' {
  interface Diagnostic {
    readonly start?: number;
    readonly messageText: string | { readonly messageText: string };
  }
  export const typescript: {
    transpileModule(
      source: string,
      options: { compilerOptions: Readonly<Record<string, unknown>>; reportDiagnostics: boolean; fileName: string },
    ): { outputText: string; diagnostics?: readonly Diagnostic[] };
    readonly ScriptTarget: { readonly ES2022: number };
    readonly ModuleKind: { readonly ESNext: number };
  };
}
