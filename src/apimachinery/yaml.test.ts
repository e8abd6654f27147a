import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseYaml } from './yaml.ts';

const TEXTS = [
  'a: b\nc: v1/x\n',
  'cidr: 10.244.0.0/16\nmode: iptables\n',
  'a: true\nb: no\n',
  'a: 1\n',
  'a: 10.2\n',
  'a: b\na.b: c\n',
  'a:\n  b: c\n',
  '# only a comment\na: b\n',
  'a: "b"\n',
  'a: b # c\n',
];

describe('the short way for flat texts', () => {
  it.each(TEXTS)('reads %j as the parser does', (text) => {
    expect(parseYaml(text)).toEqual(parse(text));
  });
});
