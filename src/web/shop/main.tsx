import '../base/base.css';
import './shop.css';
import './seats.css';
import './tickets.css';
import { render } from 'preact';
import { pageData, root } from '../base/page-data.ts';
import { ConcertList } from './concert-list.tsx';
import { ConcertPage } from './concert-page.tsx';
import type { ShopData } from './documents.ts';
import { Shell } from './shell.tsx';
import { TicketsPage } from './tickets-page.tsx';

const data = pageData<ShopData>();
const [, , concertId] = location.pathname.split('/');

function Page() {
  if (location.pathname.startsWith('/tickets')) return <TicketsPage data={data} />;
  if (concertId) return <ConcertPage concertId={Number(concertId)} data={data} />;
  return <ConcertList />;
}

render(
  <Shell>
    <Page />
  </Shell>,
  root(),
);
