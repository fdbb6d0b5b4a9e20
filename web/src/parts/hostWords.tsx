// How a host's protection is worded: its tier, what it therefore lacks, and what it lost.
import { useTranslation } from 'react-i18next';
import type { HostSummary } from '../api/client';
import { useFormat } from '../i18n/format';

const tiers = ['observe', 'gate', 'enforce'] as const;
const protections = ['process_activity', 'file_activity', 'network_activity', 'kernel_activity', 'memory_activity', 'io_uring_activity', 'deny_exec', 'deny_read', 'deny_connect', 'deny_file_write', 'deny_ptrace', 'deny_module', 'self_protection'] as const;
const losses = ['process', 'file', 'network', 'kernel', 'fanotify', 'connector', 'pipeline', 'spool'] as const;

/** One of the known words, or undefined for one that a newer node says. */
export function known<W extends string>(words: readonly W[], word: string): W | undefined {
  return words.find((one) => one === word);
}

export function Tier({ tier }: { tier: string }) {
  const { t } = useTranslation();
  const word = known(tiers, tier);
  return <span className={`chip ${tier === 'enforce' ? 'is-good' : tier === 'observe' ? 'is-warn' : ''}`}>{word ? t(`tier.${word}`) : tier}</span>;
}

export function useProtectionWords() {
  const { t } = useTranslation();
  return (names: readonly string[]) =>
    names.map((name) => {
      const word = known(protections, name);
      return word ? t(`protection.${word}`) : name;
    });
}

export function useLossWords() {
  const { t } = useTranslation();
  const format = useFormat();
  return (lost: Record<string, number>) =>
    Object.entries(lost)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => {
        const word = known(losses, kind);
        return t('loss.item', { kind: word ? t(`loss.${word}`) : kind, count, formatted: format.number(count) });
      });
}

export function Loss({ host }: { host: HostSummary }) {
  const { t } = useTranslation();
  const words = useLossWords();
  const format = useFormat();
  if (host.lost_total === 0) return <span className="muted">{t('loss.none')}</span>;
  return (
    <span className="chip is-warn" title={format.list(words(host.lost))}>
      {t('loss.total', { count: host.lost_total, formatted: format.number(host.lost_total) })}
    </span>
  );
}

export function Presence({ host }: { host: HostSummary }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (host.revoked) return <span className="chip is-warn">{t('host.revoked')}</span>;
  if (host.connected) return <span className="chip is-good">{t('host.connected')}</span>;
  return <span className="chip is-warn">{t('host.away', { time: format.time(host.last_seen) })}</span>;
}
