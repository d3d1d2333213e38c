/** Keys for programs: what each may, from where, and until when. */

import type { Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/choices";
import { CopyField } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Input } from "@/ui/inputs";
import { Badge, List, Note, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Empty, ProblemNote, QueryView } from "@/ui/states";

import { useProven } from "./proven";

const API_KEYS = ["me", "api-keys"];
const PATH = "/api/v1/me/api-keys";

export function Screen() {
  const { t } = useTranslation("account");
  const client = useClient();
  const query = useQuery({
    queryKey: API_KEYS,
    queryFn: ({ signal }) => client.get(PATH, { signal }),
  });
  return (
    <Page title={t("pages.apiKeys")} lead={t("apiKeys.lead")} width="text">
      <QueryView query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("apiKeys.none")} />
          ) : (
            <List label={t("pages.apiKeys")}>
              {items.map((one) => (
                <KeyRow key={one.id} apiKey={one} />
              ))}
            </List>
          )
        }
      </QueryView>
      <div className="mt-8">
        <MakeKey />
      </div>
    </Page>
  );
}

function KeyRow({ apiKey }: { apiKey: Schema<"ApiKey"> }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const ending = useCommand(
    (id: string, { key }) => client.delete("/api/v1/me/api-keys/{id}", { path: { id }, key }),
    { makesOld: [API_KEYS] },
  );
  return (
    <Row>
      <div className="min-w-0">
        <p>
          <bdi className="font-medium">{apiKey.name}</bdi> <bdi>{apiKey.begins}…</bdi>{" "}
          {apiKey.scopes.map((scope) => (
            <Badge key={scope}>{t(`apiKeys.scope.${scope}`)}</Badge>
          ))}
        </p>
        <p className="text-sm text-muted">
          {t("apiKeys.until")} <Time at={apiKey.expires_at} exact />
        </p>
        <ProblemNote thrown={ending.error} />
      </div>
      <Button
        kind="quiet"
        busy={ending.isPending}
        aria-label={t("apiKeys.endOf", { name: apiKey.name })}
        onClick={() => ending.mutate(apiKey.id)}
      >
        {t("apiKeys.end")}
      </Button>
    </Row>
  );
}

function MakeKey() {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const [name, setName] = useState("");
  const [trades, setTrades] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const making = useCommand(
    (body: Schema<"NewApiKey">, { key }) =>
      proven(
        "api_key",
        { method: "POST", path: PATH, body: { ...body } },
        t("apiKeys.make"),
        async (stepUp) => {
          const reply = await client.post(PATH, { body, key, stepUp });
          setName("");
          setMade(reply.key);
        },
      ),
    { makesOld: [API_KEYS] },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    making.mutate({ name: name.trim(), scopes: trades ? ["read", "trade"] : ["read"] });
  };
  return (
    <Section title={t("apiKeys.new")}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t("apiKeys.name")} required>
          <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Checkbox
          label={t("apiKeys.mayTrade")}
          hint={t("apiKeys.mayTradeHint")}
          checked={trades}
          onChange={setTrades}
        />
        <ProblemNote thrown={making.error} />
        <Button type="submit" kind="primary" busy={making.isPending} disabled={name.trim() === ""}>
          {t("apiKeys.make")}
        </Button>
      </form>
      <Dialog open={made !== null} title={t("apiKeys.made")} onClose={() => setMade(null)}>
        <Note kind="warn">{t("apiKeys.once")}</Note>
        <CopyField name={t("apiKeys.key")} value={made ?? ""} />
      </Dialog>
    </Section>
  );
}
