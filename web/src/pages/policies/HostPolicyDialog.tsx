// What one host really has in force, asked of it now, and whether that is what the node gave it.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { hostPolicy } from '../../api/protection';
import { Answers } from '../../parts/Answers';
import { Hostile } from '../../parts/Hostile';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { GivenWord } from './words';

export function HostPolicyDialog({ host, close }: { host: Schema['PolicyHost']; close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(hostPolicy(host.host_id));
  return (
    <Dialog title={t('policy.inForceAt', { host: host.host_name })} close={close} size={760}>
      <Await query={query}>
        {(data) => (
          <div className="dialog">
            {data.given && (
              <p>
                {t('policy.versionOf', { policy: data.given.policy, version: data.given.version })} <GivenWord given={data.given} />
              </p>
            )}
            {data.as_given === false && <p className="note is-warn">{t('policy.drift')}</p>}
            {data.text == null ? (
              <Answers answers={[data.answer]} />
            ) : (
              <pre className="pre is-tall" tabIndex={0} aria-label={t('policy.text')}>
                <Hostile text={data.text} limit={200_000} />
              </pre>
            )}
            <div className="buttons">
              {data.text != null && (
                <Button variant="default" onClick={() => void navigate({ to: '/policies/$name', params: { name: nameFor(data.name) }, search: { from: host.host_id } })}>
                  {t('policy.editFrom')}
                </Button>
              )}
              <Button variant="filled" onClick={close}>
                {t('action.close')}
              </Button>
            </div>
          </div>
        )}
      </Await>
    </Dialog>
  );
}

/** A policy's own name where the node can keep it under that. */
const nameFor = (name: string | null | undefined) => (name && /^[A-Za-z0-9._-]{1,64}$/.test(name) ? name : 'policy');
