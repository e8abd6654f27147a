import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { User } from '../../cluster/testing/user.ts';
import { serve } from '../server.ts';

const user = new User({ layout: { workers: 1 } });
let port = 0;
let close: () => void = () => undefined;

beforeAll(async () => {
  user.apply(`
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-shells}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec, pods/portforward]}]
  validations:
  - expression: '!has(object.command) || !object.command.exists(word, word == "sh")'
    message: no shells here
    reason: Forbidden
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-shells}
spec: {policyName: no-shells, validationActions: [Deny]}
`);
  user.wait(30);
  ({ port, close } = await serve(user.cluster, 0, () => user.wait(1)));
});
afterAll(() => close());

/** Asks for SPDY; the status code, and the Status where the server refuses. */
function open(path: string): Promise<{ code: number; message?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v4.channel.k8s.io,portforward.k8s.io' };
    const asked = request({ host: '127.0.0.1', port, path: `/api/v1/namespaces/default/pods/p/${path}`, method: 'POST', headers });
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ code: 101 });
    });
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, message: (JSON.parse(text) as { message: string }).message }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('admission of streams', () => {
  it.each([
    ['exec?command=ls&stdout=true', 101, undefined],
    [
      'exec?command=sh&stdout=true',
      403,
      "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'no-shells' with binding 'no-shells' denied request: no shells here",
    ],
    ['attach?stdout=true', 101, undefined],
    ['portforward?ports=80', 101, undefined],
  ])('%s: %i', async (path, code, message) => {
    expect(await open(path)).toEqual({ code, ...(message !== undefined && { message }) });
  });
});
