import type { ComponentChildren } from 'preact';
import { say } from './sentences.ts';

/** The frame of every shop page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const path = location.pathname;
  const current = (here: boolean) => (here ? { 'aria-current': 'page' as const } : {});
  return (
    <>
      <header class="top">
        <nav class="top-inner" aria-label={say.brand}>
          <a class="brand" href="/concerts">
            {say.brand}
          </a>
          <a href="/concerts" {...current(path === '/concerts')}>
            {say.concerts}
          </a>
          <a href="/tickets" {...current(path === '/tickets')}>
            {say.tickets}
          </a>
        </nav>
      </header>
      <main class="shop">{children}</main>
    </>
  );
}
