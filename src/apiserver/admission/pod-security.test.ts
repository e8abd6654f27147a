import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../api/generated/types.ts';
import { podSecurityViolations } from './pod-security-checks.ts';
import type { PodSecurityLevel } from './pod-security-checks.ts';

const pod = (container: Partial<Container>, spec: Partial<PodSpec> = {}): PodSpec => ({
  containers: [{ name: 'a', image: 'x', ...container }],
  ...spec,
});
const good: Partial<Container> = {
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

describe('the Pod Security Standards', () => {
  it.each<[string, PodSecurityLevel, PodSpec, string[]]>([
    ['privileged takes everything', 'privileged', pod({ securityContext: { privileged: true } }), []],
    ['baseline takes an ordinary pod', 'baseline', pod({}), []],
    ['restricted takes a careful pod', 'restricted', pod(good), []],
    [
      'privileged containers',
      'baseline',
      pod({ securityContext: { privileged: true } }),
      ['privileged (container "a" must not set securityContext.privileged=true)'],
    ],
    ['host namespaces', 'baseline', pod({}, { hostNetwork: true, hostPID: true }), ['host namespaces (hostNetwork=true, hostPID=true)']],
    ['host ports', 'baseline', pod({ ports: [{ containerPort: 80, hostPort: 80 }] }), ['hostPort (container "a" uses hostPort 80)']],
    ['host paths', 'baseline', pod({}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }), ['hostPath volumes (volume "v")']],
    [
      'capabilities',
      'baseline',
      pod({ securityContext: { capabilities: { add: ['NET_ADMIN', 'CHOWN'] } } }),
      ['non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)'],
    ],
    [
      'sysctls',
      'baseline',
      pod({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
      ['forbidden sysctls (kernel.msgmax)'],
    ],
    [
      'an unconfined pod',
      'baseline',
      pod({}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      ['seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
    ],
    [
      'all that an ordinary pod lacks, in order',
      'restricted',
      pod({}),
      [
        'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      ],
    ],
    [
      'volume types',
      'restricted',
      pod(good, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      ['restricted volume types (volume "v" uses restricted volume type "hostPath")'],
    ],
    [
      'root',
      'restricted',
      pod({ securityContext: { ...good.securityContext, runAsUser: 0 } }),
      ['runAsUser=0 (container "a" must not set runAsUser=0)'],
    ],
  ])('%s', (_name, level, spec, expected) => {
    expect(podSecurityViolations(spec, level).map(({ reason, detail }) => `${reason} (${detail})`)).toEqual(expected);
  });
});
