/** The first step of signing in. */

import { zodResolver } from "@hookform/resolvers/zod";
import type { Schema } from "@iqx/contract";
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { Controller, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "@/ui/schema";

import { answerWithPasskey, hasPasskeys } from "@/api/passkey";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useErrorText, word } from "@/ui/form";
import { Input, PasswordInput } from "@/ui/inputs";
import { ProblemNote } from "@/ui/states";

import { browserSession, useArrive } from "./after";

const shape = z.object({
  identity: z.string().trim().min(1, word("required")),
  password: z.string().min(1, word("required")),
});

export function PasswordStep(props: { onWaiting: (waiting: Schema<"Waiting">) => void }) {
  const { t } = useTranslation("auth");
  const client = useClient();
  const arrive = useArrive();
  const errorText = useErrorText();
  const form = useForm({
    resolver: zodResolver(shape),
    defaultValues: { identity: "", password: "" },
  });
  const signing = useMutation({
    mutationFn: (given: z.infer<typeof shape>) =>
      client.post("/api/v1/auth/login", { body: { ...given, ...browserSession() } }),
    onSuccess: async (reply) => {
      if ("access_token" in reply) await arrive(reply);
      else props.onWaiting(reply.second_factor);
    },
    onError: () => form.resetField("password"),
  });
  const { errors } = form.formState;
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => void form.handleSubmit((given) => signing.mutate(given))(event)}
    >
      <Field label={t("identity")} error={errorText(errors.identity)} required>
        <Input {...form.register("identity")} autoComplete="username" autoCapitalize="none" />
      </Field>
      <Field label={t("password")} error={errorText(errors.password)} required>
        <Controller
          control={form.control}
          name="password"
          render={({ field: { ref, ...field } }) => (
            <PasswordInput {...field} autoComplete="current-password" />
          )}
        />
      </Field>
      <ProblemNote thrown={signing.error} />
      <Button type="submit" kind="primary" busy={signing.isPending}>
        {t("signIn.submit")}
      </Button>
      {hasPasskeys() && <PasskeyAlone />}
    </form>
  );
}

/** A passkey is both factors at once: no name and no password are asked for. */
function PasskeyAlone() {
  const { t } = useTranslation("auth");
  const client = useClient();
  const arrive = useArrive();
  const signing = useMutation({
    mutationFn: async () => {
      const { options } = await client.post("/api/v1/auth/login/passkey/options", { body: {} });
      const passkey = await answerWithPasskey(options);
      if (passkey === null) return null;
      return client.post("/api/v1/auth/login/passkey", { body: { passkey, ...browserSession() } });
    },
    onSuccess: async (reply) => {
      if (reply !== null) await arrive(reply);
    },
  });
  return (
    <>
      <Button busy={signing.isPending} onClick={() => signing.mutate()}>
        <KeyRound aria-hidden size={18} /> {t("signIn.passkey")}
      </Button>
      <ProblemNote thrown={signing.error} />
    </>
  );
}
