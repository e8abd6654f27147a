/** Runs the stages of a check one after the other, stops at none, and prints what failed at the end. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One check: `run` returns what is wrong, one entry a fault; nothing means passed. */
export interface Stage {
  name: string;
  run: () => Promise<string[]>;
}

/** Runs Node with these arguments in the repository's root; what it printed is the fault if it fails. */
export function nodeStage(name: string, args: readonly string[]): Stage {
  return {
    name,
    async run() {
      const { code, output } = await capture(process.execPath, args);
      return code === 0 ? [] : [output.trimEnd() || `ended with code ${code}`];
    },
  };
}

/** Runs a program and returns what it printed, errors included. */
export function capture(command: string, args: readonly string[], cwd = ROOT): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs all stages, prints them, and sets the exit code. */
export async function runStages(stages: readonly Stage[]): Promise<void> {
  const failed: string[] = [];
  for (const stage of stages) {
    const started = Date.now();
    const faults = await stage.run();
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${stage.name} (${seconds} s)`);
    for (const fault of faults) console.log(fault);
    if (faults.length > 0) failed.push(stage.name);
  }
  if (failed.length > 0) {
    console.log(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
