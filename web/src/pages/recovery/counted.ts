// How many files of each outcome, what needs a look first.
import type { Schema } from '../../api/client';

const order: Schema['Undone'][] = ['failed', 'beside', 'restored', 'linked', 'deleted', 'unchanged'];

export function counted(files: readonly Schema['RolledBackFile'][]): [Schema['Undone'], number][] {
  return order.map((done): [Schema['Undone'], number] => [done, files.filter((file) => file.done === done).length]).filter(([, count]) => count > 0);
}
