import '../base/base.css';
import 'uplot/dist/uPlot.min.css';
import './layout.css';
import './parts.css';
import './room.css';
import './lists.css';
import { render } from 'preact';
import { root } from '../base/page-data.ts';
import { ControlRoom } from './control-room.tsx';

render(<ControlRoom />, root());
