// Who gets a policy first: one host that is there, and that has some version of it already where there is one.
import type { Schema } from '../../api/client';

export function canary(hosts: readonly Schema['PolicyHost'][], policy: string): string[] {
  const there = hosts.filter((host) => host.connected);
  const first = there.find((host) => host.given?.policy === policy) ?? there[0];
  return first ? [first.host_id] : [];
}
