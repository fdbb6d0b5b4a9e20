import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog';
import { pages } from './shortcuts';

export function KeysDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const rows: [string[], string][] = [
    [['⌘', 'K'], t('keys.palette')],
    [['/'], t('keys.search')],
    [['?'], t('keys.help')],
    ...pages.map(({ key, name }): [string[], string] => [['g', key], t('keys.go', { page: t(`nav.${name}`) })]),
    [['↑', '↓'], t('keys.move')],
    [['←', '→'], t('keys.fold')],
    [['Enter'], t('keys.open')],
    [['Esc'], t('keys.close')],
  ];
  return (
    <Dialog title={t('shell.keys')} close={close}>
      <dl className="keys">
        {rows.map(([keys, what]) => (
          <Row key={keys.join('')} keys={keys} what={what} />
        ))}
      </dl>
    </Dialog>
  );
}

function Row({ keys, what }: { keys: string[]; what: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}
