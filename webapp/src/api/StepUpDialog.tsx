/** The one dialog that asks for a proof: code of the authenticator app, passkey, or password. */

import { type Schema } from "@iqx/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "@/ui/Button";
import { CodeInput, PasswordInput } from "@/ui/inputs";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { ProblemNote } from "@/ui/states";

import { answerWithPasskey } from "./passkey";
import { useClient } from "./services";
import { useMe } from "./session";
import type { Asked } from "./step-up";

type Offer = Pick<Schema<"StepUp">, "password" | "code" | "recovery_code" | "passkey">;
type Way = "code" | "recovery_code" | "password";

export default function StepUpDialog({ asked, passkeys }: { asked: Asked; passkeys: boolean }) {
  const { t } = useTranslation();
  const client = useClient();
  const [given, setGiven] = useState("");
  const ways = useWays();
  const [chosen, setWay] = useState<Way | null>(null);
  const way = chosen ?? ways.first;
  const proving = useMutation<Schema<"Proof"> | null, Error, Offer | "passkey">({
    mutationFn: async (offer) => {
      if (offer !== "passkey") {
        return client.post("/api/v1/auth/step-up", { body: { ...asked.act, ...offer } });
      }
      const { options } = await client.post("/api/v1/auth/step-up/options", { body: asked.act });
      const passkey = await answerWithPasskey(options);
      if (passkey === null) return null;
      return client.post("/api/v1/auth/step-up", { body: { ...asked.act, passkey } });
    },
    onSuccess: (proof) => {
      if (proof !== null) asked.answer(proof.proof);
    },
    onError: () => setGiven(""),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (given !== "") proving.mutate({ [way]: given });
  };
  return (
    <Dialog open title={asked.told.title} onClose={() => asked.answer(null)}>
      {asked.told.text !== undefined && <p className="mb-4 text-muted">{asked.told.text}</p>}
      <form onSubmit={submit} className="grid gap-4">
        {passkeys && ways.passkey && (
          <Button kind="primary" busy={proving.isPending} onClick={() => proving.mutate("passkey")}>
            <KeyRound aria-hidden size={18} /> {t("stepUp.passkey")}
          </Button>
        )}
        {way === "code" && (
          <Field label={t("stepUp.code")}>
            <CodeInput value={given} onChange={setGiven} autoFocus />
          </Field>
        )}
        {way === "recovery_code" && (
          <Field label={t("stepUp.recoveryCode")}>
            <PasswordInput value={given} onChange={setGiven} autoComplete="off" />
          </Field>
        )}
        {way === "password" && (
          <Field label={t("stepUp.password")}>
            <PasswordInput value={given} onChange={setGiven} autoComplete="current-password" />
          </Field>
        )}
        <ProblemNote thrown={proving.error} />
        <Button type="submit" kind="primary" disabled={given === ""} busy={proving.isPending}>
          {t("stepUp.prove")}
        </Button>
        <OtherWays way={way} ways={ways} act={asked.act.action} onChoose={setWay} />
      </form>
    </Dialog>
  );
}

interface Ways {
  first: Way;
  passkey: boolean;
  factor: boolean;
}

/** Who has a second factor proves by it; who has none yet has only the password. */
function useWays(): Ways {
  const client = useClient();
  const me = useMe();
  const factor = me?.second_factor ?? true;
  const totp = useQuery({
    queryKey: ["me", "totp"],
    queryFn: ({ signal }) => client.get("/api/v1/me/totp", { signal }),
    enabled: factor,
  });
  const keys = useQuery({
    queryKey: ["me", "passkeys"],
    queryFn: ({ signal }) => client.get("/api/v1/me/passkeys", { signal }),
    enabled: factor,
  });
  const passkey = factor && (keys.data?.items.length ?? 0) > 0;
  return {
    first: factor && totp.data?.confirmed_at !== null ? "code" : "password",
    passkey,
    factor,
  };
}

function OtherWays(given: { way: Way; ways: Ways; act: string; onChoose: (way: Way) => void }) {
  const { t } = useTranslation();
  const offered: [Way, string][] = [
    ["code", t("stepUp.useCode")],
    ["password", t("stepUp.usePassword")],
  ];
  if (given.act === "factor") offered.push(["recovery_code", t("stepUp.useRecoveryCode")]);
  const others = offered.filter(
    ([way]) => way !== given.way && (given.ways.factor || way !== "code"),
  );
  return (
    <div className="flex flex-wrap gap-x-4">
      {others.map(([way, label]) => (
        <Button key={way} kind="link" onClick={() => given.onChoose(way)}>
          {label}
        </Button>
      ))}
    </div>
  );
}
