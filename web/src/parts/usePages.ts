import { useCallback, useMemo } from 'react';

interface Paged<T> {
  data: { pages: { items: T[] }[] } | undefined;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The rows of all pages that are loaded, and how to ask for the next. */
export function usePages<T>({ data, hasNextPage, isFetchingNextPage, fetchNextPage }: Paged<T>): { rows: T[]; more: () => void } {
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows, more };
}
