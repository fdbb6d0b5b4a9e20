// English stands in the bundle; Japanese is loaded when wanted. `en-XA` is the pseudo-locale: accented and longer English, to see
// by eye what is not translated and what does not fit. Open the page with ?lang=en-XA for it.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { pseudo } from './pseudo';

export type Language = 'en' | 'ja' | 'en-XA';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
    returnNull: false;
  }
}

export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLanguage(language);
}

export async function setLanguage(language: Language): Promise<void> {
  if (language === 'ja' && !i18next.hasResourceBundle('ja', 'translation')) {
    i18next.addResourceBundle('ja', 'translation', (await import('./ja')).ja);
  }
  if (language === 'en-XA' && !i18next.hasResourceBundle('en-XA', 'translation')) {
    i18next.addResourceBundle('en-XA', 'translation', pseudo(en));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'en-XA' ? 'en' : language;
}
