/** Snapshots of the model stay as they were, whatever happens afterwards. */
import { describe, expect, it } from 'vitest';
import { ServiceModel } from './service-model.ts';
import { service, slice } from './testing/objects.ts';

const seen = (view: ReturnType<ServiceModel['snapshot']>): string[] =>
  [...view.entries].map(([name, { endpoints }]) => `${name} ${endpoints.map(({ text }) => text).join(',')}`);

function model(): ServiceModel {
  const made = new ServiceModel();
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    made.putService(service(name, `10.96.0.${index + 1}`));
    made.putSlice(slice(name, [{ ip: `10.244.1.${index + 1}` }]));
  }
  return made;
}

describe('a snapshot of the model', () => {
  it('keeps what was there through changes, additions and deletions, in the same order', () => {
    const live = model();
    const first = live.snapshot();
    const before = seen(first);
    live.putSlice(slice('b', [{ ip: '10.244.9.9' }]));
    const second = live.snapshot();
    live.putService(service('d', '10.96.0.4'));
    live.removeService('default/a');
    live.putSlice(slice('b', []));
    expect(seen(first)).toEqual(before);
    expect(seen(second)).toEqual([before[0], 'default/b:http 10.244.9.9:8080', before[2]]);
    expect(first.entries.has('default/d:http')).toBe(false);
    expect(first.entries.get('default/b:http')?.endpoints[0]?.ip).toBe('10.244.1.2');
    expect(second.entries.get('default/a:http')).toBeDefined();
    expect([...live.snapshot().entries.keys()]).toEqual(['default/b:http', 'default/c:http', 'default/d:http']);
  });

  it('is one for all who ask before the next change', () => {
    const live = model();
    expect(live.snapshot()).toBe(live.snapshot());
    const before = live.snapshot();
    live.putSlice(slice('c', []));
    expect(live.snapshot()).not.toBe(before);
  });
});
