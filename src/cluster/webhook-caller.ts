/**
 * How the apiserver reaches webhooks: over the network of the machine it runs on, through the Service's address, as kube-proxy has set it up
 * (`k8s.io/apiserver/pkg/util/webhook/{client,serviceresolver}.go`). The answer is there at once: a request does not take virtual time.
 * Differs: certificates are not checked, so caBundle may be anything.
 */
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { ObjectReader } from '../apiserver/admission/admission.ts';
import { webhookUrl } from '../apiserver/policy/webhook-caller.ts';
import type { WebhookAnswer, WebhookCaller, WebhookTarget } from '../apiserver/policy/webhook-caller.ts';
import { connect } from '../linux/net/connect.ts';
import { parseIpv4 } from '../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';

/** Where the request goes, or why it cannot. */
type Address = { readonly host: string; readonly port: number; readonly path: string } | { readonly error: string };

/** Calls from `netns`: the control plane's machine. */
export function newWebhookCaller(netns: () => NetworkNamespace | undefined, reader: () => ObjectReader): WebhookCaller {
  return {
    post(target, body, timeoutMs) {
      const failed = (why: string): WebhookAnswer => ({ error: `Post ${JSON.stringify(webhookUrl(target, timeoutMs))}: ${why}` });
      const address = addressOf(target, reader());
      if ('error' in address) return failed(address.error);
      const { host, port, path } = address;
      const ip = parseIpv4(host);
      const from = netns();
      if (ip === undefined || from === undefined) return failed(`dial tcp: lookup ${host}: no such host`);
      const outcome = connect(from, ip, port, 'TCP');
      if (outcome.state === 'timeout' || outcome.afterMs > timeoutMs) return failed('context deadline exceeded');
      if (outcome.state === 'refused') return failed(`dial tcp ${host}:${port}: connect: connection refused`);
      if (outcome.state !== 'connected')
        return failed(
          `dial tcp ${host}:${port}: connect: ${outcome.state === 'host unreachable' ? 'no route to host' : 'network is unreachable'}`,
        );
      const { socket, peer } = outcome;
      if (socket.service.tls !== true) return failed('http: server gave HTTP response to HTTPS client');
      const headers = [
        { name: 'Content-Type', value: 'application/json' },
        { name: 'User-Agent', value: 'kube-apiserver-admission' },
      ];
      const name = target.service === undefined ? host : `${target.service.name}.${target.service.namespace}.svc`;
      const reply = socket.service.serve(
        socket.process,
        {
          kind: 'http',
          method: 'POST',
          path: `${path}?timeout=${Math.ceil(timeoutMs / 1000)}s`,
          host: name,
          headers,
          body: JSON.stringify(body),
          tls: true,
        },
        peer,
      );
      if (reply === 'silent' || (reply !== undefined && 'delayMs' in reply && (reply.delayMs ?? 0) > timeoutMs))
        return failed('context deadline exceeded');
      if (reply === undefined) return failed('EOF');
      if (reply.kind !== 'http') return failed('net/http: HTTP/1.x transport connection broken: malformed HTTP response');
      return bodyOf(reply.status, reply.body);
    },
  };
}

/** What client-go makes of an answer. */
function bodyOf(status: number, text: string): WebhookAnswer {
  if (status === 404) return { error: 'the server could not find the requested resource' };
  if (status < 200 || status > 299)
    return { error: `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding` };
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { error: "couldn't get version/kind; json parse error: invalid character in answer" };
  }
}

function addressOf({ url, service }: WebhookTarget, reader: ObjectReader): Address {
  if (service === undefined) {
    const match = /^https:\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(url ?? '');
    return { host: match?.[1] ?? '', port: Number(match?.[2] ?? 443), path: match?.[3] ?? '/' };
  }
  const { namespace, name, port = 443, path = '/' } = service;
  const found = reader.get(ServiceResource, namespace, name);
  const quoted = JSON.stringify(name);
  if (found === undefined) return { error: `service ${quoted} not found` };
  if (!found.spec?.ports?.some((own) => own.port === port)) return { error: `no service port ${port} found for service ${quoted}` };
  const slices = reader
    .list(EndpointSliceResource, namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  const ready = slices.some(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready !== false));
  if (!ready) return { error: `no endpoints available for service ${quoted}` };
  return { host: found.spec.clusterIP ?? '', port, path: path.startsWith('/') ? path : `/${path}` };
}
