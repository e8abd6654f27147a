import { describe, expect, it } from 'vitest';
import { hopWords } from './hop-words.ts';

describe('the sentences of a trace', () => {
  it.each([
    ['sends a TCP SYN', '发送 TCP SYN'],
    ['routed by default via 10.244.1.1 dev eth0', '按路由 default via 10.244.1.1 dev eth0 转发'],
    ['10.244.1.1 is at 0a:58:0a:f4:01:01, says ARP', 'ARP 应答：10.244.1.1 位于 0a:58:0a:f4:01:01'],
    ['10.244.1.1 is at 0a:58:0a:f4:01:01', '10.244.1.1 位于 0a:58:0a:f4:01:01'],
    [
      'destination 10.96.7.1:80 → 10.244.2.7:80, mark 0x4000; 12 rules compared',
      '目的地址 10.96.7.1:80 → 10.244.2.7:80，标记 0x4000；比较了 12 条规则',
    ],
    ['out by port veth1a2b3c4d, flooded', '从端口 veth1a2b3c4d 送出，泛洪'],
    ['pod default/web', 'Pod default/web'],
    [
      'NetworkPolicy default/deny does not allow it (host on node-2: dropped by rule 7 of cali-tw-cali50f in table filter)',
      'NetworkPolicy default/deny 不允许（node-2 的主机：被 filter 表 cali-tw-cali50f 的规则 7 丢弃）',
    ],
  ])('are said in Chinese: %s', (english, chinese) => {
    expect(hopWords('zh-CN', english)).toBe(chinese);
  });

  it('stay as they are in English, and where they are not known', () => {
    expect(hopWords('en', 'out by port eth0')).toBe('out by port eth0');
    expect(hopWords('zh-CN', 'something new happens')).toBe('something new happens');
  });
});
