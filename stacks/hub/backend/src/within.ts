/** Time every neighbour has for one answer, milliseconds: a neighbour that hangs must not hang us. */
export const NEIGHBOUR_MS = 2000;

/**
 * The answer, if it comes in time. What is asked goes on in the background when it does not.
 * @throws Error `<what> gave no answer in 2 s`
 */
export async function within<T>(what: string, answer: Promise<T>, ms = NEIGHBOUR_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} gave no answer in ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
