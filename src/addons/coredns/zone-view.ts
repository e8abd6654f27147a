/** What the `kubernetes` plugin reads of the API, so that its answers can be computed from anything that has it. */
import type { Endpoint, EndpointSlice, Service } from '../../api/generated/types.ts';

/** An endpoint that has some address, and the Service it is listed for. */
export interface OwnedEndpoint {
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: Endpoint;
  readonly address: string;
}

/** The part of the cluster that has names. Keys are in lower case. */
export interface ZoneView {
  service(namespace: string, name: string): Service | undefined;
  /** The EndpointSlices of a Service. */
  slices(namespace: string, name: string): Iterable<EndpointSlice>;
  hasNamespace(name: string): boolean;
  /** Whether a pod of the namespace has the address. */
  hasPod(namespace: string, ip: string): boolean;
  /** Services by a cluster IP, as a name: "10.0.96.10.in-addr.arpa.". */
  servicesByReverseName(name: string): Iterable<Service>;
  /** Ready endpoints by their address, as a name. */
  endpointsByReverseName(name: string): Iterable<OwnedEndpoint>;
  /** Whether everything has been read once. */
  readonly hasSynced: boolean;
  /** Seconds since the epoch of the last change: the serial of the zone. */
  readonly serial: number;
  /** Another number after every change of Services, EndpointSlices and namespaces, so that answers may be kept until then. */
  readonly version?: number;
}

/** Whether an endpoint has records (`object.EndpointSliceToEndpoints`): not said counts as ready. */
export const isListed = ({ conditions }: Endpoint): boolean => conditions?.ready ?? true;
