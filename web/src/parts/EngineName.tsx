import { useTranslation } from 'react-i18next';
import { known } from './hostWords';

const engines = ['sigma', 'behaviour', 'ransomware', 'miner', 'hash', 'yara', 'policy', 'sensor', 'signature', 'model', 'reputation', 'integrity'] as const;

/** Which voice speaks; one that a newer node knows keeps its own word. */
export function EngineName({ engine }: { engine: string }) {
  const { t } = useTranslation();
  const word = known(engines, engine);
  return <span>{word ? t(`engine.${word}`) : engine}</span>;
}
