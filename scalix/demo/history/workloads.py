"""Who called which model for what in the demo's month: deployments, model groups, and the features that use them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """One model at one provider, and how fast it is when all is well."""

    id: str
    provider: str
    model: str
    api_base: str
    first_token_ms: float
    token_ms: float
    thinks: bool = False


@dataclass(frozen=True)
class Feature:
    """What a team uses LLMs for. ``weight`` is its share of the requests; token counts are medians."""

    name: str
    team: str
    group: str
    weight: float
    prompt_tokens: int
    output_tokens: int
    cached: float = 0.0
    """How much of the prompt comes out of the provider's cache."""
    streaming: float = 0.0
    """How many of its requests are streamed."""
    by_night: bool = False
    """A batch job: it runs at night and through weekends, when people do not."""


OPENAI = "https://api.openai.com/v1"
AZURE = "https://northwind.openai.azure.com"
ANTHROPIC = "https://api.anthropic.com/v1/messages"
GEMINI = "https://generativelanguage.googleapis.com/v1beta"
OPENROUTER = "https://openrouter.ai/api/v1/chat/completions"
LOCAL = "http://gpu-1.internal:1234/v1"

MINI = Deployment("openai-gpt-4o-mini", "openai", "gpt-4o-mini", OPENAI, 380, 9)
AZURE_MINI = Deployment("azure-gpt-4o-mini", "azure", "gpt-4o-mini", AZURE, 430, 11)
NANO = Deployment("openai-gpt-4.1-mini", "openai", "gpt-4.1-mini", OPENAI, 420, 10)
SONNET = Deployment("anthropic-sonnet", "anthropic", "claude-sonnet-4-5", ANTHROPIC, 900, 16)
HAIKU = Deployment("anthropic-haiku", "anthropic", "claude-haiku-4-5", ANTHROPIC, 450, 7)
FLASH = Deployment("gemini-flash", "gemini", "gemini-2.5-flash", GEMINI, 520, 5, thinks=True)
ROUTED = Deployment("openrouter-gpt-4o-mini", "openrouter", "openai/gpt-4o-mini", OPENROUTER, 610, 12)
QWEN = Deployment("lmstudio-qwen", "lm_studio", "qwen3-8b", LOCAL, 150, 22)
EMBEDDING = Deployment("openai-embedding", "openai", "text-embedding-3-small", OPENAI, 120, 0)

GROUPS: dict[str, tuple[Deployment, ...]] = {
    "chat": (MINI, AZURE_MINI),
    "extract": (NANO,),
    "smart": (SONNET,),
    "fast": (HAIKU,),
    "wide": (FLASH,),
    "cheap": (ROUTED,),
    "local": (QWEN,),
    "embed": (EMBEDDING,),
}
FALLBACKS = {"chat": "fast", "extract": "chat", "smart": "wide", "fast": "chat", "wide": "chat", "cheap": "chat"}

FEATURES = (
    Feature("support-bot", "support", "smart", 14, 3800, 190, cached=0.75, streaming=0.9),
    Feature("ticket-triage", "support", "fast", 12, 900, 40, cached=0.3),
    Feature("search-answers", "search", "chat", 20, 2100, 120, cached=0.4, streaming=0.8),
    Feature("query-embedding", "search", "embed", 18, 60, 0),
    Feature("code-review", "platform", "wide", 7, 5200, 320, cached=0.2, streaming=0.3),
    Feature("invoice-extract", "finance", "extract", 10, 1500, 180, by_night=True),
    Feature("report-writer", "finance", "cheap", 5, 1900, 420),
    Feature("log-summary", "platform", "local", 6, 2600, 90, by_night=True),
    Feature("campaign-copy", "marketing", "chat", 8, 450, 260, streaming=0.5),
)
PEOPLE_PER_TEAM = {"support": 9, "search": 5, "platform": 7, "finance": 4, "marketing": 3}
