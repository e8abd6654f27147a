/** The sentences of facts in a PacketTrace. The English ones are the patterns by which they are known (packets-view/hop-words.ts). */
import { packetPhrases } from '../en/packet-phrases.ts';
import { packetPhrases as packetPhrasesZh } from '../zh-CN/packet-phrases.ts';

export const packetPhrasesText = { en: packetPhrases, 'zh-CN': packetPhrasesZh };
