import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface VisitorOptions {
  /** `ko-KR` unless told otherwise. */
  locale?: string;
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  javaScriptEnabled?: boolean;
}

/** One browser profile, as one person has it, and the faults seen in it. */
export interface Visitor {
  context: BrowserContext;
  page: Page;
  /**
   * From now on answers with these statuses are expected: the browser reports each as a failed load.
   */
  expect(...statuses: number[]): void;
  /** Fails when a page erred, broke its policy, or asked another host for anything. */
  requireNoFaults(): void;
  /**
   * Fails on every serious or critical fault that axe finds in the page as it stands.
   *
   * @param except rules that this page breaks on purpose
   */
  requireAccessible(except?: string[]): Promise<void>;
  close(): Promise<void>;
}

export interface TestBrowser {
  visitor(options?: VisitorOptions): Promise<Visitor>;
  /** After each test: ends its visitors, whose pages would ask on and on, and fails when one saw a fault. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** The system's Chromium, headless, with a fresh profile for each visitor. @param origin the only host that pages may ask */
export async function launchBrowser(origin: string): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  const visitors: Visitor[] = [];
  return {
    async visitor(options = {}) {
      const visitor = await openVisitor(browser, origin, options);
      visitors.push(visitor);
      return visitor;
    },
    async leave() {
      const here = visitors.splice(0);
      await Promise.all(here.map((visitor) => visitor.close()));
      for (const visitor of here) visitor.requireNoFaults();
    },
    close: () => browser.close(),
  };
}

async function openVisitor(
  browser: Browser,
  origin: string,
  options: VisitorOptions,
): Promise<Visitor> {
  const context = await browser.newContext({
    locale: options.locale ?? 'ko-KR',
    viewport: { width: options.width ?? 1_280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? 'light',
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  });
  const faults = collectFaults(context, origin);
  const page = await context.newPage();
  const expected = new Set<number>();
  return {
    context,
    page,
    expect(...statuses) {
      for (const status of statuses) expected.add(status);
    },
    requireNoFaults() {
      const left = faults.filter(({ status }) => status === undefined || !expected.has(status));
      if (left.length > 0) throw new Error(left.map(({ text }) => text).join('\n'));
    },
    requireAccessible: (except = []) => requireAccessible(page, except),
    close: () => context.close(),
  };
}

/** In `expect`: requests that get no answer, as when offline. */
export const NO_ANSWER = 0;

interface Fault {
  text: string;
  /** Of an answer that the browser reports as a failed load. */
  status?: number;
}

/** Console errors (broken policies among them), page errors, and requests to other hosts. */
function collectFaults(context: BrowserContext, origin: string): Fault[] {
  const faults: Fault[] = [];
  const watch = (page: Page): void => {
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const [, status] =
        /responded with a status of (\d+)/.exec(message.text()) ??
        /(Failed to load resource: net::)/.exec(message.text()) ??
        [];
      const text = `console: ${message.text()} (${message.location().url})`;
      faults.push(status ? { text, status: Number(status) || NO_ANSWER } : { text });
    });
    page.on('pageerror', (error) => faults.push({ text: `page: ${error.message}` }));
  };
  context.on('page', watch);
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(data|blob|about):/.test(url)) {
      faults.push({ text: `request to another host: ${url}` });
    }
  });
  return faults;
}

/** The policy forbids scripts in the page, so axe runs beside it, in the driver's own world. */
async function requireAccessible(page: Page, except: string[]): Promise<void> {
  await page.evaluate(axe.source);
  const found: { impact: string; id: string; help: string; nodes: string[] }[] =
    await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ impact, id, help, nodes }) =>
        ({ impact, id, help, nodes: nodes.map((node) => node.html + ' ' + node.failureSummary) })))`);
  const serious = found.filter(
    ({ impact, id }) => (impact === 'serious' || impact === 'critical') && !except.includes(id),
  );
  if (serious.length === 0) return;
  throw new Error(
    serious.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.join('\n  ')}`).join('\n'),
  );
}
