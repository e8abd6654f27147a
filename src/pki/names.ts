/** Whom a certificate names: the subject (X.501), and its alternative names (RFC 5280, 4.2.1.6), as Go's crypto/x509 reads and writes them. */
import { concat, contextTag, dottedOid, element, elementsOf, fields, oid, sequence, setOf, TAG, text, textOf, utf8 } from './der.ts';
import type { Element } from './der.ts';

/** A subject's attributes in their order: kind by object identifier, and text. */
export type Name = readonly { readonly type: string; readonly value: string }[];

/** Alternative names. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  /** Four or sixteen bytes each. */
  readonly ips: readonly Uint8Array[];
  readonly uris: readonly string[];
}

export const NO_NAMES: AlternativeNames = { dns: [], emails: [], ips: [], uris: [] };

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** C, O, OU, L, ST, street, postal code, CN, serial number: the attributes that Go carries over, in its order. */
const WRITTEN = ['2.5.4.6', ORGANIZATION, '2.5.4.11', '2.5.4.7', '2.5.4.8', '2.5.4.9', '2.5.4.17', COMMON_NAME, '2.5.4.5'];
/** Of these a subject has one; the last one counts. */
const SINGLE = new Set([COMMON_NAME, '2.5.4.5']);

/** A subject of a common name and organizations: a user and their groups. */
export const subject = (commonName: string, organizations: readonly string[] = []): Name => [
  ...organizations.map((value) => ({ type: ORGANIZATION, value })),
  { type: COMMON_NAME, value: commonName },
];

/** The common name; empty when there is none. */
export const commonNameOf = (name: Name): string => name.findLast(({ type }) => type === COMMON_NAME)?.value ?? '';

/** The organizations. */
export const organizationsOf = (name: Name): string[] => name.filter(({ type }) => type === ORGANIZATION).map(({ value }) => value);

/** Writes a name: one relative name for each kind of attribute; kinds that Go does not know are left out (`pkix.Name.ToRDNSequence`). */
export function encodeName(name: Name): Uint8Array {
  const relative = WRITTEN.flatMap((type) => {
    const all = name.filter((attribute) => attribute.type === type).slice(SINGLE.has(type) ? -1 : 0);
    return all.length === 0 ? [] : [setOf(all.map(({ value }) => sequence(oid(type), text(value))))];
  });
  return sequence(...relative);
}

/** Reads a name. Throws a `DerError`. */
export function nameOf(of: Element): Name {
  return elementsOf(of.content).flatMap((relative) =>
    elementsOf(relative.content).map((attribute) => {
      const [type, value] = elementsOf(fields(attribute, [TAG.oid]) && attribute.content);
      return { type: type === undefined ? '' : dottedOid(type), value: value === undefined ? '' : textOf(value) };
    }),
  );
}

const EMAIL = 1;
const DNS = 2;
const URI = 6;
const IP = 7;

/** Writes alternative names in Go's order; empty when there are none. */
export function encodeAlternativeNames({ dns, emails, ips, uris }: AlternativeNames): Uint8Array {
  const texts = (kind: number, values: readonly string[]) => values.map((value) => element(contextTag(kind), utf8(value)));
  return concat([...texts(DNS, dns), ...texts(EMAIL, emails), ...ips.map((ip) => element(contextTag(IP), ip)), ...texts(URI, uris)]);
}

/** Reads the content of a subjectAltName extension; other kinds of names are left out, as Go does. Throws a `DerError`. */
export function alternativeNamesOf(of: Element): AlternativeNames {
  const all = elementsOf(of.content);
  const ofKind = (kind: number) => all.filter(({ tag }) => tag === contextTag(kind));
  return {
    dns: ofKind(DNS).map(textOf),
    emails: ofKind(EMAIL).map(textOf),
    ips: ofKind(IP).map(({ content }) => content),
    uris: ofKind(URI).map(textOf),
  };
}
