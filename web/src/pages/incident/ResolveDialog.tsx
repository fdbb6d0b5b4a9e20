import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Disposition, type Incident, type IncidentStatus } from '../../api/client';
import { incident as incidentQuery } from '../../api/queries';
import { ReasonForm } from '../../parts/ReasonForm';
import { Dialog } from '../../shell/Dialog';

const statuses = ['resolved', 'investigating', 'open'] as const satisfies IncidentStatus[];
const dispositions = ['true_positive', 'benign', 'false_positive'] as const satisfies Disposition[];

/** Says what an incident turned out to be, and why one thinks so. */
export function ResolveDialog({ incident, close }: { incident: Incident; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [status, setStatus] = useState<IncidentStatus>('resolved');
  const [disposition, setDisposition] = useState<Disposition>(incident.disposition ?? 'true_positive');
  const act = async (reason: string) => {
    const body = status === 'resolved' ? { status, disposition, reason } : { status, reason };
    const detail = await ask(api.PATCH('/api/v1/incidents/{id}', { params: { path: { id: incident.id } }, body }));
    client.setQueryData(incidentQuery(incident.id).queryKey, detail);
    void client.invalidateQueries({ queryKey: ['incidents'] });
    void client.invalidateQueries({ queryKey: ['overview'] });
    close();
  };
  return (
    <Dialog title={t('resolve.title', { id: incident.id })} close={close}>
      <div className="dialog">
        <NativeSelect label={t('column.status')} value={status} onChange={(event) => setStatus(event.currentTarget.value as IncidentStatus)} data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))} />
        {status === 'resolved' && (
          <NativeSelect label={t('resolve.disposition')} value={disposition} onChange={(event) => setDisposition(event.currentTarget.value as Disposition)} data={dispositions.map((value) => ({ value, label: t(`disposition.${value}`) }))} />
        )}
        {status === 'resolved' && disposition !== 'true_positive' && <p className="muted">{t('resolve.teaches')}</p>}
        <ReasonForm confirm={t('resolve.save')} close={close} act={act} />
      </div>
    </Dialog>
  );
}
