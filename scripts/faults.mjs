// `npm run faults -- --minutes M --seed S`: prepares what is missing, then lets faults strike.
import { setup } from './setup.mjs';

setup();
await import('../dist/test/faults/main.js');
