// Anthropic's own client against the gateway: a chat, a stream and two refusals, told as one line of JSON.
import Anthropic from "@anthropic-ai/sdk";

const { GATEWAY, KEY, POOR } = process.env as Record<string, string>;
const client = (key: string) => new Anthropic({ baseURL: GATEWAY, apiKey: key, maxRetries: 0 });
const asked: Anthropic.MessageCreateParamsNonStreaming = {
  model: "claude",
  max_tokens: 50,
  messages: [{ role: "user", content: "hi" }],
};

function said(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

async function refusal(key: string): Promise<unknown> {
  try {
    await client(key).messages.create(asked);
    return null;
  } catch (error) {
    if (!(error instanceof Anthropic.APIError)) throw error;
    return [error.constructor.name, error.status];
  }
}

let pieces = "";
const stream = client(KEY).messages.stream(asked).on("text", (piece) => (pieces += piece));
const whole = await stream.finalMessage();
const answer = await client(KEY).messages.create(asked);

console.log(
  JSON.stringify({
    chat: said(answer),
    counted: answer.usage.output_tokens > 0,
    streamed: pieces,
    collected: said(whole),
    wrong: await refusal("sk-wrong"),
    poor: await refusal(POOR),
  }),
);
