// One finding about the user's input: what `dive plan` lists and what an invalid configuration exits 7 with.
import { z } from 'zod';
import { type FailureCode, isFailureCode } from '../domain/failures.ts';

export const Finding = z.object({
  code: z.custom<FailureCode>(isFailureCode),
  /** Absolute path of the file, where one is to blame. */
  file: z.string().optional(),
  /** 1-based line, where it can be found. */
  line: z.number().int().positive().optional(),
  /** `services.web.ports[0]`. */
  path: z.string().optional(),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;
