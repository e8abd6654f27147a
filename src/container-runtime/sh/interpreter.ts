/**
 * A POSIX shell on the virtual clock: walks the tree that `unbash` makes of a script. Commands run in the order that
 * the script says; parts of a pipeline and `&` run as processes of their own. Left out: job control, arrays, aliases,
 * process substitution.
 */
import type { AndOr, Case, Command, CommandNode, CompoundList, Pipeline, PipelineNode, Redirected, Script, Statement, While } from 'unbash';
import type { Executable, Process } from '../../linux/process.ts';
import { EMPTY_INPUT, Pipe } from '../../linux/streams.ts';
import type { Steps } from '../../linux/syscalls.ts';
import { evaluate, plainOperand } from './arithmetic.ts';
import { BUILTINS } from './builtins.ts';
import { conditional } from './conditional.ts';
import { Expander } from './expand.ts';
import { parseScript, syntaxError } from './parse.ts';
import { matches } from './pattern.ts';
import { redirect } from './redirect.ts';
import { runProgram, waitFor } from './run-program.ts';
import { ExitShell, type FunctionBody, Interrupted, LeaveLoop, ReturnFunction, type Shell } from './shell.ts';

const MAX_FUNCTION_DEPTH = 100;

const expander = new Expander((shell, script) => subshell(shell, script));

/** Runs a script's text in this shell (`sh -c`, `eval`, `.`). Its status; a syntax error gives 2. */
export function* runText(shell: Shell, text: string): Steps<number> {
  const script = parseScript(text);
  const error = syntaxError(script);
  if (error !== undefined) {
    shell.complain(error);
    return (shell.status = 2);
  }
  yield* list(shell, script);
  return shell.status;
}

/** Runs a script to its end, and the EXIT trap. The exit code. */
export function* runToExit(shell: Shell, body: Steps<number>): Steps<number> {
  let status = yield* leaving(body);
  const trap = shell.traps.get('EXIT');
  if (trap !== undefined) {
    shell.traps.delete('EXIT');
    shell.status = status;
    const after = yield* leaving(runText(shell, trap));
    if (shell.isSubshell || after !== shell.status) status = after;
  }
  return status;
}

/** A script's status, however it ends. */
function* leaving(body: Steps<number>): Steps<number> {
  try {
    return yield* body;
  } catch (left) {
    if (left instanceof ExitShell || left instanceof ReturnFunction || left instanceof Interrupted) return left.status;
    if (left instanceof LeaveLoop) return 0;
    throw left;
  }
}

function* subshell(shell: Shell, script: Pick<Script, 'commands'>): Steps<number> {
  return yield* runToExit(
    shell,
    (function* () {
      yield* list(shell, script);
      return shell.status;
    })(),
  );
}

/** A list of commands. */
function* list(shell: Shell, { commands }: { commands: readonly Statement[] }): Steps<void> {
  for (const statement of commands) {
    if (statement.background) background(shell, statement);
    else if (statement.command.type === 'AndOr') yield* andOr(shell, statement.command);
    else yield* pipeline(shell, statement.command);
  }
}

function background(shell: Shell, { command }: Statement): void {
  const process = spawnShell(shell, { stdin: EMPTY_INPUT, stdout: shell.streams.stdout }, function* (child) {
    if (command.type === 'AndOr') yield* andOr(child, command);
    else yield* pipeline(child, command);
  });
  shell.jobs.push(process);
  shell.lastJob = process.nsPid;
  shell.status = 0;
}

/** A child process that goes on with a copy of this shell. */
function spawnShell(
  shell: Shell,
  streams: { stdin: Process['stdin']; stdout: Process['stdout']; ownsStdin?: boolean; ownsStdout?: boolean; stderr?: Process['stderr'] },
  body: (child: Shell) => Steps<void>,
): Process {
  const executable: Executable = (process) => {
    const child = shell.subshell(process);
    return runToExit(
      child,
      (function* () {
        yield* body(child);
        return child.status;
      })(),
    );
  };
  const { process, streams: own } = shell;
  return process.machine.spawn({
    context: process.context,
    argv: process.argv,
    executable,
    parent: process,
    stderr: own.stderr,
    ...streams,
  });
}

function* andOr(shell: Shell, { commands, operators }: AndOr): Steps<void> {
  for (const [index, command] of commands.entries()) {
    const operator = operators[index - 1];
    if (operator === '&&' && shell.status !== 0) continue;
    if (operator === '||' && shell.status === 0) continue;
    const isLast = index === commands.length - 1;
    if (!isLast) shell.conditions++;
    try {
      yield* pipeline(shell, command);
    } finally {
      if (!isLast) shell.conditions--;
    }
  }
}

