/**
 * Access control: every principal tries every operation on a real broker and Worker. The table has the expected results;
 * `refused` means that the broker refused the connection, and numbers are HTTP status codes.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ATTEMPTS, type AttemptName, type Outcome } from "../support/security/access-attempts.ts";
import {
  PRINCIPALS,
  startAccessFixture,
  type PrincipalName,
  type AccessFixture,
} from "../support/security/access-fixture.ts";

const TABLE = `
                               | the app | no credentials | a wrong key | another app's key | another app | a disabled app | an expired reader token | a legacy client | the relay | the Worker | the console
publish own                    | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | yes             | no        | no         | refused
publish as another client      | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | no              | no        | no         | refused
publish to another app         | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
publish receipts               | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
publish $CONTROL               | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
publish retained               | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | yes             | no        | no         | refused
leave a will                   | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | yes             | no        | no         | refused
leave a will to another app    | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
read own receipts              | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | no              | yes       | no         | refused
read others' receipts          | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
subscribe #                    | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | yes        | refused
subscribe $share               | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | yes        | refused
subscribe $SYS                 | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
POST /logs                     | 200     | 401            | 401         | 401               | 200         | 403            | 401                     | 401             | 401       | 401        | 401
POST /v1/logs                  | 200     | 401            | 401         | 401               | 200         | 403            | 401                     | 401             | 401       | 401        | 401
POST /_bulk                    | 200     | 401            | 401         | 401               | 200         | 403            | 401                     | 401             | 401       | 401        | 401
POST /app/_doc                 | 201     | 401            | 401         | 401               | 201         | 403            | 401                     | 401             | 401       | 401        | 401
GET /elasticsearch             | 200     | 401            | 401         | 401               | 200         | 403            | 401                     | 401             | 401       | 401        | 401
GET /elasticsearch/_search     | 404     | 401            | 401         | 401               | 404         | 403            | 401                     | 401             | 401       | 401        | 401
POST /relay                    | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 200       | 401        | 401
POST /relay/status             | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 400       | 401        | 401
search demo                    | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 200
search other                   | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 403
tail demo                      | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | yes
tail other                     | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail #                         | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail logs/#                    | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail logs/+/+                  | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail $share                    | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail $SYS                      | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail receipts                  | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail with QoS 1                | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
publish on a tail              | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
read /reader                   | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 200
read /status                   | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 403
read /metrics                  | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 403
/tail from the Worker's origin | 101     | 101            | 101         | 101               | 101         | 101            | 101                     | 101             | 101       | 101        | 101
/tail from an app's origin     | 403     | 403            | 403         | 403               | 403         | 403            | 403                     | 403             | 403       | 403        | 403
/mqtt from an app's origin     | 101     | 101            | 101         | 101               | 101         | 101            | 101                     | 101             | 101       | 101        | 101
/mqtt from another origin      | 403     | 403            | 403         | 403               | 403         | 403            | 403                     | 403             | 403       | 403        | 403
`;

interface Cell {
  readonly who: PrincipalName;
  readonly attempt: AttemptName;
  readonly expected: Outcome;
}

const [[, ...names] = [], ...rows] = TABLE.trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()));

const cells = rows.flatMap(([attempt, ...outcomes]) =>
  outcomes.map((outcome, i) => {
    const expected = /^\d+$/.test(outcome) ? Number(outcome) : outcome;
    return { who: names[i], attempt, expected } as Cell;
  }),
);

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await startAccessFixture();
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

describe("access control", () => {
  it("has a table with all principals and operations", () => {
    expect(new Set(names)).toEqual(new Set(PRINCIPALS));
    expect(new Set(rows.map(([attempt]) => attempt))).toEqual(new Set(Object.keys(ATTEMPTS)));
    expect(cells).toHaveLength(PRINCIPALS.length * Object.keys(ATTEMPTS).length);
  });

  it.each(cells)("$who: $attempt: $expected", async ({ who, attempt, expected }) => {
    expect(await ATTEMPTS[attempt](fixture, fixture.principals[who])).toBe(expected);
  });
});
