import { inLanguage } from '../base/language.ts';

/** The invariants in Korean; English titles come from the server, which names them all. */
const TITLES: Record<string, string> = inLanguage({
  ko: {
    'no-double-sale': '한 좌석에 유효한 티켓은 하나뿐이다',
    'live-ticket-live-owner': '티켓은 예약이 선점되었거나 확정된 동안에만 유효하다',
    'paid-stays-paid': '결제된 예약은 환불로만 끝난다',
    'hold-resolves-once': '선점은 한 번만, 한 가지로 끝난다',
    'no-early-theft': '선점 시간이 끝나기 전에는 좌석을 빼앗기지 않는다',
    'no-late-pay': '선점이 끝난 뒤에는 확정되지 않는다',
    'pay-exact': '결제 금액은 티켓 값의 합과 정확히 같다',
    'nobody-acts-for-another': '돈은 본인 계좌에서만 움직이고, 관리자의 일은 기록에 남는다',
    'events-follow-facts': '모든 변화에는 뒤따를 일이 적혀 있다',
    'points-conserved': '모든 잔액은 거래의 합이고 0보다 작지 않다',
    'ledger-steps': '마지막 거래가 계좌의 잔액을 말한다',
    'one-effect-per-key': '멱등 키 하나에 결과도 하나다',
    'called-in-order': '자리를 비운 사람을 빼고 순서대로 호출했다',
    'rate-holds': '어느 1분에도 한도보다 많이 입장하지 않았다',
    'limit-holds': '입장 중인 사람은 한도를 넘지 않는다',
    'places-whole': '모든 자리는 상태에 맞는 곳에 하나씩 있다',
    'no-stall': '빈자리가 있고 기다리는 사람이 있으면 입장시킨다',
    'slot-outlives-hold': '선점한 좌석이 있는 동안 내보내지 않는다',
  },
  en: {},
});

export const checkTitle = ({ id, title }: { id: string; title: string }): string =>
  TITLES[id] ?? title;
