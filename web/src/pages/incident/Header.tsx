import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Incident, ResponseAction } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';
import { Severity, severityOf } from '../../parts/Severity';
import { ExportMenu } from './ExportMenu';
import { targets } from './targets';

export function Header({ incident, ask }: { incident: Incident; ask: (kind: ResponseAction['kind'] | 'resolve') => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const navigate = useNavigate();
  const viewer = useQuery(me).data?.role === 'viewer';
  return (
    <div className="head">
      <Severity severity={severityOf(incident.severity)} />
      <h1 className="wrap">
        <Hostile text={said(incident.title.text)} limit={300} />
      </h1>
      <span className="muted nowrap">{t('incident.idAndAlerts', { id: incident.id, count: incident.alert_count, formatted: format.number(incident.alert_count) })}</span>
      <span className="chip">{t(`status.${incident.status}`)}</span>
      {incident.disposition && <span className="chip">{t(`disposition.${incident.disposition}`)}</span>}
      <div className="actions">
        <Button className="destroys" onClick={() => ask('kill_tree')} disabled={viewer || targets(incident, 'kill_tree').length === 0} data-testid="kill">
          {t('respond.kill_tree')}
        </Button>
        <Button variant="default" onClick={() => ask('quarantine')} disabled={viewer || targets(incident, 'quarantine').length === 0} data-testid="quarantine">
          {t('respond.quarantine')}
        </Button>
        <Button variant="default" onClick={() => void navigate({ to: '/recovery', search: { incident: incident.id } })} data-testid="roll-back">
          {t('recovery.rollBack')}
        </Button>
        <Button variant="default" onClick={() => ask('resolve')} disabled={viewer} data-testid="resolve">
          {t('respond.resolve')}
        </Button>
        <ExportMenu id={incident.id} />
      </div>
    </div>
  );
}
