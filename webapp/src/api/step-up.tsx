/** Fresh proofs of who is asking, for acts that move money or change the sign-in. */

import type { Schema } from "@iqx/contract";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useState,
} from "react";

import { hasPasskeys } from "./passkey";

/** What exactly is proven: the act of `/auth/step-up` without the proof itself. */
export type Act = Omit<Schema<"StepUp">, "password" | "code" | "recovery_code" | "passkey">;

/** What the person is told that he allows. */
export interface Told {
  title: string;
  text?: string;
}

export interface Asked {
  act: Act;
  told: Told;
  answer: (proof: string | null) => void;
}

type Prove = (act: Act, told: Told) => Promise<string | null>;

const StepUpContext = createContext<Prove | null>(null);
const StepUpDialog = lazy(() => import("./StepUpDialog"));

export function StepUpProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const prove = useCallback<Prove>(
    (act, told) =>
      new Promise((resolve) => {
        const answer = (proof: string | null) => {
          setAsked(null);
          resolve(proof);
        };
        setAsked({ act, told, answer });
      }),
    [],
  );
  return (
    <StepUpContext value={prove}>
      {children}
      {asked !== null && (
        <Suspense>
          <StepUpDialog asked={asked} passkeys={hasPasskeys()} />
        </Suspense>
      )}
    </StepUpContext>
  );
}

/**
 * Ask the person for a proof of an act; it lives two minutes and is used once. `null` when he
 * leaves: then nothing is done.
 */
export function useStepUp(): Prove {
  const prove = useContext(StepUpContext);
  if (prove === null) throw new Error("no step-up around this component");
  return prove;
}
