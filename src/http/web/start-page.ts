import type { Language } from '../../platform/duration-words.ts';

/** The start page's HTML: where everything is, and how to see a line move. It needs no script. */
export function startPage(language: Language, withCrowd: boolean): string {
  const say = SENTENCES[language];
  const card = ({ href, name, what }: { href: string; name: string; what: string }): string =>
    `<li><a class="card" href="${href}"><strong>${name}</strong><span class="quiet">${what}</span></a></li>`;
  const crowd = `<section class="crowd card">
<h2>${say.crowdTitle}</h2>
<ol>${say.crowdSteps.map((step) => `<li>${step}</li>`).join('')}</ol>
<a class="button" href="/admin#/crowd">${say.crowdButton}</a>
</section>`;
  return `<main class="start">
<h1>Foyer</h1>
<p class="lead">${say.lead}</p>
<ul class="pages">${say.pages.map(card).join('')}</ul>
${withCrowd ? crowd : ''}
<p class="quiet links">${say.more}
<a href="/docs">${say.docs}</a> · <a href="/openapi.json">OpenAPI</a> ·
<a href="/health/ready">${say.health}</a> · <a href="/metrics">${say.metrics}</a></p>
</main>`;
}

const SENTENCES = {
  ko: {
    lead: '대기열부터 좌석 선점, 결제까지 이어지는 가상 대기실이 실행 중입니다.',
    pages: [
      { href: '/rooms/main', name: '대기실', what: '줄을 서고 내 순서를 봅니다' },
      { href: '/concerts', name: '예매', what: '날짜와 좌석을 고르고 결제합니다' },
      { href: '/admin', name: '관제실', what: '인원과 속도를 조절하고 지켜봅니다' },
    ],
    crowdTitle: '줄이 움직이는 모습 보기',
    crowdSteps: [
      '아래 버튼으로 관제실을 열고, 터미널에 출력된 관리자 키(Admin key)로 로그인합니다.',
      '가상 인파를 들여보내면 곧바로 곡선이 움직입니다.',
      '다른 탭에서 대기실을 열면 내 번호가 줄어드는 것을 볼 수 있습니다.',
    ],
    crowdButton: '가상 인파 들여보내기',
    more: '더 보기:',
    docs: 'API 문서',
    health: '상태',
    metrics: '지표',
  },
  en: {
    lead: 'A virtual waiting room that also owns the seat, the hold and the payment. It is running.',
    pages: [
      { href: '/rooms/main', name: 'Waiting room', what: 'Stand in line and watch your number' },
      { href: '/concerts', name: 'Shop', what: 'Choose a date and seats, and pay' },
      { href: '/admin', name: 'Control room', what: 'Watch the line and set its pace' },
    ],
    crowdTitle: 'See a line move',
    crowdSteps: [
      'Open the control room below and sign in with the admin key that the terminal printed.',
      'Let a simulated crowd in: the curves move at once.',
      'Open the waiting room in another tab and watch your number fall.',
    ],
    crowdButton: 'Let a crowd in',
    more: 'More:',
    docs: 'API documentation',
    health: 'Readiness',
    metrics: 'Metrics',
  },
} as const;
