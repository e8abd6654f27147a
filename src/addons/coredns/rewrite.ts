/** The `rewrite` plugin for names (`coredns/plugin/rewrite/name.go`). */
import type { DnsQuestion, DnsReply } from '../../linux/net/dns.ts';
import type { RewriteConfig } from './config.ts';

/** The name that a rule makes of `name`; undefined when it does not match. */
function apply({ how, from, to }: RewriteConfig, name: string): string | undefined {
  const lower = name.toLowerCase();
  switch (how) {
    case 'exact':
      return lower === from ? to : undefined;
    case 'prefix':
      return lower.startsWith(from) ? to + lower.slice(from.length) : undefined;
    case 'suffix':
      return lower.endsWith(from) ? lower.slice(0, lower.length - from.length) + to : undefined;
    case 'substring':
      return lower.includes(from) ? lower.replace(from, () => to) : undefined;
    case 'regex': {
      const match = regex(from)?.exec(lower);
      return match ? to.replace(/\{(\d+)\}/g, (_whole, group: string) => match[Number(group)] ?? '') : undefined;
    }
  }
}

function regex(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The question as the plugins behind see it, and what their answer becomes on the way back. */
export function rewritten(
  rules: readonly RewriteConfig[],
  question: DnsQuestion,
): { readonly question: DnsQuestion; back(reply: DnsReply): DnsReply } {
  let name = question.name;
  let answers = false;
  for (const rule of rules) {
    const next = apply(rule, name);
    if (next === undefined) continue;
    name = next;
    answers ||= rule.answers;
    if (!rule.continues) break;
  }
  if (name === question.name || !answers) return { question: { ...question, name }, back: (reply) => reply };
  const restore = (reply: DnsReply): DnsReply => ({
    ...reply,
    answers: reply.answers.map((record) =>
      record.name.toLowerCase() === name.toLowerCase() ? { ...record, name: question.name } : record,
    ),
  });
  return { question: { ...question, name }, back: restore };
}
