/**
 * The program of the image kubarium/admission-webhook: an HTTPS server on port 8443 (or --port) that answers AdmissionReviews,
 * ConversionReviews and SubjectAccessReviews by the rules in its arguments and in the environment variable RULES; see rules.ts.
 */
import { encodeBase64 } from '../../apimachinery/base64.ts';
import type { HttpReply, HttpRequest, Message, Peer, Service } from '../../linux/net/socket.ts';
import type { Executable, Process } from '../../linux/process.ts';
import { PAUSE } from '../../linux/syscalls.ts';
import type { Program } from '../../linux/syscalls.ts';
import { converted, fieldsOf, parseRules, patchFor, refusal } from './rules.ts';
import type { Fields, Rule } from './rules.ts';

const PORT = 8443;
const MEMORY = 12 * 1024 * 1024;

/** The executable, for `Catalogue.provide`. */
export const admissionWebhook: Executable = (process) => run(process);

function* run(process: Process): Program {
  process.handles = ['SIGTERM', 'SIGINT'];
  process.use({ memoryBytes: MEMORY, milliCpu: 1 });
  const words = process.argv.slice(1);
  const given = words.find((word) => word.startsWith('--port='))?.slice('--port='.length);
  const text = [...words.filter((word) => !word.startsWith('--port=')), process.context.environment().get('RULES') ?? ''].join('\n');
  const { rules, problems } = parseRules(text);
  if (problems.length > 0) {
    process.printError(problems.map((problem) => `${problem}\n`).join(''));
    return 2;
  }
  const port = Number(given ?? PORT);
  if (!process.listen(port, 'TCP', new WebhookService(rules))) {
    process.printError(`listen tcp :${port}: bind: address already in use\n`);
    return 1;
  }
  process.print(`listening on :${port} with ${rules.length} rules\n`);
  yield PAUSE;
  return 0;
}

class WebhookService implements Service {
  readonly tls = true;
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  serve(process: Process, message: Message, _peer: Peer): HttpReply | undefined {
    if (message.kind !== 'http') return undefined;
    const of = (verb: string) => this.#rules.find((rule) => rule.verb === verb)?.rest;
    const delay = Number(of('delay') ?? 0) * 1000;
    const reply = this.#answer(process, message, of('status'));
    return delay > 0 ? { ...reply, delayMs: delay } : reply;
  }

  #answer(process: Process, { method, path, body }: HttpRequest, status: string | undefined): HttpReply {
    const plain = (code: number, text: string): HttpReply => ({ kind: 'http', status: code, contentType: 'text/plain', body: text });
    if (method === 'GET') return plain(200, 'ok\n');
    if (status !== undefined) return plain(Number(status), 'refused by rule\n');
    let review: Fields;
    try {
      review = JSON.parse(body) as Fields;
    } catch {
      return plain(400, 'the body is not JSON\n');
    }
    const answer = this.#review(process, review, path);
    if (answer === undefined) return plain(400, `unknown kind ${String(review['kind'])}\n`);
    return { kind: 'http', status: 200, contentType: 'application/json', body: JSON.stringify(answer) };
  }

  #review(process: Process, review: Fields, path: string): Fields | undefined {
    const { apiVersion, kind } = review;
    const request = fieldsOf(review, 'request');
    if (kind === 'AdmissionReview') return { apiVersion, kind, response: this.#admission(process, request, path) };
    if (kind === 'ConversionReview') {
      const objects = (request['objects'] ?? []) as Fields[];
      const convertedObjects = objects.map((object) => converted(this.#rules, object, String(request['desiredAPIVersion'])));
      process.print(`converted ${objects.length} objects to ${String(request['desiredAPIVersion'])}\n`);
      return { apiVersion, kind, response: { uid: request['uid'], result: { status: 'Success' }, convertedObjects } };
    }
    if (kind !== 'SubjectAccessReview') return undefined;
    const user = String(fieldsOf(review, 'spec')['user']);
    const named = (verb: string) => this.#rules.some((rule) => rule.verb === verb && rule.rest === user);
    if (named('deny-user')) return { ...review, status: { allowed: false, denied: true, reason: `user ${user} is denied` } };
    return { ...review, status: { allowed: named('allow-user'), reason: named('allow-user') ? `user ${user} is allowed` : '' } };
  }

  #admission(process: Process, request: Fields, path: string): Fields {
    const { uid, operation, name } = request;
    const object = operation === 'DELETE' ? fieldsOf(request, 'oldObject') : fieldsOf(request, 'object');
    const why = operation === 'DELETE' ? undefined : refusal(this.#rules, object);
    process.print(`${String(operation)} ${String(object['kind'])} ${String(name)}: ${why === undefined ? 'allowed' : `denied: ${why}`}\n`);
    const warnings = this.#rules.filter(({ verb }) => verb === 'warn').map(({ rest }) => rest);
    const common = { uid, ...(warnings.length > 0 && { warnings }) };
    if (why !== undefined) return { ...common, allowed: false, status: { code: 403, message: why } };
    const patch = operation === 'DELETE' || path.startsWith('/validate') ? [] : patchFor(this.#rules, object);
    if (patch.length === 0) return { ...common, allowed: true };
    return { ...common, allowed: true, patchType: 'JSONPatch', patch: encodeBase64(JSON.stringify(patch)) };
  }
}
