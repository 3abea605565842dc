import { Fragment, type JSX } from "preact";
import type { Group } from "#contract/api/statistics.ts";
import type { AddressChange } from "../address.ts";
import { formatCount } from "../lib/format-number.ts";
import { UntrustedText } from "./untrusted-text.tsx";
import { Link } from "./link.tsx";
import { Sparkline } from "./sparkline.tsx";
import { RelativeTime } from "./relative-time.tsx";
import "./group-table.css";

interface GroupTableProps {
  readonly groups: readonly Group[];
  /** Link target of a group's title. */
  readonly toGroup: (group: Group) => AddressChange;
  /** Key of the expanded group; `renderOpen` renders its detail row. */
  readonly open?: string;
  readonly renderOpen?: (group: Group) => JSX.Element;
}

const COLUMNS = ["Error", "Trend", "Count", "Users", "Last seen", "Versions"] as const;

/** Error groups, one row per fingerprint. */
export const GroupTable = ({ groups, toGroup, open, renderOpen }: GroupTableProps): JSX.Element => (
  <table class="groups">
    <thead>
      <tr>
        {COLUMNS.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {groups.map((group) => (
        <Fragment key={group.key}>
          <tr data-open={group.key === open}>
            <th scope="row">
              <Link to={toGroup(group)} isExpanded={renderOpen && group.key === open}>
                <UntrustedText text={group.title} max={160} />
              </Link>
            </th>
            <td class="groups-trend">
              <Sparkline counts={group.trend} />
            </td>
            <td data-name="Count">{formatCount(group.count)}</td>
            <td data-name="Users">{formatCount(group.users)}</td>
            <td data-name="Last seen">
              <RelativeTime time={group.lastSeen} />
              <span class="groups-first">
                first <RelativeTime time={group.firstSeen} />
                {group.firstVersion !== undefined && (
                  <>
                    {" "}
                    in <UntrustedText text={group.firstVersion} max={24} />
                  </>
                )}
              </span>
            </td>
            <td data-name="Versions">
              {group.versions.length === 0 ? "–" : <UntrustedText text={group.versions[0]?.value} max={24} />}
              {group.versionsEver.length > 1 && (
                <span title={`Seen in ${group.versionsEver.length} versions`}> +{group.versionsEver.length - 1}</span>
              )}
            </td>
          </tr>
          {renderOpen !== undefined && group.key === open && (
            <tr class="groups-detail">
              <td colSpan={COLUMNS.length}>{renderOpen(group)}</td>
            </tr>
          )}
        </Fragment>
      ))}
    </tbody>
  </table>
);
