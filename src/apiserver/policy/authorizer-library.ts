/** Asking the authorizers from an expression (`k8s.io/apiserver/pkg/cel/library/{authz,authzselectors}.go`). */
import { overload } from '../../apimachinery/cel/functions.ts';
import type { Overload } from '../../apimachinery/cel/functions.ts';
import type { Type } from '../../apimachinery/cel/types.ts';
import { CelError, Opaque } from '../../apimachinery/cel/values.ts';
import type { UserInfo } from '../../api/request.ts';
import type { Authorizer, Decision } from '../authorization/attributes.ts';

const PREFIX = 'kubernetes.authorization';
const AUTHORIZER = `${PREFIX}.Authorizer`;
const PATH = `${PREFIX}.PathCheck`;
const GROUP = `${PREFIX}.GroupCheck`;
const RESOURCE = `${PREFIX}.ResourceCheck`;
const DECISION = `${PREFIX}.Decision`;

/** The types of the variables `authorizer` and `authorizer.requestResource`. */
export const AUTHORIZER_TYPE: Type = { k: 'opaque', name: AUTHORIZER };
export const RESOURCE_CHECK_TYPE: Type = { k: 'opaque', name: RESOURCE };

interface Asking {
  readonly authorizer: Authorizer;
  readonly user: UserInfo;
}
interface Question extends Asking {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}
type AuthorizerValue = Opaque<Asking>;
type QuestionValue = Opaque<Question>;

/** The value of `authorizer`. */
export const authorizerValue = (authorizer: Authorizer, user: UserInfo): AuthorizerValue =>
  new Opaque(AUTHORIZER, { authorizer, user }, user.name);

/** The value of `authorizer.requestResource`. */
export const resourceCheckValue = (question: Question): QuestionValue =>
  new Opaque(
    RESOURCE,
    question,
    JSON.stringify([question.group, question.resource, question.subresource, question.namespace, question.name]),
  );

const withPart = (part: Partial<Question>) => (question: Question) => resourceCheckValue({ ...question, ...part });
const decided = (decision: Decision): Opaque<Decision> => new Opaque(DECISION, decision, `${decision.allowed} ${decision.reason}`);

function checkResource({ value }: QuestionValue, verb: string): Opaque<Decision> {
  const { authorizer, user, group, resource, subresource, namespace, name } = value;
  return decided(
    authorizer.authorize({ user, verb, group, resource: subresource ? `${resource}/${subresource}` : resource, namespace, name }),
  );
}

function serviceAccount({ value: { authorizer } }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (namespace === '' || name === '') throw new CelError('invalid service account');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return authorizerValue(authorizer, { name: `system:serviceaccount:${namespace}:${name}`, groups });
}

/** The functions. Selectors do not change what our authorizers say, so they are only taken. */
export function authorizerLibrary(): readonly Overload[] {
  const pathCheck = ({ value }: AuthorizerValue, path: string) => {
    if (path === '') throw new CelError('path must not be empty');
    return new Opaque(PATH, { ...value, path }, path);
  };
  return [
    overload(`${AUTHORIZER}.path(string): ${PATH}`, pathCheck),
    overload(
      `${AUTHORIZER}.group(string): ${GROUP}`,
      ({ value }: AuthorizerValue, group: string) => new Opaque(GROUP, { ...value, group }, group),
    ),
    overload(`${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`, serviceAccount),
    overload(`${GROUP}.resource(string): ${RESOURCE}`, ({ value }: Opaque<Asking & { group: string }>, resource: string) =>
      resourceCheckValue({ ...value, resource, subresource: '', namespace: '', name: '' }),
    ),
    overload(`${RESOURCE}.subresource(string): ${RESOURCE}`, ({ value }: QuestionValue, subresource: string) =>
      withPart({ subresource })(value),
    ),
    overload(`${RESOURCE}.namespace(string): ${RESOURCE}`, ({ value }: QuestionValue, namespace: string) => withPart({ namespace })(value)),
    overload(`${RESOURCE}.name(string): ${RESOURCE}`, ({ value }: QuestionValue, name: string) => withPart({ name })(value)),
    overload(`${RESOURCE}.fieldSelector(string): ${RESOURCE}`, (question: QuestionValue, _selector: string) => question),
    overload(`${RESOURCE}.labelSelector(string): ${RESOURCE}`, (question: QuestionValue, _selector: string) => question),
    overload(`${RESOURCE}.check(string): ${DECISION}`, checkResource, () => 350_000),
    overload(
      `${PATH}.check(string): ${DECISION}`,
      ({ value: { authorizer, user, path } }: Opaque<Asking & { path: string }>, verb: string) =>
        decided(authorizer.authorize({ user, verb, group: '', resource: '', namespace: '', name: '', path })),
      () => 350_000,
    ),
    overload(`${DECISION}.allowed(): bool`, ({ value }: Opaque<Decision>) => value.allowed),
    overload(`${DECISION}.reason(): string`, ({ value }: Opaque<Decision>) => value.reason),
    overload(`${DECISION}.errored(): bool`, () => false),
    overload(`${DECISION}.error(): string`, () => ''),
  ];
}
