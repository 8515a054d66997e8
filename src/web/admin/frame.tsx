import { useEffect, useRef } from 'preact/hooks';
import { inLanguage } from '../base/language.ts';
import { AuditView } from './audit-view.tsx';
import { ChecksBadge } from './checks-badge.tsx';
import { ChecksView } from './checks-view.tsx';
import { ConcertView } from './concert-view.tsx';
import { ConcertsView } from './concerts-view.tsx';
import { CrowdView } from './crowd-view.tsx';
import { CustomersView } from './customers-view.tsx';
import { RoomView } from './room-view.tsx';
import { RoomsView } from './rooms-view.tsx';
import { hrefTo, useRoute } from './route.ts';
import { SeatsView } from './seats-view.tsx';
import { useSignedIn } from './session.ts';

const say = inLanguage({
  ko: {
    title: '관제실',
    skip: '본문으로 건너뛰기',
    nav: '메뉴',
    rooms: '대기실',
    concerts: '공연',
    customers: '고객',
    checks: '점검',
    audit: '기록',
    crowd: '인파',
    signOut: '로그아웃',
  },
  en: {
    title: 'Control room',
    skip: 'Skip to content',
    nav: 'Menu',
    rooms: 'Rooms',
    concerts: 'Concerts',
    customers: 'Customers',
    checks: 'Checks',
    audit: 'Audit',
    crowd: 'Crowd',
    signOut: 'Sign out',
  },
});

/** The frame around every view: where one is, whether all is well, and the way out. */
export function Frame() {
  const { session, demoCrowd, signOut } = useSignedIn();
  const route = useRoute();
  const [view = 'rooms'] = route;
  const links = [
    'rooms',
    'concerts',
    'customers',
    'checks',
    'audit',
    ...(demoCrowd ? ['crowd' as const] : []),
  ] as const;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${say.title} · ${route.at(-1) ?? say.rooms}`;
    scrollTo(0, 0);
    // On a phone the row of views is longer than the screen.
    const current = nav.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [route.join('/')]);
  return (
    <>
      <header class="top">
        <button class="skip" type="button" onClick={skip}>
          {say.skip}
        </button>
        <div class="top-line">
          <a class="brand" href="/">
            Foyer
          </a>
          <ChecksBadge />
          <span class="who quiet">{session.name}</span>
          <button class="button plain compact" type="button" onClick={() => void signOut()}>
            {say.signOut}
          </button>
        </div>
        <nav aria-label={say.nav} ref={nav}>
          {links.map((link) => (
            <a key={link} href={hrefTo(link)} aria-current={view === link ? 'page' : undefined}>
              {say[link]}
            </a>
          ))}
        </nav>
      </header>
      <main id="content" class="content" tabIndex={-1}>
        <View route={route} />
      </main>
    </>
  );
}

/** The address's fragment is the route, so the jump is made by hand. */
function skip(): void {
  document.getElementById('content')?.focus();
}

function View({ route }: { route: string[] }) {
  const [view = 'rooms', id, sub] = route;
  switch (view) {
    case 'concerts':
      if (id && sub) return <SeatsView concertId={Number(id)} optionId={Number(sub)} key={sub} />;
      return id ? <ConcertView concertId={Number(id)} key={id} /> : <ConcertsView />;
    case 'customers':
      return <CustomersView customerId={id} />;
    case 'tickets':
      return <CustomersView ticketId={id} key={id} />;
    case 'checks':
      return <ChecksView />;
    case 'audit':
      return <AuditView />;
    case 'crowd':
      return <CrowdView />;
    default:
      return id ? <RoomView roomId={id} key={id} /> : <RoomsView />;
  }
}
