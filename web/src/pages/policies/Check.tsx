// The node reads the text as one types, and says where it is no policy: line and field, and the line itself.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { Hostile } from '../../parts/Hostile';
import { FailureNote } from '../../parts/states';

const pause = 300;

export interface Checked {
  /** The very text that is shown was read and is a policy. */
  ok: boolean;
  fault: Schema['PolicyFault'] | undefined;
  error: unknown;
  pending: boolean;
}

export function useCheck(text: string): Checked {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({ queryKey: ['policy-check', settled], queryFn: () => ask(api.POST('/api/v1/policies/check', { body: { text: settled } })), staleTime: Infinity, gcTime: 60_000, retry: false });
  const pending = settled !== text || query.isLoading;
  return { ok: !pending && query.data?.ok === true, fault: pending ? undefined : (query.data?.fault ?? undefined), error: pending ? undefined : query.error, pending };
}

export function Check({ check, text }: { check: Checked; text: string }) {
  const { t } = useTranslation();
  if (check.error) return <FailureNote error={check.error} />;
  const { fault } = check;
  if (!fault)
    return (
      <p className={check.ok ? 'good' : 'muted'} role="status" data-testid="check" data-ok={check.ok}>
        {t(check.ok ? 'policy.isPolicy' : 'policy.checking')}
      </p>
    );
  const line = fault.line > 0 ? text.split('\n')[fault.line - 1] : undefined;
  return (
    <div className="note is-error" role="alert" data-testid="check" data-ok={false}>
      <p>
        <strong>{fault.line > 0 ? t('policy.faultAt', { line: fault.line }) : t('policy.fault')}</strong> {fault.field && <span className="mono">{fault.field}</span>}
      </p>
      <p className="wrap">
        <Hostile text={fault.message} limit={600} />
      </p>
      {line && (
        <p className="mono wrap">
          <Hostile text={line} limit={200} />
        </p>
      )}
    </div>
  );
}
