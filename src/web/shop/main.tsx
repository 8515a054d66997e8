import '../base/base.css';
import { render } from 'preact';
import { inLanguage } from '../base/language.ts';
import { root } from '../base/page-data.ts';

const say = inLanguage({ ko: { title: '공연 예매' }, en: { title: 'Concert tickets' } });

render(<h1>{say.title}</h1>, root());
