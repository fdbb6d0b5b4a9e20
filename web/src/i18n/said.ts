// Picks the reader's language from text that the node worded in both.
import { useTranslation } from 'react-i18next';
import type { Schema } from '../api/client';

export function useSaid(): (text: Schema['Text'] | undefined | null) => string {
  const { i18n } = useTranslation();
  const japanese = i18n.language === 'ja';
  return (text) => (text ? (japanese ? text.ja : text.en) || text.en : '');
}
