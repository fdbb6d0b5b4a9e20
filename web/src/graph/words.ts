// How a node is named for people; shared by the picture, the table and the panel.
import type { TFunction } from 'i18next';
import { severityOf } from '../parts/Severity';
import { printable } from '../text/printable';
import type { Branch } from './forest';

export const secondLine = (branch: Branch): string => {
  const node = branch.node;
  if (!node) return '';
  return printable(node.process?.command_line || node.process?.executable || node.path || '');
};

/** One sentence for a screen reader: everything the picture says by shape, colour and place. */
export function spoken(branch: Branch, t: TFunction): string {
  const node = branch.node;
  if (!node) return t('graph.fold', { count: branch.folded });
  const parts = [t(`graph.kind.${node.kind}`), printable(node.label)];
  if (node.process) parts.push(t('graph.pid', { pid: node.process.pid }));
  if (node.entry) parts.push(t('graph.root'));
  if (branch.relation) parts.push(t(`graph.edge.${branch.relation}`));
  if (node.severity) parts.push(t(`severity.${severityOf(node.severity)}`));
  if (node.alerts.length > 0) parts.push(t('graph.alerts', { count: node.alerts.length }));
  return parts.join(', ');
}
