/** The little of WebAssembly that the migrations need; Node has it, its type package leaves it to the DOM's. */
declare namespace WebAssembly {
  type Exports = object;
  function instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Exports } }>;
}
