// `npm run load-test`: prepares what is missing, then lets simulated buyers into a room.
import { setup } from './setup.mjs';

setup();
await import('../dist/scripts/load-test.js');
