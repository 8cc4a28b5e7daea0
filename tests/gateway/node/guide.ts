// The integration guide in TypeScript: an app's way through the gateway, told as one line of JSON.
import OpenAI from "openai";

const { GATEWAY, MASTER, KEY } = process.env as Record<string, string>;
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];

async function ask<T>(key: string, path: string, body?: object): Promise<T> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  const answer = await fetch(GATEWAY + path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function text(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let whole = "";
  for await (const chunk of stream) whole += chunk.choices[0]?.delta?.content ?? "";
  return whole;
}

const client = (key: string) => new OpenAI({ baseURL: `${GATEWAY}/v1`, apiKey: key });
const chat = { model: "chat", messages, max_tokens: 50 };

async function responded(events: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>): Promise<unknown[]> {
  let [whole, last] = ["", ""];
  for await (const event of events) {
    if (event.type === "response.output_text.delta") whole += event.delta;
    last = event.type;
  }
  return [whole, last];
}

async function refusal(): Promise<unknown[]> {
  const poor = await ask<{ key: string }>(MASTER, "/key/generate", { max_budget: 1e-9 });
  try {
    await client(poor.key).chat.completions.create(chat);
    return [];
  } catch (error) {
    if (!(error instanceof OpenAI.RateLimitError)) throw error;
    return [error.status, error.type, (error.error as { scope: { kind: string } }).scope.kind];
  }
}

async function pro(stream: boolean): Promise<boolean> {
  const scalix_options = { files: [{ path: "src/App.tsx", content: "<div/>" }], enable_lazy_edits: true };
  const body = { model: "pro", messages, max_tokens: 50, scalix_options };
  const told = stream
    ? await text(await client(KEY).chat.completions.create({ ...body, stream: true }))
    : ((await client(KEY).chat.completions.create(body)).choices[0].message.content ?? "");
  return told.startsWith("<scalix-write ") && told.endsWith("</scalix-write>");
}

const tools: OpenAI.ChatCompletionTool[] = [
  { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } },
];
const made = await ask<{ key: string }>(MASTER, "/key/generate", { user_id: "guide-node-user", max_budget: 10 });
const app = client(made.key);
const answer = await app.chat.completions.create(chat);
const streamed = await text(await app.chat.completions.create({ ...chat, stream: true }));
const called = (await app.chat.completions.create({ ...chat, tools })).choices[0].message.tool_calls?.[0];
const embedded = await app.embeddings.create({ model: "chat", input: ["hi"], encoding_format: "float" });
const respond = { model: "chat", input: "hi", max_output_tokens: 50 };
const response = await app.responses.create(respond);
const responses = await responded(await app.responses.create({ ...respond, stream: true }));

type Credits = { userId: string; usedCredits: number; totalCredits: number };
let credits = await ask<Credits>(made.key, "/v1/user/info");
for (let tries = 0; tries < 100 && credits.usedCredits === 0; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  credits = await ask<Credits>(made.key, "/v1/user/info");
}
const budget = await ask<{ remaining: number }>(made.key, "/v1/user/budget");

console.log(
  JSON.stringify({
    chat: answer.choices[0].message.content,
    streamed,
    tool: called?.type === "function" ? called.function.name : null,
    embedding: embedded.data[0].embedding,
    response: response.output_text,
    response_streamed: responses,
    refused: await refusal(),
    credits: { userId: credits.userId, totalCredits: credits.totalCredits, used: credits.usedCredits > 0 },
    remaining: budget.remaining < 10,
    pro: await pro(false),
    pro_streamed: await pro(true),
  }),
);
