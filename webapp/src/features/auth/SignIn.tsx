/** Signing in: by password and second factor, or by a passkey alone. */

import type { Schema } from "@iqx/contract";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";

import { useSession } from "@/api/session";
import { Note, Page } from "@/ui/layout";

import { safeNext } from "./after";
import { PasswordStep } from "./PasswordStep";
import { SecondStep } from "./SecondStep";

export function Screen() {
  const { t } = useTranslation("auth");
  const { phase, expired } = useSession();
  const [query] = useSearchParams();
  const [waiting, setWaiting] = useState<Schema<"Waiting"> | null>(null);
  if (phase === "signed_in") return <Navigate to={safeNext(query.get("next"))} replace />;
  if (waiting !== null) {
    return (
      <Page title={t("factor.title")} width="text">
        <SecondStep waiting={waiting} onBack={() => setWaiting(null)} />
      </Page>
    );
  }
  return (
    <Page title={t("signIn.title")} width="text">
      {expired && (
        <div className="mb-4">
          <Note title={t("expired.title")}>{t("expired.text")}</Note>
        </div>
      )}
      <PasswordStep onWaiting={setWaiting} />
      <p className="mt-6 flex flex-wrap gap-x-6 gap-y-2">
        <Link className="text-accent underline" to={`/register?${query.toString()}`}>
          {t("signIn.register")}
        </Link>
        <Link className="text-accent underline" to="/forgot-password">
          {t("signIn.forgot")}
        </Link>
      </p>
    </Page>
  );
}
