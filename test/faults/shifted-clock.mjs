// Loaded into an API process before anything else: its own clock goes wrong when the harness says so.
const RealDate = Date;
let shiftMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }
  static now() {
    return RealDate.now() + shiftMs;
  }
};
process.on('message', (message) => {
  shiftMs = message.shiftMs;
});
// Nothing outlives the harness, however it ends.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The channel to the harness keeps no process alive.
process.channel?.unref();
