/**
 * A root file system as a container sees it: the image's read-only files, a writable layer on top (overlay), and
 * volumes mounted into it. Files are text. A directory exists when something is in it or when it was made, which a
 * key ending in "/" records.
 */

/** Files by path. Absolute paths in a root, paths below the mount in a volume. */
export type Files = Map<string, string>;

/** A volume mounted at a path. */
export interface MountPoint {
  readonly path: string;
  readonly readOnly: boolean;
  /** Live: others may write into it. */
  readonly volume: { readonly files: Files };
  /** Path below the volume's root that is mounted; a file mounts as a file. */
  readonly subPath?: string | undefined;
}

/** Why a file operation failed, as `strerror` says it. */
export type FileError =
  'No such file or directory' | 'Is a directory' | 'Not a directory' | 'Read-only file system' | 'File exists' | 'Directory not empty';

/** "/a/./b/../c/" as "/a/c". Relative paths start at `base`. */
export function normalisePath(path: string, base = '/'): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

interface Place {
  readonly files: Files;
  readonly key: string;
  readonly readOnly: boolean;
}

/** A mount namespace's view of files. */
export class FileSystem {
  readonly #lower: ReadonlyMap<string, string>;
  /** Undefined values are whiteouts: deleted from the image. */
  #upper: Map<string, string | undefined> | undefined = undefined;
  readonly #mounts: readonly MountPoint[];

  /** `lower` are the image's files; deeper mounts hide shallower ones. */
  constructor(lower: ReadonlyMap<string, string>, mounts: readonly MountPoint[] = []) {
    this.#lower = lower;
    this.#mounts = mounts.length < 2 ? mounts : [...mounts].sort((a, b) => b.path.length - a.path.length);
  }

  /** A file's content; undefined when there is no such file. */
  read(path: string): string | undefined {
    const place = this.#mounted(path);
    if (place !== undefined) return place.key === '' || place.key.endsWith('/') ? undefined : place.files.get(place.key);
    if (this.#upper?.has(path)) return this.#upper.get(path);
    return this.#lower.get(path);
  }

  isDirectory(path: string): boolean {
    if (path === '/') return true;
    const place = this.#mounted(path);
    if (place?.key === '') return true;
    const below = `${path}/`;
    if (this.#mounts.some((mount) => mount.path.startsWith(below))) return true;
    if (place !== undefined) return hasPrefix(place.files.keys(), `${place.key}/`);
    for (const [key, content] of this.#upper ?? []) if (content !== undefined && key.startsWith(below)) return true;
    for (const key of this.#lower.keys()) if (key.startsWith(below) && !this.#isWhiteout(key)) return true;
    return ALWAYS_THERE.has(path);
  }

  exists(path: string): boolean {
    return this.read(path) !== undefined || this.isDirectory(path);
  }

  /** Names in a directory, sorted; undefined when it is none. */
  list(path: string): string[] | undefined {
    if (!this.isDirectory(path)) return undefined;
    const names = new Set<string>();
    const below = path === '/' ? '/' : `${path}/`;
    const add = (key: string, prefix: string) => {
      const name = key.startsWith(prefix) ? (key.slice(prefix.length).split('/')[0] ?? '') : '';
      if (name !== '') names.add(name);
    };
    const place = this.#mounted(path);
    if (place !== undefined) for (const key of place.files.keys()) add(key, place.key === '' ? '' : `${place.key}/`);
    else {
      for (const key of this.#lower.keys()) if (!this.#isWhiteout(key)) add(key, below);
      for (const [key, content] of this.#upper ?? []) if (content !== undefined) add(key, below);
      if (path === '/') for (const name of ALWAYS_THERE) if (name.lastIndexOf('/') === 0) names.add(name.slice(1));
    }
    for (const mount of this.#mounts) add(mount.path, below);
    return [...names].sort();
  }

  /** Creates or replaces a file. Parent directories are made on the way: Differs: a missing one is no error. */
  write(path: string, content: string): FileError | undefined {
    const place = this.#mounted(path);
    if (place?.readOnly) return 'Read-only file system';
    if (this.isDirectory(path)) return 'Is a directory';
    if (place !== undefined) place.files.set(place.key, content);
    else (this.#upper ??= new Map()).set(path, content);
    return undefined;
  }

  append(path: string, content: string): FileError | undefined {
    return this.write(path, (this.read(path) ?? '') + content);
  }

  makeDirectory(path: string): FileError | undefined {
    if (this.exists(path)) return 'File exists';
    const place = this.#mounted(path);
    if (place?.readOnly) return 'Read-only file system';
    if (place !== undefined) place.files.set(`${place.key}/`, '');
    else (this.#upper ??= new Map()).set(`${path}/`, '');
    return undefined;
  }

  /** Deletes a file, or a directory with all that is in it. */
  remove(path: string): FileError | undefined {
    if (!this.exists(path)) return 'No such file or directory';
    const place = this.#mounted(path);
    if (place?.readOnly) return 'Read-only file system';
    if (place !== undefined) {
      for (const key of [...place.files.keys()]) if (key === place.key || key.startsWith(`${place.key}/`)) place.files.delete(key);
      return undefined;
    }
    const upper = (this.#upper ??= new Map());
    for (const key of [...upper.keys()]) if (key === path || key.startsWith(`${path}/`)) upper.delete(key);
    for (const key of this.#lower.keys()) if (key === path || key.startsWith(`${path}/`)) upper.set(key, undefined);
    return undefined;
  }

  #isWhiteout(path: string): boolean {
    return this.#upper !== undefined && this.#upper.has(path) && this.#upper.get(path) === undefined;
  }

  /** Where a path lies, when it is in a volume. */
  #mounted(path: string): Place | undefined {
    for (const mount of this.#mounts) {
      const inside =
        path === mount.path
          ? ''
          : path.startsWith(mount.path === '/' ? '/' : `${mount.path}/`)
            ? path.slice(mount.path.length + 1)
            : undefined;
      if (inside === undefined) continue;
      const sub = (mount.subPath ?? '').replace(/^\/+|\/+$/g, '');
      const key = sub === '' ? inside : inside === '' ? (mount.volume.files.has(sub) ? sub : '') : `${sub}/${inside}`;
      if (sub !== '' && inside === '' && key === '') return { files: subTree(mount.volume.files, sub), key: '', readOnly: mount.readOnly };
      return { files: mount.volume.files, key, readOnly: mount.readOnly };
    }
    return undefined;
  }
}

/** Directories of every image. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(['/bin', '/dev', '/etc', '/proc', '/root', '/run', '/sys', '/tmp', '/usr', '/var']);

function hasPrefix(keys: Iterable<string>, prefix: string): boolean {
  for (const key of keys) if (key.startsWith(prefix)) return true;
  return false;
}

/** A read-only look at a directory of a volume. */
function subTree(files: Files, directory: string): Files {
  const tree: Files = new Map();
  for (const [key, content] of files) if (key.startsWith(`${directory}/`)) tree.set(key.slice(directory.length + 1), content);
  return tree;
}
