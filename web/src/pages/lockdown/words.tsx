import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { Hostile } from '../../parts/Hostile';
import { known } from '../../parts/hostWords';

const modes = ['observe', 'alert', 'enforce'] as const;
/** As agents name them; one that a newer agent brings keeps its own words. */
const uses = {
  program: 'program',
  'program given to the loader': 'loaded',
  library: 'library',
  script: 'script',
  'script at standard input': 'input',
  'kernel module': 'module',
  'code as an argument': 'inline',
  'code through a pipe': 'piped',
  'a program without a file': 'fileless',
  'a kernel module from memory': 'moduleData',
  'taking over another process': 'trace',
  "code on a file system that may change it behind the kernel's back": 'foreign',
} as const;

export function useModeWord() {
  const { t } = useTranslation();
  return (mode: string | null | undefined) => {
    const word = known(modes, mode ?? '');
    return word ? t(`mode.${word}`) : (mode ?? '');
  };
}

/** As agents word them; what a newer one says keeps its own words. */
const kernelWords = {
  'in force': 'inForce',
  'watches what is mapped': 'watches',
  'being prepared': 'prepared',
  'not in force': 'notInForce',
  'not in this tier': 'notHere',
  'everything runs': 'runs',
  'everything runs after two seconds': 'opens',
  'only what was allowed before runs': 'closed',
} as const;

export function useKernelWord() {
  const { t } = useTranslation();
  return (words: string) => (Object.hasOwn(kernelWords, words) ? t(`lockdown.kernelWord.${kernelWords[words as keyof typeof kernelWords]}`) : <Hostile text={words} limit={120} />);
}

/** In which state a lock is; broken glass is said first, since everything runs then. */
export function PhaseWord({ lock }: { lock: Schema['HostLockdown'] }) {
  const { t } = useTranslation();
  const modeWord = useModeWord();
  const { answer, state } = lock;
  if (!state) return <span className="chip is-warn">{t(`answers.${answer.status}`)}</span>;
  if (state.break_glass) return <span className="chip is-warn">{t('lockdown.glassBroken')}</span>;
  if (state.phase === 'locked') return <span className={`chip ${state.mode === 'enforce' ? 'is-good' : ''}`}>{t('lockdown.lockedIn', { mode: modeWord(state.mode) })}</span>;
  return <span className="chip">{t(`lockdown.phase.${state.phase}`)}</span>;
}

export function UseWord({ usage }: { usage: string }) {
  const { t } = useTranslation();
  const word = Object.hasOwn(uses, usage) ? uses[usage as keyof typeof uses] : undefined;
  return word ? t(`lockdown.use.${word}`) : <Hostile text={usage} limit={80} />;
}
