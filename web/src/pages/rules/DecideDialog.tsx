import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { ReasonDialog } from '../../parts/ReasonDialog';

export interface Decision {
  kind: 'accept' | 'remove';
  one: Schema['Suppression'];
}

/** Puts a proposed suppression in force, turns it down, or ends one. */
export function DecideDialog({ decision: { kind, one }, close }: { decision: Decision; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const accepts = kind === 'accept';
  const act = async (reason: string) => {
    const options = { params: { path: { id: one.id } }, body: { reason } };
    await ask(accepts ? api.POST('/api/v1/rules/suppressions/{id}/accept', options) : api.POST('/api/v1/rules/suppressions/{id}/remove', options));
    for (const key of ['suppressions', 'rule-history', 'incident']) await client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <ReasonDialog title={t(accepts ? 'proposals.accept' : one.state === 'proposed' ? 'proposals.remove' : 'silence.endTitle')} close={close} act={act}>
      <p>{accepts || one.state === 'proposed' ? t('proposals.what') : t('silence.endText')}</p>
    </ReasonDialog>
  );
}
