// Severity is always shape + word + colour: a disc that fills from Info to Critical, and the word beside it.
import { useTranslation } from 'react-i18next';

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type SeverityName = (typeof severities)[number];

export function severityOf(text: string | null | undefined): SeverityName {
  const name = (text ?? '').toLowerCase();
  return (severities as readonly string[]).includes(name) ? (name as SeverityName) : 'info';
}

const wedge: Record<SeverityName, string> = {
  info: '',
  low: 'M6 6V1.5A4.5 4.5 0 0 1 10.5 6z',
  medium: 'M6 1.5A4.5 4.5 0 0 1 6 10.500z',
  high: 'M6 6V1.5A4.5 4.5 0 1 1 1.5 6z',
  critical: 'M6 1.5A4.5 4.5 0 0 1 6 10.500A4.5 4.5 0 0 1 6 1.5z',
};

export function SeverityShape({ severity, size = 12 }: { severity: SeverityName; size?: number }) {
  return (
    <svg className={`sev-shape sev-${severity}`} width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.5" fill="none" strokeWidth="1.6" />
      <path d={wedge[severity]} stroke="none" />
    </svg>
  );
}

export function Severity({ severity }: { severity: SeverityName }) {
  const { t } = useTranslation();
  return (
    <span className={`severity is-${severity}`}>
      <SeverityShape severity={severity} />
      <span>{t(`severity.${severity}`)}</span>
    </span>
  );
}
