/**
 * Who may do what: everybody tries everything, on the real broker and the real Worker, and what must come of it stands in
 * the table. `refused`: the broker does not even let them connect. Numbers are the status of an HTTP answer.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ATTEMPTS, type AttemptName, type Outcome } from "../support/security/access-attempts.ts";
import { PRINCIPALS, startWorld, type PrincipalName, type World } from "../support/security/access-test.ts";

const TABLE = `
                            | the app | no credentials | a wrong key | another app's key | another app | a disabled app | an expired reader token | a legacy client | the relay | the Worker | the console
publish own                 | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | yes             | no        | no         | refused
publish as another client   | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
publish to another app      | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
publish receipts            | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
publish $CONTROL            | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
publish retained            | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
leave a will                | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | yes             | no        | no         | refused
leave a will to another app | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
read own receipts           | yes     | refused        | refused     | refused           | yes         | refused        | refused                 | no              | yes       | no         | refused
read others' receipts       | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | no        | no         | refused
subscribe #                 | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | yes        | refused
subscribe $share            | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | yes        | refused
subscribe $SYS              | no      | refused        | refused     | refused           | no          | refused        | refused                 | no              | yes       | no         | refused
POST /logs                  | 200     | 401            | 401         | 401               | 200         | 403            | 401                     | 401             | 401       | 401        | 401
POST /relay                 | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 200       | 401        | 401
search demo                 | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 200
search other                | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 403
tail demo                   | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | yes
tail other                  | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail #                      | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail logs/#                 | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail logs/+/+               | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail $share                 | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail $SYS                   | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail receipts               | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
tail with QoS 1             | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
publish on a tail           | refused | refused        | refused     | refused           | refused     | refused        | refused                 | refused         | refused   | refused    | no
read /reader                | 401     | 401            | 401         | 401               | 401         | 401            | 401                     | 401             | 401       | 401        | 200
/tail of its page           | 101     | 101            | 101         | 101               | 101         | 101            | 101                     | 101             | 101       | 101        | 101
/tail of a page that logs   | 403     | 403            | 403         | 403               | 403         | 403            | 403                     | 403             | 403       | 403        | 403
/mqtt of its page           | 101     | 101            | 101         | 101               | 101         | 101            | 101                     | 101             | 101       | 101        | 101
/mqtt of a foreign page     | 403     | 403            | 403         | 403               | 403         | 403            | 403                     | 403             | 403       | 403        | 403
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

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe("who may do what", () => {
  it("leaves nobody and nothing out", () => {
    expect(new Set(names)).toEqual(new Set(PRINCIPALS));
    expect(new Set(rows.map(([attempt]) => attempt))).toEqual(new Set(Object.keys(ATTEMPTS)));
    expect(cells).toHaveLength(PRINCIPALS.length * Object.keys(ATTEMPTS).length);
  });

  it.each(cells)("$who: $attempt: $expected", async ({ who, attempt, expected }) => {
    expect(await ATTEMPTS[attempt](world, world.principals[who])).toBe(expected);
  });
});
