import { inLanguage } from '../base/language.ts';

/** Places, events of the line, and reservations, in words. */
const WORDS: Record<string, string> = inLanguage({
  ko: {
    WAITING: '대기 중',
    AWAY: '자리 비움',
    RETURNING: '돌아옴',
    CALLED: '호출됨',
    ACTIVE: '입장 중',
    ENTERED: '줄을 섬',
    PAID: '결제 완료',
    LEFT: '떠남',
    LAPSED: '시간 만료',
    SWEPT: '자리 비움으로 끝남',
    REMOVED: '관리자가 뺌',
    HELD: '선점',
    CONFIRMED: '확정',
    EXPIRED: '만료',
    CANCELLED: '취소',
    REFUNDED: '환불',
  },
  en: {
    WAITING: 'waiting',
    AWAY: 'away',
    RETURNING: 'returning',
    CALLED: 'called',
    ACTIVE: 'inside',
    ENTERED: 'joined',
    PAID: 'paid',
    LEFT: 'left',
    LAPSED: 'time ran out',
    SWEPT: 'stayed away',
    REMOVED: 'removed by an operator',
    HELD: 'held',
    CONFIRMED: 'confirmed',
    EXPIRED: 'expired',
    CANCELLED: 'cancelled',
    REFUNDED: 'refunded',
  },
});

export const inWords = (status: string): string => WORDS[status] ?? status;
