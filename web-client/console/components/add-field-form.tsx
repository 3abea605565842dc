import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MAX_ATTRIBUTE_KEY_LENGTH } from "#contract/wire/limits.ts";
import type { FieldsResponse } from "#contract/api/statistics.ts";
import { filter, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";

interface AddFieldFormProps {
  /** Element id, unique in the page. */
  readonly id: string;
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onAdd: (name: string) => void;
}

/** A text field for a field name. On focus it loads suggestions: the fields of the logs in the current range. */
export const AddFieldForm = ({ id, label, isDisabled = false, onAdd }: AddFieldFormProps): JSX.Element => {
  const [hasFocus, setFocus] = useState(false);
  const { answer } = useFetch<FieldsResponse>(hasFocus ? `/fields?${toParams({ ...filter.value, q: "" })}` : undefined);
  const submit = (event: Event): void => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("field");
    if (!(input instanceof HTMLInputElement)) return;
    const name = input.value.trim();
    if (name !== "") onAdd(name);
    input.value = "";
  };
  return (
    <form class="menu-form" onSubmit={submit}>
      <input
        class="field"
        name="field"
        list={id}
        placeholder={label}
        aria-label={label}
        maxLength={MAX_ATTRIBUTE_KEY_LENGTH}
        disabled={isDisabled}
        onFocus={() => setFocus(true)}
      />
      <button class="button" type="submit">
        Add
      </button>
      <datalist id={id}>
        {answer?.fields.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
};
