/** Opening an account. */

import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { Controller, useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useSearchParams } from "react-router";
import { z } from "@/ui/schema";

import { useClient } from "@/api/services";
import { useSession } from "@/api/session";
import { currentLanguage } from "@/i18n";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { showFieldErrors, useErrorText, word } from "@/ui/form";
import { Input } from "@/ui/inputs";
import { Page } from "@/ui/layout";
import { ProblemNote } from "@/ui/states";

import { browserSession, useArrive } from "./after";
import { NewPasswordField } from "@/ui/NewPasswordField";

const shape = z.object({
  email: z.email(word("email")),
  username: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$/, word("username")),
  password: z.string().min(1, word("required")),
});
type Given = z.infer<typeof shape>;

export function Screen() {
  const { t } = useTranslation("auth");
  const [query] = useSearchParams();
  const { phase } = useSession();
  // Who just registered is sent on by the form; who was signed in before has no account to open.
  if (phase === "signed_in") return <Navigate to="/verify" replace />;
  return (
    <Page title={t("register.title")} lead={t("register.lead")} width="text">
      <RegisterForm referral={query.get("ref")} />
      <p className="mt-6">
        <Link className="text-accent underline" to={`/sign-in?${query.toString()}`}>
          {t("register.signIn")}
        </Link>
      </p>
    </Page>
  );
}

function RegisterForm({ referral }: { referral: string | null }) {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const form = useForm({
    resolver: zodResolver(shape),
    defaultValues: { email: "", username: "", password: "" },
  });
  const opening = useOpening(referral, (thrown) =>
    showFieldErrors<Given>(thrown, ["email", "username", "password"], form.setError),
  );
  const { errors } = form.formState;
  const [email, username] = useWatch({ control: form.control, name: ["email", "username"] });
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => void form.handleSubmit((given) => opening.mutate(given))(event)}
    >
      <Field label={t("email")} error={errorText(errors.email)} required>
        <Input {...form.register("email")} type="email" autoComplete="email" />
      </Field>
      <Field
        label={t("username")}
        hint={t("register.usernameHint")}
        error={errorText(errors.username)}
        required
      >
        <Input {...form.register("username")} autoComplete="nickname" autoCapitalize="none" />
      </Field>
      <Controller
        control={form.control}
        name="password"
        render={({ field }) => (
          <NewPasswordField
            label={t("password")}
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            error={errorText(errors.password)}
            ownWords={[email, username]}
          />
        )}
      />
      <ProblemNote thrown={opening.error} />
      <Button type="submit" kind="primary" busy={opening.isPending}>
        {t("register.submit")}
      </Button>
    </form>
  );
}

function useOpening(referral: string | null, onRefused: (thrown: unknown) => void) {
  const client = useClient();
  const arrive = useArrive();
  return useMutation({
    mutationFn: (given: Given) => {
      const body = { ...given, ...browserSession(), language: currentLanguage() };
      return client.post("/api/v1/auth/register", {
        body: referral === null ? body : { ...body, referral_code: referral },
      });
    },
    onSuccess: (reply) => arrive(reply, "/verify"),
    onError: onRefused,
  });
}