function* pipeline(shell: Shell, node: PipelineNode): Steps<void> {
  if (node.type !== 'Pipeline') {
    yield* command(shell, node);
    return;
  }
  const negated = node.prefixes.filter((prefix) => prefix.type === 'Negation').length % 2 === 1;
  if (negated) shell.conditions++;
  try {
    if (node.commands.length === 1 && node.commands[0] !== undefined) yield* command(shell, node.commands[0]);
    else if (node.commands.length > 1) shell.status = yield* stages(shell, node);
  } finally {
    if (negated) shell.conditions--;
  }
  if (negated) shell.status = Number(shell.status === 0);
  else if (node.commands.length > 1) failed(shell);
}

/** The parts of a pipeline as processes, each reading what the one before writes. The last one's status. */
function* stages(shell: Shell, { commands, operators }: Pipeline): Steps<number> {
  const processes: Process[] = [];
  let input: Pipe | undefined;
  for (const [index, node] of commands.entries()) {
    const output = index < commands.length - 1 ? new Pipe() : undefined;
    const stdout = output ?? shell.streams.stdout;
    const streams = {
      stdin: input ?? shell.streams.stdin,
      stdout,
      ownsStdin: input !== undefined,
      ownsStdout: output !== undefined,
      stderr: operators[index] === '|&' ? stdout : shell.streams.stderr,
    };
    processes.push(spawnShell(shell, streams, (child) => command(child, node)));
    input = output;
  }
  let status = 0;
  for (const process of processes) status = yield* waitFor(shell, process);
  return status;
}

/** `set -e`: a failure that nobody asked about ends the shell. */
function failed(shell: Shell): void {
  if (shell.status !== 0 && shell.options.has('e') && shell.conditions === 0) throw new ExitShell(shell.status);
}

function* command(shell: Shell, node: CommandNode): Steps<void> {
  yield* shell.budget.step(shell.process);
  if (node.type === 'Command') {
    yield* simple(shell, node);
    yield* traps(shell);
    failed(shell);
  } else yield* compound(shell, node);
}

/** Runs the traps of signals that came in the meantime. */
function* traps(shell: Shell): Steps<void> {
  const { pendingSignal } = shell.process;
  if (pendingSignal !== undefined) {
    shell.process.pendingSignal = undefined;
    shell.caught.push(pendingSignal);
  }
  for (let signal = shell.caught.shift(); signal !== undefined; signal = shell.caught.shift()) {
    const action = shell.traps.get(signal);
    if (action === undefined && signal === 'SIGINT') throw new Interrupted();
    if (action === undefined) continue;
    const { status } = shell;
    yield* runText(shell, action);
    shell.status = status;
  }
}

function* compound(shell: Shell, node: Exclude<CommandNode, Command> | CompoundList): Steps<void> {
  switch (node.type) {
    case 'CompoundList':
      return yield* list(shell, node);
    case 'BraceGroup':
      return yield* list(shell, node.body);
    case 'Subshell':
      shell.status = yield* subshell(shell.subshell(), node.body);
      return failed(shell);
    case 'Redirected':
      return yield* redirected(shell, node);
    case 'If': {
      for (const branch of [node, ...node.elif]) if (yield* condition(shell, branch.clause)) return yield* list(shell, branch.then);
      shell.status = 0;
      if (node.else !== undefined) yield* list(shell, node.else);
      return;
    }
    case 'While':
      return yield* whileLoop(shell, node);
    case 'For': {
      const values = node.wordlist === undefined ? shell.parameters : yield* expander.fields(shell, node.wordlist);
      shell.status = 0;
      return yield* loop(shell, node.body, values.values(), (value) => shell.variables.set(node.name.value, value));
    }
    case 'ArithmeticFor': {
      evaluate(shell, node.initialize, plainOperand);
      while (node.test === undefined || evaluate(shell, node.test, plainOperand) !== 0) {
        if (yield* body(shell, node.body)) return;
        evaluate(shell, node.update, plainOperand);
      }
      return;
    }
    case 'Case':
      return yield* caseOf(shell, node);
    case 'Function':
      shell.functions.set(node.name.value, node.body as FunctionBody);
      shell.status = 0;
      return;
    case 'ArithmeticCommand':
      shell.status = Number(evaluate(shell, node.expression, plainOperand) === 0);
      return failed(shell);
    case 'TestCommand':
      shell.status = (yield* conditional(shell, node.expression, expander)) ? 0 : 1;
      return failed(shell);
    default:
      shell.complain(`${node.type.toLowerCase()} is not simulated`);
      shell.status = 2;
  }
}

function* redirected(shell: Shell, node: Redirected): Steps<void> {
  const streams = yield* redirect(shell, node.redirects, expander);
  if (streams === undefined) {
    shell.status = 1;
    return;
  }
  const before = shell.streams;
  shell.streams = streams;
  try {
    yield* compound(shell, node.command);
  } finally {
    shell.streams = before;
  }
}

/** Whether a list succeeds; its failure ends nothing. */
function* condition(shell: Shell, clause: CompoundList): Steps<boolean> {
  shell.conditions++;
  try {
    yield* list(shell, clause);
  } finally {
    shell.conditions--;
  }
  return shell.status === 0;
}

