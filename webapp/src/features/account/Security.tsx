/** How one signs in: password, authenticator app, passkeys, recovery codes, and where one is signed in. */

import { keys, type Schema } from "@iqx/contract";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useCommand, usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Badge, List, Note, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { LoadMore, ProblemNote, QueryView } from "@/ui/states";
import { useToast } from "@/ui/Toast";

import { ChangePassword } from "./ChangePassword";
import { Passkeys } from "./Passkeys";
import { KeptCodes, RecoveryCodes, Totp } from "./Totp";

export function Screen() {
  const { t } = useTranslation("account");
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [changing, setChanging] = useState(false);
  return (
    <Page title={t("pages.security")} width="text">
      <div className="mb-6">
        <Note>{t("security.lock")}</Note>
      </div>
      <Section
        title={t("security.password")}
        actions={<Button onClick={() => setChanging(true)}>{t("security.changePassword")}</Button>}
      >
        <p className="text-muted">{t("security.passwordText")}</p>
      </Section>
      <Totp onCodes={setCodes} />
      <Passkeys onCodes={setCodes} />
      <RecoveryCodes onCodes={setCodes} />
      <Sessions />
      <p>
        <Link className="text-accent underline" to="/account/history">
          {t("history.title")}
        </Link>
      </p>
      <Dialog
        open={changing}
        title={t("security.changePassword")}
        onClose={() => setChanging(false)}
      >
        <ChangePassword onDone={() => setChanging(false)} />
      </Dialog>
      <Dialog open={codes.length > 0} title={t("codes.title")} onClose={() => setCodes([])}>
        <KeptCodes codes={codes} onKept={() => setCodes([])} />
      </Dialog>
    </Page>
  );
}

const SESSIONS = ["me", "sessions"];

function Sessions() {
  const { t } = useTranslation("account");
  const client = useClient();
  const tell = useToast();
  const query = usePages(SESSIONS, (cursor, signal) =>
    client.get("/api/v1/me/sessions", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  const ending = useCommand((_: null, { key }) => client.delete("/api/v1/me/sessions", { key }), {
    makesOld: [SESSIONS],
    onDone: () => tell(t("sessions.ended")),
  });
  return (
    <Section
      title={t("sessions.title")}
      actions={
        <Button busy={ending.isPending} onClick={() => ending.mutate(null)}>
          {t("sessions.endOthers")}
        </Button>
      }
    >
      <ProblemNote thrown={ending.error} />
      <QueryView query={query}>
        {() => (
          <List label={t("sessions.title")}>
            {query.items?.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </List>
        )}
      </QueryView>
      <LoadMore query={query} />
    </Section>
  );
}

function SessionRow({ session }: { session: Schema<"Session"> }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const ending = useCommand(
    (id: string, { key }) => client.delete("/api/v1/me/sessions/{id}", { path: { id }, key }),
    { makesOld: [SESSIONS, keys.me()] },
  );
  return (
    <Row>
      <div className="min-w-0">
        <p>
          <bdi>{session.device}</bdi>{" "}
          {session.current && <Badge kind="accent">{t("sessions.this")}</Badge>}
        </p>
        <p className="text-sm text-muted">
          <bdi>{session.ip}</bdi> · <Time at={session.used_at} />
        </p>
        <ProblemNote thrown={ending.error} />
      </div>
      {!session.current && (
        <Button
          kind="quiet"
          busy={ending.isPending}
          aria-label={t("sessions.endOf", { name: session.device })}
          onClick={() => ending.mutate(session.id)}
        >
          {t("sessions.end")}
        </Button>
      )}
    </Row>
  );
}
