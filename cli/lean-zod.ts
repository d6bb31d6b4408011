// Imported first by verbs that parse a few answers and end: compiling a parser for each schema costs them more than it
// saves. Settings of zod count for schemas that are made after them.
import { z } from 'zod';

z.config({ jitless: true });
