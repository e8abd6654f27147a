/** `npm run typecheck`: the TypeScript 7 compiler over every zone. Each zone has only the host that its rooms may use. */
import { nodeStage, runStages } from './stages.ts';

const ZONES = ['core', 'worker', 'ui', 'node', 'tests'];

await runStages(
  ZONES.map((zone) => nodeStage(`types of ${zone}`, ['node_modules/tsgo/bin/tsc', '-p', `tsconfig.${zone}.json`, '--pretty', 'false'])),
);
