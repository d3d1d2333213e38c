/** The second step of signing in: a code, a passkey, or a recovery code. */

import type { Schema } from "@iqx/contract";
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { answerWithPasskey, hasPasskeys } from "@/api/passkey";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { CodeInput, Input } from "@/ui/inputs";
import { ProblemNote } from "@/ui/states";

import { browserSession, useArrive } from "./after";

type Method = Schema<"Waiting">["methods"][number];
type Shown = Omit<Schema<"SecondFactor">, "token" | "session" | "device_token">;

interface SecondStepProps {
  waiting: Schema<"Waiting">;
  onBack: () => void;
}

export function SecondStep({ waiting, onBack }: SecondStepProps) {
  const { t } = useTranslation("auth");
  const usable = waiting.methods.filter((method) => method !== "passkey" || hasPasskeys());
  const [method, setMethod] = useState<Method>(usable[0] ?? "recovery_code");
  const [given, setGiven] = useState("");
  const showing = useShowing(waiting.token, () => setGiven(""));
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (method === "passkey") showing.mutate("passkey");
    else if (given !== "") {
      showing.mutate(method === "totp" ? { code: given } : { recovery_code: given.trim() });
    }
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {method === "totp" && (
        <Field label={t("factor.code")} hint={t("factor.codeHint")}>
          <CodeInput value={given} onChange={setGiven} autoFocus />
        </Field>
      )}
      {method === "recovery_code" && (
        <Field label={t("factor.recoveryCode")} hint={t("factor.recoveryHint")}>
          <Input
            value={given}
            onChange={(event) => setGiven(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            dir="ltr"
          />
        </Field>
      )}
      <ProblemNote thrown={showing.error} />
      <Button
        type="submit"
        kind="primary"
        busy={showing.isPending}
        disabled={method !== "passkey" && given === ""}
      >
        {method === "passkey" && <KeyRound aria-hidden size={18} />}
        {t(`factor.submit.${method}`)}
      </Button>
      <div className="flex flex-wrap gap-x-6">
        {usable
          .filter((other) => other !== method)
          .map((other) => (
            <Button
              key={other}
              kind="link"
              onClick={() => {
                setMethod(other);
                setGiven("");
              }}
            >
              {t(`factor.use.${other}`)}
            </Button>
          ))}
        <Button kind="link" onClick={onBack}>
          {t("factor.back")}
        </Button>
      </div>
    </form>
  );
}

function useShowing(token: string, onWrong: () => void) {
  const client = useClient();
  const arrive = useArrive();
  return useMutation<Schema<"SignedIn"> | null, Error, Shown | "passkey">({
    mutationFn: async (shown) => {
      let offer = shown;
      if (offer === "passkey") {
        const path = "/api/v1/auth/login/passkey/options";
        const { options } = await client.post(path, { body: { token } });
        const passkey = await answerWithPasskey(options);
        if (passkey === null) return null;
        offer = { passkey };
      }
      const body = { token, ...offer, ...browserSession() };
      return client.post("/api/v1/auth/login/second-factor", { body });
    },
    onSuccess: async (reply) => {
      if (reply !== null) await arrive(reply);
    },
    onError: onWrong,
  });
}
