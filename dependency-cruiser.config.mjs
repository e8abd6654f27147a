/** Import rules: the rooms of docs/architecture.md (scripts/rooms.mjs), and what holds everywhere. Run by `npm run lint`. */
import { CORE_PACKAGES, CORE_ROOMS, EXTRA_FILES, knownTo, ROOMS, SIBLINGS } from './scripts/rooms.mjs';

const TESTS = '\\.test\\.tsx?$|/testing/';
const core = `^src/(${CORE_ROOMS.join('|')})/`;

const rooms = Object.keys(ROOMS).map((room) => ({
  name: `room-${room}`,
  comment: `${room}/ may know only: ${knownTo(room).join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: TESTS },
  to: {
    path: '^src/',
    pathNot: [`^src/(${knownTo(room).join('|')})/`, ...EXTRA_FILES.filter((extra) => extra.from.includes(room)).map((extra) => extra.to)],
  },
}));

const siblings = SIBLINGS.map(({ folder, files }) => ({
  name: `siblings-${folder.split('/').slice(1).join('-')}`,
  comment: `what stands side by side in ${folder}/ never imports its neighbour; share through a file beside them`,
  severity: 'error',
  from: files ? { path: `^${folder}/(?!index\\.)([^/.]+)`, pathNot: TESTS } : { path: `^${folder}/([^/]+)/`, pathNot: TESTS },
  to: files ? { path: `^${folder}/[^/]+`, pathNot: [`^${folder}/$1[./-]`] } : { path: `^${folder}/[^/]+/`, pathNot: [`^${folder}/$1/`] },
}));

export default {
  forbidden: [
    ...rooms,
    ...siblings,
    {
      name: 'core-packages',
      comment: `the core may use only these packages: ${CORE_PACKAGES.join(', ')}; hand others in from worker/, headless/ or ui/`,
      severity: 'error',
      from: { path: core, pathNot: TESTS },
      to: { path: 'node_modules/', pathNot: `node_modules/(${CORE_PACKAGES.join('|')})/` },
    },
    {
      name: 'no-node-in-page',
      comment: 'Node modules exist only in headless/, scripts and tests',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/headless/', TESTS] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-tests-in-code',
      comment: 'tests and test helpers stay out of what ships',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle of imports: move what both need into a third file',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      comment: 'no such module',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:|^\\./generated|/generated/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
