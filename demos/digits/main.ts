/** Entry of the digits demo: styles, then the page. */
import 'uplot/dist/uPlot.min.css';
import '../shared/base.css';
import './style.css';
import { DigitsPage } from './page';

void new DigitsPage().start();
