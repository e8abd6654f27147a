/** What a client takes: the Accept header against what is offered (`k8s.io/apiserver/pkg/endpoints/handlers/negotiation`). */
import { StatusError } from '../../apimachinery/status.ts';

/** The form of an answer. */
export interface MediaType {
  encoding: 'json' | 'yaml';
  /** "Table", "PartialObjectMetadata", "PartialObjectMetadataList", "APIGroupDiscoveryList"; absent for the object itself. */
  as?: string;
  /** The version of `as`: "v1", "v2". */
  version?: string;
}

const ENCODINGS: Readonly<Record<string, MediaType['encoding']>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
};

/** Forms that can be asked for with `as`, by version. */
const CONVERSIONS = new Set([
  'Table/v1',
  'Table/v1beta1',
  'PartialObjectMetadata/v1',
  'PartialObjectMetadataList/v1',
  'APIGroupDiscoveryList/v2',
  'APIGroupDiscoveryList/v2beta1',
]);

/** The first offer that can be served. `conversions`: which `as` forms this path has. Throws 406. */
export function negotiate(accept: string | undefined, conversions: readonly string[]): MediaType {
  const offers = (accept || '*/*').split(',').map((offer) => offer.trim());
  for (const offer of offers) {
    const [type = '', ...parameters] = offer.split(';').map((part) => part.trim());
    const encoding = ENCODINGS[type.toLowerCase()];
    if (encoding === undefined) continue;
    const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    const [as, version] = [values.get('as'), values.get('v')];
    if (as === undefined) return { encoding };
    if (conversions.includes(as) && CONVERSIONS.has(`${as}/${version ?? ''}`)) return { encoding, as, version };
  }
  throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml');
}
