/** Texts of the packet view. */
import { packets } from '../en/packets.ts';
import { packets as packetsZh } from '../zh-CN/packets.ts';

export const packetsText = { en: packets, 'zh-CN': packetsZh };
