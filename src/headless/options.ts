/** The command line of `npm run headless`. */
import { parseArgs } from 'node:util';
import { CNIS, isCni } from '../api/kubarium/scenario.ts';
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';

/** How a headless cluster runs. */
export interface HeadlessOptions {
  /** Serve HTTP on this port of 127.0.0.1; 0 picks one. */
  port: number | undefined;
  /** HTTPS, with client certificates. */
  tls: boolean;
  /** Write a kubeconfig of the administrator into this file. */
  kubeconfig: string | undefined;
  /** A manifest file, or a folder of them. */
  scenario: string | undefined;
  speed: 'paused' | 'max' | number;
  seed: number | undefined;
  /** Network add-on of a cluster without a scenario. Default: canal, so that NetworkPolicies have an effect. */
  cni: NonNullable<ScenarioCluster['cni']>;
  /** Run until idle, or for so many virtual seconds, and then end (unless serving). */
  until: 'idle' | number | undefined;
  print: 'json' | 'hash' | undefined;
}

export const USAGE = `npm run headless -- [--port N [--tls] [--kubeconfig FILE]] [--scenario FILE|DIR] [--speed paused|N|max] [--seed N] [--cni NAME] [--until idle|SECONDS] [--print json|hash]`;

/** Reads the arguments. Throws an Error whose message says what is wrong. */
export function readOptions(args: readonly string[]): HeadlessOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      port: { type: 'string' },
      tls: { type: 'boolean' },
      kubeconfig: { type: 'string' },
      scenario: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      cni: { type: 'string' },
      until: { type: 'string' },
      print: { type: 'string' },
    },
  });
  const number = (name: 'port' | 'seed') => {
    const text = values[name];
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"`);
    return Number(text);
  };
  const { scenario, print, until, cni = 'canal', speed = '1', tls = false, kubeconfig } = values;
  if (!isCni(cni)) throw new Error(`--cni takes one of ${CNIS.join(', ')}, not "${cni}"`);
  if (print !== undefined && print !== 'json' && print !== 'hash') throw new Error(`--print takes json or hash, not "${print}"`);
  if (speed !== 'paused' && speed !== 'max' && !(Number(speed) > 0))
    throw new Error(`--speed takes paused, max or a number above 0, not "${speed}"`);
  if (until !== undefined && until !== 'idle' && !(Number(until) >= 0)) throw new Error(`--until takes idle or seconds, not "${until}"`);
  if (values.port === undefined && (tls || kubeconfig !== undefined)) throw new Error('--tls and --kubeconfig need --port');
  return {
    port: number('port'),
    tls,
    kubeconfig,
    seed: number('seed'),
    scenario,
    cni,
    speed: speed === 'paused' || speed === 'max' ? speed : Number(speed),
    until: until === undefined || until === 'idle' ? until : Number(until),
    print,
  };
}
