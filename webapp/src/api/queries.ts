/** How answers are cached, and how commands are given. */

import { isProblem, newKey, Problem, type QueryKey } from "@iqx/contract";
import {
  QueryClient,
  useInfiniteQuery,
  useMutation,
  type UseMutationResult,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useRef } from "react";

/** The client tries again by itself, so the cache does not. A command is never kept for later: what
 * could not be sent now is told now. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 30_000, gcTime: 10 * 60_000 },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** A list that grows page by page. `load` gets the cursor, `undefined` for the first page. */
export function usePages<P extends Page<unknown>>(
  queryKey: QueryKey,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<P>,
  options: { enabled?: boolean } = {},
) {
  const query = useInfiniteQuery({
    // Pages have another shape than one answer: they never share a place in the cache.
    queryKey: [...queryKey, "pages"],
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: P) => last.next_cursor ?? undefined,
    enabled: options.enabled ?? true,
  });
  const items = query.data?.pages.flatMap((page) => page.items) as P["items"] | undefined;
  return { ...query, items };
}

/** What a command is given besides its input. */
export interface Given {
  /** The name of this very command: pass it to the client as `key`. */
  key: string;
}

interface Tried {
  input: string;
  key: string;
}

/** The key of the last try, if nobody knows yet how it ended and it is the same command again. */
export function keyFor(last: Tried | null, input: string): Tried {
  return last?.input === input ? last : { input, key: newKey() };
}

/**
 * A command with one effect, however often its button is pressed: while the outcome of a try is
 * unknown, the same input keeps its key. `makesOld` are the cached answers that it changes.
 */
export function useCommand<I, A>(
  run: (input: I, given: Given) => Promise<A>,
  options: { makesOld?: readonly QueryKey[]; onDone?: (answer: A, input: I) => unknown } = {},
): UseMutationResult<A, Error, I> {
  const queries = useQueryClient();
  const open = useRef<Tried | null>(null);
  const { makesOld = [], onDone } = options;
  return useMutation<A, Error, I>({
    mutationFn: async (input) => {
      const tried = keyFor(open.current, JSON.stringify(input));
      open.current = tried;
      try {
        const answer = await run(input, { key: tried.key });
        open.current = null;
        return answer;
      } catch (thrown) {
        if (!(thrown instanceof Problem) || !thrown.isUnknown) open.current = null;
        throw thrown;
      }
    },
    onSuccess: async (answer, input) => {
      await Promise.all(makesOld.map((queryKey) => queries.invalidateQueries({ queryKey })));
      await onDone?.(answer, input);
    },
  });
}

/** Make cached answers old; those on screen are fetched again. */
export function useRefresh(): (...made: readonly QueryKey[]) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (...made) => {
      await Promise.all(made.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    [queries],
  );
}

/** Whether a failed reading may work later without a change. */
export function isPassing(thrown: unknown): boolean {
  return isProblem(thrown) && thrown.isPassing;
}
