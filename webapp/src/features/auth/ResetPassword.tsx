/** Setting a new password by the link of the mail. The token is after the # and never sent by itself. */

import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";

import { useClient } from "@/api/services";
import { Button, ButtonLink } from "@/ui/Button";
import { Note, Page } from "@/ui/layout";
import { ProblemNote } from "@/ui/states";

import { NewPasswordField } from "@/ui/NewPasswordField";

export function Screen() {
  const { t } = useTranslation("auth");
  const client = useClient();
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token] = useState(hash.slice(1));
  const [password, setPassword] = useState("");
  useEffect(() => {
    // The token leaves the address at once: nobody reads it over a shoulder or in a history.
    if (hash !== "") void navigate("/reset-password", { replace: true });
  }, [hash, navigate]);
  const setting = useMutation({
    mutationFn: (chosen: string) =>
      client.post("/api/v1/auth/reset-password", { body: { token, password: chosen } }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (password !== "") setting.mutate(password);
  };
  if (token === "" || setting.isSuccess) {
    return (
      <Page title={t("reset.title")} width="text">
        <div className="mb-4">
          <Note>{setting.isSuccess ? t("reset.done") : t("reset.noToken")}</Note>
        </div>
        <ButtonLink kind="primary" to={setting.isSuccess ? "/sign-in" : "/forgot-password"}>
          {setting.isSuccess ? t("signIn.submit") : t("forgot.title")}
        </ButtonLink>
      </Page>
    );
  }
  return (
    <Page title={t("reset.title")} lead={t("reset.lead")} width="text">
      <form onSubmit={submit} className="grid gap-4">
        <NewPasswordField label={t("reset.password")} value={password} onChange={setPassword} />
        <ProblemNote thrown={setting.error} />
        <Button type="submit" kind="primary" busy={setting.isPending} disabled={password === ""}>
          {t("reset.submit")}
        </Button>
      </form>
    </Page>
  );
}
