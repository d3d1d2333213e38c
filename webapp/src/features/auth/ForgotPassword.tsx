/** Asking for a link that sets a new password. The answer is the same for everybody. */

import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Input } from "@/ui/inputs";
import { Note, Page } from "@/ui/layout";
import { ProblemNote } from "@/ui/states";

export function Screen() {
  const { t } = useTranslation("auth");
  const client = useClient();
  const [email, setEmail] = useState("");
  const asking = useMutation({
    mutationFn: (address: string) =>
      client.post("/api/v1/auth/forgot-password", { body: { email: address } }),
  });
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    asking.mutate(email.trim());
  };
  return (
    <Page title={t("forgot.title")} lead={t("forgot.lead")} width="text">
      {asking.isSuccess ? (
        <Note title={t("forgot.sentTitle")}>{t("forgot.sent", { email })}</Note>
      ) : (
        <form onSubmit={ask} className="grid gap-4">
          <Field label={t("email")} required>
            <Input
              type="email"
              autoComplete="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <ProblemNote thrown={asking.error} />
          <Button type="submit" kind="primary" busy={asking.isPending}>
            {t("forgot.submit")}
          </Button>
        </form>
      )}
      <p className="mt-6">
        <Link className="text-accent underline" to="/sign-in">
          {t("register.signIn")}
        </Link>
      </p>
    </Page>
  );
}
