import { inLanguage } from '../base/language.ts';
import type { RoomInput, RoomState } from './data.ts';

/** What the operator reads for a room's states and settings. */
export const STATES: Record<RoomState, string> = inLanguage({
  ko: { OPEN: '열림', PAUSED: '일시정지', CLOSED: '닫힘' },
  en: { OPEN: 'Open', PAUSED: 'Paused', CLOSED: 'Closed' },
});

export const FIELDS: Record<keyof RoomInput, string> = inLanguage({
  ko: {
    name: '이름',
    state: '상태',
    capacity: '동시 입장 인원',
    admitPerMinute: '분당 입장 한도',
    slotSeconds: '쇼핑 시간(초)',
    claimSeconds: '호출 후 응답 시간(초)',
    graceSeconds: '자리 유지 시간(초)',
    waitingMax: '대기열 최대 인원',
    pollBudgetPerSecond: '초당 조회 예산',
    opensAt: '여는 시각',
    closesAt: '닫는 시각',
    title: '제목',
    message: '안내문',
    colour: '색상',
  },
  en: {
    name: 'Name',
    state: 'State',
    capacity: 'Capacity',
    admitPerMinute: 'Admissions per minute',
    slotSeconds: 'Time to shop (s)',
    claimSeconds: 'Time to answer a call (s)',
    graceSeconds: 'Place kept while away (s)',
    waitingMax: 'Longest line',
    pollBudgetPerSecond: 'Poll budget per second',
    opensAt: 'Opens at',
    closesAt: 'Closes at',
    title: 'Title',
    message: 'Message',
    colour: 'Colour',
  },
});
