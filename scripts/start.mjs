// `npm start`: prepares what is missing, then becomes the server.
import { setup } from './setup.mjs';

setup();
await import('../dist/src/main.js');
