/**
 * The rules for names, label keys and values, ports and the like (`k8s.io/apimachinery/pkg/util/validation`).
 * Every function returns the messages of what is wrong, in upstream's words and order; an empty list means valid.
 * Messages go behind `invalidValue(field, value, message)`.
 */
import { utf8Length } from './utf8.ts';

/** What a rule says about a value: one message per broken clause, none when valid. */
export type Messages = readonly string[];

const VALID: Messages = [];

export const LABEL_VALUE_MAX_LENGTH = 63;
export const DNS1123_LABEL_MAX_LENGTH = 63;
export const DNS1035_LABEL_MAX_LENGTH = 63;
export const DNS1123_SUBDOMAIN_MAX_LENGTH = 253;

/** "must be no more than N characters", although bytes are counted (`MaxLenError`). */
export const maxLengthMessage = (length: number): string => `must be no more than ${length} characters`;
/** "must be between A and B, inclusive" (`InclusiveRangeError`). */
export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
/** `EmptyError`. */
export const EMPTY_MESSAGE = 'must be non-empty';

function regexMessage(message: string, format: string, ...examples: string[]): string {
  const regex = `regex used for validation is '${format}'`;
  if (examples.length === 0) return `${message} (${regex})`;
  // Upstream's join leaves two blanks before "or".
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex})`;
}

interface Rule {
  readonly pattern: RegExp;
  readonly message: string;
  readonly maxLength?: number;
}

function rule(format: string, message: string, examples: string[], maxLength?: number): Rule {
  return { pattern: new RegExp(`^(?:${format})$`), message: regexMessage(message, format, ...examples), maxLength };
}

function check({ pattern, message, maxLength }: Rule, value = ''): Messages {
  const short = maxLength === undefined || value.length * 3 <= maxLength || utf8Length(value) <= maxLength;
  if (short && pattern.test(value)) return VALID;
  return [...(short ? [] : [maxLengthMessage(maxLength)]), ...(pattern.test(value) ? [] : [message])];
}

const DNS1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`;
const DNS1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const QUALIFIED_NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const dns1123LabelRule = rule(
  DNS1123_LABEL,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ['my-name', '123-abc'],
  DNS1123_LABEL_MAX_LENGTH,
);
const dns1123SubdomainRule = rule(
  DNS1123_SUBDOMAIN,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ['example.com'],
  DNS1123_SUBDOMAIN_MAX_LENGTH,
);
const dns1035LabelRule = rule(
  DNS1035_LABEL,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ['my-name', 'abc-123'],
  DNS1035_LABEL_MAX_LENGTH,
);
const wildcardRule = rule(
  `\\*\\.${DNS1123_SUBDOMAIN}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  ['*.example.com'],
  DNS1123_SUBDOMAIN_MAX_LENGTH,
);
const cIdentifierRule = rule(
  '[A-Za-z_][A-Za-z0-9_]*',
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ['my_name', 'MY_NAME', 'MyName'],
);
const qualifiedNameRule = rule(QUALIFIED_NAME, QUALIFIED_NAME_TEXT, ['MyName', 'my.name', '123-abc'], 63);
const labelValueRule = rule(
  `(${QUALIFIED_NAME})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyValue', 'my_value', '12345'],
  LABEL_VALUE_MAX_LENGTH,
);
const percentRule = rule('[0-9]+%', "a valid percent string must be a numeric string followed by an ending '%'", ['1%', '93%']);
const httpHeaderRule = rule('[-A-Za-z0-9]+', "a valid HTTP header must consist of alphanumeric characters or '-'", ['X-Header-Name']);
const envVarNameRule = rule(
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  ['my.env-name', 'MY_ENV.NAME', 'MyEnvName1'],
);
const configMapKeyRule = rule(
  '[-._a-zA-Z0-9]+',
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ['key.name', 'KEY_NAME', 'key-name'],
  DNS1123_SUBDOMAIN_MAX_LENGTH,
);

