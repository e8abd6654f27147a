/** Rules for names: {predicate, value} -> {valid}. */
import {
  isCIdentifier,
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isPercent,
  isPortName,
  isPortNumber,
  isQualifiedName,
} from '../../src/apimachinery/names.ts';
import type { Area } from '../area.ts';
import type { Messages } from '../../src/apimachinery/names.ts';

const PREDICATES: Record<string, (value: string) => Messages> = {
  dns1123Label: isDNS1123Label,
  dns1123Subdomain: isDNS1123Subdomain,
  dns1035Label: isDNS1035Label,
  cIdentifier: isCIdentifier,
  portName: isPortName,
  qualifiedName: isQualifiedName,
  labelValue: isLabelValue,
  percent: isPercent,
  portNumber: (value) => isPortNumber(Number(value)),
};

export const run: Area['run'] = (input) => {
  const predicate = PREDICATES[String(input['predicate'])];
  if (!predicate) throw new Error(`unknown predicate ${String(input['predicate'])}`);
  return { valid: predicate(input['value'] as string).length === 0 };
};
