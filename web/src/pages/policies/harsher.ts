// How many alerts would be acted upon that were answered more mildly.
import type { Schema } from '../../api/client';

const order = ['allow', 'alert', 'deny', 'kill', 'quarantine'];
const rank = (action: string) => order.indexOf(action);

export function harsher(changes: readonly Schema['ActionChange'][]): number {
  return changes.filter((one) => rank(one.to) > rank(one.from) && rank(one.to) > rank('alert')).reduce((sum, one) => sum + one.count, 0);
}