/** Names of namespaces, containers, volumes ... (`IsDNS1123Label`). */
export function isDNS1123Label(value: string): Messages {
  const messages = check(dns1123LabelRule, value);
  if (messages.length === 0 || dns1123LabelRule.pattern.test(value) || !dns1123SubdomainRule.pattern.test(value)) return messages;
  return [...messages.slice(0, -1), 'must not contain dots'];
}

/** Names of most objects (`IsDNS1123Subdomain`). */
export const isDNS1123Subdomain = (value: string): Messages => check(dns1123SubdomainRule, value);

/** Names of Services (`IsDNS1035Label`). */
export const isDNS1035Label = (value: string): Messages => check(dns1035LabelRule, value);

/** "*.example.com", hosts of an Ingress (`IsWildcardDNS1123Subdomain`). */
export const isWildcardDNS1123Subdomain = (value: string): Messages => check(wildcardRule, value);

/** `IsCIdentifier`. */
export const isCIdentifier = (value: string): Messages => check(cIdentifierRule, value);

/** Keys of labels, annotations and extended resources: "[prefix/]name" (`IsQualifiedName`). */
export function isQualifiedName(value: string): Messages {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [`a qualified name ${qualifiedNameRule.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const messages: string[] = [];
  const [first = '', second] = parts;
  const name = second ?? first;
  if (second !== undefined) {
    const prefixMessages = first === '' ? [EMPTY_MESSAGE] : isDNS1123Subdomain(first);
    for (const message of prefixMessages) messages.push(`prefix part ${message}`);
  }
  if (name === '') messages.push(`name part ${EMPTY_MESSAGE}`);
  for (const message of check(qualifiedNameRule, name)) messages.push(`name part ${message}`);
  return messages;
}

/** `IsValidLabelValue`. */
export const isLabelValue = (value: string): Messages => check(labelValueRule, value);

/** "25%" (`IsValidPercent`). */
export const isPercent = (value: string): Messages => check(percentRule, value);

/** `IsHTTPHeaderName`. */
export const isHTTPHeaderName = (value: string): Messages => check(httpHeaderRule, value);

/** 1 to 65535 (`IsValidPortNum`). */
export const isPortNumber = (port: number): Messages => isInRange(port, 1, 65535);

/** `IsInRange`; a fraction is out of range. */
export const isInRange = (value: number, low: number, high: number): Messages =>
  Number.isInteger(value) && value >= low && value <= high ? VALID : [rangeMessage(low, high)];

/** Names of ports, at most 15 bytes (`IsValidPortName`). */
export function isPortName(port: string): Messages {
  const messages: string[] = [];
  if (utf8Length(port) > 15) messages.push(maxLengthMessage(15));
  if (!/^[-a-z0-9]+$/.test(port)) messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(port)) messages.push('must contain at least one letter (a-z)');
  if (port.includes('--')) messages.push('must not contain consecutive hyphens');
  if (port.startsWith('-') || port.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

function changeDirectory(value: string): Messages {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : VALID;
}

/** Names of environment variables taken from ConfigMaps with `envFrom` (`IsEnvVarName`). */
export const isEnvVarName = (value: string): Messages => [...check(envVarNameRule, value), ...changeDirectory(value)];

/** Names of environment variables of containers since 1.32: printable ASCII but no "=" (`IsRelaxedEnvVarName`). */
export function isRelaxedEnvVarName(value: string): Messages {
  if (value === '') return [`environment variable name ${EMPTY_MESSAGE}`];
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value)
    ? VALID
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of ConfigMaps and Secrets (`IsConfigMapKey`). */
export const isConfigMapKey = (value: string): Messages => [...check(configMapKeyRule, value), ...changeDirectory(value)];

/** Names that become part of a path: node names, RBAC objects (`path.IsValidPathSegmentName`). */
export function isPathSegmentName(name: string): Messages {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`);
}

/** The same rule applied to a `generateName` prefix: one trailing "-" is allowed (`maskTrailingDash`). */
export function ofPrefix(rule: (value: string) => Messages, prefix: string): Messages {
  return rule(prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix);
}
