// What giving files back would do, file by file, asked of the host; then a reason; then what it did, file by file.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { recovery, rollbackReport } from '../../api/protection';
import { command as commandQuery } from '../../api/queries';
import { Answers } from '../../parts/Answers';
import { Order } from '../../parts/Order';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { Report } from './Report';

export interface RollbackTarget {
  host: string;
  hostName: string;
  /** Entity ids; empty for all processes of the incident. */
  trees: string[];
  incident: string | undefined;
}

export function RollbackDialog({ target, close }: { target: RollbackTarget; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const body = { host_id: target.host, trees: target.trees, incident_id: target.incident ?? null };
  const preview = useQuery({ queryKey: ['rollback-preview', target], staleTime: 0, retry: false, queryFn: () => ask(api.POST('/api/v1/recovery', { body: { ...body, preview: true } })) });
  const act = async (reason: string) => {
    const { command } = await ask(api.POST('/api/v1/recovery', { body: { ...body, preview: false, reason } }));
    void client.invalidateQueries({ queryKey: recovery.queryKey });
    if (target.incident) void client.invalidateQueries({ queryKey: ['incident', target.incident] });
    return command?.id;
  };
  const files = preview.data?.report?.files.length ?? 0;
  return (
    <Dialog title={t('recovery.title', { host: target.hostName })} close={close} size={760}>
      <Order confirm={t('recovery.rollBack')} destroys disabled={files === 0} close={close} act={act} after={(id) => <Done id={id} />}>
        <section aria-label={t('respond.preview')} data-testid="preview">
          <Await query={preview}>{(data) => (data.report ? <Report report={data.report} /> : data.answer ? <Answers answers={[data.answer]} /> : null)}</Await>
        </section>
      </Order>
    </Dialog>
  );
}

/** The report is there once the host is through. */
function Done({ id }: { id: string }) {
  const status = useQuery(commandQuery(id)).data?.status;
  const report = useQuery({ ...rollbackReport(id), enabled: status === 'done' });
  if (status !== 'done') return null;
  return <Await query={report}>{(data) => <Report report={data} />}</Await>;
}
