import { HttpClient } from "./http-client.ts";
import { request } from "./measure-start.ts";
import type { StartStrategy } from "./strategies/strategy.ts";
import { refusal } from "./user-workload.ts";
import type { Workload } from "./workload.ts";

const starts = 2;
const answersOfEach = 2;

/**
 * The workload with its answers known: what two starts by `strategy` answer alike, every other strategy has to answer
 * too. Where the two differ (a time, an id), only statuses are compared.
 * @throws {Error} When the function does not answer.
 */
export async function withExpectedAnswers(workload: Workload, strategy: StartStrategy): Promise<Workload> {
  const seen: { status: number; text: string }[][] = [];
  await using deployment = await strategy.deploy(workload);
  using client = new HttpClient("new");
  for (let i = 0; i < starts; i++) {
    const [start] = await deployment.prepare(1);
    if (start === undefined) throw new Error("there is no start");
    const answers: { status: number; text: string }[] = [];
    for (let nth = 1; nth <= answersOfEach; nth++) {
      const answer = await request(client, start);
      const complaint = workload.check(answer, nth);
      if (complaint !== undefined) throw new Error(complaint);
      answers.push({ status: answer.status, text: answer.text });
    }
    await start.end();
    seen.push(answers);
  }
  const [first = [], second = []] = seen;
  const isStable = JSON.stringify(first) === JSON.stringify(second);
  return {
    ...workload,
    check(answer, nth) {
      const refused = refusal(answer.status, answer.headers["x-amz-function-error"], answer.text);
      if (refused !== undefined) return refused;
      const expected = first[(nth ?? 1) - 1];
      if (expected === undefined) return undefined;
      if (answer.status !== expected.status) return `it answers ${answer.status}, not ${expected.status}`;
      // Of a burst nobody knows which answer of its environment it was.
      if (!isStable || nth === undefined || answer.text === expected.text) return undefined;
      return `it answers ${JSON.stringify(answer.text.slice(0, 200))}, not ${JSON.stringify(expected.text.slice(0, 200))}`;
    },
  };
}
