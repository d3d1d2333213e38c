/** A new password, with how hard it is to guess. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useClient } from "@/api/services";
import { Field } from "./Field";
import { PasswordInput } from "./inputs";

const PAUSE_MS = 500;

interface NewPasswordFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  error?: string | undefined;
  /** Words of the person that a password must not be made of. */
  ownWords?: readonly string[];
}

export function NewPasswordField(props: NewPasswordFieldProps) {
  const { label, value, onChange, onBlur, error, ownWords = [] } = props;
  const { t } = useTranslation();
  const strength = useStrength(value, ownWords);
  const told = strength === undefined ? t("password.rule") : t(`password.score.${strength.score}`);
  return (
    <Field label={label} error={error} required hint={<span aria-live="polite">{told}</span>}>
      <PasswordInput
        value={value}
        onChange={onChange}
        {...(onBlur === undefined ? {} : { onBlur })}
        autoComplete="new-password"
      />
    </Field>
  );
}

type Score = 0 | 1 | 2 | 3 | 4;

function useStrength(password: string, ownWords: readonly string[]) {
  const client = useClient();
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(password), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [password]);
  const words = ownWords.filter((one) => one !== "");
  const asked = useQuery({
    // The password itself is no name of a cached answer.
    queryKey: ["password-strength", settled.length],
    queryFn: ({ signal }) =>
      client.post("/api/v1/auth/password-strength", {
        body: { password: settled, own_words: words },
        signal,
      }),
    enabled: settled !== "" && settled === password,
    staleTime: 0,
    gcTime: 0,
  });
  if (settled !== password || asked.data === undefined) return undefined;
  return { ...asked.data, score: asked.data.score as Score };
}
