/** Listening sockets and what is said over them. Messages are whole requests and replies; there is no byte stream. */
import type { Process } from '../process.ts';
import type { DnsQuery, DnsReply } from './dns.ts';
import type { Ipv4 } from './ipv4.ts';
import type { WalkRecorder } from './walk-recorder.ts';

/** Transport protocols. */
export type Protocol = 'TCP' | 'UDP';

/** An HTTP request, a DNS question, or one message of any other protocol as text. */
export type Message =
  HttpRequest | DnsQuery | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'grpc-health'; readonly service: string };

/** An HTTP/1.1 request. */
export interface HttpRequest {
  readonly kind: 'http';
  readonly method: string;
  /** Path with query: "/index.html?x=1". */
  readonly path: string;
  readonly host: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  /** Whether the client speaks TLS. */
  readonly tls: boolean;
  /** Listens to the connections that are made to answer it: a proxy passes it on. */
  readonly recorder?: WalkRecorder | undefined;
}

/** What a server answers. */
export type Reply = HttpReply | DnsReply | { readonly kind: 'text'; readonly text: string; readonly delayMs?: number } | GrpcReply;

/** An HTTP answer. `delayMs` is how long the server took. */
export interface HttpReply {
  readonly kind: 'http';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  /** The common name of the certificate that the server showed. */
  readonly certificate?: string;
  readonly delayMs?: number;
}

/** An answer of the gRPC health protocol. */
export interface GrpcReply {
  readonly kind: 'grpc-health';
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
  readonly delayMs?: number;
}

/** Who is speaking, as the server sees it. */
export interface Peer {
  readonly ip: Ipv4;
  readonly port: number;
}

/** The code behind a socket. One object serves all processes that run the same program. */
export interface Service {
  /** Whether clients must speak TLS. */
  readonly tls?: boolean;
  /** The answer; undefined closes the connection without one; 'silent' never answers. */
  serve(process: Process, message: Message, peer: Peer): Reply | undefined | 'silent';
}

/** A socket that accepts connections. `ip` 0 listens on all addresses. */
export interface ListeningSocket {
  readonly protocol: Protocol;
  readonly ip: Ipv4;
  readonly port: number;
  readonly process: Process;
  service: Service;
}
