/**
 * What the server wrote into the page for its script: JSON in an attribute, for a strict policy has no inline
 * scripts.
 */
export function pageData<T>(): T {
  const data: T = JSON.parse(root().dataset['page'] ?? '{}');
  return data;
}

/** Where the page is drawn. */
export function root(): HTMLElement {
  const element = document.getElementById('app');
  if (!element) throw new Error('the page has no #app');
  return element;
}
