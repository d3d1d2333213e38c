/** Requests about one's own account that carry a proof of exactly that request. */

import type { Schema } from "@iqx/contract";
import { useCallback } from "react";

import { useStepUp } from "@/api/step-up";

type Action = Schema<"StepUp">["action"];
type Method = Schema<"ProvenRequest">["method"];

interface Request {
  method: Method;
  path: string;
  body?: Record<string, unknown>;
}

/** Asks for the proof, then does it; false when the person left. */
export function useProven(): (
  action: Action,
  request: Request,
  title: string,
  run: (stepUp: string) => Promise<unknown>,
) => Promise<boolean> {
  const prove = useStepUp();
  return useCallback(
    async (action, request, title, run) => {
      const proof = await prove({ action, request }, { title });
      if (proof === null) return false;
      await run(proof);
      return true;
    },
    [prove],
  );
}
