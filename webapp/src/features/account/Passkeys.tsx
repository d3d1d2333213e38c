/** Passkeys: added, listed, removed. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { hasPasskeys, makePasskey } from "@/api/passkey";
import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Input } from "@/ui/inputs";
import { List, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { ProblemNote, QueryView } from "@/ui/states";

import { useProven } from "./proven";

const PASSKEYS = ["me", "passkeys"];
const PATH = "/api/v1/me/passkeys";

export function Passkeys({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const query = useQuery({
    queryKey: PASSKEYS,
    queryFn: ({ signal }) => client.get(PATH, { signal }),
  });
  return (
    <Section title={t("passkeys.title")}>
      <p className="mb-2 text-muted">{t("passkeys.text")}</p>
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 && (
            <List label={t("passkeys.title")}>
              {items.map((passkey) => (
                <PasskeyRow key={passkey.id} passkey={passkey} />
              ))}
            </List>
          )
        }
      </QueryView>
      {hasPasskeys() && <AddPasskey onCodes={onCodes} />}
    </Section>
  );
}

function PasskeyRow({ passkey }: { passkey: Schema<"Passkey"> }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const title = t("passkeys.removeOf", { name: passkey.name });
  const removing = useCommand(
    (id: string, { key }) =>
      proven("factor", { method: "DELETE", path: `${PATH}/${id}` }, title, (stepUp) =>
        client.delete("/api/v1/me/passkeys/{id}", { path: { id }, key, stepUp }),
      ),
    { makesOld: [PASSKEYS, keys.me()] },
  );
  return (
    <Row>
      <div className="min-w-0">
        <bdi className="font-medium">{passkey.name}</bdi>
        <p className="text-sm text-muted">
          <Time at={passkey.created_at} exact />
        </p>
        <ProblemNote thrown={removing.error} />
      </div>
      <Button
        kind="quiet"
        busy={removing.isPending}
        aria-label={title}
        onClick={() => removing.mutate(passkey.id)}
      >
        {t("remove")}
      </Button>
    </Row>
  );
}

function AddPasskey({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const [name, setName] = useState("");
  const adding = useCommand(
    (called: string, { key }) =>
      proven(
        "factor",
        { method: "POST", path: `${PATH}/options` },
        t("passkeys.add"),
        async (stepUp) => {
          const { options } = await client.post(`${PATH}/options`, { key, stepUp });
          const credential = await makePasskey(options);
          if (credential === null) return;
          const added = await client.post(PATH, { body: { name: called, credential } });
          setName("");
          onCodes(added.recovery_codes);
        },
      ),
    { makesOld: [PASSKEYS, keys.me(), ["me", "recovery-codes"]] },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    adding.mutate(name.trim());
  };
  return (
    <form onSubmit={submit} className="mt-4 grid gap-4">
      <Field label={t("passkeys.name")} hint={t("passkeys.nameHint")}>
        <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </Field>
      <ProblemNote thrown={adding.error} />
      <Button type="submit" busy={adding.isPending} disabled={name.trim() === ""}>
        {t("passkeys.add")}
      </Button>
    </form>
  );
}
