/** Showing that mailbox and telephone are one's own: both together are level 1. */

import { keys, type Schema } from "@iqx/contract";
import { Check } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { useMe } from "@/api/session";
import { Button, ButtonLink } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { CodeInput, Input } from "@/ui/inputs";
import { Card, Page } from "@/ui/layout";
import { Countdown } from "@/ui/numbers";
import { ProblemNote, SkeletonRows } from "@/ui/states";

type Channel = Schema<"AskCode">["channel"];

export function Screen() {
  const { t } = useTranslation("auth");
  const me = useMe();
  return (
    <Page title={t("verify.title")} lead={t("verify.lead")} width="text">
      {me === undefined ? (
        <SkeletonRows rows={2} className="h-32" />
      ) : (
        <div className="grid gap-4">
          <ChannelCard channel="email" address={me.email} done={me.email_verified} />
          <ChannelCard channel="phone" address={me.phone} done={me.phone_verified} />
          {me.email_verified && me.phone_verified && (
            <ButtonLink kind="primary" to="/markets">
              {t("verify.go")}
            </ButtonLink>
          )}
        </div>
      )}
    </Page>
  );
}

interface ChannelCardProps {
  channel: Channel;
  address: string | null;
  done: boolean;
}

function ChannelCard({ channel, address, done }: ChannelCardProps) {
  const { t } = useTranslation("auth");
  const [sent, setSent] = useState<string | null>(null);
  return (
    <Card>
      <h2 className="mb-2 text-lg font-semibold">{t(`verify.${channel}`)}</h2>
      {done ? (
        <p className="flex items-center gap-2 text-buy">
          <Check aria-hidden size={18} /> {t("verify.done", { address: address ?? "" })}
        </p>
      ) : (
        <div className="grid gap-4">
          <AskForm channel={channel} address={address} again={sent !== null} onSent={setSent} />
          {sent !== null && <ConfirmForm channel={channel} until={sent} />}
        </div>
      )}
    </Card>
  );
}

interface AskFormProps {
  channel: Channel;
  address: string | null;
  again: boolean;
  onSent: (until: string) => void;
}

function AskForm({ channel, address, again, onSent }: AskFormProps) {
  const { t } = useTranslation("auth");
  const client = useClient();
  const [phone, setPhone] = useState(address ?? "");
  const asking = useCommand(
    (body: Schema<"AskCode">) => client.post("/api/v1/auth/verify/request", { body }),
    { onDone: (reply) => onSent(reply.expires_at) },
  );
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    asking.mutate(channel === "phone" ? { channel, phone: phone.trim() } : { channel });
  };
  return (
    <form onSubmit={ask} className="grid gap-4">
      {channel === "phone" ? (
        <Field label={t("verify.number")} hint={t("verify.numberHint")}>
          <Input
            type="tel"
            autoComplete="tel"
            dir="ltr"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
        </Field>
      ) : (
        <p className="text-muted">{t("verify.to", { address: address ?? "" })}</p>
      )}
      <ProblemNote thrown={asking.error} />
      <Button
        type="submit"
        kind={again ? "secondary" : "primary"}
        busy={asking.isPending}
        disabled={channel === "phone" && phone.trim() === ""}
      >
        {again ? t("verify.sendAgain") : t("verify.send")}
      </Button>
    </form>
  );
}

function ConfirmForm({ channel, until }: { channel: Channel; until: string }) {
  const { t } = useTranslation("auth");
  const client = useClient();
  const [code, setCode] = useState("");
  const confirming = useCommand(
    (body: Schema<"ConfirmCode">) => client.post("/api/v1/auth/verify/confirm", { body }),
    { makesOld: [keys.me()] },
  );
  const confirm = (event: SyntheticEvent) => {
    event.preventDefault();
    confirming.mutate({ channel, code });
  };
  return (
    <form onSubmit={confirm} className="grid gap-4">
      <Field label={t("verify.code")} hint={<Countdown until={until} size="sm" />}>
        <CodeInput value={code} onChange={setCode} autoFocus />
      </Field>
      <ProblemNote thrown={confirming.error} />
      <Button type="submit" kind="primary" busy={confirming.isPending} disabled={code.length < 6}>
        {t("verify.submit")}
      </Button>
    </form>
  );
}
