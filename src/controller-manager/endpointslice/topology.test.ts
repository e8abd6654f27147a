import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice, Node } from '../../api/generated/types.ts';
import { addHints, allocationsOf, cpuRatios, hintOwnZones, isOverloaded, removeHints } from './topology.ts';
import type { HintedSlices, PlannedEndpoints } from './topology.ts';

const node = (zone: string, cpu: string, { ready = 'True', controlPlane = false } = {}): Node =>
  ({
    metadata: {
      labels: {
        ...(zone && { 'topology.kubernetes.io/zone': zone }),
        ...(controlPlane && { 'node-role.kubernetes.io/control-plane': '' }),
      },
    },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: ready }] },
  }) as unknown as Node;

const endpoints = (...zones: string[]): Endpoint[] =>
  zones.map((zone, index) => ({ addresses: [`10.0.0.${index}`], conditions: { ready: true }, ...(zone && { zone }) }));

function slices(planned: Endpoint[][], unchanged: Endpoint[][] = []) {
  const rewritten: PlannedEndpoints[] = [];
  const all = planned.map((own) => ({ endpoints: own }));
  const given: HintedSlices = {
    planned: all,
    unchanged: unchanged.map((own) => ({ endpoints: own }) as EndpointSlice),
    rewrite(slice) {
      const next = { endpoints: [...(slice.endpoints ?? [])] };
      rewritten.push(next);
      return next;
    },
  };
  const hints = () =>
    [...all, ...rewritten].map((slice) => slice.endpoints.map(({ hints: own }) => own?.forZones?.[0]?.name ?? '-').join(''));
  return { given, hints, rewritten };
}

const halves = new Map([
  ['a', 0.5],
  ['b', 0.5],
]);

describe('the part of each zone', () => {
  const cases: [name: string, nodes: Node[], ratios: [string, number][] | undefined][] = [
    [
      'goes by CPU',
      [node('a', '2'), node('a', '1'), node('b', '1')],
      [
        ['a', 0.75],
        ['b', 0.25],
      ],
    ],
    [
      'leaves out control planes and nodes that are not ready',
      [node('', '8', { controlPlane: true }), node('a', '2'), node('b', '2'), node('b', '4', { ready: 'False' })],
      [
        ['a', 0.5],
        ['b', 0.5],
      ],
    ],
    ['is not known when a node has no zone', [node('a', '2'), node('b', '2'), node('', '2')], undefined],
    ['is not known with one zone only', [node('a', '2'), node('a', '2')], undefined],
  ];
  it.each(cases)('%s', (_name, nodes, ratios) => {
    expect(cpuRatios(nodes)).toEqual(ratios && new Map(ratios));
  });

  it('is refused when too few endpoints are there, or the smallest parts are more than all', () => {
    const thirds = new Map(['a', 'b', 'c'].map((zone) => [zone, 1 / 3]));
    expect(allocationsOf(thirds, 2)).toMatchObject({ message: 'Insufficient number of endpoints (2 endpoints, 3 zones)' });
    expect(allocationsOf(thirds, 4)).toMatchObject({
      message: 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)',
    });
    expect(allocationsOf(thirds, 6)).toEqual(new Map(['a', 'b', 'c'].map((zone) => [zone, { minimum: 2, maximum: 2, desired: 2 }])));
    expect(allocationsOf(undefined, 6)).toMatchObject({ reason: 'TopologyAwareHintsDisabled' });
  });
});

describe('hints', () => {
  it('name the own zone where the zones are even', () => {
    const { given, hints } = slices([endpoints('a', 'b', 'a', 'b')]);
    expect(addHints(given, halves)).toEqual(
      new Map([
        ['a', 2],
        ['b', 2],
      ]),
    );
    expect(hints()).toEqual(['abab']);
  });

  it('lend endpoints to a zone that has too few', () => {
    const { given, hints } = slices([endpoints('a', 'a', 'a', 'b')]);
    expect(addHints(given, halves)).toEqual(
      new Map([
        ['a', 2],
        ['b', 2],
      ]),
    );
    expect(hints()).toEqual(['baab']);
  });

  it('are left in slices that need no change, and taken away when there can be none', () => {
    const hinted = endpoints('a', 'b').map((endpoint) => ({ ...endpoint, hints: { forZones: [{ name: endpoint.zone ?? '' }] } }));
    const kept = slices([], [hinted]);
    addHints(kept.given, halves);
    expect(kept.rewritten).toEqual([]);
    const gone = slices([], [hinted]);
    expect(addHints(gone.given, undefined)).toMatchObject({ type: 'Warning' });
    expect(gone.hints()).toEqual(['--']);
  });

  it('need a zone for each endpoint', () => {
    expect(addHints(slices([endpoints('a', 'b', '', 'b')]).given, halves)).toMatchObject({
      message: 'One or more endpoints do not have a zone specified',
    });
  });

  it('for PreferClose are the own zone of each, wherever the zones are', () => {
    const { given, hints } = slices([endpoints('a', 'a', '')], [endpoints('a')]);
    hintOwnZones(given);
    expect(hints()).toEqual(['aa-', 'a']);
    removeHints(given);
    expect(given.planned[0]?.endpoints.every(({ hints: own }) => own === undefined)).toBe(true);
  });

  it('do not fit any more when a zone has less than its part', () => {
    expect(
      isOverloaded(
        new Map([
          ['a', 2],
          ['b', 2],
        ]),
        halves,
      ),
    ).toBe(false);
    expect(
      isOverloaded(
        new Map([
          ['a', 3],
          ['b', 1],
        ]),
        halves,
      ),
    ).toBe(true);
    expect(isOverloaded(new Map([['a', 3]]), undefined)).toBe(true);
  });
});
