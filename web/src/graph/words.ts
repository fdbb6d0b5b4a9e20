// How a node is named for people; shared by the picture, the table and the panel.
import type { TFunction } from 'i18next';
import { severityOf } from '../parts/Severity';
import { clip, printable } from '../text/printable';
import type { Branch } from './forest';

export const secondLine = (branch: Branch): string => {
  const node = branch.node;
  if (!node) return '';
  return printable(node.process?.command_line || node.process?.executable || node.path || '');
};

const room = { inside: 132, letter: 7.8, digit: 7, mark: 16 };

/** As much of a name as fits the first line of a box beside its number and the mark of its end. */
export function nameOf(branch: Branch): string {
  const node = branch.node;
  if (!node) return '';
  const taken = (node.process ? 5 + String(node.process.pid).length * room.digit : 0) + (node.ended === true ? room.mark : 0);
  return clip(printable(node.label), Math.max(4, Math.floor((room.inside - taken) / room.letter)));
}

/** How much of a command line fits the second line. */
export const commandLength = 20;

/** One sentence for a screen reader: everything the picture says by shape, colour and place. */
export function spoken(branch: Branch, t: TFunction): string {
  const node = branch.node;
  if (!node) return t(branch.children.length > 0 ? 'graph.run' : 'graph.fold', { count: branch.folded });
  const parts = [t(`graph.kind.${node.kind}`), printable(node.label)];
  if (node.process) parts.push(t('graph.pid', { pid: node.process.pid }));
  if (node.entry) parts.push(t('graph.root'));
  if (branch.relation) parts.push(t(`graph.edge.${branch.relation}`));
  if (node.severity) parts.push(t(`severity.${severityOf(node.severity)}`));
  if (node.ended === true) parts.push(t('graph.ended'));
  if (node.alerts.length > 0) parts.push(t('graph.alerts', { count: node.alerts.length }));
  return parts.join(', ');
}
