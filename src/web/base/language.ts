export type Language = 'ko' | 'en';

/** The page's language: the server chose it by Accept-Language, as it does for the messages of errors. */
const language: Language = document.documentElement.lang === 'ko' ? 'ko' : 'en';

/** The sentences of one page in the page's language; both languages have the same ones. */
export function inLanguage<T>(sentences: Record<Language, T>): T {
  return sentences[language];
}

const locale = language === 'ko' ? 'ko-KR' : 'en-GB';
const numbers = new Intl.NumberFormat(locale);
/** A whole number with its separators. */
export const formatNumber = (value: number): string => numbers.format(value);
