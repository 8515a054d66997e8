import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';
import type { Language } from '../../platform/duration-words.ts';
import { prefersEnglish } from '../problem.ts';
import type { Entry } from './assets.ts';

const COLOUR = /^#[0-9a-f]{6}$/i;

/** One HTML page: the frame that a script fills, or a page of its own without any. */
export interface HtmlDocument {
  title: string;
  /** Absent: a page without script. */
  entry?: Entry;
  /** Stylesheet of a page without script. */
  style?: string;
  /** For the page's script; `root()` hands it out. */
  data?: object;
  /** HTML that goes into the head. */
  head?: string;
  /** HTML that stands where the page will be drawn. */
  body?: string;
  /** HTTP status; 200 unless told. */
  status?: number;
  /** The accent colour and that of text on it; only `#rrggbb` is taken. */
  accent?: { colour: string; onColour: string };
}

/** The page's language, as for the messages of errors: Korean unless the browser ranks English higher. */
export function languageOf(request: Request): Language {
  return prefersEnglish(request.get('accept-language')) ? 'en' : 'ko';
}

/** What scripts and programs say that they accept, most of them. */
const NO_PAGE: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'application/json']);

/** Whether a browser navigates; scripts and programs that ask for anything get JSON. */
export function wantsPage(request: Request): boolean {
  if (NO_PAGE.has(request.headers.accept)) return false;
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
  response.status(page.status ?? 200);
  sendCompressed(request, response, html(page, languageOf(request), nonce));
}

/** A page is small; squeezing it costs less than a packet more. */
function sendCompressed(request: Request, response: Response, text: string): void {
  response.vary('Accept-Encoding');
  if (request.acceptsEncodings(['gzip']) !== 'gzip') {
    response.end(text);
    return;
  }
  response.set('Content-Encoding', 'gzip').end(gzipSync(text));
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
  const style = entry?.style ?? page.style;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="data:,">
${style ? `<link rel="stylesheet" href="${style}">` : ''}
${accentStyle(page.accent, nonce)}
${entry ? `<script type="module" src="${entry.script}"></script>` : ''}
${page.head ?? ''}
</head>
<body>
<div id="app" data-page="${escapeHtml(JSON.stringify(page.data ?? {}))}">${page.body ?? ''}</div>
</body>
</html>
`;
}

function accentStyle(accent: HtmlDocument['accent'], nonce: string): string {
  if (!accent || ![accent.colour, accent.onColour].every((one) => COLOUR.test(one))) return '';
  return `<style nonce="${nonce}">:root{--accent:${accent.colour};--on-accent:${accent.onColour}}</style>`;
}

/** Text as text, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
