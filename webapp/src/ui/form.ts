/** Between forms, their schemas and the sentences beside their fields. */

import { isProblem } from "@iqx/contract";
import { useCallback } from "react";
import type { FieldError, FieldPath, FieldValues, UseFormSetError } from "react-hook-form";
import { useTranslation } from "react-i18next";

import type common from "@/i18n/en/common.json";

/** What a schema may say of a field: the name of a sentence in the common texts. */
export type FormWord = keyof (typeof common)["form"];

/** The message of a rule of a schema: `z.string().min(1, word("required"))`. */
export function word(name: FormWord): FormWord {
  return name;
}

/** The sentence for a field's error; sentences of the server are shown as they came. */
export function useErrorText(): (error: FieldError | undefined) => string | undefined {
  const { t } = useTranslation();
  return useCallback(
    (error) => {
      if (error === undefined) return undefined;
      if (error.type === "server") return error.message;
      return t(`form.${(error.message ?? "invalid") as FormWord}`, {
        defaultValue: t("form.invalid"),
      });
    },
    [t],
  );
}

/** Put what the server says of fields beside them; false when something belongs to no field. */
export function showFieldErrors<F extends FieldValues>(
  thrown: unknown,
  fields: readonly FieldPath<F>[],
  setError: UseFormSetError<F>,
): boolean {
  if (!isProblem(thrown)) return false;
  const told = Object.entries(thrown.errors);
  for (const [name, sentences] of told) {
    const field = fields.find((one) => one === name);
    if (field === undefined) return false;
    setError(field, { type: "server", message: sentences.join(" ") });
  }
  return told.length > 0;
}
