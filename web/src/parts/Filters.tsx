// The filters above a list: search, severity, host. They stand in the address, so that a list can be sent to a colleague.
import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { hosts } from '../api/queries';
import { printable } from '../text/printable';
import { type SeverityName, severities } from './Severity';
import { useFilterText } from './useFilterText';

export function SearchField({ label, value, change }: { label: string; value: string | undefined; change: (text: string | undefined) => void }) {
  const [text, setText] = useFilterText(value, change);
  return <TextInput label={label} type="search" value={text} onChange={(event) => setText(event.currentTarget.value)} data-page-search style={{ minWidth: 220, flex: '1 1 220px', maxWidth: 420 }} />;
}

export function SeveritySelect({ value, change }: { value: SeverityName | undefined; change: (severity: SeverityName | undefined) => void }) {
  const { t } = useTranslation();
  const data = [{ value: '', label: t('filter.any') }, ...severities.filter((name) => name !== 'info').map((name) => ({ value: name as string, label: t('filter.orGraver', { severity: t(`severity.${name}`) }) }))];
  return <NativeSelect label={t('column.severity')} data={data} value={value ?? ''} onChange={(event) => change((event.currentTarget.value || undefined) as SeverityName | undefined)} />;
}

export function HostSelect({ value, change }: { value: string | undefined; change: (host: string | undefined) => void }) {
  const { t } = useTranslation();
  const every = useQuery(hosts).data?.items ?? [];
  const data = [{ value: '', label: t('filter.any') }, ...every.map((host) => ({ value: host.id, label: printable(host.name) }))];
  return <NativeSelect label={t('column.host')} data={data} value={value ?? ''} onChange={(event) => change(event.currentTarget.value || undefined)} />;
}

export function ChoiceSelect({ label, value, choices, change }: { label: string; value: string; choices: { value: string; label: string }[]; change: (value: string | undefined) => void }) {
  return <NativeSelect label={label} data={choices} value={value} onChange={(event) => change(event.currentTarget.value || undefined)} />;
}
