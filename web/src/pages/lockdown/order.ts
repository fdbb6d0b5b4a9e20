import { useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schema } from '../../api/client';

/** Orders a change of a host's lock: the command's id. */
export function useLockOrder(host: string): (change: Schema['LockdownChange'], reason: string) => Promise<string> {
  const client = useQueryClient();
  return async (change, reason) => {
    const command = await ask(api.POST('/api/v1/hosts/{id}/lockdown', { params: { path: { id: host } }, body: { change, reason } }));
    void client.invalidateQueries({ queryKey: ['lockdown'] });
    return command.id;
  };
}
