/** Service environment variables: {services} -> {env} in order. */
import type { Service } from '../../src/api/generated/types.ts';
import { serviceEnvironment } from '../../src/kubelet/service-env.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = ({ services }) => ({ env: serviceEnvironment(services as Service[]) });
