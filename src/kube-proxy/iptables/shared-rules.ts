/** Rules of mode iptables, made once for all nodes of a cluster. */
import { SharedViews } from '../shared-views.ts';
import { type RuleSettings, type ServiceRules, serviceRules } from './service-rules.ts';

/** One for each cluster. */
export class SharedServiceRules extends SharedViews<RuleSettings, ServiceRules> {
  constructor() {
    super(serviceRules);
  }
}
