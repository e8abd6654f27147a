/** Texts of actions on objects. */
import { objectActions } from '../en/object-actions.ts';
import { objectActions as objectActionsZh } from '../zh-CN/object-actions.ts';

export const objectActionsText = { en: objectActions, 'zh-CN': objectActionsZh };
