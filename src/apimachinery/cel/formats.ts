/** The named formats of `format.named(…)` (`k8s.io/apiserver/pkg/cel/library/format.go`): messages of what is wrong with a text. */
import { isBase64 } from '../base64.ts';
import { isTime } from '../durations.ts';
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, isLabelValue, isQualifiedName, ofPrefix } from '../names.ts';
import type { Messages } from '../names.ts';

type Check = (text: string) => Messages;
const orNot = (good: boolean, message: string): Messages => (good ? [] : [message]);

/** A day that exists. */
function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(Date.parse(text)).toISOString().startsWith(text);
}

/** By name. */
export const FORMATS: Readonly<Record<string, Check>> = {
  dns1123Label: isDNS1123Label,
  dns1123Subdomain: isDNS1123Subdomain,
  dns1035Label: isDNS1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: (text) => ofPrefix(isDNS1123Label, text),
  dns1123SubdomainPrefix: (text) => ofPrefix(isDNS1123Subdomain, text),
  dns1035LabelPrefix: (text) => ofPrefix(isDNS1035Label, text),
  labelValue: isLabelValue,
  uri: (text) => orNot(/^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)\S*$/.test(text), 'must be a valid URI'),
  uuid: (text) => orNot(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text), 'does not match the UUID format'),
  byte: (text) => orNot(isBase64(text), 'invalid base64'),
  date: (text) => orNot(isDate(text), 'invalid date'),
  datetime: (text) => orNot(isTime(text), 'invalid datetime'),
};
