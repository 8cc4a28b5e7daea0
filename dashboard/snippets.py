"""What to write into each client so that it calls through the gateway. Each reads its key from ``SCALIX_KEY``."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """One client. The text has ``{url}`` and ``{model}`` for where to call and what, the latter quoted."""

    name: str
    where: str
    language: str
    text: str

    def written(self, url: str, model: str) -> str:
        """The text for this gateway and model."""
        return self.text.replace("{url}", url).replace("{model}", json.dumps(model))


CLIENTS = (
    Client(
        "OpenAI, Python",
        "pip install openai",
        "python",
        """import os
from openai import OpenAI

client = OpenAI(base_url="{url}/v1", api_key=os.environ["SCALIX_KEY"])
answer = client.chat.completions.create(
    model={model}, messages=[{"role": "user", "content": "Hello"}], max_tokens=100
)
print(answer.choices[0].message.content)
""",
    ),
    Client(
        "OpenAI, Node",
        "npm install openai",
        "typescript",
        """import OpenAI from "openai";

const client = new OpenAI({ baseURL: "{url}/v1", apiKey: process.env.SCALIX_KEY });
const answer = await client.chat.completions.create({
  model: {model},
  messages: [{ role: "user", content: "Hello" }],
  max_tokens: 100,
});
console.log(answer.choices[0].message.content);
""",
    ),
    Client(
        "Anthropic",
        "pip install anthropic",
        "python",
        """import os
from anthropic import Anthropic

client = Anthropic(base_url="{url}", api_key=os.environ["SCALIX_KEY"])
answer = client.messages.create(
    model={model}, max_tokens=100, messages=[{"role": "user", "content": "Hello"}]
)
print(answer.content[0].text)
""",
    ),
    Client(
        "LiteLLM",
        "pip install litellm",
        "python",
        """import os
import litellm

answer = litellm.completion(
    model="litellm_proxy/" + {model},
    api_base="{url}",
    api_key=os.environ["SCALIX_KEY"],
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)
""",
    ),
    Client(
        "Vercel AI SDK",
        "npm install ai @ai-sdk/openai-compatible",
        "typescript",
        """import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";

const scalix = createOpenAICompatible({
  name: "scalix",
  baseURL: "{url}/v1",
  apiKey: process.env.SCALIX_KEY,
});
const { text } = await generateText({ model: scalix({model}), prompt: "Hello" });
console.log(text);
""",
    ),
    Client(
        "Scalix app",
        "Settings of the app, or its environment. It asks /v1/user/info for credits by itself.",
        "bash",
        """export LITELLM_BASE_URL={url}
export LITELLM_API_KEY=$SCALIX_KEY
""",
    ),
    Client(
        "curl",
        "Anything that speaks HTTP.",
        "bash",
        """curl {url}/v1/chat/completions \\
  -H "Authorization: Bearer $SCALIX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": {model}, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}'
""",
    ),
)
