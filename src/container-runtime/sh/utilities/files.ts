/** Tools for files and directories. */
import { complain, immediate, type Io, options, pathOf, print, type Utility } from './io.ts';

function list(io: Io): number {
  const { flags, operands } = options(io);
  const { fs } = io.process.context;
  let status = 0;
  for (const name of operands.length > 0 ? operands : ['.']) {
    const path = pathOf(io, name);
    const names = flags.has('d') ? undefined : fs.list(path);
    if (names === undefined && !fs.exists(path)) {
      status = complain(io, `${name}: No such file or directory`);
      continue;
    }
    if (operands.length > 1 && names !== undefined) print(io, `${name}:\n`);
    for (const entry of names ?? [name]) {
      if (entry.startsWith('.') && !flags.has('a') && !flags.has('A') && names !== undefined) continue;
      print(io, flags.has('l') ? longLine(io, names === undefined ? path : pathOf(io, `${path}/${entry}`), entry) : `${entry}\n`);
    }
  }
  return status;
}

function longLine(io: Io, path: string, name: string): string {
  const { fs } = io.process.context;
  const isDirectory = fs.isDirectory(path);
  const size = String(fs.read(path)?.length ?? 4096).padStart(9);
  const date = new Date(io.process.now).toUTCString();
  return `${isDirectory ? 'drwxr-xr-x' : '-rw-r--r--'}    1 root     root     ${size} ${date.slice(8, 11)} ${date.slice(5, 7)} ${date.slice(17, 22)} ${name}\n`;
}

function makeDirectories(io: Io): number {
  const { flags, operands } = options(io, 'm');
  let status = 0;
  for (const name of operands) {
    const error = io.process.context.fs.makeDirectory(pathOf(io, name));
    if (error !== undefined && !(flags.has('p') && error === 'File exists'))
      status = complain(io, `can't create directory '${name}': ${error}`);
  }
  return status;
}

function removeFiles(io: Io): number {
  const { flags, operands } = options(io);
  const { fs } = io.process.context;
  let status = 0;
  for (const name of operands) {
    const path = pathOf(io, name);
    const recursive = flags.has('r') || flags.has('R');
    if (fs.isDirectory(path) && fs.read(path) === undefined && !recursive) {
      status = complain(io, `'${name}' is a directory`);
      continue;
    }
    const error = fs.remove(path);
    if (error !== undefined && !(flags.has('f') && error === 'No such file or directory'))
      status = complain(io, `can't remove '${name}': ${error}`);
  }
  return status;
}

function removeDirectory(io: Io): number {
  const { fs } = io.process.context;
  let status = 0;
  for (const name of options(io).operands) {
    const path = pathOf(io, name);
    const error = (fs.list(path)?.length ?? 0) > 0 ? 'Directory not empty' : fs.remove(path);
    if (error !== undefined) status = complain(io, `'${name}': ${error}`);
  }
  return status;
}

function touch(io: Io): number {
  let status = 0;
  for (const name of options(io).operands) {
    const path = pathOf(io, name);
    const { fs } = io.process.context;
    const error = fs.exists(path) ? undefined : fs.write(path, '');
    if (error !== undefined) status = complain(io, `${name}: ${error}`);
  }
  return status;
}

/** Files below a path, the path itself included when it is a file: [full path, path relative to it]. */
function tree(io: Io, path: string, below = ''): [string, string][] {
  const { fs } = io.process.context;
  if (fs.read(path) !== undefined) return [[path, below]];
  return (fs.list(path) ?? []).flatMap((name) => tree(io, `${path === '/' ? '' : path}/${name}`, `${below}/${name}`));
}

const copyOrMove =
  (moves: boolean) =>
  (io: Io): number => {
    const { operands } = options(io);
    const { fs } = io.process.context;
    const target = pathOf(io, operands.at(-1) ?? '');
    for (const name of operands.slice(0, -1)) {
      const source = pathOf(io, name);
      if (!fs.exists(source))
        return complain(
          io,
          moves ? `can't rename '${name}': No such file or directory` : `can't stat '${name}': No such file or directory`,
        );
      const into = fs.isDirectory(target) ? `${target === '/' ? '' : target}/${name.replace(/\/+$/, '').replace(/^.*\//, '')}` : target;
      for (const [path, below] of tree(io, source)) {
        const error = fs.write(into + below, fs.read(path) ?? '');
        if (error !== undefined) return complain(io, `can't create '${into}${below}': ${error}`);
      }
      if (moves) fs.remove(source);
    }
    return 0;
  };

function find(io: Io): number {
  const words = io.argv.slice(1);
  const start = words[0] === undefined || words[0].startsWith('-') ? '.' : words[0];
  const name = words.includes('-name') ? (words[words.indexOf('-name') + 1] ?? '*') : '*';
  const expression = new RegExp(
    `^${name
      .replace(/[.+^$()|]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  for (const [, below] of tree(io, pathOf(io, start))) if (expression.test(below.replace(/^.*\//, ''))) print(io, `${start}${below}\n`);
  return 0;
}

const baseName = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '');

/** Tools by name. */
export const FILE_UTILITIES: Readonly<Record<string, Utility>> = {
  ls: immediate(list),
  mkdir: immediate(makeDirectories),
  rm: immediate(removeFiles),
  rmdir: immediate(removeDirectory),
  touch: immediate(touch),
  cp: immediate(copyOrMove(false)),
  mv: immediate(copyOrMove(true)),
  find: immediate(find),
  // Owners and permissions are not modelled; the commands succeed, as they would for root.
  chmod: immediate(() => 0),
  chown: immediate(() => 0),
  sync: immediate(() => 0),
  basename: immediate((io) => {
    const [path = '', suffix = ''] = options(io).operands;
    const name = baseName(path);
    print(io, `${suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
    return 0;
  }),
  dirname: immediate((io) => {
    const path = (options(io).operands[0] ?? '').replace(/\/+$/, '');
    const slash = path.lastIndexOf('/');
    print(io, `${slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash)}\n`);
    return 0;
  }),
  which: immediate((io) => {
    const name = options(io).operands[0] ?? '';
    if (io.process.context.findExecutable(name) === undefined) return 1;
    print(io, `${name.startsWith('/') ? name : `/bin/${name}`}\n`);
    return 0;
  }),
};
