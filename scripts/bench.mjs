// `npm run bench`: prepares what is missing, then measures on private servers.
import { setup, systemTools } from './setup.mjs';

setup();
systemTools(['redis']);
await import('../dist/scripts/bench/main.js');
