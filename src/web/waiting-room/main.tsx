import '../base/base.css';
import { render } from 'preact';
import { root } from '../base/page-data.ts';
import { WaitingRoom } from './waiting-room.tsx';

render(<WaitingRoom />, root());
