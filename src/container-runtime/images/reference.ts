/**
 * Image references and their full form (`github.com/distribution/reference`): "nginx" is
 * "docker.io/library/nginx:latest".
 */

/** A reference in its full form. */
export interface Reference {
  /** "docker.io/library/nginx" */
  readonly repository: string;
  /** "docker.io" */
  readonly registry: string;
  /** "1.25"; "latest" when neither tag nor digest was given; undefined with a digest only. */
  readonly tag: string | undefined;
  /** "sha256:…" */
  readonly digest: string | undefined;
  /** "docker.io/library/nginx:1.25" */
  readonly full: string;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const DOMAIN = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?))*(?::[0-9]+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const INVALID = 'invalid reference format';

/** Reads a reference; `error` is upstream's text. */
export function parseReference(text: string): Reference | { error: string } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const name = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  if (/^[a-f0-9]{64}$/.test(text)) return { error: `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings` };
  const { registry, path } = split(name);
  if (path !== path.toLowerCase()) return { error: `${INVALID}: repository name (${path}) must be lowercase` };
  const valid = DOMAIN.test(registry) && path.split('/').every((part) => COMPONENT.test(part));
  if (!valid || (tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return { error: INVALID };
  const repository = `${registry}/${path}`;
  const full = `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return { repository, registry, tag, digest, full };
}

/** The part before the first slash is a registry when it looks like a host; else it is Docker Hub. */
function split(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (isHost) return { registry: first === 'index.docker.io' ? 'docker.io' : first, path: withLibrary(first, name.slice(slash + 1)) };
  return { registry: 'docker.io', path: withLibrary('docker.io', name) };
}

const withLibrary = (registry: string, path: string): string =>
  registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
