/** The usual way to bring raw scores into 0..100 (`plugins/helper/normalize_score.go`). */
import type { NodeScores } from './interface.ts';
import { MAX_NODE_SCORE } from './interface.ts';

/**
 * m = largest of the first `count` scores. m = 0: all 0 (reversed: all 100). Otherwise 100 · raw / m, rounded down;
 * reversed: 100 - that. Raw 1, 3, 4 become 25, 75, 100.
 */
export function defaultNormalizeScore(scores: NodeScores, count: number, reverse: boolean): void {
  let max = 0;
  for (let index = 0; index < count; index++) max = Math.max(max, scores[index] ?? 0);
  for (let index = 0; index < count; index++) {
    const score = max === 0 ? 0 : Math.floor((MAX_NODE_SCORE * (scores[index] ?? 0)) / max);
    scores[index] = reverse ? MAX_NODE_SCORE - score : score;
  }
}
