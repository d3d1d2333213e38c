/** Everything that screens stand on. */

import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { type Services, ServicesProvider } from "@/api/services";
import { SessionProvider } from "@/api/session";
import { StepUpProvider } from "@/api/step-up";
import { ToastProvider } from "@/ui/Toast";

interface ProvidersProps {
  services: Services;
  queries: QueryClient;
  children: ReactNode;
}

export function Providers({ services, queries, children }: ProvidersProps) {
  const { i18n } = useTranslation();
  return (
    <Direction.Provider dir={i18n.dir(i18n.language)}>
      <ServicesProvider value={services}>
        <QueryClientProvider client={queries}>
          <ToastProvider>
            <SessionProvider>
              <StepUpProvider>{children}</StepUpProvider>
            </SessionProvider>
          </ToastProvider>
        </QueryClientProvider>
      </ServicesProvider>
    </Direction.Provider>
  );
}
