// The matrix' cells: techniques with their sub-techniques behind them, and how dark each is.
import type { Schema } from '../../api/client';

export type Show = 'coverage' | 'told';
type Technique = Schema['AttackTechnique'];

export interface Family {
  head: Technique;
  subs: Technique[];
}
export const tactics = ['reconnaissance', 'resource-development', 'initial-access', 'execution', 'persistence', 'privilege-escalation', 'defense-evasion', 'credential-access', 'discovery', 'lateral-movement', 'collection', 'command-and-control', 'exfiltration', 'impact'] as const;

/** A sub-technique whose parent is not in the tactic stands by itself. */
export function families(techniques: readonly Technique[]): Family[] {
  const heads = techniques.filter((one) => one.parent == null || !techniques.some((other) => other.id === one.parent));
  return heads.map((head) => ({ head, subs: techniques.filter((one) => one.parent === head.id) }));
}

export type CoverageStep = 'none' | 'few' | 'some' | 'many';
export type ToldStep = 'none' | 'seen' | 'low' | 'medium' | 'high' | 'critical';

function coverage(rules: number): CoverageStep {
  if (rules === 0) return 'none';
  return rules < 3 ? 'few' : rules < 8 ? 'some' : 'many';
}

function told(alerts: number, events: number, severity: string | null | undefined): ToldStep {
  if (alerts === 0) return events > 0 ? 'seen' : 'none';
  return severity === 'critical' || severity === 'high' || severity === 'medium' ? severity : 'low';
}

const grave = ['info', 'low', 'medium', 'high', 'critical'];

/** A technique with its sub-techniques together: rules once each, and the gravest of all. */
export function together({ head, subs }: Family): Pick<Technique, 'rules' | 'alerts' | 'events' | 'severity'> {
  const all = [head, ...subs];
  const severity = all.map((one) => one.severity ?? '').sort((a, b) => grave.indexOf(b) - grave.indexOf(a))[0];
  return {
    rules: [...new Set(all.flatMap((one) => one.rules))],
    // An alert may name both the technique and one below it; the sum would count it twice.
    alerts: Math.max(...all.map((one) => one.alerts)),
    events: Math.max(...all.map((one) => one.events)),
    severity: (severity || null) as Technique['severity'],
  };
}

export function shade(one: Pick<Technique, 'rules' | 'alerts' | 'events' | 'severity'>, show: Show): CoverageStep | ToldStep {
  return show === 'coverage' ? coverage(one.rules.length) : told(one.alerts, one.events, one.severity);
}

/** Techniques, sub-techniques among them, each once however many tactics it serves. */
export function sums(matrix: Schema['AttackMatrix']) {
  const all = new Map(matrix.tactics.flatMap((tactic) => tactic.techniques).map((one) => [one.id, one]));
  const count = (pick: (one: Technique) => boolean) => [...all.values()].filter(pick).length;
  return { all: all.size, covered: count((one) => one.rules.length > 0), told: count((one) => one.alerts > 0), seen: count((one) => one.events > 0) };
}
