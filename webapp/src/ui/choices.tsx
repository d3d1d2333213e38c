/** What is chosen: from a list, on or off, one of few. */

import clsx from "clsx";
import { Check } from "lucide-react";
import { Checkbox as Box, RadioGroup, Switch as Toggle } from "radix-ui";
import { type ComponentProps, type ReactNode, useId } from "react";

import { useFieldAttributes } from "./Field";
import { BOX } from "./inputs";

export interface Option<V extends string = string> {
  value: V;
  label: string;
  disabled?: boolean;
}

type SelectProps<V extends string> = Omit<ComponentProps<"select">, "onChange" | "value"> & {
  value: V | "";
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  /** Shown while nothing is chosen. */
  placeholder?: string;
};

/** The browser's own list: the best one on a phone, and readable by everything. */
export function Select<V extends string>(props: SelectProps<V>) {
  const { options, onChange, placeholder, className, value, ...rest } = props;
  return (
    <select
      {...useFieldAttributes()}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value as V)}
      className={clsx(BOX, "appearance-auto", className)}
    >
      {placeholder !== undefined && (
        <option value="" disabled>
          {placeholder}
        </option>
      )}
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

interface OnOff {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Checkbox({ label, hint, checked, onChange, disabled = false }: OnOff) {
  const id = useId();
  return (
    <div className="flex min-h-11 items-center gap-3">
      <Box.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(state) => onChange(state === true)}
        className="grid size-6 shrink-0 place-items-center rounded-md border border-line-strong data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Box.Indicator>
          <Check aria-hidden size={18} className="text-on-accent" />
        </Box.Indicator>
      </Box.Root>
      <label htmlFor={id} className="grow py-2">
        {label}
        {hint !== undefined && <span className="block text-sm text-muted">{hint}</span>}
      </label>
    </div>
  );
}

export function Switch({ label, hint, checked, onChange, disabled = false }: OnOff) {
  const id = useId();
  return (
    <div className="flex min-h-11 items-center justify-between gap-3">
      <label htmlFor={id} className="grow py-2">
        {label}
        {hint !== undefined && <span className="block text-sm text-muted">{hint}</span>}
      </label>
      <Toggle.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        className="inline-flex h-7 w-12 shrink-0 items-center rounded-full border border-line-strong bg-raised px-0.5 data-[state=checked]:justify-end data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
      >
        <Toggle.Thumb className="size-5 rounded-full bg-line-strong data-[state=checked]:bg-on-accent" />
      </Toggle.Root>
    </div>
  );
}

interface ChoiceProps<V extends string> {
  label: string;
  value: V | "";
  options: readonly (Option<V> & { hint?: ReactNode })[];
  onChange: (value: V) => void;
}

/** One of few, each with its sentence. */
export function Choice<V extends string>({ label, value, options, onChange }: ChoiceProps<V>) {
  const id = useId();
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(chosen) => onChange(chosen as V)}
      className="grid gap-2"
    >
      {options.map((option) => (
        <label
          key={option.value}
          htmlFor={`${id}-${option.value}`}
          className="flex min-h-11 items-center gap-3 rounded-md border border-line px-3 py-2 has-data-[state=checked]:border-accent"
        >
          <RadioGroup.Item
            id={`${id}-${option.value}`}
            value={option.value}
            disabled={option.disabled ?? false}
            className="grid size-6 shrink-0 place-items-center rounded-full border border-line-strong data-[state=checked]:border-accent"
          >
            <RadioGroup.Indicator className="size-3 rounded-full bg-accent" />
          </RadioGroup.Item>
          <span>
            {option.label}
            {option.hint !== undefined && (
              <span className="block text-sm text-muted">{option.hint}</span>
            )}
          </span>
        </label>
      ))}
    </RadioGroup.Root>
  );
}
