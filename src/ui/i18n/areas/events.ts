/** Texts of events. */
import { events } from '../en/events.ts';
import { events as eventsZh } from '../zh-CN/events.ts';

export const eventsText = { en: events, 'zh-CN': eventsZh };
