/** The authenticator app, and the codes that help when it is lost. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { CopyButton, CopyField } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { CodeInput } from "@/ui/inputs";
import { Note, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Qr } from "@/ui/Qr";
import { ProblemNote, QueryView } from "@/ui/states";

import { useProven } from "./proven";

interface FactorProps {
  /** Recovery codes that were just made: they are shown once. */
  onCodes: (codes: readonly string[]) => void;
}

const TOTP = ["me", "totp"];
const PATH = "/api/v1/me/totp";

export function Totp({ onCodes }: FactorProps) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const [made, setMade] = useState<Schema<"NewTotp"> | null>(null);
  const query = useQuery({ queryKey: TOTP, queryFn: ({ signal }) => client.get(PATH, { signal }) });
  const adding = useCommand((_: null, { key }) =>
    proven("factor", { method: "POST", path: PATH }, t("totp.add"), async (stepUp) =>
      setMade(await client.post(PATH, { key, stepUp })),
    ),
  );
  const removing = useCommand(
    (_: null, { key }) =>
      proven("factor", { method: "DELETE", path: PATH }, t("totp.remove"), (stepUp) =>
        client.delete(PATH, { key, stepUp }),
      ),
    { makesOld: [keys.me(), TOTP] },
  );
  return (
    <Section title={t("totp.title")}>
      <QueryView query={query}>
        {({ confirmed_at: since }) => (
          <div className="flex flex-wrap items-center justify-between gap-4">
            <p className="text-muted">{since === null ? t("totp.none") : <Since at={since} />}</p>
            {since === null ? (
              <Button kind="primary" busy={adding.isPending} onClick={() => adding.mutate(null)}>
                {t("totp.add")}
              </Button>
            ) : (
              <Button busy={removing.isPending} onClick={() => removing.mutate(null)}>
                {t("totp.remove")}
              </Button>
            )}
          </div>
        )}
      </QueryView>
      <ProblemNote thrown={adding.error ?? removing.error} />
      <Dialog open={made !== null} title={t("totp.add")} onClose={() => setMade(null)}>
        {made !== null && (
          <ConfirmTotp
            made={made}
            onCodes={(codes) => {
              setMade(null);
              onCodes(codes);
            }}
          />
        )}
      </Dialog>
    </Section>
  );
}

function Since({ at }: { at: string }) {
  const { t } = useTranslation("account");
  return (
    <>
      {t("totp.since")} <Time at={at} exact />
    </>
  );
}

function ConfirmTotp({ made, onCodes }: { made: Schema<"NewTotp"> } & FactorProps) {
  const { t } = useTranslation("account");
  const client = useClient();
  const [code, setCode] = useState("");
  const confirming = useCommand(
    (body: Schema<"Code">, { key }) => client.post(`${PATH}/confirm`, { body, key }),
    {
      makesOld: [keys.me(), TOTP, ["me", "recovery-codes"]],
      onDone: (reply) => onCodes(reply.recovery_codes),
    },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    confirming.mutate({ code });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p>{t("totp.scan")}</p>
      <Qr text={made.uri} label={t("totp.qr")} />
      <CopyField name={t("totp.secret")} value={made.secret} />
      <Field label={t("totp.code")}>
        <CodeInput value={code} onChange={setCode} />
      </Field>
      <ProblemNote thrown={confirming.error} />
      <Button type="submit" kind="primary" busy={confirming.isPending} disabled={code.length < 6}>
        {t("totp.confirm")}
      </Button>
    </form>
  );
}

const CODES = "/api/v1/me/recovery-codes";

export function RecoveryCodes({ onCodes }: FactorProps) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const query = useQuery({
    queryKey: ["me", "recovery-codes"],
    queryFn: ({ signal }) => client.get(CODES, { signal }),
  });
  const making = useCommand(
    (_: null, { key }) =>
      proven("factor", { method: "POST", path: CODES }, t("codes.make"), async (stepUp) => {
        const { recovery_codes: codes } = await client.post(CODES, { key, stepUp });
        onCodes(codes);
      }),
    { makesOld: [["me", "recovery-codes"]] },
  );
  return (
    <Section title={t("codes.title")}>
      <QueryView query={query}>
        {({ left }) => (
          <div className="flex flex-wrap items-center justify-between gap-4">
            <p className="text-muted">{t("codes.left", { count: left })}</p>
            <Button busy={making.isPending} onClick={() => making.mutate(null)}>
              {t("codes.make")}
            </Button>
          </div>
        )}
      </QueryView>
      <ProblemNote thrown={making.error} />
    </Section>
  );
}

/** New codes, shown once. */
export function KeptCodes(props: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation("account");
  return (
    <div className="grid gap-4">
      <Note kind="warn">{t("codes.once")}</Note>
      <ul className="grid grid-cols-2 gap-2 font-medium" dir="ltr">
        {props.codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyButton text={props.codes.join("\n")} what={t("codes.title")} />
      <Button kind="primary" onClick={props.onKept}>
        {t("codes.kept")}
      </Button>
    </div>
  );
}
