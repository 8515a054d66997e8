import { open } from './open.tsx';
import { speak } from './sentences.ts';
import { english } from './sentences-en.ts';

speak(english);
open();
