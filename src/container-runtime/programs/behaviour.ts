/** From an image's data to a program that runs. */
import type { Executable } from '../../linux/process.ts';
import type { Behaviour, Image } from '../images/image.ts';
import { interpreter } from './interpreter.ts';
import { serverProgram } from './server.ts';
import { answer, eater, once, worker } from './small.ts';

const programs = new WeakMap<Image, Map<Behaviour, Executable>>();

/** The program for a behaviour of an image; the same one each time, so that containers share what they can. */
export function behaviourProgram(behaviour: Behaviour, image: Image): Executable {
  let ofImage = programs.get(image);
  if (ofImage === undefined) programs.set(image, (ofImage = new Map()));
  let program = ofImage.get(behaviour);
  if (program === undefined) ofImage.set(behaviour, (program = make(behaviour, image)));
  return program;
}

function make(behaviour: Behaviour, image: Image): Executable {
  switch (behaviour.kind) {
    case 'server':
    case 'database':
      return serverProgram(behaviour, image);
    case 'once':
      return (process) => once(process, behaviour, image);
    case 'worker':
      return (process) => worker(process, behaviour);
    case 'interpreter':
      return (process) => interpreter(process, behaviour);
    case 'eater':
      return eater;
    case 'answer':
      return (process) => answer(process, behaviour, image);
    case 'subcommand':
      return (process) => behaviourProgram(behaviour.of[process.argv[1] ?? ''] ?? behaviour.otherwise, image)(process);
  }
}
