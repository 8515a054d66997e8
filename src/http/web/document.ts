import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { prefersEnglish } from '../problem.ts';
import type { Entry } from './assets.ts';

export type Language = 'ko' | 'en';

/** One HTML page: the frame that a script fills, or a page of its own without any. */
export interface HtmlDocument {
  title: string;
  /** Absent: a page without script. */
  entry?: Entry;
  /** Stylesheets of a page without script. */
  styles?: readonly string[];
  /** For the page's script; `root()` hands it out. */
  data?: object;
  /** HTML that goes into the head. */
  head?: string;
  /** HTML that stands where the page will be drawn. */
  body?: string;
  /** The accent colour; only `#rrggbb` is taken. */
  colour?: string;
}

/** The page's language, as for the messages of errors: Korean unless the browser ranks English higher. */
export function languageOf(request: Request): Language {
  return prefersEnglish(request.get('accept-language')) ? 'en' : 'ko';
}

/** Whether a browser navigates; scripts and programs that ask for anything get JSON. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}

/**
 * Sends a page under a policy that allows this host's files and nothing else. The room's colour is the only
 * inline style, allowed by a nonce of this answer.
 */
export function sendDocument(request: Request, response: Response, page: HtmlDocument): void {
  const nonce = randomBytes(16).toString('base64url');
  response.set({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': response.get('cache-control') ?? 'no-cache',
    'Content-Security-Policy': policy(nonce),
    // A form's own origin must be seen by the server: under `no-referrer` browsers send it as `null`.
    'Referrer-Policy': 'same-origin',
  });
  response.vary('Accept').vary('Accept-Language');
  response.end(html(page, languageOf(request), nonce));
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function html(page: HtmlDocument, language: Language, nonce: string): string {
  const { entry } = page;
  const styles = [...(entry?.styles ?? []), ...(page.styles ?? [])];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="data:,">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
${colourStyle(page.colour, nonce)}
${(entry?.imports ?? []).map((href) => `<link rel="modulepreload" href="${href}">`).join('\n')}
${entry ? `<script type="module" src="${entry.script}"></script>` : ''}
${page.head ?? ''}
</head>
<body>
<div id="app" data-page="${escapeHtml(JSON.stringify(page.data ?? {}))}">${page.body ?? ''}</div>
</body>
</html>
`;
}

function colourStyle(colour: string | undefined, nonce: string): string {
  if (!colour || !/^#[0-9a-f]{6}$/i.test(colour)) return '';
  return `<style nonce="${nonce}">:root{--accent:${colour};--on-accent:${textOn(colour)}}</style>`;
}

/** Black or white, whichever contrasts more (WCAG 2 relative luminance). */
function textOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? '#000' : '#fff';
}

/** Text as text, in elements and in quoted attributes. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
