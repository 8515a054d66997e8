// `npm run screenshots`: draws the README's pictures of the pages anew, from a Foyer of its own with the demo
// on-sale, into docs/images.
import { say, setup, systemTools } from './setup.mjs';

setup();
systemTools(['redis', 'chromium']);
const { takeScreenshots } = await import('../dist/scripts/screenshots.js');
await takeScreenshots(say);
