/** Another password. Other sessions end, and money is locked for a day. */

import { keys, type Schema } from "@iqx/contract";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { useMe } from "@/api/session";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { PasswordInput } from "@/ui/inputs";
import { NewPasswordField } from "@/ui/NewPasswordField";
import { ProblemNote } from "@/ui/states";
import { useToast } from "@/ui/Toast";

import { useProven } from "./proven";

export function ChangePassword({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const me = useMe();
  const proven = useProven();
  const tell = useToast();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const changing = useCommand(
    (body: Schema<"NewPassword">, { key }) =>
      proven(
        "password",
        { method: "POST", path: "/api/v1/me/password", body: { ...body } },
        t("security.changePassword"),
        (stepUp) => client.post("/api/v1/me/password", { body, key, stepUp }),
      ),
    {
      makesOld: [keys.me(), ["me", "sessions"]],
      onDone: (done) => {
        if (!done) return;
        tell(t("security.passwordChanged"));
        onDone();
      },
    },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    changing.mutate({ current_password: current, new_password: wanted });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("security.current")} required>
        <PasswordInput value={current} onChange={setCurrent} autoComplete="current-password" />
      </Field>
      <NewPasswordField
        label={t("security.wanted")}
        value={wanted}
        onChange={setWanted}
        ownWords={[me?.email ?? "", me?.username ?? ""]}
      />
      <ProblemNote thrown={changing.error} />
      <Button
        type="submit"
        kind="primary"
        busy={changing.isPending}
        disabled={current === "" || wanted === ""}
      >
        {t("security.changePassword")}
      </Button>
    </form>
  );
}
