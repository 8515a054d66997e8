import '../base/base.css';
import { render } from 'preact';
import { root } from '../base/page-data.ts';

render(<h1>Concerts</h1>, root());
