import { describe, expect, it } from 'vitest';
import { Environment } from './environment.ts';
import { formatted } from './strings-library.ts';
import { DYN } from './types.ts';
import { CelError, adapt } from './values.ts';

const object = {
  metadata: { name: 'web', labels: { app: 'web', 'a/b': 'c' } },
  spec: {
    replicas: 3,
    ratio: 0.5,
    containers: [
      { name: 'a', image: 'nginx:1.25' },
      { name: 'b', image: 'busybox' },
    ],
    none: null,
  },
};
const environment = new Environment(new Map([['object', DYN]]));

/** The result as text, or the error. */
function run(source: string): string {
  const { program, error } = environment.compile(source);
  if (program === undefined) return error;
  try {
    const value = program.run((name) => (name === 'object' ? adapt(object) : undefined));
    return formatted(value);
  } catch (failure) {
    if (failure instanceof CelError) return `error: ${failure.message}`;
    throw failure;
  }
}

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', '7'],
    ['-7 / 2', '-3'],
    ['-7 % 3', '-1'],
    ['7u + 1u', '8'],
    ['1.5 + 1.5', '3'],
    ['1 / 0', 'error: division by zero'],
    ['9223372036854775807 + 1', 'error: integer overflow'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['0u - 1u', 'error: unsigned integer overflow'],
    ['1 < 1.5 && 2u > 1', 'true'],
    ['dyn(1) == 1.0', 'true'],
    ['"a" in ["a", "b"]', 'true'],
    ['"x" in {"x": 1}', 'true'],
    ['true ? 1 : 2', '1'],
    ['false && (1 / 0 > 0)', 'false'],
    ['(1 / 0 > 0) || true', 'true'],
    ['"caf\\u00e9".size()', '4'],
    ["b'\\xff'.size()", '1'],
    ['r"\\d" + """a"b"""', '\\da"b'],
    ['object.spec.replicas', '3'],
    ['object.spec.replicas == 3 && object.spec.ratio == 0.5', 'true'],
    ['object.metadata.labels["a/b"]', 'c'],
    ['has(object.spec.missing)', 'false'],
    ['has(object.spec.none)', 'true'],
    ['object.spec.missing', 'error: no such key: missing'],
    ['object.spec.containers[5]', 'error: index out of bounds: 5'],
    ['object.spec.containers.all(c, c.image.contains(":"))', 'false'],
    ['object.spec.containers.exists(c, c.name == "b")', 'true'],
    ['object.spec.containers.exists_one(c, has(c.image))', 'false'],
    ['object.spec.containers.map(c, c.name)', '[a, b]'],
    ['object.spec.containers.map(c, c.name == "a", c.image)', '[nginx:1.25]'],
    ['[1, 2, 3].filter(x, x > 1)', '[2, 3]'],
    ['object.metadata.labels.all(key, key.size() > 0)', 'true'],
    ['{"a": 1}.transformMap(k, v, v + 1)', '{a: 2}'],
    ['[3, 4].transformList(i, v, i + v)', '[3, 5]'],
    ['[1, 2].all(i, v, v > i)', 'true'],
    ['object.?spec.?missing.orValue("none")', 'none'],
    ['object.spec.containers[?0].?name.value()', 'a'],
    ['optional.none().hasValue()', 'false'],
    ['optional.of(1).optMap(x, x + 1).value()', '2'],
    ['[1, ?optional.none(), 3]', '[1, 3]'],
    ['type(1) == int', 'true'],
    ['int("12") + int(3.9) + int(2u)', '17'],
    ['int("x")', 'error: strconv.ParseInt: parsing "x": invalid syntax'],
    ['string(1.0) + string(true) + string(b"a")', '1truea'],
    ['timestamp("2024-01-31T10:20:30.5Z") + duration("1h30m")', '2024-01-31T11:50:30.5Z'],
    ['timestamp("2024-03-01T00:30:00Z").getDayOfYear("-01:00")', '59'],
    ['duration("90s") == duration("1m30s")', 'true'],
    ['string(duration("1500ms"))', '1.5s'],
    ['"a-b-c".split("-", 2)', '[a, b-c]'],
    ['["x", "y"].join("/")', 'x/y'],
    ['"hello".substring(1, 3) + "HI".lowerAscii() + " t ".trim()', 'elhit'],
    ['"%s is %d, %.2f %x".format(["a", dyn(1), dyn(2.5), dyn(255)])', 'a is 1, 2.50 ff'],
    ['"abc 123".find("[0-9]+")', '123'],
    ['"a1b2".findAll("[0-9]")', '[1, 2]'],
    ['[1, 3, 2].max() + [1, 2].sum()', '6'],
    ['["b", "a"].isSorted()', 'false'],
    ['[1, 2, 2].lastIndexOf(2)', '2'],
    ['quantity("1Gi").isGreaterThan(quantity("1000Mi"))', 'true'],
    ['quantity("50k").add(20).asInteger()', '50020'],
    ['isQuantity("1xyz")', 'false'],
    ['url("https://example.com:80/a?k=v&k=w").getQuery()["k"]', '[v, w]'],
    ['url("https://[::1]:80/a").getHostname() + url("/x").getScheme()', '::1'],
    ['isURL("not a url")', 'false'],
    ['ip("::ffff").family() + ip("10.0.0.1").family()', '10'],
    ['cidr("192.168.0.0/16").containsIP("192.168.3.4")', 'true'],
    ['cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && string(cidr("10.1.2.3/8").masked()) == "10.0.0.0/8"', 'true'],
    ['ip("127.0.0.1").isLoopback() && !isIP("1.2.3.400")', 'true'],
    ['sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])', 'true'],
    ['format.dns1123Label().validate("ok").hasValue()', 'false'],
    ['format.named("uuid").value().validate("x").value()[0]', 'does not match the UUID format'],
    ['semver("1.2.3-beta.2").isLessThan(semver("v1.2", true)) ', 'false'],
    ['semver("1.2.3").isGreaterThan(semver("1.2.3-rc.1")) && semver("4.5.6").minor() == 5', 'true'],
    [
      '[1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, [1,2,3,4,5,6,7,8,9,10].map(c, [1,2,3,4,5,6,7,8,9,10].map(d, [1,2,3,4,5,6,7,8,9,10].map(e, a+b+c+d+e))))).size()',
      'error: operation cancelled: actual cost limit exceeded',
    ],
  ])('%s', (source, expected) => {
    expect(run(source)).toBe(expected);
  });
});

describe('findings', () => {
  it.each([
    ['foo > 1', "1:1: undeclared reference to 'foo' (in container '')\n | foo > 1\n | ^"],
    ['object.x.foo()', "1:13: undeclared reference to 'foo' (in container '')\n | object.x.foo()\n | ............^"],
    ['1 + "a"', "1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + \"a\"\n | ..^"],
    ['1 == "a"', "1:3: found no matching overload for '_==_' applied to '(int, string)'\n | 1 == \"a\"\n | ..^"],
    [
      '"a".startsWith(1)',
      "1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | \"a\".startsWith(1)\n | ..............^",
    ],
    ['[1, "a"]', "1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
    [
      '1.all(x, true)',
      "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | 1.all(x, true)\n | ^",
    ],
    ['"a".b', '1:4: type \'string\' does not support field selection\n | "a".b\n | ...^'],
    [
      '1 +',
      "1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^",
    ],
    ['[1', "1:3: Syntax error: missing ']' at '<EOF>'\n | [1\n | ..^"],
  ])('%s', (source, expected) => {
    expect(environment.compile(source).error).toBe(`compilation failed: ERROR: <input>:${expected}`);
  });
});
