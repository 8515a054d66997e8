import { open } from './open.tsx';
import { speak } from './sentences.ts';
import { korean } from './sentences-ko.ts';

speak(korean);
open();
