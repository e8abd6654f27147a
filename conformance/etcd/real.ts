/** A real etcd on loopback with a data folder of its own, spoken to through its JSON gateway. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutIds } from './json.ts';
import type { Json } from './json.ts';

const START_LIMIT_MS = 20_000;

/** The first line of `etcd --version`; undefined where no etcd is installed. */
export function etcdVersion(): string | undefined {
  const { error, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  return error === undefined ? (stdout.split('\n', 1)[0] ?? '') : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

/** A running etcd. */
export class RealEtcd {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts one and waits until it answers. */
  static async start(): Promise<RealEtcd> {
    const folder = mkdtempSync(join(tmpdir(), 'kubarium-etcd-'));
    const [port, peerPort] = [await freePort(), await freePort()];
    const [url, peerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
    const flags = {
      'data-dir': folder,
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `default=${peerUrl}`,
      'log-level': 'error',
    };
    const child = spawn(
      'etcd',
      Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      { stdio: 'ignore' },
    );
    const etcd = new RealEtcd(child, folder, port);
    const until = Date.now() + START_LIMIT_MS;
    for (;;) {
      const up = await etcd.post('/v3/kv/range', { key: 'YQ==' }).then(
        (answer) => 'header' in (answer as object),
        () => false,
      );
      if (up) return etcd;
      if (Date.now() > until) {
        await etcd.stop();
        throw new Error('etcd does not start');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sends a request; a refusal comes back as {error, code}. */
  async post(path: string, body: Json): Promise<Json> {
    const text = await new Promise<string>((resolve, reject) => {
      const sent = this.#request(path, (chunks) => {
        let answer = '';
        chunks.setEncoding('utf8');
        chunks.on('data', (chunk: string) => (answer += chunk));
        chunks.on('end', () => resolve(answer));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(body));
    });
    return refusalOr(JSON.parse(text.trim().split('\n', 1)[0] ?? '') as Json);
  }

  /** Opens a stream; each message goes to `onMessage`. Returns how to end it. */
  stream(path: string, body: Json, onMessage: (message: Json) => void): () => void {
    const sent = this.#request(path, (chunks) => {
      let rest = '';
      chunks.setEncoding('utf8');
      chunks.on('error', () => undefined);
      chunks.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') onMessage(refusalOr(JSON.parse(line) as Json));
      });
    });
    sent.on('error', () => undefined);
    sent.end(JSON.stringify(body));
    return () => void sent.destroy();
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    this.#agent.destroy();
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #request(path: string, onResponse: Parameters<typeof request>[2]): ClientRequest {
    const options = { host: '127.0.0.1', port: this.#port, path, method: 'POST', agent: this.#agent };
    return request(options, onResponse);
  }
}

function refusalOr(answer: Json): Json {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer) && 'error' in answer)
    return { error: answer['error'] ?? '', code: answer['code'] ?? 0 };
  return withoutIds(answer);
}
