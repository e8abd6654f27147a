import { describe, expect, it } from 'vitest';
import { deviationsIn, makeFidelityPage } from './generate-fidelity.ts';

const texts = (source: string) => deviationsIn('src/a.ts', source).map(({ text }) => text);

describe('deviationsIn', () => {
  it('reads line comments, doc comments and comments behind code', () => {
    expect(texts('// Differs: one\nconst a = 1;')).toEqual(['one']);
    expect(texts('/**\n * Head.\n *\n * Differs: two,\n * going on.\n */')).toEqual(['two, going on.']);
    expect(texts('/** Differs: three. */')).toEqual(['three.']);
    expect(texts('const a = 1; // Differs: four')).toEqual(['four']);
  });

  it('ends a text at a blank comment line, at code and at the next tag', () => {
    expect(texts('// Differs: one\n//\n// other')).toEqual(['one']);
    expect(texts('// Differs: one\n// Differs: two')).toEqual(['one', 'two']);
  });
});

describe('makeFidelityPage', () => {
  it('lists fields by kind and deviations by room', () => {
    const page = makeFidelityPage([], [{ file: 'src/kubelet/a.ts', text: 'less' }]);
    expect(page).toContain('### kubelet\n\n- less (`src/kubelet/a.ts`)');
  });
});
