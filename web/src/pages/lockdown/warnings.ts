// What speaks against trusting a file, the gravest first.
import type { Schema } from '../../api/client';

export type Warning = 'gone' | 'other' | 'malicious' | 'suspicious' | 'unscanned' | 'changed' | 'writable' | 'interpreter' | 'scope' | 'already';

export function warnings(one: Schema['TrustConsequence']): Warning[] {
  const found: Warning[] = [];
  if (!one.exists) found.push('gone');
  else if (!one.same) found.push('other');
  if (one.scan?.verdict === 'malicious') found.push('malicious');
  if (one.scan?.verdict === 'suspicious') found.push('suspicious');
  // Not read to its end is not clean.
  if (one.exists && (!one.scan || one.scan.verdict === 'incomplete' || one.scan.verdict === 'error')) found.push('unscanned');
  if (one.file?.package_says === 'changed') found.push('changed');
  if (one.file && !one.file.only_root_writes) found.push('writable');
  if (one.interpreter) found.push('interpreter');
  if (!one.in_scope) found.push('scope');
  if (one.runs_already) found.push('already');
  return found;
}
