// Dates, numbers, sizes and durations as the reader's language writes them, by Intl alone.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export function formats(language: string) {
  const locale = language === 'ja' ? 'ja-JP' : 'en';
  const day = { year: 'numeric', month: language === 'ja' ? '2-digit' : 'short', day: '2-digit' } as const;
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const full = new Intl.DateTimeFormat(locale, { ...day, ...clock });
  const onlyClock = new Intl.DateTimeFormat(locale, { ...clock, fractionalSecondDigits: 3 });
  const hour = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const date = new Intl.DateTimeFormat(locale, { month: language === 'ja' ? '2-digit' : 'short', day: '2-digit' });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const signed = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'always' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(locale, { type: 'conjunction', style: 'narrow' });
  const unit = (value: number, name: string) => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 }).format(value);
  const safely = (format: Intl.DateTimeFormat, time: string | number | null | undefined) => {
    const date = new Date(time ?? Number.NaN);
    return Number.isNaN(date.getTime()) ? '—' : format.format(date);
  };
  return {
    locale,
    time: (time: string | null | undefined) => safely(full, time),
    clock: (time: string | null | undefined) => safely(onlyClock, time),
    hour: (time: string | number | null | undefined) => safely(hour, time),
    day: (time: string | number | null | undefined) => safely(date, time),
    number: (value: number) => whole.format(value),
    short: (value: number) => compact.format(value),
    rate: (value: number) => (value < 10 ? one : whole).format(value),
    percent: (share: number) => percent.format(share),
    signed: (value: number) => signed.format(value),
    list: (items: string[]) => list.format(items),
    bytes: (bytes: number) => {
      const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
      let step = 0;
      for (let rest = bytes; rest >= 1000 && step < names.length - 1; rest /= 1000) step += 1;
      return unit(bytes / 1000 ** step, names[step] ?? 'byte');
    },
    duration: (ms: number) => {
      if (ms < 1000) return unit(ms, 'millisecond');
      if (ms < 60_000) return unit(ms / 1000, 'second');
      if (ms < 3_600_000) return `${unit(Math.floor(ms / 60_000), 'minute')} ${unit(Math.round((ms % 60_000) / 1000), 'second')}`;
      return `${unit(Math.floor(ms / 3_600_000), 'hour')} ${unit(Math.round((ms % 3_600_000) / 60_000), 'minute')}`;
    },
  };
}

export function useFormat() {
  const { i18n } = useTranslation();
  return useMemo(() => formats(i18n.language), [i18n.language]);
}
