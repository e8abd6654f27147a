/** The questions that the editor asks its analysis worker. */
import type { ReadManifests } from '../../../scenario/manifests.ts';
import type { Analysis, ClusterContext, TextRange } from '../../model/findings.ts';
import { analyse, parseSource, placeOf } from './analyse.ts';
import type { ParsedSource } from './analyse.ts';

/** A field of an object of the text. */
export interface PlaceQuestion {
  document: number;
  /** The object's place in its document: "" or "items[2]". */
  path: string;
  field: string;
}

/** Each question with its answer. */
export interface Questions {
  analyse: { params: { context: ClusterContext }; result: Analysis };
  read: { params: object; result: ReadManifests };
  places: { params: { of: PlaceQuestion[] }; result: (TextRange | undefined)[] };
}

/** A question as it is posted. */
export type Question = {
  [Name in keyof Questions]: { id: number; name: Name; text: string; params: Questions[Name]['params'] };
}[keyof Questions];
/** The answer, or why there is none. */
export type Answer = { id: number; result: unknown } | { id: number; failure: string };

let last: ParsedSource | undefined;

/** Answers; the parsed text is kept for the next question about the same text. */
export function answer({ text, ...question }: Omit<Question, 'id'>): unknown {
  if (last?.text !== text) last = parseSource(text);
  const source = last;
  switch (question.name) {
    case 'analyse':
      return analyse(source, (question.params as Questions['analyse']['params']).context);
    case 'read':
      return source.read;
    case 'places':
      return (question.params as Questions['places']['params']).of.map(({ document, path, field }) =>
        placeOf(source, document, path, field),
      );
  }
}
