/** Which function of a plugin serves which extension point, and whether a profile has what it must have. */
import { badRequest } from '../../apimachinery/status.ts';
import type { ExtensionPoint, ResolvedProfile } from '../config.ts';
import type { Plugin } from './interface.ts';

/** The function of a plugin that serves the extension point. */
export const METHODS: Readonly<Record<ExtensionPoint, keyof Plugin>> = {
  preEnqueue: 'preEnqueue',
  queueSort: 'less',
  preFilter: 'preFilter',
  filter: 'filter',
  postFilter: 'postFilter',
  preScore: 'preScore',
  score: 'score',
  reserve: 'reserve',
  permit: 'permit',
  preBind: 'preBind',
  bind: 'bind',
  postBind: 'postBind',
};

/** Throws BadRequest unless the profile can work: a plugin named at a point must serve it; a profile sorts its queue by one plugin and binds by at least one. */
export function checkExplicit({ schedulerName, explicit, points }: ResolvedProfile, made: ReadonlyMap<string, Plugin>): void {
  const refuse = (why: string) => badRequest(`initializing profiles: creating profile for scheduler name ${schedulerName}: ${why}`);
  const serves = (name: string, point: ExtensionPoint) => made.get(name)?.[METHODS[point]] !== undefined;
  for (const { point, name } of explicit) {
    if (!serves(name, point)) throw refuse(`plugin "${name}" does not extend ${point} plugin`);
  }
  const sorting = points.queueSort.filter((name) => serves(name, 'queueSort'));
  if (sorting.length === 0) throw refuse(`no queue sort plugin is enabled for profile with scheduler name "${schedulerName}"`);
  if (sorting.length > 1) {
    throw refuse(`only one queue sort plugin required for profile with scheduler name "${schedulerName}", but got ${sorting.length}`);
  }
  if (!points.bind.some((name) => serves(name, 'bind'))) {
    throw refuse(`at least one bind plugin is needed for profile with scheduler name "${schedulerName}"`);
  }
}
