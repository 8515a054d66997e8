import type { Response } from 'express';

/** The API's description, made readable by Swagger UI. */
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

/**
 * Sends a text as it is. Express' own `send` would answer 304 to whoever asks `If-None-Match: *`, which no
 * operation without an ETag has said.
 */
export function sendText(response: Response, type: string, text: string): void {
  response.type(type);
  response.set('Content-Length', String(Buffer.byteLength(text)));
  response.end(text);
}
