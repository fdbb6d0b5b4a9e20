// Keeps one stream open while someone is signed in, and tells the pages whether they are live.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { applier } from './apply';
import { type LiveState, openStream } from './stream';

const Live = createContext<LiveState>('connecting');
export const useLive = () => useContext(Live);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    let wasStale = false;
    const stream = openStream(
      '/api/v1/stream',
      (next) => {
        setState(next);
        if (next === 'live' && wasStale) void client.invalidateQueries();
        wasStale = next === 'stale';
        // A session that has ended looks like a broken stream; asking who we are tells them apart.
        if (next === 'stale') void client.invalidateQueries({ queryKey: ['me'] });
      },
      applier(client),
    );
    return () => stream.close();
  }, [client]);
  return <Live value={state}>{children}</Live>;
}
