/** A labelled field with its hint and its error, tied together for every reader. */

import clsx from "clsx";
import { createContext, type ReactNode, useContext, useId, useMemo } from "react";

interface FieldIds {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const FieldContext = createContext<FieldIds | null>(null);

interface FieldProps {
  label: ReactNode;
  /** Said before anything is wrong: what is wanted, within which limits. */
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** The label is read out but not shown. */
  hideLabel?: boolean;
  className?: string;
  children: ReactNode;
}

export function Field(props: FieldProps) {
  const { label, hint, error, required = false, hideLabel = false, className, children } = props;
  const id = useId();
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const invalid = error !== undefined;
  const hasHint = hint !== undefined;
  const ids = useMemo(() => {
    const described = [hasHint ? hintId : null, invalid ? errorId : null].filter(Boolean).join(" ");
    return { id, describedBy: described === "" ? undefined : described, invalid, required };
  }, [id, hintId, errorId, hasHint, invalid, required]);
  return (
    <FieldContext value={ids}>
      <div className={clsx("grid content-start gap-1", className)}>
        <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
          {label}
        </label>
        {children}
        {hasHint && (
          <span id={hintId} className="text-sm text-muted">
            {hint}
          </span>
        )}
        {invalid && (
          <span id={errorId} role="alert" className="text-sm text-danger">
            {error}
          </span>
        )}
      </div>
    </FieldContext>
  );
}

/** The attributes that tie a control to the field around it; nothing outside of one. */
export function useFieldAttributes() {
  const ids = useContext(FieldContext);
  if (ids === null) return {};
  return {
    id: ids.id,
    "aria-describedby": ids.describedBy,
    "aria-invalid": ids.invalid || undefined,
    "aria-required": ids.required || undefined,
  };
}
