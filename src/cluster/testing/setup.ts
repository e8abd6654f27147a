/** For unit tests: every test file finds the extras in place, as a user's requests do. */
import { installExtras } from '../extras.ts';

installExtras();
