// "Trust this": first what it would come to, asked of the host; then a reason; then it is so. What speaks against it stands on top.
import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Answers } from '../../parts/Answers';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Order } from '../../parts/Order';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { FileVerdict } from '../malware/FileVerdict';
import { useLockOrder } from './order';
import { warnings } from './warnings';

interface Props {
  host: string;
  file: Schema['UnknownFile'];
  mayTrust: boolean;
  close: () => void;
}
const durations = [7, 30, 90, 0] as const;

export function TrustDialog({ host, file, mayTrust, close }: Props) {
  const { t } = useTranslation();
  const order = useLockOrder(host);
  const [days, setDays] = useState<number>(90);
  const query = useQuery({
    queryKey: ['trust', host, file.path, file.sha256],
    staleTime: 0,
    queryFn: () => ask(api.POST('/api/v1/hosts/{id}/lockdown/consequence', { params: { path: { id: host } }, body: { path: file.path, sha256: file.sha256 ?? null } })),
  });
  const consequence = query.data?.consequence;
  const act = async (reason: string) => {
    if (!consequence?.sha256) return undefined;
    return order({ kind: 'trust', path: file.path, sha256: consequence.sha256, days: days === 0 ? null : days }, reason);
  };
  const can = mayTrust && consequence?.same === true;
  return (
    <Dialog title={t('lockdown.trustTitle')} close={close} size={640}>
      <div className="dialog">
        <div className="pre">
          <Hostile text={file.path} limit={600} />
        </div>
        <Order confirm={t('lockdown.trust')} disabled={!can} close={close} act={act}>
          <section aria-label={t('respond.preview')} data-testid="preview">
            <Await query={query}>{(answer) => (answer.consequence ? <Consequence consequence={answer.consequence} /> : <Answers answers={[answer.answer]} />)}</Await>
          </section>
          <NativeSelect
            label={t('lockdown.howLong')}
            value={String(days)}
            data={durations.map((one) => ({ value: String(one), label: one === 0 ? t('lockdown.forGood') : t('lockdown.days', { count: one }) }))}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          />
          {!mayTrust && <p className="muted">{t('lockdown.adminOnly')}</p>}
        </Order>
      </div>
    </Dialog>
  );
}

function Consequence({ consequence }: { consequence: Schema['TrustConsequence'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { file, seen, elsewhere, scan } = consequence;
  const refused = seen.reduce((sum, one) => sum + one.denied, 0);
  return (
    <div className="dialog">
      {warnings(consequence).map((warning) => (
        <p key={warning} className={`note ${warning === 'malicious' || warning === 'other' || warning === 'gone' ? 'is-error' : 'is-warn'}`}>
          {t(`lockdown.warning.${warning}`)}
        </p>
      ))}
      <p>{t('lockdown.consequence')}</p>
      <Facts
        items={[
          [t('process.sha256'), consequence.sha256 && <Hostile code text={consequence.sha256} />],
          [t('lockdown.usedBefore'), t('lockdown.usedOf', { times: format.number(seen.reduce((sum, one) => sum + one.count, 0)), refused: format.number(refused) })],
          [t('lockdown.askedBy'), seen[0] && <Hostile code text={format.list([...new Set(seen.map((one) => `${one.user} ${one.by}`))])} limit={300} />],
          [t('restore.owner'), file && t('restore.ownerOf', { uid: file.uid, gid: file.gid, mode: file.mode })],
          [t('lockdown.realPath'), file?.real_path && <Hostile code text={file.real_path} />],
          [t('process.package'), file?.package ? <Hostile text={file.package} /> : file ? t('process.noPackage') : undefined],
          [t('lockdown.packageSays'), file?.package && t(`lockdown.package.${file.package_says}`)],
          [t('lockdown.writtenBy'), file?.written_by && <Hostile code text={file.written_by} />],
          [t('lockdown.elsewhere'), elsewhere.length > 0 ? <Hostile code text={format.list(elsewhere)} limit={500} /> : undefined],
        ]}
      />
      {scan && (
        <section aria-label={t('restore.today')}>
          <h3>{t('restore.today')}</h3>
          <FileVerdict file={scan} />
        </section>
      )}
    </div>
  );
}
