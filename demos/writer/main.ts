import '../shared/demo.css';
import '../../src/playground';
