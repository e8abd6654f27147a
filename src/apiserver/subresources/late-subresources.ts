/** The place of subresources that nobody calls in an idle cluster. The table of an apiserver names them; their code comes later. */
import { LatePart } from '../../apimachinery/late-part.ts';
import type { Subresource } from './subresource.ts';

/** By "pods/binding". */
export const lateSubresources = new LatePart<ReadonlyMap<string, Subresource>>('subresources');

/** Stands for a subresource until it is called. */
export function lateSubresource(resource: string, name: string): Subresource {
  return { resource, name, handle: (call) => lateSubresources.get().get(`${resource}/${name}`)?.handle(call) };
}
