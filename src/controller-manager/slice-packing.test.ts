import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../api/generated/types.ts';
import { planSlices, portsKey } from './slice-packing.ts';

const ports = [{ name: '', port: 80, protocol: 'TCP' }];
const endpoint = (number: number, ready = true): Endpoint => ({
  addresses: [`10.0.0.${number}`],
  conditions: { ready },
  targetRef: { name: `p${number}` },
});
const endpoints = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, index) => endpoint(from + index));
const slice = (name: string, list: Endpoint[]): EndpointSlice =>
  ({ metadata: { name }, addressType: 'IPv4', endpoints: list, ports }) as unknown as EndpointSlice;
const plan = (existing: EndpointSlice[], wanted: Endpoint[]) =>
  planSlices(existing, new Map([[portsKey(ports), { ports, endpoints: wanted }]]), 10);
const sizes = ({ create, update, delete: gone }: ReturnType<typeof plan>) => ({
  create: create.map((made) => made.endpoints.length),
  update: update.map((fill) => `${fill.slice.metadata.name}:${fill.endpoints.length}`),
  delete: gone.map(({ metadata }) => metadata.name),
});

describe('slices', () => {
  it.each([
    { name: 'are cut at the limit', existing: [], wanted: endpoints(0, 25), create: [10, 10, 5], update: [], gone: [] },
    {
      name: 'stay as they are when nothing changes',
      existing: [slice('a', endpoints(0, 5))],
      wanted: endpoints(0, 5),
      create: [],
      update: [],
      gone: [],
    },
    {
      name: 'that change anyway take new endpoints first',
      existing: [slice('a', endpoints(0, 9)), slice('b', endpoints(20, 25))],
      wanted: [...endpoints(0, 9), ...endpoints(21, 25), endpoint(30)],
      create: [],
      update: ['b:5'],
      gone: [],
    },
    {
      name: 'that are fullest with room are filled',
      existing: [slice('a', endpoints(0, 3)), slice('b', endpoints(20, 28))],
      wanted: [...endpoints(0, 3), ...endpoints(20, 29)],
      create: [],
      update: ['b:9'],
      gone: [],
    },
    {
      name: 'without endpoints go',
      existing: [slice('a', endpoints(0, 3)), slice('b', endpoints(20, 22))],
      wanted: endpoints(0, 3),
      create: [],
      update: [],
      gone: ['b'],
    },
  ])('$name', ({ existing, wanted, create, update, gone }) => {
    expect(sizes(plan(existing, wanted))).toEqual({ create, update, delete: gone });
  });
});
