// Starts the console: look and language first, so that nothing flashes, then the pages.
import { MantineProvider, createTheme } from '@mantine/core';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/PasswordInput.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Failure } from './api/client';
import { startLanguage } from './i18n';
import { makeRouter } from './routes';
import { PrefsProvider, applyLook, languageOf, storedPreferences, usePrefs } from './shell/prefs';
import './style/tokens.css';
import './style/base.css';
import './style/incident.css';
import './style/other.css';
import './style/areas.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // Only what may pass by itself is tried again.
      retry: (count, error) => count < 2 && error instanceof Failure && ['unreachable', 'unavailable', 'timeout'].includes(error.code),
    },
  },
});
const router = makeRouter(client);
const theme = createTheme({ respectReducedMotion: true, cursorType: 'pointer' });

function Root() {
  const { theme: scheme } = usePrefs();
  return (
    // No style elements by script: the variables stand in tokens.css and the policy `default-src 'self'` holds.
    <MantineProvider theme={theme} forceColorScheme={scheme} withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

const root = document.getElementById('root');
if (root) {
  applyLook(storedPreferences());
  await startLanguage(languageOf(storedPreferences()));
  createRoot(root).render(
    <StrictMode>
      <PrefsProvider>
        <Root />
      </PrefsProvider>
    </StrictMode>,
  );
}
