import type { Response } from 'express';

/** The start page: where everything is. */
export const START_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foyer</title>
<link rel="stylesheet" href="/assets/start.css">
</head>
<body>
<main>
<h1>Foyer</h1>
<p>A virtual waiting room that also owns the seat, the hold and the payment. It is running.</p>
<ul>
<li><a href="/concerts">Concerts on sale</a></li>
<li><a href="/docs">API documentation</a>, from <a href="/openapi.json">/openapi.json</a></li>
<li><a href="/health/ready">Readiness</a></li>
<li><a href="/metrics">Metrics</a></li>
</ul>
</main>
</body>
</html>
`;

export const START_CSS = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 36rem; margin: 0 auto; padding: 2rem 1rem; }
a { color: inherit; }
`;

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foyer API</title>
<link rel="stylesheet" href="/assets/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/assets/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/assets/docs.js"></script>
</body>
</html>
`;

export const DOCS_SCRIPT = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null });
`;

export function sendText(response: Response, type: string, text: string): void {
  response.type(type).set('Cache-Control', 'no-cache').send(text);
}
