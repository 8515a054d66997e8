// The start page has no script: this entry only brings its styles through the build.
import '../base/base.css';
import './start.css';
