/** Whom one does not trade with, and copies of everything that is known about oneself. */

import type { Schema } from "@iqx/contract";
import { useTranslation } from "react-i18next";

import { useCommand, usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Badge, List, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Empty, LoadMore, ProblemNote, QueryView } from "@/ui/states";
import { useToast } from "@/ui/Toast";

import { useProven } from "./proven";

const BLOCKS = ["me", "blocks"];
const EXPORTS = ["me", "exports"];

export function Screen() {
  const { t } = useTranslation("account");
  return (
    <Page title={t("pages.privacy")} width="text">
      <Blocks />
      <Exports />
    </Page>
  );
}

function Blocks() {
  const { t } = useTranslation("account");
  const client = useClient();
  const query = usePages(BLOCKS, (cursor, signal) =>
    client.get("/api/v1/me/blocks", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  const lifting = useCommand(
    (username: string, { key }) =>
      client.delete("/api/v1/me/blocks/{username}", { path: { username }, key }),
    { makesOld: [BLOCKS] },
  );
  return (
    <Section title={t("blocks.title")}>
      <ProblemNote thrown={lifting.error} />
      <QueryView query={query}>
        {() =>
          query.items?.length === 0 ? (
            <Empty title={t("blocks.none")}>{t("blocks.noneText")}</Empty>
          ) : (
            <List label={t("blocks.title")}>
              {query.items?.map(({ username }) => (
                <Row key={username}>
                  <bdi>{username}</bdi>
                  <Button
                    kind="quiet"
                    aria-label={t("blocks.liftOf", { name: username })}
                    onClick={() => lifting.mutate(username)}
                  >
                    {t("blocks.lift")}
                  </Button>
                </Row>
              ))}
            </List>
          )
        }
      </QueryView>
      <LoadMore query={query} />
    </Section>
  );
}

function Exports() {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const tell = useToast();
  const query = usePages(EXPORTS, (cursor, signal) =>
    client.get("/api/v1/me/exports", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  const asking = useCommand(
    (_: null, { key }) =>
      proven(
        "account",
        { method: "POST", path: "/api/v1/me/exports" },
        t("exports.ask"),
        (stepUp) => client.post("/api/v1/me/exports", { key, stepUp }),
      ),
    { makesOld: [EXPORTS], onDone: (done) => done && tell(t("exports.asked")) },
  );
  return (
    <Section
      title={t("exports.title")}
      actions={
        <Button busy={asking.isPending} onClick={() => asking.mutate(null)}>
          {t("exports.ask")}
        </Button>
      }
    >
      <p className="mb-2 text-muted">{t("exports.text")}</p>
      <ProblemNote thrown={asking.error} />
      <QueryView query={query}>
        {() => (
          <List label={t("exports.title")}>
            {query.items?.map((copy) => (
              <ExportRow key={copy.id} copy={copy} />
            ))}
          </List>
        )}
      </QueryView>
    </Section>
  );
}

function ExportRow({ copy }: { copy: Schema<"DataExport"> }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const fetching = useCommand((id: string, { key }) =>
    proven(
      "account",
      { method: "POST", path: `/api/v1/me/exports/${id}/download` },
      t("exports.fetch"),
      async (stepUp) => {
        const path = "/api/v1/me/exports/{id}/download";
        const file: unknown = await client.post(path, { path: { id }, key, stepUp });
        save(file instanceof Blob ? file : new Blob([JSON.stringify(file)]), "iqx-export.zip");
      },
    ),
  );
  return (
    <Row>
      <div>
        <Time at={copy.asked_at} exact /> <Badge>{t(`exports.status.${copy.status}`)}</Badge>
        <ProblemNote thrown={fetching.error} />
      </div>
      {copy.status === "ready" && (
        <Button busy={fetching.isPending} onClick={() => fetching.mutate(copy.id)}>
          {t("exports.fetch")}
        </Button>
      )}
    </Row>
  );
}

/** Hand a file to the browser's downloads. */
function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
