/** bash's `[[ … ]]`. */
import type { TestExpression } from 'unbash';
import type { Steps } from '../../linux/syscalls.ts';
import type { Expander } from './expand.ts';
import { matches } from './pattern.ts';
import type { Shell } from './shell.ts';
import { testExpression } from './test.ts';

/** Whether the condition holds. */
export function* conditional(shell: Shell, test: TestExpression, expander: Expander): Steps<boolean> {
  switch (test.type) {
    case 'TestLogical': {
      const isAnd = test.operator === '&&';
      for (const operand of test.operands) if ((yield* conditional(shell, operand, expander)) !== isAnd) return !isAnd;
      return isAnd;
    }
    case 'TestNot':
      return (yield* conditional(shell, test.operand, expander)) === (test.negations.length % 2 === 0);
    case 'TestGroup':
      return yield* conditional(shell, test.expression, expander);
    case 'TestUnary':
      return testExpression(shell, [test.operator, yield* expander.text(shell, test.operand)]) === 0;
    case 'TestBinary': {
      const left = yield* expander.text(shell, test.left);
      if (test.operator === '=~') return new RegExp(yield* expander.text(shell, test.right)).test(left);
      if (['=', '==', '!='].includes(test.operator))
        return matches(yield* expander.pattern(shell, test.right), left) === (test.operator !== '!=');
      return testExpression(shell, [left, test.operator, yield* expander.text(shell, test.right)]) === 0;
    }
  }
}
