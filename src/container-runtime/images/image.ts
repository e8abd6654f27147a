/**
 * Simulated images as plain data: what a registry holds, and how the programs inside behave. `kubarium.dev/Image`
 * objects carry the same shape.
 */
import type { Executable } from '../../linux/process.ts';

/** What an image's program does. */
export type Behaviour =
  | ServerBehaviour
  | DatabaseBehaviour
  | OnceBehaviour
  | WorkerBehaviour
  | EaterBehaviour
  | AnswerBehaviour
  | InterpreterBehaviour
  | SubcommandBehaviour;

/** Listens, serves, and ends on SIGTERM. */
export interface ServerBehaviour {
  readonly kind: 'server';
  /** ms from start to listening. */
  readonly startupMs?: number;
  readonly listen: readonly ListenSpec[];
  /** Lines at the start; "{time}" and other placeholders are filled in. */
  readonly startLog?: readonly string[];
  readonly stopLog?: readonly string[];
  /** When one of these environment variables is missing, it writes `text` and exits. */
  readonly requiresEnv?: { readonly anyOf: readonly string[]; readonly text: readonly string[]; readonly exitCode: number };
  /** Must resolve before it listens, as nginx's upstreams must; else it writes "{host}" into the text and exits with 1. */
  readonly requiresHosts?: { readonly hosts: readonly string[]; readonly text: string };
  /** Exit code after a signal to end. Default 0. */
  readonly exitCode?: number;
  /** ms from the signal to the end. Default 0. */
  readonly stopMs?: number;
  readonly memoryBytes?: number;
  readonly milliCpu?: number;
  /** CPU time of one request, in ms: what the server uses grows with its traffic. */
  readonly cpuMsPerRequest?: number;
  /** Writes a line for each HTTP request ("combined" format). */
  readonly accessLog?: boolean;
}

/** One port of a server. */
export interface ListenSpec {
  /** Default; see `portEnv` and `portFlag`. */
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
  /** Environment variable that overrides the port. */
  readonly portEnv?: string;
  /** Flag that overrides the port: "--port". */
  readonly portFlag?: string;
  readonly tls?: boolean;
  /** Answers HTTP. */
  readonly http?: HttpSpec;
  /** Answers other messages: text → reply, "*" for the rest. */
  readonly text?: Readonly<Record<string, string>>;
  /** Speaks grpc.health.v1. */
  readonly grpcHealth?: boolean;
}

/** How HTTP requests are answered. */
export interface HttpSpec {
  /** Directory of the container's file system that is served; tried first. */
  readonly root?: string;
  /** Path → answer; "*" for all others. Bodies may hold {hostname}, {clientIp}, {method}, {path}, {host}, {tag}, {env:NAME}, {query:NAME}. */
  readonly routes?: Readonly<Record<string, RouteSpec>>;
  /** Body of 404. */
  readonly notFound?: string;
  readonly contentType?: string;
}

/** An HTTP answer. */
export interface RouteSpec {
  readonly status?: number;
  readonly body: string;
  readonly contentType?: string;
  readonly delayMs?: number;
  /** Answers with another status once the program has run for so long. */
  readonly later?: { readonly afterMs: number; readonly status: number };
  /** The server stops after this answer with this exit code ("{query:code}" in agnhost). */
  readonly exits?: boolean;
}

/** A database: a server that first fills an empty data directory, which takes longer and needs a password. */
export interface DatabaseBehaviour extends Omit<ServerBehaviour, 'kind'> {
  readonly kind: 'database';
  readonly dataDir: string;
  /** A file that exists once the directory is filled. */
  readonly marker: string;
  readonly initMs: number;
  readonly initLog: readonly string[];
  /** Flags that releases with these tags (a regular expression) do not know: the server writes `text` with "{flag}" and exits. */
  readonly unknownFlags?: {
    readonly tags: string;
    readonly flags: readonly string[];
    readonly text: readonly string[];
    readonly exitCode: number;
  };
}

/** Writes and ends. */
export interface OnceBehaviour {
  readonly kind: 'once';
  readonly output?: readonly string[];
  readonly runMs?: number;
  readonly exitCode?: number;
}

/** Connects to others, again and again. */
export interface WorkerBehaviour {
  readonly kind: 'worker';
  /** In this order; each is tried until it answers. */
  readonly connects: readonly { readonly host: string; readonly port: number; readonly waiting: string; readonly connected: string }[];
  readonly retryMs: number;
  readonly memoryBytes?: number;
  readonly milliCpu?: number;
}

/** kubarium/eater: uses memory and CPU as its flags say (--mem-growth=8Mi/s --cpu=900m --mem=64Mi). */
export interface EaterBehaviour {
  readonly kind: 'eater';
}

/** A tool that answers at once, as `redis-cli ping`: first arguments → output; "*" for the rest. Needs `port` to be served if given. */
export interface AnswerBehaviour {
  readonly kind: 'answer';
  readonly answers: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Written to stderr, with exit code 1, when nothing listens on `port`. */
  readonly notListening?: string;
}

/** Does what its first argument says. */
export interface SubcommandBehaviour {
  readonly kind: 'subcommand';
  readonly of: Readonly<Record<string, Behaviour>>;
  /** Without an argument, or with another one. */
  readonly otherwise: Behaviour;
}

/** A language's interpreter: runs the few one-liners of tutorials, and says so of everything else. */
export interface InterpreterBehaviour {
  readonly kind: 'interpreter';
  readonly language: 'perl' | 'python' | 'other';
}

/** Which tools an image has: none at all, busybox with sh, or GNU tools with bash. */
export type Userland = 'none' | 'busybox' | 'debian';

/** A repository of images that differ in their tags only. */
export interface ImageSpec {
  /** Full form: "docker.io/library/nginx". */
  readonly repository: string;
  /** Regular expression for the whole of a tag that exists. */
  readonly tags: string;
  /** Layers from the bottom, with sizes in bytes as pulled. An id without ":" is shared between images; "{tag}" makes it the tag's own. */
  readonly layers: readonly { readonly id: string; readonly sizeBytes: number }[];
  readonly userland: Userland;
  /** Tools that the image has beyond its userland. */
  readonly tools?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Ports in EXPOSE. */
  readonly ports?: readonly number[];
  /** STOPSIGNAL. Default SIGTERM. */
  readonly stopSignal?: 'SIGTERM' | 'SIGQUIT' | 'SIGINT' | 'SIGWINCH';
  /** Name of a program (last part of its path) → what it does. */
  readonly programs?: Readonly<Record<string, Behaviour>>;
  /** Files by absolute path. Executable scripts start with "#!/bin/sh". */
  readonly files?: Readonly<Record<string, string>>;
}

/** One image: a repository at a tag. Shared by all nodes. */
export interface Image {
  readonly spec: ImageSpec;
  readonly tag: string;
  /** "docker.io/library/nginx:1.25" */
  readonly name: string;
  /** "docker.io/library/nginx@sha256:…" */
  readonly imageRef: string;
  readonly layers: readonly { readonly id: string; readonly sizeBytes: number }[];
  readonly sizeBytes: number;
  readonly files: ReadonlyMap<string, string>;
  /** Programs that other rooms have written for this repository, by name; live. */
  readonly natives: ReadonlyMap<string, Executable>;
}
