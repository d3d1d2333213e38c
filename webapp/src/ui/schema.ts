/** Schemas of forms. The policy of the page allows no code made from text, so zod need not try. */

import { z } from "zod";

z.config({ jitless: true });

export { z };
