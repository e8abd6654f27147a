/** DefaultBinder: posts the Binding (`plugins/defaultbinder/default_binder.go`). */
import { PodResource } from '../../api/core/pod.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Handle, Plugin } from '../framework/interface.ts';
import { failed } from '../framework/status.ts';

const NAME = 'DefaultBinder';

/** Makes the DefaultBinder plugin. */
export const defaultBinder = (_args: unknown, { client }: Handle): Plugin => ({
  name: NAME,
  events: [],
  bind(_state, { pod: { metadata } }, nodeName) {
    const { namespace, name, uid } = metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    try {
      client.createSubresource(PodResource, metadata, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target,
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return failed(NAME, error.message);
    }
  },
});
