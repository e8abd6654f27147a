/** tar: creates, lists and extracts archives, also over pipes; `kubectl cp` needs it in the container. No compression. */
import { normalisePath } from '../../../linux/fs/file-system.ts';
import type { FileSystem } from '../../../linux/fs/file-system.ts';
import type { Steps } from '../../../linux/syscalls.ts';
import { endOfArchive, fromBytes, readMembers, toBytes, writeMember } from './archive.ts';
import type { Member } from './archive.ts';
import { complain, print, readAll } from './io.ts';
import type { Io, Utility } from './io.ts';

/** What the command line asks for. */
interface Job {
  mode: 'c' | 'x' | 't' | undefined;
  /** "-" is a standard stream. */
  file: string;
  directory: string;
  verbose: boolean;
  toStdout: boolean;
  names: string[];
  problem?: string;
}

const LONG: Readonly<Record<string, string>> = {
  create: 'c',
  extract: 'x',
  get: 'x',
  list: 't',
  verbose: 'v',
  file: 'f',
  directory: 'C',
  'to-stdout': 'O',
};
/** Owners, permissions and times are not modelled, so these change nothing. */
const WITHOUT_EFFECT = new Set([
  'm',
  'o',
  'p',
  'h',
  'k',
  'no-same-permissions',
  'no-same-owner',
  'same-permissions',
  'preserve-permissions',
  'touch',
  'numeric-owner',
  'warning',
]);

function jobOf({ argv, cwd }: Io): Job {
  const job: Job = { mode: undefined, file: '-', directory: cwd, verbose: false, toStdout: false, names: [] };
  const words = argv.slice(1);
  const apply = (letter: string, value: () => string) => {
    if (letter === 'c' || letter === 'x' || letter === 't') job.mode = letter;
    else if (letter === 'f') job.file = value();
    else if (letter === 'C') job.directory = normalisePath(value(), job.directory);
    else if (letter === 'v') job.verbose = true;
    else if (letter === 'O') job.toStdout = true;
    else if (letter === 'z' || letter === 'j' || letter === 'J') job.problem = 'compression is not simulated';
    else if (!WITHOUT_EFFECT.has(letter)) job.problem = `unrecognized option: ${letter}`;
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const next = () => words[++index] ?? '';
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split('=', 2);
      apply(LONG[name] ?? name, () => value ?? next());
    } else if ((word.startsWith('-') && word !== '-') || (index === 0 && word !== '-')) {
      const letters = word.replace(/^-/, '');
      for (let at = 0; at < letters.length; at++) {
        const rest = letters.slice(at + 1);
        const takesRest = word.startsWith('-') && 'fC'.includes(letters[at] ?? '') && rest !== '';
        apply(letters[at] ?? '', () => (takesRest ? rest : next()));
        if (takesRest) break;
      }
    } else job.names.push(word);
  }
  return job;
}

export const tar: Utility = function* (io) {
  const job = jobOf(io);
  if (job.problem !== undefined) return complain(io, job.problem);
  if (job.mode === undefined) return complain(io, 'must specify exactly one of -c, -x, -t');
  if (job.mode === 'c') return create(io, job);
  const archive = yield* source(io, job);
  if (archive === undefined) return complain(io, `can't open '${job.file}': No such file or directory`);
  const members = readMembers(archive);
  if (members === undefined) return complain(io, archive === '' ? 'short read' : 'invalid tar magic');
  return job.mode === 't' ? list(io, job, members) : extract(io, job, members);
};

function* source(io: Io, { file }: Job): Steps<string | undefined> {
  if (file === '-') return yield* readAll(io);
  const content = io.process.context.fs.read(normalisePath(file, io.cwd));
  // What an archive in a file holds has come through a stream byte by byte, or it is a file like any other.
  return content === undefined ? undefined : toArchive(content);
}

const toArchive = (content: string): string => (/[^\x00-\xff]/.test(content) ? toBytes(content) : content);

/** The name in the archive: without the slash at its front. */
const memberName = (path: string): string => path.replace(/^\/+/, '');

function create(io: Io, { file, directory, names, verbose }: Job): number {
  const { fs } = io.process.context;
  if (names.length === 0) return complain(io, 'empty archive');
  const mtime = Math.floor(io.process.now / 1000);
  let [archive, status, stripped] = ['', 0, false];
  for (const name of names) {
    const path = normalisePath(name, directory);
    if (!fs.exists(path)) status = complain(io, `${name}: No such file or directory`);
    if (name.startsWith('/') && !stripped) io.stderr.write("tar: removing leading '/' from member names\n");
    stripped ||= name.startsWith('/');
    for (const member of tree(fs, path, name)) {
      if (verbose) (file === '-' ? io.stderr : io.stdout).write(`${memberName(member.name)}\n`);
      archive += writeMember({ ...member, name: memberName(member.name) || './' }, mtime);
    }
  }
  archive += endOfArchive(archive.length);
  if (file === '-') print(io, archive);
  else {
    const error = fs.write(normalisePath(file, io.cwd), archive);
    if (error !== undefined) return complain(io, `can't open '${file}': ${error}`);
  }
  return status;
}

/** A file, or a directory and all below it. */
function* tree(fs: FileSystem, path: string, name: string): Generator<Member> {
  const content = fs.read(path);
  if (content !== undefined) {
    yield { name, directory: false, bytes: toBytes(content) };
    return;
  }
  if (!fs.isDirectory(path)) return;
  yield { name, directory: true, bytes: '' };
  for (const child of fs.list(path) ?? []) yield* tree(fs, `${path === '/' ? '' : path}/${child}`, `${name.replace(/\/$/, '')}/${child}`);
}

/** Members that are wanted: all, or the named ones and what is below them. */
function wanted({ names }: Job, members: readonly Member[]): Member[] {
  const clean = (name: string) => name.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  if (names.length === 0) return [...members];
  return members.filter(({ name }) => names.some((one) => clean(name) === clean(one) || clean(name).startsWith(`${clean(one)}/`)));
}

function list(io: Io, job: Job, members: readonly Member[]): number {
  for (const { name, directory } of wanted(job, members)) print(io, `${name}${directory && !name.endsWith('/') ? '/' : ''}\n`);
  return 0;
}

function extract(io: Io, job: Job, members: readonly Member[]): number {
  const { fs } = io.process.context;
  if (!fs.isDirectory(job.directory)) return complain(io, `can't change directory to '${job.directory}': No such file or directory`);
  let status = 0;
  for (const { name, directory, bytes } of wanted(job, members)) {
    // Nothing is written outside the directory.
    if (name.split('/').includes('..')) {
      status = complain(io, `name with '..' skipped: '${name}'`);
      continue;
    }
    if (job.verbose) io.stdout.write(`${name}\n`);
    const path = normalisePath(name.replace(/^\/+/, ''), job.directory);
    if (job.toStdout) print(io, directory ? '' : bytes);
    else if (directory) {
      makeDirectories(fs, path);
    } else {
      makeDirectories(fs, path.slice(0, path.lastIndexOf('/')));
      const error = fs.write(path, fromBytes(bytes));
      if (error !== undefined) status = complain(io, `can't open '${name}': ${error}`);
    }
  }
  return status;
}

function makeDirectories(fs: FileSystem, path: string): void {
  const parts = path.split('/').filter(Boolean);
  for (let count = 1; count <= parts.length; count++) {
    const directory = `/${parts.slice(0, count).join('/')}`;
    if (!fs.exists(directory)) fs.makeDirectory(directory);
  }
}
