import { inWords, type Language, rangeInWords } from '../../platform/duration-words.ts';

/** What the page without script says, in both languages. */
export const PLAIN_SENTENCES: Record<Language, PlainSentences> = {
  ko: {
    number: '내 순서',
    eta: (eta) => `예상 대기 시간: ${rangeInWords(eta, 'ko')}`,
    refresh: (seconds) =>
      `이 화면은 ${inWords(seconds, 'ko')}마다 저절로 새로 고쳐져요. 닫았다 열어도 자리는 그대로예요.`,
    paused: '입장이 잠시 멈췄어요. 자리는 그대로예요.',
    recovering: '순서를 다시 확인하고 있어요. 자리는 그대로예요.',
    opensIn: (seconds) =>
      `${inWords(seconds, 'ko')} 뒤부터 차례로 들어가요. 순서는 지금 정해졌어요.`,
    closed: '이제 새로 줄을 설 수 없어요. 자리는 그대로예요.',
    turn: '입장하실 차례예요',
    turnLeft: (seconds) => `${inWords(seconds, 'ko')} 안에 좌석을 골라 주세요.`,
    shop: '좌석 고르러 가기',
    needsScript: '좌석 고르기 화면에는 자바스크립트가 필요해요.',
    ended: '자리가 끝났어요. 다시 줄을 설 수 있어요.',
    customer: '고객 번호',
    join: '줄 서기',
    fromShop: '이 대기실은 예매처 페이지에서 들어올 수 있어요.',
  },
  en: {
    number: 'Your number in line',
    eta: (eta) => `Estimated wait: ${rangeInWords(eta, 'en')}`,
    refresh: (seconds) =>
      `This page refreshes itself every ${inWords(seconds, 'en')}. Close it and come back: your place stays.`,
    paused: 'Entry is paused for a moment. Your place is kept.',
    recovering: 'We are counting the line again. Your place is kept.',
    opensIn: (seconds) =>
      `People enter in order in ${inWords(seconds, 'en')}. Your place is already yours.`,
    closed: 'The line is closed to newcomers. Your place is kept.',
    turn: 'It is your turn',
    turnLeft: (seconds) => `Choose your seats within ${inWords(seconds, 'en')}.`,
    shop: 'Choose seats',
    needsScript: 'The page to choose seats needs JavaScript.',
    ended: 'Your place has ended. You can join the line again.',
    customer: 'Customer number',
    join: 'Join the line',
    fromShop: 'This waiting room is entered from the shop’s own page.',
  },
};

export interface PlainSentences {
  number: string;
  eta(eta: { p50: number; p90: number }): string;
  refresh(seconds: number): string;
  paused: string;
  recovering: string;
  opensIn(seconds: number): string;
  closed: string;
  turn: string;
  turnLeft(seconds: number): string;
  shop: string;
  needsScript: string;
  ended: string;
  customer: string;
  join: string;
  fromShop: string;
}
