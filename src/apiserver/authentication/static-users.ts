/** Users from files: static tokens, and passwords as before 1.19 (`k8s.io/apiserver/pkg/authentication/token/tokenfile`, `…/password/passwordfile`). */
import type { UserInfo } from '../../api/request.ts';

/** Users by their token or password. */
export interface StaticUsers {
  byToken(token: string): UserInfo | undefined;
  byPassword(name: string, password: string): UserInfo | undefined;
}

/** Reads lines of the form `secret,user,uid,"group1,group2"`. Throws an Error for a line that is none. */
export function staticUsers(tokenLines: readonly string[] = [], passwordLines: readonly string[] = []): StaticUsers {
  const tokens = new Map(tokenLines.map(lineOf));
  const passwords = new Map(passwordLines.map(lineOf).map(([password, user]) => [user.name, { password, user }]));
  return {
    byToken: (token) => tokens.get(token),
    byPassword: (name, password) => {
      const known = passwords.get(name);
      return known?.password === password ? known.user : undefined;
    },
  };
}

function lineOf(line: string): [string, UserInfo] {
  const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  const [secret = '', name = '', uid = '', groups = ''] = fields;
  if (fields.length < 3)
    throw new Error(`a line must have at least 3 columns (secret, user name, user uid), found ${fields.length}: ${line}`);
  const own = groups
    .split(',')
    .map((group) => group.trim())
    .filter(Boolean);
  return [secret, { name, ...(uid && { uid }), groups: [...own, 'system:authenticated'] }];
}
