/** The same tests once more: two files that a runner runs side by side. */
import './store.test.mjs';