function* whileLoop(shell: Shell, node: While): Steps<void> {
  let status = 0;
  while ((yield* condition(shell, node.clause)) === (node.kind === 'while')) {
    if (yield* body(shell, node.body)) return;
    status = shell.status;
  }
  shell.status = status;
}

function* loop<T>(shell: Shell, statements: CompoundList, values: Iterator<T>, bind: (value: T) => void): Steps<void> {
  for (let next = values.next(); !next.done; next = values.next()) {
    bind(next.value);
    if (yield* body(shell, statements)) return;
  }
}

/** One round of a loop. True when the loop is to end. */
function* body(shell: Shell, statements: CompoundList): Steps<boolean> {
  yield* shell.budget.step(shell.process);
  shell.loopDepth++;
  try {
    yield* list(shell, statements);
  } catch (left) {
    if (!(left instanceof LeaveLoop)) throw left;
    if (--left.levels > 0 && shell.loopDepth > 1) throw left;
    return left.how === 'break';
  } finally {
    shell.loopDepth--;
  }
  return false;
}

function* caseOf(shell: Shell, node: Case): Steps<void> {
  const word = yield* expander.text(shell, node.word);
  shell.status = 0;
  for (const item of node.items) {
    for (const pattern of item.pattern) {
      if (matches(yield* expander.pattern(shell, pattern), word)) return yield* list(shell, item.body);
    }
  }
}

/** Assignments, redirections, and a function, builtin, tool or program. */
function* simple(shell: Shell, node: Command): Steps<void> {
  const assignments = new Map<string, string>();
  for (const item of node.prefix) {
    if (item.type !== 'Assignment' || item.value.type === 'ArrayValue') continue;
    const value = yield* expander.text(shell, item.value);
    assignments.set(item.name, item.append ? (shell.variables.get(item.name) ?? '') + value : value);
  }
  const statusBefore = shell.status;
  const words: string[] = [];
  if (node.name !== undefined) words.push(...(yield* expander.fields(shell, [node.name])));
  for (const argument of node.args) {
    if (argument.type === 'Word') words.push(...(yield* expander.fields(shell, [argument])));
    else words.push(`${argument.name}=${argument.value.type === 'Word' ? yield* expander.text(shell, argument.value) : ''}`);
  }
  if (shell.options.has('x'))
    shell.streams.stderr.write(`+ ${[...[...assignments].map(([name, value]) => `${name}=${value}`), ...words].join(' ')}\n`);
  const streams = node.redirects.length === 0 ? shell.streams : yield* redirect(shell, node.redirects, expander);
  if (streams === undefined) {
    shell.status = 1;
    return;
  }
  if (words.length === 0) {
    for (const [name, value] of assignments) shell.variables.set(name, value);
    if (node.name !== undefined || shell.status === statusBefore) shell.status = hasSubstitution(node) ? shell.status : 0;
    return;
  }
  const before = shell.streams;
  shell.streams = streams;
  try {
    if (words[0] === 'exec' && words.length === 1) before.stdin = streams.stdin;
    shell.status = yield* invoke(shell, words, assignments);
  } finally {
    shell.streams = words[0] === 'exec' && words.length === 1 ? streams : before;
  }
}

const hasSubstitution = (node: Command): boolean =>
  node.prefix.some(
    (item) => item.type === 'Assignment' && item.value.type === 'Word' && (item.value.parts ?? []).some((part) => /\$\(|`/.test(part.text)),
  );

/** Runs what `words[0]` names. */
export function* invoke(shell: Shell, words: readonly string[], assignments: ReadonlyMap<string, string>): Steps<number> {
  const name = words[0] ?? '';
  const definition = shell.functions.get(name);
  if (definition !== undefined) return yield* call(shell, definition, words.slice(1));
  const builtin = BUILTINS.get(name);
  if (builtin !== undefined) {
    for (const [key, value] of assignments) shell.variables.set(key, value);
    return yield* builtin(shell, words, { runText, invoke, waitFor, runProgram });
  }
  return yield* runProgram(shell, words, assignments);
}

function* call(shell: Shell, definition: FunctionBody, parameters: readonly string[]): Steps<number> {
  if (shell.functionDepth >= MAX_FUNCTION_DEPTH) {
    shell.complain('maximum function nesting level exceeded');
    throw new ExitShell(2);
  }
  const { parameters: before } = shell;
  const outerLocals = shell.locals;
  shell.locals = undefined;
  shell.parameters = parameters;
  shell.functionDepth++;
  try {
    yield* compound(shell, definition);
    return shell.status;
  } catch (left) {
    if (left instanceof ReturnFunction) return left.status;
    throw left;
  } finally {
    for (const [name, value] of (shell.locals as Shell['locals']) ?? []) {
      if (value === undefined) shell.variables.delete(name);
      else shell.variables.set(name, value);
    }
    shell.locals = outerLocals;
    shell.functionDepth--;
    shell.parameters = before;
  }
}
