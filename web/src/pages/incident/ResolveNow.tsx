// The usual end of a triage: what was just done settles it, for the same reason. One click, and only for a real attack; anything
// else is decided in the dialog that asks what it was.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { incident as incidentQuery } from '../../api/queries';
import { FailureNote } from '../../parts/states';

export function ResolveNow({ incident, reason, close }: { incident: string; reason: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const status = useQuery(incidentQuery(incident)).data?.incident.status;
  const [error, setError] = useState<unknown>();
  if (status === undefined || status === 'resolved') return null;
  const resolve = async () => {
    try {
      const detail = await ask(api.PATCH('/api/v1/incidents/{id}', { params: { path: { id: incident } }, body: { status: 'resolved', disposition: 'true_positive', reason } }));
      client.setQueryData(['incident', incident], detail);
      close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <>
      {error !== undefined && <FailureNote error={error} />}
      <Button variant="default" onClick={() => void resolve()} data-testid="resolve-now">
        {t('resolve.now')}
      </Button>
    </>
  );
}
