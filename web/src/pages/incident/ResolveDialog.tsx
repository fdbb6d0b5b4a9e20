import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Disposition, type Incident, type IncidentStatus } from '../../api/client';
import { incident as incidentQuery } from '../../api/queries';
import { FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';

const statuses = ['resolved', 'investigating', 'open'] as const satisfies IncidentStatus[];
const dispositions = ['true_positive', 'benign', 'false_positive'] as const satisfies Disposition[];

/** Says what an incident turned out to be, and why one thinks so. */
export function ResolveDialog({ incident, close }: { incident: Incident; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [status, setStatus] = useState<IncidentStatus>('resolved');
  const [disposition, setDisposition] = useState<Disposition>(incident.disposition ?? 'true_positive');
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const body = status === 'resolved' ? { status, disposition, reason } : { status, reason };
      const detail = await ask(api.PATCH('/api/v1/incidents/{id}', { params: { path: { id: incident.id } }, body }));
      client.setQueryData(incidentQuery(incident.id).queryKey, detail);
      void client.invalidateQueries({ queryKey: ['incidents'] });
      void client.invalidateQueries({ queryKey: ['overview'] });
      close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t('resolve.title', { id: incident.id })} close={close}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <NativeSelect label={t('column.status')} value={status} onChange={(event) => setStatus(event.currentTarget.value as IncidentStatus)} data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))} />
        {status === 'resolved' && (
          <NativeSelect label={t('resolve.disposition')} value={disposition} onChange={(event) => setDisposition(event.currentTarget.value as Disposition)} data={dispositions.map((value) => ({ value, label: t(`disposition.${value}`) }))} />
        )}
        <Textarea label={t('respond.reason')} description={t('respond.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} rows={2} required withAsterisk={false} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={reason.trim() === ''} data-testid="confirm">
            {t('resolve.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
