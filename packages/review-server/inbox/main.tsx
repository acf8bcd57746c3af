import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/shell.css';
import './style/list.css';
import './style/approval.css';
import './style/decide.css';
import './style/form.css';
import './style/admin.css';
import './style/runs.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/query-client.ts';
import { registerWorker } from './offline/register-worker.ts';
import { router } from './router.tsx';

// In development Vite serves the sources, which change.
if (import.meta.env.MODE === 'production') registerWorker();

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={createQueryClient()}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);
