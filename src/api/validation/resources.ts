/** Resource names and amounts of containers, claims, quotas (`pkg/apis/core/validation/validation.go`, `pkg/apis/core/helper/helpers.go`). */
import { compareQuantities, formatQuantity, tryParseQuantity } from '../../apimachinery/quantity.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import { broken, NOT_NEGATIVE } from './common.ts';
import { isQualifiedName } from '../../apimachinery/names.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Quantity } from '../../apimachinery/quantity.ts';
import type { ResourceRequirements } from '../generated/types.ts';

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const NANO = 1_000_000_000n;

const isHugePage = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a node may promise more of it than it has: cpu, memory, but not devices and huge pages. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePage(name);

/** `ValidateContainerResourceName`. */
export function validateContainerResourceName(path: string, name: string): FieldError[] {
  const errors = broken(path, name, isQualifiedName(name));
  if (errors.length > 0 || CONTAINER_RESOURCES.has(name) || isHugePage(name)) return errors;
  if (!name.includes('/')) {
    return [
      invalidValue(path, name, 'must be a standard resource type or fully qualified'),
      invalidValue(path, name, 'must be a standard resource for containers'),
    ];
  }
  const extended = !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0;
  return extended || isNative(name) ? [] : [invalidValue(path, name, "doesn't follow extended resource name standard")];
}

/** An amount is not negative, and whole where the resource is counted (`ValidateResourceQuantityValue`). */
export function validateAmount(path: string, name: string, amount: string | number): FieldError[] {
  const quantity = tryParseQuantity(amount);
  if (!quantity) return [invalidValue(path, amount, 'must be a valid quantity')];
  if (quantity.nano < 0n) return [invalidValue(path, formatQuantity(quantity), NOT_NEGATIVE)];
  const counted = !isNative(name) || name === 'pods' || name.startsWith('count/');
  return counted && quantity.nano % NANO !== 0n ? [invalidValue(path, formatQuantity(quantity), 'must be an integer')] : [];
}

function compareToLimit(path: string, name: string, request: Quantity, limit: Quantity | undefined): FieldError[] {
  if (!limit) return isOvercommitAllowed(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  const order = compareQuantities(request, limit);
  const shown = `${name} limit of ${formatQuantity(limit)}`;
  if (order !== 0 && !isOvercommitAllowed(name))
    return [invalidValue(`${path}.requests`, formatQuantity(request), `must be equal to ${shown}`)];
  return order > 0 ? [invalidValue(`${path}.requests`, formatQuantity(request), `must be less than or equal to ${shown}`)] : [];
}

/** Requests and limits of one container (`ValidateContainerResourceRequirements`). */
export function validateResources(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources ?? {};
  for (const [name, amount] of Object.entries(limits)) {
    const at = `${path}.limits[${name}]`;
    errors.push(...validateContainerResourceName(at, name), ...validateAmount(at, name, amount));
  }
  for (const [name, amount] of Object.entries(requests)) {
    const at = `${path}.requests[${name}]`;
    errors.push(...validateContainerResourceName(at, name), ...validateAmount(at, name, amount));
    const request = tryParseQuantity(amount);
    const limit = limits[name];
    if (request) errors.push(...compareToLimit(path, name, request, limit === undefined ? undefined : tryParseQuantity(limit)));
  }
  return errors;
}
