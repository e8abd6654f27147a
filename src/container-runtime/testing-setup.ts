/** For tests: every test file finds the shell in place, as a user's pods do. */
import { installShell } from './sh/install.ts';

installShell();
