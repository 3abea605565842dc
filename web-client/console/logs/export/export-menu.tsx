import type { JSX } from "preact";
import { Menu } from "../../parts/menu.tsx";
export const ExportMenu = (): JSX.Element => <Menu title="Export">soon</Menu>;
