import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";
import { address, navigate } from "../address.ts";
import { AddFieldForm } from "../components/add-field-form.tsx";
import { Menu } from "../components/menu.tsx";

const SUGGESTED = ["service", "version", "env", "user.id", "session.id", "path", "status", "duration"];
const MAX_COLUMNS = 8;

const setColumns = (columns: readonly string[]): void => navigate({ columns });

/** Selects extra columns of the list: any field or attribute. */
export const ColumnsMenu = (): JSX.Element => {
  const { columns } = address.value;
  const offered = [...new Set([...columns, ...SUGGESTED])];
  const add = (name: string): void => {
    if (!columns.includes(name)) setColumns([...columns, name]);
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
          <span class="untrusted">{visibleText(name, 40)}</span>
        </label>
      ))}
      <AddFieldForm id="column-names" label="Add a column" isDisabled={columns.length >= MAX_COLUMNS} onAdd={add} />
    </Menu>
  );
};
