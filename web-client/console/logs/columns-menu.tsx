import type { JSX } from "preact";
import type { FieldsAnswer } from "../../../contract/statistics.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { address, filter, go, toParams } from "../address.ts";
import { useAnswer } from "../api/use-answer.ts";
import { Menu } from "../parts/menu.tsx";

const SUGGESTED = ["service", "version", "env", "user.id", "session.id", "path", "status", "duration"];
const MAX_COLUMNS = 8;

const setColumns = (columns: readonly string[]): void => go({ columns });

/** Further columns of the list: any field, any attribute. */
export const ColumnsMenu = (): JSX.Element => {
  const { columns } = address.value;
  const { answer } = useAnswer<FieldsAnswer>(`/fields?${toParams({ ...filter.value, q: "" })}`);
  const offered = [...new Set([...columns, ...SUGGESTED])];
  const add = (event: Event): void => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("column");
    if (!(input instanceof HTMLInputElement)) return;
    const name = input.value.trim();
    if (name !== "" && !name.includes(",") && !columns.includes(name)) setColumns([...columns, name]);
    input.value = "";
  };
  return (
    <Menu title="Columns">
      {offered.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={columns.includes(name)}
            disabled={columns.length >= MAX_COLUMNS && !columns.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              setColumns(checked ? [...columns, name] : columns.filter((column) => column !== name))
            }
          />
          <span class="foreign">{visibleText(name, 40)}</span>
        </label>
      ))}
      <form class="menu-form" onSubmit={add}>
        <input
          class="field"
          name="column"
          list="column-names"
          placeholder="Another field"
          aria-label="Another field"
          maxLength={128}
          disabled={columns.length >= MAX_COLUMNS}
        />
        <button class="button" type="submit">
          Add
        </button>
      </form>
      <datalist id="column-names">
        {answer?.fields.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </Menu>
  );
};
